"""Quantises models with edgecc and with ONNX Runtime's static quantiser on the same samples, and
writes the signal-to-noise ratio of each against the float model into Docs/quantization.md.

The models are those of ../shared/models: digits with their own calibration and test images, the
architectures with random weights on random inputs (32 to calibrate on, 64 others to test).
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
import onnx.utils
import onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

ort.set_default_logger_severity(3)
BEGIN = "<!-- written by make quantization-report -->"
BEGIN_PARTS = "<!-- parts, written by make quantization-report -->"
END = "<!-- end -->"
# Random weights make this one chaotic: it is compared part by part.
CHAOTIC = "mobilenet_v2_legacy13"


class Samples(CalibrationDataReader):
    def __init__(self, name, samples):
        self.samples = iter([{name: sample[None]} for sample in samples])

    def get_next(self):
        return next(self.samples, None)


def signal_to_noise(wanted, found):
    """In decibels, over all elements."""
    noise = float(((wanted - found) ** 2).sum())
    return 10 * np.log10(float((wanted**2).sum()) / noise) if noise else float("inf")


def infer(path, name, samples, plain=False):
    options = ort.SessionOptions()
    if plain:
        # ONNX Runtime's own fusions saturate sums of pairs on processors without VNNI.
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return np.concatenate([session.run(None, {name: s[None]})[0].reshape(1, -1) for s in samples])


def quantized_by_ort(path, name, samples, folder):
    prepared, quantized = folder / "prepared.onnx", folder / "quantized.onnx"
    quant_pre_process(str(path), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared), str(quantized), Samples(name, samples), per_channel=True,
        quant_format=QuantFormat.QDQ, activation_type=QuantType.QInt8, weight_type=QuantType.QInt8)
    return quantized


def by_edgecc(edgecc, path, name, calibration, test, folder):
    np.savez(folder / "calibration.npz", **{name: calibration})
    np.savez(folder / "test.npz", **{name: test})
    output = folder / "output.npy"
    start = time.monotonic()
    subprocess.run(
        [edgecc, "run", str(path), "--target", "cpu", "--quantize", "int8", "--calibration",
         str(folder / "calibration.npz"), "--data", str(folder / "test.npz"), "--output",
         str(output), "-q"], check=True, stdout=subprocess.DEVNULL)
    return np.load(output).reshape(len(test), -1), time.monotonic() - start


def row(edgecc, title, path, calibration, test):
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    wanted = infer(path, name, test)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        peer = infer(quantized_by_ort(path, name, calibration, folder), name, test, plain=True)
        ours, seconds = by_edgecc(edgecc, path, name, calibration, test, folder)
    figures = [signal_to_noise(wanted, ours), signal_to_noise(wanted, peer)]
    print(f"{title}: edgecc {figures[0]:.2f} dB, ONNX Runtime {figures[1]:.2f} dB", flush=True)
    return f"| {title} | {figures[0]:.2f} | {figures[1]:.2f} | {seconds:.1f} |"


def segments(model):
    """The parts of a model between the tensors that all paths go through, each with a layer in it,
    as pairs of names of an input and an output."""
    graph = model.graph
    constants = {tensor.name for tensor in graph.initializer}
    last_use = {name: index for index, node in enumerate(graph.node) for name in node.input}
    live, cuts = {graph.input[0].name}, [graph.input[0].name]
    pairs, has_layer = [], False
    for index, node in enumerate(graph.node):
        if node.op_type == "Constant":
            constants.update(node.output)
            continue
        live.update(node.output)
        live -= {name for name in live if last_use.get(name, len(graph.node)) <= index}
        live -= constants
        has_layer = has_layer or node.op_type in ("Conv", "Gemm", "MatMul")
        if len(live) == 1 and has_layer:
            cuts.append(next(iter(live)))
            pairs.append(tuple(cuts[-2:]))
            has_layer = False
    if has_layer and graph.output[0].name not in cuts:
        pairs.append((cuts[-1], graph.output[0].name))
    return pairs


def segment_rows(edgecc, path, calibration, test):
    """Each part alone, given what the float model gives it, so that noise does not grow on its way."""
    model = onnx.shape_inference.infer_shapes(onnx.load(path))
    pairs = segments(model)
    names = sorted({name for pair in pairs for name in pair} - {model.graph.input[0].name})
    known = {output.name for output in model.graph.output}
    traced = onnx.ModelProto()
    traced.CopyFrom(model)
    traced.graph.output.extend(onnx.ValueInfoProto(name=n) for n in names if n not in known)
    session = ort.InferenceSession(
        traced.SerializeToString(), providers=["CPUExecutionProvider"])
    source = model.graph.input[0].name

    def trace(samples):
        runs = [session.run(names, {source: sample[None]}) for sample in samples]
        values = {n: np.concatenate([run[i] for run in runs]) for i, n in enumerate(names)}
        return values | {source: samples}

    before, after = trace(calibration), trace(test)
    extractor = onnx.utils.Extractor(model)
    for first, last in pairs:
        with tempfile.TemporaryDirectory() as temporary:
            part = pathlib.Path(temporary) / "part.onnx"
            onnx.save(extractor.extract_model([first], [last]), part)
            yield row(edgecc, f"`{last}`", part, before[first], after[first])


def rows(edgecc, shared):
    digits = shared / "models" / "digits"
    calibration, test = np.load(digits / "calib.npz"), np.load(digits / "test.npz")
    key = next(k for k in test.files if k != "labels")
    for model in ["cnn", "mlp"]:
        yield row(edgecc, f"digits {model}", digits / f"{model}.onnx", calibration[key], test[key])
    for folder in sorted((shared / "models" / "arch").iterdir()):
        path = folder / "model.onnx"
        if path.exists():
            yield row(edgecc, folder.name, path, *random_samples(path))


def random_samples(path):
    """To calibrate on, and others to test."""
    source = ort.InferenceSession(str(path)).get_inputs()[0]
    shape = [extent if isinstance(extent, int) else 1 for extent in source.shape[1:]]
    noise = np.random.default_rng(0)
    if "float" in source.type:
        samples = noise.standard_normal([96] + shape).astype(np.float32)
    else:
        samples = noise.integers(0, 50, [96] + shape)
    return samples[:32], samples[32:]


def replace_table(page, mark, lines):
    text = page.read_text()
    head, rest = text.split(mark)
    tail = rest.split(END, 1)[1]
    page.write_text(f"{head}{mark}\n" + "\n".join(lines) + f"\n{END}{tail}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edgecc", default=".build/release/edgecc")
    parser.add_argument("--shared", type=pathlib.Path, default=pathlib.Path("../shared"))
    parser.add_argument("--page", type=pathlib.Path, default=pathlib.Path("Docs/quantization.md"))
    arguments = parser.parse_args()
    if not arguments.shared.is_dir():
        sys.exit(f"{arguments.shared} is not there: the report needs its models")
    titles = ["| {} | edgecc, dB | ONNX Runtime, dB | edgecc, s |", "|---|---:|---:|---:|"]
    table = [titles[0].format("model"), titles[1]] + list(rows(arguments.edgecc, arguments.shared))
    replace_table(arguments.page, BEGIN, table)
    path = arguments.shared / "models" / "arch" / CHAOTIC / "model.onnx"
    table = [titles[0].format("up to"), titles[1]]
    table += list(segment_rows(arguments.edgecc, path, *random_samples(path)))
    replace_table(arguments.page, BEGIN_PARTS, table)


if __name__ == "__main__":
    main()
