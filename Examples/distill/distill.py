"""Trains a small digits network on what a larger one thinks, and compiles it.

The teacher is the digits example's network. edgecc runs it over a transfer set and writes its logits
(`edgecc run --save-logits`); a student learns from them and from no label (Hinton et al., "Distilling
the Knowledge in a Neural Network", 2015). Twins with the same initial weights learn from labels: of a
hundred images, and of all. Run it from any folder; the results land beside this file.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
DIGITS = HERE.parent / "digits"
sys.path.insert(0, str(DIGITS))

import network
from export import onnx_model
from layers import BatchNorm, Conv, Dense, GlobalPool, Relu
from train import Adam, disturbed, load_split

COPIES = 12
STEPS = 5000
BATCH = 64
PEAK_RATE = 8e-3
# Higher ones did worse here: the teacher was trained with smoothed labels, which leave little in its
# small probabilities (Müller et al., "When Does Label Smoothing Help?", 2019).
TEMPERATURE = 1.0
FEW = 100
SEEDS = range(3)


def student(rng):
    """Two convolutions, each halving the image, and a dense layer."""
    return [
        Conv(rng, "stem.conv", 1, 6, kernel=3, stride=2),
        BatchNorm("stem.norm", 6),
        Relu("stem.relu"),
        Conv(rng, "body.conv", 6, 12, kernel=3, stride=2),
        BatchNorm("body.norm", 12),
        Relu("body.relu"),
        GlobalPool("pool"),
        Dense(rng, "head", 12, 10),
    ]


def softmax(logits):
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def label_gradient(logits, labels):
    """Of the mean cross entropy with the labels, by the logits."""
    gradient = softmax(logits)
    gradient[np.arange(len(labels)), labels] -= 1
    return gradient / np.float32(len(labels))


def soft_gradient(logits, targets):
    """Of T² times the mean cross entropy with the teacher's answers at temperature T."""
    difference = softmax(logits / TEMPERATURE) - softmax(targets / TEMPERATURE)
    return TEMPERATURE * difference / np.float32(len(logits))


def fit(layers, rng, images, answers, gradient):
    """Trains in place: `answers` to `images` by the loss whose gradient is given."""
    optimizer = Adam(layers)
    order = []
    for step in range(STEPS):
        if len(order) < BATCH:
            order = list(rng.permutation(len(images)))
        chosen = [order.pop() for _ in range(BATCH)]
        logits = network.forward(layers, images[chosen], training=True)
        network.backward(layers, gradient(logits, answers[chosen]).astype(np.float32))
        progress = step / STEPS
        optimizer.step(PEAK_RATE * min(10 * progress, 0.5 * (1 + np.cos(np.pi * progress))))


def correct(layers, images, labels):
    return int((network.forward(layers, images).argmax(axis=1) == labels).sum())


def nhwc(images):
    return images.transpose(0, 2, 3, 1)


def edgecc_run(edgecc, arguments, folder):
    command = [str(edgecc), "run", *map(str, arguments), "--json", "-q"]
    return json.loads(subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout)


def transfer_set(train, labels, folder):
    """The training images, disturbed copies of them, and their labels; also as transfer.npz."""
    rng = np.random.default_rng(1)
    images = np.concatenate([nhwc(train)] + [disturbed(rng, nhwc(train)) for _ in range(COPIES - 1)])
    images = images.astype(np.float32)
    repeated = np.tile(labels, COPIES)
    np.savez(folder / "transfer.npz", image=images.transpose(0, 3, 1, 2), labels=repeated)
    return images, repeated


def noisy(images, labels):
    """Ten disturbed copies of the test set: what one image more or less cannot hide."""
    rng = np.random.default_rng(2)
    copies = [disturbed(rng, nhwc(images)) for _ in range(10)]
    return np.concatenate(copies).astype(np.float32), np.tile(labels, 10)


def compare(images, labels, targets, tests):
    """Of each way to train: correct answers by seed and test set, and the last way's networks."""
    originals = len(images) // COPIES
    few = np.random.default_rng(3).permutation(originals)[:FEW]
    few = np.concatenate([few + originals * copy for copy in range(COPIES)])
    ways = {
        f"{FEW}_labels": (images[few], labels[few], label_gradient),
        "all_labels": (images, labels, label_gradient),
        "distilled": (images, targets, soft_gradient),
    }
    counts = {}
    for way, (seen, answers, gradient) in ways.items():
        networks = []
        for seed in SEEDS:
            layers = student(np.random.default_rng(seed))
            fit(layers, np.random.default_rng(seed), seen, answers, gradient)
            networks.append(layers)
        counts[way] = [[correct(layers, *test) for test in tests] for layers in networks]
        print(way, counts[way], flush=True)
    return counts, networks


def compiled(edgecc, folder, calibration):
    """How many test images the int8 student gets right on each target."""
    counts = {}
    np.savez(folder / "calibration.npz", image=calibration)
    for target in ("cpu", "mcu", "npu"):
        told = edgecc_run(
            edgecc, [HERE / "student.onnx", "--data", DIGITS / "test.npz", "--target", target,
                     "--quantize", "int8", "--calibration", folder / "calibration.npz"], folder)
        counts[target] = told["correct"]
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edgecc", type=pathlib.Path, default=HERE / "../../.build/release/edgecc")
    edgecc = parser.parse_args().edgecc.resolve()
    (train, train_labels), calibration, (test, test_labels) = load_split()
    tests = [(nhwc(test), test_labels), noisy(test, test_labels)]
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        images, labels = transfer_set(train, train_labels, folder)
        edgecc_run(edgecc, [DIGITS / "digits.onnx", "--data", "transfer.npz",
                            "--save-logits", "targets.npz"], folder)
        targets = np.load(folder / "targets.npz")["logits"]
        np.savez(folder / "noisy.npz", image=tests[1][0].transpose(0, 3, 1, 2), labels=tests[1][1])
        teacher = [edgecc_run(edgecc, [DIGITS / "digits.onnx", "--data", data], folder)["correct"]
                   for data in (DIGITS / "test.npz", folder / "noisy.npz")]
        counts, networks = compare(images, labels, targets, tests)
        model = onnx_model(networks[0])
        (HERE / "student.onnx").write_bytes(model.SerializeToString(deterministic=True))
        sizes = np.array([len(labels) for _, labels in tests])
        summary = {
            "parameters": network.parameter_count(networks[0]),
            "teacher": (np.array(teacher) / sizes).round(4).tolist(),
            **{way: (np.mean(rows, axis=0) / sizes).round(4).tolist()
               for way, rows in counts.items()},
            "correct_by_seed": counts,
            "student_onnx_int8_correct": compiled(edgecc, folder, calibration),
        }
    (HERE / "accuracy.json").write_text(json.dumps(summary, indent=1) + "\n")
    print(json.dumps(summary, indent=1))


if __name__ == "__main__":
    main()
