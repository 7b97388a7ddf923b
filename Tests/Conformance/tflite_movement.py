"""Tables: operators that move elements, index, and make tensors."""

from ai_edge_litert import schema_py_generated as schema

from tflite_entry import Entry
from tflite_file import options
from tflite_operands import SAME, C, G, K, N, Out, X

QUANTISED = "int8 uint8 int16x8"
PLAIN = "f32 i32 i64 bool " + QUANTISED
MANY = "f32 f16 i8 i16 i32 i64 u8 bool " + QUANTISED


def shapes():
    for label, new in (("flat", [120]), ("fold", [4, -1, 5]), ("4d", [5, 4, 3, 2]),
                       ("ones", [1, 120, 1])):
        yield Entry("RESHAPE", label, [X([2, 3, 4, 5]), C(new)], PLAIN,
                    options("Reshape", newShape=new), [SAME])
    yield Entry("RESHAPE", "option", [X([2, 3, 4])], "f32 int8",
                options("Reshape", newShape=[6, 4]), [SAME])
    yield Entry("RESHAPE", "runtime", [X([2, 3, 4]), G([4, 6])], "f32 int8", options("Reshape"),
                [SAME])
    for label, dims in (("all", []), ("one", [0]), ("neg", [-2]), ("two", [0, 2])):
        yield Entry("SQUEEZE", label, [X([1, 3, 1, 5])], PLAIN,
                    options("Squeeze", squeezeDims=dims), [SAME])
    for axis in (0, 2, -1, -3):
        yield Entry("EXPAND_DIMS", f"ax{axis}", [X([3, 4]), C(axis)], PLAIN, options("ExpandDims"),
                    [SAME])
    for order in ([1, 0], [0, 2, 1], [2, 0, 1], [0, 3, 1, 2], [3, 1, 0, 2], [4, 2, 0, 3, 1],
                  [5, 0, 2, 1, 4, 3], [-1, 0, 1]):
        label = "".join(str(i) for i in order)
        yield Entry("TRANSPOSE", label, [X([2, 3, 4, 5, 2, 3][:len(order)]), C(order)], MANY,
                    options("Transpose"), [SAME])
    yield Entry("TRANSPOSE", "runtime", [X([2, 3, 4]), G([2, 0, 1])], "f32 int8",
                options("Transpose"), [SAME])
    for element, kind in (("i32", "INT32"), ("i64", "INT64")):
        yield Entry("SHAPE", element, [X([2, 3, 4])], "f32 int8",
                    options("Shape", outType=getattr(schema.TensorType, kind)),
                    [Out(element=element)])
    yield Entry("RANK", "", [X([2, 3, 4])], "f32 int8", options("Rank"), [Out(element="i32")])
    for op, kind, shape in (("DEPTH_TO_SPACE", "DepthToSpace", [2, 3, 2, 12]),
                            ("SPACE_TO_DEPTH", "SpaceToDepth", [2, 4, 6, 3])):
        yield Entry(op, "b2", [X(shape)], "f32 i32 i64 i8 u8 " + QUANTISED,
                    options(kind, blockSize=2), [SAME])
    for label, shape, blocks, pads in (
            ("4d", [2, 4, 6, 3], [2, 3], [[0, 0], [0, 0]]),
            ("pad", [1, 5, 5, 2], [2, 2], [[1, 0], [0, 1]]),
            ("3d", [2, 6, 3], [3], [[0, 0]])):
        yield Entry("SPACE_TO_BATCH_ND", label, [X(shape), C(blocks), C(pads)],
                    "f32 i32 i64 u8 " + QUANTISED, options("SpaceToBatchND"), [SAME])
    for label, shape, blocks, crops in (
            ("4d", [12, 2, 3, 3], [2, 3], [[0, 0], [0, 0]]),
            ("crop", [4, 3, 4, 2], [2, 2], [[1, 0], [1, 2]]),
            ("3d", [6, 2, 3], [3], [[1, 1]])):
        yield Entry("BATCH_TO_SPACE_ND", label, [X(shape), C(blocks), C(crops)],
                    "f32 i32 i64 u8 " + QUANTISED, options("BatchToSpaceND"), [SAME])


