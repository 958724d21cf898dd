"""Lesson 02: a linear classifier, from scores to the gradient of its loss (UDL 2, 5)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import exercise


def _inputs(rng: np.random.RandomState) -> list[tuple]:
    """x (N, D), weight (K, D), bias (K,): one example, then K = N, K = D, the real sizes."""
    return [(np.array([[1.0, 2.0]]), np.array([[1.0, 0.0], [0.0, 3.0], [2.0, -1.0]]),
             np.array([10.0, 20.0, 30.0])),
            (rng.randn(3, 4), rng.randn(3, 4), rng.randn(3)),
            (rng.randn(5, 3), rng.randn(3, 3), rng.randn(3)),
            (rng.randn(7, 40), rng.randn(10, 40), rng.randn(10))]


@exercise(
    "02.linear", "Ten scores for each signal", probes=_inputs,
    hints=(
        "`out[n, k]` is the sum over d of `x[n, d] * weight[k, d]`, and then `bias[k]`. In a "
        "product `A @ B` the last axis of A is summed with the first of B: which of the two "
        "arrays has its D in the wrong place?",
        "`weight` has shape (K, D) and its transpose `weight.T` has (D, K): (N, D) @ (D, K) is "
        "(N, K). A bias of shape (K,) is stretched over the rows by itself.",
    ))
def linear(x, weight, bias):
    return x @ weight.T + bias


@linear.mistake("`x @ weight` multiplies (N, D) by (K, D): the axes that are summed must both be "
                "D. Each class has its weights in a row, so turn weight around")
def _(x, weight, bias):
    return x @ weight + bias


@linear.mistake("you left the bias out: every class has one number that is added whatever the "
                "signal is")
def _(x, weight, bias):
    return x @ weight.T


@linear.mistake("your scores are the wrong way round, (K, N): the first axis counts the examples, "
                "so x comes first in the product")
def _(x, weight, bias):
    return weight @ x.T + bias[:, None]


@linear.mistake("reshape does not transpose: it pours the numbers, in the order in which they "
                "stand, into another shape, and mixes the classes' weights. `.T` swaps the axes")
def _(x, weight, bias):
    return x @ weight.reshape(weight.shape[::-1]) + bias


@linear.mistake("you gave each *example* a bias: shape (K, 1) lies along the first axis. There is "
                "one bias a class, and (K,) lines up with the last axis as it is")
def _(x, weight, bias):
    return x @ weight.T + bias[:, None]


@linear.mistake("you went on to probabilities already: the scores themselves are wanted, any "
                "numbers, also negative ones")
def _(x, weight, bias):
    return _softmax(x @ weight.T + bias)


@linear.variant("two loops")
def _(x, weight, bias):
    return np.array([[sum(u * v for u, v in zip(row, w, strict=True)) + b
                      for w, b in zip(weight, bias, strict=True)] for row in x])


@linear.variant("einsum")
def _(x, weight, bias):
    return np.einsum("nd,kd->nk", x, weight) + bias[None, :]


@linear.variant("single precision, in place on its own array")
def _(x, weight, bias):
    out = (weight.astype(np.float32) @ x.T.astype(np.float32)).T
    out += bias.astype(np.float32)
    return out


@linear.variant("the bias as one more weight, of an input that is always 1")
def _(x, weight, bias):
    return np.c_[x, np.ones(len(x))] @ np.c_[weight, bias].T


def _softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _score_batches(rng: np.random.RandomState) -> list[tuple]:
    """Scores (N, K): small, ordinary, and two batches where a careless exp overflows."""
    return [(np.log([[1.0, 3.0]]),), (rng.randn(4, 3),), (3 * rng.randn(2, 5) + 4,),
            (np.array([[0.0, 1.0, 2.0], [1000.0, 1001.0, 999.0]]),),
            (np.array([[-2000.0, -2001.0], [700.0, 710.0], [3.0, 1.0]]),)]


@exercise(
    "02.softmax", "From scores to probabilities", probes=_score_batches,
    hints=(
        "Three steps: exp of every score, the sum of each *row*, and a division. The sums must "
        "keep their axis (`keepdims=True`) to line up with the rows.",
        "exp(1000) is too large for a number, and comes out as inf. Adding one constant to all "
        "scores of a row changes nothing (why?), so subtract the largest score of the row first.",
        "`shifted = scores - scores.max(axis=1, keepdims=True)`, then `e = np.exp(shifted)`, "
        "then divide `e` by its sums over axis 1.",
    ))
def softmax(scores):
    return _softmax(scores)


@softmax.mistake("it is right for small scores, but exp of a large one overflows to inf, and "
                 "inf / inf is nan: subtract from each row its largest score first, which "
                 "leaves the probabilities as they are")
def _(scores):
    e = np.exp(scores)
    return e / e.sum(axis=1, keepdims=True)


@softmax.mistake("your columns sum to 1, and not your rows: the probabilities of one example's "
                 "classes belong together, and the classes are axis 1")
def _(scores):
    return _softmax(scores, axis=0)


@softmax.mistake("your columns sum to 1, and not your rows (the classes are axis 1); and where a "
                 "score is large, exp overflows: subtract the largest score of each row first")
def _(scores):
    e = np.exp(scores)
    return e / e.sum(axis=0)


@softmax.mistake("all your numbers together sum to 1: each row is to sum to 1 by itself, so give "
                 "the sum an axis, and keep it")
def _(scores):
    return _softmax(scores, axis=None)


@softmax.mistake("all your numbers together sum to 1, but each row is to sum to 1 by itself: give "
                 "the sum an axis; and where a score is large, exp overflows: subtract the "
                 "largest score of each row first")
def _(scores):
    e = np.exp(scores)
    return e / e.sum()


@softmax.mistake("you subtracted the largest score of the whole batch: a row whose scores are "
                 "all far below it becomes 0 / 0. Every row has its own largest score")
def _(scores):
    e = np.exp(scores - scores.max())
    return e / e.sum(axis=1, keepdims=True)


@softmax.mistake("you subtracted each *column's* largest score: that shifts the classes against "
                 "each other. Only a shift that is the same for a whole row changes nothing")
def _(scores):
    e = np.exp(scores - scores.max(axis=0))
    return e / e.sum(axis=1, keepdims=True)


@softmax.mistake("you divided the scores by their sum: without exp first, negative scores give "
                 "negative probabilities")
def _(scores):
    return scores / scores.sum(axis=1, keepdims=True)


@softmax.mistake("sums of shape (N,) do not line up with the rows of (N, K): keep the axis that "
                 "you reduce, with keepdims=True, in the maximum and in the sum")
def _(scores):
    e = np.exp(scores - scores.max(axis=1))
    return e / e.sum(axis=1)


@softmax.mistake("this is the logarithm of the probabilities: the probabilities themselves are "
                 "wanted here")
def _(scores):
    return np.log(_softmax(scores))


@softmax.must("each row must sum to 1")
def _(result, scores):
    return np.allclose(result.sum(axis=1), 1, atol=1e-4)


@softmax.must("no probability may be negative")
def _(result, scores):
    return (result >= 0).all()


@softmax.variant("a loop over the rows")
def _(scores):
    rows = []
    for row in scores:
        e = np.exp(row - max(row))
        rows.append(e / sum(e))
    return np.array(rows)


@softmax.variant("through the log-sum-exp")
def _(scores):
    top = scores.max(1)
    log_sum = top + np.log(np.exp(scores - top[:, None]).sum(1))
    return np.exp(scores - log_sum[:, None])


@softmax.variant("single precision, in place on a copy")
def _(scores):
    e = scores.astype(np.float32)
    e -= e.max(axis=1, keepdims=True)
    np.exp(e, out=e)
    e /= e.sum(axis=1, keepdims=True)
    return e


@softmax.variant("transposed")
def _(scores):
    e = np.exp(scores.T - scores.T.max(axis=0))
    return (e / e.sum(axis=0)).T


def _labelled(rng: np.random.RandomState) -> list[tuple]:
    """Scores (N, K) and labels (N,), the labels not all different; no large scores."""
    return [(np.log([[1.0, 3.0]]), np.array([0])),
            (rng.randn(4, 3), np.array([2, 0, 1, 0])),
            (2 * rng.randn(6, 10) - 1, np.array([3, 9, 3, 0, 1, 7]))]


def _labelled_extreme(rng: np.random.RandomState) -> list[tuple]:
    """Also a batch in which a probability underflows, and one in which exp overflows."""
    return [*_labelled(rng),
            (np.array([[-800.0, 0.0, 0.0], [1.0, 0.0, 2.0]]), np.array([0, 2])),
            (np.array([[1000.0, 0.0, 0.0], [0.0, 5.0, 900.0], [1.0, 0.0, 2.0]]),
             np.array([1, 2, 0]))]


def _log_softmax(scores):
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _right(table, labels):
    """From a table (N, K), the entry of each example's label: (N,)."""
    return table[np.arange(len(labels)), labels]


