"""The few layers of the digits network, forward and backward, in plain numpy.

Activations are NHWC. A layer keeps what its backward pass needs, writes the gradients of its
parameters into `grads`, and returns the gradient of its input.
"""

import numpy as np


def initial_weights(rng, shape, fan_in):
    """He-normal initial weights: the right spread in front of a ReLU."""
    return (rng.standard_normal(shape) * np.sqrt(2.0 / fan_in)).astype(np.float32)


class Conv:
    """A k×k convolution without bias: dense, or depthwise when `depthwise` is set.

    It is computed tap by tap: one shifted view of the padded input per filter position, so the
    backward pass is the same loop run the other way.
    """

    def __init__(self, rng, name, inputs, outputs, kernel=1, stride=1, depthwise=False):
        self.name, self.kernel, self.stride, self.depthwise = name, kernel, stride, depthwise
        self.pad = kernel // 2
        shape = (kernel, kernel, inputs) if depthwise else (kernel, kernel, inputs, outputs)
        fan_in = kernel * kernel * (1 if depthwise else inputs)
        self.params = {"weight": initial_weights(rng, shape, fan_in)}
        self.grads = {}

    def taps(self, padded, height, width):
        for row in range(self.kernel):
            for column in range(self.kernel):
                rows = slice(row, row + self.stride * (height - 1) + 1, self.stride)
                columns = slice(column, column + self.stride * (width - 1) + 1, self.stride)
                yield (row, column), padded[:, rows, columns, :]

    def forward(self, x, training):
        p, k = self.pad, self.kernel
        self.padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
        self.size = [(extent + 2 * p - k) // self.stride + 1 for extent in x.shape[1:3]]
        weight = self.params["weight"]
        total = 0.0
        for position, view in self.taps(self.padded, *self.size):
            tap = weight[position]
            total = total + (view * tap if self.depthwise else view @ tap)
        return total

    def backward(self, dy):
        weight = self.params["weight"]
        dw, dpadded = np.zeros_like(weight), np.zeros_like(self.padded)
        views = dict(self.taps(self.padded, *self.size))
        for position, dview in self.taps(dpadded, *self.size):
            view, tap = views[position], weight[position]
            if self.depthwise:
                dw[position] = (view * dy).sum(axis=(0, 1, 2))
                dview += dy * tap
            else:
                flat = view.reshape(-1, view.shape[-1])
                dw[position] = flat.T @ dy.reshape(-1, dy.shape[-1])
                dview += dy @ tap.T
        self.grads["weight"] = dw
        p = self.pad
        return dpadded[:, p:dpadded.shape[1] - p, p:dpadded.shape[2] - p, :]


class BatchNorm:
    """Batch normalisation over all positions of a channel, with running statistics."""

    epsilon = np.float32(1e-5)
    momentum = np.float32(0.9)

    def __init__(self, name, channels):
        self.name = name
        self.params = {"scale": np.ones(channels, np.float32),
                       "bias": np.zeros(channels, np.float32)}
        self.grads = {}
        self.mean = np.zeros(channels, np.float32)
        self.variance = np.ones(channels, np.float32)

    def forward(self, x, training):
        mean, variance = self.mean, self.variance
        if training:
            mean, variance = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
            keep, count = self.momentum, x.size // x.shape[-1]
            self.mean = keep * self.mean + (1 - keep) * mean
            unbiased = variance * np.float32(count / (count - 1))
            self.variance = keep * self.variance + (1 - keep) * unbiased
        self.inverse = 1 / np.sqrt(variance + self.epsilon)
        self.normal = (x - mean) * self.inverse
        return self.normal * self.params["scale"] + self.params["bias"]

    def backward(self, dy):
        axes = (0, 1, 2)
        self.grads["scale"] = (dy * self.normal).sum(axis=axes)
        self.grads["bias"] = dy.sum(axis=axes)
        dnormal = dy * self.params["scale"]
        centred = dnormal - dnormal.mean(axis=axes)
        return self.inverse * (centred - self.normal * (dnormal * self.normal).mean(axis=axes))


class Relu:
    """max(x, 0)."""

    def __init__(self, name):
        self.name, self.params, self.grads = name, {}, {}

    def forward(self, x, training):
        self.positive = x > 0
        return x * self.positive

    def backward(self, dy):
        return dy * self.positive


class GlobalPool:
    """The mean over all positions: [N, H, W, C] → [N, C]."""

    def __init__(self, name):
        self.name, self.params, self.grads = name, {}, {}

    def forward(self, x, training):
        self.shape = x.shape
        return x.mean(axis=(1, 2))

    def backward(self, dy):
        count = np.float32(self.shape[1] * self.shape[2])
        return np.broadcast_to(dy[:, None, None, :] / count, self.shape)


class Dense:
    """x·W + b, with W as [inputs, outputs]."""

    def __init__(self, rng, name, inputs, outputs):
        self.name = name
        self.params = {"weight": initial_weights(rng, (inputs, outputs), 2 * inputs),
                       "bias": np.zeros(outputs, np.float32)}
        self.grads = {}

    def forward(self, x, training):
        self.x = x
        return x @ self.params["weight"] + self.params["bias"]

    def backward(self, dy):
        self.grads["weight"] = self.x.T @ dy
        self.grads["bias"] = dy.sum(axis=0)
        return dy @ self.params["weight"].T


class Residual:
    """x + body(x)."""

    def __init__(self, name, body):
        self.name, self.body, self.params, self.grads = name, body, {}, {}

    def forward(self, x, training):
        y = x
        for layer in self.body:
            y = layer.forward(y, training)
        return x + y

    def backward(self, dy):
        dx = dy
        for layer in reversed(self.body):
            dx = layer.backward(dx)
        return dy + dx