def slices():
    for label, begin, size in (("mid", [0, 1, 2], [2, 2, 3]), ("rest", [1, 0, 3], [-1, -1, -1]),
                               ("empty", [0, 1, 0], [2, 0, 5])):
        for element in ("i32", "i64"):
            yield Entry("SLICE", f"{label}_{element}",
                        [X([2, 4, 5]), C(begin, element), C(size, element)], MANY,
                        options("Slice"), [SAME])
    yield Entry("SLICE", "5d", [X([2, 3, 4, 2, 3]), C([0, 1, 1, 0, 2]), C([2, 2, 2, 1, 1])],
                PLAIN, options("Slice"), [SAME])
    yield Entry("SLICE", "runtime", [X([2, 4, 5]), G([0, 1, 2]), G([2, 2, 3])], "f32 int8",
                options("Slice"), [SAME])
    strided = (
        ("plain", [2, 4, 5], [0, 1, 1], [2, 4, 5], [1, 2, 3], {}),
        ("back", [2, 4, 5], [1, 3, -1], [-3, 0, -6], [-1, -2, -1], {}),
        ("masks", [2, 4, 5], [9, 1, 2], [0, 9, 4], [1, 1, 1], {"beginMask": 1, "endMask": 3}),
        ("shrink", [2, 4, 5], [1, 0, -1], [2, 4, 9], [1, 1, 1], {"shrinkAxisMask": 5}),
        ("ellipsis", [2, 3, 4, 5], [0, 0, 1], [1, 0, 4], [1, 1, 2], {"ellipsisMask": 2}),
        ("newaxis", [3, 4], [0, 0, 1], [2, 0, 4], [1, 1, 1], {"newAxisMask": 2}),
        ("mixed", [2, 3, 4], [0, 0, 0, 1], [0, 0, 0, 2], [1, 1, 1, 1],
         {"newAxisMask": 1, "ellipsisMask": 2, "shrinkAxisMask": 8}),
        ("offset", [5, 6], [1, 2], [2, 3], [1, 1], {"offset": True}),
        ("few", [4, 5, 3], [1], [3], [1], {}),
        ("empty", [4, 5], [3, 0], [1, 5], [1, 1], {}),
    )
    for label, shape, begin, end, step, masks in strided:
        yield Entry("STRIDED_SLICE", label, [X(shape), C(begin), C(end), C(step)], MANY,
                    options("StridedSlice", **masks), [SAME])
    yield Entry("STRIDED_SLICE", "runtime", [X([4, 5]), G([1, 0]), G([3, 4]), C([1, 2])],
                "f32 int8", options("StridedSlice"), [SAME])
    for axis, count in ((0, 2), (2, 3), (-1, 3), (-3, 2)):
        yield Entry("SPLIT", f"ax{axis}_{count}", [C(axis), X([4, 2, 6])],
                    "f32 i8 i16 i32 u8 " + QUANTISED, options("Split", numSplits=count),
                    [Out(like=1)] * count)
    for axis, sizes in ((2, [1, 2, 3]), (0, [3, -1]), (-1, [4, 0, 2])):
        yield Entry("SPLIT_V", f"ax{axis}", [X([4, 2, 6]), C(sizes), C(axis)],
                    "f32 i8 i16 i32 i64 u8 " + QUANTISED, options("SplitV", numSplits=len(sizes)),
                    [SAME] * len(sizes))
    for axis, count in ((0, 2), (1, 3), (-1, 4)):
        yield Entry("UNPACK", f"ax{axis}", [X([2, 3, 4])],
                    "f32 i8 i16 i32 i64 u8 bool " + QUANTISED,
                    options("Unpack", num=count, axis=axis), [SAME] * count)


