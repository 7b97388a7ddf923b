"""Trains the digits network, and writes the model, the test set and the calibration set.

Run it from any folder; the results land beside this file. The seed is fixed and every matrix
product runs on one thread, so two runs on one machine write the same bytes.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import hashlib
import json
import pathlib

import numpy as np
import onnxruntime
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import network
from export import onnx_model

SEED = 2024
TEST_IMAGES = 450
CALIBRATION_IMAGES = 128
EPOCHS = 60
BATCH = 32
PEAK_RATE = 4e-3
WEIGHT_DECAY = 2e-2
SMOOTHING = 0.05
NOISE = 0.1
HERE = pathlib.Path(__file__).resolve().parent


def load_split():
    """Training, calibration and test arrays: images [N, 1, 8, 8] in 0..1, labels int64."""
    digits = load_digits()
    images = (digits.images[:, None] / 16.0).astype(np.float32)
    labels = digits.target.astype(np.int64)
    train, test, train_labels, test_labels = train_test_split(
        images, labels, test_size=TEST_IMAGES, stratify=labels, random_state=SEED)
    _, calibration = train_test_split(
        train, test_size=CALIBRATION_IMAGES, stratify=train_labels, random_state=SEED)
    return (train, train_labels), calibration, (test, test_labels)


def disturbed(rng, images):
    """The images moved sideways by up to one column, and with noise on every pixel.

    Not up or down: the digits fill all eight rows, so a row moved out is a stroke lost.
    """
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (0, 0)))
    moves = rng.integers(0, 3, size=len(images))
    moved = np.stack([image[:, move:move + 8] for image, move in zip(padded, moves)])
    return moved + np.float32(NOISE) * rng.standard_normal(moved.shape, dtype=np.float32)


def loss_gradient(logits, labels):
    """Cross entropy with smoothed labels: the mean loss and its gradient by the logits."""
    shift = logits - logits.max(axis=1, keepdims=True)
    log_probability = shift - np.log(np.exp(shift).sum(axis=1, keepdims=True))
    target = np.full_like(logits, SMOOTHING / logits.shape[1])
    target[np.arange(len(labels)), labels] += 1 - SMOOTHING
    gradient = (np.exp(log_probability) - target) / np.float32(len(labels))
    return float(-(target * log_probability).sum(axis=1).mean()), gradient


class Adam:
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019), on filters only."""

    def __init__(self, layers):
        self.slots = [(layer, key, np.zeros_like(a), np.zeros_like(a))
                      for layer in network.every_layer(layers) for key, a in layer.params.items()]
        self.steps = 0

    def step(self, rate):
        self.steps += 1
        correct1, correct2 = 1 - 0.9 ** self.steps, 1 - 0.999 ** self.steps
        for layer, key, first, second in self.slots:
            gradient = layer.grads[key]
            first += np.float32(0.1) * (gradient - first)
            second += np.float32(0.001) * (gradient * gradient - second)
            change = (first / correct1) / (np.sqrt(second / correct2) + 1e-8)
            if key == "weight":
                change = change + WEIGHT_DECAY * layer.params[key]
            layer.params[key] -= (rate * change).astype(np.float32)


def fit(layers, rng, images, labels):
    """Trains in place: a linear warm-up over five epochs, then half a cosine down to zero."""
    optimizer = Adam(layers)
    batches = len(images) // BATCH
    for epoch in range(EPOCHS):
        order = rng.permutation(len(images))
        total = 0.0
        for index in range(batches):
            chosen = order[index * BATCH:(index + 1) * BATCH]
            logits = network.forward(layers, disturbed(rng, images[chosen]), training=True)
            loss, gradient = loss_gradient(logits, labels[chosen])
            network.backward(layers, gradient)
            progress = epoch + index / batches
            rate = PEAK_RATE * min(progress / 5, 0.5 * (1 + np.cos(np.pi * progress / EPOCHS)))
            optimizer.step(rate)
            total += loss
        print(f"epoch {epoch + 1:3d}  loss {total / batches:.4f}")


def measured_accuracy(model_bytes, images, labels):
    """How many test images ONNX Runtime labels correctly, one image per inference."""
    session = onnxruntime.InferenceSession(model_bytes, providers=["CPUExecutionProvider"])
    answers = [session.run(["logits"], {"image": image[None]})[0].argmax() for image in images]
    return int((np.array(answers) == labels).sum())


def main():
    (train, train_labels), calibration, (test, test_labels) = load_split()
    rng = np.random.default_rng(SEED)
    layers = network.build(rng)
    fit(layers, rng, train.transpose(0, 2, 3, 1), train_labels)

    model_bytes = onnx_model(layers).SerializeToString(deterministic=True)
    (HERE / "digits.onnx").write_bytes(model_bytes)
    np.savez_compressed(HERE / "test.npz", image=test, labels=test_labels)
    np.savez_compressed(HERE / "calibration.npz", image=calibration)

    correct = measured_accuracy(model_bytes, test, test_labels)
    summary = {
        "model": "digits.onnx",
        "sha256": hashlib.sha256(model_bytes).hexdigest(),
        "parameters": network.parameter_count(layers),
        "test_images": len(test),
        "correct": correct,
        "accuracy": round(correct / len(test), 6),
        "measured_with": f"onnxruntime {onnxruntime.__version__}",
    }
    (HERE / "accuracy.json").write_text(json.dumps(summary, indent=2) + "\n")
    print(json.dumps(summary, indent=2))


if __name__ == "__main__":
    main()