@exercise(
    "02.cross_entropy", "How surprised the model is", points=2, probes=_labelled_extreme,
    hints=(
        "You need, in each row n, the entry `labels[n]`: give two lists of places, "
        "`table[np.arange(N), labels]`. Then a minus sign and the mean.",
        "A probability can be so small that it is stored as 0, and its logarithm is −inf. Do not "
        "compute the probability: log(exp(s_y) / sum exp(s_k)) = s_y − log(sum exp(s_k)).",
        "`shifted = scores - scores.max(axis=1, keepdims=True)`; `log_sum = "
        "np.log(np.exp(shifted).sum(axis=1))`; the loss is the mean of `log_sum` minus the "
        "labels' entries of `shifted`.",
    ))
def cross_entropy(scores, labels):
    return -_right(_log_softmax(scores), labels).mean()


@cross_entropy.mistake("a probability that underflows to 0 has the logarithm −inf: do not take the "
                       "log of the softmax, but write log(exp(s_y) / sum) as s_y − log(sum), with "
                       "the row's largest score subtracted first")
def _(scores, labels):
    return -np.log(_right(_softmax(scores), labels)).mean()


@cross_entropy.mistake("exp of a large score overflows, and nan comes out: subtract from each row "
                       "its largest score before exp")
def _(scores, labels):
    e = np.exp(scores)
    return -np.log(_right(e / e.sum(axis=1, keepdims=True), labels)).mean()


