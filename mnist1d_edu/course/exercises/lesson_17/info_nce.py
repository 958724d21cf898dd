"""17.info_nce: how badly each view finds its partner (UDL 9.3)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def info_nce(z, temperature):
    unit = z / np.linalg.norm(z, axis=1, keepdims=True)
    logits = unit @ unit.T / temperature
    np.fill_diagonal(logits, -np.inf)
    top = logits.max(axis=1)
    totals = np.log(np.exp(logits - top[:, np.newaxis]).sum(axis=1)) + top
    rows = np.arange(len(z))
    return (totals - logits[rows, rows ^ 1]).mean()


def batches(rng: np.random.RandomState) -> list[tuple]:
    """z (2N, D) and the temperature: two signals to read, then more, also with a temperature so
    low that exp overflows."""
    return [(np.array([[3.0, 0.0], [1.0, 1.0], [0.0, 2.0], [-1.0, 1.0]]), 0.5),
            *((rng.randn(2 * n, d) * rng.uniform(0.5, 3, (2 * n, 1)), t)
              for n, d, t in ((2, 3, 1.0), (4, 3, 0.5), (6, 5, 0.1))),
            (rng.randn(8, 4), 0.001)]


# ---- what students write
def variation(z, temperature, unit=True, own=False, partner=1, first=False, scale=1.0,
              shifted=True, without_partner=False):
    """`info_nce` with one thing different."""
    rows = np.arange(len(z))
    if unit:
        z = z / np.linalg.norm(z, axis=1, keepdims=True)
    logits = z @ z.T * scale / temperature
    mates = rows ^ 1 if partner == 1 else (rows + len(z) // 2) % len(z)
    right = logits[rows, mates].copy()
    rivals = logits.copy()
    if not own:
        np.fill_diagonal(rivals, -np.inf)
    if without_partner:
        rivals[rows, mates] = -np.inf
    top = rivals.max(axis=1) if shifted else 0 * right
    with np.errstate(all="ignore"):
        losses = np.log(np.exp(rivals - top[:, None]).sum(axis=1)) + top - right
    return losses[::2].mean() if first else losses.mean()


def zero_on_the_diagonal(z, temperature):
    unit = z / np.linalg.norm(z, axis=1, keepdims=True)
    logits = unit @ unit.T / temperature
    np.fill_diagonal(logits, 0)
    top = logits.max(axis=1)
    totals = np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top
    rows = np.arange(len(z))
    return (totals - logits[rows, rows ^ 1]).mean()


def distances(z, temperature):
    unit = z / np.linalg.norm(z, axis=1, keepdims=True)
    logits = -np.linalg.norm(unit[:, None] - unit, axis=2) / temperature
    np.fill_diagonal(logits, -np.inf)
    top = logits.max(axis=1)
    totals = np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top
    rows = np.arange(len(z))
    return (totals - logits[rows, rows ^ 1]).mean()


def normalised_by_columns(z, temperature):
    return variation(z / np.linalg.norm(z, axis=0), temperature, unit=False)


def by_the_largest(z, temperature):
    return variation(z / np.linalg.norm(z, axis=1).max(), temperature, unit=False)


def shares_first(z, temperature):
    unit = z / np.linalg.norm(z, axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        powers = np.exp(unit @ unit.T / temperature)
        np.fill_diagonal(powers, 0)
        rows = np.arange(len(z))
        return -np.log(powers[rows, rows ^ 1] / powers.sum(axis=1)).mean()


# ---- other right answers
def loop(z, temperature):
    unit = np.array([row / np.sqrt((row**2).sum()) for row in z])
    losses = []
    for i, row in enumerate(unit):
        partner = i + 1 if i % 2 == 0 else i - 1
        others = [j for j in range(len(z)) if j != i]
        losses.append(np.logaddexp.reduce(unit[others] @ row / temperature)
                      - unit[partner] @ row / temperature)
    return float(np.mean(losses))


def partner_first(z, temperature):
    from scipy.special import logsumexp
    unit = z / np.sqrt((z * z).sum(axis=-1))[:, None]
    similar = unit @ unit.T
    similar[np.eye(len(z), dtype=bool)] = -np.inf
    right = np.repeat((unit[::2] * unit[1::2]).sum(axis=1), 2)
    return np.mean(logsumexp(similar / temperature, axis=1) - right / temperature)


EXERCISE = Exercise(
    "17.info_nce", "Finding the partner", info_nce, probes=batches, points=2,
    hints=(
        "Scale each row to length 1; then `unit @ unit.T` has the similarities of all pairs of "
        "views. Divided by the temperature they are logits, a row for each view.",
        "A view must not answer itself: set the diagonal to -np.inf, whose exp is 0. The right "
        "answer for row i is `i ^ 1`: 1 for 0, 0 for 1, 3 for 2, ...",
        "The rest is the cross-entropy of lesson 02, with the shift by each row's largest logit "
        "before exp.",
    ),
    mistakes={
        "you didn't scale the rows to length 1: a long row would be similar to everything":
            lambda z, temperature: variation(z, temperature, unit=False),
        "you normalised the columns: each row of z is one view, and has length 1 in the end":
            normalised_by_columns,
        "you divided all rows by the longest length: divide each by its own": by_the_largest,
        "each view competes with itself, and is of course most similar to itself: leave the "
        "diagonal out": lambda z, temperature: variation(z, temperature, own=True),
        "you set the diagonal to 0, whose exp is 1: set it to -np.inf": zero_on_the_diagonal,
        "you looked for the partner half a batch away: the views of a signal are neighbours, rows "
        "2i and 2i + 1": lambda z, temperature: variation(z, temperature, partner=2),
        "only the first view of each signal looks for its partner: average over all 2N rows":
            lambda z, temperature: variation(z, temperature, first=True),
        "you left the partner out of the sum below: it is one of the 2N - 1 candidates":
            lambda z, temperature: variation(z, temperature, without_partner=True),
        "you multiplied by the temperature: divide the similarities by it":
            lambda z, temperature: variation(z, 1 / temperature),
        "you forgot the temperature: divide the similarities by it":
            lambda z, temperature: variation(z, 1.0),
        "your result is right for moderate logits, but exp overflows for large ones: subtract "
        "each row's largest logit first, as in lesson 02":
            codings(lambda z, temperature: variation(z, temperature, shifted=False), shares_first),
        "this is the sum over the views: take the mean":
            lambda z, temperature: len(z) * info_nce(z, temperature),
        "your sign is wrong: a loss is smaller when partners are more alike":
            lambda z, temperature: -info_nce(z, temperature),
        "you compared by distances: compare by inner products of rows of length 1": distances,
    },
    variants={"a loop over the views": loop, "the partners' products first": partner_first},
)
