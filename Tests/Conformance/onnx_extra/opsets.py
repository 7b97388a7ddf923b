"""Operators of ONNX as old operator sets have them, from 7 on, and weights stored sparsely."""

import numpy as np
from onnx import TensorProto, helper

from .writer import element_type


def write(w):
    reductions(w)
    movements(w)
    windows(w)
    arithmetic(w)
    resampling(w)
    recurrent(w)
    quantised(w)
    sparse(w)


def image(w, name, shape=(1, 2, 6, 5)):
    return w.random(name).normal(size=shape).astype(np.float32)


def reductions(w):
    x = image(w, "reductions", (2, 3, 4))
    names = ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"]
    for name in names:
        data = np.abs(x) + 0.5
        for opset in (7, 11, 13):
            if name == "Sum" and opset == 13:
                continue
            axes = [1] if opset < 11 else [-2]
            w.node(f"opset{opset}_reduce_{name.lower()}", f"Reduce{name}", [data], opset=opset,
                   attributes=dict(axes=axes, keepdims=int(opset != 11)))
        w.node(f"opset18_reduce_{name.lower()}", f"Reduce{name}", [data, np.array([0, -1])],
               opset=18, constants=[1])
        w.node(f"opset18_reduce_{name.lower()}_noop", f"Reduce{name}",
               [data, np.array([], np.int64)], opset=18, constants=[1],
               attributes=dict(noop_with_empty_axes=1), reference="onnx")
        w.node(f"opset7_reduce_{name.lower()}_all", f"Reduce{name}", [data], opset=7)
    w.node("opset13_reduce_sum", "ReduceSum", [x, np.array([1])], opset=13, constants=[1])
    w.node("opset11_reduce_max_integers", "ReduceMax", [np.array([[3, -9], [4, 1]], np.int32)],
           opset=11, attributes=dict(axes=[1]))
    for op in ("Softmax", "LogSoftmax", "Hardmax"):
        for opset in (7, 11, 13):
            for axis in (None, 0, 1, 2) + ((-1,) if opset >= 11 else ()):
                label = "default" if axis is None else str(axis).replace("-", "m")
                w.node(f"opset{opset}_{op.lower()}_{label}", op, [x], opset=opset,
                       attributes={} if axis is None else dict(axis=axis))
    for op in ("ArgMax", "ArgMin"):
        ties = np.array([[1, 3, 3], [2, 2, 0]], np.float32)
        w.node(f"opset7_{op.lower()}", op, [ties], opset=7, attributes=dict(axis=1, keepdims=0))
        w.node(f"opset11_{op.lower()}", op, [ties], opset=11, attributes=dict(axis=-1))
        w.node(f"opset12_{op.lower()}_last", op, [ties], opset=12,
               attributes=dict(axis=1, select_last_index=1))
    for opset, k in ((7, None), (10, [2]), (11, [2])):
        inputs = [x] if k is None else [x, np.array(k)]
        w.node(f"opset{opset}_top_k", "TopK", inputs, 2, opset=opset,
               constants=[] if k is None else [1],
               attributes=dict(k=2, axis=1) if k is None else dict(axis=2))
    w.node("opset11_top_k_smallest", "TopK", [x, np.array([3])], 2, opset=11, constants=[1],
           attributes=dict(axis=-1, largest=0))


