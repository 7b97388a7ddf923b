"""Operands of a table entry, and how each element-type tag turns them into tensors.

A tag says how a model is stored, in the words of the TFLite converter:

    f32 f16 f64 i8 i16 i32 i64 u8 u32 bool ...   plain elements
    int8 int8_pt uint8 int16x8                   full-integer quantisation (weights per channel,
                                                 per tensor; bytes with a sign or without; 16-bit
                                                 activations)
    hybrid hybrid4 int4 fp16w                    8- or 4-bit weights under float activations,
                                                 4-bit weights under 8-bit ones, half-float weights
"""

from dataclasses import dataclass, field

import numpy as np

from tflite_file import ELEMENTS

ACTIVATIONS = {"int8": "i8", "int8_pt": "i8", "int4": "i8", "uint8": "u8", "int16x8": "i16",
               "hybrid": "f32", "hybrid4": "f32", "fp16w": "f32"}
QUANTISED = {"int8", "int8_pt", "int4", "uint8", "int16x8"}


def element_of(tag):
    return ACTIVATIONS.get(tag, tag)


def parameters(low, high, element):
    """Scale and zero point for reals between `low` and `high`, 0 among them."""
    low, high = min(float(low), 0.0), max(float(high), 1e-3)
    if element == "i16":
        return np.float32(max(-low, high) / 32767), 0
    scale = np.float32((high - low) / 255)
    bottom = -128 if element == "i8" else 0
    return scale, int(np.clip(round(bottom - low / scale), bottom, bottom + 255))


def quantised(values, scale, zero, element):
    info = np.iinfo(ELEMENTS[element][1])
    return np.clip(np.rint(values / scale) + zero, info.min, info.max).astype(ELEMENTS[element][1])


def reals(rng, shape, low, high, sample):
    """A bell in the first sample, the whole range in the others."""
    if sample == 0:
        middle, spread = (low + high) / 2, (high - low) / 6
        return np.clip(rng.standard_normal(shape) * spread + middle, low, high)
    return rng.uniform(low, high, shape)


@dataclass
class X:
    """An activation: an input of the model, or a constant where `const`."""
    shape: list
    low: float = -1.0
    high: float = 1.0
    const: bool = False
    ints: tuple = (-30, 30)
    signature: list = None
    full: bool = True  # whether the second sample of integer tags leaves the range

    def values(self, rng, tag, sample):
        element = element_of(tag)
        kind = ELEMENTS[element][1]
        if tag in QUANTISED:
            if sample == 1 and self.full and not self.const:
                info = np.iinfo(kind)
                return rng.integers(info.min, info.max + 1, self.shape).astype(kind)
            return quantised(reals(rng, self.shape, self.low, self.high, sample),
                             *parameters(self.low, self.high, element), element)
        if element == "bool":
            return rng.integers(0, 2, self.shape).astype(kind)
        if element == "c64":
            parts = rng.uniform(-1, 1, (2, *self.shape))
            return (parts[0] + 1j * parts[1]).astype(kind)
        if element[0] == "f":
            return reals(rng, self.shape, self.low, self.high, sample).astype(kind)
        low, high = self.ints
        return rng.integers(max(low, 0) if element[0] == "u" else low, max(high, 0) + 1,
                            self.shape).astype(kind)

    def add(self, graph, rng, tag, name):
        element = element_of(tag)
        scale, zero = (parameters(self.low, self.high, element) if tag in QUANTISED else (None, 0))
        data = self.values(rng, tag, 0) if self.const else None
        tensor = graph.tensor(name, self.shape, element, scale, zero, data=data,
                              signature=self.signature)
        if not self.const:
            graph.inputs.append(tensor)
        return tensor


def K(shape, low=-1.0, high=1.0, **more):
    """A constant under the activations' element type."""
    return X(shape, low, high, const=True, **more)


@dataclass
class N:
    """An input of integers or bools whatever the tag: indices, conditions."""
    shape: list
    low: int = 0
    high: int = 1
    element: str = "i32"
    const: bool = False

    def values(self, rng, tag, sample):
        return rng.integers(self.low, self.high + 1, self.shape).astype(ELEMENTS[self.element][1])

    def add(self, graph, rng, tag, name):
        tensor = graph.tensor(name, self.shape, self.element)
        graph.inputs.append(tensor)
        return tensor


