"""Layers: small objects without state.

`init(rng)` makes a layer's parameters, a flat dict of arrays ("weight", "bias"), and
`layer(params, x)` applies it. What PyTorch users know has PyTorch's names, shapes and defaults.

The seed axis: every parameter may have a leading axis of S independent replicas. The output then
has it too, and one batched product serves all replicas. x may have it or be shared by them, where a
layer multiplies it (Linear, Conv1d, GRU); PReLU and BatchNorm1d need it on x as well.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from mnist1d_edu import engine, fused
from mnist1d_edu.arguments import integer, real
from mnist1d_edu.engine import Operand, Tensor, as_tensor
from mnist1d_edu.nn.activations import prelu
from mnist1d_edu.nn.initialisers import bias, torch_default, uniform


class Layer:
    """What all layers share. names: the parameters, in order; buffers: those not trained."""

    names: tuple[str, ...] = ()
    buffers: tuple[str, ...] = ()

    def init(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        """Fresh parameters, float32, drawn from rng."""
        return {}

    def __call__(self, params: dict, x: Operand, updates: dict | None = None) -> Tensor:
        """Apply the layer. updates: a dict means training; batch normalisation leaves its new
        running statistics there. None means evaluation."""
        raise TypeError(f"{type(self).__name__} does not say how to apply it")

    def __repr__(self):
        settings = ", ".join(f"{k}={getattr(v, '__name__', v)}" for k, v in vars(self).items()
                             if k not in ("layers", "names", "buffers"))
        return f"{type(self).__name__}({settings})"


class Linear(Layer):
    """x W^T + b. x: (..., N, in_features) -> (..., N, out_features).

    weight: (out_features, in_features), bias: (out_features,). Lesson 02; UDL 4.4.
    """

    names = ("weight", "bias")

    def __init__(self, in_features: int, out_features: int,
                 initialiser: Callable = torch_default):
        self.in_features = integer("in_features", in_features, low=1)
        self.out_features = integer("out_features", out_features, low=1)
        self.initialiser = initialiser

    def init(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        shape = (self.out_features, self.in_features)
        return {"weight": self.initialiser(rng, shape, self.in_features, self.out_features),
                "bias": bias(rng, self.out_features, self.in_features, self.initialiser)}

    def __call__(self, params: dict, x: Operand, updates: dict | None = None) -> Tensor:
        x = as_tensor(x)
        if x.ndim < 2 or x.shape[-1] != self.in_features:
            raise ValueError("Linear: x must have shape (..., N, in_features) with in_features = "
                             f"{self.in_features}; got {x.shape}")
        return fused.linear(x, params["weight"], params["bias"])


class Conv1d(Layer):
    """Cross-correlation along the last axis. x: (..., N, in_channels, L) -> (..., N, out_channels,
    positions), positions = (L + 2 padding - kernel_size) // stride + 1.

    weight: (out_channels, in_channels, kernel_size), bias: (out_channels,). Lesson 07; UDL 10.2.
    """

    names = ("weight", "bias")

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1,
                 padding: int = 0, initialiser: Callable = torch_default):
        self.in_channels = integer("in_channels", in_channels, low=1)
        self.out_channels = integer("out_channels", out_channels, low=1)
        self.kernel_size = integer("kernel_size", kernel_size, low=1)
        self.stride = integer("stride", stride, low=1)
        self.padding = integer("padding", padding, low=0)
        self.initialiser = initialiser

    def init(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        fan_in = self.in_channels * self.kernel_size
        shape = (self.out_channels, self.in_channels, self.kernel_size)
        fan_out = self.out_channels * self.kernel_size
        return {"weight": self.initialiser(rng, shape, fan_in, fan_out),
                "bias": bias(rng, self.out_channels, fan_in, self.initialiser)}

    def __call__(self, params: dict, x: Operand, updates: dict | None = None) -> Tensor:
        x = as_tensor(x)
        if x.ndim < 3 or x.shape[-2] != self.in_channels:
            raise ValueError("Conv1d: x must have shape (..., N, in_channels, length) with "
                             f"in_channels = {self.in_channels}; got {x.shape}")
        return fused.conv1d(x, params["weight"], params["bias"], self.stride, self.padding)


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

    def init(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        width, bound = 3 * self.hidden_size, self.hidden_size ** -0.5
        shapes = {"weight_ih": (width, self.input_size), "weight_hh": (width, self.hidden_size),
                  "bias_ih": (width,), "bias_hh": (width,)}
        return {name: uniform(rng, shapes[name.split("_l0")[0]], bound) for name in self.names}

    def __call__(self, params: dict, x: Operand, updates: dict | None = None) -> Tensor:
        x = as_tensor(x)
        if x.ndim < 3 or x.shape[-1] != self.input_size:
            raise ValueError("GRU: x must have shape (..., N, time, input_size) with input_size = "
                             f"{self.input_size}; got {x.shape}")
        values = [as_tensor(params[name]) for name in self.names]
        if not self.bidirectional:
            return fused.gru(x, *values)
        # both directions at once: the reversed sequence is a second replica
        both = engine.stack([x, x[..., ::-1, :]], axis=-4)
        paired = [engine.stack([a, b], axis=-3 if i < 2 else -2)
                  for i, (a, b) in enumerate(zip(values[:4], values[4:], strict=True))]
        states = fused.gru(both, *paired)
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

    def init(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        one, zero = np.ones(self.num_features, np.float32), np.zeros(self.num_features, np.float32)
        return {"weight": one, "bias": zero, "running_mean": zero.copy(), "running_var": one.copy()}

    def __call__(self, params: dict, x: Operand, updates: dict | None = None) -> Tensor:
        x, weight = as_tensor(x), as_tensor(params["weight"])
        flat = x.ndim == weight.ndim + 1
        if x.ndim - weight.ndim not in (1, 2) or x.shape[-1 if flat else -2] != self.num_features:
            raise ValueError("BatchNorm1d: x must have shape (N, num_features) or (N, num_features,"
                             f" L), after the seed axis, with num_features = {self.num_features}; "
                             f"got {x.shape}")
        lead = weight.shape[:-1]
        wide = (*lead, 1, self.num_features) if flat else (*lead, 1, self.num_features, 1)
        axes = -2 if flat else (-3, -1)
        if updates is None:
            running, spread = (as_tensor(params[b]).data.reshape(wide) for b in self.buffers)
            scaled = (x - running) / np.sqrt(spread + np.asarray(self.eps, x.dtype))
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
        raise ValueError(f"{type(layer).__name__}: x must have shape {allowed}; got {x.shape}")


class _Pool(Layer):
    """Windows of each channel, reduced to one value. x: (..., L) -> (..., positions)."""

    def __init__(self, kernel_size: int, stride: int | None = None):
        self.kernel_size = integer("kernel_size", kernel_size, low=1)
        self.stride = integer("stride", kernel_size if stride is None else stride, low=1)

    def __call__(self, params: dict, x: Operand, updates: dict | None = None) -> Tensor:
        x = as_tensor(x)
        _need_axes(self, x, 2, "(..., channels, length)")
        rows = fused.unfold(x, self.kernel_size, self.stride)
        taps = engine.reshape(rows, (*rows.shape[:-1], self.kernel_size, x.shape[-2]))
        return engine.swapaxes(self.reduce(taps), -1, -2)

    def reduce(self, taps: Tensor) -> Tensor:
        """From (..., positions, taps, channels) to (..., positions, channels)."""
        raise TypeError(f"{type(self).__name__} does not say how to reduce a window")


class MaxPool1d(_Pool):
    """The maximum of each window. Lesson 11; UDL 10.4."""

    def reduce(self, taps: Tensor) -> Tensor:
        return engine.amax(taps, axis=-2)


class AvgPool1d(_Pool):
    """The mean of each window. Lesson 11; UDL 10.4."""

    def reduce(self, taps: Tensor) -> Tensor:
        return engine.mean(taps, axis=-2)


class LPPool1d(_Pool):
    """The p-norm of each window, (sum x^p)^(1/p). Lesson 11."""

    def __init__(self, norm_type: float, kernel_size: int, stride: int | None = None):
        super().__init__(kernel_size, stride)
        self.norm_type = real("norm_type", norm_type, above=0)

    def reduce(self, taps: Tensor) -> Tensor:
        total = engine.sum(taps ** self.norm_type, axis=-2)
        # the root has no slope at 0: there the output and its gradient are 0; NaN stays NaN
        none = total <= 0
        return engine.where(none, 0.0, engine.where(none, 1.0, total) ** (1 / self.norm_type))


class Flatten(Layer):
    """Channels and positions in one axis. x: (..., C, L) -> (..., C * L)."""

    def __call__(self, params: dict, x: Operand, updates: dict | None = None) -> Tensor:
        x = as_tensor(x)
        _need_axes(self, x, 2, "(..., channels, length)")
        return fused.flatten(x)


class PReLU(Layer):
    """x where positive, a learned slope times x elsewhere; one slope for the layer. Lesson 10."""

    names = ("weight",)

    def init(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        return {"weight": np.full(1, 0.25, np.float32)}

    def __call__(self, params: dict, x: Operand, updates: dict | None = None) -> Tensor:
        x, slope = as_tensor(x), as_tensor(params["weight"])
        ones = (1,) * (x.ndim - slope.ndim + 1)
        return prelu(x, engine.reshape(slope, (*slope.shape[:-1], *ones)))


class Composite(Layer):
    """A layer made of named layers.

    A subclass names them, `super().__init__(hidden=Linear(40, 5), ...)`, and says in `forward` how
    the data flow: `net.hidden(x)` applies the layer of that name with its parameters, which carry
    it ("hidden.weight"). A plain function may be a layer too.
    """

    def __init__(self, **layers: Any):
        self.layers = layers
        self.names = self._named("names")
        self.buffers = self._named("buffers")

    def _named(self, attribute: str) -> tuple[str, ...]:
        return tuple(f"{name}.{key}" for name, layer in self.layers.items()
                     for key in getattr(layer, attribute, ()))

    def init(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        return {f"{name}.{key}": value for name, layer in self.layers.items()
                if isinstance(layer, Layer) for key, value in layer.init(rng).items()}

    def __call__(self, params: dict, x: Operand, updates: dict | None = None) -> Tensor:
        bound = {name: _bound(name, layer, params, updates) for name, layer in self.layers.items()}
        return self.forward(SimpleNamespace(**bound), as_tensor(x))

    def forward(self, net: SimpleNamespace, x: Tensor) -> Tensor:
        """The output for x; `net` has the layers by name, as functions of their input."""
        raise TypeError(f"{type(self).__name__} does not say how the data flow")

    def __repr__(self):
        inside = ", ".join(f"{k}={getattr(v, '__name__', v)}" for k, v in self.layers.items())
        return f"{type(self).__name__}({inside})"


def _bound(name: str, layer, params: dict, updates: dict | None) -> Callable:
    """The layer as a function of its input, with its own parameters out of those of the whole."""
    if not isinstance(layer, Layer):
        return layer
    own = {key: params[f"{name}.{key}"] for key in layer.names}
    if updates is None or not layer.buffers:
        return lambda x: layer(own, x, updates)

    def training(x):
        inner: dict = {}
        out = layer(own, x, inner)
        updates.update((f"{name}.{key}", value) for key, value in inner.items())
        return out
    return training


class Sequential(Composite):
    """Layers (and activation functions) one after the other; unnamed ones are called "0", "1" ...

    >>> from mnist1d_edu.nn import relu
    >>> net = Sequential(hidden=Linear(40, 5), act=relu, out=Linear(5, 10))
    >>> net.names
    ('hidden.weight', 'hidden.bias', 'out.weight', 'out.bias')
    """

    def __init__(self, *layers: Any, **named: Any):
        super().__init__(**{str(i): layer for i, layer in enumerate(layers)}, **named)

    def forward(self, net: SimpleNamespace, x: Tensor) -> Tensor:
        for name in self.layers:
            x = getattr(net, name)(x)
        return as_tensor(x)


class Residual(Composite):
    """x + layer(x). Lesson 12; UDL 11.2."""

    def __init__(self, layer: Any):
        super().__init__(layer=layer)

    def forward(self, net: SimpleNamespace, x: Tensor) -> Tensor:
        return x + net.layer(x)
