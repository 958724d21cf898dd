"""Layers, losses, initialisers and the paper's four models, as functions of their parameters.

A layer is a small object without state: `init(rng)` makes its parameters, a flat dict of arrays
("weight", "bias"), and `layer(params, x)` applies it. A model is a layer made of named layers; its
parameters carry the layers' names ("conv1.weight"). What PyTorch users know has PyTorch's names,
shapes and defaults: a model with PyTorch's weights gives PyTorch's outputs and gradients.

The seed axis: every parameter may have a leading axis of S independent replicas. The output then
has it too, and one batched product serves all replicas. x may have it or be shared by them, where a
layer multiplies it (Linear, Conv1d, GRU); PReLU and BatchNorm1d need it on x as well.

Built in lessons 02 (linear, loss), 06 (initialisers), 07 (convolution), 08 (GRU), 10 to 12.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mnist1d_edu import engine
from mnist1d_edu.arguments import integer, one_of, real
from mnist1d_edu.engine import Tensor, as_tensor, relu, sigmoid, tanh

# ---------------------------------------------------------------------------- initialisers
# Each gives float32 numbers of `shape` for a layer with these numbers of inputs and outputs.


def torch_default(rng, shape, fan_in: int, fan_out: int) -> np.ndarray:
    """Uniform in ±1/sqrt(fan_in): PyTorch's default for linear and convolutional layers."""
    return _uniform(rng, shape, fan_in ** -0.5)


def he(rng, shape, fan_in: int, fan_out: int) -> np.ndarray:
    """Normal with variance 2/fan_in, which keeps the variance through ReLUs. Lesson 06; UDL 7.5."""
    return (rng.standard_normal(shape) * (2 / fan_in) ** 0.5).astype(np.float32)


def he_uniform(rng, shape, fan_in: int, fan_out: int) -> np.ndarray:
    """Uniform in ±sqrt(6/fan_in): the variance of `he`."""
    return _uniform(rng, shape, (6 / fan_in) ** 0.5)


def glorot(rng, shape, fan_in: int, fan_out: int) -> np.ndarray:
    """Uniform in ±sqrt(6/(fan_in + fan_out)), for tanh and sigmoid. Lesson 06."""
    return _uniform(rng, shape, (6 / (fan_in + fan_out)) ** 0.5)


def _uniform(rng, shape, bound: float) -> np.ndarray:
    return rng.uniform(-bound, bound, shape).astype(np.float32)


def _bias(rng, size: int, fan_in: int, initialiser) -> np.ndarray:
    """PyTorch draws biases like weights; He and Glorot start them at 0."""
    if initialiser is torch_default:
        return torch_default(rng, (size,), fan_in, size)
    return np.zeros(size, np.float32)


# ---------------------------------------------------------------------------- activations


def prelu(x, slope) -> Tensor:
    """x where positive, slope * x elsewhere (also at 0, as in PyTorch). Lesson 10."""
    x = as_tensor(x)
    return engine.where(x > 0, x, x * slope)


def elu(x, alpha: float = 1.0) -> Tensor:
    """x where positive, alpha (exp(x) - 1) elsewhere."""
    x = as_tensor(x)
    positive = x > 0
    return engine.where(positive, x, (engine.exp(engine.where(positive, 0.0, x)) - 1) * alpha)


def silu(x) -> Tensor:
    """x sigmoid(x), also called swish."""
    x = as_tensor(x)
    return x * sigmoid(x)


def softplus(x) -> Tensor:
    """log(1 + exp(x)) = log(exp(x) + exp(0)), without overflow."""
    x = as_tensor(x)
    return engine.logsumexp(engine.stack([x, np.zeros_like(x.data)], axis=-1))


# ---------------------------------------------------------------------------- losses