def movements(w):
    x = image(w, "movements", (2, 3, 4))
    w.node("opset7_slice", "Slice", [x], opset=7,
           attributes=dict(starts=[1, -3], ends=[9, -1], axes=[1, 2]))
    w.node("opset9_slice_without_axes", "Slice", [x], opset=9,
           attributes=dict(starts=[0, 1], ends=[1, 3]))
    w.node("opset10_slice", "Slice",
           [x, np.array([-1, 3]), np.array([-9, 0]), np.array([1, 2]), np.array([-2, -1])],
           opset=10, constants=[1, 2, 3, 4])
    w.node("opset7_squeeze", "Squeeze", [x[:, :1]], opset=7, attributes=dict(axes=[1]))
    w.node("opset11_squeeze_negative", "Squeeze", [x[..., :1]], opset=11,
           attributes=dict(axes=[-1]))
    w.node("opset13_squeeze_all", "Squeeze", [x[:1, :, :1]], opset=13)
    w.node("opset7_unsqueeze", "Unsqueeze", [x], opset=7, attributes=dict(axes=[0, 3]))
    w.node("opset11_unsqueeze_negative", "Unsqueeze", [x], opset=11, attributes=dict(axes=[-1, 0]))
    w.node("opset7_split", "Split", [x], 2, opset=7, attributes=dict(axis=2))
    w.node("opset7_split_sizes", "Split", [x], 2, opset=7, attributes=dict(axis=2, split=[1, 3]))
    w.node("opset11_split_negative", "Split", [x], 3, opset=11, attributes=dict(axis=-2))
    w.node("opset13_split", "Split", [x, np.array([3, 1])], 2, opset=13, constants=[1],
           attributes=dict(axis=2))
    w.node("opset18_split_uneven", "Split", [x], 3, opset=18,
           attributes=dict(axis=2, num_outputs=3), reference="onnx")
    for mode in ("constant", "reflect", "edge"):
        w.node(f"opset7_pad_{mode}", "Pad", [x], opset=7,
               attributes=dict(mode=mode, pads=[0, 1, 2, 0, 0, 1], value=1.5))
        w.node(f"opset11_pad_{mode}", "Pad",
               [x, np.array([0, 1, 2, 0, 0, 1]), np.array(-2, np.float32)], opset=11,
               constants=[1, 2], attributes=dict(mode=mode))
    w.node("opset18_pad_axes", "Pad",
           [x, np.array([1, -1]), np.array(3, np.float32), np.array([-1])], opset=18,
           constants=[1, 2, 3])
    w.node("opset19_pad_wrap", "Pad", [x, np.array([0, 1, 2, 0, 0, 3])], opset=19, constants=[1],
           attributes=dict(mode="wrap"))
    w.node("opset7_gather", "Gather", [x, np.array([[2, 0]])], opset=7, attributes=dict(axis=1))
    w.node("opset11_gather_negative", "Gather", [x, np.array([-1, 0], np.int32)], opset=11,
           attributes=dict(axis=-1))
    for op, opset in (("Scatter", 9), ("ScatterElements", 11)):
        w.node(f"opset{opset}_scatter", op,
               [x[0], np.array([[1, 0, 2, 1]]), np.array([[9, 8, 7, 6]], np.float32)],
               opset=opset)
    for reduction in ("add", "mul"):
        w.node(f"opset16_scatter_elements_{reduction}", "ScatterElements",
               [x[0], np.array([[1, 0, 2, 1]] * 2), np.ones((2, 4), np.float32) * 3], opset=16,
               attributes=dict(reduction=reduction))
        w.node(f"opset16_scatter_nd_{reduction}", "ScatterND",
               [x[0], np.array([[1], [1]]), np.ones((2, 4), np.float32) * 3], opset=16,
               attributes=dict(reduction=reduction))
    for opset in (7, 11):
        w.node(f"opset{opset}_flatten", "Flatten", [x], opset=opset,
               attributes=dict(axis=2 if opset < 11 else -1))
    w.node("opset7_shape", "Shape", [x], opset=7)
    w.node("opset15_shape_part", "Shape", [x], opset=15, attributes=dict(start=-2, end=3))
    w.node("opset7_reshape", "Reshape", [x, np.array([0, -1])], opset=7, constants=[1])
    w.node("opset14_reshape_zero", "Reshape", [x[:, :0], np.array([3, 0, 4])], opset=14,
           constants=[1], attributes=dict(allowzero=1))
    w.node("opset7_tile", "Tile", [x, np.array([1, 2, 1])], opset=7, constants=[1])
    for opset in (9, 11):
        w.node(f"opset{opset}_one_hot", "OneHot",
               [np.array([[1, 2], [0, 3 if opset < 11 else -1]]), np.array(4),
                np.array([-1, 5], np.float32)], opset=opset, constants=[1])
    depth = image(w, "depth", (1, 8, 2, 3))
    w.node("opset7_depth_to_space", "DepthToSpace", [depth], opset=7, attributes=dict(blocksize=2))
    w.node("opset11_depth_to_space_crd", "DepthToSpace", [depth], opset=11,
           attributes=dict(blocksize=2, mode="CRD"))
    w.node("opset10_dropout", "Dropout", [x], opset=10, attributes=dict(ratio=0.3))
    w.node("opset7_dropout", "Dropout", [x], opset=7, attributes=dict(ratio=0.3))
    w.node("opset12_dropout", "Dropout", [x, np.array(0.3, np.float32)], 2, opset=12,
           constants=[1])
    w.node("opset9_eye_like", "EyeLike", [x[0]], opset=9,
           attributes=dict(k=1, dtype=TensorProto.INT64))
    for key, value in (("value_float", 1.5), ("value_int", 7), ("value_floats", [1.0, 2.5]),
                       ("value_ints", [3, 4]), ("value_string", "word"),
                       ("value_strings", ["a", "b"])):
        w.node(f"opset12_constant_{key}", "Constant", [], opset=12, attributes={key: value})


