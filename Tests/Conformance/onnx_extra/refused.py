"""Models that edgecc does not take, for the tests of what it says about them."""

from onnx import TensorProto, helper

from .writer import ML, MS

FLOAT = TensorProto.FLOAT


def save(folder, name, nodes, inputs, opset=17, version=1, sparse=()):
    infos = [helper.make_tensor_value_info(label, kind, shape) for label, kind, shape in inputs]
    output = helper.make_tensor_value_info("y", FLOAT, None)
    graph = helper.make_graph(nodes, name, infos, [output], sparse_initializer=list(sparse))
    imports = [helper.make_opsetid("", opset), helper.make_opsetid(ML, version),
               helper.make_opsetid(MS, 1)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=8,
                              producer_name="onnx_extra")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def write(folder):
    x = [("x", FLOAT, [2, 3])]
    save(folder, "zip_map", [helper.make_node(
        "ZipMap", ["x"], ["y"], name="zip", domain=ML, classlabels_int64s=[0, 1, 2])], x)
    save(folder, "image_decoder", [helper.make_node("ImageDecoder", ["x"], ["y"], name="decode")],
         [("x", TensorProto.UINT8, [10])], opset=20)
    training = helper.make_node(
        "Constant", [], ["t"], value=helper.make_tensor("", TensorProto.BOOL, [], [True]))
    ratio = helper.make_node(
        "Constant", [], ["r"], value=helper.make_tensor("", FLOAT, [], [0.5]))
    save(folder, "dropout_training", [training, ratio, helper.make_node(
        "Dropout", ["x", "r", "t"], ["y"], name="drop")], x)
    save(folder, "add_strings", [helper.make_node("Add", ["x", "x"], ["y"], name="sum")],
         [("x", TensorProto.STRING, [2])])
    save(folder, "regex", [helper.make_node(
        "RegexFullMatch", ["x"], ["y"], name="match", pattern="(a")],
        [("x", TensorProto.STRING, [2])], opset=20)
    one_leaf = dict(
        nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[0, 0, 0],
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values=[0.5, 0, 0],
        nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[7, 0, 0], target_treeids=[0],
        target_nodeids=[1], target_ids=[0], target_weights=[1.0], n_targets=1)
    save(folder, "tree_to_nowhere", [helper.make_node(
        "TreeEnsembleRegressor", ["x"], ["y"], name="trees", domain=ML, **one_leaf)], x)
    cycle = dict(one_leaf, nodes_modes=["BRANCH_LEQ", "BRANCH_LEQ", "LEAF"],
                 nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 2, 0])
    save(folder, "tree_without_root", [helper.make_node(
        "TreeEnsembleRegressor", ["x"], ["y"], name="trees", domain=ML, **cycle)], x)
    save(folder, "narrow_weights", [helper.make_node(
        "MatMulNBits", ["x", "b", "s"], ["y"], name="product", domain=MS, K=3, N=4, bits=4,
        block_size=16)], x + [("b", TensorProto.UINT8, [4, 1, 8]), ("s", FLOAT, [4])])
    values = helper.make_tensor("w", FLOAT, [1], [5.0])
    indices = helper.make_tensor("", TensorProto.INT64, [1], [1 << 40])
    for name, dims in (("sparse_outside", [2, 3]), ("sparse_huge", [1 << 22, 1 << 22])):
        save(folder, name, [helper.make_node("Add", ["x", "w"], ["y"], name="sum")], x,
             sparse=[helper.make_sparse_tensor(values, indices, dims)])
