"""Writes trained layers as ONNX with QuantizeLinear and DequantizeLinear around every operation.

Weights of 8 bits are INT8, those of fewer bits INT4 (opset 21), biases INT32 with the scale of the
sums that they are added to.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import fake_quantization as fq
from layers import GlobalPool, Relu


class Exporter:
    def __init__(self):
        self.nodes, self.initializers = [], []
        self.scale = None

    def constant(self, name, array):
        self.initializers.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(self, op, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def rounding(self, layer, x, output=None):
        """The pair that stands for `layer`; its scale is what the next layer's bias needs."""
        self.scale, zero = layer.parameters()
        parameters = [self.constant(f"{layer.name}.scale", self.scale),
                      self.constant(f"{layer.name}.zero", np.int8(zero))]
        stored = self.node("QuantizeLinear", [x] + parameters, f"{layer.name}.stored")
        return self.node("DequantizeLinear", [stored] + parameters, output or f"{layer.name}.real")

    def weights(self, layer, order):
        """Weight and bias behind DequantizeLinear, output channels first."""
        stored, scales = fq.stored_weights(layer.params["weight"], layer.bits)
        stored = np.ascontiguousarray(stored.transpose(order))
        name = f"{layer.name}.weight"
        if layer.bits == 8:
            self.constant(name, stored)
        else:
            low, high = stored.reshape(-1)[0::2] & 15, stored.reshape(-1)[1::2] & 15
            packed = (low | high << 4).astype(np.uint8).tobytes()
            self.initializers.append(
                helper.make_tensor(name, TensorProto.INT4, stored.shape, packed, raw=True))
        weight = self.dequantized(name, scales)
        steps = (self.scale * scales).astype(np.float32)
        bias = np.rint(layer.params["bias"].astype(np.float64) / steps).astype(np.int32)
        return [weight, self.dequantized(self.constant(f"{layer.name}.bias", bias), steps)]

    def dequantized(self, name, scales):
        scale = self.constant(f"{name}.scale", scales)
        return self.node("DequantizeLinear", [name, scale], f"{name}.real", axis=0)

    def follow(self, layer, x, is_last):
        if isinstance(layer, fq.Rounding):
            return self.rounding(layer, x, "logits" if is_last else None)
        if isinstance(layer, fq.Conv):
            inputs = [x] + self.weights(layer, (3, 2, 0, 1))
            return self.node("Conv", inputs, layer.name, kernel_shape=[layer.kernel] * 2,
                             pads=[layer.pad] * 4, strides=[layer.stride] * 2)
        if isinstance(layer, Relu):
            return self.node("Relu", [x], layer.name)
        if isinstance(layer, GlobalPool):
            pooled = self.node("GlobalAveragePool", [x], layer.name)
            return self.node("Flatten", [pooled], f"{layer.name}.flat", axis=1)
        if isinstance(layer, fq.Dense):
            return self.node("Gemm", [x] + self.weights(layer, (1, 0)), layer.name, transB=1)
        raise TypeError(f"no ONNX form for {type(layer).__name__}")


def onnx_model(layers):
    """The model: `image` float32 [1, 1, 8, 8] → `logits` float32 [1, 10]; opset 21."""
    exporter = Exporter()
    value = "image"
    for index, layer in enumerate(layers):
        value = exporter.follow(layer, value, index == len(layers) - 1)
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, 8, 8])
    logits = helper.make_tensor_value_info(value, TensorProto.FLOAT, [1, 10])
    graph = helper.make_graph(exporter.nodes, "digits_qat", [image], [logits], exporter.initializers)
    model = helper.make_model(graph, producer_name="edgecc-qat-example", ir_version=10,
                              opset_imports=[helper.make_opsetid("", 21)])
    onnx.checker.check_model(model, full_check=True)
    return model