def windows(w):
    x = image(w, "windows", (1, 2, 9, 8))
    for opset in (7, 8, 10, 11, 12):
        attributes = dict(kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1])
        if opset >= 10:
            attributes.update(ceil_mode=1, dilations=[2, 1])
        w.node(f"opset{opset}_max_pool", "MaxPool", [x], 1 if opset < 8 else 2, opset=opset,
               attributes=attributes)
        attributes.pop("dilations", None)
        w.node(f"opset{opset}_average_pool", "AveragePool", [x], opset=opset,
               attributes=dict(attributes, count_include_pad=opset % 2))
    for mode in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        for op in ("MaxPool", "AveragePool"):
            w.node(f"opset7_{op.lower()}_{mode.lower()}", op, [x], opset=7,
                   attributes=dict(kernel_shape=[2, 3], strides=[2, 3], auto_pad=mode))
    w.node("opset19_average_pool_dilated", "AveragePool", [x], opset=19,
           attributes=dict(kernel_shape=[2, 3], dilations=[2, 1], ceil_mode=1))
    for opset in (7, 11, 18):
        w.node(f"opset{opset}_lp_pool", "LpPool", [x], opset=opset,
               attributes=dict(kernel_shape=[3, 2], strides=[2, 1], p=3))
        w.node(f"opset{opset}_global_lp_pool", "GlobalLpPool", [x], opset=opset,
               attributes=dict(p=3))
    volume = image(w, "volume", (1, 2, 4, 5, 3))
    w.node("opset11_lp_pool_volume", "LpPool", [volume], opset=11,
           attributes=dict(kernel_shape=[2, 3, 2], pads=[1, 0, 0, 0, 1, 1]))
    weights = image(w, "weights", (2, 3, 2, 3, 2))
    for index, attributes in enumerate([
            {}, dict(strides=[2, 1, 3], pads=[1, 0, 0, 0, 1, 1], output_padding=[1, 0, 2]),
            dict(dilations=[2, 1, 2], pads=[0, 2, 1, 3, 0, 0]),
            dict(strides=[2, 2, 2], auto_pad="SAME_UPPER")]):
        w.node(f"opset11_conv_transpose_volume_{index}", "ConvTranspose",
               [volume, weights, np.array([.5, -1, 2], np.float32)], opset=11,
               constants=[1, 2], attributes=attributes, tolerance=dict(rtol=1e-3, atol=1e-5))
    w.node("opset11_conv_transpose_volume_groups", "ConvTranspose", [volume, weights], opset=11,
           constants=[1], attributes=dict(group=2, strides=[1, 2, 1]),
           tolerance=dict(rtol=1e-3, atol=1e-5))
    small = image(w, "small", (2, 3, 2, 2))
    for opset in (7, 11):
        w.node(f"opset{opset}_conv_transpose", "ConvTranspose", [x, small], opset=opset,
               constants=[1], tolerance=dict(rtol=1e-3, atol=1e-5),
               attributes=dict(strides=[2, 3], output_shape=[18, 24], auto_pad="SAME_LOWER"))


