"""Runs models in LiteRT and writes test-case folders with what came out."""

import json
import os
import shutil
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

REFERENCE = OpResolverType.BUILTIN_REF
BUILTIN = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES


class Refused(Exception):
    """LiteRT does not take the model; the reason in its words."""


def reason(error):
    return " ".join(str(error).split())[:160]


def open_model(content, resolver):
    try:
        return Interpreter(model_content=content, num_threads=1,
                           experimental_op_resolver_type=resolver)
    except (ValueError, RuntimeError) as error:
        raise Refused(reason(error)) from error


def allocated(content, resolver, inputs):
    """An interpreter whose inputs have the arrays' shapes and values."""
    interpreter = open_model(content, resolver)
    details = interpreter.get_input_details()
    try:
        for detail, array in zip(details, inputs, strict=True):
            if list(detail["shape"]) != list(array.shape):
                interpreter.resize_tensor_input(detail["index"], array.shape, strict=False)
        interpreter.allocate_tensors()
        for detail, array in zip(details, inputs, strict=True):
            interpreter.set_tensor(detail["index"], array)
    except (ValueError, RuntimeError) as error:
        raise Refused(reason(error)) from error
    return interpreter


def run(content, inputs, resolver=REFERENCE):
    """The outputs, and for each whether its shape was known before the run."""
    interpreter = allocated(content, resolver, inputs)
    before = [list(d["shape"]) for d in interpreter.get_output_details()]
    try:
        interpreter.invoke()
    except (ValueError, RuntimeError) as error:
        raise Refused(reason(error)) from error
    details = interpreter.get_output_details()
    outputs = [np.array(interpreter.get_tensor(d["index"])) for d in details]
    return outputs, [list(o.shape) == s for o, s in zip(outputs, before)]


def resolver_for(make, newest, resolvers=(REFERENCE, BUILTIN)):
    """The resolver and the newest operator version that it has, the reference one first.

    `make(version)` gives the model's bytes. Some operators have no reference kernel; their
    optimised one is then the only word on what they mean.
    """
    last = None
    for resolver in resolvers:
        for version in range(newest, 0, -1):
            try:
                open_model(make(version), resolver)
                return resolver, version
            except Refused as error:
                last = error
                if "Didn't find op" not in str(error):
                    raise
    raise last


def write_case(folder, content, samples, tolerance):
    """`samples` is a list of pairs (inputs, outputs)."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with open(os.path.join(folder, "model.tflite"), "wb") as file:
        file.write(content)
    for index, (inputs, outputs) in enumerate(samples):
        data = os.path.join(folder, f"test_data_set_{index}")
        os.makedirs(data)
        for stem, arrays in (("input", inputs), ("output", outputs)):
            for place, array in enumerate(arrays):
                np.save(os.path.join(data, f"{stem}_{place}.npy"), np.asarray(array, order="C"))
    with open(os.path.join(folder, "tolerance.json"), "w") as file:
        file.write(json.dumps(tolerance) + "\n")


def in_child(work):
    """Runs `work()` in a process of its own, as LiteRT may abort on a model; its text, or None."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        text = "done"
        try:
            work()
        except Refused as error:
            text = str(error)
        except Exception as error:  # a fault of the table, to be seen and mended
            text = f"fault: {type(error).__name__}: {error}"
        os.write(writer, text.encode())
        os._exit(0)
    os.close(writer)
    return child, reader


def record_all(cases, width=2):
    """Records every (name, work); the names recorded, and (name, reason) of those refused."""
    waiting, running, done, refused = list(cases)[::-1], {}, [], []
    while waiting or running:
        while waiting and len(running) < width:
            name, work = waiting.pop()
            sys.stdout.flush()
            child, reader = in_child(work)
            running[child] = (name, reader)
        child, _ = os.wait()
        name, reader = running.pop(child)
        text = os.read(reader, 4096).decode() or "LiteRT aborts"
        os.close(reader)
        (done.append(name) if text == "done" else refused.append((name, text)))
    return done, refused
