"""Tables: operators on single elements, comparisons, reductions, normalisation."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tflite_entry import Entry
from tflite_file import options
from tflite_operands import LOGARITHM, SAME, SOFT, TANH, C, G, K, N, Out, W, X

ACTIVATION = schema.ActivationFunctionType
INTEGERS = "i8 i16 i32 i64 u8 u32"
QUANTISED = "int8 uint8 int16x8"
BOOL = [Out(element="bool")]

# Operator, range of the operand, tags, result, options. The ranges keep functions inside their
# domain; the full-range second sample of the integer tags leaves it on purpose.
UNARY = [
    ("ABS", (-3, 3), "f32 i16 i32 i64 int8 int16x8", [Out()], "Abs"),
    ("NEG", (-3, 3), "f32 i32 i64 int8", [Out()], "Neg"),
    ("EXP", (-3, 2), "f32 int8 int16x8", [Out()], "Exp"),
    ("LOG", (0.1, 5), "f32 int8 int16x8", [Out()], None),
    ("SQRT", (0, 5), "f32 int8 int16x8", [Out()], None),
    ("RSQRT", (0.2, 5), "f32 int8 int16x8", [Out()], None),
    ("SIN", (-6, 6), "f32", [Out()], None),
    ("COS", (-6, 6), "f32", [Out()], "Cos"),
    ("FLOOR", (-6, 6), "f32 f16 int8", [Out()], None),
    ("CEIL", (-6, 6), "f32 f16 int8", [Out()], None),
    ("ROUND", (-6, 6), "f32 f16 int8", [Out()], None),
    ("SIGN", (-2, 2), "f32 f64 i32", [Out()], "Sign"),
    ("SQUARE", (-3, 3), "f32 i32 int8", [Out()], "Square"),
    ("ELU", (-4, 4), "f32 int8 int16x8", [Out()], None),
    ("RELU", (-4, 4), "f32 int8 uint8 int16x8", [Out()], None),
    ("RELU6", (-4, 9), "f32 int8 uint8 int16x8", [Out()], None),
    ("RELU_N1_TO_1", (-4, 4), "f32 int8 uint8 int16x8", [Out()], None),
    ("RELU_0_TO_1", (-4, 4), "f32 int8 uint8 int16x8", [Out()], None),
    ("LOGISTIC", (-6, 6), "f32 int8 uint8 int16x8", [SOFT], None),
    ("TANH", (-4, 4), "f32 int8 uint8 int16x8", [TANH], None),
    ("HARD_SWISH", (-5, 5), "f32 int8 uint8 int16x8", [Out()], "HardSwish"),
    ("LOGICAL_NOT", (0, 1), "bool", [Out()], "LogicalNot"),
    ("ZEROS_LIKE", (-1, 1), "f32 i32 i64 int8 bool", [SAME], "ZerosLike"),
    ("L2_NORMALIZATION", (-2, 2), "f32 int8 uint8 int16x8", [TANH], "L2Norm"),
    ("LOG_SOFTMAX", (-4, 4), "f32 int8 uint8", [LOGARITHM], "LogSoftmax"),
]
SHAPES = {"": [2, 3, 4, 5], "1d": [7], "2d": [3, 9], "scalar": []}


def unary():
    for op, (low, high), tags, outs, kind in UNARY:
        for label, shape in SHAPES.items():
            if op in ("L2_NORMALIZATION", "LOG_SOFTMAX") and label == "scalar":
                continue
            full = op not in ("SQRT", "RSQRT")
            yield Entry(op, label, [X(shape, low, high, full=full)], tags,
                        options(kind) if kind else None, outs)
    for approximate in (False, True):
        yield Entry("GELU", "tanh" if approximate else "erf", [X([2, 3, 7], -4, 4)],
                    "f32 int8 uint8 int16x8", options("Gelu", approximate=approximate))
    for alpha in (0.2, 1.5, -0.3):
        yield Entry("LEAKY_RELU", f"a{alpha}", [X([2, 3, 7], -4, 4)], "f32 int8 uint8 int16x8",
                    options("LeakyRelu", alpha=alpha))
    for label, shape in (("channel", [5]), ("shared", [1, 1, 5]), ("full", [3, 4, 5])):
        yield Entry("PRELU", label, [X([2, 3, 4, 5], -2, 2), K(shape, -0.5, 0.8)],
                    "f32 int8 uint8")
        # Slopes have 8 bits under activations of 16.
        yield Entry("PRELU", label, [X([2, 3, 4, 5], -2, 2), W(shape, per_channel=())], "int16x8")
    for beta in (1.0, 0.3):
        for label, shape in (("1d", [9]), ("2d", [3, 11]), ("3d", [2, 3, 6]), ("4d", [2, 3, 4, 5])):
            yield Entry("SOFTMAX", f"{label}_b{beta}", [X(shape, -5, 5)],
                        "f32 int8 uint8 int16x8", options("Softmax", beta=beta), [SOFT])
    for radius, bias, alpha, beta in ((2, 1.0, 0.5, 0.5), (1, 2.0, 1.0, 0.75), (9, 1.0, 0.1, 1.0)):
        yield Entry("LOCAL_RESPONSE_NORMALIZATION", f"r{radius}", [X([1, 2, 3, 8], -3, 3)], "f32",
                    options("LocalResponseNormalization", radius=radius, bias=bias, alpha=alpha,
                            beta=beta))
    for bits, narrow in ((8, False), (8, True), (4, False)):
        yield Entry("FAKE_QUANT", f"b{bits}_{'narrow' if narrow else 'wide'}", [X([3, 20], -4, 4)],
                    "f32", options("FakeQuant", min=-2.0, max=3.0, numBits=bits,
                                   narrowRange=narrow))


# Shapes of two operands that broadcast.
PAIRS = {
    "same": ([2, 3, 4, 5], [2, 3, 4, 5]), "scalar": ([2, 3, 4, 5], []),
    "one": ([1], [2, 3, 4, 5]), "channel": ([2, 3, 4, 5], [5]),
    "lhs": ([5], [2, 3, 4, 5]), "both": ([2, 1, 4, 1], [1, 3, 1, 5]),
    "3d": ([2, 3, 5], [1, 5]), "5d": ([2, 1, 3, 2, 4], [3, 1, 4]),
    "6d": ([1, 2, 1, 3, 2, 4], [2, 2, 1, 3, 1, 4]),
}
FEW = ("same", "scalar", "channel", "both", "5d")

# Operator, ranges of both operands, tags, result, options, shapes.
BINARY = [
    ("ADD", (-3, 3), (-1, 2), "f32 i16 i32 i64 int8 uint8 int16x8", [Out()], "Add", PAIRS),
    ("SUB", (-3, 3), (-1, 2), "f32 i32 i64 int8 uint8 int16x8", [Out()], "Sub", PAIRS),
    ("MUL", (-3, 3), (-1, 2), "f32 i16 i32 i64 u32 int8 uint8 int16x8", [Out()], "Mul", PAIRS),
    ("DIV", (-3, 3), (0.3, 2), "f32 int8 uint8", [Out()], "Div", PAIRS),
    ("MAXIMUM", (-3, 3), (-3, 3), f"f32 {INTEGERS} {QUANTISED}", [SAME], "MaximumMinimum", FEW),
    ("MINIMUM", (-3, 3), (-3, 3), f"f32 {INTEGERS} {QUANTISED}", [SAME], "MaximumMinimum", FEW),
    ("POW", (0.1, 3), (-2, 3), "f32", [Out()], "Pow", FEW),
    ("SQUARED_DIFFERENCE", (-3, 3), (-1, 2), "f32 i32 int8", [Out()], "SquaredDifference", PAIRS),
    ("FLOOR_MOD", (-9, 9), (0.5, 3), "f32", [Out()], "FloorMod", FEW),
    ("FLOOR_DIV", (-9, 9), (0.5, 3), "f32", [Out()], "FloorDiv", FEW),
    ("ATAN2", (-3, 3), (-3, 3), "f32 f64", [Out()], "ATan2", ("same",)),  # it broadcasts nothing
]
COMPARISONS = ("EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL")
KINDS = {"EQUAL": "Equal", "NOT_EQUAL": "NotEqual", "LESS": "Less", "LESS_EQUAL": "LessEqual",
         "GREATER": "Greater", "GREATER_EQUAL": "GreaterEqual"}


def binary():
    for op, first, second, tags, outs, kind, labels in BINARY:
        for label in labels:
            a, b = PAIRS[label]
            # A quantised divisor may not be zero.
            yield Entry(op, label, [X(a, *first), X(b, *second, full=op != "DIV")], tags,
                        options(kind), outs)
    for op, kind in (("ADD", "Add"), ("SUB", "Sub"), ("MUL", "Mul"), ("DIV", "Div")):
        for activation in ("RELU", "RELU6", "RELU_N1_TO_1"):
            table = options(kind, fusedActivationFunction=getattr(ACTIVATION, activation))
            yield Entry(op, activation.lower(), [X([2, 3, 5], -4, 9), X([3, 5], 0.5, 2)],
                        "f32 i32 int8 uint8 int16x8", table)
        yield Entry(op, "const", [X([2, 3, 5], -4, 9), K([5], 0.5, 2, ints=(1, 9))],
                    "f32 i32 int8 uint8 int16x8", options(kind))
    for op, kind in (("FLOOR_DIV", "FloorDiv"), ("FLOOR_MOD", "FloorMod"), ("DIV", "Div")):
        for label in ("same", "channel"):
            a, b = PAIRS[label]
            yield Entry(op, f"n_{label}", [X(a, ints=(-99, 99)), X(b, ints=(1, 9))],
                        "i32" if op == "DIV" else "i8 i16 i32 i64", options(kind))
    yield Entry("POW", "n", [X([3, 4], ints=(-6, 6)), X([3, 4], ints=(0, 5))], "i32",
                options("Pow"))
    for op in COMPARISONS:
        for label in FEW:
            a, b = PAIRS[label]
            tags = f"f32 i32 i64 {QUANTISED}"
            if op in ("EQUAL", "NOT_EQUAL"):
                tags += " bool"
            yield Entry(op, label, [X(a, -2, 2, ints=(-4, 4)), X(b, -1, 2, ints=(-4, 4))], tags,
                        options(KINDS[op]), BOOL)
    for op, kind in (("LOGICAL_AND", "LogicalAnd"), ("LOGICAL_OR", "LogicalOr")):
        for label in FEW:
            a, b = PAIRS[label]
            yield Entry(op, label, [X(a), X(b)], "bool", options(kind))
    for label in FEW:
        a, b = PAIRS[label]
        yield Entry("BITWISE_XOR", label, [X(a), X(b)], INTEGERS + " u16 bool",
                    options("BitwiseXor"))
        yield Entry("RIGHT_SHIFT", label, [X(a, ints=(-99, 99)), X(b, ints=(0, 7))],
                    INTEGERS + " u16", options("RightShift"))
    for count in (1, 2, 4):
        yield Entry("ADD_N", f"n{count}", [X([2, 5]) for _ in range(count)], "f32 i32",
                    options("AddN"))


REDUCTIONS = {
    "MEAN": f"f32 i32 i64 {QUANTISED}", "SUM": f"f32 i32 i64 {QUANTISED}",
    "REDUCE_PROD": "f32 i32 i64 int8 int16x8", "REDUCE_MAX": f"f32 i32 i64 {QUANTISED}",
    "REDUCE_MIN": f"f32 i32 i64 {QUANTISED}", "REDUCE_ANY": "bool", "REDUCE_ALL": "bool",
}
AXES = {"hw": [1, 2], "last": [-1], "first": [0], "all": [0, 1, 2, 3], "pair": [3, 0],
        "twice": [1, 1, -3], "none": []}


def reductions():
    for op, tags in REDUCTIONS.items():
        outs = [SAME] if op in ("REDUCE_MAX", "REDUCE_MIN") else [Out()]
        reach = (-1.3, 1.3) if op == "REDUCE_PROD" else (-2, 3)
        shape = [1, 2, 2, 3] if op == "REDUCE_PROD" else [2, 3, 4, 5]
        for label, axes in AXES.items():
            for keep in (False, True):
                table = options("Reducer", keepDims=keep)
                yield Entry(op, label + ("_keep" if keep else ""),
                            [X(shape, *reach, ints=(-4, 4)), C(axes)], tags, table, outs)
        yield Entry(op, "2d", [X([4, 7] if op != "REDUCE_PROD" else [2, 3], *reach, ints=(-4, 4)),
                               C([1])], tags, options("Reducer"), outs)
        yield Entry(op, "same_scale", [X(shape, *reach), C([2])], QUANTISED, options("Reducer"),
                    [SAME])
    for op, kind in (("ARG_MAX", "ArgMax"), ("ARG_MIN", "ArgMin")):
        for axis in (0, 1, -1):
            for kind64 in (False, True):
                table = options(kind, outputType=schema.TensorType.INT64 if kind64
                                else schema.TensorType.INT32)
                yield Entry(op, f"ax{axis}{'_i64' if kind64 else ''}",
                            [X([3, 4, 5], -2, 2, ints=(-9, 9)), C(axis)],
                            "f32 i32 i8 u8 bool int8 uint8", table,
                            [Out(element="i64" if kind64 else "i32")])
    for exclusive in (False, True):
        for reverse in (False, True):
            yield Entry("CUMSUM", f"x{int(exclusive)}_r{int(reverse)}",
                        [X([2, 3, 4], -2, 2), C(-2)], "f32 i32 i64",
                        options("Cumsum", exclusive=exclusive, reverse=reverse))
    for count in (1, 3, 5):
        for element in ("f32", "int8 uint8 i32 i64 i8 u8 i16"):
            yield Entry("TOPK_V2", f"k{count}", [X([2, 3, 5], -2, 2, ints=(-5, 5)), C(count)],
                        element, options("TopKV2"), [SAME, Out(element="i32")])


def choices():
    for label, shape in (("same", [2, 3, 4]), ("rows", [2]), ("scalar", [])):
        yield Entry("SELECT", label, [N(shape, element="bool"), X([2, 3, 4]), X([2, 3, 4])],
                    f"f32 {INTEGERS} bool int8 uint8 int16x8", options("Select"), [Out(like=1)])
    for label, shapes in (("same", ([2, 3, 4], [2, 3, 4], [2, 3, 4])),
                          ("bc", ([2, 1, 4], [3, 1], [1])), ("cond", ([], [2, 3], [2, 3])),
                          ("5d", ([2, 1, 1, 2, 1], [3, 1, 1, 4], [2, 1, 3, 2, 4]))):
        yield Entry("SELECT_V2", label,
                    [N(shapes[0], element="bool"), X(shapes[1]), X(shapes[2])],
                    f"f32 {INTEGERS} bool int8 uint8 int16x8", options("SelectV2"), [Out(like=1)])
    for label, shape in (("1d", [9]), ("3d", [2, 3, 4])):
        yield Entry("WHERE", label, [X(shape, -1, 1, ints=(-1, 1))], "bool f32 i32 i64 i8 u8 u32",
                    options("Where"), [Out(element="i64")])


def conversions():
    elements = ["f32", "f64", "f16", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "bool"]
    for target in elements:
        kind = getattr(schema.TensorType, {"f32": "FLOAT32", "f64": "FLOAT64", "f16": "FLOAT16",
                       "bool": "BOOL"}.get(target, target.replace("i", "INT").replace("u", "UINT")))
        for source in elements:
            yield Entry("CAST", f"to_{target}", [X([3, 7], -9.7, 9.7, ints=(-100, 100))], source,
                        options("Cast", outDataType=kind), [Out(element=target)])
    for source, target in (("f32", "i32"), ("i32", "f32"), ("i16", "u16"), ("i64", "f64"),
                           ("u32", "i32"), ("i8", "u8")):
        yield Entry("BITCAST", f"to_{target}", [X([3, 4])], source, options("Bitcast"),
                    [Out(element=target)])
    yield Entry("BITCAST", "wider", [X([3, 2])], "i16", options("Bitcast"), [Out(element="i32")])
    yield Entry("BITCAST", "narrower", [X([3])], "i32", options("Bitcast"), [Out(element="i8")])
    yield Entry("BUCKETIZE", "", [X([3, 7], -5, 15)], "f32 i32 i64 f64",
                options("Bucketize", boundaries=np.asarray([-2.0, 0, 3.5, 10], np.float32)),
                [Out(element="i32")])
    # Complex numbers stand between operators only: see tflite_special.py.
    yield Entry("RANGE", "up", [G(3), G(12), G(2)], "i32 i64 f32".split()[0], options("Range"),
                [Out(element="i32")])
    yield Entry("RANGE", "down", [G(5.5, "f32"), G(-2, "f32"), G(-0.75, "f32")], "f32",
                options("Range"))


def entries():
    for family in (unary, binary, reductions, choices, conversions):
        yield from family()
