"""Holds the ONNX models that edgecc writes against ONNX Runtime.

    onnx_export.py EDGECC MODELS [--samples N] [--only TEXT] [--markdown FILE]

For every .onnx and .tflite file below MODELS: written after import, after the passes 'default', and
where MODELS/digits/calib.npz fits the model after 'default,default-quantize'. Each file goes through
onnx.checker with shape inference, keeps the interface of the module it was written from, and computes
in ONNX Runtime (all optimisations off, and on) what edgecc's interpreter computes of that module on
seeded inputs. Exit status 1 where one does not.

Limits: floats 1e-4 of the largest result. Integers differ where a quantised layer rounds a tie
otherwise (edgecc in integers, ONNX in float32), and such steps add up through the layers, most where
a softmax follows: at least 90 % of the outputs within one step, and 15 dB over all of them. (That one
layer is never off by more than a step is held by ONNXExportTests.) A float result behind quantised
layers is counted in steps of its last DequantizeLinear. With optimisations on, ONNX Runtime computes
8-bit layers in kernels that saturate on processors without VNNI, for the models that it quantised
itself as well: told, not judged.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime

PIPELINES = {"import": None, "default": "default", "quantized": "default,default-quantize"}


def call(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    return done.returncode, (done.stderr or done.stdout).strip()


def write(edgecc, model, pipeline, calibration, output):
    """Writes `model` after `pipeline` to `output`; what went wrong, or nothing."""
    command = [edgecc, "opt", model, "-o", output]
    if PIPELINES[pipeline]:
        command += ["--pass-pipeline", PIPELINES[pipeline]]
    if pipeline == "quantized":
        command += ["--calibration", calibration]
    status, text = call(command)
    return "" if status == 0 else text


def seeded(session, count):
    """`count` samples for each input: reals in -1 … 1, integers over their range, indices small."""
    random = numpy.random.default_rng(20260711)
    data = {}
    for port in session.get_inputs():
        shape = [count] + port.shape
        if port.type == "tensor(float)":
            data[port.name] = random.uniform(-1, 1, shape).astype(numpy.float32)
        elif port.type == "tensor(int64)":
            data[port.name] = random.integers(0, 16, shape).astype(numpy.int64)
        else:
            kind = numpy.dtype({"tensor(int8)": "i1", "tensor(uint8)": "u1", "tensor(int16)": "i2"}[port.type])
            limits = numpy.iinfo(kind)
            data[port.name] = random.integers(limits.min, limits.max + 1, shape).astype(kind)
    return data


def open_session(path, optimise):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if not optimise:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run(session, data):
    count = len(next(iter(data.values())))
    name = session.get_outputs()[0].name
    rows = [
        session.run([name], {key: value[index] for key, value in data.items()})[0]
        for index in range(count)
    ]
    return numpy.stack(rows)


def interpret(edgecc, text, data, folder):
    numpy.savez(folder / "data.npz", **data)
    output = folder / "expected.npy"
    status, message = call([edgecc, "run", text, "--data", folder / "data.npz", "--output", output])
    if status:
        raise RuntimeError(message)
    return numpy.load(output)


def result_step(graph):
    """The scale behind a float result that was quantised; None elsewhere."""
    name = graph.output[0].name
    for node in graph.node:
        if name in node.output and node.op_type == "DequantizeLinear":
            for tensor in graph.initializer:
                if tensor.name == node.input[1]:
                    return float(onnx.numpy_helper.to_array(tensor).reshape(-1)[0])
    return None


def difference(found, expected, step):
    """The error as text, and whether it is within the limits."""
    if found.dtype == expected.dtype and found.size == expected.size:
        # Samples of one element each are joined along the batch.
        found = found.reshape(expected.shape)
    if found.shape != expected.shape:
        return f"shape {found.shape} for {expected.shape}", False
    apart = numpy.abs(found.astype(numpy.float64) - expected.astype(numpy.float64))
    if expected.dtype.kind == "f" and step is None:
        error = apart.max() / max(numpy.abs(expected).max(), 1e-9)
        return f"{error:.1e}", bool(error <= 1e-4)
    steps = numpy.rint(apart / (step or 1))
    near = 100 * (steps <= 1).mean()
    centred = expected.astype(numpy.float64) - (expected.min() if step is None else 0)
    ratio = 10 * numpy.log10((centred**2).sum() / max((apart**2).sum(), 1e-30))
    return f"{int(steps.max())} steps, {near:.1f} % within 1", bool(near >= 90 and ratio >= 15)


def examine(edgecc, model, pipeline, options, folder):
    """One row of the table and whether it is as it should be."""
    written, text = folder / "model.onnx", folder / "model.eir"
    calibration = options.models / "digits" / "calib.npz"
    for output in (text, written):
        problem = write(edgecc, model, pipeline, calibration, output)
        if problem:
            return ["", "", problem.splitlines()[0], ""], False
    loaded = onnx.load(written)
    onnx.checker.check_model(loaded, full_check=True)
    plain = open_session(written, False)
    data = seeded(plain, options.samples)
    expected = interpret(edgecc, text, data, folder)
    step = result_step(loaded.graph)
    told, good = difference(run(plain, data), expected, step)
    optimised, _ = difference(run(open_session(written, True), data), expected, step)
    kinds = [node.op_type for node in loaded.graph.node]
    return [str(len(kinds)), str(kinds.count("Transpose")), told, optimised], good


def fits(model, pipeline):
    """Whether there is calibration data for a quantised form of `model`."""
    if pipeline != "quantized":
        return True
    return model.parent.name == "digits" and model.suffix == ".onnx" and "_q" not in model.stem


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("edgecc", type=pathlib.Path)
    parser.add_argument("models", type=pathlib.Path)
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--only", default="")
    parser.add_argument("--markdown", type=pathlib.Path)
    options = parser.parse_args()
    files = sorted(
        path
        for path in options.models.rglob("*")
        if path.suffix in (".onnx", ".tflite") and options.only in str(path)
        and "import_only" not in str(path)
    )
    rows, failures = [], 0
    for model in files:
        for pipeline in PIPELINES:
            if not fits(model, pipeline):
                continue
            with tempfile.TemporaryDirectory() as folder:
                try:
                    row, good = examine(options.edgecc, model, pipeline, options, pathlib.Path(folder))
                except Exception as error:  # Whatever a runtime throws is a finding.
                    row, good = ["", "", str(error).splitlines()[0][:100], ""], False
            failures += not good
            rows.append([str(model.relative_to(options.models)), pipeline, *row, "" if good else "FAILS"])
            print(" | ".join(rows[-1]), flush=True)
    head = ["model", "after", "nodes", "transposes", "off by", "off by, optimised", ""]
    if options.markdown:
        table = [head, ["---"] * len(head), *rows]
        options.markdown.write_text("".join("| " + " | ".join(row) + " |\n" for row in table))
    print(f"{len(rows) - failures} of {len(rows)} as they should be")
    return 1 if failures or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
