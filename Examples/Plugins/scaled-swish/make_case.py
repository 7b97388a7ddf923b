#!/usr/bin/env python3
"""Writes case/ and tflite-case/: models with the custom operator, and their results.

Run with the packages of requirements.txt. No runtime knows the operator, so the expected outputs are
numpy's, from the formula: y = x / (1 + exp(-alpha * x)).
"""

import pathlib

import flatbuffers
import numpy as np
import onnx
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers
from onnx import TensorProto, helper

HERE = pathlib.Path(__file__).resolve().parent
ALPHA = 1.5


def tensor(name, buffer):
    t = schema.TensorT()
    t.name, t.shape, t.buffer, t.hasRank = name, [2, 4], buffer, True
    t.type = schema.TensorType.FLOAT32
    return t


def write_tflite():
    """One custom operator, its slope in a FlexBuffers map."""
    code = schema.OperatorCodeT()
    code.builtinCode, code.version = schema.BuiltinOperator.CUSTOM, 1
    code.customCode = "ScaledSwish"
    code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    call = schema.OperatorT()
    call.opcodeIndex, call.inputs, call.outputs = 0, [0], [1]
    call.customOptions = list(flexbuffers.Dumps({"alpha": ALPHA}))
    subgraph = schema.SubGraphT()
    subgraph.name, subgraph.tensors = "main", [tensor("x", 1), tensor("y", 2)]
    subgraph.operators, subgraph.inputs, subgraph.outputs = [call], [0], [1]
    model = schema.ModelT()
    model.version, model.description = 3, "edgecc-example"
    model.operatorCodes, model.subgraphs = [code], [subgraph]
    model.buffers = [schema.BufferT() for _ in range(3)]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    data = HERE / "tflite-case" / "test_data_set_0"
    data.mkdir(parents=True, exist_ok=True)
    (HERE / "tflite-case" / "model.tflite").write_bytes(bytes(builder.Output()))
    x = np.linspace(-4, 4, 8, dtype=np.float32).reshape(2, 4)
    y = x.astype(np.float64) / (1 + np.exp(-ALPHA * x.astype(np.float64)))
    np.save(data / "input_0.npy", x)
    np.save(data / "output_0.npy", y.astype(np.float32))


def write_onnx():
    folder = HERE / "case"
    data = folder / "test_data_set_0"
    data.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(7)
    weights = random.standard_normal((6, 5)).astype(np.float32)
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["product"], name="product"),
        helper.make_node(
            "ScaledSwish", ["product"], ["swish"], name="swish", domain="com.example", alpha=ALPHA),
        helper.make_node("Add", ["swish", "swish"], ["y"], name="twice"),
    ]
    graph = helper.make_graph(
        nodes, "scaled_swish",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [3, 6])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [3, 5])],
        [onnx.numpy_helper.from_array(weights, "w")])
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.example", 1)]
    model = helper.make_model(
        graph, opset_imports=opsets, ir_version=8, producer_name="edgecc-example")
    (folder / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    x = random.standard_normal((3, 6)).astype(np.float32)
    product = (x.astype(np.float64) @ weights).astype(np.float64)
    y = 2 * product / (1 + np.exp(-ALPHA * product))
    np.save(data / "input_0.npy", x)
    np.save(data / "output_0.npy", y.astype(np.float32))


if __name__ == "__main__":
    write_onnx()
    write_tflite()