def arithmetic(w):
    x = image(w, "arithmetic", (2, 3, 4))
    for opset in (7, 11, 12):
        if opset < 11:
            w.node("opset7_clip", "Clip", [x], opset=7, attributes=dict(min=-0.5, max=0.25))
        else:
            w.node(f"opset{opset}_clip", "Clip", [x, None, np.array(0.25, np.float32)],
                   opset=opset, constants=[2])
    w.node("opset12_clip_integers", "Clip",
           [np.array([-9, 3, 8], np.int8), np.array(-2, np.int8), np.array(5, np.int8)], opset=12)
    for opset in (7, 9, 11):
        rng = w.random("gemm")
        a, b, c = (rng.normal(size=s).astype(np.float32) for s in ((4, 3), (5, 4), (5,)))
        w.node(f"opset{opset}_gemm", "Gemm", [a, b, c], opset=opset,
               constants=[1, 2], attributes=dict(alpha=0.5, beta=2.0, transA=1, transB=1))
    for op in ("Min", "Max", "Sum", "Mean"):
        w.node(f"opset7_{op.lower()}", op, [x, -x, x * 2], opset=7)
        w.node(f"opset8_{op.lower()}_broadcast", op, [x, x[:, :1], x[0, 0]], opset=8)
    w.node("opset7_pow", "Pow", [np.abs(x), np.array([2.0], np.float32)], opset=7)
    w.node("opset12_pow_mixed", "Pow", [np.abs(x), np.array([2], np.int64)], opset=12)
    for opset in (7, 9):
        w.node(f"opset{opset}_prelu", "PRelu", [x, np.array([[.1], [.2], [-.3]], np.float32)],
               opset=opset)
    w.node("opset10_mod", "Mod", [np.array([-7, 7, 5]), np.array([3, -3, 4])], opset=10)
    w.node("opset10_fmod", "Mod", [x * 5, np.full_like(x, 1.5)], opset=10,
           attributes=dict(fmod=1), tolerance=dict(rtol=1e-3, atol=1e-5))
    for direction in ("LEFT", "RIGHT"):
        w.node(f"opset11_bit_shift_{direction.lower()}", "BitShift",
               [np.array([16, 4, 1], np.uint8), np.array([1, 2, 9], np.uint8)], opset=11,
               attributes=dict(direction=direction), reference="onnx")
    rng = w.random("norms")
    data = image(w, "norms", (2, 3, 4, 4))
    scale, bias, mean = (rng.normal(size=3).astype(np.float32) for _ in range(3))
    variance = rng.random(3).astype(np.float32) + 0.5
    for opset in (7, 9, 14, 15):
        w.node(f"opset{opset}_batch_norm", "BatchNormalization",
               [data, scale, bias, mean, variance], opset=opset, constants=[1, 2, 3, 4],
               attributes=dict(epsilon=1e-2))
    w.node("opset14_batch_norm_training", "BatchNormalization",
           [data, scale, bias, mean, variance], 3, opset=14, reference="onnx",
           attributes=dict(training_mode=1, momentum=0.8), tolerance=dict(rtol=1e-3, atol=1e-5))
    per = [rng.normal(size=(3, 4, 4)).astype(np.float32) for _ in range(3)]
    per.append(rng.random((3, 4, 4)).astype(np.float32) + 0.5)
    w.node("opset7_batch_norm_per_element", "BatchNormalization", [data] + per, opset=7,
           attributes=dict(spatial=0), tolerance=dict(rtol=1e-3, atol=1e-5),
           reference=lambda x0, x1, x2, x3, x4: [
               (x0 - x3) / np.sqrt(x4 + np.float32(1e-5)) * x1 + x2])
    for opset, count in ((18, 2), (21, 4)):
        channels = image(w, "channels", (2, 4, 3, 3))
        w.node(f"opset{opset}_group_norm", "GroupNormalization",
               [channels, rng.normal(size=count).astype(np.float32),
                rng.normal(size=count).astype(np.float32)], opset=opset,
               attributes=dict(num_groups=2), tolerance=dict(rtol=1e-3, atol=1e-5))
    for opset in (9, 13):
        w.node(f"opset{opset}_mean_variance", "MeanVarianceNormalization", [data], opset=opset,
               tolerance=dict(rtol=1e-3, atol=1e-5))
    special = np.array([1, np.inf, -np.inf, np.nan], np.float32)
    w.node("opset10_is_inf", "IsInf", [special], opset=10, attributes=dict(detect_positive=0))
    w.node("opset9_is_nan", "IsNaN", [special], opset=9)
    for opset in (7, 9, 13):
        w.node(f"opset{opset}_cast", "Cast", [x * 9], opset=opset,
               attributes=dict(to=TensorProto.INT32))
    w.node("opset11_det", "Det", [image(w, "det", (2, 6, 6))], opset=11,
           tolerance=dict(rtol=1e-3, atol=1e-4))
    w.node("opset11_cum_sum", "CumSum", [x, np.array(1)], opset=11, constants=[1],
           attributes=dict(exclusive=1, reverse=1))


