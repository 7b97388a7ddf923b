"""Tables: convolutions, products, pooling, resizing, quantisation."""

from ai_edge_litert import schema_py_generated as schema

from tflite_entry import Entry
from tflite_file import options
from tflite_operands import SAME, B, C, K, Out, W, X

ACTIVATION, PADDING = schema.ActivationFunctionType, schema.Padding
WEIGHTED = "f32 int8 int8_pt uint8 int16x8 hybrid fp16w"
QUANTISED = "int8 uint8 int16x8"


def conv_options(kind, stride=(1, 1), dilation=(1, 1), same=True, activation="NONE", **more):
    return options(kind, padding=PADDING.SAME if same else PADDING.VALID, strideH=stride[0],
                   strideW=stride[1], dilationHFactor=dilation[0], dilationWFactor=dilation[1],
                   fusedActivationFunction=getattr(ACTIVATION, activation), **more)


# Label, input, kernel, results, options.
CONVOLUTIONS = (
    ("1x1", [1, 5, 6, 8], (1, 1), 7, {}),
    ("3x3", [1, 9, 8, 3], (3, 3), 5, {}),
    ("3x3_valid", [2, 9, 8, 3], (3, 3), 5, {"same": False}),
    ("3x3_s2", [1, 9, 8, 3], (3, 3), 5, {"stride": (2, 2)}),
    ("3x3_s2_even", [2, 8, 8, 3], (3, 3), 4, {"stride": (2, 2)}),
    ("2x5_s12", [1, 7, 11, 2], (2, 5), 3, {"stride": (1, 2)}),
    ("3x3_d2", [1, 9, 9, 3], (3, 3), 4, {"dilation": (2, 2)}),
    ("3x3_d13_valid", [1, 9, 12, 3], (3, 3), 4, {"dilation": (1, 3), "same": False}),
    ("relu", [1, 6, 6, 3], (3, 3), 5, {"activation": "RELU"}),
    ("relu6", [1, 6, 6, 3], (3, 3), 5, {"activation": "RELU6"}),
    ("relun1", [1, 6, 6, 3], (3, 3), 5, {"activation": "RELU_N1_TO_1"}),
    ("wide", [1, 4, 4, 48], (3, 3), 16, {}),
    ("row", [1, 1, 20, 6], (1, 5), 6, {"stride": (1, 2), "same": False}),
    ("big", [1, 5, 5, 3], (7, 7), 4, {}),
)


