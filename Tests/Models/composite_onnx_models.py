"""Models with composites written out in the shapes that PyTorch's two exporters give them."""

import numpy as np

from case_folder import write_onnx_case
from onnx_graph import Graph


def scalar(g, value):
    return g.constant(np.float32(value))


def script_norm(g, x, features):
    """`nn.LayerNorm` by the TorchScript exporter below operator set 17."""
    centred = g.node("Sub", x, g.node("ReduceMean", x, axes=[-1]))
    variance = g.node("ReduceMean", g.node("Pow", centred, scalar(g, 2)), axes=[-1])
    root = g.node("Sqrt", g.node("Add", variance, scalar(g, 1e-5)))
    scaled = g.node("Mul", g.node("Div", centred, root), g.random(features))
    return g.node("Add", scaled, g.random(features))


def dynamo_rms_norm(g, x, features):
    """A Llama-style RMS norm by the torch.export-based exporter."""
    square = g.node("Pow", x, scalar(g, 2))
    mean = g.node("ReduceMean", square, g.ints(-1), keepdims=1)
    root = g.node("Sqrt", g.node("Add", mean, scalar(g, 1e-6)))
    return g.node("Mul", g.random(features), g.node("Mul", x, g.node("Reciprocal", root)))


def script_gelu(g, x):
    error = g.node("Erf", g.node("Div", x, scalar(g, 2 ** 0.5)))
    return g.node("Mul", g.node("Mul", x, g.node("Add", error, scalar(g, 1))), scalar(g, 0.5))


def dynamo_gelu(g, x):
    error = g.node("Erf", g.node("Div", x, scalar(g, 2 ** 0.5)))
    return g.node("Mul", x, g.node("Mul", scalar(g, 0.5), g.node("Add", error, scalar(g, 1))))


def dynamo_gelu_tanh(g, x):
    cubic = g.node("Mul", scalar(g, 0.044715), g.node("Pow", x, scalar(g, 3)))
    inner = g.node("Mul", scalar(g, (2 / np.pi) ** 0.5), g.node("Add", x, cubic))
    outer = g.node("Add", g.node("Tanh", inner), scalar(g, 1))
    return g.node("Mul", g.node("Mul", scalar(g, 0.5), x), outer)


def linear(g, x, inputs, outputs):
    return g.node("Add", g.node("MatMul", x, g.random(inputs, outputs)), g.random(outputs))


def script_attention(g, x, tokens, features, heads):
    """`nn.MultiheadAttention` with a mask: queries scaled before the product."""
    depth = features // heads
    parts = []
    for _ in range(3):
        part = g.node("Reshape", linear(g, x, features, features),
                      g.ints(1, tokens, heads, depth))
        parts.append(g.node("Transpose", part, perm=[0, 2, 1, 3]))
    queries = g.node("Mul", parts[0], scalar(g, depth ** -0.5))
    keys = g.node("Transpose", parts[1], perm=[0, 1, 3, 2])
    mask = np.triu(np.full((tokens, tokens), -1e4, np.float32), 1)
    scores = g.node("Add", g.node("MatMul", queries, keys), g.constant(mask))
    mixed = g.node("MatMul", g.node("Softmax", scores, axis=-1), parts[2])
    mixed = g.node("Transpose", mixed, perm=[0, 2, 1, 3])
    return linear(g, g.node("Reshape", mixed, g.ints(1, tokens, features)), features, features)


def dynamo_attention(g, x, tokens, features, heads):
    """`scaled_dot_product_attention`: the root of the scale on both sides of the product."""
    depth = features // heads
    root = scalar(g, depth ** -0.25)
    parts = []
    for _ in range(3):
        part = g.node("Reshape", linear(g, x, features, features),
                      g.ints(1, tokens, heads, depth))
        parts.append(g.node("Transpose", part, perm=[0, 2, 1, 3]))
    keys = g.node("Mul", g.node("Transpose", parts[1], perm=[0, 1, 3, 2]), root)
    scores = g.node("MatMul", g.node("Mul", parts[0], root), keys)
    mixed = g.node("MatMul", g.node("Softmax", scores, axis=-1), parts[2])
    mixed = g.node("Transpose", mixed, perm=[0, 2, 1, 3])
    return linear(g, g.node("Reshape", mixed, g.ints(1, tokens, features)), features, features)


def block(name, seed, opset, norm, attention, activation):
    """A transformer block over 6 tokens of 8 features, two heads."""
    g = Graph(name, seed=seed, opset=opset)
    x = g.input("x", [1, 6, 8])
    x = g.node("Add", x, attention(g, norm(g, x, 8), 6, 8, 2))
    inner = activation(g, linear(g, norm(g, x, 8), 8, 16))
    g.node("Add", x, linear(g, inner, 16, 8), output="y")
    g.output("y", [1, 6, 8])
    write_onnx_case(f"onnx_{name}", g.model(), [g.sample([1, 6, 8]) for _ in range(2)])


def gates():
    """Convolutions whose sums go on: SiLU, hard swish in two spellings, tanh's GELU, a residual."""
    g = Graph("gates", seed=23)
    x = g.input("x", [1, 3, 8, 8])
    stem = g.node("Conv", x, g.random(8, 3, 3, 3), g.random(8), pads=[1] * 4, strides=[2, 2])
    stem = g.node("Mul", stem, g.node("Sigmoid", stem))
    left = g.node("Conv", stem, g.random(8, 1, 3, 3), g.random(8), group=8, pads=[1] * 4)
    left = g.node("Mul", left, g.node("HardSigmoid", left, alpha=1 / 6, beta=0.5))
    left = g.node("Conv", left, g.random(8, 8, 1, 1), g.random(8))
    total = g.node("Add", stem, left)
    gate = g.node("Clip", g.node("Add", total, scalar(g, 3)), scalar(g, 0), scalar(g, 6))
    total = g.node("Div", g.node("Mul", total, gate), scalar(g, 6))
    last = dynamo_gelu_tanh(g, g.node("Conv", total, g.random(5, 8, 1, 1), g.random(5)))
    pooled = g.node("GlobalAveragePool", last)
    g.node("Softmax", pooled, axis=1, output="y")
    g.output("y", [1, 5, 1, 1])
    write_onnx_case("onnx_gates", g.model(), [g.sample([1, 3, 8, 8]) for _ in range(2)])


def make():
    block("block_script", 21, 14, script_norm, script_attention, script_gelu)
    block("block_dynamo", 22, 18, dynamo_rms_norm, dynamo_attention, dynamo_gelu)
    gates()
