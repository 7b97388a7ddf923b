"""Holds the TFLite models that edgecc writes against LiteRT's reference kernels.

    tflite_export.py EDGECC models MODELS [--samples N] [--only TEXT] [--markdown FILE]
    tflite_export.py EDGECC cases SUITE   [--only TEXT] [--markdown FILE] [--list]

`models`: every .onnx and .tflite file below MODELS is written after import, after the passes
'default', and (float models) quantised by edgecc, 'rounded' with the pass 'round-as-tflite' and
'quantized' without; calibrated on MODELS/digits/calib.npz where that fits, else on seeded numbers of
the inputs' shapes. LiteRT must load each and give what edgecc's interpreter gives for the module that
was written, on seeded inputs: floats within 1e-5 of the largest result; integers of a model that came
from TFLite, or was 'rounded', exactly. Models that were quantised for ONNX round as ONNX does: 90 %
within one step, and 20 dB over all. 'quantized' is told and not judged: steps that two ways of
rounding are apart grow without bound in networks of random weights. Exit status 1 where one does not
load, or is further off than that.

`cases`: every case folder of a conformance suite (model, test_data_set_K) is written as imported.
For TFLite cases LiteRT runs the original too, and both must agree (integers exactly, floats within
the case's tolerance.json); for ONNX cases the recorded outputs are the reference. Each case is
'passed', 'different', 'refused' with edgecc's reason (TFLite cannot say it), or 'not imported': the
model's structure depends on its inputs' values, so that no module stands for it. 'not loaded' is a
file that LiteRT refuses, which is a fault of the writer; exit status 1 for one of those or of
'different'.
"""

import argparse
import collections
import concurrent.futures
import json
import multiprocessing
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy
from ai_edge_litert.interpreter import Interpreter, OpResolverType

# The reference resolver lacks some operators; the built-in ones without delegates have them.
RESOLVERS = (OpResolverType.BUILTIN_REF, OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)


