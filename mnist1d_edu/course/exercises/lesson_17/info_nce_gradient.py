"""17.info_nce_gradient: the gradient of InfoNCE with respect to the views (UDL 9.3)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def info_nce_gradient(z, temperature):
    lengths = np.linalg.norm(z, axis=1, keepdims=True)
    unit = z / lengths
    delta = guesses(unit, temperature)
    delta[np.arange(len(z)), np.arange(len(z)) ^ 1] -= 1
    delta /= len(z)
    to_unit = (delta + delta.T) @ unit / temperature
    inward = (to_unit * unit).sum(axis=1, keepdims=True)
    return (to_unit - inward * unit) / lengths


def guesses(unit, temperature):
    """The probabilities (2N, 2N) with which each row is taken for another's partner."""
    logits = unit @ unit.T / temperature
    np.fill_diagonal(logits, -np.inf)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def batches(rng: np.random.RandomState) -> list[tuple]:
    """z (2N, D) and the temperature: two signals to read, then more."""
    return [(np.array([[3.0, 0.0], [1.0, 1.0], [0.0, 2.0], [-1.0, 1.0]]), 0.5),
            *((rng.randn(2 * n, d) * rng.uniform(0.5, 3, (2 * n, 1)), t)
              for n, d, t in ((2, 3, 1.0), (4, 3, 0.5), (6, 5, 0.1)))]


# ---- what students write
def variation(z, temperature, both=True, mean=True, hot=1, inward=True, lengths=True, heat=True,
              own=False, mates=1, only_transposed=False):
    """`info_nce_gradient` with one thing different."""
    size = np.linalg.norm(z, axis=1, keepdims=True)
    unit, rows = z / size, np.arange(len(z))
    if own:
        powers = np.exp(unit @ unit.T / temperature)
        delta = powers / powers.sum(axis=1, keepdims=True)
    else:
        delta = guesses(unit, temperature)
    delta[rows, rows ^ 1 if mates == 1 else (rows + len(z) // 2) % len(z)] -= hot
    if mean:
        delta /= len(z)
    total = delta.T if only_transposed else delta + delta.T if both else delta
    slope = total @ unit
    if heat:
        slope = slope / temperature
    if inward:
        slope = slope - (slope * unit).sum(axis=1, keepdims=True) * unit
    return slope / size if lengths else slope


def of_lengths_ignored(z, temperature):
    rows = np.arange(len(z))
    delta = guesses(z, temperature)
    delta[rows, rows ^ 1] -= 1
    return (delta + delta.T) @ z / temperature / len(z)


def through_the_row_alone(z, temperature):
    """As if the other rows were constants."""
    return variation(z, temperature, both=False)


# ---- other right answers
def loop(z, temperature):
    found = np.zeros(z.shape)
    lengths = np.sqrt((z**2).sum(axis=1))
    unit = z / lengths[:, None]
    for i in range(len(z)):
        others = np.array([j for j in range(len(z)) if j != i])
        scores = unit[others] @ unit[i] / temperature
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        shares[others == i ^ 1] -= 1
        for j, share in zip(others, shares, strict=True):
            found[i] += share * unit[j]
            found[j] += share * unit[i]
    found /= temperature * len(z)
    return np.array([(np.eye(z.shape[1]) - np.outer(u, u)) @ g / length
                     for u, g, length in zip(unit, found, lengths, strict=True)])


def by_the_engine(z, temperature):
    from mnist1d_edu import engine, nn
    return engine.value_and_grad(lambda rows: nn.info_nce(rows, temperature))(z)[1]


EXERCISE = Exercise(
    "17.info_nce_gradient", "Its gradient", info_nce_gradient, probes=batches, points=3,
    rtol=1e-5, atol=1e-8,
    hints=(
        "First the gradient with respect to the logits: each row is a softmax, so it is the row's "
        "probabilities, less 1 at the partner, divided by the number of rows (lesson 02).",
        "The logit of i and j is `unit[i] @ unit[j] / temperature`, in row i and in row j: the "
        "gradient with respect to unit is `(delta + delta.T) @ unit / temperature`.",
        "unit = z / |z| only turns: take from each row of that gradient its part along unit, and "
        "divide by the length of z.",
    ),
    mistakes={
        "you let only the row that asks move, not those it is compared with: each logit depends on "
        "two rows, so it takes delta + delta.T": through_the_row_alone,
        "you moved only the rows that are compared with, not the one that asks: it takes delta + "
        "delta.T": lambda z, temperature: variation(z, temperature, only_transposed=True),
        "this is the gradient with respect to the rows of length 1: go on through the division by "
        "the length":
            lambda z, temperature: variation(z, temperature, inward=False, lengths=False),
        "you divided by the length but forgot the part along the row: a row of length 1 only "
        "turns, so subtract (g . unit) unit":
            lambda z, temperature: variation(z, temperature, inward=False),
        "you subtracted the part along the row and forgot to divide by the length of z":
            lambda z, temperature: variation(z, temperature, lengths=False),
        "you did without the lengths: the loss compares rows of length 1": of_lengths_ignored,
        "you forgot to subtract 1 at the partner: without it nothing pulls partners together":
            lambda z, temperature: variation(z, temperature, hot=0),
        "each view competes with itself: the diagonal's probability is 0":
            lambda z, temperature: variation(z, temperature, own=True),
        "you looked for the partner half a batch away: it is the neighbour, i ^ 1":
            lambda z, temperature: variation(z, temperature, mates=2),
        "you forgot the temperature: the logits are similarities divided by it":
            lambda z, temperature: variation(z, temperature, heat=False),
        "this is the gradient of the sum over the views: the loss is their mean":
            lambda z, temperature: variation(z, temperature, mean=False),
        "your gradient is twice as large: z has 2N rows, and the loss is the mean over all of them":
            lambda z, temperature: 2 * info_nce_gradient(z, temperature),
        "your sign is wrong: this is the way down, the gradient points up":
            lambda z, temperature: -info_nce_gradient(z, temperature),
    },
    musts={
        "the gradient must be perpendicular to each row: making a row longer changes nothing":
            lambda result, z, temperature: np.allclose((result * z).sum(axis=1), 0, atol=1e-6),
    },
    variants={"loops over the views": loop, "the engine's": by_the_engine},
)
