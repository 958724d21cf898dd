"""People on MNIST-1D: the published expert's answers, and those of whoever took the quiz.

The expert answered 400 signals of the default test set (`data.human_labels`; 500 were published,
but two of the five files are the same). Whoever takes the quiz of lesson 09 can keep her answers in
a file, and the results page shows them beside the expert's. Lesson 09.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnist1d_edu import data
from mnist1d_edu.experiments import intervals

PUBLISHED = 95.8  # of 500 answers, 100 of them counted twice


@dataclass(frozen=True)
class Person:
    """How well someone knows the digits. name; right of answered; low, high: Wilson's 95 %
    interval in percent; expert: how many of the expert's answers to the same signals were right, of
    how many, or None; mistakes: (digit, answer, how often), the most frequent first."""

    name: str
    right: int
    answered: int
    low: float
    high: float
    expert: tuple[int, int] | None
    mistakes: list[tuple[int, int, int]]

    @property
    def accuracy(self) -> float:
        """In percent."""
        return 100 * self.right / self.answered


def everyone(answers: dict[str, tuple[np.ndarray, np.ndarray]]) -> list[Person]:
    """The expert, and each of the others. answers: name -> (indices into the default dataset's
    `x_test` (A,), digits (A,)), both integers."""
    truth = data.make_dataset()["y_test"]
    index, labels = data.human_labels()
    expert = dict(zip(index.tolist(), labels.tolist(), strict=True))
    people = [_person("the expert", index, labels, truth, None)]
    return people + [_person(name, *given, truth, expert) for name, given in answers.items()]


def _person(name: str, index, labels, truth, expert: dict[int, int] | None) -> Person:
    digits = truth[index]
    right, n = int((labels == digits).sum()), len(labels)
    low, high = intervals.wilson(right, n)
    same = [k for k in np.asarray(index).tolist() if expert is not None and k in expert]
    pairs, counts = np.unique(np.stack([digits, labels], 1)[labels != digits], axis=0,
                              return_counts=True)
    mistakes = sorted(((int(a), int(b), int(c)) for (a, b), c in zip(pairs, counts, strict=True)),
                      key=lambda mistake: -mistake[2])
    return Person(name, right, n, 100 * low, 100 * high,
                  (sum(expert[k] == truth[k] for k in same), len(same)) if expert and same
                  else None, mistakes)
