"""Writes test-case folders, and records the expected outputs with a reference runtime.

The layout is that of the ONNX backend tests: NAME/model.onnx or NAME/model.tflite, and
NAME/test_data_set_K/input_J.npy and output_J.npy, J in the model's own order.
"""

import json
import pathlib
import shutil

import numpy as np
import onnx
import onnxruntime
from ai_edge_litert.interpreter import Interpreter, OpResolverType

HERE = pathlib.Path(__file__).resolve().parent


def fresh_folder(name):
    """An empty folder for the case, whatever was there before."""
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def write_arrays(folder, sample, stem, arrays):
    data = folder / f"test_data_set_{sample}"
    data.mkdir(exist_ok=True)
    for index, array in enumerate(arrays):
        np.save(data / f"{stem}_{index}.npy", np.asarray(array, order="C"))


def write_tolerance(folder, tolerance):
    if tolerance:
        (folder / "tolerance.json").write_text(json.dumps(tolerance) + "\n")


def onnx_bytes(model):
    return model.SerializeToString(deterministic=True)


def run_onnx(path, inputs):
    """ONNX Runtime without graph rewriting: each node computed as the file states it."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    return session.run(None, dict(zip(names, inputs, strict=True)))


def write_onnx_case(name, model, samples, tolerance=None, external=None):
    """`samples` is a list of input lists. `external` names a file for the weights."""
    onnx.checker.check_model(model)
    folder = fresh_folder(name)
    if external:
        onnx.save_model(model, folder / "model.onnx", save_as_external_data=True,
                        location=external, size_threshold=64)
    else:
        (folder / "model.onnx").write_bytes(onnx_bytes(model))
    for sample, inputs in enumerate(samples):
        write_arrays(folder, sample, "input", inputs)
        write_arrays(folder, sample, "output", run_onnx(folder / "model.onnx", inputs))
    write_tolerance(folder, tolerance)


def run_tflite(content, inputs):
    """LiteRT with its reference kernels, not the XNNPACK ones."""
    interpreter = Interpreter(model_content=content, num_threads=1,
                              experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    for detail, array in zip(interpreter.get_input_details(), inputs, strict=True):
        interpreter.set_tensor(detail["index"], array)
    interpreter.invoke()
    return [interpreter.get_tensor(d["index"]) for d in interpreter.get_output_details()]


def write_tflite_case(name, content, samples):
    folder = fresh_folder(name)
    (folder / "model.tflite").write_bytes(content)
    for sample, inputs in enumerate(samples):
        write_arrays(folder, sample, "input", inputs)
        outputs = run_tflite(content, inputs)
        for output in outputs:
            # A constant or saturated output would let a wrong kernel pass.
            wanted = 2 if output.dtype == bool else min(8, output.size // 2)
            if len(np.unique(output)) < wanted:
                raise ValueError(f"{name}: the expected output says too little")
        write_arrays(folder, sample, "output", outputs)
