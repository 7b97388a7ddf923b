"""Writes MobileNetV2-1.0 at 224x224 with random weights, and random images to calibrate it on.

The table of blocks is that of M. Sandler et al., "MobileNetV2: Inverted Residuals and Linear
Bottlenecks", 2018, table 2. Weights are drawn after K. He et al. 2015, so that activations keep
their scale through the net; batch normalisation has random statistics near (0, 1).
"""

import argparse
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# expansion, output channels, repeats, stride of the first
BLOCKS = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
          (6, 160, 3, 2), (6, 320, 1, 1)]


class Network:
    """Collects nodes and weights; every method returns the name of its result."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.nodes, self.weights = [], []

    def constant(self, name, array):
        self.weights.append(numpy_helper.from_array(array.astype(np.float32), name))
        return name

    def node(self, kind, inputs, **attributes):
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def layer(self, x, inputs, outputs, kernel=1, stride=1, groups=1, clamp=True):
        """Convolution, batch normalisation and, unless told otherwise, ReLU6."""
        name = f"layer_{len(self.nodes)}"
        fan_in = inputs // groups * kernel * kernel
        weights = self.random.standard_normal((outputs, inputs // groups, kernel, kernel))
        pad = kernel // 2
        x = self.node(
            "Conv", [x, self.constant(name + ".weight", weights * np.sqrt(2 / fan_in))],
            kernel_shape=[kernel, kernel], strides=[stride, stride], group=groups,
            pads=[pad, pad, pad, pad])
        statistics = [self.random.uniform(0.8, 1.2, outputs), self.random.normal(0, 0.1, outputs),
                      self.random.normal(0, 0.1, outputs), self.random.uniform(0.8, 1.2, outputs)]
        x = self.node("BatchNormalization", [x] + [
            self.constant(f"{name}.{part}", array)
            for part, array in zip(["scale", "bias", "mean", "variance"], statistics)])
        if not clamp:
            return x
        bounds = [self.constant(name + ".low", np.array(0)), self.constant(name + ".high", np.array(6))]
        return self.node("Clip", [x] + bounds)

    def block(self, x, inputs, outputs, expansion, stride):
        wide = inputs * expansion
        y = x if expansion == 1 else self.layer(x, inputs, wide)
        y = self.layer(y, wide, wide, kernel=3, stride=stride, groups=wide)
        y = self.layer(y, wide, outputs, clamp=False)
        return self.node("Add", [x, y]) if stride == 1 and inputs == outputs else y


def network(seed, classes=1000):
    net = Network(seed)
    x, channels = net.layer("image", 3, 32, kernel=3, stride=2), 32
    for expansion, outputs, repeats, stride in BLOCKS:
        for index in range(repeats):
            x = net.block(x, channels, outputs, expansion, stride if index == 0 else 1)
            channels = outputs
    x = net.layer(x, channels, 1280)
    x = net.node("Flatten", [net.node("GlobalAveragePool", [x])])
    weights = net.random.standard_normal((classes, 1280)) * np.sqrt(1 / 1280)
    net.nodes.append(helper.make_node("Gemm", [
        x, net.constant("classes.weight", weights), net.constant("classes.bias", np.zeros(classes))],
        ["logits"], name="classes", transB=1))
    graph = helper.make_graph(
        net.nodes, "mobilenet_v2",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 224, 224])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, classes])], net.weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def write(folder, images, seed):
    """`model.onnx`, `calibration.npz`, and `shuffled.npz` with the same images in another order."""
    folder.mkdir(parents=True, exist_ok=True)
    model = network(seed)
    onnx.checker.check_model(model)
    onnx.save(model, folder / "model.onnx")
    pixels = np.random.default_rng(seed + 1).standard_normal(
        (images, 3, 224, 224)).astype(np.float32)
    order = np.random.default_rng(seed + 2).permutation(images)
    np.savez(folder / "calibration.npz", image=pixels)
    np.savez(folder / "shuffled.npz", image=pixels[order])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    write(arguments.folder, arguments.images, arguments.seed)


if __name__ == "__main__":
    main()