def cross_entropy(logits, labels) -> Tensor:
    """-log softmax(logits)[label], the mean over the batch. Lesson 02; UDL 5.5 to 5.7.

    logits: (N, C) or (S, N, C); labels: integers (N,) or (S, N) from 0 to C - 1 -> () or (S,).
    """
    logits, labels = as_tensor(logits), np.asarray(labels)
    if logits.ndim < 2 or labels.shape not in (logits.shape[-2:-1], logits.shape[:-1]):
        raise ValueError(f"labels has shape {labels.shape}; allowed is one label for each row of "
                         f"logits, whose shape is {logits.shape}")
    check_labels(labels, classes=logits.shape[-1])
    return engine.softmax_cross_entropy(logits, labels)


def mse(outputs, targets) -> Tensor:
    """The mean squared difference over batch and outputs. UDL 5.3.

    outputs: (N, C) or (S, N, C); targets: the same shape without S, or integer labels (N,), which
    stand for one-hot rows -> () or (S,).
    """
    outputs, targets = as_tensor(outputs), np.asarray(targets)
    if targets.ndim < outputs.ndim and targets.dtype.kind in "iu":
        check_labels(targets, classes=outputs.shape[-1])
        targets = (targets[..., None] == np.arange(outputs.shape[-1])).astype(outputs.dtype)
    if targets.shape[-2:] != outputs.shape[-2:]:
        raise ValueError(f"targets has shape {targets.shape}; allowed is the shape of outputs, "
                         f"{outputs.shape}")
    difference = outputs - targets.astype(outputs.dtype)
    return engine.mean(difference * difference, axis=(-2, -1))


def check_labels(labels: np.ndarray, classes: int) -> None:
    """Raise unless labels are integers from 0 to classes - 1."""
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels has dtype {labels.dtype}; allowed are integers")
    # one pass for both ends: as an unsigned number a negative one is huge
    if labels.size and np.maximum.reduce(labels.astype(np.uint64), axis=None) >= classes:
        wrong = labels[(labels < 0) | (labels >= classes)].flat[0]
        raise ValueError(f"labels has {wrong}; allowed are integers from 0 to {classes - 1}")


# ---------------------------------------------------------------------------- layers


class Layer:
    """What all layers share. names: its parameters, in order; buffers: those that are not trained.
    """

    names: tuple[str, ...] = ()
    buffers: tuple[str, ...] = ()

    def init(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        """Fresh parameters, float32, drawn from rng."""
        return {}

    def __call__(self, params: dict, x, updates: dict | None = None) -> Tensor:
        """Apply the layer. updates: a dict means training; batch normalisation leaves its new
        running statistics there. None means evaluation."""
        raise TypeError(f"{type(self).__name__} does not say how to apply it")

    def __repr__(self):
        settings = ", ".join(f"{k}={getattr(v, '__name__', v)}" for k, v in vars(self).items()
                             if k not in ("layers", "names", "buffers"))
        return f"{type(self).__name__}({settings})"


class Linear(Layer):
    """x W^T + b. x: (..., N, in_features) -> (..., N, out_features).

    weight: (out_features, in_features), bias: (out_features,). rectify: with a ReLU behind, as one
    operation. Lesson 02; UDL 4.4.
    """

    names = ("weight", "bias")

    def __init__(self, in_features: int, out_features: int, initialiser: Callable = torch_default,
                 rectify: bool = False):
        self.in_features = integer("in_features", in_features, low=1)
        self.out_features = integer("out_features", out_features, low=1)
        self.initialiser, self.rectify = initialiser, rectify

    def init(self, rng):
        shape = (self.out_features, self.in_features)
        return {"weight": self.initialiser(rng, shape, self.in_features, self.out_features),
                "bias": _bias(rng, self.out_features, self.in_features, self.initialiser)}

    def __call__(self, params, x, updates=None):
        x = as_tensor(x)
        if x.ndim < 2 or x.shape[-1] != self.in_features:
            raise ValueError(f"Linear: x has shape {x.shape}; allowed is (..., N, in_features) "
                             f"with in_features = {self.in_features}")
        return engine.linear(x, params["weight"], params["bias"], self.rectify)


class Conv1d(Layer):
    """Cross-correlation along the last axis. x: (..., N, in_channels, L) -> (..., N, out_channels,
    positions), positions = (L + 2 padding - kernel_size) // stride + 1.

    weight: (out_channels, in_channels, kernel_size), bias: (out_channels,). rectify: with a ReLU
    behind, as one operation. Lesson 07; UDL 10.2.
    """

    names = ("weight", "bias")

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1,
                 padding: int = 0, initialiser: Callable = torch_default, rectify: bool = False):
        self.in_channels = integer("in_channels", in_channels, low=1)
        self.out_channels = integer("out_channels", out_channels, low=1)
        self.kernel_size = integer("kernel_size", kernel_size, low=1)
        self.stride = integer("stride", stride, low=1)
        self.padding = integer("padding", padding, low=0)
        self.initialiser, self.rectify = initialiser, rectify

    def init(self, rng):
        fan_in = self.in_channels * self.kernel_size
        shape = (self.out_channels, self.in_channels, self.kernel_size)
        fan_out = self.out_channels * self.kernel_size
        return {"weight": self.initialiser(rng, shape, fan_in, fan_out),
                "bias": _bias(rng, self.out_channels, fan_in, self.initialiser)}

    def __call__(self, params, x, updates=None):
        x = as_tensor(x)
        if x.ndim < 3 or x.shape[-2] != self.in_channels:
            raise ValueError(f"Conv1d: x has shape {x.shape}; allowed is (..., N, in_channels, "
                             f"length) with in_channels = {self.in_channels}")
        return engine.conv1d(x, params["weight"], params["bias"], self.stride, self.padding,
                             self.rectify)