def resampling(w):
    x = image(w, "resampling", (1, 2, 4, 5))
    for mode in ("nearest", "linear"):
        w.node(f"opset7_upsample_{mode}", "Upsample", [x], opset=7,
               attributes=dict(mode=mode, scales=[1.0, 1.0, 2.0, 3.0]))
        w.node(f"opset9_upsample_{mode}", "Upsample",
               [x, np.array([1, 1, 2, 1.5], np.float32)], opset=9, constants=[1],
               attributes=dict(mode=mode), tolerance=dict(rtol=1e-3, atol=1e-6))
        for label, scales in (("up", [1, 1, 2, 2.5]), ("down", [1, 1, 0.5, 0.6])):
            w.node(f"opset10_resize_{mode}_{label}", "Resize", [x, np.array(scales, np.float32)],
                   opset=10, constants=[1], attributes=dict(mode=mode),
                   tolerance=dict(rtol=1e-3, atol=1e-6))
    empty = np.array([], np.float32)
    for opset in (11, 13, 18, 19):
        roi = empty if opset < 13 else None
        for mode in ("nearest", "linear", "cubic"):
            for place in ("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"):
                w.node(f"opset{opset}_resize_{mode}_{place}", "Resize",
                       [x, roi, np.array([1, 1, 1.5, 0.8], np.float32)], opset=opset,
                       constants=[2] if roi is None else [1, 2],
                       attributes=dict(mode=mode, coordinate_transformation_mode=place),
                       tolerance=dict(rtol=1e-3, atol=1e-5))
        w.node(f"opset{opset}_resize_sizes", "Resize",
               [x, roi, empty if opset < 13 else None, np.array([1, 2, 7, 3])], opset=opset,
               constants=[3] if roi is None else [1, 2, 3], attributes=dict(mode="linear"),
               tolerance=dict(rtol=1e-3, atol=1e-5))
    w.node("opset13_resize_crop", "Resize",
           [x, np.array([0, 0, .2, .1, 1, 1, .9, .7], np.float32),
            None, np.array([1, 2, 7, 6])], opset=13, constants=[1, 3],
           attributes=dict(mode="linear", coordinate_transformation_mode="tf_crop_and_resize",
                           extrapolation_value=2.0), tolerance=dict(rtol=1e-3, atol=1e-5))
    for opset in (10, 16):
        w.node(f"opset{opset}_roi_align", "RoiAlign",
               [x, np.array([[0, 0, 3.3, 2.5], [1, 1, 4, 3]], np.float32), np.array([0, 0])],
               opset=opset, attributes=dict(output_height=2, output_width=3, sampling_ratio=2),
               tolerance=dict(rtol=1e-3, atol=1e-5))
    regions = np.array([[0, 0, 0, 7, 5], [1, 2.6, 1, 9, 8], [0, 30, 30, 40, 40]], np.float32)
    w.node("opset7_max_roi_pool", "MaxRoiPool", [image(w, "roi", (2, 3, 6, 7)), regions], opset=7,
           attributes=dict(pooled_shape=[2, 3], spatial_scale=0.8))
    grid = w.random("grid").uniform(-1.2, 1.2, size=(1, 3, 4, 2)).astype(np.float32)
    for opset, mode in ((16, "bilinear"), (16, "bicubic"), (20, "linear"), (20, "cubic")):
        w.node(f"opset{opset}_grid_sample_{mode}", "GridSample", [x, grid], opset=opset,
               attributes=dict(mode=mode), tolerance=dict(rtol=1e-3, atol=1e-5))


