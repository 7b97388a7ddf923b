#!/usr/bin/env python3
"""Writes the malformed models of this folder and their index.json.

    Tests/Malformed/make_malformed.py      (packages: Tests/Models/requirements.txt)

Each file asks for far more than its own size: memory, time or nesting; or it contradicts itself.
`status` in the index lists the exit statuses that `edgecc inspect` may end with.
"""

import json
import os
import sys

import numpy as np
from onnx import TensorProto, TypeProto, helper, numpy_helper

FOLDER = os.path.dirname(os.path.abspath(__file__))
FLOAT, INT64, STRING = TensorProto.FLOAT, TensorProto.INT64, TensorProto.STRING
HUGE, LOWEST = 2**63 - 1, -2**63

index = []


def write(name, content, status, note):
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.write(content)
    index.append({"file": name, "status": status, "note": note})


def value(name, shape, element=FLOAT):
    return helper.make_tensor_value_info(name, element, shape)


def ints(name, *numbers):
    return numpy_helper.from_array(np.array(numbers, np.int64), name)


def scalar(name, number, kind=np.int64):
    return numpy_helper.from_array(np.array(number, kind), name)


def onnx_file(name, nodes, note, constants=(), status=(2,), functions=(), inputs=None,
              outputs=None, opset=17, domains=(), ir_version=8):
    inputs = [value("x", [2, 3])] if inputs is None else inputs
    outputs = [value("y", None)] if outputs is None else outputs
    graph = helper.make_graph(list(nodes), "g", inputs, outputs, list(constants))
    opsets = [helper.make_opsetid("", opset)] + [helper.make_opsetid(d, 1) for d in domains]
    model = helper.make_model(graph, opset_imports=opsets, functions=list(functions),
                              ir_version=ir_version)
    write(name + ".onnx", model.SerializeToString(), list(status), note)


def node(op, inputs, outputs=("y",), **attributes):
    return helper.make_node(op, list(inputs), list(outputs), **attributes)


def function(name, nodes):
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    return helper.make_function("own", name, ["x"], ["y"], nodes, opsets)


# --- Recursion ---


def recursion():
    call = node("F", ["x"], domain="own")
    onnx_file("function_itself", [call], "a function that calls itself",
              functions=[function("F", [call])], domains=["own"])
    onnx_file("function_mutual", [call], "two functions that call each other",
              functions=[function("F", [node("G", ["x"], domain="own")]),
                         function("G", [call])], domains=["own"])
    chain = [function(f"F{i}", [node(f"F{i + 1}", ["x"], ["t"], domain="own"),
                                node(f"F{i + 1}", ["t"], ["y"], domain="own")])
             for i in range(40)] + [function("F40", [node("Relu", ["x"])])]
    onnx_file("function_bomb", [node("F0", ["x"], domain="own")],
              "forty functions that each call the next one twice", functions=chain, status=(1,),
              domains=["own"])
    empty = [function(f"F{i}", [node(f"F{i + 1}", ["x"], ["t"], domain="own"),
                                node(f"F{i + 1}", ["x"], ["y"], domain="own")])
             for i in range(40)]
    empty.append(helper.make_function("own", "F40", ["x"], ["x"], [],
                                      [helper.make_opsetid("", 17)]))
    onnx_file("function_bomb_empty", [node("F0", ["x"], domain="own")],
              "the same around a function without nodes", functions=empty, status=(1,),
              domains=["own"])
    body = helper.make_graph([node("Relu", ["x"], ["z"])], "b", [], [value("z", None)])
    for depth in range(30):
        branch = node("If", ["c"], ["z"], then_branch=body, else_branch=body) \
            if depth < 8 else node("If", ["c"], ["z"], then_branch=body, else_branch=leaf())
        body = helper.make_graph([branch], "b", [], [value("z", None)])
    onnx_file("if_nest", [node("If", ["c"], then_branch=body, else_branch=leaf())],
              "branches in branches, thirty deep", inputs=[value("x", [2]), value("c", [], 9)],
              status=(0, 2))
    nested = TypeProto()
    inner = nested
    for depth in range(45):
        inner = inner.optional_type.elem_type if depth % 2 else inner.sequence_type.elem_type
    inner.tensor_type.elem_type = FLOAT
    info = helper.make_value_info("x", nested)
    onnx_file("type_nest", [node("Identity", ["x"])], "sequences of optionals, 45 deep",
              inputs=[info], status=(1,))


