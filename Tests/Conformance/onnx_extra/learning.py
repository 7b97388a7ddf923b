"""ai.onnx.ml: trees, linear models, support vectors, encoders, as scikit-learn's converters write
them."""

import numpy as np

from .writer import ML, tensor

POSTS = ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT"]


def write(w):
    trees(w)
    ensembles(w)
    linear(w)
    vectors(w)
    encoders(w)
    features(w)


# Trees


def random_tree(rng, tree, features, depth, modes, nan=False):
    """Lists of nodes and leaf numbers of one random tree."""
    nodes, leaves = [], []

    def grow(level):
        number = len(nodes)
        nodes.append(None)
        if level == depth or (level > 1 and rng.random() < 0.3):
            nodes[number] = (tree, number, 0, "LEAF", 0.0, 0, 0, 0)
            leaves.append(number)
            return number
        yes, no = grow(level + 1), grow(level + 1)
        mode = modes[rng.integers(len(modes))]
        value = float(np.float32(rng.integers(-2, 3) if mode in ("BRANCH_EQ", "BRANCH_NEQ")
                                 else rng.normal()))
        nodes[number] = (tree, number, int(rng.integers(features)), mode, value, yes, no,
                         int(nan and rng.random() < 0.5))
        return number

    grow(0)
    return nodes, leaves


def forest(rng, prefix, targets, votes, count=4, features=3, depth=4, modes=("BRANCH_LEQ",),
           nan=False, positive=False, scale=1.0):
    """Attributes of a random forest whose leaves vote for `votes` of the targets."""
    nodes, treeids, nodeids, ids, weights = [], [], [], [], []
    for tree in range(count):
        own, leaves = random_tree(rng, tree, features, depth, modes, nan)
        nodes += own
        for leaf in leaves:
            for target in votes:
                treeids.append(tree)
                nodeids.append(leaf)
                ids.append(target)
                weight = rng.random() / count if positive else rng.normal() * scale
                weights.append(float(np.float32(weight)))
    columns = list(zip(*nodes))
    attributes = dict(
        nodes_treeids=columns[0], nodes_nodeids=columns[1], nodes_featureids=columns[2],
        nodes_modes=columns[3], nodes_values=columns[4], nodes_truenodeids=columns[5],
        nodes_falsenodeids=columns[6], nodes_missing_value_tracks_true=columns[7],
        nodes_hitrates=[1.0] * len(nodes))
    attributes[f"{prefix}_treeids"] = treeids
    attributes[f"{prefix}_nodeids"] = nodeids
    attributes[f"{prefix}_ids"] = ids
    attributes[f"{prefix}_weights"] = weights
    return attributes


