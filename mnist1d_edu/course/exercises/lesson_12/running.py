"""12.running: the running statistics of batch normalisation (UDL 11.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def running(mean, var, x, momentum):
    return mixed(mean, x.mean(axis=0), momentum), mixed(var, unbiased(x), momentum)


def mixed(old, new, momentum):
    return (1 - momentum) * old + momentum * new


def unbiased(x):
    return x.var(axis=0, ddof=1)


def batches(rng: np.random.RandomState) -> list[tuple]:
    """mean (D,), var (D,), x (N, D), momentum: to read, then more."""
    small = np.array([0.0]), np.array([1.0]), np.array([[2.0], [6.0]]), 0.25
    return [small, *((rng.randn(d), rng.rand(d) + 0.5, 3 * rng.randn(n, d) + 2, momentum)
                     for n, d, momentum in ((4, 3, 0.1), (5, 5, 0.3), (2, 4, 1.0)))]


# ---- what students write
def with_variance(variance):
    """Right but for the batch's variance, variance(x, the new mean)."""
    def answer(mean, var, x, momentum):
        new = mixed(mean, x.mean(axis=0), momentum)
        return new, mixed(var, variance(x, new), momentum)
    return answer


def over(axis):
    return lambda mean, var, x, momentum: (mixed(mean, x.mean(axis=axis), momentum),
                                           mixed(var, x.var(axis=axis, ddof=1), momentum))


def in_place(mean, var, x, momentum):
    mean *= 1 - momentum
    mean += momentum * x.mean(axis=0)
    var *= 1 - momentum
    var += momentum * unbiased(x)
    return mean, var


# ---- other right answers
def a_step_towards(mean, var, x, momentum):
    n, batch = len(x), x.sum(axis=0) / len(x)
    spread = ((x - batch)**2).sum(axis=0) / (n - 1)
    return mean + momentum * (batch - mean), var + momentum * (spread - var)


def corrected(mean, var, x, momentum):
    n, keep = len(x), 1 - momentum
    return [keep * mean + momentum * np.mean(x, 0),
            keep * var + momentum * np.var(x, 0) * n / (n - 1)]


EXERCISE = Exercise(
    "12.running", "Running statistics", running, probes=batches, parts=("mean", "variance"),
    hints=(
        "Each of the two moves a part of the way, `momentum`, from its old value to the batch's.",
        "`(1 - momentum) * old + momentum * new`. The batch's variance is the unbiased one here, "
        "`x.var(axis=0, ddof=1)`.",
    ),
    mistakes={
        "momentum weights the new batch here, and 1 - momentum what was there, as in PyTorch; you "
        "have them the other way round":
            lambda mean, var, x, momentum: running(mean, var, x, 1 - momentum),
        "your variance divides by N: the running one is to be unbiased, divided by N - 1":
            with_variance(lambda x, new: x.var(axis=0)),
        "you kept a running deviation: it is the variance that is kept":
            codings(with_variance(lambda x, new: x.std(axis=0, ddof=1)),
                    with_variance(lambda x, new: x.std(axis=0))),
        "you returned the batch's own mean and variance: mix them with the old ones":
            codings(lambda mean, var, x, momentum: running(mean, var, x, 1.0),
                    lambda mean, var, x, momentum: (x.mean(axis=0), x.var(axis=0))),
        "you averaged over the features: the statistics are over the examples, axis 0": over(1),
        "each feature has a mean and a variance of its own, over axis 0: you took them of "
        "everything": over(None),
        "the old values are to fade: multiply them by 1 - momentum":
            lambda mean, var, x, momentum: (mean + momentum * x.mean(axis=0),
                                            var + momentum * unbiased(x)),
        "the batch's values are missing the factor momentum":
            lambda mean, var, x, momentum: ((1 - momentum) * mean + x.mean(axis=0),
                                            (1 - momentum) * var + unbiased(x)),
        "your variance is about the running mean: the batch's is about its own mean": codings(
            with_variance(lambda x, new: ((x - new)**2).sum(axis=0) / (len(x) - 1)),
            with_variance(lambda x, new: ((x - new)**2).mean(axis=0))),
        "your variance did not move": lambda mean, var, x, momentum: (
            mixed(mean, x.mean(axis=0), momentum), var.copy()),
        "your two are right, but in another order: return the mean, then the variance":
            lambda mean, var, x, momentum: running(mean, var, x, momentum)[::-1],
        "you changed mean and var themselves: return new arrays": in_place,
    },
    variants={"a step towards the batch": a_step_towards, "N / (N - 1)": corrected},
)