def leaf():
    return helper.make_graph([node("Relu", ["x"], ["z"])], "b", [], [value("z", None)])


# --- Loops ---


def loop(name, trips, inner, note, status=(0, 1, 2)):
    onnx_file(name, [node("Loop", ["n", "", "x"], body=inner)], note,
              constants=[scalar("n", trips)], status=status)


def loop_body(nodes, result):
    return helper.make_graph(
        nodes, "b", [value("i", [], INT64), value("c", [], 9), value("s", None)],
        [value("c", [], 9), value(result, None)])


def loops():
    loop("loop_billions", 10**9, loop_body([node("Relu", ["s"], ["t"])], "t"),
         "a loop of a billion turns")
    loop("loop_longest", HUGE, loop_body([node("Relu", ["s"], ["t"])], "t"),
         "a loop of 2^63 turns")
    body = loop_body([], "s")
    for _ in range(4):
        body = loop_body([node("Loop", ["n", "", "s"], ["t"], body=body)], "t")
    loop("loop_of_loops", 16000, body, "empty loops of 16000 turns, five deep")
    double = loop_body([node("Concat", ["s", "s"], ["t"], axis=0)], "t")
    loop("loop_doubling", 60, double, "sixty turns that double a tensor", status=(0, 2))


# --- Constants that grow when they are folded ---


def bomb(name, nodes, *constants, note=None, status=(2,), opset=17):
    onnx_file("bomb_" + name, list(nodes) + [], note or f"{nodes[-1].op_type} of a constant",
              constants=constants, status=status, opset=opset)


