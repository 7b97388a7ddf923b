"""Models that show what import costs: half a gigabyte of weights, and a hundred thousand nodes."""

import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSETS = [helper.make_opsetid("", 17)]


def _info(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _field(number, content):
    """One length-delimited field of the protobuf encoding."""
    head, size = bytearray([number << 3 | 2]), len(content)
    while size > 0x7F:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes(head) + bytes([size]) + content


# --- Weights ---


def _tensor_bytes(name, array, kind):
    """A serialised TensorProto; `kind` is where its values stand: "raw" or "list"."""
    tensor = TensorProto(name=name, dims=array.shape, data_type=TensorProto.FLOAT)
    # Fields 4 (float_data, packed) and 9 (raw_data) of TensorProto, written without a Python list.
    number = {"list": 4, "raw": 9}[kind]
    return tensor.SerializeToString() + _field(number, array.tobytes())


def _weights(count, extent):
    rng = np.random.default_rng(3)
    for index in range(count):
        yield f"w{index}", rng.random((extent, extent), dtype=np.float32)


def _products(count, extent):
    """A chain of matrix products, one for each weight."""
    nodes = [helper.make_node("MatMul", [f"y{i}" if i else "x", f"w{i}"], [f"y{i + 1}"], f"n{i}")
             for i in range(count)]
    graph = helper.make_graph(nodes, "weights", [_info("x", [1, extent])],
                              [_info(f"y{count}", [1, extent])])
    return helper.make_model(graph, opset_imports=OPSETS, ir_version=8)


def weights_model(path, count, extent, kind):
    """`count` square matrices of `extent`: the file holds 4 count extent² bytes."""
    model = _products(count, extent)
    graph = model.graph.SerializeToString()
    parts = [_field(5, _tensor_bytes(name, array, kind))
             for name, array in _weights(count, extent)]
    model.ClearField("graph")
    with open(path, "wb") as file:
        file.write(model.SerializeToString() + _field(7, graph + b"".join(parts)))


def external_model(path, count, extent):
    """The same with all weights in one file beside the model."""
    model = _products(count, extent)
    offset, data = 0, os.path.basename(path) + ".data"
    with open(os.path.join(os.path.dirname(path), data), "wb") as file:
        for name, array in _weights(count, extent):
            tensor = model.graph.initializer.add()
            tensor.name, tensor.data_type = name, TensorProto.FLOAT
            tensor.dims.extend(array.shape)
            tensor.data_location = TensorProto.EXTERNAL
            fields = {"location": data, "offset": offset, "length": array.nbytes}
            for key, value in fields.items():
                tensor.external_data.add(key=key, value=str(value))
            offset += file.write(array.tobytes())
    onnx.save(model, path)


# --- Nodes ---


class _Nodes:
    """Nodes in order; a value is its name."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def add(self, op, *inputs, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], f"n{len(self.nodes)}",
                                           **attributes))
        return name

    def constant(self, array):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def save(self, path, result, shape, reverse=False):
        nodes = self.nodes[::-1] if reverse else self.nodes
        graph = helper.make_graph(nodes, "nodes", [_info("x", [2, 8])], [_info(result, shape)],
                                  self.constants)
        onnx.save(helper.make_model(graph, opset_imports=OPSETS, ir_version=8), path)


def chain(path, count, reverse=False):
    """Element-wise nodes one after the other; all share two constants."""
    graph, value = _Nodes(), "x"
    one, half = graph.constant(np.float32(1)), graph.constant(np.full(8, 0.5, np.float32))
    for index in range(count):
        kind = index % 4
        if kind == 0:
            value = graph.add("Add", value, one)
        elif kind == 1:
            value = graph.add("Mul", value, half)
        else:
            value = graph.add("Relu" if kind == 2 else "Sigmoid", value)
    graph.save(path, value, [2, 8], reverse)


def reversed_chain(path, count):
    """The same with the last node first, which importers have to sort."""
    chain(path, count, reverse=True)


def wide(path, count):
    """Every node of the first half reads the input; a tree adds them up."""
    graph = _Nodes()
    level = [graph.add("Mul", "x", graph.constant(np.float32(i))) for i in range(count // 2)]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2])
        level = [graph.add("Add", a, b) for a, b in pairs] + level[len(level) // 2 * 2:]
    graph.save(path, level[0], [2, 8])


def fan_in(path, count):
    """One node reads all the others."""
    graph = _Nodes()
    values = [graph.add("Relu", "x") if i % 2 else graph.add("Neg", "x") for i in range(count - 1)]
    graph.save(path, graph.add("Concat", *values, axis=0), [2 * count - 2, 8])


def folding(path, count):
    """Arithmetic on constants, as exporters leave it: a fifth of the nodes stays."""
    graph, value = _Nodes(), "x"
    base = graph.constant(np.arange(8, dtype=np.float32))
    for index in range(count // 5):
        own = graph.add("Constant", value=numpy_helper.from_array(np.float32(index)))
        total = graph.add("Add", base, own)
        shape = graph.add("Shape", value)
        filled = graph.add("Expand", total, shape)
        value = graph.add("Add", value, filled)
    graph.save(path, value, [2, 8])


def movements(path, count):
    """Reshape and Transpose in turn: some cancel, most do not."""
    graph, value = _Nodes(), "x"
    wide_shape = graph.constant(np.array([4, 4], np.int64))
    back = graph.constant(np.array([2, 8], np.int64))
    for _ in range(count // 4):
        value = graph.add("Reshape", value, wide_shape)
        value = graph.add("Transpose", value, perm=[1, 0])
        value = graph.add("Reshape", value, back)
        value = graph.add("Relu", value)
    graph.save(path, value, [2, 8])


def transposes(path, count):
    """Nothing but transposes, which all cancel, then identities."""
    graph, value = _Nodes(), "x"
    for _ in range(count // 2):
        value = graph.add("Identity", graph.add("Transpose", value, perm=[1, 0]))
    graph.save(path, graph.add("Relu", value), [2, 8] if count // 2 % 2 == 0 else [8, 2])


def unused(path, count):
    """Nothing reads the results of all nodes but one."""
    graph, value = _Nodes(), "x"
    for _ in range(count - 1):
        value = graph.add("Sigmoid", value)
    graph.save(path, graph.add("Neg", "x"), [2, 8])


GRAPHS = [chain, reversed_chain, wide, fan_in, folding, movements, transposes, unused]
