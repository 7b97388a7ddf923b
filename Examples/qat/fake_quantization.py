"""Layers that compute with rounded weights and activations, and learn as if nothing were rounded.

The gradient of rounding is taken to be 1 within the range and 0 outside: the straight-through
estimator (Bengio, Léonard and Courville 2013; Jacob et al. 2018 for quantisation). The layers extend
those of the digits example.
"""

import numpy as np

import layers


def weight_scales(weight, bits):
    """One scale per output channel, which is the last axis: the largest weight is the last step."""
    limit = 2 ** (bits - 1) - 1
    largest = np.abs(weight).max(axis=tuple(range(weight.ndim - 1)))
    return np.maximum(largest / limit, 1e-8).astype(np.float32)


def stored_weights(weight, bits):
    """The integers that stand for `weight`, and their scales."""
    scales = weight_scales(weight, bits)
    return np.rint(weight / scales).astype(np.int8), scales


class RoundedWeights:
    """Swaps a layer's weights for rounded ones around each pass; `bits` None leaves them alone."""

    bits = None

    def forward(self, x, training):
        exact = self.params["weight"]
        if self.bits:
            stored, scales = stored_weights(exact, self.bits)
            self.params["weight"] = stored * scales
        y = super().forward(x, training) + self.extra()
        self.used, self.params["weight"] = self.params["weight"], exact
        return y

    def backward(self, dy):
        exact, self.params["weight"] = self.params["weight"], self.used
        dx = super().backward(dy)
        self.params["weight"] = exact
        return dx

    def extra(self):
        return 0


class Conv(RoundedWeights, layers.Conv):
    """A convolution with a bias."""

    def __init__(self, rng, name, inputs, outputs, **more):
        super().__init__(rng, name, inputs, outputs, **more)
        self.params["bias"] = np.zeros(outputs, np.float32)

    def extra(self):
        return self.params["bias"]

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["bias"] = dy.sum(axis=(0, 1, 2))
        return dx


class Dense(RoundedWeights, layers.Dense):
    """x·W + b, as in the digits example."""


class Rounding:
    """Rounds activations to 256 steps over the range that training saw, a moving average."""

    momentum = 0.98

    def __init__(self, name, low=None, high=None):
        self.name, self.params, self.grads = name, {}, {}
        self.low, self.high, self.fixed = low, high, low is not None
        self.active = False

    def forward(self, x, training):
        if training and not self.fixed:
            low, high = min(float(x.min()), 0.0), max(float(x.max()), 0.0)
            if self.low is None:
                self.low, self.high = low, high
            self.low += (1 - self.momentum) * (low - self.low)
            self.high += (1 - self.momentum) * (high - self.high)
        if not self.active:
            self.inside = 1
            return x
        scale, zero = self.parameters()
        stored = np.rint(x / scale) + zero
        self.inside = (stored >= -128) & (stored <= 127)
        return ((stored.clip(-128, 127) - zero) * scale).astype(np.float32)

    def backward(self, dy):
        return dy * self.inside

    def parameters(self):
        """Scale and zero point, zero exact."""
        scale = np.float32(max(self.high - self.low, 1e-6) / 255)
        return scale, int(np.clip(np.rint(-128 - self.low / scale), -128, 127))