def bombs():
    bomb("constant_of_shape", [node("ConstantOfShape", ["s"])], ints("s", 2**20, 2**20))
    bomb("constant_of_shape_2", [node("ConstantOfShape", ["s"])], ints("s", 2**32, 2**32, 2**32))
    bomb("expand", [node("Expand", ["v", "s"])], ints("v", 1), ints("s", 2**20, 2**19))
    bomb("tile", [node("Tile", ["v", "s"])], ints("v", 1, 2), ints("s", 2**39))
    bomb("tile_longest", [node("Tile", ["v", "s"])], ints("v", 1, 2), ints("s", HUGE))
    bomb("range", [node("Range", ["a", "b", "d"])], scalar("a", 0), scalar("b", 10**12),
         scalar("d", 1))
    bomb("range_ends", [node("Range", ["a", "b", "d"])], scalar("a", LOWEST), scalar("b", HUGE),
         scalar("d", 1))
    bomb("range_float", [node("Range", ["a", "b", "d"])], scalar("a", 0, np.float32),
         scalar("b", 1, np.float32), scalar("d", 1e-30, np.float32))
    bomb("pad", [node("Pad", ["v", "p"])], ints("v", 1, 2), ints("p", 10**12, 10**12))
    bomb("pad_longest", [node("Pad", ["v", "p"])], ints("v", 1, 2), ints("p", HUGE, HUGE))
    bomb("resize", [node("Resize", ["v", "", "f"], mode="nearest")],
         numpy_helper.from_array(np.ones((1, 1, 2, 2), np.float32), "v"),
         numpy_helper.from_array(np.array([1, 1, 1e6, 1e6], np.float32), "f"))
    bomb("resize_sizes", [node("Resize", ["v", "", "", "f"], mode="nearest")],
         numpy_helper.from_array(np.ones((1, 1, 2, 2), np.float32), "v"),
         ints("f", 1, 1, 2**31, 2**31))
    bomb("one_hot", [node("OneHot", ["v", "d", "w"])], ints("v", 1, 2), scalar("d", 2**40),
         ints("w", 0, 1))
    bomb("outer_product", [node("ConstantOfShape", ["s"], ["a"]),
                           node("ConstantOfShape", ["t"], ["b"]), node("MatMul", ["a", "b"])],
         ints("s", 2**20, 1), ints("t", 1, 2**20))
    bomb("broadcast", [node("ConstantOfShape", ["s"], ["a"]),
                       node("ConstantOfShape", ["t"], ["b"]), node("Add", ["a", "b"])],
         ints("s", 2**20, 1), ints("t", 1, 2**20))
    doubling = [node("Concat", [f"v{i}", f"v{i}"], [f"v{i + 1}"], axis=0) for i in range(60)]
    bomb("concat", doubling + [node("Identity", ["v60"])], ints("v0", 1))
    many = [node("Concat", ["v"] * 1000, ["w"], axis=0), node("Concat", ["w"] * 1000, ["u"], axis=0),
            node("Concat", ["u"] * 1000, ["y"], axis=0)]
    bomb("concat_wide", many, ints("v", 1), status=(0, 2))
    sums = [node("Expand", ["v", f"s{i}"], [f"w{i}"]) for i in range(64)]
    bomb("sum", sums + [node("Concat", [f"w{i}" for i in range(64)], axis=0)],
         scalar("v", 1), *[ints(f"s{i}", 2**24 + i) for i in range(64)],
         note="64 constants of 128 MB each", status=(0, 2))
    steps = [node("Neg", [f"w{i}"], [f"w{i + 1}"]) for i in range(200)]
    bomb("chain", [node("Expand", ["v", "s"], ["w0"])] + steps + [node("Add", ["x", "w200"])],
         scalar("v", 1, np.float32), ints("s", 2**25, 1, 1), status=(0, 2),
         note="200 constants of 128 MB one after the other")
    for op in ["RandomNormal", "RandomUniform"]:
        bomb(op.lower(), [node(op, [], shape=[2**20, 2**20])])
    bomb("eye", [node("ConstantOfShape", ["s"], ["a"]), node("EyeLike", ["a"])],
         ints("s", 2**20, 2**20))
    bomb("hann", [node("HannWindow", ["s"])], scalar("s", 2**40))
    bomb("mel", [node("MelWeightMatrix", ["a", "b", "c", "d", "e"])], scalar("a", 2**20),
         scalar("b", 2**40), scalar("c", 16000), scalar("d", 0, np.float32),
         scalar("e", 8000, np.float32))
    words = numpy_helper.from_array(np.array(["ab"], object), "v0")
    joined = [node("StringConcat", [f"v{i}", f"v{i}"], [f"v{i + 1}"]) for i in range(60)]
    bomb("strings", joined + [node("Identity", ["v60"])], words, status=(0, 2), opset=20,
         note="a string doubled sixty times")
    bomb("conv_pads", [node("Conv", ["v", "w"], pads=[HUGE, HUGE, HUGE, HUGE])],
         numpy_helper.from_array(np.ones((1, 1, 2, 2), np.float32), "v"),
         numpy_helper.from_array(np.ones((1, 1, 2, 2), np.float32), "w"))
    bomb("conv_grow", [node("Conv", ["v", "w"], pads=[2**20] * 4)],
         numpy_helper.from_array(np.ones((1, 1, 2, 2), np.float32), "v"),
         numpy_helper.from_array(np.ones((1, 1, 2, 2), np.float32), "w"))
    bomb("deconv", [node("ConvTranspose", ["v", "w"], strides=[2**20, 2**20])],
         numpy_helper.from_array(np.ones((1, 1, 2, 2), np.float32), "v"),
         numpy_helper.from_array(np.ones((1, 1, 2, 2), np.float32), "w"))
    bomb("depth_to_space", [node("DepthToSpace", ["v"], blocksize=2**33)],
         numpy_helper.from_array(np.ones((1, 4, 2, 2), np.float32), "v"))


# --- Attributes and operands at the ends of their ranges ---