def sample(rng, rows=12, columns=3, nan=False):
    x = rng.normal(size=(rows, columns)).astype(np.float32)
    x[rows // 2:] = np.round(x[rows // 2:])
    if nan:
        x[rng.random(x.shape) < 0.3] = np.nan
    return x


def trees(w):
    all_modes = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ")
    for aggregate in ("SUM", "AVERAGE", "MIN", "MAX"):
        for targets in (1, 3):
            name = f"ml_tree_regressor_{aggregate.lower()}_{targets}"
            rng = w.random(name)
            a = forest(rng, "target", targets, range(targets), modes=all_modes)
            a.update(n_targets=targets, aggregate_function=aggregate,
                     base_values=[float(np.float32(v)) for v in rng.normal(size=targets)])
            w.node(name, "TreeEnsembleRegressor", [sample(rng)], domain=ML, version=1,
                   attributes=a, tolerance=dict(rtol=1e-4, atol=1e-6))
    name = "ml_tree_regressor_missing"
    rng = w.random(name)
    a = forest(rng, "target", 1, [0], nan=True)
    w.node(name, "TreeEnsembleRegressor", [sample(rng, nan=True)], domain=ML, version=3,
           attributes=dict(a, n_targets=1), tolerance=dict(rtol=1e-4, atol=1e-6))
    name = "ml_tree_regressor_double"
    rng = w.random(name)
    a = forest(rng, "target", 2, [0, 1])
    values = np.array(a.pop("nodes_values"), np.float64)
    weights = np.array(a.pop("target_weights"), np.float64)
    a.pop("nodes_hitrates")
    w.node(name, "TreeEnsembleRegressor", [sample(rng).astype(np.float64)], domain=ML, version=3,
           attributes=dict(a, n_targets=2, nodes_values_as_tensor=tensor(values),
                           target_weights_as_tensor=tensor(weights)))
    name = "ml_tree_classifier_integers"
    rng = w.random(name)
    a = forest(rng, "class", 3, [0, 1, 2])
    w.node(name, "TreeEnsembleClassifier", [rng.integers(-3, 4, (9, 3))], 2, domain=ML, version=3,
           attributes=dict(a, classlabels_int64s=[0, 1, 2]), tolerance=dict(rtol=1e-4, atol=1e-6))
    for post in POSTS:
        for form, votes, labels, positive, base in [
                ("binary_margin", [0], [0, 1], False, [0.25]),
                ("binary_probability", [0], [3, 8], True, None),
                ("binary_second", [1], [0, 1], False, None),
                ("three", [0, 1, 2], [10, -4, 7], False, [0.1, -0.2, 0.3])]:
            if post == "PROBIT" and form.startswith("binary"):
                continue
            name = f"ml_tree_classifier_{form}_{post.lower()}"
            rng = w.random(name)
            a = forest(rng, "class", len(labels), votes, positive=positive or post == "PROBIT")
            a.update(classlabels_int64s=labels, post_transform=post)
            if base and post != "PROBIT":
                a["base_values"] = base
            w.node(name, "TreeEnsembleClassifier", [sample(rng)], 2, domain=ML, version=3,
                   attributes=a, tolerance=dict(rtol=1e-3, atol=1e-5))
    name = "ml_tree_classifier_strings"
    rng = w.random(name)
    a = forest(rng, "class", 3, [0, 1, 2])
    w.node(name, "TreeEnsembleClassifier", [sample(rng)], 2, domain=ML, version=1,
           attributes=dict(a, classlabels_strings=["cat", "dog", "eel"]),
           tolerance=dict(rtol=1e-4, atol=1e-6))
    # ONNX Runtime compares the second class's votes with zero here; the largest score wins in ONNX.
    name = "ml_tree_classifier_two_votes"
    rng = w.random(name)
    a = forest(rng, "class", 2, [0, 1], positive=True)
    w.node(name, "TreeEnsembleClassifier", [sample(rng)], 2, domain=ML, version=3,
           attributes=dict(a, classlabels_int64s=[0, 1]), reference="onnx",
           tolerance=dict(rtol=1e-4, atol=1e-6))


def ensembles(w):
    """Version 5: leaves apart from nodes, sets of members."""
    for kind in (np.float32, np.float64):
        for aggregate in (0, 1, 2, 3):
            name = f"ml_tree_ensemble_{np.dtype(kind).name}_{aggregate}"
            rng = w.random(name)
            nodes = 5
            # Members that are small numbers above 0: for others ONNX Runtime takes truncated values.
            x = rng.integers(0, 5, (12, 3)).astype(kind)
            w.node(
                name, "TreeEnsemble", [x], domain=ML, version=5, opset=21,
                tolerance=dict(rtol=1e-4, atol=1e-6),
                attributes=dict(
                    n_targets=2, aggregate_function=aggregate, post_transform=0,
                    # Tree 0: x0 <= 2 ? (x1 in {1, 2, 3} ? (x2 < 2 ? 2 : 3) : 1) : 0;
                    # tree 1: x0 in {4, 2, 1} ? 4 : (x1 > 1 ? 5 : 6).
                    nodes_modes=tensor(np.array([0, 6, 1, 6, 3], np.uint8)),
                    nodes_featureids=[0, 1, 2, 0, 1],
                    nodes_splits=tensor(np.array([2, 0, 2, 0, 1], kind)),
                    nodes_truenodeids=[1, 2, 2, 4, 5], nodes_trueleafs=[0, 0, 1, 1, 1],
                    nodes_falsenodeids=[0, 1, 3, 4, 6], nodes_falseleafs=[1, 1, 1, 0, 1],
                    nodes_missing_value_tracks_true=[0] * nodes,
                    membership_values=tensor(
                        np.array([1, 2, 3, np.nan, 4, 2, 1, np.nan], kind)),
                    leaf_targetids=[0, 1, 0, 1, 0, 1, 1],
                    leaf_weights=tensor(rng.normal(size=7).astype(kind)), tree_roots=[0, 3]))


# Linear models and support vectors


def linear(w):
    for post in POSTS:
        name = f"ml_linear_regressor_{post.lower()}"
        rng = w.random(name)
        a = dict(coefficients=rng.random(6) * 0.2, intercepts=[0.3, 0.2], targets=2,
                 post_transform=post)
        x = rng.random((5, 3)).astype(np.float32)
        w.node(name, "LinearRegressor", [x], domain=ML, attributes=a)
    for post in POSTS:
        for classes in (1, 2, 4):
            name = f"ml_linear_classifier_{classes}_{post.lower()}"
            if post == "PROBIT" and classes < 2:
                continue
            rng = w.random(name)
            labels = {1: [0, 1], 2: [4, -4], 4: [3, 1, 2, 9]}[classes]
            scale = 0.1 if post == "PROBIT" else 1
            a = dict(coefficients=rng.normal(size=classes * 3) * scale,
                     intercepts=list(0.5 + rng.normal(size=classes) * scale),
                     classlabels_ints=labels, post_transform=post, multi_class=int(classes > 2))
            x = rng.normal(size=(7, 3)).astype(np.float32)
            w.node(name, "LinearClassifier", [x], 2, domain=ML, attributes=a,
                   tolerance=dict(rtol=1e-3, atol=1e-5))
    rng = w.random("ml_linear_classifier_strings")
    w.node("ml_linear_classifier_strings", "LinearClassifier", [rng.integers(-3, 4, (6, 3))], 2,
           domain=ML, attributes=dict(
               coefficients=rng.normal(size=9), intercepts=rng.normal(size=3),
               classlabels_strings=["a", "bb", "ccc"], post_transform="SOFTMAX"))


def vectors(w):
    for kernel in ("LINEAR", "POLY", "RBF", "SIGMOID"):
        parameters = [0.4, 0.3, 3.0]
        name = f"ml_svm_regressor_{kernel.lower()}"
        rng = w.random(name)
        x = rng.normal(size=(6, 3)).astype(np.float32)
        w.node(name, "SVMRegressor", [x], domain=ML, tolerance=dict(rtol=1e-3, atol=1e-5),
               attributes=dict(
                   kernel_type=kernel, kernel_params=parameters, n_supports=5, rho=[0.2],
                   support_vectors=rng.normal(size=15), coefficients=rng.normal(size=5)))
        for classes in (2, 3):
            for form in ("votes", "probabilities", "logistic"):
                name = f"ml_svm_classifier_{kernel.lower()}_{classes}_{form}"
                rng = w.random(name)
                counts = [2, 3, 4][:classes]
                total, pairs = sum(counts), classes * (classes - 1) // 2
                a = dict(kernel_type=kernel, kernel_params=parameters, vectors_per_class=counts,
                         support_vectors=rng.normal(size=total * 3),
                         coefficients=rng.normal(size=(classes - 1) * total),
                         rho=rng.normal(size=pairs) * 0.3,
                         classlabels_ints=[5, 2, 8][:classes])
                if form == "probabilities":
                    a.update(prob_a=-1 - rng.random(pairs), prob_b=rng.normal(size=pairs) * 0.1)
                if form == "logistic":
                    a["post_transform"] = "LOGISTIC"
                w.node(name, "SVMClassifier", [rng.normal(size=(8, 3)).astype(np.float32)], 2,
                       domain=ML, attributes=a, tolerance=dict(rtol=1e-3, atol=1e-5))
    rng = w.random("ml_svm_one_class")
    w.node("ml_svm_one_class", "SVMRegressor", [rng.normal(size=(9, 3)).astype(np.float32)],
           domain=ML, attributes=dict(
               kernel_type="RBF", kernel_params=[0.5, 0.0, 0.0], n_supports=4, rho=[-0.8],
               one_class=1, support_vectors=rng.normal(size=12), coefficients=rng.random(4)))
    w.node("ml_svm_regressor_without_vectors", "SVMRegressor",
           [rng.normal(size=(4, 3)).astype(np.float32)], domain=ML,
           attributes=dict(coefficients=rng.normal(size=3), rho=[0.5], n_supports=0,
                           kernel_params=[0.0, 0.0, 0.0]))
    w.node("ml_svm_classifier_without_vectors", "SVMClassifier",
           [rng.normal(size=(7, 3)).astype(np.float32)], 2, domain=ML,
           attributes=dict(coefficients=rng.normal(size=9), rho=[0.1], kernel_type="LINEAR",
                           kernel_params=[0.0, 0.0, 0.0],
                           classlabels_strings=["x", "y", "z"]),
           tolerance=dict(rtol=1e-3, atol=1e-5))


# Encoders


def encoders(w):
    texts = np.array([["a", "c"], ["zz", ""]], dtype=object)
    numbers = np.array([[3, 9], [-7, 3]])
    w.node("ml_label_encoder_1_strings", "LabelEncoder", [texts], domain=ML, version=1,
           attributes=dict(classes_strings=["a", "b", "c"], default_int64=-5))
    w.node("ml_label_encoder_1_numbers", "LabelEncoder", [np.array([0, 2, 5])], domain=ML,
           version=1, attributes=dict(classes_strings=["a", "b", "c"], default_string="none"))
    kinds = {
        "strings": (["a", "c", ""], texts), "int64s": ([3, -7, 4], numbers),
        "floats": ([3.0, -7.0, float("nan")],
                   np.array([[3, np.nan], [-7, 1.5]], np.float32))}
    values = {"strings": ["p", "q", "r"], "int64s": [10, 20, 30], "floats": [0.5, 1.5, -2.0]}
    for key, (keys, x) in kinds.items():
        for kind, list_ in values.items():
            if key == kind == "floats" or (key, kind) == ("strings", "strings"):
                continue
            # Version 2 leaves open whether NaN is a key.
            version = 4 if key == "floats" else 2
            w.node(f"ml_label_encoder_{version}_{key}_{kind}", "LabelEncoder", [x], domain=ML,
                   version=version,
                   attributes={f"keys_{key}": keys, f"values_{kind}": list_})
    w.node("ml_label_encoder_4_tensors", "LabelEncoder", [numbers.astype(np.int16)], domain=ML,
           version=4, attributes=dict(
               keys_tensor=tensor(np.array([3, -7], np.int16)),
               values_tensor=tensor(np.array([1.5, 2.5], np.float64)),
               default_tensor=tensor(np.array([-9.0], np.float64))), reference="onnx")
    w.node("ml_category_mapper_strings", "CategoryMapper", [texts], domain=ML,
           attributes=dict(cats_strings=["c", "a"], cats_int64s=[7, 9], default_int64=-2))
    w.node("ml_category_mapper_numbers", "CategoryMapper", [numbers], domain=ML,
           attributes=dict(cats_strings=["c", "a"], cats_int64s=[3, 9], default_string="?"))
    w.node("ml_one_hot_numbers", "OneHotEncoder", [numbers], domain=ML,
           attributes=dict(cats_int64s=[9, 3, 1]))
    w.node("ml_one_hot_floats", "OneHotEncoder", [np.array([1, 3.0], np.float32)], domain=ML,
           attributes=dict(cats_int64s=[1, 2, 3], zeros=0))
    w.node("ml_one_hot_strings", "OneHotEncoder", [texts], domain=ML,
           attributes=dict(cats_strings=["a", "b", "c"], zeros=1))


def features(w):
    rng = w.random("ml_features")
    x = rng.normal(size=(4, 3)).astype(np.float32)
    x[2] = 0
    for kind in (np.float32, np.float64, np.int64, np.int32):
        data = (x * 3).astype(kind)
        w.node(f"ml_scaler_{np.dtype(kind).name}", "Scaler", [data], domain=ML,
               attributes=dict(offset=[0.5, -1.0, 2.0], scale=[2.0, 0.5, 1.5]))
    w.node("ml_scaler_single", "Scaler", [x], domain=ML, attributes=dict(offset=[0.5], scale=[2.0]))
    for norm in ("MAX", "L1", "L2"):
        w.node(f"ml_normalizer_{norm.lower()}", "Normalizer", [x], domain=ML,
               attributes=dict(norm=norm))
    holes = x.copy()
    holes[0, 1] = holes[3, 2] = np.nan
    w.node("ml_imputer_nan", "Imputer", [holes], domain=ML, attributes=dict(
        imputed_value_floats=[1.0, 2.0, 3.0], replaced_value_float=float("nan")))
    w.node("ml_imputer_value", "Imputer", [np.array([[1, 0], [0, 5]])], domain=ML,
           attributes=dict(imputed_value_int64s=[7], replaced_value_int64=0))
    w.node("ml_binarizer", "Binarizer", [x], domain=ML, attributes=dict(threshold=0.25))
    w.node("ml_array_feature_extractor", "ArrayFeatureExtractor",
           [x, np.array([[2, 0, 2]])], domain=ML)
    w.node("ml_array_feature_extractor_list", "ArrayFeatureExtractor",
           [x[0], np.array([1, 2])], domain=ML)
    w.node("ml_array_feature_extractor_strings", "ArrayFeatureExtractor",
           [np.array([["a", "b"], ["c", "d"]], dtype=object), np.array([1])], domain=ML)
    w.node("ml_feature_vectorizer", "FeatureVectorizer", [x, x[:, :2].copy()], domain=ML,
           attributes=dict(inputdimensions=[3, 2]))
    w.node("ml_feature_vectorizer_cut", "FeatureVectorizer", [x, x[:, :2].copy()], domain=ML,
           attributes=dict(inputdimensions=[2, 4]))


