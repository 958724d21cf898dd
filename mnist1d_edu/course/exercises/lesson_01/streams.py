"""Generators that a sentence can name, and how answers that draw from one are tried."""

from __future__ import annotations

import inspect

import numpy as np


class Stream(np.random.RandomState):
    """A generator that a sentence can name by its seed."""

    def __init__(self, seed: int):
        super().__init__(seed)
        self.seed_text = f"RandomState({seed})"

    def __repr__(self) -> str:
        return self.seed_text


def stream(rng: np.random.RandomState) -> Stream:
    return Stream(rng.randint(1000))


class Drawn(np.ndarray):
    """An answer's array; `following` is the generator's next number, which tells what it drew."""


def drive_with(*names: str):
    """A drive for answers with the arguments `names`, of which the last is the generator."""
    def drive(answer, *arguments):
        result = answer(*arguments)
        if isinstance(result, np.ndarray):
            result = result.view(Drawn)
            result.following = arguments[-1].random_sample()
        return result

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    drive.__signature__ = inspect.Signature(
        [inspect.Parameter(name, kind) for name in ("answer", *names)])
    return drive


def in_double_precision(result, *arguments) -> bool:
    """A property: in float32 the dataset would be another one, with another hash."""
    return result.dtype == np.float64


def one_uniform_number_drawn(result, *arguments) -> bool:
    """A property: the answer has moved the generator, the last argument, by one number."""
    rng = arguments[-1]
    rng.random_sample()
    return result.following == rng.random_sample()