def extremes():
    four = [value("x", [1, 2, 4, 4])]
    for name, limit in [("max", HUGE), ("min", LOWEST), ("zero", 0)]:
        good = (0, 1, 2)
        cases = {
            "transpose": ("Transpose", ["x"], {"perm": [limit, 0, 1, 2]}),
            "concat": ("Concat", ["x", "x"], {"axis": limit}),
            "softmax": ("Softmax", ["x"], {"axis": limit}),
            "flatten": ("Flatten", ["x"], {"axis": limit}),
            "split": ("Split", ["x"], {"axis": limit}),
            "pool": ("MaxPool", ["x"], {"kernel_shape": [limit, limit]}),
            "pool_stride": ("MaxPool", ["x"], {"kernel_shape": [2, 2], "strides": [limit, limit]}),
            "pool_pads": ("AveragePool", ["x"], {"kernel_shape": [2, 2], "pads": [limit] * 4,
                                                 "count_include_pad": 1}),
            "dilation": ("MaxPool", ["x"], {"kernel_shape": [2, 2], "dilations": [limit, limit]}),
            "lrn": ("LRN", ["x"], {"size": limit}),
            "space_to_depth": ("SpaceToDepth", ["x"], {"blocksize": limit}),
            "argmax": ("ArgMax", ["x"], {"axis": limit}),
            "cast": ("Cast", ["x"], {"to": limit % 2**31}),
            "gather": ("Gather", ["x", "k"], {"axis": limit}),
            "reshape": ("Reshape", ["x", "k"], {}),
            "unsqueeze": ("Unsqueeze", ["x", "k"], {}),
            "squeeze": ("Squeeze", ["x", "k"], {}),
            "reduce": ("ReduceSum", ["x", "k"], {}),
            "topk": ("TopK", ["x", "k"], {}),
            "cumsum": ("CumSum", ["x", "k"], {}),
            "trilu": ("Trilu", ["x", "k"], {}),
            "slice": ("Slice", ["x", "k", "k", "a", "k"], {}),
            "slice_steps": ("Slice", ["x", "a", "k", "a", "k"], {}),
            "pad": ("Pad", ["x", "p"], {}),
            "divide": ("Div", ["k", "m"], {}),
            "modulo": ("Mod", ["k", "m"], {}),
            "negate": ("Neg", ["k"], {}),
            "multiply": ("Mul", ["k", "k"], {}),
            "absolute": ("Abs", ["k"], {}),
            "power": ("Pow", ["k", "k"], {}),
            "shift": ("BitShift", ["u", "u"], {"direction": "LEFT"}),
        }
        constants = [ints("k", limit), ints("m", -1), ints("a", 0),
                     ints("p", *[limit] * 8),
                     numpy_helper.from_array(np.array([2**64 - 1], np.uint64), "u")]
        for case, (op, inputs, attributes) in cases.items():
            outputs = ["y", "i"] if op == "TopK" else ["y"]
            onnx_file(f"{case}_{name}", [node(op, inputs, outputs, **attributes)],
                      f"{op} with {limit}", constants=[c for c in constants if c.name in inputs],
                      inputs=four, status=good)


# --- Contradictions ---


def tensor(dims, **fields):
    return TensorProto(name="w", data_type=fields.pop("data_type", FLOAT), dims=dims, **fields)


def contradictions():
    use = [node("Add", ["x", "w"])]
    cases = {
        "dims_more": tensor([4, 4], raw_data=b"\0" * 32),
        "dims_less": tensor([2], raw_data=b"\0" * 32),
        "dims_negative": tensor([-2, -4], raw_data=b"\0" * 32),
        "dims_overflow": tensor([2**32, 2**32], raw_data=b""),
        "dims_overflow_2": tensor([2**62, 4], float_data=[1]),
        "dims_zero_huge": tensor([0, HUGE, HUGE], raw_data=b""),
        "dims_many": tensor([1] * 5000, raw_data=b"\0" * 4),
        "no_data": tensor([1 << 38]),
        "list_other": tensor([2], int32_data=[1, 2]),
        "type_unknown": tensor([2], data_type=99, raw_data=b"\0" * 8),
        "string_raw": tensor([2], data_type=STRING, raw_data=b"\0" * 8),
    }
    for name, item in cases.items():
        status = (0, 2) if name == "dims_zero_huge" else (1, 2)
        onnx_file("initializer_" + name, use, "an initializer whose data are not its shape",
                  constants=[item], status=status)
    for name, fields in {
        "offset": {"location": "x.data", "offset": str(HUGE), "length": "24"},
        "length": {"location": "make_malformed.py", "offset": "8", "length": str(HUGE)},
        "negative": {"location": "make_malformed.py", "offset": "-8", "length": "24"},
        "number": {"location": "make_malformed.py", "offset": "1e3", "length": "24"},
        "number_long": {"location": "make_malformed.py", "offset": "9" * 400},
        "absolute": {"location": "/etc/hostname"},
        "upwards": {"location": "sub/../../Models/README.md"},
        "folder": {"location": "."},
        "device": {"location": "/dev/zero", "length": "24"},
        "none": {"offset": "0"},
        "zero_byte": {"location": "make_malformed.py\0/../../x", "length": "24"},
    }.items():
        item = tensor([2, 3], data_location=TensorProto.EXTERNAL)
        for key, text in fields.items():
            item.external_data.add(key=key, value=text)
        onnx_file("external_" + name, use, "external data that are not there or not allowed",
                  constants=[item], status=(0, 2) if name == "zero_byte" else (2,))
    relu = [node("Relu", ["x"]), node("Neg", ["x"])]
    onnx_file("names_twice", relu, "two nodes make the same value")
    onnx_file("inputs_twice", relu[:1], "two inputs of one name",
              inputs=[value("x", [2]), value("x", [3])])
    onnx_file("outputs_twice", relu[:1], "two outputs of one name",
              outputs=[value("y", [2]), value("y", [3])])
    onnx_file("cycle", [node("Relu", ["b"], ["a"]), node("Neg", ["a"], ["b"]),
                        node("Add", ["a", "x"])], "two nodes that wait for each other")
    onnx_file("type_lies", [node("Add", ["x", "k"])], "floats plus integers",
              constants=[ints("k", 1)])
    onnx_file("shape_lies", relu[:1], "an output declared as integers",
              outputs=[value("y", [2, 3], INT64)])