def joins():
    for axis in (0, 1, -1):
        parts = [[2, 3, 4], [2, 3, 4], [2, 3, 4]]
        parts[1] = [n + (i == axis % 3) for i, n in enumerate(parts[1])]
        yield Entry("CONCATENATION", f"ax{axis}", [X(s) for s in parts],
                    "f32 i8 i16 i32 i64 u8 u32 bool int8 int16x8",
                    options("Concatenation", axis=axis), [SAME])
        yield Entry("CONCATENATION", f"scales_ax{axis}",
                    [X(parts[0], -1, 1), X(parts[1], -2, 1), K(parts[2], -0.5, 3)],
                    "uint8", options("Concatenation", axis=axis), [Out()])
    yield Entry("CONCATENATION", "one", [X([2, 3])], "f32 int8", options("Concatenation", axis=0),
                [SAME])
    yield Entry("CONCATENATION", "const", [X([2, 3]), K([1, 3])], "f32 int8 i32",
                options("Concatenation", axis=0), [SAME])
    for axis in (0, 1, -1, -3):
        yield Entry("PACK", f"ax{axis}", [X([3, 4]), X([3, 4])],
                    "f32 i8 i16 i32 i64 u8 u32 bool " + QUANTISED,
                    options("Pack", axis=axis, valuesCount=2), [SAME])
    for label, shape, amounts in (("4d", [1, 3, 4, 2], [[0, 0], [1, 2], [2, 1], [0, 0]]),
                                  ("channel", [2, 3, 2], [[0, 1], [0, 0], [3, 0]]),
                                  ("1d", [5], [[2, 3]]),
                                  ("5d", [1, 2, 2, 3, 2],
                                   [[0, 0], [1, 0], [0, 1], [1, 1], [0, 0]])):
        for element in ("i32", "i64"):
            yield Entry("PAD", f"{label}_{element}", [X(shape, -1, 2), C(amounts, element)],
                        "f32 i32 i64 i8 bool " + QUANTISED, options("Pad"), [SAME])
        yield Entry("PADV2", label, [X(shape, -1, 2), C(amounts), K([], -1, 2, ints=(7, 7))],
                    "f32 i32 i64 i8 " + "int8 uint8", options("PadV2"), [SAME])
        for mode in ("REFLECT", "SYMMETRIC"):
            small = [[min(p, n - 1) for p in pair] for pair, n in zip(amounts, shape)]
            yield Entry("MIRROR_PAD", f"{label}_{mode.lower()}", [X(shape), C(small)],
                        "f32 i32 i64 u8 i8 i16 " + QUANTISED,
                        options("MirrorPad", mode=getattr(schema.MirrorPadMode, mode)), [SAME])
    yield Entry("PAD", "runtime", [X([2, 3]), G([[1, 0], [0, 2]])], "f32 int8", options("Pad"),
                [SAME])


