"""01.first_at_fault: two programs compared stage by stage."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def first_at_fault(mine, right):
    for stage, numbers in right.items():
        if mine[stage].shape != numbers.shape or np.abs(mine[stage] - numbers).max() > 1e-12:
            return stage
    return None


def stages(rng: np.random.RandomState) -> list[tuple]:
    """mine, right: one fault, none, a shape, two faults, rounding alone, and all stages of a
    signal, faulty from one on."""
    one, two, three = np.array([1.0, 2.0]), np.array([3.0, -4.0, 5.0]), rng.randn(4)
    right = {"pad": one, "move": two, "shear": three}
    after = {"pad": rng.randn(57), "stretch": rng.randn(72), "scale": rng.randn(72),
             "move": rng.randn(72), "noise": rng.randn(72), "end": rng.randn(40)}
    faulty = dict(after, move=np.roll(after["move"], 1), noise=rng.randn(72), end=rng.randn(40))
    return [({**right, "move": np.array([3.0, -4.0, 5.5])}, right), (dict(right), right),
            ({**right, "pad": np.ones(3)}, right), ({**right, "pad": one - 2.0}, right),
            ({**right, "move": two[::-1], "shear": -three}, right),
            ({**right, "pad": one * (1 + 1e-15), "shear": three + 1e-15}, right),
            ({**right, "shear": three + 1e-6}, right), (faulty, after),
            (dict(after, end=after["end"] - 0.01), after)]


# ---- what students write
def compared(same, found=lambda faults: faults[0] if faults else None):
    """All stages that are not the same, and what is told of them."""
    def first_at_fault(mine, right):
        return found([s for s in right if not same(mine[s], right[s])])
    return first_at_fault


def close(a, b):
    return a.shape == b.shape and np.abs(a - b).max() <= 1e-12


def gave_up_after_the_first(mine, right):
    for stage, numbers in right.items():
        return None if close(mine[stage], numbers) else stage


# ---- other right answers
def with_allclose(mine, right):
    for stage in right:
        if len(mine[stage]) != len(right[stage]) or not np.allclose(
                mine[stage], right[stage], rtol=0, atol=1e-12):
            return stage


EXERCISE = Exercise(
    "01.first_at_fault", "Which stage differs first?", first_at_fault, probes=stages,
    hints=(
        "Go through the stages in the order of `right`, and return the name of the first whose "
        "numbers differ: `for stage, numbers in right.items():`.",
        "Two arrays differ if their shapes do, or if the largest absolute difference, "
        "`np.abs(a - b).max()`, is above 1e-12. Ask for the shapes first. After the loop: None.",
    ),
    mistakes={
        "you compare exactly: two programs may differ in the sixteenth digit and be right, so let "
        "1e-12 pass":
            codings(compared(np.array_equal), compared(lambda a, b: a.tolist() == b.tolist())),
        "you return the last stage that differs: what goes wrong early is wrong ever after, so the "
        "first one names the fault":
            compared(close, lambda faults: faults[-1] if faults else None),
        "you return all stages that differ: only the first names the fault":
            codings(compared(close, lambda faults: faults),
                    compared(close, lambda faults: faults or None)),
        "you compare without the absolute value: a difference can be negative":
            compared(lambda a, b: a.shape == b.shape and (a - b).max() <= 1e-12),
        "you compare sums (or means): numbers in another order, or moved by one place, have the "
        "same":
            codings(compared(lambda a, b: a.shape == b.shape and abs(a.sum() - b.sum()) < 1e-12),
                    compared(lambda a, b: a.shape == b.shape and abs(a.mean() - b.mean()) < 1e-12)),
        "arrays of different shapes cannot be subtracted: compare the shapes first, a difference "
        "there is a fault too":
            compared(lambda a, b: np.abs(a - b).max() <= 1e-12),
        "you compare the shapes only: numbers can be wrong in the right shape":
            compared(lambda a, b: a.shape == b.shape),
        "one number that agrees is not enough: all must": compared(
            lambda a, b: a.shape == b.shape and np.abs(a - b).min() <= 1e-12),
        "np.allclose lets one part in 100,000 pass unless it is told otherwise: a fault can be "
        "smaller, so let only 1e-12 pass":
            compared(lambda a, b: a.shape == b.shape and np.allclose(a, b)),
        "you look at the first stage only: return None after the loop, not in it":
            gave_up_after_the_first,
        "return the stage's name, not its place": codings(
            compared(close, lambda faults: 0 if faults else None),
            lambda mine, right: next((i for i, stage in enumerate(right)
                                      if not close(mine[stage], right[stage])), None)),
        "go through the stages in the order of the dictionary, in which they follow each other, "
        "not in that of the alphabet": lambda mine, right: next(
            (stage for stage in sorted(right) if not close(mine[stage], right[stage])), None),
    },
    variants={
        "np.allclose with its own tolerance": with_allclose,
        "a generator and next": lambda mine, right: next(
            (s for s in right if not close(mine[s], right[s])), None),
    },
)
