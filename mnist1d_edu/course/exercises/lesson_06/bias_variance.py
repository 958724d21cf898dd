"""06.bias_variance: the two parts of the squared error of several nets (UDL 8.2)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def bias_variance(p, y):
    target = np.eye(p.shape[-1])[y]
    total = ((p - target) ** 2).sum(axis=-1).mean()
    variance = p.var(axis=0, ddof=1).sum(axis=-1).mean()
    return total - variance, variance


def nets(rng: np.random.RandomState) -> list[tuple]:
    """Probabilities p (S, N, K) and labels y (N,): two nets and one signal first; then more nets
    than signals, and more signals than nets, with labels that are not all there."""
    def some(count, signals, classes):
        p = rng.gamma(0.6, size=(count, signals, classes)) + 0.01
        return p / p.sum(axis=-1, keepdims=True), rng.randint(0, classes - 1, signals)
    return [(np.array([[[0.5, 0.25, 0.25]], [[0.75, 0.0, 0.25]]]), np.array([1])),
            some(5, 3, 4), some(3, 8, 5)]


# ---- what students write
def one_hot(p, y):
    return np.eye(p.shape[-1])[y]


def squared(differences):
    """The mean over nets and signals of the squared length over the classes."""
    return (differences**2).sum(axis=-1).mean()


def parts(p, y, *, total=lambda p, target: squared(p - target),
          variance=lambda p: p.var(axis=0, ddof=1).sum(axis=-1).mean()):
    """The reference, with places where a mistake can sit."""
    spread = variance(p)
    return total(p, one_hot(p, y)) - spread, spread


def divided_by_n(p, y):
    return parts(p, y, variance=lambda p: p.var(axis=0).sum(axis=-1).mean())


def divided_by_n_by_hand(p, y):
    middle = p.mean(axis=0)
    return squared(middle - one_hot(p, y)), squared(p - middle)


def the_mean_nets_error(p, y):
    return squared(p.mean(axis=0) - one_hot(p, y)), parts(p, y)[1]


def means_over_classes(p, y):
    target = one_hot(p, y)
    variance = p.var(axis=0, ddof=1).mean()
    return ((p - target) ** 2).mean() - variance, variance


def sums_over_signals(p, y):
    rest, variance = bias_variance(p, y)
    return rest * len(y), variance * len(y)


def without_one_hot(p, y):
    return parts(p, y, total=lambda p, target: ((p - y[:, None]) ** 2).sum(axis=-1).mean())


def probability_of_the_label_only(p, y):
    of_label = p[:, np.arange(len(y)), y]
    variance = of_label.var(axis=0, ddof=1).mean()
    return ((of_label - 1) ** 2).mean() - variance, variance


def total_for_the_rest(p, y):
    return squared(p - one_hot(p, y)), parts(p, y)[1]


def total_of_the_mean_net(p, y):
    return parts(p, y, total=lambda p, target: squared(p.mean(axis=0) - target))


# ---- other right answers
def written_out(p, y):
    count = len(p)
    middle = p.mean(axis=0)
    target = np.zeros_like(middle)
    target[np.arange(len(y)), y] = 1
    variance = sum(((one - middle) ** 2).sum(1).mean() for one in p) / (count - 1)
    return ((middle - target) ** 2).sum(1).mean() - variance / count, variance


def from_pairs_of_nets(p, y):
    p = p.astype(np.float32)
    count = len(p)
    apart = sum(squared(a - b) for a in p for b in p) / (2 * count * (count - 1))
    return squared(p - one_hot(p, y)) - apart, apart


EXERCISE = Exercise(
    "06.bias_variance", "Bias and variance", bias_variance, probes=nets, points=2,
    hints=(
        "The variance first: at each signal and each class, S nets give S numbers. Take their "
        "sample variance (n - 1), add over the classes, and take the mean over the signals. What "
        "is the total error of a single net, on average over nets and signals?",
        "`p.var(axis=0, ddof=1)` has shape (N, K). The one-hot labels are `np.eye(K)[y]`, and the "
        "total is the mean of `((p - target) ** 2).sum(axis=-1)`. The rest is the total minus the "
        "variance.",
        "`total = ((p - np.eye(p.shape[-1])[y]) ** 2).sum(axis=-1).mean()`, "
        "`variance = p.var(axis=0, ddof=1).sum(axis=-1).mean()`, "
        "`return total - variance, variance`",
    ),
    mistakes={
        "you divided the squares by the number of nets: the nets are a sample, and their mean is "
        "taken from themselves, so it is S - 1, `ddof=1`":
            codings(divided_by_n, divided_by_n_by_hand),
        "your variance is right, but the error of the nets' *mean* still holds 1/S of the "
        "variance: take the mean error of single nets, minus the variance":
            the_mean_nets_error,
        "you took the variance away from the error of the nets' mean: take it from the mean error "
        "of single nets":
            total_of_the_mean_net,
        "your second result is right; the first is the whole error: subtract the variance":
            total_for_the_rest,
        "you averaged over the classes: the squared distance is a sum over the classes, and a mean "
        "over nets and signals":
            means_over_classes,
        "you added over the signals: take the mean over them": sums_over_signals,
        "your two results are swapped: bias² and noise first, then the variance":
            lambda p, y: bias_variance(p, y)[::-1],
        "you compared the probabilities with the label as a number: make it one-hot first, "
        "np.eye(K)[y]":
            without_one_hot,
        "you looked at the probability of the right class only: the squared distance is a sum over "
        "all classes":
            probability_of_the_label_only,
        "your variance is that from signal to signal: take it from net to net, along axis 0":
            lambda p, y: parts(p, y, variance=lambda p: (
                p.var(axis=1, ddof=1 if p.shape[1] > 1 else 0).sum(axis=-1).mean())),
        "you took standard deviations: the error falls into two parts only as *squares*":
            lambda p, y: parts(p, y, variance=lambda p: (
                p.std(axis=0, ddof=1).sum(axis=-1).mean())),
    },
    musts={
        "the two parts must add up to the mean squared error of single nets":
            lambda result, p, y: np.isclose(sum(result), squared(p - one_hot(p, y)), rtol=1e-4),
    },
    variants={
        "written out, from the error of the mean": written_out,
        "from all pairs of nets, single precision": from_pairs_of_nets,
    },
)
