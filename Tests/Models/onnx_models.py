"""Small float ONNX models, each about one family of operators."""

import numpy as np

from case_folder import fresh_folder, onnx_bytes, write_onnx_case
from onnx_graph import Graph


def conv_bn_relu():
    """Groups, strides, one-sided pads, dilation, and a bias in front of a normalisation."""
    g = Graph("conv_bn_relu", seed=1)
    x = g.input("x", [1, 4, 9, 11])
    x = g.node("Conv", x, g.random(8, 2, 3, 3), group=2, strides=[2, 1], pads=[0, 1, 2, 1])
    x = g.node("Relu", g.norm(x, 8))
    x = g.node("Conv", x, g.random(6, 8, 3, 2), g.random(6), dilations=[2, 3], pads=[2, 1, 2, 2])
    x = g.node("Relu", g.norm(x, 6))
    g.node("Conv", x, g.random(5, 6, 2, 2), g.random(5), auto_pad="SAME_UPPER", strides=[2, 2],
           output="y")
    g.output("y", [1, 5, 3, 6])
    write_onnx_case("onnx_conv_bn_relu", g.model(), [g.sample([1, 4, 9, 11]) for _ in range(2)])


def depthwise():
    """A depthwise convolution, one with two filters per channel, and a pointwise one."""
    g = Graph("depthwise", seed=2)
    x = g.input("x", [1, 6, 8, 7])
    x = g.node("Conv", x, g.random(6, 1, 3, 3), group=6, pads=[1, 1, 1, 1])
    x = g.node("Relu", g.norm(x, 6))
    x = g.node("Conv", x, g.random(12, 1, 3, 3), g.random(12), group=6, strides=[2, 2],
               pads=[1, 1, 1, 1])
    g.node("Conv", x, g.random(5, 12, 1, 1), g.random(5), output="y")
    g.output("y", [1, 5, 4, 4])
    write_onnx_case("onnx_depthwise", g.model(), [g.sample([1, 6, 8, 7]) for _ in range(2)])


def residual():
    """Two ways from one tensor that meet in Add; Mul by a scalar and by a channel vector."""
    g = Graph("residual", seed=3)
    x = g.input("x", [1, 8, 6, 6])
    left = g.node("Relu", g.norm(g.node("Conv", x, g.random(8, 8, 3, 3), pads=[1] * 4), 8))
    left = g.node("Conv", left, g.random(8, 8, 1, 1), g.random(8))
    total = g.node("Relu", g.node("Add", left, x))
    right = g.node("Mul", total, g.random(8, 1, 1))
    total = g.node("Add", right, g.node("Mul", x, g.constant(np.float32(0.25))))
    pooled = g.node("GlobalAveragePool", total)
    g.node("Add", total, pooled, output="y")
    g.output("y", [1, 8, 6, 6])
    write_onnx_case("onnx_residual", g.model(), [g.sample([1, 8, 6, 6]) for _ in range(2)])


def pooling():
    """Pools with ceil_mode, with padding counted and not counted, and with dilation."""
    g = Graph("pooling", seed=4)
    x = g.input("x", [1, 3, 10, 9])
    cases = [
        ("MaxPool", "max_ceil", [5, 4], dict(kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)),
        ("MaxPool", "max_pads", [10, 9], dict(kernel_shape=[3, 3], pads=[1] * 4)),
        ("MaxPool", "max_dilated", [6, 7],
         dict(kernel_shape=[3, 2], dilations=[2, 2])),
        ("AveragePool", "average_ceil", [5, 4],
         dict(kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)),
        ("AveragePool", "average_exclude", [5, 5],
         dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)),
        ("AveragePool", "average_include", [5, 5],
         dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4, count_include_pad=1)),
        ("AveragePool", "average_include_ceil", [6, 5],
         dict(kernel_shape=[2, 2], strides=[2, 2], pads=[1, 0, 1, 0], ceil_mode=1,
              count_include_pad=1)),
        ("AveragePool", "average_same", [5, 5],
         dict(kernel_shape=[2, 3], strides=[2, 2], auto_pad="SAME_LOWER")),
    ]
    for op, name, size, attributes in cases:
        g.node(op, x, output=name, **attributes)
        g.output(name, [1, 3, *size])
    write_onnx_case("onnx_pooling", g.model(), [g.sample([1, 3, 10, 9]) for _ in range(2)])


def gemm():
    """Both transpositions, alpha and beta, C as matrix, row, column, scalar or absent."""
    g = Graph("gemm", seed=5)
    a = g.input("a", [3, 5])
    b = g.input("b", [5, 4])
    variants = [
        dict(),
        dict(transB=1, alpha=0.5, c=[4]),
        dict(transA=1, c=[3, 1], beta=2.0, alpha=-1.25),
        dict(transA=1, transB=1, c=[1], beta=0.5),
        dict(c=[3, 4], beta=0.75),
    ]
    for index, variant in enumerate(variants):
        c = [g.random(*variant.pop("c"))] if "c" in variant else []
        left = g.node("Transpose", a, perm=[1, 0]) if variant.get("transA") else a
        right = g.random(4, 5) if variant.get("transB") else b
        g.node("Gemm", left, right, *c, output=f"y{index}", **variant)
        g.output(f"y{index}", [3, 4])
    g.node("MatMul", a, b, output="product")
    g.output("product", [3, 4])
    write_onnx_case("onnx_gemm", g.model(), [g.sample([3, 5], [5, 4]) for _ in range(2)])


