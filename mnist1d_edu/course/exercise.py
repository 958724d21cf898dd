"""What an exercise is: a reference, inputs to try it on, and the mistakes people make.

A lesson's exercises stand in `lesson_NN.py`, which reads like a table of mistakes and the
sentences that they earn (docs/writing-lessons.md shows how to write one)::

    @exercise("00.row_means", "The mean of each row", probes=matrices, hints=("...", "..."))
    def row_means(x):
        return x.mean(axis=1)

    @row_means.mistake("you averaged down the columns: the mean of each row runs over axis 1")
    def _(x):
        return x.mean(axis=0)
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

NAME = re.compile(r"\d\d\.[A-Za-z_][A-Za-z0-9_]*")


@dataclass
class Exercise:
    """One exercise of a lesson; made by the decorator `exercise` from its reference.

    reference: the right answer, a function, a class or a value
    probes: RandomState -> list of argument tuples, the smallest first
    drive: (answer, *arguments) -> outputs; None calls a function and takes a value as it is
    same: (got, expected) -> bool in place of the comparison by value; the `must`s still hold
    rtol, atol: tolerances in place of those that follow from the dtypes
    seconds: how long all probes together may run
    """

    name: str
    title: str
    reference: object
    probes: Callable[[np.random.RandomState], Sequence[tuple]]
    points: int = 1
    hints: Sequence[str] = ()
    drive: Callable | None = None
    same: Callable[[object, object], bool] | None = None
    rtol: float | None = None
    atol: float | None = None
    seconds: float = 2.0
    mistakes: list[tuple[str, object]] = field(default_factory=list)
    musts: list[tuple[str, Callable]] = field(default_factory=list)
    variants: list[tuple[str, object]] = field(default_factory=list)

    def __call__(self, *arguments):
        """The reference's result, so that one exercise's reference can use another's."""
        return self.reference(*arguments)

    def mistake(self, sentence: str) -> Callable:
        """Register a wrong answer, and the sentence for whoever gives one that behaves so."""
        return _adder(self.mistakes, sentence)

    def must(self, sentence: str) -> Callable:
        """Register a property: (outputs, *arguments) -> bool, true of every right answer."""
        return _adder(self.musts, sentence)

    def variant(self, description: str) -> Callable:
        """Register another right answer, which the tests hold to be accepted."""
        return _adder(self.variants, description)

    @property
    def kind(self) -> str:
        """What an answer is: "class", "function" or "value"."""
        if isinstance(self.reference, type):
            return "class"
        return "function" if callable(self.reference) else "value"

    def run(self, answer, arguments: tuple):
        """What `answer` gives for one probe."""
        if self.drive is not None:
            return self.drive(answer, *arguments)
        return answer(*arguments) if callable(self.reference) else answer

    def argument_names(self) -> list[str]:
        """The names by which a sentence refers to a probe's arguments."""
        if self.drive is not None:
            return list(inspect.signature(self.drive).parameters)[1:]
        if self.kind == "value":
            return []
        return list(inspect.signature(self.reference).parameters)


def exercise(name: str, title: str, *, probes: Callable = lambda rng: [()], **options) -> Callable:
    """A decorator that makes an `Exercise` of its reference; `options` are Exercise's fields.

    For an answer that is a plain value, call it: `best = exercise("03.best", "...")(0.01)`.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"name is {name!r}; allowed is a name like '04.relu_backward'")
    return lambda reference: Exercise(name, title, reference, probes, **options)


def _adder(table: list, sentence: str) -> Callable:
    def add(entry):
        table.append((sentence, entry))
        return entry
    return add
