"""Prunes the architectures of a folder of models and holds the results against ONNX Runtime.

    prune_survey.py EDGECC MODELS [--ratios 0.1,0.3,0.5,0.7] [--only TEXT] [--samples N]
                    [--calibration-samples N] [--weights-only] [--markdown FILE]

For every MODELS/arch/*/model.onnx, every model of prune_models.py and every ratio: pruned on seeded random calibration data, written as
ONNX, checked with onnx.checker, loaded in ONNX Runtime (all optimisations off). Its interface is the
whole model's, it needs at least so many multiply-accumulates less as asked for (two points of slack:
channels are whole), and it computes what edgecc's interpreter computes of the pruned model: within
1e-4 of the largest result. Exit status 1 where one does not. MODELS may be missing: then the small
models are all there is. The error against the whole model is told, not judged: these models have random weights.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy
import onnx
import onnxruntime

import prune_models

LIMIT = 1e-4
SLACK = 0.02
# What holds channels in place leaves no more to remove than this part.
REACH = {"attention_one_head": 0.45}


def call(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    return done.returncode, done.stdout, (done.stderr or done.stdout).strip()


def session(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def seeded(port, count, seed):
    random = numpy.random.default_rng(seed)
    shape = [count] + [size if isinstance(size, int) else 1 for size in port.shape]
    if port.type == "tensor(float)":
        return random.standard_normal(shape).astype(numpy.float32)
    return random.integers(0, 50, shape).astype(numpy.int64)


def interface(model):
    return [(port.name, port.type, port.shape) for port in model.get_inputs() + model.get_outputs()]


def outputs(model, data):
    count = len(next(iter(data.values())))
    rows = [model.run(None, {name: rows[index] for name, rows in data.items()})[0].ravel()
            for index in range(count)]
    return numpy.stack(rows)


def macs(edgecc, path):
    status, text, error = call([edgecc, "inspect", path, "--json"])
    if status != 0:
        raise RuntimeError(error)
    return json.loads(text)["macs"]


def survey(arguments, path, ratio, folder):
    """A row of the table: what was saved, how far ONNX Runtime is off, and what is wrong."""
    whole = session(path)
    calibration = folder / "calibration.npz"
    test = folder / "test.npz"
    data = {port.name: seeded(port, arguments.samples, 2) for port in whole.get_inputs()}
    numpy.savez(test, **data)
    batch = {port.name: seeded(port, arguments.calibration_samples, 1) for port in whole.get_inputs()}
    numpy.savez(calibration, **batch)
    pruned = folder / "pruned.onnx"
    command = [arguments.edgecc, "compile", path, "--target", "cpu", "--quantize", "none"]
    command += ["--prune", ratio, "--compile-to", "prune", "-o", pruned, "-q"]
    if not arguments.weights_only:
        command += ["--calibration", calibration]
    start = time.time()
    status, _, error = call(command)
    seconds = time.time() - start
    row = {"seconds": seconds, "saved": None, "error": None, "fidelity": None, "fault": ""}
    if status != 0:
        row["fault"] = "edgecc: " + error[:160]
        return row
    onnx.checker.check_model(str(pruned), full_check=True)
    row["saved"] = 1 - macs(arguments.edgecc, pruned) / macs(arguments.edgecc, path)
    found = session(pruned)
    if interface(found) != interface(whole):
        row["fault"] = "the interface differs"
        return row
    expected = folder / "expected.npy"
    command = [arguments.edgecc, "run", pruned, "--target", "interpreter", "--data", test]
    status, _, error = call(command + ["--output", expected, "-q"])
    if status != 0:
        row["fault"] = "edgecc run: " + error[:160]
        return row
    ours = numpy.load(expected).reshape(arguments.samples, -1)
    theirs = outputs(found, data)
    exact = outputs(whole, data)
    row["error"] = float(numpy.abs(ours - theirs).max() / max(numpy.abs(theirs).max(), 1e-30))
    noise = ((theirs - exact) ** 2).sum()
    row["fidelity"] = 10 * numpy.log10((exact**2).sum() / max(noise, 1e-30))
    if row["error"] > LIMIT:
        row["fault"] = f"off by {row['error']:.1e}"
    elif row["saved"] < min(ratio, REACH.get(path.parent.name, 1)) - SLACK:
        row["fault"] = "too little is saved"
    return row


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("edgecc")
    parser.add_argument("models", type=pathlib.Path)
    parser.add_argument("--ratios", default="0.1,0.3,0.5,0.7")
    parser.add_argument("--only", default="")
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--calibration-samples", type=int, default=8)
    parser.add_argument("--weights-only", action="store_true", help="no calibration data")
    parser.add_argument("--markdown", type=pathlib.Path)
    arguments = parser.parse_args()
    own = tempfile.TemporaryDirectory()
    paths = sorted(arguments.models.glob("arch/*/model.onnx"))
    if not paths:
        print(f"skipped: no models in {arguments.models / 'arch'}")
    paths += prune_models.write(pathlib.Path(own.name))
    lines = ["| model | asked | fewer MACs | ONNX Runtime off by | dB to the whole model | s | |",
             "|---|---|---|---|---|---|---|"]
    print("\n".join(lines))
    faults = 0
    for path in paths:
        if arguments.only not in path.parent.name:
            continue
        for text in arguments.ratios.split(","):
            with tempfile.TemporaryDirectory() as folder:
                row = survey(arguments, path, float(text), pathlib.Path(folder))
            faults += bool(row["fault"])
            saved = "" if row["saved"] is None else f"{100 * row['saved']:.1f} %"
            error = "" if row["error"] is None else f"{row['error']:.1e}"
            fidelity = "" if row["fidelity"] is None else f"{row['fidelity']:.1f}"
            asked = f"{100 * float(text):.0f} %"
            lines.append(f"| {path.parent.name} | {asked} | {saved} | {error} | {fidelity} | "
                         f"{row['seconds']:.1f} | {row['fault'] or 'ok'} |")
            print(lines[-1], flush=True)
    if arguments.markdown:
        arguments.markdown.write_text("\n".join(lines) + "\n")
    print(f"{faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