def indices():
    for label, shape, places, axis, batch in (
            ("ax0", [5, 3, 4], [2, 3], 0, 0), ("ax1", [2, 5, 3], [4], 1, 0),
            ("last", [2, 3, 5], [2], -1, 0), ("scalar", [5, 3], [], 0, 0),
            ("batch", [2, 5, 3], [2, 4], 1, 1), ("batch2", [2, 5, 3, 6], [2, 4], 2, 1),
            ("batch2d", [2, 3, 5, 4], [2, 3, 2], 2, 2)):
        for element in ("i32", "i64"):
            bound = shape[axis] - 1
            yield Entry("GATHER", f"{label}_{element}", [X(shape), N(places, 0, bound, element)],
                        "f32 i8 i16 i32 i64 u8 bool " + QUANTISED,
                        options("Gather", axis=axis, batchDims=batch), [SAME])
    for label, shape, places in (("points", [3, 4], [[0, 1], [2, 3], [1, 1]]),
                                 ("rows", [3, 4, 2], [[2], [0]]),
                                 ("grid", [3, 4, 2], [[[0, 1], [2, 2]], [[1, 3], [0, 0]]])):
        for element in ("i32", "i64"):
            yield Entry("GATHER_ND", f"{label}_{element}", [X(shape), G(places, element)],
                        "f32 i8 i16 i32 i64 u8 bool " + QUANTISED, options("GatherNd"), [SAME])
    for label, places, update, shape in (
            ("points", [[4], [1], [1]], [3], [6]), ("rows", [[2], [0]], [2, 3], [4, 3]),
            ("deep", [[0, 1], [2, 3]], [2, 2], [3, 4, 2])):
        for runtime in (False, True):
            size = G(shape) if runtime else C(shape)
            yield Entry("SCATTER_ND", label + ("_runtime" if runtime else ""),
                        [G(places), X(update), size], "f32 i8 i32 i64 u8 bool",
                        options("ScatterNd"), [Out(like=1)])
    for axis in (-1, 0, 1):
        for element in ("i32", "i64"):
            yield Entry("ONE_HOT", f"ax{axis}_{element}",
                        [N([2, 3], -1, 5, element), C(5), K([], 2, 3, ints=(3, 3)),
                         K([], -1, 0, ints=(-1, 1))],
                        "f32 i32 i64 i8 u8 bool", options("OneHot", axis=axis), [Out(like=2)])
    yield Entry("EMBEDDING_LOOKUP", "", [N([4], 0, 5), X([6, 3, 2])], "f32 i8 u8 int8",
                None, [Out(like=1)])
    for label, begin in (("mid", [1, 0, 2]), ("clamped", [5, -2, 9])):
        for element in ("i32", "i64"):
            yield Entry("DYNAMIC_UPDATE_SLICE", f"{label}_{element}",
                        [X([3, 4, 5]), X([2, 4, 2]), G(begin, element)],
                        "f32 f16 i8 i16 i32 i64 bool int8 int16x8",
                        options("DynamicUpdateSlice"), [SAME])
    yield Entry("REVERSE_SEQUENCE", "time1", [X([3, 5, 2]), G([2, 5, 1])],
                "f32 i32 i64 u8 i16 int8",
                options("ReverseSequence", seqDim=1, batchDim=0), [SAME])
    yield Entry("REVERSE_SEQUENCE", "time0", [X([5, 3, 2]), G([2, 5, 1], "i64")], "f32 i32",
                options("ReverseSequence", seqDim=0, batchDim=1), [SAME])
    yield Entry("REVERSE_SEQUENCE", "far", [X([2, 3, 4]), G([2, 4])], "f32",
                options("ReverseSequence", seqDim=2, batchDim=0), [SAME])
    for label, axes in (("last", [2]), ("first", [0]), ("two", [1, 2]), ("neg", [-2])):
        yield Entry("REVERSE_V2", label, [X([2, 3, 4]), C(axes)],
                    "f32 i8 i16 i32 i64 u8 bool " + QUANTISED, options("ReverseV2"), [SAME])