def versions():
    for number in [0, 6, 99]:
        onnx_file(f"opset_{number}", [node("Relu", ["x"])], f"opset {number}", opset=number,
                  status=(0, 1) if number == 6 else (1,))
    for number in [0, 1, 2, 99]:
        onnx_file(f"ir_version_{number}", [node("Relu", ["x"])], f"IR version {number}",
                  ir_version=number, status=(1, 2))
    for domain, short in [("ai.onnx.ml", "ml"), ("com.microsoft", "microsoft")]:
        for number in [0, 99]:
            op, options = ("Binarizer", {}) if short == "ml" else ("Gelu", {})
            graph = helper.make_graph([node(op, ["x"], domain=domain, **options)], "g",
                                      [value("x", [2, 3])], [value("y", None)])
            opsets = [helper.make_opsetid("", 17), helper.make_opsetid(domain, number)]
            model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
            write(f"opset_{short}_{number}.onnx", model.SerializeToString(), [1, 2],
                  f"opset {number} of {domain}")


# --- Text ---


def texts():
    def text(name, body, note, status=(2,)):
        write(name + ".eir", body.encode(), list(status), note)

    def function(type_text, body):
        return (f"module @m {{\n  func @main(%x: {type_text}) -> (y: {type_text}) {{\n"
                f"    {body}\n    return %y\n  }}\n}}\n")

    huge = "tensor<9223372036854775807x9223372036854775807xf32>"
    text("shape_huge", function(huge, f"%y = clamp(%x) {{minimum = 0.0}} : {huge}"),
         "extents whose product overflows", (0, 2))
    wide = "tensor<99999999999999999999xf32>"
    text("extent_overflow", function(wide, f"%y = clamp(%x) {{minimum = 0.0}} : {wide}"),
         "an extent that is no 64-bit integer")
    text("constant_huge", "module @m {\n  constant @w : tensor<1099511627776xf32> = dense<[1]>\n"
         + function("tensor<1xf32>", "%y = add(%x, @w) : tensor<1xf32>")[12:],
         "a constant of a terabyte with one value")
    text("folds_huge", "module @m {\n  constant @w : tensor<1xf32> = dense<[1]>\n"
         + function("tensor<1xf32>", "%z = broadcast_to(@w) {shape = [1073741824, 1024]} : "
                    "tensor<1073741824x1024xf32>\n    %y = clamp(%x) {minimum = 0.0} : "
                    "tensor<1xf32>")[12:], "a broadcast to a terabyte", (0, 2))
    text("unclosed", "module @m {\n  func @main(%x: tensor<1xf32>) {\n    %y = \"" + "a" * 3000,
         "a string without end")


def main():
    sys.setrecursionlimit(10000)
    for old in os.listdir(FOLDER):
        if old.endswith((".onnx", ".eir")):
            os.remove(os.path.join(FOLDER, old))
    for part in [recursion, loops, bombs, extremes, contradictions, versions, texts]:
        part()
    with open(os.path.join(FOLDER, "index.json"), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(entry) for entry in index) + "\n]\n")


if __name__ == "__main__":
    main()