@cross_entropy.mistake("exp of a large score overflows, and inf comes out: subtract from each row "
                       "its largest score before exp, and add it again outside the logarithm")
def _(scores, labels):
    return (np.log(np.exp(scores).sum(axis=1)) - _right(scores, labels)).mean()


@cross_entropy.mistake("a little number inside the logarithm (1e-12, say) hides the −inf, and caps "
                       "the loss of the worst errors: no example could cost more than about 28. "
                       "Compute the logarithm from the scores, and nothing needs hiding")
def _(scores, labels):
    return -np.log(_right(_softmax(scores), labels) + 1e-12).mean()


@cross_entropy.mistake("you added the examples' losses up: take their mean, so that the loss does "
                       "not grow with the number of examples")
def _(scores, labels):
    return -_right(_log_softmax(scores), labels).sum()


@cross_entropy.mistake("the minus sign is missing: the logarithm of a probability is negative, and "
                       "a loss is to be large where the model is wrong")
def _(scores, labels):
    return _right(_log_softmax(scores), labels).mean()


@cross_entropy.mistake("`table[:, labels]` takes for every example the columns of *all* labels, "
                       "(N, N) numbers: to go along rows and labels together, index with "
                       "`table[np.arange(N), labels]`")
def _(scores, labels):
    return -_log_softmax(scores)[:, labels].mean()


@cross_entropy.mistake("you added the examples' losses up where their mean is wanted; and a "
                       "probability that underflows to 0 has the logarithm −inf, so take the "
                       "logarithm from the scores, s_y − log(sum)")
def _(scores, labels):
    return -np.log(_right(_softmax(scores), labels)).sum()


