"""19.curve_backward: the gradient of one curve that all units share (UDL 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def curve_backward(g, z, w, b, v):
    hidden = np.tanh(z[..., None] * w + b)
    g = 0.2 * g[..., None]
    d_u = g * v * (1 - hidden**2)
    return ((d_u * z[..., None]).sum(axis=(0, 1)), d_u.sum(axis=(0, 1)),
            (g * hidden).sum(axis=(0, 1)), g.sum())


def units(rng: np.random.RandomState) -> list[tuple]:
    """g, z (N, H), w, b, v (K,): one number to read, then more of both signs."""
    return [(np.array([[10.0]]), np.array([[-1.0]]), np.array([2.0, 1.0]), np.array([0.5, -1.0]),
             np.array([3.0, 5.0])),
            (*rng.randn(2, 3, 4), *rng.randn(3, 5)), (*rng.randn(2, 2, 5), *rng.randn(3, 3))]


def with_slope(slope, v_too: bool = True):
    """An answer whose tanh has this slope, a function of the hidden units and of what enters."""
    def answer(g, z, w, b, v):
        enters = z[..., None] * w + b
        hidden = np.tanh(enters)
        g = 0.2 * g[..., None]
        d_u = g * (v if v_too else 1) * slope(hidden, enters)
        return ((d_u * z[..., None]).sum(axis=(0, 1)), d_u.sum(axis=(0, 1)),
                (g * hidden).sum(axis=(0, 1)), g.sum())
    return answer


# ---- what students write
def changed(change):
    """The right answer, of which something was changed: (d_w, d_b, d_v, d_d), arguments."""
    return lambda g, z, w, b, v: change(curve_backward(g, z, w, b, v), g, z, w, b, v)


def by_unit(g, z, w, b, v):
    hidden = np.tanh(z[..., None] * w + b)
    g = 0.2 * g[..., None]
    d_u = g * v * (1 - hidden**2)
    return ((d_u * z[..., None]).sum(axis=0), d_u.sum(axis=0), (g * hidden).sum(axis=0), g.sum())


# ---- other right answers
def flattened(g, z, w, b, v):
    g, z = 0.2 * g.ravel(), z.ravel()
    hidden = np.tanh(np.outer(z, w) + b)
    back = g[:, None] * v * (1 - hidden**2)
    return z @ back, back.sum(axis=0), g @ hidden, g.sum()


def loops(g, z, w, b, v):
    d_w, d_b, d_v, d_d = np.zeros_like(w), np.zeros_like(b), np.zeros_like(v), 0.0
    for g_one, z_one in zip(0.2 * g.ravel(), z.ravel(), strict=True):
        hidden = np.tanh(z_one * w + b)
        d_w += g_one * v * (1 - hidden**2) * z_one
        d_b += g_one * v * (1 - hidden**2)
        d_v += g_one * hidden
        d_d += g_one
    return d_w, d_b, d_v, d_d


EXERCISE = Exercise(
    "19.curve_backward", "All units share one curve", curve_backward, probes=units, points=2,
    parts=("d_w", "d_b", "d_v", "d_d"),
    hints=(
        "Each of the N H units has the same w, b, v and d, so each adds its part to their "
        "gradients: the sums run over the first two axes of arrays (N, H, K).",
        "With hidden = tanh(z w + b), the way from the small net's output to what enters a hidden "
        "unit is `0.2 * g[..., None] * v * (1 - hidden**2)`. Its sum is d_b; what must each part "
        "be multiplied by for d_w?",
    ),
    mistakes={
        "the factor 0.2 is missing: backward, too, the small net's output is multiplied by it":
            changed(lambda d, *_: tuple(5 * part for part in d)),
        "the units' parts add up, and so do the examples': you took a mean":
            codings(changed(lambda d, g, *_: tuple(part / len(g) for part in d)),
                    changed(lambda d, g, *_: tuple(part / g.size for part in d)),
                    changed(lambda d, g, *_: tuple(part / g.shape[1] for part in d))),
        "the slope of the tanh is 1 - hidden**2: you have 1 - hidden":
            with_slope(lambda hidden, enters: 1 - hidden),
        "the slope of the tanh is missing on the way to w and b":
            with_slope(lambda hidden, enters: np.ones_like(hidden)),
        "the slope of the tanh is 1 - hidden**2, with the unit's output: you squared what enters "
        "it": with_slope(lambda hidden, enters: 1 - enters**2),
        "on the way to w and b the cotangent is multiplied by v":
            with_slope(lambda hidden, enters: 1 - hidden**2, v_too=False),
        "you summed over the examples alone: all H units share the curve, so sum over them too":
            by_unit,
        "d_w needs what w was multiplied by, z": changed(lambda d, *_: (d[1], *d[1:])),
        "d_v needs what v was multiplied by, the output of the hidden unit":
            changed(lambda d, *_: (d[0], d[1], np.full_like(d[2], d[3]), d[3])),
        "you swapped d_w and d_b": changed(lambda d, *_: (d[1], d[0], *d[2:])),
        "d_d is the sum of the cotangents, not their number":
            changed(lambda d, g, *_: (*d[:3], g.size)),
        "d_d is a sum over all units and examples: the factor 0.2 belongs to it too":
            changed(lambda d, *_: (*d[:3], 5 * d[3])),
        "d_v comes before v: you multiplied it by v":
            changed(lambda d, g, z, w, b, v: (d[0], d[1], d[2] * v, d[3])),
    },
    variants={"flattened": flattened, "loops": loops},
)
