"""Layers with random weights for the TFLite test models, int8 and float."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tflite_graph import Graph

ACTIVATION = schema.ActivationFunctionType
OP = schema.BuiltinOperator
PADDING = schema.Padding


def options(kind, **fields):
    """An options table with the given fields; a misspelt field is an error."""
    table = getattr(schema, kind + "OptionsT")()
    for key, value in fields.items():
        if not hasattr(table, key):
            raise AttributeError(f"{kind}Options has no {key}")
        setattr(table, key, value)
    return table


def window(size, stride, padding):
    if padding == PADDING.SAME:
        return -(-size // stride[0])
    return (size - stride[1]) // stride[0] + 1


class Layers(Graph):
    """`scale` and `zero` are those of the result; without a scale the layer is float."""

    def result(self, name, shape, scale, zero):
        element = "float32" if scale is None else "int8"
        return self.tensor(name, shape, element, scale, zero)

    def weights(self, x, name, shape, axis, per_channel, bias_length):
        """Filter and bias; int8 filters keep clear of -128, as TFLite asks."""
        if self.tensors[x].quantization is None:
            filters = self.rng.uniform(-0.5, 0.5, shape)
            bias = self.rng.uniform(-0.5, 0.5, bias_length)
            return [self.tensor(f"{name}/filter", shape, "float32", data=filters),
                    self.tensor(f"{name}/bias", [bias_length], "float32", data=bias)]
        count = shape[axis] if per_channel else 1
        scales = self.rng.uniform(0.002, 0.006, count).astype(np.float32)
        filters = self.rng.integers(-127, 128, shape)
        bias_scales = (scales * self.scale(x)).astype(np.float32)
        bias = self.rng.integers(-2000, 2000, bias_length)
        return [self.tensor(f"{name}/filter", shape, "int8", scales, 0, axis, filters),
                self.tensor(f"{name}/bias", [bias_length], "int32", bias_scales, data=bias)]

    def conv(self, x, name, channels, kernel=(3, 3), stride=(1, 1), dilation=(1, 1),
             padding=PADDING.SAME, activation=ACTIVATION.NONE, scale=None, zero=0):
        n, h, w, c = self.tensors[x].shape
        reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilation)]
        shape = [n, window(h, (stride[0], reach[0]), padding),
                 window(w, (stride[1], reach[1]), padding), channels]
        constants = self.weights(x, name, [channels, *kernel, c], 0, True, channels)
        y = self.result(name, shape, scale, zero)
        self.operator(OP.CONV_2D, [x, *constants], [y], options(
            "Conv2D", padding=padding, strideH=stride[0], strideW=stride[1],
            dilationHFactor=dilation[0], dilationWFactor=dilation[1],
            fusedActivationFunction=activation), version=3)
        return y

    def depthwise(self, x, name, multiplier=1, kernel=(3, 3), stride=(1, 1),
                  padding=PADDING.SAME, activation=ACTIVATION.NONE, scale=None, zero=0):
        n, h, w, c = self.tensors[x].shape
        shape = [n, window(h, (stride[0], kernel[0]), padding),
                 window(w, (stride[1], kernel[1]), padding), c * multiplier]
        constants = self.weights(x, name, [1, *kernel, c * multiplier], 3, True, c * multiplier)
        y = self.result(name, shape, scale, zero)
        self.operator(OP.DEPTHWISE_CONV_2D, [x, *constants], [y], options(
            "DepthwiseConv2D", padding=padding, strideH=stride[0], strideW=stride[1],
            depthMultiplier=multiplier, fusedActivationFunction=activation), version=3)
        return y

    def dense(self, x, name, units, activation=ACTIVATION.NONE, scale=None, zero=0):
        rows, columns = self.tensors[x].shape
        constants = self.weights(x, name, [units, columns], 0, False, units)
        y = self.result(name, [rows, units], scale, zero)
        self.operator(OP.FULLY_CONNECTED, [x, *constants], [y], options(
            "FullyConnected", fusedActivationFunction=activation), version=4)
        return y

    def add(self, a, b, name, activation=ACTIVATION.NONE, scale=None, zero=0):
        y = self.result(name, self.tensors[a].shape, scale, zero)
        self.operator(OP.ADD, [a, b], [y], options(
            "Add", fusedActivationFunction=activation), version=2)
        return y

    def same_type(self, x, name, shape):
        """A result with the element type, scale and zero point of `x`."""
        q = self.tensors[x].quantization
        if q is None:
            return self.tensor(name, shape, "float32")
        return self.tensor(name, shape, "int8", q.scale, q.zeroPoint[0])

    def pool(self, code, x, name, kernel, stride, padding=PADDING.SAME,
             activation=ACTIVATION.NONE):
        n, h, w, c = self.tensors[x].shape
        y = self.same_type(x, name, [n, window(h, (stride[0], kernel[0]), padding),
                                     window(w, (stride[1], kernel[1]), padding), c])
        self.operator(code, [x], [y], options(
            "Pool2D", padding=padding, strideH=stride[0], strideW=stride[1],
            filterHeight=kernel[0], filterWidth=kernel[1],
            fusedActivationFunction=activation), version=2)
        return y

    def reshape(self, x, name, shape):
        y = self.same_type(x, name, shape)
        wanted = self.tensor(f"{name}/shape", [len(shape)], "int32", data=shape)
        self.operator(OP.RESHAPE, [x, wanted], [y], options("Reshape", newShape=list(shape)))
        return y

    def mean(self, x, name, axes, keep=False, scale=None, zero=0):
        old = self.tensors[x].shape
        shape = [1 if i in axes else n for i, n in enumerate(old) if keep or i not in axes]
        where = self.tensor(f"{name}/axes", [len(axes)], "int32", data=axes)
        y = self.result(name, shape, scale, zero)
        self.operator(OP.MEAN, [x, where], [y], options("Reducer", keepDims=keep), version=2)
        return y

    def softmax(self, x, name, beta=1.0):
        shape = self.tensors[x].shape
        integer = self.tensors[x].quantization is not None
        # The int8 softmax has its result type fixed by the TFLite specification.
        y = self.result(name, shape, 1 / 256 if integer else None, -128)
        self.operator(OP.SOFTMAX, [x], [y], options("Softmax", beta=beta), version=2)
        return y

    def convert(self, code, x, name, scale=None, zero=0):
        """QUANTIZE to int8, or DEQUANTIZE when no scale is given."""
        y = self.result(name, self.tensors[x].shape, scale, zero)
        kind = "Quantize" if code == OP.QUANTIZE else "Dequantize"
        self.operator(code, [x], [y], options(kind), version=2)
        return y
