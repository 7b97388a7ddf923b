"""TFLite operators whose integer arithmetic is their own: gates of 16 bits, norms, resizing."""

import numpy as np

from case_folder import write_tflite_case
from tflite_layers import OP, PADDING, Layers, options


def record(g, inputs, outputs, low=-128, element=np.int8):
    """Two samples: a bell around the zero point, then the full range."""
    bell, flat = [], []
    for index in inputs:
        t = g.tensors[index]
        centred = np.rint(g.rng.standard_normal(t.shape) * -low / 4) + t.quantization.zeroPoint[0]
        bell.append(np.clip(centred, low, -low - 1).astype(element))
        flat.append(g.rng.integers(low, -low, t.shape).astype(element))
    write_tflite_case(f"tflite_{g.name}", g.content(inputs, outputs), [bell, flat])


def gates():
    """LOGISTIC, TANH and SOFTMAX on 16 bits."""
    g = Layers("gates_int16", seed=50)
    x = g.tensor("x", [3, 40], "int16", scale=0.00021)
    outputs = [g.tensor(name, [3, 40], "int16", scale=2.0**-15)
               for name in ("logistic", "tanh", "softmax")]
    g.operator(OP.LOGISTIC, [x], [outputs[0]], version=3)
    g.operator(OP.TANH, [x], [outputs[1]], version=3)
    g.operator(OP.SOFTMAX, [x], [outputs[2]], options("Softmax", beta=1.0), version=3)
    record(g, [x], outputs, -32768, np.int16)


def norms():
    """L2_NORMALIZATION, LOG_SOFTMAX, SQUARED_DIFFERENCE and a comparison across scales."""
    g = Layers("norms_int8", seed=51)
    a = g.tensor("a", [4, 12], scale=0.021, zero=-9)
    b = g.tensor("b", [4, 12], scale=0.034, zero=21)
    norm = g.tensor("norm", [4, 12], scale=1 / 128)
    g.operator(OP.L2_NORMALIZATION, [a], [norm], options("L2Norm"), version=2)
    logarithm = g.tensor("logarithm", [4, 12], scale=1 / 16, zero=127)
    g.operator(OP.LOG_SOFTMAX, [a], [logarithm], options("LogSoftmax"), version=2)
    square = g.tensor("square", [4, 12], scale=0.12, zero=-128)
    g.operator(OP.SQUARED_DIFFERENCE, [a, b], [square], options("SquaredDifference"), version=2)
    above = g.tensor("above", [4, 12], "bool")
    g.operator(OP.GREATER, [a, b], [above], options("Greater"), version=2)
    record(g, [a, b], [norm, logarithm, square, above])


def images():
    """RESIZE_BILINEAR under each choice of positions, and TRANSPOSE_CONV."""
    g = Layers("images_int8", seed=52)
    x = g.tensor("x", [1, 5, 6, 3], scale=0.03, zero=4)
    outputs = []
    for name, size, choice in (("plain", [7, 9], {}), ("corners", [8, 11], {"alignCorners": True}),
                               ("centres", [10, 4], {"halfPixelCenters": True})):
        wanted = g.tensor(f"{name}/size", [2], "int32", data=size)
        y = g.same_type(x, name, [1, *size, 3])
        g.operator(OP.RESIZE_BILINEAR, [x, wanted], [y], options("ResizeBilinear", **choice),
                   version=3)
        outputs.append(y)
    choices = (("same", PADDING.SAME, [10, 12]), ("valid", PADDING.VALID, [11, 13]))
    for name, padding, size in choices:
        wanted = g.tensor(f"{name}/size", [4], "int32", data=[1, *size, 4])
        filters, bias = g.weights(x, name, [4, 3, 3, 3], 0, True, 4)
        y = g.tensor(name, [1, *size, 4], scale=0.09, zero=-6)
        g.operator(OP.TRANSPOSE_CONV, [wanted, filters, x, bias], [y],
                   options("TransposeConv", padding=padding, strideH=2, strideW=2), version=3)
        outputs.append(y)
    record(g, [x], outputs)


def make():
    gates()
    norms()
    images()