class GRU(Layer):
    """A gated recurrent unit over the time axis. x: (..., N, T, input_size) -> (..., N, T, H), with
    H = hidden_size, or twice that if bidirectional (left to right first, then right to left).

    weight_ih_l0: (3 hidden_size, input_size), weight_hh_l0: (3 hidden_size, hidden_size), two
    biases (3 hidden_size,); the other direction's names end in "_reverse". Lesson 08.
    """

    def __init__(self, input_size: int, hidden_size: int, bidirectional: bool = False):
        self.input_size = integer("input_size", input_size, low=1)
        self.hidden_size = integer("hidden_size", hidden_size, low=1)
        self.bidirectional = bidirectional
        ways = ("", "_reverse") if bidirectional else ("",)
        self.names = tuple(f"{name}_l0{way}" for way in ways
                           for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))

    def init(self, rng):
        width, bound = 3 * self.hidden_size, self.hidden_size ** -0.5
        shapes = {"weight_ih": (width, self.input_size), "weight_hh": (width, self.hidden_size),
                  "bias_ih": (width,), "bias_hh": (width,)}
        return {name: _uniform(rng, shapes[name.split("_l0")[0]], bound) for name in self.names}

    def __call__(self, params, x, updates=None):
        x = as_tensor(x)
        if x.ndim < 3 or x.shape[-1] != self.input_size:
            raise ValueError(f"GRU: x has shape {x.shape}; allowed is (..., N, time, input_size) "
                             f"with input_size = {self.input_size}")
        values = [as_tensor(params[name]) for name in self.names]
        if not self.bidirectional:
            return engine.gru(x, *values)
        # both directions at once: the reversed sequence is a second replica
        both = engine.stack([x, x[..., ::-1, :]], axis=-4)
        paired = [engine.stack([a, b], axis=-3 if i < 2 else -2)
                  for i, (a, b) in enumerate(zip(values[:4], values[4:], strict=True))]
        states = engine.gru(both, *paired)
        forward, backward = states[..., 0, :, :, :], states[..., 1, :, ::-1, :]
        return engine.concatenate([forward, backward], axis=-1)


