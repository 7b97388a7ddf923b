"""Writes the trained layers as ONNX, node by node; batch normalisation stays a node of its own."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from layers import BatchNorm, Conv, Dense, GlobalPool, Relu, Residual


class Exporter:
    """Collects nodes and initialisers while it follows the layers."""

    def __init__(self):
        self.nodes, self.initializers = [], []

    def constant(self, name, array):
        array = np.ascontiguousarray(array, dtype=np.float32)
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def node(self, op, inputs, name, output=None, **attributes):
        output = output or f"{name}.out"
        self.nodes.append(helper.make_node(op, inputs, [output], name=name, **attributes))
        return output

    def conv(self, layer, x):
        weight = layer.params["weight"]
        groups = 1
        if layer.depthwise:  # [k, k, channels] → [channels, 1, k, k]
            groups = weight.shape[2]
            filters = weight.transpose(2, 0, 1)[:, None]
        else:  # [k, k, inputs, outputs] → [outputs, inputs, k, k]
            filters = weight.transpose(3, 2, 0, 1)
        inputs = [x, self.constant(f"{layer.name}.weight", filters)]
        return self.node("Conv", inputs, layer.name, group=groups,
                         kernel_shape=[layer.kernel] * 2, pads=[layer.pad] * 4,
                         strides=[layer.stride] * 2)

    def norm(self, layer, x):
        arrays = {**layer.params, "mean": layer.mean, "variance": layer.variance}
        inputs = [x] + [self.constant(f"{layer.name}.{key}", a) for key, a in arrays.items()]
        return self.node("BatchNormalization", inputs, layer.name, epsilon=float(layer.epsilon))

    def follow(self, layer, x):
        if isinstance(layer, Conv):
            return self.conv(layer, x)
        if isinstance(layer, BatchNorm):
            return self.norm(layer, x)
        if isinstance(layer, Relu):
            return self.node("Relu", [x], layer.name)
        if isinstance(layer, Residual):
            y = x
            for inner in layer.body:
                y = self.follow(inner, y)
            return self.node("Add", [x, y], f"{layer.name}.add")
        if isinstance(layer, GlobalPool):
            pooled = self.node("GlobalAveragePool", [x], layer.name)
            return self.node("Flatten", [pooled], f"{layer.name}.flatten", axis=1)
        if isinstance(layer, Dense):
            weight = self.constant(f"{layer.name}.weight", layer.params["weight"].T)
            bias = self.constant(f"{layer.name}.bias", layer.params["bias"])
            return self.node("Gemm", [x, weight, bias], layer.name, output="logits", transB=1)
        raise TypeError(f"no ONNX form for {type(layer).__name__}")


def onnx_model(layers):
    """The model: `image` float32 [1, 1, 8, 8] → `logits` float32 [1, 10]; opset 17."""
    exporter = Exporter()
    value = "image"
    for layer in layers:
        value = exporter.follow(layer, value)
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, 8, 8])
    logits = helper.make_tensor_value_info(value, TensorProto.FLOAT, [1, 10])
    graph = helper.make_graph(exporter.nodes, "digits", [image], [logits], exporter.initializers)
    model = helper.make_model(graph, producer_name="edgecc-digits-example", ir_version=8,
                              opset_imports=[helper.make_opsetid("", 17)])
    onnx.checker.check_model(model, full_check=True)
    return model
