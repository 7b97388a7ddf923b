"""Holds models that ONNX Runtime quantised against ONNX Runtime, as edgecc imports and runs them.

    qdq_survey.py EDGECC MODELS [--only TEXT] [--samples N] [--markdown FILE]

Quantises the float models of MODELS/digits and MODELS/arch with ONNX Runtime's static quantiser: QDQ
and QOperator, signed and unsigned activations, asymmetric and symmetric, weights by tensor and by
channel; models that came quantised are taken as they are. Each is run in ONNX Runtime with its
optimisations off (with them on it computes 8-bit layers in kernels that saturate on processors
without VNNI) and in edgecc's interpreter, as imported and after the passes 'default', on digits' test
images and on seeded inputs.

A row says how many of the outputs are within one step of the scale that they were quantised with,
and what 'default' leaves in float, quantize and dequantize aside. At least 99.9 % of the outputs of
each model should be. Where weights are random, a network may turn one rounding into many steps: ONNX
Runtime is then held against itself, each scale of the model one unit in the last place larger, and a
row is as it should be where edgecc is not further off than that. Exit status 1 where one is.

Unsigned activations with signed weights by channel as QOperator get weights of 7 bits, as ONNX Runtime
advises for processors without VNNI, whose kernels saturate otherwise.
"""

import argparse
import collections
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

import onnx_export

# Format, activations, weights, by channel, symmetric activations.
CONFIGURATIONS = {
    "qdq i8 channel": (QuantFormat.QDQ, QuantType.QInt8, QuantType.QInt8, True, False),
    "qdq u8 channel": (QuantFormat.QDQ, QuantType.QUInt8, QuantType.QInt8, True, False),
    "qdq i8 tensor": (QuantFormat.QDQ, QuantType.QInt8, QuantType.QInt8, False, False),
    "qdq u8u8 tensor": (QuantFormat.QDQ, QuantType.QUInt8, QuantType.QUInt8, False, False),
    "qdq i8 symmetric": (QuantFormat.QDQ, QuantType.QInt8, QuantType.QInt8, True, True),
    "qop i8 channel": (QuantFormat.QOperator, QuantType.QInt8, QuantType.QInt8, True, False),
    "qop u8 channel": (QuantFormat.QOperator, QuantType.QUInt8, QuantType.QInt8, True, False),
    "qop u8u8 tensor": (QuantFormat.QOperator, QuantType.QUInt8, QuantType.QUInt8, False, False),
}
# Where operators have scales among their inputs.
SCALES = {
    "QuantizeLinear": (1,), "DequantizeLinear": (1,), "QLinearConv": (1, 4, 6),
    "QLinearMatMul": (1, 4, 6), "QLinearAdd": (1, 4, 6), "QLinearMul": (1, 4, 6),
    "QLinearGlobalAveragePool": (1, 3), "QGemm": (1, 4, 7),
}
LEAST_WITHIN_ONE_STEP = 99.9


class Refused(Exception):
    """A model that ONNX Runtime does not quantise."""


class Samples(CalibrationDataReader):
    def __init__(self, name, samples):
        self.left = iter([{name: sample} for sample in samples])

    def get_next(self):
        return next(self.left, None)


def quantized(path, configuration, name, samples, folder):
    """The model at `path`, quantised by ONNX Runtime."""
    form, activations, weights, by_channel, symmetric = configuration
    prepared, result = folder / "prepared.onnx", folder / "model.onnx"
    quant_pre_process(str(path), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared), str(result), Samples(name, samples), quant_format=form,
        activation_type=activations, weight_type=weights, per_channel=by_channel,
        reduce_range=(activations, weights) == (QuantType.QUInt8, QuantType.QInt8),
        extra_options={"ActivationSymmetric": symmetric})
    return result


def last_step(graph):
    """The scale of the graph's first result; None where it is not a quantised one."""
    value = graph.output[0].name
    makers = {output: node for node in graph.node for output in node.output}
    while value in makers:
        node = makers[value]
        if node.op_type == "DequantizeLinear":
            scales = [i for i in graph.initializer if i.name == node.input[1]]
            return float(onnx.numpy_helper.to_array(scales[0]).reshape(-1)[0]) if scales else None
        if node.op_type not in ("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose"):
            return None
        value = node.input[0]
    return None


def nudged(path, folder):
    """The model with every scale one unit in the last place larger."""
    model = onnx.load(path)
    scales = {node.input[place] for node in model.graph.node
              for place in SCALES.get(node.op_type, ()) if place < len(node.input)}
    for tensor in model.graph.initializer:
        if tensor.name in scales:
            values = numpy.nextafter(onnx.numpy_helper.to_array(tensor), numpy.float32(numpy.inf))
            tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    onnx.save(model, folder / "nudged.onnx")
    return folder / "nudged.onnx"


def call(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip().splitlines()[0])
    return done.stdout