class BatchNorm1d(Layer):
    """Standardise each feature over the batch, then scale and shift. Lesson 12; UDL 11.4.

    x: (N, num_features) or (N, num_features, L); with the seed axis, one more in front. In training
    (see `updates`) with the batch's mean and variance, else with the running ones.
    """

    names = ("weight", "bias", "running_mean", "running_var")
    buffers = ("running_mean", "running_var")

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1):
        self.num_features = integer("num_features", num_features, low=1)
        self.eps = real("eps", eps, above=0)
        self.momentum = real("momentum", momentum, low=0, high=1)

    def init(self, rng):
        one, zero = np.ones(self.num_features, np.float32), np.zeros(self.num_features, np.float32)
        return {"weight": one, "bias": zero, "running_mean": zero.copy(), "running_var": one.copy()}

    def __call__(self, params, x, updates=None):
        x, weight = as_tensor(x), as_tensor(params["weight"])
        flat = x.ndim == weight.ndim + 1
        if x.ndim - weight.ndim not in (1, 2) or x.shape[-1 if flat else -2] != self.num_features:
            raise ValueError(f"BatchNorm1d: x has shape {x.shape}; allowed is (N, num_features) or "
                             f"(N, num_features, L), after the seed axis, with num_features = "
                             f"{self.num_features}")
        lead = weight.shape[:-1]
        wide = (*lead, 1, self.num_features) if flat else (*lead, 1, self.num_features, 1)
        axes = -2 if flat else (-3, -1)
        if updates is None:
            mean, var = (np.reshape(engine.as_tensor(params[b]).data, wide) for b in self.buffers)
            scaled = (x - mean) / np.sqrt(var + np.asarray(self.eps, x.dtype))
        else:
            mean = engine.mean(x, axes, keepdims=True)
            centred = x - mean
            var = engine.mean(centred * centred, axes, keepdims=True)
            scaled = centred / engine.sqrt(var + self.eps)
            count = x.size // var.size
            self._leave(updates, params, mean, var.data * (count / max(count - 1, 1)))
        bias = engine.reshape(params["bias"], wide)
        return scaled * engine.reshape(weight, wide) + bias

    def _leave(self, updates, params, mean, var) -> None:
        for name, new in zip(self.buffers, (mean.data, var), strict=True):
            old = as_tensor(params[name]).data
            updates[name] = ((1 - self.momentum) * old
                             + self.momentum * new.reshape(old.shape)).astype(old.dtype)


def _need_axes(layer, x, number: int, allowed: str) -> None:
    if x.ndim < number:
        raise ValueError(f"{type(layer).__name__}: x has shape {x.shape}; allowed is {allowed}")


class _Pool(Layer):
    """Windows of each channel, reduced to one value. x: (..., L) -> (..., positions)."""

    def __init__(self, kernel_size: int, stride: int | None = None):
        self.kernel_size = integer("kernel_size", kernel_size, low=1)
        self.stride = integer("stride", kernel_size if stride is None else stride, low=1)

    def __call__(self, params, x, updates=None):
        x = as_tensor(x)
        _need_axes(self, x, 2, "(..., channels, length)")
        rows = engine.unfold(x, self.kernel_size, self.stride)
        taps = engine.reshape(rows, (*rows.shape[:-1], self.kernel_size, x.shape[-2]))
        return engine.swapaxes(self.reduce(taps), -1, -2)


class MaxPool1d(_Pool):
    """The maximum of each window. Lesson 11; UDL 10.4."""

    def reduce(self, taps):
        return engine.amax(taps, axis=-2)


class AvgPool1d(_Pool):
    """The mean of each window. Lesson 11; UDL 10.4."""

    def reduce(self, taps):
        return engine.mean(taps, axis=-2)