@dataclass
class C:
    """A constant with given elements: axes, a shape."""
    data: object
    element: str = "i32"
    const: bool = True

    def add(self, graph, rng, tag, name):
        array = np.asarray(self.data, ELEMENTS[self.element][1])
        return graph.tensor(name, array.shape, self.element, data=array)


@dataclass
class G(C):
    """Given elements that come in at run time."""
    const: bool = False

    def values(self, rng, tag, sample):
        return np.asarray(self.data, ELEMENTS[self.element][1])

    def add(self, graph, rng, tag, name):
        tensor = graph.tensor(name, np.shape(self.data), self.element)
        graph.inputs.append(tensor)
        return tensor


@dataclass
class W:
    """A filter, quantised along `axis` in the tags that do so per channel."""
    shape: list
    axis: int = 0
    per_channel: tuple = ("int8", "int16x8", "hybrid", "hybrid4", "int4")
    const: bool = True
    spread: float = 0.6
    scales: np.ndarray = field(default=None, repr=False)

    def add(self, graph, rng, tag, name):
        real = rng.uniform(-self.spread, self.spread, self.shape).astype(np.float32)
        self.scales = None
        if tag == "fp16w":
            return widened(graph, real, name)
        if tag not in QUANTISED | {"hybrid", "hybrid4"}:
            return graph.tensor(name, self.shape, "f32", data=real)
        if tag == "uint8":
            scale, zero = parameters(-self.spread, self.spread, "u8")
            self.scales = np.asarray([scale], np.float32)
            return graph.tensor(name, self.shape, "u8", scale, zero,
                                data=quantised(real, scale, zero, "u8"))
        largest = 7 if tag in ("int4", "hybrid4") else 127
        others = tuple(i for i in range(len(self.shape)) if i != self.axis)
        reach = np.abs(real).max(others) if tag in self.per_channel else np.abs(real).max()
        self.scales = np.atleast_1d(np.maximum(reach, 1e-4) / largest).astype(np.float32)
        form = [1] * len(self.shape)
        form[self.axis] = len(self.scales)
        stored = np.clip(np.rint(real / self.scales.reshape(form)), -largest, largest)
        return graph.tensor(name, self.shape, "i4" if largest == 7 else "i8", self.scales, 0,
                            self.axis, stored)


@dataclass
class B:
    """A bias; its integer scale is that of the activations times that of the filter."""
    count: int
    const: bool = True

    def add(self, graph, rng, tag, name):
        real = rng.uniform(-0.4, 0.4, self.count).astype(np.float32)
        if tag == "fp16w":
            return widened(graph, real, name)
        if tag not in QUANTISED:
            return graph.tensor(name, [self.count], "f32", data=real)
        scales = graph.activation_scale * graph.weight_scales
        stored = np.rint(real / scales)
        return graph.tensor(name, [self.count], "i64" if tag == "int16x8" else "i32",
                            scales.astype(np.float32), data=stored)


def widened(graph, real, name):
    """A half-float constant behind DEQUANTIZE, as the converter writes it."""
    half = graph.tensor(name + "/half", real.shape, "f16", data=real)
    wide = graph.tensor(name, real.shape, "f32")
    graph.operator("DEQUANTIZE", [half], [wide], version=3)
    return wide


@dataclass
class Out:
    """A result: under its own calibrated parameters, those of operand `like`, or fixed ones."""
    like: int = None
    element: str = None
    fixed: dict = None
    signature: list = None


SOFT = Out(fixed={"int8": (1 / 256, -128), "uint8": (1 / 256, 0), "int16x8": (1 / 32768, 0)})
TANH = Out(fixed={"int8": (1 / 128, 0), "uint8": (1 / 128, 128), "int16x8": (1 / 32768, 0)})
LOGARITHM = Out(fixed={"int8": (16 / 256, 127), "uint8": (16 / 256, 255)})
SAME = Out(like=0)
