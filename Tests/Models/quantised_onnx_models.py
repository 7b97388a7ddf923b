"""int8 ONNX models in both forms, made by ONNX Runtime's static quantiser from one float net."""

import pathlib
import tempfile

import numpy as np
import onnx
from onnx import numpy_helper
from onnxruntime.quantization import (CalibrationDataReader, QuantFormat, QuantType,
                                      quantize_static)

from case_folder import onnx_bytes, write_onnx_case
from onnx_graph import Graph

SHAPE = [1, 3, 8, 8]


def float_net():
    """conv, relu, depthwise conv, relu, conv, residual add, global pool, gemm."""
    g = Graph("net", seed=20)
    x = g.input("x", SHAPE)
    x = g.node("Relu", g.node("Conv", x, g.random(8, 3, 3, 3), g.random(8), pads=[1] * 4))
    y = g.node("Conv", x, g.random(8, 1, 3, 3), g.random(8), group=8, pads=[1] * 4)
    y = g.node("Conv", g.node("Relu", y), g.random(8, 8, 1, 1), g.random(8))
    x = g.node("Add", x, y)
    x = g.node("Flatten", g.node("GlobalAveragePool", x))
    g.node("Gemm", x, g.random(8, 5), g.random(5), output="y")
    g.output("y", [1, 5])
    return g


class Samples(CalibrationDataReader):
    """Hands the calibration samples to the quantiser one at a time."""

    def __init__(self, samples):
        self.left = iter(samples)

    def get_next(self):
        sample = next(self.left, None)
        return None if sample is None else {"x": sample[0]}


def quantised(model, calibration, form, activations):
    with tempfile.TemporaryDirectory() as scratch:
        source, target = pathlib.Path(scratch, "float.onnx"), pathlib.Path(scratch, "int8.onnx")
        source.write_bytes(onnx_bytes(model))
        quantize_static(source, target, Samples(calibration), quant_format=form,
                        per_channel=True, activation_type=activations,
                        weight_type=QuantType.QInt8)
        return onnx.load(target)


def output_scale(model):
    """The step of the graph's output: that of the DequantizeLinear which writes it."""
    constants = {c.name: numpy_helper.to_array(c) for c in model.graph.initializer}
    last = next(n for n in model.graph.node if model.graph.output[0].name in n.output)
    return float(constants[last.input[1]])


def make():
    g = float_net()
    model = g.model()
    calibration = [g.sample(SHAPE) for _ in range(32)]
    samples = [g.sample(SHAPE) for _ in range(3)]
    forms = [("onnx_qdq_int8", QuantFormat.QDQ, QuantType.QInt8),
             ("onnx_qop_int8", QuantFormat.QOperator, QuantType.QInt8),
             ("onnx_qdq_uint8", QuantFormat.QDQ, QuantType.QUInt8)]
    for name, form, activations in forms:
        int8 = quantised(model, calibration, form, activations)
        # The output is float, but takes only whole steps: it may be one step off.
        step = float(np.float32(output_scale(int8) * 1.01))
        write_onnx_case(name, int8, samples, tolerance={"rtol": 0.0, "atol": step})
