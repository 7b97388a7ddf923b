#!/bin/sh
# Fills Tests/Fuzz/corpus from the project's own models: Tests/Fuzz/make_corpus.sh [EDGECC]
# Small files only: libFuzzer changes a byte here and there, and large weights would take them all.
set -eu
cd "$(dirname "$0")"
edgecc=$(cd ../.. && cd "$(dirname "${1:-.build/release/edgecc}")" && pwd)/edgecc
largest=12000
for format in onnx tflite; do
    mkdir -p corpus/$format
    for file in ../Models/"$format"*/model.$format ../Malformed/*.$format; do
        [ -f "$file" ] || continue
        [ "$(wc -c < "$file")" -le $largest ] || continue
        # Those that take their time would take the fuzzer's, too.
        case $file in *bomb* | *loop_*) continue ;; esac
        name=$(echo "$file" | sed 's|^\.\./||; s|/model\..*||; s|/|_|g; s|\..*||')
        cp "$file" "corpus/$format/$name.$format"
    done
done
mkdir -p corpus/eir
for file in ../Lit/*/*.eir; do
    [ "$(wc -c < "$file")" -le $largest ] || continue
    cp "$file" "corpus/eir/$(basename "$(dirname "$file")")_$(basename "$file")"
done
for file in corpus/onnx/Models_*.onnx corpus/tflite/Models_*.tflite; do
    to=corpus/eir/$(basename "$file" | sed 's/\..*//').eir
    "$edgecc" opt "$file" -q -o "$to" || continue
    [ "$(wc -c < "$to")" -le $largest ] || rm "$to"
done
