#!/bin/sh
# Builds the conformance suites with the reference packages, in a Python environment of its own,
# and runs them on the interpreter. Leaves the figures in Docs/conformance.md.
#
# usage: conformance.sh EDGECC [WORKFOLDER]
set -eu

edgecc=$1
work=${2:-.build/conformance}
tests=Tests/Conformance
python=$work/python/bin/python

mkdir -p "$work"
if ! "$python" -c "import onnx, onnxruntime, ai_edge_litert" >/dev/null 2>&1; then
    echo "conformance: making a Python environment in $work/python" >&2
    if ! python3 -m venv "$work/python"; then
        echo "conformance: error: python3 with its venv module is needed" >&2
        echo "  help: apt-get install python3-venv" >&2
        exit 2
    fi
    "$python" -m pip install --quiet --requirement $tests/requirements.txt
fi

# A suite is made anew when its script or the packages change.
make_suite() {
    name=$1
    script=$tests/make_$2.py
    stamp=$work/$name.stamp
    if [ ! -f "$stamp" ] || [ "$script" -nt "$stamp" ] || [ $tests/requirements.txt -nt "$stamp" ]
    then
        echo "conformance: making the suite $name" >&2
        rm -rf "${work:?}/$name"
        "$python" "$script" "$work/$name" >"$work/$name.log" 2>&1 || {
            cat "$work/$name.log" >&2
            exit 1
        }
        touch "$stamp"
    fi
}

run_suite() {
    name=$1
    # Cases that fail are what the page is about: they do not end the run.
    "$edgecc" conformance "$work/$name" --json "$work/$name.json" >"$work/$name.txt" || true
    echo "$name: $(tail -n 1 "$work/$name.txt")"
}

for suite in "onnx onnx_suite" "onnx-more onnx_extra" "tflite tflite_suite"; do
    # shellcheck disable=SC2086
    set -- $suite
    make_suite "$1" "$2"
    run_suite "$1"
done

{
    echo "# Conformance"
    echo
    "$python" $tests/report.py \
        "ONNX's own backend tests=$work/onnx.json" \
        "ONNX: contrib, ml and older operator sets, recorded with ONNX Runtime=$work/onnx-more.json" \
        "TFLite single operators, recorded with LiteRT's reference kernels=$work/tflite.json"
} >"$work/conformance.md"
mv "$work/conformance.md" Docs/conformance.md
echo "every case that does not pass is in Docs/conformance.md; details in $work/*.txt"