@cross_entropy.mistake("`p[:, labels]` takes for every example the columns of *all* labels: index "
                       "with `p[np.arange(N), labels]`. And a probability that underflows to 0 has "
                       "the logarithm −inf: take the logarithm from the scores, s_y − log(sum)")
def _(scores, labels):
    return -np.log(_softmax(scores)[:, labels]).mean()


@cross_entropy.mistake("you took the mean over all N·K numbers of the table, most of them 0: add "
                       "up over the classes, and divide by the number of examples N")
def _(scores, labels):
    return -_right(_log_softmax(scores), labels).mean() / scores.shape[1]


@cross_entropy.mistake("the logarithm is missing: this is one minus the probability of the right "
                       "class, and no surprise")
def _(scores, labels):
    return (1 - _right(_softmax(scores), labels)).mean()


@cross_entropy.mistake("you only took the right classes' scores: the log-sum-exp of all scores is "
                       "missing, without which raising every score would look like learning")
def _(scores, labels):
    return -_right(scores, labels).mean()


@cross_entropy.mistake("you return one loss an example, (N,): take their mean")
def _(scores, labels):
    return -_right(_log_softmax(scores), labels)


@cross_entropy.must("the loss may not be negative")
def _(result, scores, labels):
    return np.all(result >= -1e-6)


@cross_entropy.must("the worst errors must cost what they should: a little number inside the "
                    "logarithm, or clipping, hides the −inf and caps the loss, so compute the "
                    "logarithm from the scores, s_y − log(sum)")
def _(result, scores, labels):
    gaps = scores.max(axis=1) - _right(scores, labels)
    return np.abs(scores).max() < 100 or np.all(result >= gaps.mean() * (1 - 1e-4))


@cross_entropy.variant("a loop over the examples")
def _(scores, labels):
    total = 0.0
    for row, label in zip(scores, labels, strict=True):
        total += row.max() + np.log(sum(np.exp(row - row.max()))) - row[label]
    return total / len(labels)


@cross_entropy.variant("with a table of zeros and ones")
def _(scores, labels):
    one_hot = np.eye(scores.shape[1])[labels]
    return -(one_hot * _log_softmax(scores)).sum(axis=1).mean()


@cross_entropy.variant("logaddexp")
def _(scores, labels):
    return float(np.mean(np.logaddexp.reduce(scores, axis=1) - _right(scores, labels)))


@cross_entropy.variant("single precision")
def _(scores, labels):
    return -_right(_log_softmax(scores.astype(np.float32)), labels).mean()


@exercise(
    "02.scores_gradient", "How the loss changes with each score", points=2, probes=_labelled,
    hints=(
        "For one example: the slope along score k is p_k, and for the right class it is p_k − 1. "
        "Begin with the softmax of the scores.",
        "The loss is the *mean* over N examples, and each example has only its own row to move. "
        "What does that do to a row's slope?",
        "`g = softmax(scores)`, then `g[np.arange(N), labels] -= 1`, then divide by N.",
    ))
def scores_gradient(scores, labels):
    return (_softmax(scores) - np.eye(scores.shape[1])[labels]) / len(labels)


@scores_gradient.mistake("you did not divide by the number of examples: the loss is a mean, and "
                         "each example moves it by one N-th")
def _(scores, labels):
    return _softmax(scores) - np.eye(scores.shape[1])[labels]


@scores_gradient.mistake("your sign is turned around: raising the *right* score lowers the loss, "
                         "so its slope, p − 1, is negative")
def _(scores, labels):
    return (np.eye(scores.shape[1])[labels] - _softmax(scores)) / len(labels)


@scores_gradient.mistake("`p[:, labels] -= 1` subtracts 1 in the columns of *all* labels, in every "
                         "row: each row has one right class, `p[np.arange(N), labels]`")
def _(scores, labels):
    p = _softmax(scores)
    p[:, labels] -= 1
    return p / len(labels)


@scores_gradient.mistake("you subtracted 1 from every probability: only the right class's slope "
                         "is p − 1, the others' is p")
