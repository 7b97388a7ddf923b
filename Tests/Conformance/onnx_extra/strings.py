"""Tensors of strings: what moves them, compares them, takes them apart."""

import numpy as np
from onnx import TensorProto

WORDS = np.array(["ab", "", "é", "e\u0301", "Zebra", "a b", "日本", "ab", "-1", "x"], dtype=object)


def write(w):
    words = WORDS[:6].reshape(2, 3)
    w.node("strings_reshape", "Reshape", [words, np.array([3, -1])], constants=[1])
    w.node("strings_transpose", "Transpose", [words])
    w.node("strings_slice", "Slice",
           [words, np.array([2]), np.array([-9]), np.array([1]), np.array([-1])],
           constants=[1, 2, 3, 4])
    w.node("strings_gather", "Gather", [words, np.array([[2, 0], [-1, 1]])],
           attributes=dict(axis=1))
    w.node("strings_gather_elements", "GatherElements", [words, np.array([[2, 0], [-1, 1]])],
           attributes=dict(axis=1))
    w.node("strings_gather_nd", "GatherND", [words, np.array([[1, 2], [0, 0]])])
    w.node("strings_concat", "Concat", [words, words[:, :1]], attributes=dict(axis=1))
    w.node("strings_scatter_elements", "ScatterElements",
           [words, np.array([[1, 0]]), np.array([["new", "old"]], dtype=object)],
           attributes=dict(axis=1))
    w.node("strings_scatter_nd", "ScatterND",
           [words, np.array([[1]]), np.array([["p", "q", "r"]], dtype=object)])
    w.node("strings_where", "Where",
           [np.array([[True, False, True]]), words, np.array("none", dtype=object)])
    w.node("strings_identity", "Identity", [words])
    w.node("strings_tile", "Tile", [words, np.array([2, 1])], constants=[1])
    w.node("strings_expand", "Expand", [words[:1], np.array([2, 2, 3])], constants=[1])
    w.node("strings_pad", "Pad", [words, np.array([0, 1, 1, 0])], constants=[1],
           reference=lambda x0: [np.pad(x0, [(0, 1), (1, 0)], constant_values="")])
    w.node("strings_unique", "Unique", [WORDS], 4)
    w.node("strings_unique_unsorted", "Unique", [WORDS], 4, attributes=dict(sorted=0))
    w.node("strings_unsqueeze", "Unsqueeze", [words, np.array([1])], constants=[1])
    w.node("strings_split", "Split", [words, np.array([1, 2])], 2, attributes=dict(axis=1),
           constants=[1])
    w.node("strings_equal", "Equal", [WORDS, WORDS[::-1].copy()], opset=19)
    # Composed and decomposed letters are different strings.
    w.node("strings_equal_bytes", "Equal", [WORDS[2:4], WORDS[2:3]], opset=19)
    texts = np.array(["1", " -2.5 ", "1e-3", "+7", "INF", "-inf", "nan", "3.", ".5"], dtype=object)
    for name, kind in (("float", TensorProto.FLOAT), ("double", TensorProto.DOUBLE)):
        w.node(f"strings_to_{name}", "Cast", [texts], attributes=dict(to=kind),
               reference=lambda x0, kind=kind: [
                   x0.astype(np.float32 if kind == TensorProto.FLOAT else np.float64)])
    w.node("strings_to_int64", "Cast", [np.array(["1", "-20", "+7", "0"], dtype=object)],
           attributes=dict(to=TensorProto.INT64))
    w.node("strings_to_int8", "Cast", [np.array(["1", "-20", "127"], dtype=object)],
           attributes=dict(to=TensorProto.INT8))
    numbers = np.array([0, 1, -2.5, 0.1, 1e-5, 1e-4, 123456789, 1e16, 3e38, np.inf, -np.inf,
                        np.nan, 1 / 3])
    for kind in (np.float32, np.float64, np.float16):
        values = numbers.astype(kind) if kind != np.float16 else numbers[:6].astype(kind)
        w.node(f"strings_from_{np.dtype(kind).name}", "Cast", [values],
               attributes=dict(to=TensorProto.STRING),
               reference=lambda x0: [x0.astype(np.str_).astype(object)])
    w.node("strings_from_int64", "Cast", [np.array([1, -20, 2**62])],
           attributes=dict(to=TensorProto.STRING))
    w.node("strings_concat_op", "StringConcat", [words, words[:, :1]], opset=20)
    w.node("strings_split_op", "StringSplit",
           [np.array([["a,b,,c", ""], ["x", ",y"]], dtype=object)], 2, opset=20, reference="onnx",
           attributes=dict(delimiter=","))
    w.node("strings_split_spaces", "StringSplit",
           [np.array(["  a  b c ", "", "x y"], dtype=object)], 2, opset=20, reference="onnx",
           attributes=dict(maxsplit=1))
    for index, pattern in enumerate([
            r"www\.[\w.-]+\.\bcom\b", r"(\W|^)[\w.\-]{0,25}@(yahoo|gmail)\.com(\W|$)",
            r"(?i)A[^b-d]{2,3}", r"a*?(b|c)+", r"", r"[[:upper:]]\d?", r"x{2}|y", r".*\$"]):
        texts = np.array(["www.google.com", "bob@gmail.com", "AxyZ", "abcbc", "", "Q7", "xx", "y",
                          "cost $", "line\n", "aab"], dtype=object)
        w.node(f"strings_regex_{index}", "RegexFullMatch", [texts], opset=20,
               attributes=dict(pattern=pattern))
    # Without accents, which onnx.reference takes away and ONNX does not speak of.
    days = np.array(["Monday", "tuesday", "WEDNESDAY", "monday"], dtype=object)
    for index, (attributes, kept) in enumerate([
            (dict(case_change_action="LOWER", is_case_sensitive=1, stopwords=["Monday"]),
             ["tuesday", "wednesday", "monday"]),
            (dict(case_change_action="UPPER", is_case_sensitive=0, stopwords=["TUESDAY"]),
             ["MONDAY", "WEDNESDAY", "MONDAY"]),
            (dict(is_case_sensitive=0, stopwords=["monday"]), ["tuesday", "WEDNESDAY"]),
            (dict(is_case_sensitive=1, stopwords=list(days)), [""]),
            (dict(), list(days))]):
        w.node(f"strings_normalize_{index}", "StringNormalizer", [days], attributes=attributes,
               reference=lambda x0, kept=kept: [np.array(kept, dtype=object)])
