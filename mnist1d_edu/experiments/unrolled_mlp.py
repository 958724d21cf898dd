"""The gradient of a run of training with respect to the net's activation function, on arrays.

What it means: take the losses of a run of RMSprop as one long function of the activation, and
differentiate that, as `unroll.Unrolled` does with `inner_loss` of metalearn_activation.py; a test
holds both equal. Here it is written out for one net, x -> W2 (f(W1 x + b1) + shift) + b2,
where f is a ready-made function plus pieces that are looked up. Two ideas make it fast and small:

* *Checkpoints.* The way there keeps the parameters and the mean squares before each step, and
  forgets the rest; the way back computes each step again. 300 steps of the paper's net take 16 MB.
* *Pearlmutter's trick.* The way back through a step needs the product of the loss's Hessian with a
  vector r, the cotangent of the step's gradient. It is the derivative of the gradient when the
  parameters move in the direction r, and so costs one more pass, not a tape of the gradient
  (Pearlmutter 1994, Neural Computation 6). Names that end in `_r` are these derivatives.

Lesson 19.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mnist1d_edu.experiments.lookup import PER_UNIT, PIECES, evaluate, place, sums

Arrays = list[np.ndarray]
EPS = 1e-8  # of RMSprop
TINY = 1e-30  # a unit that never acts has a mean square of 0, and a slope of 0


class Activation:
    """f(z) = base(z) + the pieces (4, PIECES) looked up at z, with two derivatives.

    base: from z to the arrays (value, slope, curvature).
    """

    def __init__(self, base: Callable[[np.ndarray], Arrays], pieces: np.ndarray):
        self.base, self.pieces = base, pieces

    def __call__(self, z: np.ndarray) -> tuple[Arrays, tuple]:
        """Value, slope and curvature at z, and where z lies in the table."""
        interval, distance = place(z)
        c0, c1, c2, c3 = (row.take(interval) for row in self.pieces)
        value, slope, curvature = self.base(z)
        value += evaluate([c0, c1, c2, c3], distance)
        slope += evaluate([c1, 2 * c2, 3 * c3], distance) * PER_UNIT
        curvature += evaluate([2 * c2, 6 * c3], distance) * PER_UNIT**2
        return [value, slope, curvature], (interval, distance)


def gradient(activation: Activation, params: Arrays, batches: list[tuple], rate: float,
             alpha: float, weights: np.ndarray
             ) -> tuple[np.ndarray, Arrays, np.ndarray, np.ndarray]:
    """Train, and walk back.

    params: W1 (H, D), b1 (H,), W2 (K, H), b2 (K,); batches: for each step x (N, D), labels (N,)
    and the shift (H,); rate, alpha: of RMSprop, whose mean squares start at 1; weights: (steps,).
    Returns the losses (steps,), the last parameters, and the gradients of sum(weights * losses):
    with respect to the pieces, (4, PIECES), and, for each step, to a number that is added to the
    activation of all units, (steps,).
    """
    theta, squares = _flat(params), np.ones(sum(p.size for p in params), params[0].dtype)
    before, losses = [], []
    for batch in batches:
        before.append((theta, squares))
        loss, slope = Step(activation, _views(theta, params), *batch).there()
        theta, squares = _update(theta, squares, _flat(slope), rate, alpha)
        losses.append(loss)
    last = _views(theta, params)
    to_theta, to_squares = np.zeros_like(theta), np.zeros_like(theta)
    to_pieces, to_shifts = np.zeros((4, PIECES)), np.zeros(len(batches))
    for number in reversed(range(len(batches))):
        theta, squares = before.pop()
        step = Step(activation, _views(theta, params), *batches[number])
        slope = _flat(step.there()[1])
        to_slope, to_squares = _update_back(squares, slope, to_theta, to_squares, rate, alpha)
        weight = float(weights[number])  # a NumPy number would make float64 of float32
        through = step.back(_views(to_slope, params), weight, to_pieces)
        to_theta = to_theta + weight * slope + _flat(through)
        to_shifts[number] = step.to_values.sum()
    return np.array(losses), last, to_pieces, to_shifts


class Step:
    """The loss of one batch, its slopes, and the way back through both."""

    def __init__(self, activation: Activation, params: Arrays, x, labels, shift):
        self.x, self.params = x, params
        w1, b1, w2, b2 = params
        (value, self.slope, self.curvature), self.places = activation(x @ w1.T + b1)
        self.h = value + shift
        logits = self.h @ w2.T + b2
        logits -= logits.max(axis=1, keepdims=True)
        exps = np.exp(logits)
        totals = exps.sum(axis=1, keepdims=True)
        rows = np.arange(len(labels))
        self.loss = float(np.mean(np.log(totals[:, 0]) - logits[rows, labels]))
        self.p = exps / totals
        self.delta = self.p.copy()  # the cotangent of the logits
        self.delta[rows, labels] -= 1
        self.delta /= len(labels)

    def there(self) -> tuple[float, Arrays]:
        """The loss and its slopes: backpropagation as in lesson 04."""
        self.to_h = self.delta @ self.params[2]
        self.to_z = self.to_h * self.slope
        return self.loss, [self.to_z.T @ self.x, self.to_z.sum(axis=0),
                           self.delta.T @ self.h, self.delta.sum(axis=0)]

    def back(self, r: Arrays, weight: float, to_pieces: np.ndarray) -> Arrays:
        """The Hessian times r. Adds to `to_pieces` what reaches the activation from <r, slopes> and
        from weight times the loss, and keeps what reaches its values."""
        w2, (r_w1, r_b1, r_w2, r_b2) = self.params[2], r
        z_r = self.x @ r_w1.T + r_b1
        h_r = self.slope * z_r
        logits_r = h_r @ w2.T + self.h @ r_w2.T + r_b2
        delta_r = self.p * (logits_r - (self.p * logits_r).sum(axis=1, keepdims=True))
        delta_r /= len(delta_r)
        to_h_r = delta_r @ w2 + self.delta @ r_w2
        to_slopes = self.to_h * z_r
        to_z_r = to_h_r * self.slope + to_slopes * self.curvature
        self.to_values = to_h_r + weight * self.to_h
        interval, distance = self.places
        weights, by_value, by_slope = [self.to_values], self.to_values, to_slopes * PER_UNIT
        for power in range(1, 4):  # to_values times distance^power, to_slopes times its slope
            by_value = by_value * distance
            weights.append(by_value + power * by_slope)
            by_slope = by_slope * distance
        to_pieces += sums(interval, weights)
        return [to_z_r.T @ self.x, to_z_r.sum(axis=0),
                delta_r.T @ self.h + self.delta.T @ h_r, delta_r.sum(axis=0)]


# ---------------------------------------------------------------------------- RMSprop


def _update(theta, squares, slope, rate: float, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """The parameters and the mean squares after a step, all flat."""
    squares = alpha * squares + (1 - alpha) * slope * slope
    return theta - rate * slope / (np.sqrt(squares) + EPS), squares


def _update_back(squares, slope, to_theta, to_squares, rate: float, alpha: float
                 ) -> tuple[np.ndarray, np.ndarray]:
    """The cotangents of the slope and of the mean squares before `_update`, from those of the
    parameters (which go on to theta unchanged) and of the mean squares after it."""
    root = np.sqrt(alpha * squares + (1 - alpha) * slope * slope)
    divisor = root + EPS
    towards = rate * to_theta / divisor
    to_squares = to_squares + towards * slope / (2 * divisor * np.maximum(root, TINY))
    return 2 * (1 - alpha) * slope * to_squares - towards, alpha * to_squares


def _flat(arrays: Arrays) -> np.ndarray:
    return np.concatenate([array.ravel() for array in arrays])


def _views(flat: np.ndarray, like: Arrays) -> Arrays:
    """Parts of a flat array in the shapes of the arrays in `like`."""
    ends = np.cumsum([array.size for array in like])
    return [part.reshape(array.shape)
            for part, array in zip(np.split(flat, ends[:-1]), like, strict=True)]
