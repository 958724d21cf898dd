"""11.pool: max, mean and L2 pooling (UDL 10.4.1)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def pool(x, size, kind):
    windows = windows_of(x, size)
    if kind == "max":
        return windows.max(axis=-1)
    if kind == "mean":
        return windows.mean(axis=-1)
    return np.sqrt((windows**2).sum(axis=-1))


def windows_of(x, size):
    """x (N, C, L) as (N, C, L // size, size), without the positions that are left over."""
    count = x.shape[-1] // size
    return x[..., :count * size].reshape(*x.shape[:-1], count, size)


def signals(rng: np.random.RandomState) -> list[tuple]:
    """x (N, C, L), size, kind: a signal to read, one with a position left over, larger windows."""
    small = np.array([[[3.0, -4.0, 1.0, 2.0, 5.0]]])
    return [*((small, 2, kind) for kind in ("max", "mean", "l2")),
            *((rng.randn(2, 3, 8), 2, kind) for kind in ("max", "mean", "l2")),
            *((rng.randn(3, 2, 11) - 0.5, 3, kind) for kind in ("max", "mean", "l2"))]


# ---- what students write
def reduced(windows=windows_of, maximum=lambda w: w.max(-1), mean=lambda w: w.mean(-1),
            norm=lambda w: np.sqrt((w**2).sum(-1))):
    """An answer with other windows, or another reduction of one kind."""
    def answer(x, size, kind):
        return {"max": maximum, "mean": mean, "l2": norm}[kind](windows(x, size))
    return answer


def interleaved(x, size):
    count = x.shape[-1] // size
    return x[..., :count * size].reshape(*x.shape[:-1], size, count).swapaxes(-1, -2)


def overlapping(x, size):
    return np.stack([x[..., p:p + size] for p in range(x.shape[-1] - size + 1)], axis=-2)


def cut_at_the_front(x, size):
    return windows_of(x[..., x.shape[-1] % size:], size)


def filled_with_zeros(x, size):
    return windows_of(np.pad(x, ((0, 0), (0, 0), (0, -x.shape[-1] % size))), size)


def nothing_left_out(x, size):
    return x.reshape(*x.shape[:-1], -1, size)


def first_of_each(x, size, kind):
    return windows_of(x, size)[..., 0]


def always(kind):
    return lambda x, size, _: pool(x, size, kind)


# ---- other right answers
def loop(x, size, kind):
    out = []
    for p in range(0, x.shape[2] - size + 1, size):
        window = x[:, :, p:p + size]
        if kind == "max":
            out.append(np.max(window, axis=2))
        elif kind == "mean":
            out.append(np.sum(window, axis=2) / size)
        else:
            out.append(np.linalg.norm(window, axis=2))
    return np.stack(out, axis=2)


def strides(x, size, kind):
    count = x.shape[-1] // size
    taps = [x[..., k:count * size:size] for k in range(size)]
    if kind == "max":
        return np.maximum.reduce(taps)
    return sum(taps) / size if kind == "mean" else sum(tap**2 for tap in taps)**0.5


EXERCISE = Exercise(
    "11.pool", "Max, mean and L2 pooling", pool, probes=signals, points=2,
    hints=(
        "`L // size` windows fit, one after the other: `count = L // size`, and what lies beyond "
        "`count * size` is left out.",
        "`x[..., :count * size].reshape(N, C, count, size)` has a window in each row of its last "
        "axis. Reduce that axis.",
        'max and mean are NumPy\'s; "l2" is `np.sqrt((windows**2).sum(axis=-1))`.',
    ),
    mistakes={
        "your windows overlap: the next one begins where the last one ended": reduced(overlapping),
        "your windows take every (L // size)-th position: reshape to (..., L // size, size), so "
        "that neighbours share a window": reduced(interleaved),
        "you left out positions at the front: the windows begin at position 0, and what does not "
        "fill a window at the end is left out": reduced(cut_at_the_front),
        "you filled the last window up with zeros: positions that do not fill a window are left "
        "out": reduced(filled_with_zeros),
        "your windows take in the positions at the end that do not fill one: leave them out before "
        "you reshape, x[..., :count * size]": reduced(nothing_left_out),
        "you took the first number of each window, which is striding: pooling reduces all of them":
            first_of_each,
        "your maximum is one of absolute values: a large negative number is not a large one":
            reduced(maximum=lambda w: np.abs(w).max(-1)),
        "you took the smallest number of each window for the largest":
            reduced(maximum=lambda w: w.min(-1)),
        "your mean is a sum: divide by size": reduced(mean=lambda w: w.sum(-1)),
        "your L2 pooling is missing the square root":
            reduced(norm=lambda w: (w**2).sum(-1)),
        "your L2 pooling takes the mean of the squares: it is their sum under the root":
            reduced(norm=lambda w: np.sqrt((w**2).mean(-1))),
        "your L2 pooling sums absolute values, the 1-norm: square, sum, take the root":
            reduced(norm=lambda w: np.abs(w).sum(-1)),
        "your L2 pooling is the root of the squared sum: square each number first, then sum":
            reduced(norm=lambda w: np.sqrt(w.sum(-1)**2)),
        "you take the maximum, whatever kind says": always("max"),
        "you take the mean, whatever kind says": always("mean"),
        "you pooled over the channels: windows run along the last axis":
            codings(lambda x, size, kind: pool(x.swapaxes(1, 2), size, kind).swapaxes(1, 2)),
    },
    variants={"a loop over windows": loop, "strided slices": strides},
)