class LPPool1d(_Pool):
    """The p-norm of each window, (sum x^p)^(1/p). Lesson 11."""

    def __init__(self, norm_type: float, kernel_size: int, stride: int | None = None):
        super().__init__(kernel_size, stride)
        self.norm_type = real("norm_type", norm_type, above=0)

    def reduce(self, taps):
        total = engine.sum(taps ** self.norm_type, axis=-2)
        # the root has no slope at 0: there the output and its gradient are 0
        positive = total > 0
        return engine.where(positive, engine.where(positive, total, 1.0) ** (1 / self.norm_type),
                            0.0)


class Flatten(Layer):
    """Channels and positions in one axis. x: (..., C, L) -> (..., C * L)."""

    def __call__(self, params, x, updates=None):
        x = as_tensor(x)
        _need_axes(self, x, 2, "(..., channels, length)")
        return engine.flatten(x)


class PReLU(Layer):
    """x where positive, a learned slope times x elsewhere; one slope for the layer. Lesson 10."""

    names = ("weight",)

    def init(self, rng):
        return {"weight": np.full(1, 0.25, np.float32)}

    def __call__(self, params, x, updates=None):
        x, slope = as_tensor(x), as_tensor(params["weight"])
        ones = (1,) * (x.ndim - slope.ndim + 1)
        return prelu(x, engine.reshape(slope, (*slope.shape[:-1], *ones)))


class Composite(Layer):
    """A layer made of named layers. A subclass sets `self.layers` through `__init__` and says in
    `__call__` how the data flow, with `self.apply(name, params, x, updates)`."""

    def __init__(self, **layers):
        self.layers = layers
        self.full_names = {name: [(key, f"{name}.{key}") for key in getattr(layer, "names", ())]
                           for name, layer in layers.items()}
        self.names = self._named("names")
        self.buffers = self._named("buffers")

    def _named(self, attribute: str) -> tuple[str, ...]:
        return tuple(f"{name}.{key}" for name, layer in self.layers.items()
                     for key in getattr(layer, attribute, ()))

    def init(self, rng):
        return {f"{name}.{key}": value for name, layer in self.layers.items()
                if isinstance(layer, Layer) for key, value in layer.init(rng).items()}

    def apply(self, name: str, params: dict, x, updates: dict | None) -> Tensor:
        """Apply one of the layers to x, with its share of the parameters."""
        layer = self.layers[name]
        if not isinstance(layer, Layer):
            return layer(x)
        share = {key: params[full_name] for key, full_name in self.full_names[name]}
        if not layer.buffers or updates is None:
            return layer(share, x, updates)
        inner = {}
        out = layer(share, x, inner)
        updates.update((f"{name}.{key}", value) for key, value in inner.items())
        return out

    def __repr__(self):
        inside = ", ".join(f"{k}={getattr(v, '__name__', v)}" for k, v in self.layers.items())
        return f"{type(self).__name__}({inside})"


class Sequential(Composite):
    """Layers (and activation functions) one after the other; unnamed ones are called "0", "1" ...

    >>> net = Sequential(hidden=Linear(40, 5), act=relu, out=Linear(5, 10))
    >>> net.names
    ('hidden.weight', 'hidden.bias', 'out.weight', 'out.bias')
    """

    def __init__(self, *layers, **named):
        super().__init__(**{str(i): layer for i, layer in enumerate(layers)}, **named)

    def __call__(self, params, x, updates=None):
        for name in self.layers:
            x = self.apply(name, params, x, updates)
        return x


class Residual(Composite):
    """x + layer(x). Lesson 12; UDL 11.2."""

    def __init__(self, layer):
        super().__init__(layer=layer)

    def __call__(self, params, x, updates=None):
        x = as_tensor(x)
        return x + self.apply("layer", params, x, updates)


# ---------------------------------------------------------------------------- the paper's models


