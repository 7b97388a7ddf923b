"""Small TFLite models: one operator each in int8, and two nets, one int8 and one float."""

import numpy as np

from case_folder import fresh_folder, write_tflite_case
from tflite_layers import ACTIVATION, OP, PADDING, Layers, options


def write(g, inputs, outputs):
    """Two samples: a bell around the zero point, then the full range."""
    bell, flat = [], []
    for index in inputs:
        t = g.tensors[index]
        normal = g.rng.standard_normal(t.shape)
        if t.quantization is None:
            bell.append(normal.astype(np.float32))
            flat.append(g.rng.uniform(-6, 6, t.shape).astype(np.float32))
        else:
            centred = np.rint(normal * 32) + t.quantization.zeroPoint[0]
            bell.append(np.clip(centred, -128, 127).astype(np.int8))
            flat.append(g.rng.integers(-128, 128, t.shape).astype(np.int8))
    write_tflite_case(f"tflite_{g.name}", g.content(inputs, outputs), [bell, flat])


def conv():
    """Per-channel filters; both paddings, stride, dilation, RELU and RELU6."""
    g = Layers("conv_int8", seed=40)
    x = g.tensor("x", [1, 9, 8, 3], scale=0.04, zero=-7)
    same = g.conv(x, "same", 8, stride=(2, 2), activation=ACTIVATION.RELU, scale=0.05, zero=-128)
    valid = g.conv(x, "valid", 5, kernel=(3, 2), stride=(1, 2), padding=PADDING.VALID,
                   activation=ACTIVATION.RELU6, scale=0.03, zero=-100)
    dilated = g.conv(x, "dilated", 4, dilation=(2, 2), scale=0.06, zero=11)
    write(g, [x], [same, valid, dilated])


def depthwise():
    """One filter per channel, and two."""
    g = Layers("depthwise_int8", seed=41)
    x = g.tensor("x", [1, 8, 7, 6], scale=0.03, zero=5)
    one = g.depthwise(x, "one", activation=ACTIVATION.RELU, scale=0.03, zero=-128)
    two = g.depthwise(x, "two", multiplier=2, stride=(2, 2), padding=PADDING.VALID, scale=0.04,
                      zero=9)
    write(g, [x], [one, two])


def dense():
    """Two layers, one filter scale per layer."""
    g = Layers("fully_connected_int8", seed=42)
    x = g.tensor("x", [3, 20], scale=0.05, zero=-3)
    hidden = g.dense(x, "hidden", 16, activation=ACTIVATION.RELU, scale=0.05, zero=-128)
    write(g, [x], [hidden, g.dense(hidden, "out", 10, scale=0.08, zero=4)])


def add():
    """Operands of different scales; with and without RELU."""
    g = Layers("add_int8", seed=43)
    a = g.tensor("a", [1, 5, 6, 4], scale=0.031, zero=-9)
    b = g.tensor("b", [1, 5, 6, 4], scale=0.107, zero=21)
    plain = g.add(a, b, "plain", scale=0.11, zero=3)
    write(g, [a, b], [plain, g.add(a, b, "relu", ACTIVATION.RELU, scale=0.06, zero=-128)])


def pools():
    """Average and maximum; SAME leaves the padding out of the average."""
    g = Layers("pool_int8", seed=44)
    x = g.tensor("x", [1, 9, 8, 5], scale=0.04, zero=-2)
    average, largest = OP.AVERAGE_POOL_2D, OP.MAX_POOL_2D
    outputs = [g.pool(average, x, "average_same", (3, 3), (2, 2)),
               g.pool(average, x, "average_valid", (2, 3), (2, 1), PADDING.VALID,
                      ACTIVATION.RELU),
               g.pool(largest, x, "max_same", (2, 2), (2, 2)),
               g.pool(largest, x, "max_valid", (3, 3), (1, 2), PADDING.VALID)]
    write(g, [x], outputs)


def softmax():
    g = Layers("softmax_int8", seed=45)
    x = g.tensor("x", [4, 12], scale=0.05, zero=6)
    write(g, [x], [g.softmax(x, "plain"), g.softmax(x, "soft", beta=0.5)])


def mean():
    """Over both image axes, over one, with and without a change of scale."""
    g = Layers("mean_int8", seed=46)
    x = g.tensor("x", [1, 5, 6, 8], scale=0.05, zero=-4)
    outputs = [g.mean(x, "image", [1, 2], scale=0.02, zero=3),
               g.mean(x, "image_kept", [1, 2], keep=True, scale=0.05, zero=-4),
               g.mean(x, "width", [2], scale=0.04, zero=7)]
    write(g, [x], outputs)


def reshape():
    g = Layers("reshape_int8", seed=47)
    x = g.tensor("x", [1, 4, 6, 5], scale=0.05, zero=1)
    write(g, [x], [g.reshape(x, "flat", [1, 120]), g.reshape(x, "folded", [2, 3, 20])])


def net(name, seed, integer):
    """conv, depthwise, conv, add, mean, dense, softmax; in int8 with float at both ends."""
    q = (lambda scale, zero: dict(scale=scale, zero=zero)) if integer else lambda *_: {}
    relu = ACTIVATION.RELU
    g = Layers(name, seed)
    image = x = g.tensor("x", [1, 10, 10, 3], "float32")
    if integer:
        x = g.convert(OP.QUANTIZE, x, "x_int8", scale=0.03, zero=-1)
    stem = g.conv(x, "stem", 8, stride=(2, 2), activation=relu, **q(0.03, -128))
    y = g.depthwise(stem, "depthwise", activation=relu, **q(0.03, -128))
    y = g.conv(y, "pointwise", 8, kernel=(1, 1), **q(0.04, 2))
    y = g.add(stem, y, "join", relu, **q(0.04, -128))
    y = g.pool(OP.MAX_POOL_2D, y, "pool", (2, 2), (2, 2))
    y = g.mean(y, "mean", [1, 2], **q(0.03, -128))
    logits = g.dense(y, "logits", 10, **q(0.05, 8))
    probabilities = g.softmax(logits, "probabilities")
    if integer:
        probabilities = g.convert(OP.DEQUANTIZE, probabilities, "probabilities_f32")
    write(g, [image], [probabilities, logits])


def two_bad_operators():
    """A convolution of a version to come, a draw that no importer makes behind it, and a sum that
    both leave alone. No runtime can record it."""
    g = Layers("two_bad_operators", seed=58)
    x = g.tensor("x", [1, 6, 6, 3], scale=0.04, zero=-7)
    first = g.conv(x, "first", 4, scale=0.05, zero=3)
    g.codes = [(OP.CONV_2D, 99)]
    logits = g.tensor("logits", [1, 4], scale=0.05, zero=3)
    g.operator(OP.MEAN, [first, g.tensor("axes", [2], "int32", data=[1, 2])], [logits],
               options("Reducer", keepDims=False))
    drawn = g.tensor("drawn", [1, 2], "int32")
    g.operator(OP.MULTINOMIAL, [logits, g.tensor("count", [], "int32", data=2)], [drawn],
               options("Random", seed=1, seed2=2))
    doubled = g.add(first, first, "doubled", scale=0.1, zero=3)
    folder = fresh_folder("refused_tflite_two_operators")
    (folder / "model.tflite").write_bytes(g.content([x], [drawn, doubled]))


def make():
    for case in (two_bad_operators, conv, depthwise, dense, add, pools, softmax, mean, reshape):
        case()
    net("net_int8", 48, integer=True)
    net("net_f32", 49, integer=False)
