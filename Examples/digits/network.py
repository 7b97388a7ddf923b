"""The digits network: its layers in order, and the walk over all of its parameters."""

from layers import BatchNorm, Conv, Dense, GlobalPool, Relu, Residual


def separable(rng, name, inputs, outputs, stride=1, last_relu=True):
    """Depthwise 3×3, then pointwise 1×1, each with batch normalisation."""
    layers = [
        Conv(rng, f"{name}.depthwise", inputs, inputs, kernel=3, stride=stride, depthwise=True),
        BatchNorm(f"{name}.depthwise_norm", inputs),
        Relu(f"{name}.depthwise_relu"),
        Conv(rng, f"{name}.pointwise", inputs, outputs),
        BatchNorm(f"{name}.pointwise_norm", outputs),
    ]
    return layers + [Relu(f"{name}.pointwise_relu")] if last_relu else layers


def build(rng):
    """Stem, two separable blocks (the second halves the image), a residual block, the head."""
    return [
        Conv(rng, "stem.conv", 1, 16, kernel=3),
        BatchNorm("stem.norm", 16),
        Relu("stem.relu"),
        *separable(rng, "block1", 16, 32),
        *separable(rng, "block2", 32, 64, stride=2),
        Residual("block3", separable(rng, "block3", 64, 64, last_relu=False)),
        Relu("block3.relu"),
        GlobalPool("pool"),
        Dense(rng, "head", 64, 10),
    ]


def every_layer(layers):
    """All layers, those inside residual blocks included."""
    for layer in layers:
        yield layer
        if isinstance(layer, Residual):
            yield from every_layer(layer.body)


def forward(layers, x, training=False):
    for layer in layers:
        x = layer.forward(x, training)
    return x


def backward(layers, gradient):
    for layer in reversed(layers):
        gradient = layer.backward(gradient)


def parameter_count(layers):
    return sum(array.size for layer in every_layer(layers) for array in layer.params.values())
