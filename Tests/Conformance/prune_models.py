"""Small ONNX models with groups of channels of all kinds, seeded weights: what prune_survey.py prunes
besides the architectures."""

import numpy
from onnx import TensorProto, helper, numpy_helper, save


class Maker:
    """Collects nodes and weights of one model."""

    def __init__(self, seed):
        self.random = numpy.random.default_rng(seed)
        self.nodes, self.weights = [], []

    def weight(self, *shape):
        name = f"w{len(self.weights)}"
        scale = numpy.sqrt(2 / max(1, numpy.prod(shape[1:])))
        values = self.random.standard_normal(shape).astype(numpy.float32) * numpy.float32(scale)
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def integers(self, *values):
        name = f"i{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(numpy.array(values, numpy.int64), name))
        return name

    def node(self, kind, inputs, outputs=1, **attributes):
        names = [f"n{len(self.nodes)}_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def conv(self, x, outputs, inputs, size=1, groups=1):
        weights = self.weight(outputs, inputs // groups, size, size)
        return self.node("Conv", [x, weights], group=groups, pads=[size // 2] * 4)

    def save(self, path, inputs, y, shape):
        value = helper.make_tensor_value_info
        self.nodes.append(helper.make_node("Identity", [y], ["y"]))
        graph = helper.make_graph(
            self.nodes, path.parent.name, [value("x", TensorProto.FLOAT, inputs)],
            [value("y", TensorProto.FLOAT, shape)], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        path.parent.mkdir(parents=True, exist_ok=True)
        save(model, path)


def recurrent(path, kind, gates, directions=1):
    m = Maker(gates)
    units, size, steps = 24, 8, 5
    w = m.weight(directions, gates * units, size)
    r = m.weight(directions, gates * units, units)
    b = m.weight(directions, 2 * gates * units)
    attributes = {"direction": "bidirectional"} if directions == 2 else {}
    names = m.node(kind, ["x", w, r, b], 2, hidden_size=units, **attributes)
    # [steps, directions, 1, units]: the last step, all directions side by side.
    turned = m.node("Transpose", [names[0]], perm=[0, 2, 1, 3])
    flat = m.node("Reshape", [turned, m.integers(steps, directions * units)])
    last = m.node("Slice", [flat, m.integers(steps - 1), m.integers(steps), m.integers(0)])
    m.save(path, [steps, 1, size], m.node("Gemm", [last, m.weight(3, directions * units)], transB=1), [1, 3])


def attention(path, heads):
    m = Maker(heads)
    length, width = 7, 24
    parts = []
    for turn in ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]):
        x = m.node("MatMul", ["x", m.weight(width, width)])
        if heads > 1:
            x = m.node("Reshape", [x, m.integers(1, length, heads, width // heads)])
            x = m.node("Transpose", [x], perm=turn)
        elif turn == [0, 2, 3, 1]:
            x = m.node("Transpose", [x], perm=[0, 2, 1])
        parts.append(x)
    scores = m.node("Softmax", [m.node("MatMul", parts[:2])], axis=-1)
    y = m.node("MatMul", [scores, parts[2]])
    if heads > 1:
        y = m.node("Transpose", [y], perm=[0, 2, 1, 3])
        y = m.node("Reshape", [y, m.integers(1, length, width)])
    m.save(path, [1, length, width], m.node("MatMul", [y, m.weight(width, width)]), [1, length, width])


def resnext(path):
    m = Maker(5)
    x = m.node("Relu", [m.conv("x", 16, 3, 3)])
    for _ in range(2):
        y = m.node("Relu", [m.conv(x, 32, 16)])
        y = m.node("Relu", [m.conv(y, 32, 32, 3, groups=4)])
        x = m.node("Relu", [m.node("Add", [x, m.conv(y, 16, 32)])])
    x = m.node("Flatten", [m.node("GlobalAveragePool", [x])])
    m.save(path, [1, 3, 8, 8], m.node("Gemm", [x, m.weight(4, 16)], transB=1), [1, 4])


def branches(path):
    """Parts of a map that go their own ways, a gate, and all of it side by side, flattened."""
    m = Maker(6)
    x = m.node("Relu", [m.conv("x", 16, 3, 3)])
    a, b = m.node("Split", [x], 2, axis=1)
    a = m.node("Relu", [m.conv(a, 8, 8, 3)])
    b = m.node("Sigmoid", [m.conv(b, 8, 8, 3, groups=8)])
    both = m.node("Concat", [m.node("Mul", [a, b]), x], axis=1)
    gate = m.node("Sigmoid", [m.conv(m.node("GlobalAveragePool", [both]), 24, 24)])
    x = m.conv(m.node("Mul", [both, gate]), 8, 24)
    x = m.node("Flatten", [m.node("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2])])
    m.save(path, [1, 3, 8, 8], m.node("Gemm", [x, m.weight(4, 128)], transB=1), [1, 4])


def write(folder):
    """Writes each model to its own folder below `folder`; their paths."""
    path = lambda name: folder / name / "model.onnx"
    recurrent(path("rnn"), "RNN", 1)
    recurrent(path("gru"), "GRU", 3)
    recurrent(path("lstm"), "LSTM", 4)
    recurrent(path("lstm_bidirectional"), "LSTM", 4, directions=2)
    attention(path("attention_heads"), 4)
    attention(path("attention_one_head"), 1)
    resnext(path("resnext"))
    branches(path("branches"))
    return sorted(folder.glob("*/model.onnx"))