def recurrent(w):
    for op, gates in (("RNN", 1), ("GRU", 3), ("LSTM", 4)):
        for direction in ("forward", "reverse", "bidirectional"):
            name = f"opset7_{op.lower()}_{direction}"
            rng = w.random(name)
            ways, hidden = (2 if direction == "bidirectional" else 1), 3
            inputs = [rng.normal(size=s).astype(np.float32) for s in (
                (4, 2, 5), (ways, gates * hidden, 5), (ways, gates * hidden, hidden),
                (ways, 2 * gates * hidden))]
            lengths = np.array([4, 2], np.int32)
            initial = rng.normal(size=(ways, 2, hidden)).astype(np.float32)
            states = [initial] + ([initial * 0.5] if op == "LSTM" else [])
            w.node(name, op, inputs + [lengths] + states, 3 if op == "LSTM" else 2, opset=7,
                   constants=[1, 2, 3], attributes=dict(hidden_size=hidden, direction=direction),
                   tolerance=dict(rtol=1e-3, atol=1e-5))
        names = {"RNN": ["Affine"], "GRU": ["HardSigmoid", "ScaledTanh"],
                 "LSTM": ["HardSigmoid", "Elu", "LeakyRelu"]}[op]
        name = f"opset7_{op.lower()}_activations"
        rng = w.random(name)
        inputs = [rng.normal(size=s).astype(np.float32) * 0.5 for s in (
            (3, 2, 4), (1, gates * 3, 4), (1, gates * 3, 3))]
        w.node(name, op, inputs, 2, opset=7, constants=[1, 2],
               tolerance=dict(rtol=1e-3, atol=1e-5),
               attributes=dict(hidden_size=3, activations=names, activation_alpha=[0.3, 0.7, 0.2],
                               activation_beta=[0.4, 0.6]))


def quantised(w):
    x = image(w, "quantised", (2, 3, 4)) * 3
    per_tensor = [np.array(0.05, np.float32), np.array(120, np.uint8)]
    per_axis = [np.array([0.05, 0.1, 0.02], np.float32), np.array([3, -4, 0], np.int8)]
    w.node("opset10_quantize", "QuantizeLinear", [x] + per_tensor, opset=10, constants=[1, 2])
    w.node("opset13_quantize_axis", "QuantizeLinear", [x] + per_axis, opset=13, constants=[1, 2],
           attributes=dict(axis=1))
    stored = w.random("stored").integers(-128, 128, (2, 3, 4)).astype(np.int8)
    w.node("opset10_dequantize", "DequantizeLinear", [stored.view(np.uint8)] + per_tensor,
           opset=10, constants=[1, 2])
    w.node("opset13_dequantize_axis", "DequantizeLinear", [stored] + per_axis, opset=13,
           constants=[1, 2], attributes=dict(axis=-2))


def sparse_tensor(name, dense, layout):
    places = np.flatnonzero(dense)
    values = helper.make_tensor(name, element_type(dense), [len(places)],
                                dense.flatten()[places].tolist())
    if layout == "linear":
        indices = places.astype(np.int64)
    else:
        indices = np.stack(np.unravel_index(places, dense.shape), axis=1).astype(np.int64)
    listed = helper.make_tensor("", TensorProto.INT64, indices.shape, indices.flatten().tolist())
    return helper.make_sparse_tensor(values, listed, dense.shape)


def sparse(w):
    for layout in ("linear", "multi"):
        name = f"sparse_initializer_{layout}"
        rng = w.random(name)
        weights = rng.normal(size=(4, 3)).astype(np.float32)
        weights[rng.random(weights.shape) < 0.6] = 0
        x = rng.normal(size=(2, 4)).astype(np.float32)
        node = helper.make_node("MatMul", ["x", "w"], ["y"])
        info = helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)
        w.graph(name, [node], [info], ["y"], {"x": x}, opset=13,
                sparse=[sparse_tensor("w", weights, layout)],
                reference=lambda x, weights=weights: [x @ weights])
    dense = np.zeros((3, 4), np.float32)
    dense[1, 2] = 5
    dense[2, 0] = -1
    node = helper.make_node("Constant", [], ["c"],
                            sparse_value=sparse_tensor("", dense, "linear"))
    add = helper.make_node("Add", ["c", "x"], ["y"])
    x = np.ones((3, 4), np.float32)
    info = helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)
    w.graph("sparse_constant", [node, add], [info], ["y"], {"x": x}, opset=13,
            reference=lambda x: [x + dense])