def call(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    return done.returncode, (done.stderr or done.stdout).strip()


# --- LiteRT, in a process of its own: some models end it ---


def litert(path, samples):
    """The outputs for each sample, a dictionary of arrays by name or a list in order."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.Process(target=run_in_child, args=(sender, str(path), samples))
    child.start()
    sender.close()
    try:
        result = receiver.recv() if receiver.poll(120) else RuntimeError("no result within 120 s")
    except EOFError:
        result = RuntimeError("LiteRT ended the process")
    child.terminate()
    child.join()
    if isinstance(result, Exception):
        raise result
    return result


def run_in_child(sender, path, samples):
    failure = None
    for resolver in RESOLVERS:
        try:
            sender.send([run_once(path, sample, resolver) for sample in samples])
            return
        except Exception as error:  # Whatever a runtime throws is a finding.
            failure = error
            if "Didn't find op" not in str(error):
                break
    sender.send(RuntimeError(" ".join(str(failure).split())[:300]))


def run_once(path, sample, resolver):
    interpreter = Interpreter(
        model_path=path, experimental_op_resolver_type=resolver, num_threads=1)
    details = interpreter.get_input_details()
    arrays = sample if isinstance(sample, list) else by_name(interpreter, details, sample)
    for detail, array in zip(details, arrays, strict=True):
        if list(detail["shape"]) != list(array.shape):
            interpreter.resize_tensor_input(detail["index"], array.shape, strict=False)
    interpreter.allocate_tensors()
    for detail, array in zip(details, arrays, strict=True):
        interpreter.set_tensor(
            detail["index"], array.astype(numpy.int8) if array.dtype.name == "int4" else array)
    interpreter.invoke()
    return [numpy.array(interpreter.get_tensor(d["index"])) for d in interpreter.get_output_details()]


def by_name(interpreter, details, sample):
    """The arrays in the order of the inputs, whose names are the signature's."""
    names = interpreter._get_full_signature_list()["serving_default"]["inputs"]
    titles = {index: name for name, index in names.items()}
    return [sample[titles[detail["index"]]] for detail in details]


# --- Models ---

PIPELINES = {
    "import": None,
    "default": "default",
    "quantized": "default,default-quantize",
    "rounded": "default,default-quantize,round-as-tflite",
}


def seeded(details, count):
    """`count` samples: reals in −1 … 1, integers over their range, indices small."""
    random = numpy.random.default_rng(20260711)
    samples = []
    for _ in range(count):
        sample = []
        for shape, kind in details:
            if kind.kind == "f":
                sample.append(random.uniform(-1, 1, shape).astype(kind))
            elif kind.itemsize > 2:
                sample.append(random.integers(0, 16, shape).astype(kind))
            else:
                limits = numpy.iinfo(kind)
                sample.append(random.integers(limits.min, limits.max + 1, shape).astype(kind))
        samples.append(sample)
    return samples


def inputs_of(path):
    interpreter = Interpreter(model_path=str(path))
    details = interpreter.get_input_details()
    names = interpreter._get_full_signature_list()["serving_default"]["inputs"]
    titles = {index: name for name, index in names.items()}
    return [(titles[d["index"]], list(d["shape"]), numpy.dtype(d["dtype"])) for d in details]


def interpret(edgecc, text, ports, samples, folder):
    stacked = {
        name: numpy.stack([sample[place] for sample in samples])
        for place, (name, _, _) in enumerate(ports)
    }
    numpy.savez(folder / "data.npz", **stacked)
    output = folder / "expected.npy"
    status, message = call([edgecc, "run", text, "--data", folder / "data.npz", "--output", output])
    if status:
        raise RuntimeError(message)
    return numpy.load(output)


def compare_model(found, expected, exact, step):
    """The error as text, and whether it is within the limits."""
    found = numpy.stack(found)
    if found.size != expected.size:
        return f"shape {found.shape} for {expected.shape}", False
    found = found.reshape(expected.shape)
    apart = numpy.abs(found.astype(numpy.float64) - expected.astype(numpy.float64))
    if expected.dtype.kind == "f" and step is None:
        error = apart.max() / max(numpy.abs(expected).max(), 1e-9)
        return f"{error:.1e}", bool(error <= 1e-5)
    steps = numpy.rint(apart / (step or 1))
    same = 100 * (steps == 0).mean()
    if steps.max() == 0:
        return "identical", True
    near = 100 * (steps <= 1).mean()
    centred = expected.astype(numpy.float64) - (expected.min() if step is None else 0)
    ratio = 10 * numpy.log10((centred**2).sum() / max((apart**2).sum(), 1e-30))
    told = f"{same:.1f} % identical, {int(steps.max())} steps, {ratio:.0f} dB"
    return told, bool(not exact and near >= 90 and ratio >= 20)


def result_step(path):
    """The scale behind a float result that was quantised; None elsewhere."""
    interpreter = Interpreter(model_path=str(path))
    last = interpreter._get_ops_details()[-1]
    if last["op_name"] != "DEQUANTIZE":
        return None
    tensors = {d["index"]: d for d in interpreter.get_tensor_details()}
    return float(tensors[last["inputs"][0]]["quantization"][0]) or None


def examine_model(edgecc, model, pipeline, options, folder):
    """One row of the table and whether it is as it should be."""
    written, text = folder / "model.tflite", folder / "model.eir"
    commands = []
    if PIPELINES[pipeline]:
        commands = ["--pass-pipeline", PIPELINES[pipeline]]
    if "quantize" in (PIPELINES[pipeline] or ""):
        commands += ["--calibration", calibration(edgecc, model, options, folder)]
    for command in ([model, "-o", text] + commands, [text, "-o", written]):
        status, message = call([edgecc, "opt"] + command)
        if status:
            return ["", "refused: " + first_error(message)], False
    ports = inputs_of(written)
    samples = seeded([port[1:] for port in ports], options.samples)
    expected = interpret(edgecc, text, ports, samples, folder)
    found = [outputs[0] for outputs in litert(written, samples)]
    exact = model.suffix == ".tflite" or pipeline == "rounded"
    told, good = compare_model(found, expected, exact, result_step(written))
    good = good or pipeline == "quantized"  # Rounded as edgecc does: told, not judged.
    count = len(Interpreter(model_path=str(written))._get_ops_details())
    return [str(count), told], good


def calibration(edgecc, model, options, folder):
    own = options.folder / "digits" / "calib.npz"
    if model.parent.name == "digits" and model.suffix == ".onnx":
        return own
    probe = folder / "probe.tflite"
    call([edgecc, "opt", model, "-o", probe])
    ports = inputs_of(probe)
    samples = seeded([port[1:] for port in ports], 32)
    data = {port[0]: numpy.stack([s[i] for s in samples]) for i, port in enumerate(ports)}
    numpy.savez(folder / "calibration.npz", **data)
    return folder / "calibration.npz"


def is_quantised(model):
    return any(part in str(model) for part in ("int8", "int16", "_q", "quant", "dynamic"))


def survey_models(options):
    files = sorted(
        path
        for path in options.folder.rglob("*")
        if path.suffix in (".onnx", ".tflite") and options.only in str(path)
        and "import_only" not in str(path)
    )
    rows, failures = [], 0
    for model in files:
        for pipeline in PIPELINES:
            if pipeline in ("quantized", "rounded") and is_quantised(model.relative_to(options.folder)):
                continue
            with tempfile.TemporaryDirectory() as folder:
                try:
                    row, good = examine_model(
                        options.edgecc, model, pipeline, options, pathlib.Path(folder))
                except Exception as error:  # Whatever a runtime throws is a finding.
                    row, good = ["", "fails: " + str(error).splitlines()[0][:160]], False
            failures += not good
            rows.append([str(model.relative_to(options.folder)), pipeline, *row, "" if good else "FAILS"])
            print(" | ".join(rows[-1]), flush=True)
    print(f"{len(rows) - failures} of {len(rows)} as they should be")
    return [["model", "after", "operators", "off by", ""], *rows], failures or not rows


# --- Conformance cases ---


def first_error(message):
    lines = [line for line in message.splitlines() if "error:" in line]
    return (lines or message.splitlines() or ["no message"])[0].split("error: ")[-1]


def arrays(folder, kind):
    """The arrays `kind_0`, `kind_1` … of a test set; None where one is no tensor."""
    result = []
    while True:
        place = folder / f"{kind}_{len(result)}"
        if place.with_suffix(".npy").exists():
            result.append(numpy.load(place.with_suffix(".npy")))
        elif place.with_suffix(".pb").exists():
            result.append(proto_array(place.with_suffix(".pb")))
        else:
            return result


def proto_array(path):
    import onnx

    tensor = onnx.TensorProto()
    tensor.ParseFromString(path.read_bytes())
    return onnx.numpy_helper.to_array(tensor)


def port_names(model):
    """The names of an ONNX model's inputs, without initializers."""
    import onnx

    graph = onnx.load(str(model), load_external_data=False).graph
    constants = {tensor.name for tensor in graph.initializer}
    return [port.name for port in graph.input if port.name not in constants]


def extents(arrays):
    return [array.shape for array in arrays]


def shapes(model, sample):
    """Options that give free dimensions the extents of `sample`."""
    interpreter = Interpreter(model_path=str(model))
    result = []
    for detail, array in zip(interpreter.get_input_details(), sample):
        if -1 in detail["shape_signature"]:
            extents = "x".join(str(extent) for extent in array.shape)
            result += ["--shape", f"{detail['name']}={extents}"]
    return result


def agree(found, expected, limits):
    """What is wrong, or nothing."""
    if len(found) != len(expected):
        return f"{len(found)} outputs for {len(expected)}"
    for a, e in zip(found, expected):
        if e.dtype.name == "int4":
            e = e.astype(numpy.int8)  # LiteRT unpacks 4-bit integers into bytes.
        if a.shape != e.shape and a.size == e.size == 1:
            a = a.reshape(e.shape)
        if a.shape != e.shape or a.dtype != e.dtype:
            return f"{a.dtype}{list(a.shape)} for {e.dtype}{list(e.shape)}"
        if e.dtype.name == "bfloat16":
            # As ONNX's own suite has it: two steps.
            a, e = a.astype(numpy.float32), e.astype(numpy.float32)
            if not numpy.allclose(a, e, rtol=2**-6, atol=1e-5, equal_nan=True):
                return "off by more than two steps of bfloat16"
        elif e.dtype.kind == "f":
            # Dynamic-range models: LiteRT rounds activations to 8 bits, which edgecc does not.
            share = limits.get("relmax", 0) * (numpy.nanmax(numpy.abs(e)) if e.size else 0)
            step = 1e-3 if e.dtype == numpy.float16 else 0
            near = {"rtol": limits["rtol"], "atol": limits["atol"] + share + step, "equal_nan": True}
            if not numpy.allclose(a, e, **near):
                apart = numpy.nanmax(numpy.abs(a.astype(numpy.float64) - e.astype(numpy.float64)))
                return f"off by {apart:.2e}"
        elif not numpy.array_equal(a, e):
            if e.dtype.kind in "iu":
                steps = int(numpy.abs(a.astype(numpy.int64) - e.astype(numpy.int64)).max())
                return f"off by {steps} steps in {100 * (a != e).mean():.1f} %"
            return "other values"
    return ""


def examine_case(options, case):
    """Outcome and reason."""
    model = next(path for path in case.iterdir() if path.suffix in (".onnx", ".tflite"))
    limits = {"rtol": 1e-3, "atol": 1e-5}
    if (case / "tolerance.json").exists():
        limits.update(json.loads((case / "tolerance.json").read_text()))
    sets = sorted(case.glob("test_data_set_*"))
    try:
        inputs = [arrays(folder, "input") for folder in sets]
        expected = [arrays(folder, "output") for folder in sets]
    except Exception as error:
        return "not imported", f"inputs or outputs are no tensors ({type(error).__name__})"
    names = port_names(model) if model.suffix == ".onnx" else None
    with tempfile.TemporaryDirectory() as folder:
        written = pathlib.Path(folder) / "model.tflite"
        command = [options.edgecc, "opt", model, "-o", written]
        if model.suffix == ".tflite":
            command += shapes(model, inputs[0])
        status, message = call(command)
        if status == 1 and "cannot be written" not in message and "TFLite" not in message:
            return "not imported", first_error(message)
        if status > 1:
            return "not imported", first_error(message)
        if status:
            return "refused", first_error(message)
        samples = inputs
        if names is not None:
            samples = [dict(zip(names, sample)) for sample in inputs]
        # The module that was written has the extents of the first set.
        same = [s for s, i in zip(samples, inputs) if extents(i) == extents(inputs[0])]
        try:
            found = litert(written, same)
        except Exception as error:
            return "not loaded", str(error).splitlines()[0]
    if model.suffix == ".tflite":
        expected = litert(model, same)
    for a, e in zip(found, expected):
        problem = agree(a, e, limits)
        if problem:
            return "different", problem
    return "passed", ""


def survey_cases(options):
    cases = sorted(
        path.parent
        for suffix in ("onnx", "tflite")
        for path in options.folder.rglob(f"model.{suffix}")
        if options.only in str(path.parent)
    )
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        outcomes = list(pool.map(lambda case: attempt(options, case), cases))
    rows = []
    counts = collections.Counter()
    reasons = collections.defaultdict(list)
    for case, (outcome, reason) in zip(cases, outcomes):
        counts[outcome] += 1
        general = re.sub(r"tensor<[^>]*>|-?[0-9][0-9.e+-]*", "…", reason)
        reasons[outcome, general].append(case.name)
        rows.append([str(case.relative_to(options.folder)), outcome, reason])
        if options.list:
            print(" | ".join(rows[-1]), flush=True)
    for (outcome, reason), names in sorted(reasons.items()):
        if outcome != "passed":
            print(f"{outcome}: {len(names)} × {reason} ({', '.join(names[:4])})")
    print(", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())))
    bad = counts["different"] + counts["not loaded"]
    return [["case", "outcome", "why"], *rows], bad or not rows


def attempt(options, case):
    try:
        return examine_case(options, case)
    except Exception as error:  # Whatever a runtime throws is a finding.
        return "not loaded", f"{type(error).__name__}: {str(error)[:160]}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("edgecc", type=pathlib.Path)
    parser.add_argument("what", choices=["models", "cases"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--markdown", type=pathlib.Path)
    options = parser.parse_args()
    options.edgecc = options.edgecc.resolve()
    table, bad = survey_models(options) if options.what == "models" else survey_cases(options)
    if options.markdown:
        lines = [table[0], ["---"] * len(table[0]), *table[1:]]
        options.markdown.write_text("".join("| " + " | ".join(row) + " |\n" for row in lines))
    return 1 if bad else 0


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main())
