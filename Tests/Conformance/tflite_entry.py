"""One line of the tables: an operator with its operands, and the element types it is tried in."""

import os
import zlib
from dataclasses import dataclass, field

import numpy as np

from tflite_file import Model
from tflite_operands import B, QUANTISED, Out, W, X, element_of, parameters
from tflite_record import BUILTIN, REFERENCE, Refused, resolver_for, run, write_case

SAMPLES = 2


# Newest versions above the usual ones, so that few have to be tried.
NEWEST = {"FULLY_CONNECTED": 14}
# The reference kernel of SUM on quantised integers gives values that belong to no sum.
BUILTIN_ONLY = {("SUM", "int8"), ("SUM", "uint8"), ("SUM", "int16x8")}


def tolerance_of(tag):
    # Under 8-bit weights the reference rounds the activations to 8 bits too, which the format does
    # not demand: its own optimised kernels differ by as much.
    if tag in ("hybrid", "hybrid4"):
        return {"rtol": 1e-4, "atol": 1e-5, "relmax": 0.02}
    if tag == "f16":
        return {"rtol": 1e-3, "atol": 1e-3}
    return {"rtol": 1e-4, "atol": 1e-5}


@dataclass
class Entry:
    op: str
    variant: str
    operands: list
    tags: str
    table: object = None
    outs: list = field(default_factory=lambda: [Out()])
    table2: object = None
    custom: bytes = None

    def name(self, tag):
        return "_".join(part for part in (self.op.lower(), self.variant, tag) if part)

    def seed(self):
        return zlib.crc32(f"{self.op} {self.variant}".encode())

    def content(self, tag, version, ranges=None, shapes=None, known=None):
        """The file's bytes. `ranges` are the outputs' least and largest reals; `shapes` their
        extents and `known` whether those hold before a run."""
        rng = np.random.default_rng(self.seed())
        model = Model()
        graph = model.graph()
        graph.activation_scale, graph.weight_scales = np.float32(1), np.ones(1, np.float32)
        inputs = []
        for index, operand in enumerate(self.operands):
            if operand is None:
                inputs.append(-1)
                continue
            stem = {X: "x", W: "filter", B: "bias"}.get(type(operand), "operand")
            tensor = operand.add(graph, rng, tag, f"{stem}_{index}")
            if isinstance(operand, X) and tag in QUANTISED:
                graph.activation_scale = graph.tensors[tensor].quantization.scale[0]
            if isinstance(operand, W) and operand.scales is not None:
                graph.weight_scales = operand.scales
            inputs.append(tensor)
        for index, out in enumerate(self.outs):
            graph.outputs.append(self.result(graph, inputs, tag, index, out, ranges, shapes, known))
        graph.operator(self.op, inputs, graph.outputs, self.table, version, self.table2,
                       self.custom)
        return model.content()

    def result(self, graph, inputs, tag, index, out, ranges, shapes, known):
        element = out.element or element_of(tag)
        shape = [] if shapes is None else shapes[index]
        signature = None
        if known is not None and not known[index]:
            shape, signature = [1] * len(shape), [-1] * len(shape)
        scale, zero = None, 0
        if tag in QUANTISED and element in ("i8", "u8", "i16"):
            if out.fixed:
                if tag not in out.fixed:
                    raise Refused("no fixed parameters for this element type")
                scale, zero = out.fixed[tag]
            elif out.like is not None:
                quantization = graph.tensors[inputs[out.like]].quantization
                scale, zero = quantization.scale[0], quantization.zeroPoint[0]
            elif ranges is None:
                scale, zero = parameters(-1, 1, element)
            else:
                scale, zero = parameters(*ranges[index], element)
        return graph.tensor(f"y_{index}", shape, element, scale, zero, signature=signature)

    def inputs(self, tag, sample):
        rng = np.random.default_rng(self.seed() + 1 + sample)
        return [operand.values(rng, tag, sample) for operand in self.operands
                if operand is not None and not operand.const]

    def resolver(self, tag):
        choices = (BUILTIN,) if (self.op, tag) in BUILTIN_ONLY else (REFERENCE, BUILTIN)
        return resolver_for(lambda version: self.content(tag, version), NEWEST.get(self.op, 9),
                            choices)

    def calibrate(self):
        """The range of each output when the same operator runs in float."""
        resolver, version = self.resolver("f32")
        lows = [np.inf] * len(self.outs)
        highs = [-np.inf] * len(self.outs)
        for sample in range(SAMPLES):
            outputs, _ = run(self.content("f32", version), self.inputs("f32", sample), resolver)
            for index, output in enumerate(outputs):
                finite = output[np.isfinite(output)]
                if finite.size:
                    lows[index] = min(lows[index], finite.min())
                    highs[index] = max(highs[index], finite.max())
        return list(zip(np.minimum(lows, 0), np.maximum(highs, 1e-3)))

    def record(self, folder, tag):
        ranges = None
        if tag in QUANTISED and any(o.like is None and not o.fixed and not o.element
                                    for o in self.outs):
            ranges = self.calibrate()
        resolver, version = self.resolver(tag)
        draft = self.content(tag, version, ranges)
        outputs, known = run(draft, self.inputs(tag, 0), resolver)
        content = self.content(tag, version, ranges, [o.shape for o in outputs], known)
        samples = []
        for sample in range(SAMPLES):
            inputs = self.inputs(tag, sample)
            samples.append((inputs, run(content, inputs, resolver)[0]))
        write_case(os.path.join(folder, self.name(tag)), content, samples, tolerance_of(tag))

    def cases(self, folder):
        for tag in self.tags.split():
            yield self.name(tag), lambda tag=tag: self.record(folder, tag)
