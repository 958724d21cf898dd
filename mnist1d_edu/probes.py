"""What a representation is worth: how well simple classifiers read the labels off it.

A probe learns from representations x of examples with labels y and is tested on others: by the
vote of the nearest neighbours, or by the best linear map. Both are used for raw inputs, for a net's
layers and for pictures of data. Lesson 16.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from mnist1d_edu.arguments import finite_array, real
from mnist1d_edu.neighbours import nearest


def knn_accuracy(x: np.ndarray, y: np.ndarray, x_test: np.ndarray | None = None,
                 y_test: np.ndarray | None = None, k: int = 10) -> float:
    """Percent of the test examples whose label the majority of their k nearest neighbours has.

    x: (N, D), y: (N,) integers, x_test: (M, D), y_test: (M,). Without a test set each example is
    tested on all others. Of labels with as many votes the smallest wins.
    """
    if (x_test is None) != (y_test is None):
        raise ValueError("x_test and y_test must be given both or not at all; got one")
    truth = y if y_test is None else y_test
    x, y = _labelled("x", x, "y", y)
    if x_test is not None:
        x_test, truth = _labelled("x_test", x_test, "y_test", truth)
    _, found = nearest(x, k, x_test)
    votes = (y[found][:, :, None] == np.arange(y.max() + 1)).sum(axis=1)
    return float(100 * np.mean(votes.argmax(axis=1) == truth))


def linear_probe(x: np.ndarray, y: np.ndarray, x_test: np.ndarray, y_test: np.ndarray,
                 penalty: float = 1.0, tolerance: float = 1e-6) -> float:
    """Percent of the test examples that multinomial logistic regression gets right, trained on
    (x, y) to the minimum of its loss.

    x: (N, D), y: (N,) integers from 0, x_test: (M, D), y_test: (M,). Each input is standardised by
    its mean and deviation over x. penalty, tolerance: see `logistic_regression`.
    """
    x, y = _labelled("x", x, "y", y)
    x_test, y_test = _labelled("x_test", x_test, "y_test", y_test)
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    deviation[deviation == 0] = 1  # a constant input says nothing, at any scale
    weight, bias = logistic_regression((x - mean) / deviation, y, penalty, tolerance)
    scores = (x_test - mean) / deviation @ weight.T + bias
    return float(100 * np.mean(scores.argmax(axis=1) == y_test))


def logistic_regression(x: np.ndarray, y: np.ndarray, penalty: float = 1.0,
                        tolerance: float = 1e-6) -> tuple[np.ndarray, np.ndarray]:
    """The weight (K, D) and bias (K,) of least sum of cross-entropies + penalty / 2 |weight|².

    x: (N, D), y: (N,) integers from 0; K is one more than the largest. Found by L-BFGS, which
    uses the last few gradients to estimate the curvature: a convex problem of this size needs no
    stochastic descent and no learning rate. tolerance: it stops where no element of the gradient of
    the mean loss is larger; with 1e-4 it takes a third of the time, and a layer's accuracy changes
    by some 0.1. Lessons 02 and 17.
    """
    x, y = _labelled("x", x, "y", y)
    penalty = real("penalty", penalty, low=0)
    tolerance = real("tolerance", tolerance, above=0)
    n, classes = len(x), int(y.max()) + 1
    precision = np.float32 if tolerance >= 1e-3 else np.float64  # enough for that
    inputs = np.concatenate([x, np.ones((n, 1))], axis=1).T.astype(precision, order="C")
    targets = np.eye(classes)[:, y]
    penalised = np.append(np.ones(x.shape[1]), 0)  # the bias is not

    def loss_and_gradient(flat):
        weight = flat.reshape(classes, -1)
        scores = (weight.astype(precision) @ inputs).astype(np.float64)
        scores -= scores.max(axis=0)
        logs = scores - np.log(np.exp(scores).sum(axis=0))
        loss = -(targets * logs).sum() + penalty / 2 * ((penalised * weight) ** 2).sum()
        delta = (np.exp(logs) - targets).astype(precision)
        gradient = delta @ inputs.T + penalty * penalised * weight
        return loss / n, gradient.ravel() / n

    found = minimize(loss_and_gradient, np.zeros(classes * len(inputs)), jac=True,
                     method="L-BFGS-B",
                     options={"maxiter": 5000, "maxfun": 10_000, "gtol": tolerance, "ftol": 0})
    weight = found.x.reshape(classes, -1)
    return weight[:, :-1], weight[:, -1]


def _labelled(x_name, x, y_name, y):
    """Inputs (N, D) in float64 and their labels."""
    x, y = finite_array(x_name, x).astype(np.float64, copy=False), np.asarray(y)
    if x.ndim != 2 or 0 in x.shape:
        raise ValueError(f"{x_name} must be an array (N, D) of at least one row and column; got "
                         f"shape {x.shape}")
    if y.dtype.kind not in "iu" or y.shape != x.shape[:1] or y.min() < 0:
        raise ValueError(f"{y_name} must be {len(x)} integers of at least 0, one for each row of "
                         f"{x_name}; got {y.dtype} of shape {y.shape}"
                         + (f", the least {y.min()}" if y.dtype.kind in 'iu' and y.size else ""))
    return x, y