def _(scores, labels):
    return (_softmax(scores) - 1) / len(labels)


@scores_gradient.mistake("you took the scores where the probabilities belong: the slope along a "
                         "score is its softmax, minus 1 for the right class")
def _(scores, labels):
    return (scores - np.eye(scores.shape[1])[labels]) / len(labels)


@scores_gradient.mistake("these are the probabilities over N: the 1 of the right class is still to "
                         "be subtracted")
def _(scores, labels):
    return _softmax(scores) / len(labels)


@scores_gradient.mistake("you divided by N·K: the loss is a mean over the N examples, and a sum "
                         "over the classes")
def _(scores, labels):
    return (_softmax(scores) - np.eye(scores.shape[1])[labels]) / scores.size


@scores_gradient.mistake("your array has slopes for the right classes alone: raising a *wrong* "
                         "score raises the loss, and its slope is p")
def _(scores, labels):
    one_hot = np.eye(scores.shape[1])[labels]
    return (_softmax(scores) - 1) * one_hot / len(labels)


@scores_gradient.must("each row must sum to 0: raising all scores of an example together changes "
                      "nothing")
def _(result, scores, labels):
    return np.allclose(result.sum(axis=1), 0, atol=1e-4)


@scores_gradient.variant("subtracting at the labels")
def _(scores, labels):
    p = _softmax(scores)
    p[np.arange(len(p)), labels] -= 1
    p /= len(p)
    return p


@scores_gradient.variant("a loop over the examples, single precision")
def _(scores, labels):
    g = np.zeros(scores.shape, np.float32)
    for n, (row, label) in enumerate(zip(scores, labels, strict=True)):
        g[n] = np.exp(row) / np.exp(row).sum()
        g[n, label] -= 1
    return g / len(scores)


def _cotangents(rng: np.random.RandomState) -> list[tuple]:
    """x (N, D) and the slopes of the scores g (N, K), all three sizes different."""
    return [(np.array([[1.0, 10.0], [2.0, 30.0], [0.0, 1.0]]), np.array([[1.0], [-1.0], [3.0]])),
            (rng.randn(4, 3), rng.randn(4, 2)), (rng.randn(6, 5), rng.randn(6, 10))]


@exercise(
    "02.parameter_gradients", "From the scores back to the weights", points=2, probes=_cotangents,
    hints=(
        "`weight[k, d]` enters score k of every example n, multiplied by `x[n, d]`. So its slope "
        "is the sum over n of `g[n, k] * x[n, d]`: a product of which two matrices?",
        "The result has the shape of `weight`, (K, D); the axis that is summed is N. (K, N) @ "
        "(N, D) does it. `bias[k]` enters score k of every example with factor 1.",
    ))
def parameter_gradients(x, g):
    return g.T @ x, g.sum(axis=0)


@parameter_gradients.mistake("your gradient of weight is turned around, (D, K): it must have the "
                             "shape of weight, (K, D), so that the one can be subtracted from the "
                             "other")
def _(x, g):
    return x.T @ g, g.sum(axis=0)


@parameter_gradients.mistake("you averaged over the examples, but g is the slope of a *mean* "
                             "already: the 1/N is in it, so only add up")
def _(x, g):
    return g.T @ x / len(x), g.mean(axis=0)


@parameter_gradients.mistake("you averaged g for the bias: the 1/N is in g already, so add up over "
                             "the examples")
def _(x, g):
    return g.T @ x, g.mean(axis=0)


@parameter_gradients.mistake("you divided the gradient of weight by N once more: the 1/N is in g "
                             "already")
def _(x, g):
    return g.T @ x / len(x), g.sum(axis=0)


@parameter_gradients.mistake("you summed g over the classes: each class has its own bias, and what "
                             "disappears is the axis of the examples, axis 0")
def _(x, g):
    return g.T @ x, g.sum(axis=1)


@parameter_gradients.mistake("the gradient of the bias must have the bias's shape (K,), and not "
                             "(1, K): leave keepdims out")
def _(x, g):
    return g.T @ x, g.sum(axis=0, keepdims=True)


