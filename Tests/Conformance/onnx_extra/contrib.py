"""com.microsoft: what exporters, graph optimisers and quantisers write."""

import numpy as np

from .writer import MS

CLOSE = dict(rtol=1e-3, atol=1e-5)
ONE_STEP = dict(steps=1)


def write(w):
    fusions(w)
    normalisations(w)
    attention(w)
    grouped_attention(w)
    integers(w)
    weights(w)
    rest(w)


def floats(rng, *shape, scale=1.0):
    return (rng.normal(size=shape) * scale).astype(np.float32)


def node(w, name, op, inputs, outputs=1, **options):
    options.setdefault("tolerance", CLOSE)
    w.node(f"ms_{name}", op, inputs, outputs, domain=MS, **options)


def fusions(w):
    rng = w.random("fusions")
    x, kernel, bias = floats(rng, 1, 3, 6, 5), floats(rng, 4, 3, 3, 2), floats(rng, 4)
    for activation, parameters in [("Relu", None), ("Sigmoid", None), ("Tanh", None),
                                   ("LeakyRelu", [0.2]), ("Clip", [-0.5, 1.0]),
                                   ("HardSigmoid", [0.25, 0.4])]:
        a = dict(activation=activation, strides=[2, 1], pads=[1, 0, 1, 1])
        if parameters:
            a["activation_params"] = parameters
        node(w, f"fused_conv_{activation.lower()}", "FusedConv", [x, kernel, bias],
             constants=[1, 2], attributes=a)
    node(w, "fused_conv_sum", "FusedConv", [x, kernel, bias, floats(rng, 1, 4, 4, 4)],
         constants=[1, 2], attributes=dict(activation="Relu"))
    for activation, extra in [("Relu", {}), ("LeakyRelu", dict(activation_alpha=0.3)),
                              ("Tanh", {})]:
        node(w, f"fused_gemm_{activation.lower()}", "FusedGemm",
             [floats(rng, 3, 4), floats(rng, 5, 4), floats(rng, 5)], constants=[1, 2],
             attributes=dict(activation=activation, transB=1, alpha=0.5, beta=2.0, **extra))
    a, b = floats(rng, 2, 3, 4, 5), floats(rng, 2, 3, 6, 5)
    node(w, "fused_matmul", "FusedMatMul", [a, b], attributes=dict(transB=1, alpha=0.3))
    node(w, "fused_matmul_left", "FusedMatMul",
         [np.swapaxes(a, 2, 3).copy(), floats(rng, 2, 3, 5, 6)], attributes=dict(transA=1))
    node(w, "fused_matmul_batch", "FusedMatMul",
         [floats(rng, 4, 2, 5), floats(rng, 2, 5, 6)], attributes=dict(transBatchA=1))
    node(w, "transpose_matmul", "TransposeMatMul", [a, b], attributes=dict(transB=1))
    y = floats(rng, 2, 4, 6)
    for op in ("Gelu", "FastGelu", "QuickGelu"):
        node(w, op.lower(), op, [y])
    node(w, "quick_gelu_alpha", "QuickGelu", [y], attributes=dict(alpha=1.0))
    node(w, "bias_gelu", "BiasGelu", [y, floats(rng, 6)])
    node(w, "fast_gelu_bias", "FastGelu", [y, floats(rng, 6)])
    volume, kernels = floats(rng, 1, 2, 4, 4), floats(rng, 2, 3, 3, 3)
    node(w, "conv_transpose_dynamic_pads", "ConvTransposeWithDynamicPads",
         [volume, kernels, np.array([1, 0, 0, 1])], constants=[1, 2],
         attributes=dict(strides=[2, 2]))
    stored = rng.integers(0, 255, (1, 6, 5, 3)).astype(np.uint8)
    node(w, "nhwc_max_pool", "NhwcMaxPool", [stored],
         attributes=dict(kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1]))


