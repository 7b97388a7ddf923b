#!/bin/sh
# Builds the fuzz targets with libFuzzer and AddressSanitizer and runs each for a while:
# Tests/Fuzz/run.sh SECONDS [TARGET...]       targets: ONNX TFLite Text; default all
# What is found lies in out/fuzz/FORMAT/crashes; copy it to Tests/Fuzz/crashes/FORMAT, where
# `make test` runs it, and mend the cause.
set -eu
cd "$(dirname "$0")/../.."
seconds=$1
shift
[ $# -gt 0 ] || set -- ONNX TFLite Text
# Traps are libFuzzer's to report.
export EDGECC_FUZZ=1 SWIFT_BACKTRACE=enable=no
status=0
for target in "$@"; do
    swift build -c release --build-path .build-fuzz --sanitize fuzzer --sanitize address \
        -Xswiftc -sanitize=fuzzer,address --product "Fuzz$target"
done
for target in "$@"; do
    case $target in
        ONNX) format=onnx ;;
        TFLite) format=tflite ;;
        *) format=eir ;;
    esac
    found=out/fuzz/$format
    mkdir -p "$found/corpus" "$found/crashes"
    echo "fuzz $target: $seconds s"
    .build-fuzz/release/Fuzz"$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=3000 \
        -malloc_limit_mb=1000 -max_len=16384 -detect_leaks=0 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="$found/crashes/" "$found/corpus" Tests/Fuzz/corpus/$format \
        Tests/Fuzz/crashes/$format || status=1
done
if [ $status -ne 0 ]; then echo "found: see out/fuzz/*/crashes"; fi
exit $status
