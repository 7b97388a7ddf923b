#!/usr/bin/env python3
"""Writes ONNX cases with recorded results that the onnx package's own node suite lacks.

    make_onnx_extra.py OUTDIR [--filter TEXT] [--list FILE] [--refused OUTDIR]

Operators of ai.onnx.ml and com.microsoft, strings, old operator sets, sparse weights: each case is a
folder OUTDIR/NAME with model.onnx, test_data_set_0/{input,output}_J.pb and, where a rule other than
the usual one holds, tolerance.json. The results are ONNX Runtime's, without graph rewriting; where
it runs an operator not at all or other than ONNX says, those of onnx.reference or of the formula
(the case says so). Models and inputs are made of seeded random numbers; two runs give the same
files. Needs onnx, onnxruntime and numpy.

--filter makes only the cases whose name holds the text, --list those named in a file, one a line.
--refused writes models that edgecc does not take, without results.
"""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from onnx_extra import contrib, learning, opsets, refused, strings  # noqa: E402
from onnx_extra.writer import Writer  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="OUTDIR", type=pathlib.Path)
    parser.add_argument("--filter", metavar="TEXT", default="")
    parser.add_argument("--list", metavar="FILE", type=pathlib.Path)
    parser.add_argument("--refused", metavar="OUTDIR", type=pathlib.Path)
    options = parser.parse_args()
    names = set(options.list.read_text().split()) if options.list else None
    writer = Writer(options.folder, options.filter, names)
    for family in (strings, learning, opsets, contrib):
        family.write(writer)
    if options.refused:
        refused.write(options.refused)
    print(f"{writer.written} cases in {options.folder}, {len(writer.failed)} without a reference")
    for name, reason in writer.failed:
        print(f"  {name}: {reason}", file=sys.stderr)


if __name__ == "__main__":
    main()
