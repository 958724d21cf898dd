"""07.slide: a kernel slides along a signal (UDL 10.2)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def slide(x, w):
    return np.array([(x[p:p + len(w)] * w).sum() for p in range(len(x) - len(w) + 1)])


def signal_and_kernel(rng: np.random.RandomState) -> list[tuple]:
    """x (L,) and w (K,), which is never symmetric."""
    return [(np.array([1.0, 2.0, 4.0, 8.0]), np.array([1.0, 10.0])),
            (rng.randint(-5, 6, 7) * 1.0, np.array([1.0, -2.0, 4.0])),
            (rng.randn(40), rng.randn(5))]


# ---- other right answers
def shifted_copies(x, w):
    positions = len(x) - len(w) + 1
    return sum(tap * x[k:k + positions] for k, tap in enumerate(w))


def two_loops(x, w):
    out = np.zeros(len(x) - len(w) + 1, np.float32)
    for p in range(len(out)):
        for k in range(len(w)):
            out[p] += x[p + k] * w[k]
    return out


EXERCISE = Exercise(
    "07.slide", "Slide a kernel along a signal", slide, probes=signal_and_kernel,
    hints=(
        "The window that begins at position p holds x[p], x[p + 1], ..., K numbers in all. Where "
        "does the last window begin that still fits?",
        "There are L - K + 1 windows. The window at p is `x[p:p + K]`; multiply it by `w`, element "
        "by element, and add up.",
        "`np.array([(x[p:p + K] * w).sum() for p in range(L - K + 1)])`, with L "
        "and K the two lengths.",
    ),
    mistakes={
        "you flipped the kernel, as np.convolve does: in deep learning tap k meets x[p + k], with "
        "both running to the right":
            lambda x, w: np.convolve(x, w, "valid"),
        "you missed the last window: windows begin at 0, 1, ..., L - K, "
        "which are L - K + 1 of them":
            lambda x, w: slide(x, w)[:-1],
        "your output is as long as the input, with zeros made up beyond its ends: keep only the "
        "L - K + 1 windows that fit in the signal":
            lambda x, w: np.convolve(x, w[::-1], "same"),
        "you let the kernel hang over both ends: keep only the L - K + 1 windows "
        "that fit in the signal":
            lambda x, w: np.convolve(x, w[::-1], "full"),
        "your windows wrap around the end and go on at x[0]: the last one begins at L - K":
            lambda x, w: sum(tap * np.roll(x, -k) for k, tap in enumerate(w)),
        "your windows lie side by side: move on by one position each time, not by "
        "K, so that they overlap":
            lambda x, w: slide(x, w)[::len(w)],
        "you averaged over the window: add the products up, and do not divide by K":
            lambda x, w: slide(x, w) / len(w),
        "you multiplied each window by the kernel, but did not add the products up: one number "
        "per window must remain":
            lambda x, w: np.lib.stride_tricks.sliding_window_view(x, len(w)) * w,
    },
    variants={
        "np.correlate": lambda x, w: np.correlate(x, w, "valid"),
        "a sum of shifted copies of the signal": shifted_copies,
        "two loops over plain numbers, single precision": two_loops,
        "every window as a row, and a matrix product":
            lambda x, w: np.lib.stride_tricks.sliding_window_view(x, len(w)) @ w,
    },
)