@parameter_gradients.mistake("the parts are swapped: first the gradient of weight, then that of "
                             "bias")
def _(x, g):
    return g.sum(axis=0), g.T @ x


@parameter_gradients.mistake("you summed over the examples before you multiplied: each example's "
                             "slope belongs with its own signal")
def _(x, g):
    return np.outer(g.sum(axis=0), x.sum(axis=0)), g.sum(axis=0)


@parameter_gradients.mistake("you returned the gradient of weight alone: return both, "
                             "`(weight's, bias's)`")
def _(x, g):
    return g.T @ x


@parameter_gradients.variant("einsum")
def _(x, g):
    return np.einsum("nk,nd->kd", g, x), np.einsum("nk->k", g)


@parameter_gradients.variant("a loop over the examples, single precision, as a list")
def _(x, g):
    weight = np.zeros((g.shape[1], x.shape[1]), np.float32)
    for signal, slopes in zip(x, g, strict=True):
        weight += np.outer(slopes, signal)
    return [weight, sum(g).astype(np.float32)]


@parameter_gradients.variant("transposed at the end")
def _(x, g):
    return (x.T @ g).T, np.ones(len(g)) @ g


def _scored(rng: np.random.RandomState) -> list[tuple]:
    """Scores (N, K) and labels: two of three right, then all, then some of twenty."""
    scores = rng.randn(20, 10)
    labels = np.where(rng.rand(20) < 0.5, scores.argmax(axis=1), rng.randint(0, 10, 20))
    return [(np.array([[9.0, 1.0, 0.0], [0.0, 1.0, 3.0], [2.0, 4.0, 0.0]]), np.array([0, 1, 1])),
            (np.array([[-3.0, -1.0, -2.0], [0.1, 0.0, 0.4]]), np.array([1, 2])),
            (scores, labels)]


@exercise(
    "02.accuracy", "How many are right, in percent", probes=_scored,
    hints=(
        "The prediction for an example is the class with the largest score: `argmax`, along the "
        "axis of the classes. Comparing with `labels` gives True and False.",
        "The mean of an array of True and False is the share of True. Percent means times 100.",
    ))
def accuracy(scores, labels):
    return 100 * np.mean(scores.argmax(axis=1) == labels)


@accuracy.mistake("this is a share between 0 and 1: percent are a hundred times as many")
def _(scores, labels):
    return np.mean(scores.argmax(axis=1) == labels)


@accuracy.mistake("this is the number of right answers: divide by N, and multiply by 100")
def _(scores, labels):
    return np.sum(scores.argmax(axis=1) == labels)


@accuracy.mistake("you compared the largest *score* with the label: `max` gives the score, "
                  "`argmax` the class that has it")
def _(scores, labels):
    return 100 * np.mean(scores.max(axis=1) == labels)


@accuracy.mistake("this is the error rate: count where prediction and label agree")
def _(scores, labels):
    return 100 * np.mean(scores.argmax(axis=1) != labels)


@accuracy.mistake("this is the mean probability of the right class: accuracy counts an example as "
                  "right or wrong, however sure the model is")
def _(scores, labels):
    return 100 * _right(_softmax(scores), labels).mean()


@accuracy.mistake("you took the class with the *smallest* score: argmax, not argmin")
def _(scores, labels):
    return 100 * np.mean(scores.argmin(axis=1) == labels)


@accuracy.mistake("without an axis, argmax gives one place in the whole table: give it the axis of "
                  "the classes, axis 1")
def _(scores, labels):
    return 100 * np.mean(scores.argmax() == labels)


@accuracy.must("the accuracy must lie between 0 and 100")
def _(result, scores, labels):
    return 0 <= result <= 100


@accuracy.variant("a loop")
def _(scores, labels):
    right = 0
    for row, label in zip(scores, labels, strict=True):
        right += list(row).index(max(row)) == label
    return 100.0 * right / len(labels)


@accuracy.variant("through the probabilities, in single precision")
def _(scores, labels):
    return np.float32(100) * (_softmax(scores).argmax(-1) == labels).mean(dtype=np.float32)
