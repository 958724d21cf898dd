"""14.label_memory: which wrong labels a net has learned by heart (UDL 8.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def label_memory(answers, given, clean):
    wrong = given != clean
    reproduced = 100 * (answers == given)[:, wrong].mean(axis=1)
    overruled = 100 * (answers == clean)[:, wrong].mean(axis=1)
    return reproduced, overruled


def trainings(rng: np.random.RandomState) -> list[tuple]:
    """answers (S, N), given (N,), clean (N,): two nets and five signals first; then nets that
    give the wrong label, the clean one or a third one, and more signals than nets."""
    def some(nets, signals):
        clean = rng.randint(0, 10, signals)
        given = np.where(rng.rand(signals) < 0.4, (clean + rng.randint(1, 10, signals)) % 10, clean)
        third = rng.randint(0, 10, (nets, signals))
        pick = rng.rand(nets, signals)
        answers = np.where(pick < 0.45, given, np.where(pick < 0.75, clean, third))
        return answers, given, clean
    return [(np.array([[1, 7, 3, 4, 9], [2, 7, 3, 4, 5]]), np.array([1, 7, 3, 4, 5]),
             np.array([2, 2, 3, 4, 6])), some(3, 40), some(5, 60)]


# ---- what students write
def of_all_signals(answers, given, clean):
    wrong = given != clean
    return (100 * ((answers == given) & wrong).mean(axis=1),
            100 * ((answers == clean) & wrong).mean(axis=1))


def of_the_labels_that_are_right(answers, given, clean):
    right = given == clean
    return (100 * (answers == given)[:, right].mean(axis=1),
            100 * (answers == clean)[:, right].mean(axis=1))


def all_that_are_not_reproduced(answers, given, clean):
    reproduced, _ = label_memory(answers, given, clean)
    return reproduced, 100 - reproduced


def of_what_is_reproduced(answers, given, clean):
    wrong = given != clean
    reproduced = (answers == given)
    return (100 * (reproduced & wrong).sum(axis=1) / reproduced.sum(axis=1),
            label_memory(answers, given, clean)[1])


def all_nets_together(answers, given, clean):
    reproduced, overruled = label_memory(answers, given, clean)
    return reproduced.mean(), overruled.mean()


def signal_by_signal(answers, given, clean):
    wrong = given != clean
    return (100 * (answers == given)[:, wrong].mean(axis=0),
            100 * (answers == clean)[:, wrong].mean(axis=0))


def counts(answers, given, clean):
    wrong = given != clean
    return (answers == given)[:, wrong].sum(axis=1), (answers == clean)[:, wrong].sum(axis=1)


# ---- other right answers
def net_by_net(answers, given, clean):
    places = np.flatnonzero(given != clean)
    rows = [(np.mean(row[places] == given[places]), np.mean(row[places] == clean[places]))
            for row in answers]
    return tuple(100 * np.array(rows).T)


def counted_and_divided(answers, given, clean):
    wrong = (given != clean).astype(np.float32)
    return ((answers == given) @ wrong / wrong.sum() * 100,
            (answers == clean) @ wrong / wrong.sum() * 100)


EXERCISE = Exercise(
    "14.label_memory", "What a net has learned by heart", label_memory, probes=trainings, points=2,
    hints=(
        "`given != clean` marks the signals with a wrong label, shape (N,). Only these count, for "
        "both results. What would a net say on them that has learned the label by heart, and what "
        "would one say that has learned the digits?",
        "`answers == given` compares each net's answers with the labels, shape (S, N). "
        "`[:, wrong]` picks the columns that count.",
        "`100 * (answers == given)[:, wrong].mean(axis=1)`, and the same with `clean`.",
    ),
    mistakes={
        "you divided by the number of *all* signals: these are percentages of the signals whose "
        "label is wrong":
            of_all_signals,
        "you looked at the signals whose label is right: what counts are those whose label is "
        "wrong, given != clean":
            of_the_labels_that_are_right,
        "you looked at all signals: most of them have a right label; pick those whose label is "
        "wrong, given != clean":
            lambda answers, given, clean: (100 * (answers == given).mean(axis=1),
                                           100 * (answers == clean).mean(axis=1)),
        "your second result counts every wrong label that is not reproduced: the net may also say "
        "a third digit, so compare with `clean`":
            all_that_are_not_reproduced,
        "you divided by the number of labels that the net reproduces: divide by the number of "
        "wrong labels":
            of_what_is_reproduced,
        "your two results are swapped: first the wrong labels that are reproduced, then those that "
        "are overruled by the clean one":
            lambda answers, given, clean: label_memory(answers, given, clean)[::-1],
        "these are fractions: percentages are asked for, so multiply by 100":
            lambda answers, given, clean: tuple(
                part / 100 for part in label_memory(answers, given, clean)),
        "these are counts: percentages of the wrong labels are asked for":
            codings(counts, lambda *given: tuple(100 * part for part in counts(*given))),
        "you averaged over the nets: each net (row of `answers`) has its own percentage, "
        "shape (S,)":
            all_nets_together,
        "you averaged over the nets, signal by signal: average over the signals, axis 1, so that "
        "each net has its own percentage":
            signal_by_signal,
    },
    musts={
        "each percentage must lie between 0 and 100":
            lambda result, answers, given, clean: all(
                (abs(part - 50) <= 50).all() for part in result),
    },
    variants={
        "net by net": net_by_net,
        "counted with a product, single precision": counted_and_divided,
    },
)
