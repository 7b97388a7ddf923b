#!/usr/bin/env python3
"""Writes case/: a model with the custom operator between two standard ones, and its results.

Run with the packages of requirements.txt. No runtime knows the operator, so the expected output is
numpy's, from the formula: y = x / (1 + exp(-alpha * x)).
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper

HERE = pathlib.Path(__file__).resolve().parent
ALPHA = 1.5


def main():
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
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="edgecc-example")
    (folder / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    x = random.standard_normal((3, 6)).astype(np.float32)
    product = (x.astype(np.float64) @ weights).astype(np.float64)
    y = 2 * product / (1 + np.exp(-ALPHA * product))
    np.save(data / "input_0.npy", x)
    np.save(data / "output_0.npy", y.astype(np.float32))


if __name__ == "__main__":
    main()
