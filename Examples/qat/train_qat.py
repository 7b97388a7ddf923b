"""Quantisation-aware training in plain numpy, and the way of its networks through edgecc.

Trains a small digits network in float, then goes on with rounded weights and activations, for weights
of 8, 4 and 3 bits. Each network is written as QDQ ONNX twice: rounded as it stood after float
training, and after training that knew of the rounding. edgecc imports the files; the script stops
where anything is left in float, or where a target gives other bytes than the interpreter.
Run it from any folder; the results land beside this file.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import copy
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
DIGITS = HERE.parent / "digits"
sys.path.insert(0, str(DIGITS))

import fake_quantization as fq
import network
from layers import GlobalPool, Relu
from qdq_export import onnx_model
from train import Adam, disturbed, load_split, loss_gradient

SEED = 7
BATCH = 64
FLOAT_STEPS, QAT_STEPS = 2500, 1200
FLOAT_RATE, QAT_RATE = 4e-3, 1e-3
WIDTHS = (8, 4, 3)
TARGETS = ("cpu", "mcu", "npu")


def build(rng):
    """Three convolutions, pooling, a dense layer; a rounding behind each."""
    return [
        fq.Rounding("image.rounding", low=0.0, high=1.0),
        fq.Conv(rng, "stem", 1, 8, kernel=3), Relu("stem.relu"), fq.Rounding("stem.rounding"),
        fq.Conv(rng, "body", 8, 16, kernel=3, stride=2), Relu("body.relu"),
        fq.Rounding("body.rounding"),
        fq.Conv(rng, "tail", 16, 24, kernel=3, stride=2), Relu("tail.relu"),
        fq.Rounding("tail.rounding"),
        GlobalPool("pool"), fq.Rounding("pool.rounding"),
        fq.Dense(rng, "head", 24, 10), fq.Rounding("logits.rounding"),
    ]


def rounded(layers, bits):
    """A copy that rounds its weights to `bits` and its activations to 8 bits."""
    layers = copy.deepcopy(layers)
    for layer in layers:
        if isinstance(layer, fq.Rounding):
            layer.active = True
        elif isinstance(layer, fq.RoundedWeights):
            layer.bits = bits
    return layers


def fit(layers, rng, images, labels, steps, peak):
    """Trains in place: a short warm-up, then half a cosine down to zero."""
    optimizer = Adam(layers)
    for step in range(steps):
        chosen = rng.integers(0, len(images), BATCH)
        logits = network.forward(layers, disturbed(rng, images[chosen]), training=True)
        _, gradient = loss_gradient(logits, labels[chosen])
        network.backward(layers, gradient)
        progress = step / steps
        optimizer.step(peak * min(20 * progress, 0.5 * (1 + np.cos(np.pi * progress))))


def correct(layers, images, labels):
    return int((network.forward(layers, images).argmax(axis=1) == labels).sum())


def edgecc(tool, *arguments):
    command = [str(tool), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def left_in_float(tool, model):
    """Operations with float results that are left after import and the standard passes."""
    text = edgecc(tool, "opt", model, "--pass-pipeline", "default", "--no-weights")
    made = re.findall(r"^\s+%\S+ = (\w+)\(.*: tensor<[^>]*f32", text, re.MULTILINE)
    return [name for name in made if name not in ("quantize", "dequantize")]


def run(tool, model, data, folder, *way):
    """How many answers are correct, and the bytes of all of them."""
    output = folder / "output.npy"
    told = json.loads(edgecc(tool, "run", model, "--data", data, *way, "--output", output, "--json"))
    return told["correct"], output.read_bytes()


def through_edgecc(tool, model, noisy, folder):
    """Correct answers to the test set and to its disturbed copies; stops where anything is left in
    float, or where a target gives other bytes than the interpreter."""
    if rest := left_in_float(tool, model):
        sys.exit(f"{model.name}: left in float: {', '.join(rest)}")
    test = DIGITS / "test.npz"
    correct, wanted = run(tool, model, test, folder, "--pass-pipeline", "default")
    for target in TARGETS:
        if run(tool, model, test, folder, "--target", target)[1] != wanted:
            sys.exit(f"{model.name}: {target} differs from the interpreter")
    return [correct, run(tool, model, noisy, folder, "--target", "cpu")[0]]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edgecc", type=pathlib.Path, default=HERE / "../../.build/release/edgecc")
    tool = parser.parse_args().edgecc.resolve()
    (train, train_labels), _, (test, test_labels) = load_split()
    train, test = train.transpose(0, 2, 3, 1), test.transpose(0, 2, 3, 1)
    rng = np.random.default_rng(SEED)
    noise = np.random.default_rng(2)
    noisy = np.concatenate([disturbed(noise, test) for _ in range(10)]).astype(np.float32)
    noisy_labels = np.tile(test_labels, 10)

    layers = build(rng)
    fit(layers, rng, train, train_labels, FLOAT_STEPS, FLOAT_RATE)
    rows = {"float": [correct(layers, test, test_labels), correct(layers, noisy, noisy_labels)]}
    print("float", rows["float"], flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        np.savez(folder / "noisy.npz", image=noisy.transpose(0, 3, 1, 2), labels=noisy_labels)
        for bits in WIDTHS:
            before = rounded(layers, bits)
            after = copy.deepcopy(before)
            fit(after, np.random.default_rng(SEED), train, train_labels, QAT_STEPS, QAT_RATE)
            for name, net in (("ptq", before), ("qat", after)):
                path = HERE / f"digits_{name}_w{bits}.onnx"
                path.write_bytes(onnx_model(net).SerializeToString(deterministic=True))
                rows[path.stem] = through_edgecc(tool, path, folder / "noisy.npz", folder)
                told = [correct(net, test, test_labels), correct(net, noisy, noisy_labels)]
                print(path.stem, rows[path.stem], "in training", told, flush=True)
    summary = {"images": [len(test), len(noisy)], "correct": rows}
    (HERE / "accuracy.json").write_text(json.dumps(summary, indent=1) + "\n")


if __name__ == "__main__":
    main()