def shapes():
    """Layout work: Transpose, Reshape with 0 and -1, Concat, Flatten, Squeeze, Softmax."""
    g = Graph("shapes", seed=6)
    x = g.input("x", [2, 3, 4, 5])
    z = g.input("z", [2, 4, 5, 3])
    swapped = g.node("Transpose", x, perm=[0, 2, 3, 1])
    joined = g.node("Concat", swapped, z, axis=3)
    grouped = g.node("Reshape", joined, g.ints(0, 0, -1))
    back = g.node("Transpose", grouped, perm=[2, 0, 1])
    soft = g.node("Softmax", back, axis=1)
    flat = g.node("Flatten", soft, axis=2)
    wide = g.node("Unsqueeze", flat, g.ints(0, 2))
    g.node("Squeeze", wide, g.ints(0), output="squeezed")
    g.output("squeezed", [60, 1, 4])
    slab = g.node("Reshape", x, g.ints(2, 3, 20))
    g.node("Softmax", slab, axis=-1, output="last")
    g.output("last", [2, 3, 20])
    g.node("Concat", x, x, axis=-2, output="doubled")
    g.output("doubled", [2, 3, 8, 5])
    shape = ([2, 3, 4, 5], [2, 4, 5, 3])
    write_onnx_case("onnx_shapes", g.model(), [g.sample(*shape, scale=2.0) for _ in range(2)])


def activations():
    """Activations as their own nodes; Clip with both bounds, one bound and none."""
    g = Graph("activations", seed=7)
    x = g.input("x", [2, 3, 8])
    low, six = g.constant(np.float32(0)), g.constant(np.float32(6))
    cases = [
        ("Relu", [x], {}), ("Clip", [x, low, six], {}), ("Clip", [x, "", six], {}),
        ("Clip", [x, g.constant(np.float32(-0.5))], {}), ("Clip", [x], {}),
        ("HardSwish", [x], {}), ("HardSigmoid", [x], dict(alpha=0.25, beta=0.4)),
        ("Sigmoid", [x], {}), ("Tanh", [x], {}), ("LeakyRelu", [x], dict(alpha=0.125)),
        ("PRelu", [x, g.random(3, 1)], {}), ("Elu", [x], dict(alpha=0.5)),
    ]
    for index, (op, inputs, attributes) in enumerate(cases):
        output = f"{op.lower()}_{index}"
        g.node(op, *inputs, output=output, **attributes)
        g.output(output, [2, 3, 8])
    # Float error of exp differs between libraries: a few units in the last place near zero.
    write_onnx_case("onnx_activations", g.model(), [g.sample([2, 3, 8], scale=4.0)],
                    tolerance={"rtol": 1e-3, "atol": 1e-6})


def symbolic_batch():
    """The batch is a name in the file; the two data sets bind it to 1 and to 3."""
    g = Graph("symbolic_batch", seed=8)
    x = g.input("x", ["batch", 2, 6, 6])
    x = g.node("Conv", x, g.random(4, 2, 3, 3), g.random(4), strides=[2, 2], pads=[1] * 4)
    x = g.node("GlobalAveragePool", g.node("Relu", x))
    x = g.node("Flatten", x)
    g.node("Gemm", x, g.random(4, 3), g.random(3), output="y")
    g.output("y", ["batch", 3])
    samples = [g.sample([batch, 2, 6, 6]) for batch in (1, 3)]
    write_onnx_case("onnx_symbolic_batch", g.model(), samples)


def external_data():
    """Weights beside the model, in `weights.bin`."""
    g = Graph("external_data", seed=9)
    x = g.input("x", [1, 3, 6, 6])
    x = g.node("Conv", x, g.random(8, 3, 3, 3), g.random(8), pads=[1] * 4)
    x = g.node("Relu", x)
    g.node("Conv", x, g.random(4, 8, 1, 1), g.random(4), output="y")
    g.output("y", [1, 4, 6, 6])
    write_onnx_case("onnx_external_data", g.model(), [g.sample([1, 3, 6, 6])],
                    external="weights.bin")


def unsupported():
    """Two operators of a domain nobody knows, between known ones. No runtime can record it."""
    g = Graph("unsupported", seed=10)
    x = g.input("x", [1, 3, 6, 6])
    x = g.node("Conv", x, g.random(4, 3, 3, 3), g.random(4), pads=[1] * 4)
    x = g.node("Wobble", x, domain="acme", strength=3)
    x = g.node("Relu", x)
    g.node("Twist", x, domain="acme", turns=[1, 2], output="y")
    g.output("y", [1, 4, 6, 6])
    (fresh_folder("onnx_unsupported") / "model.onnx").write_bytes(onnx_bytes(g.model()))


def two_bad_operators():
    """An operator of a domain nobody knows, a form of a known one that is not read behind it, and
    behind both a softmax that an NPU leaves to others. The file declares the types in between."""
    g = Graph("two_bad_operators", seed=11)
    x = g.input("x", [1, 4, 8, 8])
    x = g.node("Conv", x, g.random(4, 4, 3, 3), g.random(4), pads=[1] * 4)
    x = g.declare(g.node("Wobble", x, domain="acme", strength=3), [1, 4, 8, 8])
    x = g.node("Relu", x)
    x = g.declare(g.node("MaxPool", x, kernel_shape=[2, 2], pads=[-1, 0, 0, 0]), [1, 4, 6, 7])
    g.node("Softmax", x, axis=2, output="y")
    g.output("y", [1, 4, 6, 7])
    folder = fresh_folder("refused_onnx_two_operators")
    (folder / "model.onnx").write_bytes(onnx_bytes(g.model()))


def make():
    for case in (conv_bn_relu, depthwise, residual, pooling, gemm, shapes, activations,
                 symbolic_batch, external_data, unsupported, two_bad_operators):
        case()
