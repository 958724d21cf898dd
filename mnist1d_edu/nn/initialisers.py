"""Initial weights: each function draws float32 numbers of `shape` for a layer with these numbers of
inputs and outputs. Lesson 06; UDL 7.5."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def torch_default(rng: np.random.RandomState, shape: tuple[int, ...], fan_in: int, fan_out: int
                  ) -> np.ndarray:
    """Uniform in ±1/sqrt(fan_in): PyTorch's default for linear and convolutional layers."""
    return uniform(rng, shape, fan_in ** -0.5)


def he(rng: np.random.RandomState, shape: tuple[int, ...], fan_in: int, fan_out: int
       ) -> np.ndarray:
    """Normal with variance 2/fan_in, which keeps the variance through ReLUs. Lesson 06; UDL 7.5."""
    return (rng.standard_normal(shape) * (2 / fan_in) ** 0.5).astype(np.float32)


def he_uniform(rng: np.random.RandomState, shape: tuple[int, ...], fan_in: int, fan_out: int
               ) -> np.ndarray:
    """Uniform in ±sqrt(6/fan_in): the variance of `he`."""
    return uniform(rng, shape, (6 / fan_in) ** 0.5)


def glorot(rng: np.random.RandomState, shape: tuple[int, ...], fan_in: int, fan_out: int
           ) -> np.ndarray:
    """Uniform in ±sqrt(6/(fan_in + fan_out)), for tanh and sigmoid. Lesson 06."""
    return uniform(rng, shape, (6 / (fan_in + fan_out)) ** 0.5)


def uniform(rng: np.random.RandomState, shape: tuple[int, ...], bound: float) -> np.ndarray:
    """Uniform in ±bound."""
    return rng.uniform(-bound, bound, shape).astype(np.float32)


def bias(rng: np.random.RandomState, size: int, fan_in: int, initialiser: Callable) -> np.ndarray:
    """PyTorch draws biases like weights; He and Glorot start them at 0."""
    if initialiser is torch_default:
        return torch_default(rng, (size,), fan_in, size)
    return np.zeros(size, np.float32)