def normalisations(w):
    rng = w.random("normalisations")
    x, skip = floats(rng, 2, 3, 8), floats(rng, 2, 3, 8)
    gamma, beta, bias = floats(rng, 8), floats(rng, 8), floats(rng, 8)
    outputs = ["y", "", "", "sum"]
    node(w, "skip_layer_norm", "SkipLayerNormalization", [x, skip, gamma, beta],
         attributes=dict(epsilon=1e-3))
    node(w, "skip_layer_norm_bias", "SkipLayerNormalization", [x, skip, gamma, beta, bias], outputs)
    node(w, "skip_layer_norm_without_beta", "SkipLayerNormalization", [x, skip, gamma])
    node(w, "skip_simplified", "SkipSimplifiedLayerNormalization", [x, skip, gamma], outputs)
    node(w, "skip_simplified_bias", "SkipSimplifiedLayerNormalization", [x, skip, gamma, bias],
         outputs, attributes=dict(epsilon=1e-2))
    w.node("ms_simplified", "SimplifiedLayerNormalization", [x, gamma], opset=17, tolerance=CLOSE,
           attributes=dict(axis=-1, epsilon=1e-3, stash_type=1))
    words, places, parts = floats(rng, 10, 8), floats(rng, 6, 8), floats(rng, 2, 8)
    tokens = rng.integers(0, 10, (2, 4)).astype(np.int32)
    segments = rng.integers(0, 2, (2, 4)).astype(np.int32)
    mask = np.array([[1, 1, 1, 0], [1, 1, 1, 1]], np.int32)
    node(w, "embed_layer_norm", "EmbedLayerNormalization",
         [tokens, segments, words, places, parts, gamma, beta, mask], 2,
         attributes=dict(epsilon=1e-5))
    node(w, "embed_layer_norm_bare", "EmbedLayerNormalization",
         [tokens, None, words, places, None, gamma, beta], ["y", ""])
    node(w, "embed_layer_norm_positions", "EmbedLayerNormalization",
         [tokens, None, words, places, None, gamma, beta, None,
          np.array([[0, 2, 4, 1], [3, 3, 0, 5]], np.int32)], ["y", "mask", "sum"])


