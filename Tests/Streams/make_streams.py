"""Remakes the models of this folder: `python make_streams.py` (see README.md)."""

import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Conformance"))

from tflite_record import REFERENCE, allocated, write_case  # noqa: E402
from tflite_special import CASES  # noqa: E402

NAMES = ("svdf_r2_f32", "svdf_r2_int8", "lstm_seq_peephole_f32", "rnn_single_f32",
         "birnn_split_f32", "variable_call_once_f32", "if_runtime_f32", "while_runtime_f32",
         "while_known_f32", "signature_two_f32", "sparse_blocks_f32", "detection_fast_f32",
         "detection_regular_f32", "spectrum_f32", "positions_f32")


def main():
    for name in NAMES:
        case = CASES[name](name)
        content = case.model.content()
        first, second = case.samples
        interpreter = allocated(content, REFERENCE, first)
        samples = []
        for inputs in (first, second, first):
            for detail, array in zip(interpreter.get_input_details(), inputs, strict=True):
                interpreter.set_tensor(detail["index"], array)
            interpreter.invoke()
            outputs = [np.array(interpreter.get_tensor(d["index"]))
                       for d in interpreter.get_output_details()]
            samples.append((inputs, outputs))
        write_case(HERE / name, content, samples, case.tolerance)


if __name__ == "__main__":
    main()
