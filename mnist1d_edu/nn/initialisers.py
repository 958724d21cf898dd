"""Initial weights: each function draws float32 numbers of `shape` for a layer with these numbers of
inputs and outputs. Lesson 06; UDL 7.5."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mnist1d_edu.arguments import function, real, shown, size


def torch_default(rng: np.random.RandomState, shape: tuple[int, ...], fan_in: int, fan_out: int
                  ) -> np.ndarray:
    """Uniform in ±1/sqrt(fan_in): PyTorch's default for linear and convolutional layers."""
    return uniform(rng, shape, size("fan_in", fan_in) ** -0.5)


def he(rng: np.random.RandomState, shape: tuple[int, ...], fan_in: int, fan_out: int
       ) -> np.ndarray:
    """Normal with variance 2/fan_in, which keeps the variance through ReLUs. Lesson 06; UDL 7.5."""
    _check(rng, shape)
    return (rng.standard_normal(shape) * (2 / size("fan_in", fan_in)) ** 0.5).astype(np.float32)


def he_uniform(rng: np.random.RandomState, shape: tuple[int, ...], fan_in: int, fan_out: int
               ) -> np.ndarray:
    """Uniform in ±sqrt(6/fan_in): the variance of `he`."""
    return uniform(rng, shape, (6 / size("fan_in", fan_in)) ** 0.5)


def glorot(rng: np.random.RandomState, shape: tuple[int, ...], fan_in: int, fan_out: int
           ) -> np.ndarray:
    """Uniform in ±sqrt(6/(fan_in + fan_out)), for tanh and sigmoid. Lesson 06."""
    fans = size("fan_in", fan_in) + size("fan_out", fan_out)
    return uniform(rng, shape, (6 / fans) ** 0.5)


def uniform(rng: np.random.RandomState, shape: tuple[int, ...], bound: float) -> np.ndarray:
    """Uniform in ±bound."""
    _check(rng, shape)
    bound = real("bound", bound, low=0, high=1e300)
    return rng.uniform(-bound, bound, shape).astype(np.float32)


def bias(rng: np.random.RandomState, units: int, fan_in: int, initialiser: Callable) -> np.ndarray:
    """PyTorch draws biases like weights; He and Glorot start them at 0."""
    function("initialiser", initialiser)
    units = size("units", units)
    if initialiser is torch_default:
        return torch_default(rng, (units,), fan_in, units)
    return np.zeros(units, np.float32)


def _check(rng, shape) -> None:
    """A stream of random numbers, and a length or several that fit in memory."""
    if not isinstance(rng, (np.random.RandomState, np.random.Generator)):
        raise TypeError(f"rng must be a numpy.random.RandomState; got {shown(rng)}")
    lengths = shape if isinstance(shape, (tuple, list)) else (shape,)
    total = 1
    for length in lengths:
        total *= size(f"each length of shape {shown(shape)}", length)
    size(f"the product of shape {shown(shape)}", total)
