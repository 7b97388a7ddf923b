#!/bin/sh
# Remakes the C and C++ code for the two file formats from onnx/onnx.proto and tflite/*.fbs.
# Needs protoc-c (1.4) and flatc (2.0 or later); run it after a change to one of those files.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The header goes where Swift looks for it; the source names it by its new place.
protoc-c --proto_path=onnx --c_out="$work" onnx.proto
cp "$work/onnx.pb-c.h" include/generated/onnx.pb-c.h
sed 's|#include "onnx.pb-c.h"|#include "generated/onnx.pb-c.h"|' "$work/onnx.pb-c.c" \
    > generated/onnx.pb-c.c

# flatc asserts that the installed flatbuffers library has exactly the version of flatc, which would
# tie every user of the committed header to one release. The readers built on it give the same
# answers with the libraries 2.0.8, 23.5 and 25.12, so the assertion goes (it spans several lines).
flatc --cpp --reflect-names --gen-all -o "$work" tflite/schema.fbs
sed -e '/^static_assert(FLATBUFFERS_VERSION/,/;$/d' \
    -e '/^\/\/ Ensure the included flatbuffers/,/^\/\/ generated, otherwise/d' \
    "$work/schema_generated.h" > generated/schema_generated.h