def generators():
    for label, shape in (("2d", [2, 3]), ("scalar", []), ("4d", [1, 2, 1, 3])):
        for element in ("i32", "i64"):
            yield Entry("FILL", f"{label}_{element}", [C(shape, element), X([], -1, 1)],
                        "f32 i8 i16 i32 i64 bool int8 int16x8", options("Fill"), [Out(like=1)])
    yield Entry("FILL", "runtime", [G([2, 3]), X([])], "f32 i32", options("Fill"), [Out(like=1)])
    for label, shape, wanted in (("up", [3, 1], [2, 3, 4]), ("same", [2, 3], [2, 3]),
                                 ("scalar", [], [2, 2]), ("6d", [1, 2, 1], [2, 1, 3, 2, 2, 4])):
        for element in ("i32", "i64"):
            yield Entry("BROADCAST_TO", f"{label}_{element}", [X(shape), C(wanted, element)],
                        "f32 i8 i16 i32 i64 u8 bool " + QUANTISED, options("BroadcastTo"), [SAME])
    yield Entry("BROADCAST_ARGS", "", [G([2, 1, 4]), G([3, 1])], "i32", None)
    yield Entry("BROADCAST_ARGS", "long", [G([5], "i64"), G([2, 1], "i64")], "i64", None)
    for label, shape, counts in (("2d", [2, 3], [2, 1]), ("3d", [2, 1, 3], [1, 3, 2]),
                                 ("zero", [2, 3], [0, 2])):
        for element in ("i32", "i64"):
            yield Entry("TILE", f"{label}_{element}", [X(shape), C(counts, element)],
                        "f32 i8 i32 i64 u8 bool int8 uint8", options("Tile"), [SAME])
    yield Entry("TILE", "runtime", [X([2, 3]), G([2, 2])], "f32 int8", options("Tile"), [SAME])
    yield Entry("MATRIX_DIAG", "", [X([2, 4])], "f32 i8 i16 i32 i64 u8 int8", options("MatrixDiag"),
                [SAME])
    for label, rows, columns in (("wide", 3, 5), ("square", 4, 4), ("tall", 5, 3)):
        yield Entry("MATRIX_SET_DIAG", label, [X([2, rows, columns]), X([2, min(rows, columns)])],
                    "f32 i8 i16 i32 i64 u8 int8", options("MatrixSetDiag"), [SAME])
    for element in ("i32", "i64"):
        kind = getattr(schema.TensorType, element.replace("i", "INT"))
        yield Entry("UNIQUE", element, [X([12], -2, 2, ints=(0, 4))], "f32 i8 i16 i32 i64 u8",
                    options("Unique", idxOutType=kind), [SAME, Out(element=element)])
    yield Entry("SEGMENT_SUM", "", [X([6, 3]), G([0, 0, 1, 2, 2, 2])], "f32 i32",
                options("SegmentSum"))
    for name in ("PROD", "MAX", "MIN", "SUM"):
        yield Entry(f"UNSORTED_SEGMENT_{name}", "", [X([6, 3]), G([2, 0, 1, 3, 0, 2]), C(5)],
                    "f32 i32", options(f"UnsortedSegment{name.capitalize()}"))
        yield Entry(f"UNSORTED_SEGMENT_{name}", "2d", [X([2, 3]), G([[1, 0, 1], [2, 1, 0]]), C(3)],
                    "f32 i32", options(f"UnsortedSegment{name.capitalize()}"))
    for label, places in (("scalar", 3), ("list", [1, 4, 5]), ):
        values = K([len(places)], ints=(1, 9)) if isinstance(places, list) else K([], ints=(5, 5))
        yield Entry("SPARSE_TO_DENSE", label,
                    [C(places), C([7]), values, K([], -0.5, -0.4, ints=(-1, -1))],
                    "f32 i32 i64 i8 u8", options("SparseToDense"), [Out(like=2)])
    yield Entry("SPARSE_TO_DENSE", "2d",
                [C([[0, 1], [2, 0], [3, 3]]), C([4, 5]), X([3]), K([], ints=(-1, -1))],
                "f32 i32 i64", options("SparseToDense"), [Out(like=2)])
    boxes = [[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, -0.1, 1, 0.9], [0, 10, 1, 11], [0, 10.1, 1, 11.1],
             [0, 100, 1, 101]]
    scores = G([0.9, 0.75, 0.6, 0.95, 0.5, 0.3], "f32")
    common = [G(boxes, "f32"), scores, C(6), C(0.5, "f32"), C(0.4, "f32")]
    yield Entry("NON_MAX_SUPPRESSION_V4", "", common, "f32", None,
                [Out(element="i32"), Out(element="i32")])
    yield Entry("NON_MAX_SUPPRESSION_V5", "hard", common + [C(0.0, "f32")], "f32", None,
                [Out(element="i32"), Out(), Out(element="i32")])
    yield Entry("NON_MAX_SUPPRESSION_V5", "soft", common + [C(0.5, "f32")], "f32", None,
                [Out(element="i32"), Out(), Out(element="i32")])
    yield Entry("DILATE", "", [X([3, 4]), C([2, 3]), K([], ints=(-7, -7))], "f32 i8 i16 i32 i64 u8",
                None, [SAME])


def entries():
    for family in (shapes, slices, joins, indices, generators):
        yield from family()