def attention(w):
    rng = w.random("attention")
    batch, length, size, heads = 2, 4, 8, 2
    x = floats(rng, batch, length, size)
    weights, bias = floats(rng, size, 3 * size, scale=0.5), floats(rng, 3 * size)
    base = dict(num_heads=heads)
    masks = {
        "lengths": np.array([3, 4], np.int32), "ends_starts": np.array([3, 4, 1, 0], np.int32),
        "raw": np.array([[1, 1, 0, 1], [1, 0, 1, 1]], np.int32),
        "square": rng.integers(0, 2, (batch, length, length)).astype(np.int32)}
    node(w, "attention", "Attention", [x, weights, bias], constants=[1, 2], attributes=base)
    node(w, "attention_causal", "Attention", [x, weights, bias], constants=[1, 2],
         attributes=dict(base, unidirectional=1))
    for label, mask in masks.items():
        node(w, f"attention_mask_{label}", "Attention", [x, weights, bias, mask],
             constants=[1, 2], attributes=base)
    node(w, "attention_scale", "Attention", [x, weights, bias], constants=[1, 2],
         attributes=dict(base, scale=0.7))
    node(w, "attention_bias", "Attention",
         [x, weights, bias, None, None, floats(rng, batch, heads, length, length)],
         constants=[1, 2], attributes=base)
    node(w, "attention_sizes", "Attention",
         [x, floats(rng, size, 8 + 8 + 6, scale=0.5), floats(rng, 22)], constants=[1, 2],
         attributes=dict(base, qkv_hidden_sizes=[8, 8, 6]))
    past = floats(rng, 2, batch, heads, 3, size // heads)
    node(w, "attention_past", "Attention", [x, weights, bias, None, past], 2, constants=[1, 2],
         attributes=dict(base, unidirectional=1))
    quantised = rng.integers(0, 255, (batch, length, size)).astype(np.uint8)
    for kind in (np.int8, np.uint8):
        # Seven bits: ONNX Runtime adds pairs of products in 16 bits, which overflow for more.
        low = -64 if kind == np.int8 else 0
        stored = rng.integers(low, low + 128, (size, 3 * size)).astype(kind)
        node(w, f"quantised_attention_{np.dtype(kind).name}", "QAttention",
             [quantised, stored, bias, np.array(0.02, np.float32), np.array(0.01, np.float32),
              masks["lengths"], np.array(120, np.uint8), np.array(low + 60, kind)],
             constants=[1, 2, 3, 4, 6, 7], attributes=base)
    query, key, value = (floats(rng, batch, n, size) for n in (3, 5, 5))
    node(w, "multi_head", "MultiHeadAttention", [query, key, value], attributes=base)
    node(w, "multi_head_bias", "MultiHeadAttention", [query, key, value, bias], constants=[3],
         attributes=dict(base, scale=0.3))
    node(w, "multi_head_mask", "MultiHeadAttention",
         [query, key, value, None, np.array([[1, 1, 0, 1, 1], [1, 0, 1, 1, 0]], np.int32)],
         attributes=base)
    node(w, "multi_head_lengths", "MultiHeadAttention",
         [query, key, value, None, np.array([4, 5], np.int32)], attributes=base)
    node(w, "multi_head_attention_bias", "MultiHeadAttention",
         [query, key, value, None, None, floats(rng, 1, heads, 3, 5)], attributes=base)
    node(w, "multi_head_causal", "MultiHeadAttention", [x, x * 0.5, x + 1],
         attributes=dict(base, unidirectional=1))
    old = [floats(rng, batch, heads, 2, size // heads) for _ in range(2)]
    node(w, "multi_head_past", "MultiHeadAttention", [query, query * 2, query + 1, None, None, None]
         + old, 3, attributes=base)
    node(w, "multi_head_cross", "MultiHeadAttention",
         [query, floats(rng, batch, heads, 5, 4), floats(rng, batch, heads, 5, 4)],
         attributes=base)


def grouped_attention(w):
    rng = w.random("grouped")
    heads, shared, size, batch = 4, 2, 16, 2
    cosines, sines = (f(np.outer(np.arange(16), 1 / 100 ** (np.arange(8) / 8))).astype(np.float32)
                      for f in (np.cos, np.sin))
    base = dict(num_heads=heads, kv_num_heads=shared)

    def inputs(length, past, capacity=None):
        total = past + length
        query = floats(rng, batch, length, heads * size)
        key, value = (floats(rng, batch, length, shared * size) for _ in range(2))
        held = past if capacity is None else capacity
        caches = [floats(rng, batch, shared, held, size) for _ in range(2)]
        lengths = np.full(batch, total - 1, np.int32)
        return [query, key, value] + caches + [lengths, np.array(total, np.int32)]

    node(w, "grouped_prompt", "GroupQueryAttention", inputs(5, 0), 3, constants=[6],
         attributes=base)
    node(w, "grouped_token", "GroupQueryAttention", inputs(1, 4), 3, constants=[6],
         attributes=base)
    node(w, "grouped_rotary_prompt", "GroupQueryAttention", inputs(5, 0) + [cosines, sines], 3,
         constants=[6, 7, 8], attributes=dict(base, do_rotary=1))
    node(w, "grouped_rotary_token", "GroupQueryAttention", inputs(1, 4) + [cosines, sines], 3,
         constants=[6, 7, 8], attributes=dict(base, do_rotary=1))
    node(w, "grouped_rotary_interleaved", "GroupQueryAttention", inputs(1, 3) + [cosines, sines],
         3, constants=[6, 7, 8], attributes=dict(base, do_rotary=1, rotary_interleaved=1))
    node(w, "grouped_window", "GroupQueryAttention", inputs(1, 6), 3, constants=[6],
         attributes=dict(base, local_window_size=3))
    node(w, "grouped_window_prompt", "GroupQueryAttention", inputs(6, 0), 3, constants=[6],
         attributes=dict(base, local_window_size=2, scale=0.4))
    node(w, "grouped_softcap", "GroupQueryAttention", inputs(4, 0), 3, constants=[6],
         attributes=dict(base, softcap=2.0))
    short = inputs(1, 4)
    short[5] = np.array([4, 2], np.int32)
    # ONNX Runtime leaves zeros behind a row's own length.
    for cache in short[3:5]:
        cache[1, :, 2:] = 0
    node(w, "grouped_lengths", "GroupQueryAttention", short + [cosines, sines], 3,
         constants=[6, 7, 8], attributes=dict(base, do_rotary=1))
    packed = inputs(3, 0)
    packed[0] = floats(rng, batch, 3, (heads + 2 * shared) * size)
    packed[1] = packed[2] = None
    node(w, "grouped_packed", "GroupQueryAttention", packed, 3, constants=[6], attributes=base)
    x = floats(rng, batch, 3, heads * size)
    positions = np.array([[0, 5, 2], [1, 1, 9]])
    for flag in (0, 1):
        node(w, f"rotary_{flag}", "RotaryEmbedding", [x, positions, cosines, sines],
             constants=[2, 3], attributes=dict(interleaved=flag))
        node(w, f"rotary_heads_{flag}", "RotaryEmbedding",
             [floats(rng, batch, heads, 3, size), np.array([4]), cosines, sines],
             constants=[2, 3], attributes=dict(interleaved=flag))
    node(w, "rotary_partial", "RotaryEmbedding",
         [x, positions, cosines[:, :2].copy(), sines[:, :2].copy()], constants=[2, 3],
         attributes=dict(num_heads=heads, rotary_embedding_dim=4))


def integers(w):
    rng = w.random("integers")
    a = floats(rng, 3, 4, 6)
    for kind in (np.int8, np.uint8):
        name = np.dtype(kind).name
        # Seven bits, as above.
        low = -64 if kind == np.int8 else 0
        b = rng.integers(low, low + 128, (6, 5)).astype(kind)
        scale, zero = np.array(0.02, np.float32), np.array(low + 60, kind)
        node(w, f"dynamic_matmul_{name}", "DynamicQuantizeMatMul",
             [a, b, scale, zero, floats(rng, 5)], constants=[1, 2, 3, 4])
        columns = rng.random(5).astype(np.float32) * 0.05 + 0.01
        node(w, f"dynamic_matmul_columns_{name}", "DynamicQuantizeMatMul",
             [a, b, columns, (low + rng.integers(50, 80, 5)).astype(kind)],
             constants=[1, 2, 3])
        stored = rng.integers(0, 256, (3, 6)).astype(np.uint8)
        node(w, f"matmul_to_float_{name}", "MatMulIntegerToFloat",
             [stored, b, np.array(0.1, np.float32), columns, np.array(100, np.uint8), zero,
              floats(rng, 5)], constants=[1, 2, 3, 4, 5, 6])
    hidden, size = 4, 5
    for direction, ways in (("forward", 1), ("bidirectional", 2)):
        stored = [rng.integers(-64, 64, (ways, n, 4 * hidden)).astype(np.int8)
                  for n in (size, hidden)]
        scales = [np.full(ways, 0.01, np.float32)] * 2
        zeros = [np.zeros(ways, np.int8)] * 2
        node(w, f"dynamic_lstm_{direction}", "DynamicQuantizeLSTM",
             [floats(rng, 3, 2, size), stored[0], stored[1], floats(rng, ways, 8 * hidden), None,
              None, None, None, scales[0], zeros[0], scales[1], zeros[1]], 3,
             constants=[1, 2, 3, 8, 9, 10, 11], tolerance=dict(rtol=1e-3, atol=1e-3),
             attributes=dict(hidden_size=hidden, direction=direction))

    def steps(scale, zero, kind):
        return [np.array(scale, np.float32), np.array(zero, kind)]

    for kind in (np.uint8, np.int8):
        name = np.dtype(kind).name
        low = -128 if kind == np.int8 else 0
        x = rng.integers(low, low + 256, (2, 3, 4)).astype(kind)
        y = rng.integers(low, low + 256, (2, 1, 4)).astype(kind)
        first, second = steps(0.05, low + 128, kind), steps(0.08, low + 100, kind)
        result = steps(0.1, low + 110, kind)
        for op in ("QLinearAdd", "QLinearMul"):
            node(w, f"{op.lower()}_{name}", op, [x] + first + [y] + second + result,
                 constants=[1, 2, 4, 5, 6, 7], tolerance=ONE_STEP)
        node(w, f"qlinear_where_{name}", "QLinearWhere",
             [rng.random((2, 3, 1)) < 0.5, x] + first + [y] + second + result,
             constants=[2, 3, 5, 6, 7, 8], tolerance=ONE_STEP)
        node(w, f"qlinear_softmax_{name}", "QLinearSoftmax",
             [x] + first + steps(1 / 256, low, kind), constants=[1, 2, 3, 4], tolerance=ONE_STEP,
             attributes=dict(opset=13, axis=-1))
        node(w, f"qlinear_leaky_{name}", "QLinearLeakyRelu", [x] + first + result,
             constants=[1, 2, 3, 4], tolerance=ONE_STEP, attributes=dict(alpha=0.2))
        node(w, f"qlinear_sigmoid_{name}", "QLinearSigmoid",
             [x] + first + steps(1 / 256, low, kind), constants=[1, 2, 3, 4], tolerance=ONE_STEP)
        node(w, f"qlinear_concat_{name}", "QLinearConcat",
             result + [x] + first + [y] + second, constants=[0, 1, 3, 4, 6, 7],
             tolerance=ONE_STEP, attributes=dict(axis=1))
        image = rng.integers(low, low + 256, (1, 2, 5, 6)).astype(kind)
        node(w, f"qlinear_average_pool_{name}", "QLinearAveragePool",
             [image] + first + result, constants=[1, 2, 3, 4], tolerance=ONE_STEP,
             attributes=dict(kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 0]))
        node(w, f"qlinear_global_average_pool_{name}", "QLinearGlobalAveragePool",
             [image] + first + result, constants=[1, 2, 3, 4], tolerance=ONE_STEP)
        node(w, f"qgemm_{name}", "QGemm",
             [x[0]] + first + [rng.integers(-64, 64, (5, 4)).astype(np.int8)]
             + steps(0.02, 3, np.int8) + [rng.integers(-900, 900, 5).astype(np.int32)] + result,
             constants=[1, 2, 3, 4, 5, 6, 7, 8], tolerance=ONE_STEP, attributes=dict(transB=1))
    for kind, span in ((np.int16, 30000), (np.uint16, 60000)):
        name = np.dtype(kind).name
        zero = np.array(1000, kind)
        node(w, f"quantize_{name}", "QuantizeLinear",
             [floats(rng, 3, 4), np.array(1e-4, np.float32), zero], constants=[1, 2])
        low = -span if kind == np.int16 else 0
        node(w, f"dequantize_{name}", "DequantizeLinear",
             [rng.integers(low, span, (3, 4)).astype(kind), np.array(1e-4, np.float32), zero],
             constants=[1, 2])
    node(w, "mul_integer", "MulInteger",
         [rng.integers(0, 255, (2, 3)).astype(np.uint8), np.array(7, np.uint8),
          rng.integers(0, 255, (3,)).astype(np.uint8), np.array(9, np.uint8)],
         # ONNX Runtime has no kernel for processors.
         reference=lambda x0, x1, x2, x3: [
             (x0.astype(np.int32) - x1) * (x2.astype(np.int32) - x3)])


def weights(w):
    for bits in (4, 8):
        for block in (16, 32):
            for columns in (32, 40):
                for zeros in (False, True):
                    name = f"matmul_{bits}_bits_{block}_{columns}" + ("_zeros" if zeros else "")
                    rng = w.random(name)
                    rows, blocks = 6, (columns + block - 1) // block
                    packed = rng.integers(0, 256, (rows, blocks, block * bits // 8))
                    inputs = [floats(rng, 2, 3, columns), packed.astype(np.uint8),
                              rng.random(rows * blocks).astype(np.float32) * 0.1]
                    if zeros:
                        per_row = (blocks * bits + 7) // 8
                        inputs.append(rng.integers(0, 256, rows * per_row).astype(np.uint8))
                    node(w, name, "MatMulNBits", inputs,
                         constants=list(range(1, len(inputs))), tolerance=dict(rtol=1e-3, atol=1e-4),
                         attributes=dict(K=columns, N=rows, bits=bits, block_size=block))


def rest(w):
    rng = w.random("rest")
    x = floats(rng, 2, 3, 4)
    node(w, "expand_dims", "ExpandDims", [x, np.array(-2, np.int32)], constants=[1])
    node(w, "trilu", "Trilu", [x, np.array(1)], constants=[1], attributes=dict(upper=0))
    node(w, "pad", "Pad", [x, np.array([0, 1, 0, 0, 0, 2]), np.array([5.0], np.float32)],
         constants=[1, 2])
    node(w, "unique", "Unique", [np.array([2, 1, 2, 5, 1], np.float32)], 3)
    node(w, "range", "Range", [np.array(1, np.float32), np.array(4, np.float32)],
         constants=[0, 1])
    node(w, "gather_nd", "GatherND", [x, np.array([[1, 2], [0, 0]])])
    node(w, "inverse", "Inverse", [floats(rng, 2, 5, 5)], tolerance=dict(rtol=1e-3, atol=1e-4))
    node(w, "distances", "CDist", [floats(rng, 3, 4), floats(rng, 5, 4)],
         attributes=dict(metric="euclidean"))
    node(w, "distances_squared", "CDist", [floats(rng, 3, 4), floats(rng, 5, 4)],
         attributes=dict(metric="sqeuclidean"))
    grid = rng.uniform(-1.2, 1.2, (1, 3, 4, 2)).astype(np.float32)
    image = floats(rng, 1, 2, 5, 6)
    for mode in ("bilinear", "nearest", "bicubic"):
        node(w, f"grid_sample_{mode}", "GridSample", [image, grid],
             attributes=dict(mode=mode, align_corners=1))
    boxes = np.array([[0, 0, 1, 1], [.2, .1, .7, .9], [-.2, .5, .4, 1.3]], np.float32)
    for mode in ("bilinear", "nearest"):
        node(w, f"crop_and_resize_{mode}", "CropAndResize",
             [np.concatenate([image, image + 1]), boxes, np.array([0, 1, 0], np.int32),
              np.array([3, 4], np.int32)], constants=[3],
             attributes=dict(mode=mode, extrapolation_value=-7.0))
    for kind, bits in ((np.uint8, 4), (np.uint8, 8)):
        for zeros in (False, True):
            name = f"gather_blocks_{bits}" + ("_zeros" if zeros else "")
            packed = rng.integers(0, 256, (5, 48 * bits // 8)).astype(kind)
            inputs = [packed, np.array([[4, 0], [2, 2]]), rng.random((5, 3)).astype(np.float32)]
            if zeros:
                inputs.append(rng.integers(0, 256, (5, (3 * bits + 7) // 8)).astype(kind))
            node(w, name, "GatherBlockQuantized", inputs, constants=[0] + list(range(2, len(inputs))),
                 attributes=dict(bits=bits, block_size=16, quantize_axis=1, gather_axis=0))
