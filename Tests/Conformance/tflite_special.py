"""Models of more than one operator or subgraph: control flow, state, signatures, sparse weights."""

import os
import zlib

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

from tflite_file import Model, options
from tflite_operands import parameters
from tflite_record import BUILTIN, REFERENCE, Refused, run, write_case

ACTIVATION = schema.ActivationFunctionType
RELU, TANH = ACTIVATION.RELU, ACTIVATION.TANH


class Case:
    """A model under construction: one main graph, seeded numbers, and inputs for two samples."""

    def __init__(self, name):
        self.name, self.rng = name, np.random.default_rng(zlib.crc32(name.encode()))
        self.model = Model()
        self.main = self.model.graph()
        self.samples = [[], []]
        self.tolerance = {"rtol": 1e-4, "atol": 1e-5}

    def input(self, name, shape, element="f32", low=-1.0, high=1.0, scale=None, zero=0):
        """An input of the main graph, with seeded values for each sample."""
        tensor = self.main.tensor(name, shape, element, scale, zero)
        self.main.inputs.append(tensor)
        for index, sample in enumerate(self.samples):
            if element == "f32":
                sample.append(self.rng.uniform(low, high, shape).astype(np.float32))
            elif element == "bool":
                sample.append(np.full(shape, index == 0))
            else:
                kind = {"i8": np.int8, "i16": np.int16, "i32": np.int32}[element]
                sample.append(self.rng.integers(low, high + 1, shape).astype(kind))
        return tensor

    def constant(self, shape, spread=0.6, graph=None, element="f32", data=None, **more):
        if data is None:
            data = self.rng.uniform(-spread, spread, shape)
        graph = graph or self.main
        return graph.tensor(f"constant_{len(graph.tensors)}", shape, element, data=data, **more)

    def record(self, folder):
        content = self.model.content()
        try:
            run(content, self.samples[0], REFERENCE)
            resolver = REFERENCE
        except Refused:
            resolver = BUILTIN
        samples = [(inputs, run(content, inputs, resolver)[0]) for inputs in self.samples]
        write_case(os.path.join(folder, self.name), content, samples, self.tolerance)


def same_as(graph, tensor, name):
    """A tensor like `tensor`."""
    t = graph.tensors[tensor]
    return graph.tensor(name, t.shape)


# --- Control flow ---

def branch(case, operator, kind):
    """A subgraph that applies one operator to its two inputs."""
    graph = case.model.graph(operator.lower())
    graph.inputs = [graph.tensor("a", [2, 3]), graph.tensor("b", [2, 3])]
    graph.outputs = [graph.tensor("y", [2, 3])]
    graph.operator(operator, graph.inputs, graph.outputs, options(kind))


def conditional(name):
    case = Case(name)
    flag = case.input("flag", [], "bool")
    a, b = case.input("a", [2, 3]), case.input("b", [2, 3])
    case.main.outputs = [case.main.tensor("y", [2, 3])]
    case.main.operator("IF", [flag, a, b], case.main.outputs,
                       options("If", thenSubgraphIndex=1, elseSubgraphIndex=2))
    branch(case, "ADD", "Add")
    branch(case, "MUL", "Mul")
    return case


def loop(name, known):
    """x doubles while a counter is below a limit, which is an input unless `known`."""
    case = Case(name)
    limit = (case.constant([], element="i32", data=4) if known
             else case.input("limit", [], "i32", 0, 6))
    start = case.constant([], element="i32", data=0)
    x = case.input("x", [2, 3])
    outputs = [case.main.tensor(n, s, e) for n, s, e in
               (("count", [], "i32"), ("bound", [], "i32"), ("y", [2, 3], "f32"))]
    case.main.outputs = [outputs[0], outputs[2]]
    case.main.operator("WHILE", [start, limit, x], outputs,
                       options("While", condSubgraphIndex=1, bodySubgraphIndex=2))
    for kind in ("condition", "body"):
        graph = case.model.graph(kind)
        graph.inputs = [graph.tensor("i", [], "i32"), graph.tensor("n", [], "i32"),
                        graph.tensor("x", [2, 3])]
        i, n, value = graph.inputs
        if kind == "condition":
            graph.outputs = [graph.tensor("goes_on", [], "bool")]
            graph.operator("LESS", [i, n], graph.outputs, options("Less"))
            continue
        one = graph.tensor("one", [], "i32", data=1)
        next_i, next_x = graph.tensor("j", [], "i32"), graph.tensor("y", [2, 3])
        graph.operator("ADD", [i, one], [next_i], options("Add"))
        graph.operator("ADD", [value, value], [next_x], options("Add"))
        graph.outputs = [next_i, n, next_x]
    return case


