"""Makes a suite of single-operator TFLite models with results recorded from LiteRT.

    python make_tflite_suite.py OUTDIR

Needs numpy, flatbuffers and ai-edge-litert. Each case is OUTDIR/CASE/model.tflite with
test_data_set_K/input_J.npy and output_J.npy; OUTDIR/index.json lists them. Results are those of
LiteRT's reference kernels; operators that those lack are run by the optimised built-in ones. What
LiteRT refuses is left out, and said at the end.
"""

import argparse
import collections
import json
import os
import re

import tflite_elementwise
import tflite_layer_table
import tflite_movement
import tflite_special
from tflite_record import record_all

TABLES = (tflite_elementwise, tflite_movement, tflite_layer_table)


def cases(folder):
    for table in TABLES:
        for entry in table.entries():
            yield from entry.cases(folder)
    yield from tflite_special.cases(folder)


def show_refusals(refused):
    """One line per reason, with the cases that it stands for."""
    groups = collections.defaultdict(list)
    for name, reason in refused:
        groups[re.sub(r"\d+", "N", reason)].append(name)
    for reason, names in sorted(groups.items(), key=lambda item: -len(item[1])):
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        print(f"left out: {', '.join(names[:3])}{more}: {reason}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", metavar="OUTDIR")
    parser.add_argument("--filter", default="", help="only cases whose name holds this")
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    chosen = [case for case in cases(arguments.folder) if arguments.filter in case[0]]
    names = [name for name, _ in chosen]
    twice = [name for name, count in collections.Counter(names).items() if count > 1]
    if twice:
        raise SystemExit(f"cases with the same name: {twice[:5]}")
    done, refused = record_all(chosen)
    with open(os.path.join(arguments.folder, "index.json"), "w") as file:
        json.dump(sorted(done), file, indent=1)
    show_refusals(refused)
    print(f"{len(done)} cases, {len(refused)} that LiteRT refuses")
    faults = [item for item in refused if item[1].startswith("fault")]
    if faults:
        raise SystemExit(f"{len(faults)} entries are faulty")


if __name__ == "__main__":
    main()