def left_in_float(text):
    """Operations of text IR with float results, and how often; what only changes form aside."""
    kinds = collections.Counter()
    for line in text.splitlines():
        made = re.match(r"\s+%\S+ = (\w+)\(.*: tensor<[^>]*f(16|32)\b", line)
        if made and made[1] not in ("quantize", "dequantize"):
            kinds[made[1]] += 1
    return ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())) or "nothing"


def within_one(found, wanted, step):
    """How many are within one step, in per cent, and the largest difference in steps."""
    apart = numpy.abs(found.reshape(wanted.shape).astype(float) - wanted.astype(float))
    steps = numpy.rint(apart / step)
    return float(100 * (steps <= 1).mean()), int(steps.max())


def examine(edgecc, path, data, folder):
    """Figures of edgecc as imported, after the passes, of ONNX Runtime itself; the rest in float."""
    numpy.savez(folder / "data.npz", **data)
    wanted = onnx_export.run(onnx_export.open_session(path, False), data)
    step = last_step(onnx.load(path).graph) or numpy.abs(wanted).max() / 127
    figures = []
    for pipeline in (None, "default"):
        output = folder / "output.npy"
        command = [edgecc, "run", path, "--data", folder / "data.npz", "--output", output]
        call(command + (["--pass-pipeline", pipeline] if pipeline else []))
        figures.append(within_one(numpy.load(output), wanted, step))
    again = onnx_export.run(onnx_export.open_session(nudged(path, folder), False), data)
    figures.append(within_one(again, wanted, step))
    text = call([edgecc, "opt", path, "--pass-pipeline", "default", "--no-weights"])
    return figures, left_in_float(text)


def inputs(models, path, samples):
    """For the model at `path`: its input's name, samples to calibrate on, samples to run."""
    port = onnxruntime.InferenceSession(str(path)).get_inputs()[0]
    if path.parent.name == "digits":
        archives = [numpy.load(models / "digits" / f"{name}.npz") for name in ("calib", "test")]
        key = next(name for name in archives[0].files if name != "labels")
        return (port.name, *[archive[key][:, None].astype(numpy.float32) for archive in archives])
    random = numpy.random.default_rng(0)
    shape = [extent if isinstance(extent, int) else 1 for extent in port.shape]
    if "float" in port.type:
        drawn = random.standard_normal([2 * samples, *shape]).astype(numpy.float32)
    else:
        drawn = random.integers(0, 50, [2 * samples, *shape])
    return port.name, drawn[:samples], drawn[samples:]


def jobs(models):
    """Titles, files and what to quantise them with; nothing for those that came quantised."""
    digits = models / "digits"
    for path in sorted(digits.glob("*_q*.onnx")):
        yield path.stem, path, None
    plain = [digits / "cnn.onnx", digits / "mlp.onnx", digits / "cnn_dynamo18.onnx"]
    plain += sorted(path / "model.onnx" for path in (models / "arch").iterdir() if path.is_dir())
    for path in plain:
        if path.exists():
            name = path.stem if path.stem != "model" else path.parent.name
            for title, configuration in CONFIGURATIONS.items():
                yield f"{name}, {title}", path, configuration


def row(options, title, path, configuration):
    name, calibration, test = inputs(options.models, path, options.samples)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        if configuration:
            try:
                path = quantized(path, configuration, name, calibration, folder)
            except Exception as error:
                raise Refused(error) from error
        figures, rest = examine(options.edgecc, path, {name: test}, folder)
    told = [f"{within:.2f} % ({largest})" for within, largest in figures]
    limit = min(LEAST_WITHIN_ONE_STEP, figures[-1][0])
    good = all(within >= limit for within, _ in figures[:-1])
    return told + [rest], good


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("edgecc", type=pathlib.Path)
    parser.add_argument("models", type=pathlib.Path)
    parser.add_argument("--only", default="", help="a part of the titles, or several by |")
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--markdown", type=pathlib.Path)
    options = parser.parse_args()
    onnxruntime.set_default_logger_severity(3)
    rows, failures = [], 0
    for title, path, configuration in jobs(options.models):
        if not re.search(options.only, title):
            continue
        try:
            figures, good = row(options, title, path, configuration)
        except Refused as error:
            print(f"{title}: ONNX Runtime's quantiser gave up: {error}", flush=True)
            continue
        except Exception as error:  # Whatever a runtime throws is a finding.
            figures, good = [str(error)[:120], "", "", ""], False
        failures += not good
        rows.append([title, *figures, "" if good else "FAILS"])
        print(" | ".join(rows[-1]), flush=True)
    head = ["model", "as imported", "after default", "ONNX Runtime itself", "left in float", ""]
    if options.markdown:
        table = [head, ["---"] * len(head), *rows]
        options.markdown.write_text("".join("| " + " | ".join(row) + " |\n" for row in table))
    print(f"{len(rows) - failures} of {len(rows)} as they should be")
    return 1 if failures or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