def growing_loop(name):
    """A tensor gets a row in every turn: its extent changes."""
    case = Case(name)
    limit = case.input("limit", [], "i32", 1, 4)
    start = case.constant([], element="i32", data=0)
    x = case.input("x", [1, 3])
    outputs = [case.main.tensor("count", [], "i32"), case.main.tensor("bound", [], "i32"),
               case.main.tensor("y", [1, 3], signature=[-1, 3])]
    case.main.outputs = [outputs[2]]
    case.main.operator("WHILE", [start, limit, x], outputs,
                       options("While", condSubgraphIndex=1, bodySubgraphIndex=2))
    for kind in ("condition", "body"):
        graph = case.model.graph(kind)
        graph.inputs = [graph.tensor("i", [], "i32"), graph.tensor("n", [], "i32"),
                        graph.tensor("x", [1, 3], signature=[-1, 3])]
        i, n, value = graph.inputs
        if kind == "condition":
            graph.outputs = [graph.tensor("goes_on", [], "bool")]
            graph.operator("LESS", [i, n], graph.outputs, options("Less"))
            continue
        one = graph.tensor("one", [], "i32", data=1)
        row = graph.tensor("row", [1, 3], data=[[1.0, 2.0, 3.0]])
        next_i = graph.tensor("j", [], "i32")
        next_x = graph.tensor("y", [1, 3], signature=[-1, 3])
        graph.operator("ADD", [i, one], [next_i], options("Add"))
        graph.operator("CONCATENATION", [value, row], [next_x], options("Concatenation", axis=0))
        graph.outputs = [next_i, n, next_x]
    return case


# --- State ---

def variable(name):
    """A resource variable that CALL_ONCE sets, and that each run adds its input to."""
    case = Case(name)
    x = case.input("x", [3])
    initial = case.model.graph("initialise")
    for graph in (case.main, initial):
        handle = graph.tensor("handle", [], "resource")
        graph.operator("VAR_HANDLE", [], [handle], options("VarHandle", sharedName="total",
                                                           container=""))
        if graph is initial:
            value = graph.tensor("start", [3], data=[1.0, 2.0, 3.0])
            graph.operator("ASSIGN_VARIABLE", [handle, value], [], options("AssignVariable"))
            continue
        old, new = graph.tensor("old", [3]), graph.tensor("new", [3])
        graph.operator("READ_VARIABLE", [handle], [old], options("ReadVariable"))
        graph.operator("ADD", [old, x], [new], options("Add"))
        graph.operator("ASSIGN_VARIABLE", [handle, new], [], options("AssignVariable"))
        again = graph.tensor("again", [3])
        graph.operator("READ_VARIABLE", [handle], [again], options("ReadVariable"))
        graph.outputs = [old, again]
        # The call that initialises stands first, as the converter writes it.
        graph.operator("CALL_ONCE", [], [], options("CallOnce", initSubgraphIndex=1))
        graph.operators.insert(0, graph.operators.pop())
    return case


def svdf(name, kind, rank, activation=ACTIVATION.NONE, bias=True):
    case = Case(name)
    batches, depth, units, memory = 2, 6, 4, 5
    filters = units * rank
    table = options("SVDF", rank=rank, fusedActivationFunction=activation)
    main = case.main
    if kind == "int8":
        x = case.input("x", [batches, depth], "i8", -128, 127, 0.02, 3)
        feature = case.constant([filters, depth], element="i8", scale=0.01,
                                data=case.rng.integers(-127, 128, (filters, depth)))
        time = case.constant([filters, memory], element="i16", scale=0.0002,
                             data=case.rng.integers(-9000, 9000, (filters, memory)))
        b = case.constant([units], element="i32", scale=0.0005 * 0.0002,
                          data=case.rng.integers(-900000, 900000, units)) if bias else -1
        state = main.tensor("state", [batches, filters * memory], "i16", 0.0005, variable=True)
        main.outputs = [main.tensor("y", [batches, units], "i8", 0.03, -4)]
    else:
        x = case.input("x", [batches, depth])
        weights = dict(element="i8", scale=0.01,
                       data=case.rng.integers(-127, 128, (filters, depth)))
        feature = case.constant([filters, depth], **(weights if kind == "hybrid" else {}))
        steps = dict(element="i8", scale=0.005,
                     data=case.rng.integers(-127, 128, (filters, memory)))
        time = case.constant([filters, memory], **(steps if kind == "hybrid" else {}))
        b = case.constant([units]) if bias else -1
        state = main.tensor("state", [batches, filters * memory], variable=True)
        main.outputs = [main.tensor("y", [batches, units])]
        if kind == "hybrid":
            case.tolerance["relmax"] = 0.02
    main.operator("SVDF", [x, feature, time, b, state], main.outputs, table,
                  4 if kind == "int8" else 1)
    return case


