"""Lesson 00: how this course works. First exercises with arrays, axes and broadcasting."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import exercise


def _signals(rng: np.random.RandomState) -> list[tuple]:
    """Batches of signals (N, L): small whole numbers first, then one that is not square."""
    return [(np.array([[1.0, 3.0], [2.0, 8.0]]),), (rng.randint(-9, 9, (2, 4)) * 1.0,),
            (3 + 2 * rng.randn(5, 40),)]


@exercise(
    "00.row_means", "The mean of each signal", probes=_signals,
    hints=(
        "`x` has shape (N, L): axis 0 counts the signals, axis 1 runs along one signal. "
        "`np.mean` and the method `x.mean` take the axis that is to disappear.",
        "Of shape (N, L) only (N,) is to be left: axis 1 disappears, `x.mean(axis=...)`.",
    ))
def row_means(x):
    return x.mean(axis=1)


@row_means.mistake("you averaged over the signals: axis 0 is gone and one number per position is "
                   "left. The mean of each signal runs along axis 1")
def _(x):
    return x.mean(axis=0)


@row_means.mistake("you took the mean of all the numbers at once: name the axis that is to "
                   "disappear, and one mean per signal is left")
def _(x):
    return x.mean()


@row_means.mistake("you added each signal up, and did not divide by its length, x.shape[1]")
def _(x):
    return x.sum(axis=1)


@row_means.mistake("you divided by the number of signals, x.shape[0]: a signal has "
                   "x.shape[1] values")
def _(x):
    return x.sum(axis=1) / len(x)


@row_means.mistake("your means are right, but stand in a column of shape (N, 1): this exercise "
                   "asks for shape (N,), so leave keepdims out")
def _(x):
    return x.mean(axis=1, keepdims=True)


@row_means.variant("a loop over the signals")
def _(x):
    return np.array([sum(row) / len(row) for row in x])


@row_means.variant("a product with a vector of equal weights")
def _(x):
    return x @ np.full(x.shape[1], 1 / x.shape[1])


@row_means.variant("single precision")
def _(x):
    return x.astype(np.float32).mean(axis=1)


@exercise(
    "00.standardise", "Every signal with mean 0 and standard deviation 1", probes=_signals,
    hints=(
        "Subtract from each signal its own mean, then divide by its own standard deviation "
        "(`x.std`). A row of (N, L) and its mean must line up.",
        "A mean of shape (N,) is laid along the *last* axis of (N, L). `keepdims=True` keeps the "
        "averaged axis with length 1; the shape (N, 1) is stretched along each row.",
        "`mean = x.mean(axis=1, keepdims=True)`, the same for `x.std`, and a line with both.",
    ))
def standardise(x):
    return (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)


@standardise.mistake("you standardised each position over the signals (axis 0): here each signal "
                     "gets its own mean and deviation, along axis 1")
def _(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


@standardise.mistake("you used one mean and one deviation for the whole batch: each signal has its "
                     "own, along axis 1")
def _(x):
    return (x - x.mean()) / x.std()


@standardise.mistake("your signals have mean 0, but you did not divide them by their standard "
                     "deviation")
def _(x):
    return x - x.mean(axis=1, keepdims=True)


@standardise.mistake("you divided by the variance: it is the standard deviation, its square root, "
                     "that brings the spread to 1")
def _(x):
    return (x - x.mean(axis=1, keepdims=True)) / x.var(axis=1, keepdims=True)


@standardise.mistake("a mean of shape (N,) is laid along the last axis of (N, L): keep the "
                     "averaged axis with keepdims=True, and (N, 1) is stretched along each row")
def _(x):
    return (x - x.mean(axis=1)) / x.std(axis=1)


@standardise.mistake("you divided before the mean was gone: subtract it first, in brackets, for "
                     "division binds more tightly than subtraction")
def _(x):
    return x - x.mean(axis=1, keepdims=True) / x.std(axis=1, keepdims=True)


@standardise.must("the mean of each signal must come out as 0")
def _(result, x):
    return np.allclose(result.mean(axis=1), 0, atol=1e-4)


@standardise.must("the standard deviation of each signal must come out as 1 (NumPy's default, "
                  "which divides by L and not L - 1)")
def _(result, x):
    return np.allclose(result.std(axis=1), 1, atol=1e-4)


@standardise.variant("with the new axis written out")
def _(x):
    centred = x - x.mean(axis=1)[:, np.newaxis]
    return centred / np.sqrt((centred**2).mean(axis=1))[:, None]


@standardise.variant("in place, on a copy")
def _(x):
    x = x.copy()
    x -= x.mean(axis=1, keepdims=True)
    x /= x.std(axis=1, keepdims=True)
    return x


@standardise.variant("transposed, so that the last axis counts the signals")
def _(x):
    return ((x.T - x.mean(axis=1)) / x.std(axis=1)).T


def _two_batches(rng: np.random.RandomState) -> list[tuple]:
    return [(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [1.0, 0.0]])),
            (rng.randint(-3, 4, (3, 2)) * 1.0, rng.randint(-3, 4, (3, 2)) * 1.0),
            (rng.randn(6, 40), rng.randn(4, 40))]


@exercise(
    "00.squared_distances", "The distance of every signal to every other", points=2,
    probes=_two_batches,
    hints=(
        "`out[i, j]` is the sum over k of `(a[i, k] - b[j, k])**2`: three indices, so make an "
        "array with three axes (N, M, L) and sum the last one away.",
        "`a[:, np.newaxis, :]` has shape (N, 1, L) and `b[np.newaxis, :, :]` has (1, M, L). "
        "Broadcasting stretches both axes of length 1 when you subtract.",
        "`difference = a[:, np.newaxis, :] - b[np.newaxis, :, :]`, then square it and sum over "
        "axis 2.",
    ))
def squared_distances(a, b):
    return ((a[:, np.newaxis, :] - b[np.newaxis, :, :]) ** 2).sum(axis=2)


@squared_distances.mistake("these are the distances themselves: leave the square root out")
def _(a, b):
    return np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=2))


@squared_distances.mistake("your array is the wrong way round, (M, N): the signals of `a` count "
                           "the rows, so `a` gets the new axis in the middle, (N, 1, L)")
def _(a, b):
    return ((b[:, None] - a[None]) ** 2).sum(axis=2)


@squared_distances.mistake("you compared `a` with `b` row by row: each signal of `a` has a "
                           "distance to *every* signal of `b`, so that (N, M) numbers come out")
def _(a, b):
    return ((a - b) ** 2).sum(axis=1)


@squared_distances.mistake("you added up the absolute differences: square them instead")
def _(a, b):
    return np.abs(a[:, None] - b[None]).sum(axis=2)


@squared_distances.mistake("you averaged over the positions: the squared distance is their sum")
def _(a, b):
    return ((a[:, None] - b[None]) ** 2).mean(axis=2)


@squared_distances.mistake("you summed first and squared then, so that differences of opposite "
                           "sign cancel: square first")
def _(a, b):
    return (a[:, None] - b[None]).sum(axis=2) ** 2


@squared_distances.must("no squared distance may be negative")
def _(result, a, b):
    return (result >= -1e-9).all()


@squared_distances.variant("two loops")
def _(a, b):
    return np.array([[sum((p - q) ** 2 for p, q in zip(u, v, strict=True)) for v in b] for u in a])


@squared_distances.variant("|a|² + |b|² − 2ab, which needs no third axis")
def _(a, b):
    return (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
