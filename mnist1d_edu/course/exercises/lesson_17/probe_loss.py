"""17.probe_loss: what L-BFGS needs to know of a linear probe (UDL 5.5, 6.1)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def probe_loss(flat, x, y, penalty):
    n, inputs = x.shape
    weight = flat.reshape(-1, inputs + 1)
    scores = x @ weight[:, :-1].T + weight[:, -1]
    scores = scores - scores.max(axis=1, keepdims=True)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    loss = -logs[np.arange(n), y].mean() + penalty / 2 * (weight[:, :-1] ** 2).sum()
    delta = np.exp(logs)
    delta[np.arange(n), y] -= 1
    delta /= n
    gradient = np.concatenate([delta.T @ x + penalty * weight[:, :-1],
                               delta.sum(axis=0)[:, np.newaxis]], axis=1)
    return loss, gradient.ravel()


def problems(rng: np.random.RandomState) -> list[tuple]:
    """flat (K (D + 1),), x (N, D), y (N,), penalty: two classes to read, then more, one with
    scores so large that exp overflows."""
    return [(np.array([1.0, 0.0, 0.5, 0.0, 2.0, -0.5]), np.array([[1.0, 2.0], [0.0, -1.0]]),
             np.array([0, 1]), 0.0),
            *((rng.randn(k * (d + 1)), rng.randn(n, d), rng.randint(k, size=n), penalty)
              for n, d, k, penalty in ((5, 3, 4, 0.0), (6, 4, 3, 0.3), (9, 2, 5, 1.0))),
            (500 * rng.randn(12), rng.randn(4, 3), rng.randint(3, size=4), 0.001)]


# ---- what students write
def parts(flat, x):
    return flat.reshape(-1, x.shape[1] + 1)


def bias_first(flat, x, y, penalty):
    weight = parts(flat, x)
    loss, gradient = probe_loss(np.roll(weight, -1, axis=1).ravel(), x, y, penalty)
    return loss, np.roll(gradient.reshape(weight.shape), 1, axis=1).ravel()


def transposed(flat, x, y, penalty):
    rows = x.shape[1] + 1
    turned = flat.reshape(rows, -1)
    loss, gradient = probe_loss(turned.T.ravel(), x, y, penalty)
    return loss, gradient.reshape(turned.T.shape).T.ravel()


def biases_at_the_end(flat, x, y, penalty):
    classes = flat.size // (x.shape[1] + 1)
    weight, bias = flat[:-classes].reshape(classes, -1), flat[-classes:, np.newaxis]
    loss, gradient = probe_loss(np.concatenate([weight, bias], axis=1).ravel(), x, y, penalty)
    gradient = parts(gradient, x)
    return loss, np.append(gradient[:, :-1], gradient[:, -1])


def bias_penalised(flat, x, y, penalty):
    loss, gradient = probe_loss(flat, x, y, 0)
    return loss + penalty / 2 * (flat**2).sum(), gradient + penalty * flat


def plain_weights(flat, x):
    weight = parts(flat, x).copy()
    weight[:, -1] = 0
    return weight.ravel()


def penalty_left_out_of_gradient(flat, x, y, penalty):
    return probe_loss(flat, x, y, penalty)[0], probe_loss(flat, x, y, 0)[1]


def penalty_left_out_of_loss(flat, x, y, penalty):
    return probe_loss(flat, x, y, 0)[0], probe_loss(flat, x, y, penalty)[1]


def no_half(flat, x, y, penalty):
    loss, gradient = probe_loss(flat, x, y, penalty)
    return loss + penalty / 2 * (plain_weights(flat, x) ** 2).sum(), gradient


def doubled_in_gradient(flat, x, y, penalty):
    loss, gradient = probe_loss(flat, x, y, penalty)
    return loss, gradient + penalty * plain_weights(flat, x)


def sums(flat, x, y, penalty):
    plain, slope = probe_loss(flat, x, y, 0)
    loss, gradient = probe_loss(flat, x, y, penalty)
    return loss + (len(x) - 1) * plain, gradient + (len(x) - 1) * slope


def gradient_of_the_sum(flat, x, y, penalty):
    slope = probe_loss(flat, x, y, 0)[1]
    loss, gradient = probe_loss(flat, x, y, penalty)
    return loss, gradient + (len(x) - 1) * slope


def loss_of_the_sum(flat, x, y, penalty):
    loss, gradient = probe_loss(flat, x, y, penalty)
    return loss + (len(x) - 1) * probe_loss(flat, x, y, 0)[0], gradient


def no_one_subtracted(flat, x, y, penalty):
    loss, gradient = probe_loss(flat, x, y, penalty)
    hot = (y[:, None] == np.arange(len(parts(flat, x)))) / len(x)
    with_ones = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    return loss, gradient + (hot.T @ with_ones).ravel()


def bias_gradient_zero(flat, x, y, penalty):
    loss, gradient = probe_loss(flat, x, y, penalty)
    return loss, plain_weights(gradient, x)


def without_bias(flat, x, y, penalty):
    loss, gradient = probe_loss(plain_weights(flat, x), x, y, penalty)
    return loss, gradient


def overflowing(flat, x, y, penalty):
    weight, rows = parts(flat, x), np.arange(len(x))
    with np.errstate(all="ignore"):
        powers = np.exp(x @ weight[:, :-1].T + weight[:, -1])
        shares = powers / powers.sum(axis=1, keepdims=True)
        loss = -np.log(shares[rows, y]).mean() + penalty / 2 * (weight[:, :-1] ** 2).sum()
    shares[rows, y] -= 1
    gradient = np.concatenate([shares.T @ x / len(x) + penalty * weight[:, :-1],
                               shares.mean(axis=0)[:, None]], axis=1)
    return loss, gradient.ravel()


def a_matrix(flat, x, y, penalty):
    loss, gradient = probe_loss(flat, x, y, penalty)
    return loss, gradient.reshape(parts(flat, x).shape)


# ---- other right answers
def with_a_column_of_ones(flat, x, y, penalty):
    from scipy.special import log_softmax
    ones = np.hstack([x, np.ones((len(x), 1))])
    weight = flat.reshape(-1, ones.shape[1])
    shrunk = weight * np.append(np.ones(x.shape[1]), 0)
    hot = np.eye(len(weight))[y]
    logs = log_softmax(ones @ weight.T, axis=1)
    loss = -(hot * logs).sum() / len(x) + 0.5 * penalty * (shrunk * weight).sum()
    return loss, ((np.exp(logs) - hot).T @ ones / len(x) + penalty * shrunk).ravel()


def loop(flat, x, y, penalty):
    weight = flat.reshape(-1, x.shape[1] + 1)
    gradient, loss = np.zeros(weight.shape), 0.0
    for row, label in zip(x, y, strict=True):
        scores = weight[:, :-1] @ row + weight[:, -1]
        logs = scores - np.logaddexp.reduce(scores)
        loss -= logs[label] / len(x)
        slope = np.exp(logs)
        slope[label] -= 1
        gradient += np.outer(slope, np.append(row, 1)) / len(x)
    loss += penalty / 2 * np.sum(weight[:, :-1] ** 2)
    gradient[:, :-1] += penalty * weight[:, :-1]
    return loss, gradient.flatten()


EXERCISE = Exercise(
    "17.probe_loss", "A linear probe", probe_loss, probes=problems, points=2,
    drive=lambda answer, *arguments: tuple(
        kind(part) for kind, part in zip((float, np.asarray), answer(*arguments), strict=True)),
    parts=("loss", "gradient"),
    hints=(
        "`weight = flat.reshape(-1, x.shape[1] + 1)`: a row for each class; the last column is the "
        "bias. Scores and cross-entropy are those of lesson 02.",
        "The gradient with respect to the scores is (softmax - 1 at the label) / N. That with "
        "respect to the weights is its transpose times x, that with respect to the bias its sum "
        "over the examples.",
        "The penalty adds `penalty / 2 * (w**2).sum()` to the loss and `penalty * w` to the "
        "gradient, for the weights w without the bias. Return the gradient `.ravel()`ed.",
    ),
    mistakes={
        "you took the first column as the bias: it is the last": bias_first,
        "you gave `flat` a row for each input: it has a row for each class, (K, D + 1)": transposed,
        "you penalised the bias too: only the weights are": bias_penalised,
        "your gradient has no penalty in it: add penalty times the weights":
            penalty_left_out_of_gradient,
        "your loss has no penalty in it: add penalty / 2 times the sum of squares":
            penalty_left_out_of_loss,
        "you left the penalty out, of both": lambda flat, x, y, penalty: probe_loss(flat, x, y, 0),
        "your penalty is twice too large in the loss: it is penalty / 2 times the sum of squares":
            no_half,
        "your penalty is twice too large in the gradient: the 2 of the square cancels the half":
            doubled_in_gradient,
        "you summed over the examples: take the mean, in the loss and in the gradient": sums,
        "your gradient is that of the sum over the examples: divide by N": gradient_of_the_sum,
        "your loss sums over the examples: take the mean": loss_of_the_sum,
        "you forgot to subtract 1 at the label": no_one_subtracted,
        "the gradient with respect to the bias is missing: it is delta summed over the examples":
            bias_gradient_zero,
        "you computed the scores without the bias": without_bias,
        "your result is right for moderate scores, but exp overflows for large ones: subtract each "
        "row's largest score first": overflowing,
        "your gradient is right, but it must be as flat as `flat` is": a_matrix,
        "you took all weights first, and all biases after them: flat is a matrix with a row for "
        "each class, its weights and then its bias":
            biases_at_the_end,
    },
    variants={"a column of ones": with_a_column_of_ones, "a loop over the examples": loop},
)