def lstm_operands(case, depth, cells, outputs, cifg=False, peephole=False, projection=False,
                  batches=2):
    """The 24 operands of a long short-term memory behind its input."""
    gates = [None] if cifg else ["i"]
    weights = [case.constant([cells, depth]) for _ in range(4)]
    recurrent = [case.constant([cells, outputs]) for _ in range(4)]
    holes = [case.constant([cells]) if peephole else -1 for _ in range(3)]
    biases = [case.constant([cells]) for _ in range(4)]
    if gates[0] is None:
        weights[0] = recurrent[0] = holes[0] = biases[0] = -1
    projected = [-1, -1]
    if projection:
        projected = [case.constant([outputs, cells]), case.constant([outputs])]
    state = [case.main.tensor("output_state", [batches, outputs], variable=True),
             case.main.tensor("cell_state", [batches, cells], variable=True)]
    return weights + recurrent + holes + biases + projected + state + [-1] * 4


def lstm(name, time_major=False, **more):
    case = Case(name)
    steps, batches, depth, cells = 4, 2, 3, 5
    outputs = 3 if more.get("projection") else cells
    shape = [steps, batches] if time_major else [batches, steps]
    x = case.input("x", shape + [depth])
    operands = [x] + lstm_operands(case, depth, cells, outputs, **more)
    case.main.outputs = [case.main.tensor("y", shape + [outputs])]
    case.main.operator("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, case.main.outputs,
                       options("UnidirectionalSequenceLSTM", timeMajor=time_major, cellClip=1.5,
                               fusedActivationFunction=TANH))
    return case


def single_lstm(name):
    case = Case(name)
    x = case.input("x", [2, 3])
    operands = [x] + lstm_operands(case, 3, 5, 5)
    case.main.outputs = [case.main.tensor("y", [2, 5])]
    case.main.operator("LSTM", operands, case.main.outputs,
                       options("LSTM", fusedActivationFunction=TANH))
    return case


def recurrent(name, op, time_major=False, merge=True, activation=TANH):
    """RNN, and the two operators that run it along a sequence."""
    case = Case(name)
    steps, batches, depth, cells = 4, 2, 3, 5
    shape = [batches] if op == "RNN" else (
        [steps, batches] if time_major else [batches, steps])
    operands = [case.input("x", shape + [depth])]
    main = case.main
    directions = 2 if op.startswith("BI") else 1
    for index in range(directions):
        operands += [case.constant([cells, depth]), case.constant([cells, cells]),
                     case.constant([cells]),
                     main.tensor(f"state_{index}", [batches, cells], variable=True)]
    if directions == 2:
        operands += [-1] * 3
        table = options("BidirectionalSequenceRNN", timeMajor=time_major, mergeOutputs=merge,
                        fusedActivationFunction=activation)
        main.outputs = ([main.tensor("y", shape + [2 * cells])] if merge else
                        [main.tensor(n, shape + [cells]) for n in ("forward", "backward")])
    else:
        kind = "RNN" if op == "RNN" else "SequenceRNN"
        table = options(kind, fusedActivationFunction=activation)
        if op != "RNN":
            table.timeMajor = time_major
        main.outputs = [main.tensor("y", shape + [cells])]
    main.operator(op, operands, main.outputs, table)
    return case


