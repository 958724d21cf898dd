"""Layers: small objects without state.

`init(rng)` makes a layer's parameters, a flat dict of arrays ("weight", "bias"), and
`layer(params, x)` applies it. What PyTorch users know has PyTorch's names, shapes and defaults.

The seed axis: every parameter may have a leading axis of S independent replicas. The output then
has it too, and one batched product serves all replicas. x may have it or be shared by them, where a
layer multiplies it (Linear, Conv1d, GRU); PReLU and BatchNorm1d need it on x as well.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from mnist1d_edu import checks, engine, fused, kernels
from mnist1d_edu.arguments import boolean, function, integer, real, shown, size
from mnist1d_edu.boundary import explained_inputs
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

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each parameter, without a seed axis."""
        return {}

    def own(self, params: dict) -> list[Tensor]:
        """The layer's parameters in order; ValueError if one is missing or of another shape."""
        found: list[Tensor] = []
        lead: tuple[int, ...] = ()
        for name, shape in self.shapes().items():
            if name not in params:
                raise ValueError(f"params must have {name!r}; got the names {shown(list(params))}")
            try:
                value = as_tensor(params[name])
            except TypeError:
                raise TypeError(f"params[{name!r}] must be an array of numbers; got "
                                f"{shown(params[name])}") from None
            if value.shape[-len(shape):] != shape:
                raise ValueError(f"params[{name!r}] must have shape {shape}, after a seed axis if "
                                 f"there is one; got {value.shape}")
            if found and value.shape[:-len(shape)] != lead:
                raise ValueError(f"params[{name!r}] must have the seed axis of the others, {lead}; "
                                 f"got shape {value.shape}")
            lead = value.shape[:-len(shape)]
            found.append(value)
        return found

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
        self.in_features = size("in_features", in_features)
        self.out_features = size("out_features", out_features)
        self.initialiser = function("initialiser", initialiser)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {"weight": (self.out_features, self.in_features), "bias": (self.out_features,)}

    def init(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        shape = self.shapes()["weight"]
        return {"weight": self.initialiser(rng, shape, self.in_features, self.out_features),
                "bias": bias(rng, self.out_features, self.in_features, self.initialiser)}

    @explained_inputs
    def __call__(self, params: dict, x: Operand, updates: dict | None = None) -> Tensor:
        x = as_tensor(x)
        if x.ndim < 2 or x.shape[-1] != self.in_features:
            raise ValueError("Linear: x must have shape (..., N, in_features) with in_features = "
                             f"{self.in_features}; got {x.shape}")
        return fused.linear(x, *self.own(params))


class Conv1d(Layer):
    """Cross-correlation along the last axis. x: (..., N, in_channels, L) -> (..., N, out_channels,
    positions), positions = (L + 2 padding - kernel_size) // stride + 1.

    weight: (out_channels, in_channels, kernel_size), bias: (out_channels,). Lesson 07; UDL 10.2.
    """

    names = ("weight", "bias")

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1,
                 padding: int = 0, initialiser: Callable = torch_default):
        self.in_channels = size("in_channels", in_channels)
        self.out_channels = size("out_channels", out_channels)
        self.kernel_size = size("kernel_size", kernel_size)
        self.stride = size("stride", stride)
        self.padding = integer("padding", padding, 0, checks.MOST)
        self.initialiser = function("initialiser", initialiser)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {"weight": (self.out_channels, self.in_channels, self.kernel_size),
                "bias": (self.out_channels,)}

    def init(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        fan_in, shape = self.in_channels * self.kernel_size, self.shapes()["weight"]
        fan_out = self.out_channels * self.kernel_size
        return {"weight": self.initialiser(rng, shape, fan_in, fan_out),
                "bias": bias(rng, self.out_channels, fan_in, self.initialiser)}

    @explained_inputs
    def __call__(self, params: dict, x: Operand, updates: dict | None = None) -> Tensor:
        x = as_tensor(x)
        if x.ndim < 3 or x.shape[-2] != self.in_channels:
            raise ValueError("Conv1d: x must have shape (..., N, in_channels, length) with "
                             f"in_channels = {self.in_channels}; got {x.shape}")
        return fused.conv1d(x, *self.own(params), self.stride, self.padding)


class GRU(Layer):
    """A gated recurrent unit over the time axis. x: (..., N, T, input_size) -> (..., N, T, H), with
    H = hidden_size, or twice that if bidirectional (left to right first, then right to left).

    weight_ih_l0: (3 hidden_size, input_size), weight_hh_l0: (3 hidden_size, hidden_size), two
    biases (3 hidden_size,); the other direction's names end in "_reverse". Lesson 08.
    """

    def __init__(self, input_size: int, hidden_size: int, bidirectional: bool = False):
        self.input_size = size("input_size", input_size)
        self.hidden_size = size("hidden_size", hidden_size)
        self.bidirectional = boolean("bidirectional", bidirectional)
        ways = ("", "_reverse") if bidirectional else ("",)
        self.names = tuple(f"{name}_l0{way}" for way in ways
                           for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))

    def shapes(self) -> dict[str, tuple[int, ...]]:
        width = 3 * self.hidden_size
        each = {"weight_ih": (width, self.input_size), "weight_hh": (width, self.hidden_size),
                "bias_ih": (width,), "bias_hh": (width,)}
        return {name: each[name.split("_l0")[0]] for name in self.names}

    def init(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        bound = self.hidden_size ** -0.5
        return {name: uniform(rng, shape, bound) for name, shape in self.shapes().items()}

    @explained_inputs
    def __call__(self, params: dict, x: Operand, updates: dict | None = None) -> Tensor:
        x = as_tensor(x)
        if x.ndim < 3 or x.shape[-1] != self.input_size:
            raise ValueError("GRU: x must have shape (..., N, time, input_size) with input_size = "
                             f"{self.input_size}; got {x.shape}")
        values = self.own(params)
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
        self.num_features = size("num_features", num_features)
        self.eps = real("eps", eps, above=0)
        self.momentum = real("momentum", momentum, low=0, high=1)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return dict.fromkeys(self.names, (self.num_features,))

    def init(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        one, zero = np.ones(self.num_features, np.float32), np.zeros(self.num_features, np.float32)
        return {"weight": one, "bias": zero, "running_mean": zero.copy(), "running_var": one.copy()}

    @explained_inputs
    def __call__(self, params: dict, x: Operand, updates: dict | None = None) -> Tensor:
        x = as_tensor(x)
        weight, bias, *statistics = self.own(params)
        flat = x.ndim == weight.ndim + 1
        if x.ndim - weight.ndim not in (1, 2) or x.shape[-1 if flat else -2] != self.num_features:
            raise ValueError("BatchNorm1d: x must have shape (N, num_features) or (N, num_features,"
                             f" L), after the seed axis, with num_features = {self.num_features}; "
                             f"got {x.shape}")
        lead = weight.shape[:-1]
        wide = (*lead, 1, self.num_features) if flat else (*lead, 1, self.num_features, 1)
        axes = -2 if flat else (-3, -1)
        if updates is None:
            running, spread = (b.data.reshape(wide) for b in statistics)
            scaled = (x - running) / np.sqrt(spread + np.asarray(self.eps, x.dtype))
        else:
            mean = engine.mean(x, axes, keepdims=True)
            centred = x - mean
            var = engine.mean(centred * centred, axes, keepdims=True)
            scaled = centred / engine.sqrt(var + self.eps)
            count = x.size // var.size
            self._leave(updates, params, mean, var.data * (count / max(count - 1, 1)))
        return scaled * engine.reshape(weight, wide) + engine.reshape(bias, wide)

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
        self.kernel_size = size("kernel_size", kernel_size)
        self.stride = size("stride", self.kernel_size if stride is None else stride)

    @explained_inputs
    def __call__(self, params: dict, x: Operand, updates: dict | None = None) -> Tensor:
        x = as_tensor(x)
        _need_axes(self, x, 2, "(..., channels, length)")
        return self._pooled(x)

    def _pooled(self, x: Tensor) -> Tensor:
        """From (..., channels, length) to (..., channels, positions)."""
        return engine.swapaxes(self.reduce(_taps(x, self.kernel_size, self.stride)), -1, -2)

    def reduce(self, taps: Tensor) -> Tensor:
        """From (..., positions, taps, channels) to (..., positions, channels)."""
        raise TypeError(f"{type(self).__name__} does not say how to reduce a window")


def _taps(x: Operand, kernel_size: int, stride: int) -> Tensor:
    """The windows of x (..., channels, length), (..., positions, taps, channels)."""
    x = as_tensor(x)
    rows = fused.unfold(x, kernel_size, stride)
    return engine.reshape(rows, (*rows.shape[:-1], kernel_size, x.shape[-2]))


@partial(fused.fuse, kernel=kernels.max_pool1d, check=checks.unfold)
def max_pool1d(x: Operand, kernel_size: int, stride: int) -> Tensor:
    """The maximum of each window of x (..., channels, length); equal maxima share the gradient."""
    return engine.swapaxes(engine.amax(_taps(x, kernel_size, stride), axis=-2), -1, -2)


class MaxPool1d(_Pool):
    """The maximum of each window. Lesson 11; UDL 10.4."""

    def _pooled(self, x: Tensor) -> Tensor:
        return max_pool1d(x, self.kernel_size, self.stride)


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
        # the root has no slope at 0: there the output and its gradient are 0. NaN stays NaN, and
        # so is the root of a negative sum, which an odd norm_type may have
        none = total == 0
        return engine.where(none, 0.0, engine.where(none, 1.0, total) ** (1 / self.norm_type))


class Flatten(Layer):
    """Channels and positions in one axis. x: (..., C, L) -> (..., C * L)."""

    @explained_inputs
    def __call__(self, params: dict, x: Operand, updates: dict | None = None) -> Tensor:
        x = as_tensor(x)
        _need_axes(self, x, 2, "(..., channels, length)")
        return fused.flatten(x)


class PReLU(Layer):
    """x where positive, a learned slope times x elsewhere; one slope for the layer. Lesson 10."""

    names = ("weight",)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {"weight": (1,)}

    def init(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        return {"weight": np.full(1, 0.25, np.float32)}

    @explained_inputs
    def __call__(self, params: dict, x: Operand, updates: dict | None = None) -> Tensor:
        x, [slope] = as_tensor(x), self.own(params)
        ones = (1,) * (x.ndim - slope.ndim + 1)
        return prelu(x, engine.reshape(slope, (*slope.shape[:-1], *ones)))


class Composite(Layer):
    """A layer made of named layers.

    A subclass names them, `super().__init__(hidden=Linear(40, 5), ...)`, and says in `forward` how
    the data flow: `net.hidden(x)` applies the layer of that name with its parameters, which carry
    it ("hidden.weight"). A plain function may be a layer too.
    """

    def __init__(self, **layers: Any):
        for name, layer in layers.items():
            _check_layer(name, layer)
        self.layers = layers
        self.names = self._named("names")
        self.buffers = self._named("buffers")

    def _named(self, attribute: str) -> tuple[str, ...]:
        return tuple(f"{name}.{key}" for name, layer in self.layers.items()
                     for key in getattr(layer, attribute, ()))

    def init(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        return {f"{name}.{key}": value for name, layer in self.layers.items()
                if isinstance(layer, Layer) for key, value in layer.init(rng).items()}

    @explained_inputs
    def __call__(self, params: dict, x: Operand, updates: dict | None = None) -> Tensor:
        bound = {name: _bound(name, layer, params, updates) for name, layer in self.layers.items()}
        return self.forward(SimpleNamespace(**bound), as_tensor(x))

    def forward(self, net: SimpleNamespace, x: Tensor) -> Tensor:
        """The output for x; `net` has the layers by name, as functions of their input."""
        raise TypeError(f"{type(self).__name__} does not say how the data flow")

    def __repr__(self):
        inside = ", ".join(f"{k}={getattr(v, '__name__', v)}" for k, v in self.layers.items())
        return f"{type(self).__name__}({inside})"


def _check_layer(name: str, layer) -> None:
    if isinstance(layer, type):
        raise TypeError(f"{name} must be a layer, not its class; got {shown(layer)}")
    function(name, layer, "a layer or a function")


def _bound(name: str, layer, params: dict, updates: dict | None) -> Callable:
    """The layer as a function of its input, with its own parameters out of those of the whole."""
    if not isinstance(layer, Layer):
        return layer
    missing = [f"{name}.{key}" for key in layer.names if f"{name}.{key}" not in params]
    if missing:
        raise ValueError(f"params must have {missing[0]!r}; got the names {shown(list(params))}")
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
        for i, layer in enumerate(layers):
            _check_layer(f"layers[{i}]", layer)
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
