#!/bin/sh
# The digits model on three targets: compile, run the held-out test set on each, print one table.
# usage: demo.sh EDGECC
set -eu
edgecc=${1:-.build/release/edgecc}
digits=Examples/digits
out=out/digits

"$edgecc" compare "$digits/digits.onnx" --target npu --target mcu --target cpu \
    --quantize int8 --calibration "$digits/calibration.npz" --data "$digits/test.npz" \
    --output "$out"