def both_ways(name, merge):
    case = Case(name)
    steps, batches, depth, cells = 3, 2, 4, 5
    x = case.input("x", [steps, batches, depth])
    main = case.main
    forward = lstm_operands(case, depth, cells, cells)
    backward = lstm_operands(case, depth, cells, cells)
    operands = [x] + forward[:17] + backward[:17] + forward[17:19] + backward[17:19] + [-1] * 9
    main.outputs = ([main.tensor("y", [steps, batches, 2 * cells])] if merge else
                    [main.tensor(n, [steps, batches, cells]) for n in ("forward", "backward")])
    main.operator("BIDIRECTIONAL_SEQUENCE_LSTM", operands, main.outputs,
                  options("BidirectionalSequenceLSTM", timeMajor=True, mergeOutputs=merge,
                          fusedActivationFunction=TANH))
    return case


# --- Signatures, sparsity, custom operators ---

def signature(name, keys):
    case = Case(name)
    x = case.input("serving_x:0", [2, 3])
    main = case.main
    main.outputs = [main.tensor("call:0", [2, 3])]
    main.operator("TANH", [x], main.outputs)
    for key in keys:
        case.model.signature(key, main, [("features", x)], [("scores", main.outputs[0])])
    return case


def sparse(name, blocks):
    """A weight of which only some rows or blocks are in the file, behind DENSIFY."""
    case = Case(name)
    rows, columns = 8, 12
    dense = case.rng.uniform(-1, 1, (rows, columns)).astype(np.float32)
    step = 4 if blocks else 1
    keep = case.rng.integers(0, 2, (rows // step, columns)) == 1
    dense *= np.repeat(keep, step, 0)
    params = schema.SparsityParametersT()
    params.traversalOrder = [0, 1, 2] if blocks else [0, 1]
    params.blockMap = [0] if blocks else []
    levels = [schema.DimensionMetadataT() for _ in params.traversalOrder]
    levels[0].format, levels[0].denseSize = schema.DimensionType.DENSE, rows // step
    segments, indices, stored = [0], [], []
    for row in range(rows // step):
        for column in np.flatnonzero(keep[row]):
            indices.append(int(column))
            stored += list(dense[row * step:(row + 1) * step, column])
        segments.append(len(indices))
    levels[1].format = schema.DimensionType.SPARSE_CSR
    for field, values in (("arraySegments", segments), ("arrayIndices", indices)):
        vector = schema.Int32VectorT()
        vector.values = values
        setattr(levels[1], field, vector)
        setattr(levels[1], field + "Type", schema.SparseIndexVector.Int32Vector)
    if blocks:
        levels[2].format, levels[2].denseSize = schema.DimensionType.DENSE, step
    params.dimMetadata = levels
    main = case.main
    x = case.input("x", [2, columns])
    packed = main.tensor("sparse", [rows, columns], sparsity=params,
                         raw=np.asarray(stored, np.float32).tobytes())
    wide = main.tensor("dense", [rows, columns])
    main.operator("DENSIFY", [packed], [wide], options("Densify"))
    main.outputs = [main.tensor("y", [2, rows])]
    main.operator("FULLY_CONNECTED", [x, wide, -1], main.outputs, options("FullyConnected"))
    return case


def detector(name, regular, classes_per_box=1):
    case = Case(name)
    boxes, classes = 12, 3
    main = case.main
    encodings = case.input("encodings", [1, boxes, 4], low=-2, high=2)
    scores = case.input("scores", [1, boxes, classes + 1], low=0, high=1)
    anchors = case.constant([boxes, 4], data=np.concatenate(
        [case.rng.uniform(0, 1, (boxes, 2)), case.rng.uniform(0.2, 0.5, (boxes, 2))], 1))
    count = 6 * classes_per_box
    main.outputs = [main.tensor("boxes", [1, count, 4]), main.tensor("classes", [1, count]),
                    main.tensor("found", [1, count]), main.tensor("count", [1])]
    settings = {"max_detections": 6, "max_classes_per_detection": classes_per_box,
                "detections_per_class": 4, "use_regular_nms": regular,
                "nms_score_threshold": 0.0, "nms_iou_threshold": 0.5, "num_classes": classes,
                "y_scale": 10.0, "x_scale": 10.0, "h_scale": 5.0, "w_scale": 5.0}
    builder = flexbuffers.Builder()
    with builder.Map():
        for key, value in settings.items():
            (builder.Bool if isinstance(value, bool) else
             builder.Float if isinstance(value, float) else builder.Int)(key, value)
    main.operator("TFLite_Detection_PostProcess", [encodings, scores, anchors], main.outputs,
                  custom=bytes(builder.Finish()))
    return case


def spectrum(name, rows=1, given=(1, 16)):
    """The magnitudes of a real Fourier transform, as audio models compute them."""
    case = Case(name)
    main = case.main
    x = case.input("x", [2, *given])
    length = case.constant([2], element="i32", data=[rows, 16])
    bins = main.tensor("bins", [2, rows, 9], "c64")
    main.operator("RFFT2D", [x, length], [bins], options("Rfft2d"))
    main.outputs = [main.tensor(n, [2, rows, 9]) for n in ("abs", "real", "imag")]
    for op, output in zip(("COMPLEX_ABS", "REAL", "IMAG"), main.outputs):
        main.operator(op, [bins], [output])
    return case


def positions(name):
    """Where something holds, and what stands there: extents that only values show."""
    case = Case(name)
    main = case.main
    x = case.input("x", [4, 5])
    zero = case.constant([], data=0.0)
    above = main.tensor("above", [4, 5], "bool")
    main.operator("GREATER", [x, zero], [above], options("Greater"))
    places = main.tensor("places", [1, 2], "i64", signature=[-1, 2])
    main.operator("WHERE", [above], [places], options("Where"), 2)
    found = main.tensor("found", [1], signature=[-1])
    main.operator("GATHER_ND", [x, places], [found], options("GatherNd"))
    axis = case.constant([1], element="i32", data=[0])
    total = main.tensor("total", [])
    main.operator("SUM", [found, axis], [total], options("Reducer"))
    main.outputs = [places, found, total]
    return case


CASES = {
    "if_runtime_f32": conditional, "while_runtime_f32": lambda n: loop(n, False),
    "while_known_f32": lambda n: loop(n, True), "while_growing_f32": growing_loop,
    "variable_call_once_f32": variable,
    "svdf_r1_f32": lambda n: svdf(n, "f32", 1), "svdf_r2_f32": lambda n: svdf(n, "f32", 2, RELU),
    "svdf_nobias_f32": lambda n: svdf(n, "f32", 1, bias=False),
    "svdf_r1_hybrid": lambda n: svdf(n, "hybrid", 1),
    "svdf_r1_int8": lambda n: svdf(n, "int8", 1, RELU),
    "svdf_r2_int8": lambda n: svdf(n, "int8", 2, RELU),
    "lstm_seq_plain_f32": lstm, "lstm_seq_time_f32": lambda n: lstm(n, time_major=True),
    "lstm_seq_cifg_f32": lambda n: lstm(n, cifg=True),
    "lstm_seq_peephole_f32": lambda n: lstm(n, peephole=True),
    "lstm_seq_projection_f32": lambda n: lstm(n, projection=True, peephole=True),
    "lstm_single_f32": single_lstm,
    "rnn_single_f32": lambda n: recurrent(n, "RNN"),
    "rnn_single_relu_f32": lambda n: recurrent(n, "RNN", activation=RELU),
    "rnn_seq_f32": lambda n: recurrent(n, "UNIDIRECTIONAL_SEQUENCE_RNN"),
    "rnn_seq_time_f32": lambda n: recurrent(n, "UNIDIRECTIONAL_SEQUENCE_RNN", True),
    "birnn_merged_f32": lambda n: recurrent(n, "BIDIRECTIONAL_SEQUENCE_RNN"),
    "birnn_split_f32": lambda n: recurrent(n, "BIDIRECTIONAL_SEQUENCE_RNN", True, False),
    "bilstm_merged_f32": lambda n: both_ways(n, True),
    "bilstm_split_f32": lambda n: both_ways(n, False),
    "signature_one_f32": lambda n: signature(n, ["serving_default"]),
    "signature_two_f32": lambda n: signature(n, ["other", "serving_default"]),
    "sparse_rows_f32": lambda n: sparse(n, False), "sparse_blocks_f32": lambda n: sparse(n, True),
    "detection_fast_f32": lambda n: detector(n, False),
    "detection_regular_f32": lambda n: detector(n, True),
    "spectrum_f32": spectrum, "spectrum_square_f32": lambda n: spectrum(n, 8, (8, 16)),
    "spectrum_fitted_f32": lambda n: spectrum(n, 4, (6, 12)), "positions_f32": positions,
}


def cases(folder):
    for name, make in CASES.items():
        yield name, lambda name=name, make=make: make(name).record(folder)
