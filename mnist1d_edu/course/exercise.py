"""What an exercise is: a reference, inputs to try it on, and the mistakes people make.

Each exercise has a file in `exercises/lesson_NN/`: the reference, the probes, and a table of the
mistakes and the sentences that they earn (docs/writing-lessons.md shows how to write one)::

    def row_means(x):
        return x.mean(axis=1)

    EXERCISE = Exercise(
        "00.row_means", "The mean of each row", row_means, probes=matrices, hints=("...", "..."),
        mistakes={
            "you averaged down the columns: the mean of each row runs over axis 1":
                lambda x: x.mean(axis=0),
        },
    )
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mnist1d_edu.course.compare import name_of_part

NAME = re.compile(r"\d\d\.[A-Za-z_][A-Za-z0-9_]*")


@dataclass
class Exercise:
    """One exercise of a lesson.

    name, title: such as "04.relu_backward" and "Through the ReLU"
    reference: the right answer, a function, a class or a value
    probes: RandomState -> list of argument tuples, the smallest first
    drive: (answer, *arguments) -> outputs; None calls a function and takes a value as it is
    same: (got, expected) -> bool in place of the comparison by value; `musts` still hold
    rtol, atol: tolerances in place of those that follow from the dtypes
    seconds: how long all probes together may run
    parts: what the elements of the result are called, such as ("g_x", "g_weight", "g_bias")
    stages: (name of a step, change of the arguments that leaves out all steps after it); a wrong
        answer is told the first step that goes wrong
    mistakes: the sentence for whoever makes a mistake -> a wrong answer that makes it
    musts: sentence -> a property, (outputs, *arguments) -> bool, true of every right answer
    variants: a description -> another right answer, which the tests hold to be accepted

    The three tables are given as dictionaries, in which `codings` stands for several answers with
    one sentence, and are kept as lists of (sentence, answer).
    """

    name: str
    title: str
    reference: object
    probes: Callable[[np.random.RandomState], Sequence[tuple]] = lambda rng: [()]
    points: int = 1
    hints: Sequence[str] = ()
    drive: Callable | None = None
    same: Callable[[object, object], bool] | None = None
    rtol: float | None = None
    atol: float | None = None
    seconds: float = 2.0
    parts: Sequence[str] = ()
    stages: Sequence[tuple[str, Callable]] = ()
    mistakes: Mapping[str, object] | list[tuple[str, object]] = field(default_factory=dict)
    musts: Mapping[str, object] | list[tuple[str, Callable]] = field(default_factory=dict)
    variants: Mapping[str, object] | list[tuple[str, object]] = field(default_factory=dict)

    def __post_init__(self):
        if not NAME.fullmatch(self.name):
            raise ValueError(f"name is {self.name!r}; it must be like '04.relu_backward'")
        self.mistakes, self.musts, self.variants = map(
            _flat, (self.mistakes, self.musts, self.variants))

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

    def name_of_part(self, path: tuple) -> str:
        """How a sentence calls a part of the result: "your g_weight"."""
        if path and isinstance(path[0], int) and path[0] < len(self.parts):
            inside = "".join(f"[{key!r}]" for key in path[1:])
            return f"your {self.parts[path[0]]}{inside}"
        return name_of_part(path)

    def argument_names(self) -> list[str]:
        """The names by which a sentence refers to a probe's arguments."""
        given = inspect.signature(self.drive).parameters if self.drive is not None else {}
        if given and not any(p.kind is p.VAR_POSITIONAL for p in given.values()):
            return list(given)[1:]
        if self.kind == "value":
            return []
        return list(inspect.signature(self.reference).parameters)


class codings:
    """Several ways of making one mistake: in a table, `"sentence": codings(f, g)`."""

    def __init__(self, *answers):
        self.answers = answers


def _flat(table: Mapping[str, object]) -> list[tuple[str, object]]:
    """The rows of a table, with a row for each of several codings."""
    return [(sentence, answer) for sentence, entry in table.items()
            for answer in (entry.answers if isinstance(entry, codings) else [entry])]