def convolutions():
    for label, shape, kernel, count, more in CONVOLUTIONS:
        yield Entry("CONV_2D", label,
                    [X(shape, -1, 2), W([count, *kernel, shape[3]]), B(count)],
                    WEIGHTED + " int4 hybrid4", conv_options("Conv2D", **more))
    for groups in (2, 4):
        yield Entry("CONV_2D", f"groups{groups}",
                    [X([1, 6, 5, 8], -1, 2), W([8, 3, 3, 8 // groups]), B(8)], WEIGHTED,
                    conv_options("Conv2D"))
    yield Entry("CONV_2D", "nobias", [X([1, 6, 5, 4], -1, 2), W([3, 3, 3, 4])],
                "f32 int8 int16x8 uint8", conv_options("Conv2D"))
    for label, shape, kernel, _, more in CONVOLUTIONS[:-4]:
        for multiplier in (1, 2):
            count = shape[3] * multiplier
            yield Entry("DEPTHWISE_CONV_2D", f"{label}_m{multiplier}",
                        [X(shape, -1, 2), W([1, *kernel, count], axis=3), B(count)],
                        WEIGHTED + " int4", conv_options("DepthwiseConv2D",
                                                         depthMultiplier=multiplier, **more))
    yield Entry("DEPTHWISE_CONV_2D", "nobias", [X([1, 6, 5, 4], -1, 2), W([1, 3, 3, 4], axis=3)],
                "f32 int8 int16x8 uint8", conv_options("DepthwiseConv2D", depthMultiplier=1))
    for label, shape, size, kernel, count, more in (
            ("2x2_s2", [1, 3, 4, 3], [1, 6, 8, 5], (2, 2), 5, {"stride": (2, 2), "same": False}),
            ("3x3_s2_same", [2, 4, 3, 3], [2, 8, 6, 4], (3, 3), 4, {"stride": (2, 2)}),
            ("3x3_s1", [1, 5, 5, 3], [1, 5, 5, 4], (3, 3), 4, {}),
            ("4x3_s23", [1, 3, 4, 2], [1, 8, 12, 3], (4, 3), 3,
             {"stride": (2, 3), "same": False}),
            ("2x2_s3", [1, 3, 3, 2], [1, 9, 9, 3], (2, 2), 3, {"stride": (3, 3)})):
        stride = more.get("stride", (1, 1))
        fields = {"padding": PADDING.SAME if more.get("same", True) else PADDING.VALID,
                  "strideH": stride[0], "strideW": stride[1]}
        operands = [C(size), W([count, *kernel, shape[3]]), X(shape, -1, 2)]
        tags = "f32 int8 int8_pt uint8 int16x8 fp16w"
        yield Entry("TRANSPOSE_CONV", label, operands, tags, options("TransposeConv", **fields))
        yield Entry("TRANSPOSE_CONV", label + "_bias", operands + [B(count)], tags,
                    options("TransposeConv", **fields))
        yield Entry("TRANSPOSE_CONV", label + "_relu", operands + [B(count)], "f32 int8",
                    options("TransposeConv", fusedActivationFunction=ACTIVATION.RELU, **fields))
    for label, same, stride, dilation in (("same", True, 1, 1), ("valid_s2", False, 2, 1),
                                          ("dilated", True, 1, 2)):
        table = options("Conv3D", padding=PADDING.SAME if same else PADDING.VALID, strideD=stride,
                        strideH=stride, strideW=stride, dilationDFactor=dilation,
                        dilationHFactor=dilation, dilationWFactor=dilation)
        yield Entry("CONV_3D", label, [X([1, 4, 5, 6, 2]), W([2, 3, 2, 2, 3]), B(3)], "f32", table)
    for label, same, stride, size in (("same", True, 1, [1, 3, 4, 4, 2]),
                                      ("s2", True, 2, [1, 6, 8, 8, 2])):
        table = options("Conv3D", padding=PADDING.SAME if same else PADDING.VALID, strideD=stride,
                        strideH=stride, strideW=stride, dilationDFactor=1, dilationHFactor=1,
                        dilationWFactor=1)
        yield Entry("CONV_3D_TRANSPOSE", label,
                    [C(size), W([2, 3, 2, 2, 3]), X([1, 3, 4, 4, 3])], "f32", table)


def products():
    for label, shape, count, keep in (("2d", [3, 20], 7, False), ("row", [1, 33], 10, False),
                                      ("3d_keep", [2, 3, 12], 5, True),
                                      ("4d_flat", [2, 2, 3, 4], 6, False),
                                      ("wide", [2, 130], 9, False)):
        for activation in ("NONE", "RELU", "RELU6"):
            columns = 24 if label == "4d_flat" else shape[-1]
            yield Entry("FULLY_CONNECTED", f"{label}_{activation.lower()}",
                        [X(shape, -1, 2), W([count, columns]), B(count)],
                        WEIGHTED + " int4 hybrid4",
                        options("FullyConnected", keepNumDims=keep,
                                fusedActivationFunction=getattr(ACTIVATION, activation)))
    yield Entry("FULLY_CONNECTED", "nobias", [X([3, 20], -1, 2), W([7, 20])],
                "f32 int8 int8_pt uint8 int16x8 hybrid", options("FullyConnected"))
    yield Entry("FULLY_CONNECTED", "runtime", [X([3, 20], -1, 2), X([7, 20])], "f32",
                options("FullyConnected"))
    for asymmetric in (False, True):
        yield Entry("FULLY_CONNECTED", f"asymmetric{int(asymmetric)}",
                    [X([3, 20], -1, 2), W([7, 20], per_channel=()), B(7)], "hybrid",
                    options("FullyConnected", asymmetricQuantizeInputs=asymmetric))
    for label, a, b, adj_x, adj_y in (
            ("plain", [3, 4], [4, 5], False, False), ("batch", [2, 3, 4], [2, 4, 5], False, False),
            ("adjx", [2, 4, 3], [2, 4, 5], True, False),
            ("adjy", [2, 3, 4], [2, 5, 4], False, True),
            ("both", [2, 4, 3], [2, 5, 4], True, True),
            ("bc", [2, 1, 3, 4], [3, 4, 5], False, False),
            ("4d", [2, 2, 3, 4], [2, 2, 4, 5], False, False), ("5d", [1, 2, 2, 3, 4], [2, 2, 4, 5],
                                                                False, False)):
        table = options("BatchMatMul", adjX=adj_x, adjY=adj_y)
        yield Entry("BATCH_MATMUL", label, [X(a, -1, 2), X(b, -1, 1)], "f32 int8 int16x8", table)
        yield Entry("BATCH_MATMUL", label + "_const", [X(a, -1, 2), K(b, -1, 1)],
                    "f32 int8 int16x8", table)
        # With more than one batch dimension the reference mixes up its row sums.
        if len(a) < 4 and len(b) < 4:
            yield Entry("BATCH_MATMUL", label + "_weights",
                        [X(a, -1, 2), W(b, per_channel=())], "hybrid", table)


def pooling():
    for label, shape, kernel, stride, same in (
            ("2x2", [1, 6, 6, 4], (2, 2), (2, 2), False),
            ("3x3_same", [2, 7, 5, 3], (3, 3), (2, 2), True),
            ("2x3_s13", [1, 6, 8, 3], (2, 3), (1, 3), True),
            ("global", [2, 5, 4, 6], (5, 4), (1, 1), False),
            ("5x5", [1, 4, 4, 20], (5, 5), (1, 1), True)):
        for activation in ("NONE", "RELU", "RELU6", "RELU_N1_TO_1"):
            table = options("Pool2D", padding=PADDING.SAME if same else PADDING.VALID,
                            filterHeight=kernel[0], filterWidth=kernel[1], strideH=stride[0],
                            strideW=stride[1],
                            fusedActivationFunction=getattr(ACTIVATION, activation))
            suffix = "" if activation == "NONE" else "_" + activation.lower()
            for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
                yield Entry(op, label + suffix, [X(shape, -2, 8)], f"f32 {QUANTISED}", table,
                            [SAME])
            yield Entry("L2_POOL_2D", label + suffix, [X(shape, -2, 8)], "f32", table)


def resizing():
    choices = (("", {}), ("_ac", {"alignCorners": True}), ("_hp", {"halfPixelCenters": True}))
    for label, shape, size in (("up2", [1, 4, 5, 3], [8, 10]), ("down", [2, 7, 8, 2], [3, 4]),
                               ("frac", [1, 5, 6, 3], [7, 11]), ("one", [1, 4, 4, 2], [1, 1]),
                               ("from1", [1, 1, 1, 3], [3, 4]), ("same", [1, 4, 5, 2], [4, 5])):
        for suffix, fields in choices:
            yield Entry("RESIZE_BILINEAR", label + suffix, [X(shape, -2, 3), C(size)],
                        f"f32 {QUANTISED}", options("ResizeBilinear", **fields), [SAME])
            yield Entry("RESIZE_NEAREST_NEIGHBOR", label + suffix, [X(shape, -2, 3), C(size)],
                        f"f32 {QUANTISED}", options("ResizeNearestNeighbor", **fields), [SAME])


def quantisation():
    for tag, element in (("int8", "i8"), ("uint8", "u8"), ("int16x8", "i16")):
        yield Entry("DEQUANTIZE", "", [X([3, 9], -3, 5)], tag, options("Dequantize"),
                    [Out(element="f32")])
    yield Entry("DEQUANTIZE", "", [X([3, 9], -3, 5)], "f16", options("Dequantize"),
                [Out(element="f32")])


def entries():
    for family in (convolutions, products, pooling, resizing, quantisation):
        yield from family()
