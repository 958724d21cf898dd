"""10.vote: the classes that several nets choose together (UDL 9.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def vote(logits):
    return probabilities(logits).mean(axis=0).argmax(axis=-1)


def probabilities(logits, axis=-1):
    """The softmax along an axis."""
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def nets(rng: np.random.RandomState) -> list[tuple]:
    """logits (M, N, C): two sure nets against one, a sure one against two, large logits, more."""
    two_to_one = np.log([[[0.05, 0.55, 0.4]], [[0.05, 0.55, 0.4]], [[0.05, 0.05, 0.9]]])
    long_odds = np.array([[[6.0, 0.0, -40.0]], [[0.0, 1.0, 0.9]], [[-30.0, 0.5, 0.0]]])
    large = np.array([[[800.0, 0.0], [0.0, -900.0]], [[0.0, 3.0], [2.0, 0.0]],
                      [[0.0, 3.0], [0.0, 3.0]]])
    return [(two_to_one,), (long_odds,), (large,), (3 * rng.randn(5, 40, 10),),
            (2 * rng.randn(4, 30, 4),)]


# ---- what students write
def majority(logits):
    chosen = logits.argmax(axis=-1)
    counts = (chosen[..., np.newaxis] == np.arange(logits.shape[-1])).sum(axis=0)
    return counts.argmax(axis=-1)


def unshifted(logits):
    with np.errstate(all="ignore"):
        powers = np.exp(logits)
        return (powers / powers.sum(axis=-1, keepdims=True)).mean(axis=0).argmax(axis=-1)


def powers_unnormalised(logits):
    return np.exp(logits - logits.max()).sum(axis=0).argmax(axis=-1)


def most_sure_net(logits):
    shares = probabilities(logits)
    sure = shares.max(axis=-1).argmax(axis=0)
    return shares[sure, np.arange(logits.shape[1])].argmax(axis=-1)


# ---- other right answers
def loop_over_nets(logits):
    total = np.zeros(logits.shape[1:])
    for one in logits:
        total += np.exp(one - one.max(axis=1, keepdims=True)
                        - np.log(np.exp(one - one.max(1, keepdims=True)).sum(1, keepdims=True)))
    return total.argmax(axis=1)


def loop_over_examples(logits):
    return np.array([probabilities(logits[:, n]).sum(axis=0).argmax()
                     for n in range(logits.shape[1])])


EXERCISE = Exercise(
    "10.vote", "A vote", vote, probes=nets, points=2,
    hints=(
        "Turn each net's logits into probabilities first: the softmax along the last axis, "
        "shifted by the row's maximum (lesson 02).",
        "Then the mean over the nets, axis 0, has shape (N, C). Which class has the most of it?",
    ),
    mistakes={
        "you averaged the logits: a net with large logits then outvotes all others. Average the "
        "probabilities":
            codings(lambda logits: logits.mean(axis=0).argmax(axis=-1),
                    lambda logits: probabilities(logits.mean(axis=0)).argmax(axis=-1),
                    lambda logits: probabilities(logits).prod(axis=0).argmax(axis=-1)
                    if np.ptp(logits) < 100 else logits.mean(axis=0).argmax(axis=-1)),
        "you counted which class most nets choose: how sure each of them is counts too, so average "
        "the probabilities": majority,
        "you asked the surest net alone: average the probabilities of all": most_sure_net,
        "your softmax runs over the nets: each net's probabilities sum to 1 over the classes, the "
        "last axis":
            lambda logits: probabilities(logits, axis=0).mean(axis=0).argmax(axis=-1),
        "your softmax runs over the examples: each net's probabilities sum to 1 over the classes, "
        "the last axis":
            lambda logits: probabilities(logits, axis=1).mean(axis=0).argmax(axis=-1),
        "your softmax is not normalised: divide by the sum over the classes before you average":
            powers_unnormalised,
        "your softmax overflows for large logits: subtract each row's maximum first": unshifted,
        "you return the nets' mean probabilities: the class with the highest one is asked for":
            lambda logits: probabilities(logits).mean(axis=0),
        "you have a class for each net and example: average over the nets, axis 0, before you "
        "choose": lambda logits: logits.argmax(axis=-1),
        "you averaged over the examples: the nets are axis 0":
            lambda logits: probabilities(logits).mean(axis=1).argmax(axis=-1),
        "you listened to the first net alone: average the probabilities over axis 0":
            lambda logits: logits[0].argmax(axis=-1),
        "you listened to the last net alone: average the probabilities over axis 0":
            lambda logits: logits[-1].argmax(axis=-1),
        "you chose the least probable class: argmax, not argmin":
            lambda logits: probabilities(logits).mean(axis=0).argmin(axis=-1),
    },
    variants={"a loop over the nets": loop_over_nets,
              "a loop over the examples": loop_over_examples},
)
