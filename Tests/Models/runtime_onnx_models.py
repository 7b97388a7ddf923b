"""ONNX models whose structure only a run shows: shapes, turns and lengths that depend on inputs."""

import numpy as np
from onnx import parser

from case_folder import write_onnx_case

HEADER = '<ir_version: 8, opset_import: ["" : 17], producer_name: "edgecc-tests">\n'

STEERED = """
steered (float[2, 12] x, int64[r] shape, int64[a] starts, int64[a] ends, int64[a] axes,
         int64[r] repeats, int64[p] pads, int64[1] k) => (float[i, j, l] y, float[i, j, m] best, int64[i, j, m] place) {
  shaped = Reshape (x, shape)
  cut = Slice (shaped, starts, ends, axes)
  tiled = Tile (cut, repeats)
  y = Pad <mode = "reflect"> (tiled, pads)
  best, place = TopK <axis = -1> (y, k)
}"""

DATA_DEPENDENT = """
data_dependent (float[3, n] x) => (float[k] picked, float[k] ones, float total) {
  zero = Constant <value_float = 0.0> ()
  positive = Greater (x, zero)
  found = NonZero (positive)
  places = Transpose <perm = [1, 0]> (found)
  picked = GatherND (x, places)
  extents = Shape (picked)
  ones = ConstantOfShape <value = float[1] {1.5}> (extents)
  product = Mul (picked, ones)
  total = ReduceSum <keepdims = 0> (product)
}"""

LOOP = """
loop (float[4] x, int64 turns, float limit) => (float[4] last, float[t, 4] rows) {
  go = Constant <value = bool {1}> ()
  half = Constant <value_float = 0.5> ()
  last, rows = Loop (turns, go, x) <body = body (int64 turn, bool again, float[4] held)
      => (bool more, float[4] next, float[4] row) {
    scaled = Mul (held, half)
    next = Add (scaled, x)
    row = Neg (next)
    size = ReduceSum <keepdims = 0> (next)
    more = Less (size, limit)
  }>
}"""

# More turns than anybody would unroll, though their number is known.
MANY_TURNS = """
many_turns (float[4] x) => (float[4] last) {
  turns = Constant <value = int64 {20000}> ()
  go = Constant <value = bool {1}> ()
  factor = Constant <value_float = 0.75> ()
  last = Loop (turns, go, x) <body = body (int64 turn, bool again, float[4] held)
      => (bool more, float[4] next) {
    more = Identity (again)
    scaled = Mul (held, factor)
    next = Add (scaled, x)
  }>
}"""

SEQUENCES = """
sequences (float[6, 3] x, int64[n] split, int64 place, int64 turns) => (float[j, 3] joined, float[k, 3] picked, int64 count) {
  parts = SplitToSequence <axis = 0> (x, split)
  picked = SequenceAt (parts, place)
  fewer = SequenceErase (parts, place)
  go = Constant <value = bool {1}> ()
  grown = Loop (turns, go, fewer) <body = body (int64 turn, bool again, seq(float[m, 3]) held)
      => (bool more, seq(float[m, 3]) longer) {
    more = Identity (again)
    longer = SequenceInsert (held, picked)
  }>
  count = SequenceLength (grown)
  joined = ConcatFromSequence <axis = 0> (grown)
}"""

BRANCHES = """
branches (float[2, 3] x, bool which) => (float[k] y) {
  y = If (which) <
    then_branch = yes () => (float[a] z) {
      flat = Constant <value = int64[1] {-1}> ()
      z = Reshape (x, flat)
    },
    else_branch = no () => (float[b] z) {
      z = ReduceMax <axes = [1], keepdims = 0> (x)
    }
  >
}"""

def ints(*values):
    return np.array(values, np.int64)

def steered(rng):
    def sample(shape, starts, ends, axes, repeats, pads, k):
        x = rng.standard_normal((2, 12)).astype(np.float32)
        return [x, ints(*shape), ints(*starts), ints(*ends), ints(*axes), ints(*repeats),
                ints(*pads), ints(k)]
    return STEERED, [
        sample([4, 2, 3], [1], [-1], [0], [2, 1, 1], [1, 0, 0, 2, 1, 1], 3),
        sample([2, 0, -1], [0, 2], [1, 9], [0, -2], [1, 1, 2], [0, 1, 1, 0, 0, 1], 1),
    ]

def data_dependent(rng):
    return DATA_DEPENDENT, [[rng.standard_normal((3, n)).astype(np.float32)] for n in (4, 7)]

def loop(rng):
    def sample(turns, limit):
        x = rng.uniform(0.1, 1.0, 4).astype(np.float32)
        return [x, np.array(turns, np.int64), np.array(limit, np.float32)]
    return LOOP, [sample(5, 1e9), sample(50, 3.0), sample(1, 0.0)]

def many_turns(rng):
    return MANY_TURNS, [[rng.uniform(0.1, 1.0, 4).astype(np.float32)]]


def sequences(rng):
    def sample(split, place, turns):
        x = rng.standard_normal((6, 3)).astype(np.float32)
        return [x, ints(*split), np.array(place, np.int64), np.array(turns, np.int64)]
    return SEQUENCES, [sample([1, 2, 3], 1, 2), sample([4, 2], -1, 0)]

def branches(rng):
    x = rng.standard_normal((2, 3)).astype(np.float32)
    return BRANCHES, [[x, np.array(True)], [x, np.array(False)]]


# The cases called `steered` can only be imported with their inputs.
CASES = {
    "steered_shapes": steered,
    "steered_extents": data_dependent,
    "runtime_loop": loop,
    "steered_sequences": sequences,
    "runtime_branches": branches,
    "runtime_many_turns": many_turns,
}


def make():
    for seed, (name, case) in enumerate(CASES.items()):
        text, samples = case(np.random.default_rng(900 + seed))
        write_onnx_case(name, parser.parse_model(HEADER + text), samples)
