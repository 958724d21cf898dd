"""18.rate_slope: back through a run of gradient descent (UDL 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_18.step_backward import step_backward


def rate_slope(w, lr, steps, slope, curve):
    return walk(w, lr, steps, slope, curve)


def walk(w, lr, steps, slope, curve, *, share=lambda t, steps: 1 / steps,
         at=lambda path, t: path[t], batch=lambda t: t, bent=1.0, adds=True, chained=True,
         early=False, moves=True):
    """The reference, with places where a mistake can sit."""
    path = [w]
    for t in range(steps - 1):
        here = path[-1] if moves else w
        path.append(here - lr * slope(here, batch(t)))
    g, total = np.zeros_like(w), 0.0
    for t in reversed(range(steps)):
        here = at(path, t)
        direct = slope(here, batch(t)) * share(t, steps)
        if early:
            g = g + direct
        on, more = step_backward(g, slope(here, batch(t)),
                                 lambda v, here=here, t=t: bent * curve(here, batch(t), v), lr)
        total = total + more if adds else more
        g = (on if chained else 0 * on) + (0 if early else direct)
    return float(total)


def runs(rng: np.random.RandomState) -> list[tuple]:
    """w, lr, steps, slope, curve of losses that differ from step to step and are no bowls: two
    steps to read, then more, with parameters in a vector and in a matrix."""
    def losses(shape, steps):
        size = int(np.prod(shape))
        bowls = [half @ half.T / size for half in rng.randn(steps, size, size)]
        centres = rng.randn(steps, size)

        def slope(w, t):
            away = np.ravel(w) - centres[t]
            return (bowls[t] @ away + 0.3 * away**3).reshape(shape)

        def curve(w, t, v):
            away = np.ravel(w) - centres[t]
            return (bowls[t] @ np.ravel(v) + 0.9 * away**2 * np.ravel(v)).reshape(shape)
        return slope, curve

    first = (np.array([1.0]), 0.25, 2, lambda w, t: (t + 1) * w, lambda w, t, v: (t + 1) * v)
    return [first, *((0.7 * rng.randn(*shape), lr, steps, *losses(shape, steps))
                     for shape, lr, steps in (((3,), 0.1, 4), ((2, 3), 0.07, 6), ((4,), 0.1, 1)))]


# ---- what students write
def only_the_last(t, steps):
    return float(t == steps - 1)


def forgets_direct(w, lr, steps, slope, curve):
    return walk(w, lr, steps, slope, curve, share=lambda t, steps: (t == steps - 1) / steps)


def curved_at_the_end(w, lr, steps, slope, curve):
    last = w
    for t in range(steps - 1):
        last = last - lr * slope(last, t)
    return walk(w, lr, steps, slope, lambda w, t, v: curve(last, t, v))


def after_the_update(w, lr, steps, slope, curve):
    """One more step, and the loss of the batch that it was made on."""
    path = [w]
    for t in range(steps):
        path.append(path[-1] - lr * slope(path[-1], t))
    g, total = np.zeros_like(w), 0.0
    for t in reversed(range(steps)):
        g = g + slope(path[t + 1], t) / steps
        g, more = step_backward(g, slope(path[t], t),
                                lambda v, t=t: curve(path[t], t, v), lr)
        total += more
    return float(total)


def at_the_next(path, t):
    return path[min(t + 1, len(path) - 1)]


def varied(**changes):
    return lambda *given: walk(*given, **changes)


# ---- other right answers
def forwards(w, lr, steps, slope, curve):
    moves, total = np.zeros_like(w), 0.0
    for t in range(steps):
        along = slope(w, t)
        total += np.sum(along * moves) / steps
        moves = moves - along - lr * curve(w, t, moves)
        w = w - lr * along
    return total


def first_to_last(w, lr, steps, slope, curve):
    g, total = np.zeros_like(w), 0.0
    for t in range(steps):
        along = slope(w, t)
        g, more = step_backward(g, along, lambda v, w=w, t=t: curve(w, t, v), lr)
        g, total, w = g + along / steps, total + more, w - lr * along
    return total


def slopes_kept(w, lr, steps, slope, curve):
    kept = []
    for t in range(steps):
        kept.append((w, slope(w, t)))
        w = w - lr * kept[-1][1]
    g, total = kept[-1][1] / steps, 0.0
    for t in range(steps - 2, -1, -1):
        here, along = kept[t]
        total -= np.vdot(g, along)
        g = g - lr * curve(here, t, g) + along / steps
    return total


EXERCISE = Exercise(
    "18.rate_slope", "Back through training", rate_slope, probes=runs, points=3, seconds=4,
    drive=lambda answer, w, lr, steps, slope, curve: float(answer(w, lr, steps, slope, curve)),
    hints=(
        "There: a list of the parameters before each step. Back: keep g, the cotangent of the "
        "parameters, and total, that of lr, which grows in each step.",
        "After the last loss nothing follows, so g begins as zeros. In step t, first go back "
        "through the step (g, more = back(g, ...)), then add what w_t gets from its own loss, "
        "slope(w_t, t) / steps.",
        "`for t in reversed(range(steps)): g, more = back(g, slope(path[t], t), lambda v: "
        "curve(path[t], t, v), lr); total += more; g = g + slope(path[t], t) / steps`",
    ),
    mistakes={
        "the losses before the last one are missing: each w_t gets, besides what comes back from "
        "w_{t+1}, the gradient of its own loss, slope(w_t, t) / steps": forgets_direct,
        "this is the derivative of the last loss alone: asked for is the mean of all of them":
            varied(share=only_the_last),
        "this is the derivative of the sum of the losses: the mean's is that, over steps":
            varied(share=lambda t, steps: 1.0),
        "you took gradient and curvature where the run ended: the way back through step t needs "
        "them at w_t, so keep the parameters before each step":
            varied(at=lambda path, t: path[-1]),
        "you took gradient and curvature where the run began: the way back through step t needs "
        "them at w_t, so keep the parameters before each step": varied(at=lambda path, t: path[0]),
        "your parameters are one step late: the way back through step t needs gradient and "
        "curvature at w_t, before the step": varied(at=at_the_next),
        "your losses are those after the updates: L_t counts at w_t, before the step that it "
        "causes, and nothing comes after the last": after_the_update,
        "you add each loss's gradient before you go back through its step: but L_t is taken before "
        "the step, so its gradient must not pass through it": varied(early=True),
        "each step's part for lr replaces the one before: add them up, lr is used in each step":
            varied(adds=False),
        "what comes back from later steps is lost at each step: the cotangent of w_t is that, plus "
        "the gradient of its own loss": varied(chained=False),
        "the second derivatives are missing: the gradient at w_t changes with w_t, so give back "
        "the curvature": varied(bent=0.0),
        "the second derivatives have the wrong sign: give back curve(w_t, t, v) as it is":
            varied(bent=-1.0),
        "all your steps use the loss of step 0: that of step t is slope(w, t) and curve(w, t, v)":
            varied(batch=lambda t: 0),
        "your steps all begin at w: each goes on from where the last one ended":
            varied(moves=False),
        "the derivative has the wrong sign": lambda *given: -walk(*given),
        "you took the curvature at the last parameters for all steps: each step has that of its "
        "own, w_t":
            curved_at_the_end,
    },
    variants={
        "forwards, with a tangent": forwards,
        "with the gradients kept, without back": slopes_kept,
        "from the first step to the last, which is forward mode with other names": first_to_last,
        "divided by the number of steps at the end":
            lambda w, lr, steps, slope, curve: walk(
                w, lr, steps, slope, curve, share=lambda t, steps: 1.0) / steps,
    },
)