class Logistic(Composite):
    """Logistic regression: (N, 40) -> logits (N, 10). 410 parameters. Lesson 02."""

    def __init__(self, inputs: int = 40, classes: int = 10):
        super().__init__(linear=Linear(inputs, classes))

    def __call__(self, params, x, updates=None):
        return self.apply("linear", params, x, updates)


class MLP(Composite):
    """Two hidden layers, the second with a residual connection. 15,210 parameters. Lesson 04."""

    def __init__(self, hidden: int = 100, inputs: int = 40, classes: int = 10,
                 initialiser: Callable = torch_default):
        super().__init__(linear1=Linear(inputs, hidden, initialiser, rectify=True),
                         linear2=Linear(hidden, hidden, initialiser, rectify=True),
                         linear3=Linear(hidden, classes, initialiser))

    def __call__(self, params, x, updates=None):
        h = self.apply("linear1", params, x, updates)
        h = h + self.apply("linear2", params, h, updates)
        return self.apply("linear3", params, h, updates)


class CNN(Composite):
    """Three strided convolutions and a linear layer: (N, L) -> logits. 5,210 parameters. Lesson 07.
    """

    def __init__(self, channels: int = 25, length: int = 40, classes: int = 10,
                 initialiser: Callable = torch_default):
        convs = {"conv1": Conv1d(1, channels, 5, 2, 1, initialiser, rectify=True),
                 "conv2": Conv1d(channels, channels, 3, 2, 1, initialiser, rectify=True),
                 "conv3": Conv1d(channels, channels, 3, 2, 1, initialiser, rectify=True)}
        for conv in convs.values():
            length = (length + 2 * conv.padding - conv.kernel_size) // conv.stride + 1
        super().__init__(**convs, linear=Linear(channels * length, classes, initialiser))

    def __call__(self, params, x, updates=None):
        x = as_tensor(x)
        h = engine.reshape(x, (*x.shape[:-1], 1, x.shape[-1]))
        for name in ("conv1", "conv2", "conv3"):
            h = self.apply(name, params, h, updates)
        return self.apply("linear", params, Flatten()(params, h), updates)


class GRUClassifier(Composite):
    """A bidirectional GRU that reads the signal value by value, and a linear layer on all its
    states: (N, L) -> logits. 5,134 parameters. Lesson 08."""

    def __init__(self, hidden: int = 6, length: int = 40, classes: int = 10):
        super().__init__(gru=GRU(1, hidden, bidirectional=True),
                         linear=Linear(2 * hidden * length, classes))

    def __call__(self, params, x, updates=None):
        x = as_tensor(x)
        states = self.apply("gru", params, engine.reshape(x, (*x.shape, 1)), updates)
        return self.apply("linear", params, Flatten()(params, states), updates)


# the names that lessons use, beside relu and cross_entropy
logistic, mlp, cnn, gru = Logistic, MLP, CNN, GRUClassifier

MODELS = {"logistic": logistic, "mlp": mlp, "cnn": cnn, "gru": gru}


def model(name: str):
    """One of the paper's four models by name: logistic, mlp, cnn, gru."""
    return MODELS[one_of("name", name, MODELS)]()


def count_parameters(params: dict) -> int:
    """The number of trained and untrained values in a dict of parameters (without a seed axis).

    >>> [count_parameters(model(name).init(np.random.RandomState(0))) for name in MODELS]
    [410, 15210, 5210, 5134]
    """
    return sum(value.size for value in params.values())


__all__ = ["CNN", "GRU", "MLP", "MODELS", "AvgPool1d", "BatchNorm1d", "Composite", "Conv1d",
           "Flatten", "GRUClassifier", "LPPool1d", "Layer", "Linear", "Logistic", "MaxPool1d",
           "PReLU", "Residual", "Sequential", "check_labels", "cnn", "count_parameters",
           "cross_entropy", "elu", "glorot", "gru", "he", "he_uniform", "logistic", "mlp", "model",
           "mse", "prelu", "relu", "sigmoid", "silu", "softplus", "tanh", "torch_default"]
