"""06.by_depth: the variance of the signal and of its cotangent, layer by layer (UDL 7.5)."""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def by_depth(weights, x, g):
    h, kept, forward = x, [], []
    for weight in weights:
        a = h @ weight.T
        kept.append(a)
        forward.append(np.var(a))
        h = np.maximum(a, 0)
    backward = [np.var(g)]
    for k in range(len(weights) - 1, 0, -1):
        g = (g @ weights[k]) * (kept[k - 1] > 0)
        backward.insert(0, np.var(g))
    return np.array(forward), np.array(backward)


def stacks(rng: np.random.RandomState) -> list[tuple]:
    """Weights of a chain of layers, a batch and a cotangent; no two layers of one width."""
    def stack(n, *sizes):
        weights = [0.3 + rng.randn(o, i) for i, o in itertools.pairwise(sizes)]
        return weights, rng.randn(n, sizes[0]) - 0.5, rng.randn(n, sizes[-1]) + 0.2
    return [([np.array([[1.0, 2.0]]), np.array([[-1.0], [3.0]])], np.array([[1.0, 1], [-2.0, 0]]),
             np.array([[1.0, 0], [2.0, 5.0]])), stack(4, 3, 5, 2, 6), stack(8, 6, 4, 7, 3, 5)]


# ---- what students write
def forward_backward(weights, x, g, *, first=lambda x: x, rectify=True, ahead=lambda a: a,
                     before=lambda g, a: g, mask=lambda g, a: g * (a > 0), measure=np.var):
    """The reference, with places where a mistake can sit."""
    h, kept, forward = first(x), [], []
    for weight in weights:
        a = h @ weight.T
        kept.append(a)
        forward.append(measure(ahead(a)))
        h = np.maximum(a, 0) if rectify else a
    backward = [measure(g)]
    for k in range(len(weights) - 1, 0, -1):
        g = before(g, kept[k]) @ weights[k]
        g = mask(g, kept[k - 1])
        backward.insert(0, measure(g))
    return np.array(forward), np.array(backward)


def backward_reversed(weights, x, g):
    forward, backward = by_depth(weights, x, g)
    return forward, backward[::-1]


# ---- other right answers
def recursion(weights, x, g):
    def through(k, h):
        a = h @ weights[k].T
        if k == len(weights) - 1:
            return [a.var()], [g.var()], g
        forward, backward, g_next = through(k + 1, np.where(a > 0, a, 0))
        g_a = np.where(a > 0, g_next @ weights[k + 1], 0)
        return [a.var(), *forward], [g_a.var(), *backward], g_a
    forward, backward, _ = through(0, x)
    return np.array(forward), np.array(backward)


def einsum_and_sign(weights, x, g):
    hs, forward, backward = [np.asarray(x, np.float32)], [], [np.var(g)]
    for weight in weights:
        a = np.einsum("ni,oi->no", hs[-1], weight)
        forward.append(np.mean((a - a.mean()) ** 2))
        hs.append(np.maximum(a, 0))
    for weight, h in zip(weights[:0:-1], hs[-2:0:-1], strict=True):
        g = np.einsum("no,oi->ni", g, weight) * np.sign(h)
        backward.append(np.var(g))
    return np.array(forward, np.float32), np.array(backward[::-1], np.float32)


EXERCISE = Exercise(
    "06.by_depth", "The size of the signal, layer by layer", by_depth, probes=stacks, points=2,
    parts=("row of forward variances", "row of backward variances"),
    hints=(
        "Forward is a loop over `weights`: a = h @ weight.T, keep a, h = relu(a). "
        "The first h is x itself.",
        "Backward starts with g, the cotangent of the last a. To come from one a to the one "
        "before, go back through the linear layer (lesson 04: `g @ weight`), then through "
        "the ReLU between the two.",
        "Coming from layer k to k - 1: `g = (g @ weights[k]) * (a[k - 1] > 0)`. Collect the "
        "variances and reverse the list at the end.",
    ),
    mistakes={
        "your forward variances are those of h, after the ReLU: take the ones of a, before it":
            partial(forward_backward, ahead=lambda a: np.maximum(a, 0)),
        "in the forward pass you left out the ReLU between the layers":
            partial(forward_backward, rectify=False),
        "you sent x through a ReLU before the first layer: the first layer gets x as it is":
            partial(forward_backward, first=lambda x: np.maximum(x, 0)),
        "these are standard deviations: the variance is their square, `np.var`":
            partial(forward_backward, measure=np.std),
        "these are means of the squares: for the variance, the mean is subtracted first, `np.var`":
            partial(forward_backward, measure=lambda v: (v**2).mean()),
        "you took a variance over the batch for each unit, and the mean of those: take one over "
        "all the numbers of a layer":
            partial(forward_backward, measure=lambda v: v.var(axis=0).mean()),
        "your forward variances are right, but in the backward pass you left out the ReLU: where a "
        "was not positive, no gradient gets through":
            partial(forward_backward, mask=lambda g, a: g),
        "your forward variances are right, but in the backward pass you applied a ReLU to the "
        "cotangent: what counts is where *a* was positive, not g":
            partial(forward_backward, mask=lambda g, a: np.maximum(g, 0)),
        "in the backward pass you took the ReLU of the wrong layer: g is the cotangent of a "
        "itself, so go through the weight first, then through the ReLU of the a before":
            partial(forward_backward, before=lambda g, a: g * (a > 0), mask=lambda g, a: g),
        "your backward variances are right, but in the order in which you found them: the first of "
        "them belongs to the first layer, so reverse the list":
            backward_reversed,
    },
    variants={
        "recursion": recursion,
        "einsum, single precision, and the mask from h": einsum_and_sign,
    },
)
