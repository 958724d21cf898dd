"""Lesson 08: recurrence. A plain recurrent step, reading a signal with it, backpropagation through
time, clipping, and the GRU's cell (Cho and others, 2014, in the form that PyTorch computes)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import exercise
from mnist1d_edu.engine import Tensor, grad, linear, sigmoid, tanh

# ---------------------------------------------------------------------------- one step


def _steps(rng: np.random.RandomState) -> list[tuple]:
    """(x, h, weight_ih, weight_hh, bias): one example of two units first, then unequal sizes."""
    small = (np.array([[1.0]]), np.array([[0.5, -1.0]]), np.array([[0.5], [-0.25]]),
             np.array([[0.0, 1.0], [0.5, 0.25]]), np.array([0.25, -0.5]))
    return [small, *((rng.randn(n, i), rng.randn(n, h), rng.randn(h, i), rng.randn(h, h),
                      rng.randn(h)) for n, i, h in ((4, 2, 3), (2, 5, 4)))]


@exercise(
    "08.rnn_step", "One step of a recurrent net", probes=_steps,
    hints=(
        "Two linear layers are added, one that sees the value and one that sees the memory. "
        "Lesson 02's linear layer was z @ weight.T + bias.",
        "x @ weight_ih.T is (N, H), and h @ weight_hh.T too. Add both and the bias, and take tanh "
        "of the sum.",
    ))
def rnn_step(x, h, weight_ih, weight_hh, bias):
    return np.tanh(x @ weight_ih.T + h @ weight_hh.T + bias)


@rnn_step.mistake("your state is not squashed: take tanh of the whole sum, or the state can grow "
                  "without end")
def _(x, h, weight_ih, weight_hh, bias):
    return x @ weight_ih.T + h @ weight_hh.T + bias


@rnn_step.mistake("your step has no memory: h, the state before, has to come in through weight_hh")
def _(x, h, weight_ih, weight_hh, bias):
    return np.tanh(x @ weight_ih.T + bias)


@rnn_step.mistake("you wrote h @ weight_hh: the matrix is square, so NumPy does not complain, but "
                  "its rows belong to the new state's units, so it is h @ weight_hh.T")
def _(x, h, weight_ih, weight_hh, bias):
    return np.tanh(x @ weight_ih.T + h @ weight_hh + bias)


@rnn_step.mistake("you added the bias outside the tanh: it moves the sum, so it belongs inside")
def _(x, h, weight_ih, weight_hh, bias):
    return np.tanh(x @ weight_ih.T + h @ weight_hh.T) + bias


@rnn_step.mistake("you forgot the bias")
def _(x, h, weight_ih, weight_hh, bias):
    return np.tanh(x @ weight_ih.T + h @ weight_hh.T)


@rnn_step.mistake("you took the tanh of the two parts one by one: add them first, the unit sees "
                  "only their sum")
def _(x, h, weight_ih, weight_hh, bias):
    return np.tanh(x @ weight_ih.T + bias) + np.tanh(h @ weight_hh.T)


@rnn_step.mistake("the weights are stored as (out, in): transpose them, x @ weight_ih.T")
def _(x, h, weight_ih, weight_hh, bias):
    return np.tanh(x @ weight_ih + h @ weight_hh.T + bias)


@rnn_step.must("a state must lie between -1 and 1: it comes out of a tanh")
def _(result, *arguments):
    return (np.abs(result) <= 1).all()


@rnn_step.variant("einsum")
def _(x, h, weight_ih, weight_hh, bias):
    return np.tanh(bias + np.einsum("ni,oi->no", x, weight_ih)
                   + np.einsum("nh,oh->no", h, weight_hh))


@rnn_step.variant("one product with both, side by side, in single precision")
def _(x, h, weight_ih, weight_hh, bias):
    both, weights = np.hstack([x, h]), np.hstack([weight_ih, weight_hh])
    return np.tanh(both @ weights.T + bias).astype(np.float32)


# ---------------------------------------------------------------------------- over time


def leaky_sum(x, h):
    """Half of what was there, and the new value on top."""
    return 0.5 * h + x.sum(axis=1, keepdims=True)


def twisted(x, h):
    """A step that mixes the units, and in which the order matters."""
    return np.tanh(1.5 * h[:, ::-1] - 0.5 * h**2 + x[:, :1] + 0.25)


def _readings(rng: np.random.RandomState) -> list[tuple]:
    """(step, x, h, reverse): (N, T) = (1, 3) first; no batch is as long as its sequence."""
    ramp = np.array([[[1.0], [2.0], [4.0]]])
    return [(leaky_sum, ramp, np.array([[8.0]]), False), (leaky_sum, ramp, np.array([[8.0]]), True),
            (twisted, rng.randn(2, 5, 3), rng.randn(2, 4), False),
            (twisted, rng.randn(4, 3, 1), rng.randn(4, 2), True)]


@exercise(
    "08.run", "Read a sequence, step by step", points=2, probes=_readings,
    hints=(
        "One loop over t, and a variable h that is replaced in each round: h = step(x[:, t], h). "
        "Which t come first if reverse is True?",
        "range(T) counts up and reversed(range(T)) counts down, with T = x.shape[1]. Reading from "
        "the right, the first state belongs to the last position.",
        "Begin with states = [None] * T, and put each new h into states[t].",
    ))
def run(step, x, h, reverse=False):
    order = range(x.shape[1])
    states = [None] * len(order)
    for t in reversed(order) if reverse else order:
        states[t] = h = step(x[:, t], h)
    return states


@run.mistake("reading from the right, your states stand in the order of reading: states[t] must be "
             "the one after reading x[:, t], so that both directions line up")
def _(step, x, h, reverse=False):
    states = []
    for t in range(x.shape[1]):
        h = step(x[:, -1 - t if reverse else t], h)
        states.append(h)
    return states


@run.mistake("you always read from left to right: with reverse=True begin at the last value")
def _(step, x, h, reverse=False):
    return run.reference(step, x, h)


@run.mistake("with reverse=True you turned the finished states round, but still read from left to "
             "right: it is the reading that must begin at the end")
def _(step, x, h, reverse=False):
    states = run.reference(step, x, h)
    return states[::-1] if reverse else states


@run.mistake("every step gets the start state: hand the new state on, h = step(x[:, t], h)")
def _(step, x, h, reverse=False):
    return [step(x[:, t], h) for t in range(x.shape[1])]


@run.mistake("you walk along the first axis, which counts the examples: time is axis 1, so read "
             "x[:, t]")
def _(step, x, h, reverse=False):
    states = [None] * len(x)
    for t in reversed(range(len(x))) if reverse else range(len(x)):
        states[t] = h = step(x[t], h)
    return states


@run.mistake("x[:, t:t + 1] keeps the time axis, with length 1: the step wants x[:, t], of shape "
             "(N, in)")
def _(step, x, h, reverse=False):
    return run.reference(lambda x_t, h_t: step(x_t[:, np.newaxis], h_t), x, h, reverse)


@run.mistake("you return only the last state: return all of them, one for each position")
def _(step, x, h, reverse=False):
    return run.reference(step, x, h, reverse)[0 if reverse else -1]


@run.mistake("your list begins with the start state: it shall hold the T states that come after "
             "a value was read")
def _(step, x, h, reverse=False):
    states = run.reference(step, x, h, reverse)
    return [*states, h] if reverse else [h, *states]


@run.mistake("you joined the states into one array: return the plain list, so that the function "
             "also works for the engine's tensors, which np.stack and np.zeros do not know")
def _(step, x, h, reverse=False):
    return np.stack(run.reference(step, x, h, reverse), axis=1)


@run.mistake("you joined the states into one array, with time in front: return the plain list")
def _(step, x, h, reverse=False):
    return np.stack(run.reference(step, x, h, reverse))


@run.mistake("you start from zeros: start from the state h that you are given")
def _(step, x, h, reverse=False):
    return run.reference(step, x, np.zeros_like(h), reverse)


@run.variant("the mirrored sequence, with the states turned back")
def _(step, x, h, reverse=False):
    states = []
    if reverse:
        x = x[:, ::-1]
    for t in range(x.shape[1]):
        states.append(step(x[:, t], states[-1] if states else h))
    return states[::-1] if reverse else states


@run.variant("a recursion")
def _(step, x, h, reverse=False):
    def rest(positions, h):
        if not positions:
            return {}
        new = step(x[:, positions[0]], h)
        return {positions[0]: new, **rest(positions[1:], new)}

    order = [*range(x.shape[1])]
    states = rest(order[::-1] if reverse else order, h)
    return [states[t] for t in order]


# ---------------------------------------------------------------------------- one step back


def _steps_back(rng: np.random.RandomState) -> list[tuple]:
    """(g, x, h, new, weight_ih, weight_hh), with `new` made by the step itself."""
    return [(rng.randint(-3, 4, h.shape) + 0.5, x, h, rnn_step(x, h, *weights), *weights[:2])
            for x, h, *weights in _steps(rng)]


@exercise(
    "08.rnn_step_backward", "Back through one step", points=2, probes=_steps_back,
    hints=(
        "First through the tanh, then through the linear layers of lesson 04. The slope of tanh at "
        "a is 1 - tanh(a)**2; which of the arguments is tanh(a) already?",
        "With g_a = g * (1 - new**2): the state before came in as h @ weight_hh.T, just as the "
        "input of lesson 04's linear layer did. So did x, with weight_ih.",
        "g_h = g_a @ weight_hh; g_weight_ih = g_a.T @ x; g_weight_hh = g_a.T @ h; g_bias sums g_a "
        "over the examples.",
    ))
def rnn_step_backward(g, x, h, new, weight_ih, weight_hh):
    g_a = g * (1 - new**2)
    return g_a @ weight_hh, g_a.T @ x, g_a.T @ h, g_a.sum(axis=0)


@rnn_step_backward.mistake("you left the tanh out: what comes back through it is multiplied by its "
                           "slope, 1 - new**2")
def _(g, x, h, new, weight_ih, weight_hh):
    return g @ weight_hh, g.T @ x, g.T @ h, g.sum(axis=0)


@rnn_step_backward.mistake("you took the tanh's slope at the state before: it belongs to the "
                           "state that came out, 1 - new**2")
def _(g, x, h, new, weight_ih, weight_hh):
    g_a = g * (1 - h**2)
    return g_a @ weight_hh, g_a.T @ x, g_a.T @ h, g_a.sum(axis=0)


@rnn_step_backward.mistake("you took tanh of `new` once more: new is the tanh's output already, "
                           "and the slope is 1 - new**2")
def _(g, x, h, new, weight_ih, weight_hh):
    g_a = g * (1 - np.tanh(new) ** 2)
    return g_a @ weight_hh, g_a.T @ x, g_a.T @ h, g_a.sum(axis=0)


@rnn_step_backward.mistake("you squared the whole bracket: the slope of tanh is 1 - new**2, "
                           "only new is squared")
def _(g, x, h, new, weight_ih, weight_hh):
    g_a = g * (1 - new) ** 2
    return g_a @ weight_hh, g_a.T @ x, g_a.T @ h, g_a.sum(axis=0)


@rnn_step_backward.mistake("that is the slope of the sigmoid: tanh has 1 - new**2")
def _(g, x, h, new, weight_ih, weight_hh):
    g_a = g * new * (1 - new)
    return g_a @ weight_hh, g_a.T @ x, g_a.T @ h, g_a.sum(axis=0)


@rnn_step_backward.mistake("on the way back it is weight_hh without the transpose: forward was "
                           "h @ weight_hh.T (a square matrix never complains)")
def _(g, x, h, new, weight_ih, weight_hh):
    g_a = g * (1 - new**2)
    return g_a @ weight_hh.T, g_a.T @ x, g_a.T @ h, g_a.sum(axis=0)


@rnn_step_backward.mistake("your weight gradients use g as it came in: it has to go back through "
                           "the tanh first, for them too")
def _(g, x, h, new, weight_ih, weight_hh):
    return (g * (1 - new**2)) @ weight_hh, g.T @ x, g.T @ h, g.sum(axis=0)


@rnn_step_backward.mistake("weight_hh met the state *before* this step, h: its gradient is "
                           "g_a.T @ h, not g_a.T @ new")
def _(g, x, h, new, weight_ih, weight_hh):
    g_a = g * (1 - new**2)
    return g_a @ weight_hh, g_a.T @ x, g_a.T @ new, g_a.sum(axis=0)


@rnn_step_backward.mistake("your weight gradients are transposed: each has the shape of its "
                           "weight, (out, in), so g_a.T comes first")
def _(g, x, h, new, weight_ih, weight_hh):
    g_a = g * (1 - new**2)
    return g_a @ weight_hh, x.T @ g_a, h.T @ g_a, g_a.sum(axis=0)


@rnn_step_backward.mistake("the bias is added in every example: sum its gradient over the "
                           "examples; a mean is divided once too often")
def _(g, x, h, new, weight_ih, weight_hh):
    g_a = g * (1 - new**2)
    return g_a @ weight_hh, g_a.T @ x, g_a.T @ h, g_a.mean(axis=0)


@rnn_step_backward.mistake("the bias has shape (H,): sum over the examples, its gradient must not "
                           "have a row for each of them")
def _(g, x, h, new, weight_ih, weight_hh):
    g_a = g * (1 - new**2)
    return g_a @ weight_hh, g_a.T @ x, g_a.T @ h, g_a


@rnn_step_backward.variant("einsum")
def _(g, x, h, new, weight_ih, weight_hh):
    g_a = g - g * new * new
    return (np.einsum("no,oh->nh", g_a, weight_hh), np.einsum("no,ni->oi", g_a, x),
            np.einsum("no,nh->oh", g_a, h), np.einsum("no->o", g_a))


@rnn_step_backward.variant("example by example")
def _(g, x, h, new, weight_ih, weight_hh):
    rows = g * (1 - new**2)
    return (np.array([weight_hh.T @ row for row in rows]),
            sum(np.outer(row, value) for row, value in zip(rows, x, strict=True)),
            sum(np.outer(row, state) for row, state in zip(rows, h, strict=True)), sum(rows))


# ---------------------------------------------------------------------------- through time


def _ways_back(rng: np.random.RandomState) -> list[tuple]:
    """(g, x, states, h, weight_ih, weight_hh), the states made by `run` with `rnn_step`."""
    found = []
    for n, time, inputs, size in ((1, 2, 1, 2), (3, 4, 2, 2), (2, 5, 1, 3)):
        weights = [0.8 * rng.randn(size, inputs), 0.8 * rng.randn(size, size), rng.randn(size)]
        x, h = rng.randn(n, time, inputs), rng.randn(n, size)
        states = run(lambda x_t, h_t, w=weights: rnn_step(x_t, h_t, *w), x, h)
        found.append((rng.randn(n, time, size), x, states, h, *weights[:2]))
    return found


def _back(g, x, states, h, weight_ih, weight_hh, carry=1.0, every=True, wraps=False, after=False):
    """rnn_backward with a mistake in it."""
    sums, g_h = None, 0.0
    last = x.shape[1] - 1
    for t in range(last, -1, -1):
        before = states[t] if after else states[t - 1] if t or wraps else h
        here = g[:, t] if every or t == last else 0.0
        g_h, *new = rnn_step_backward(here + carry * g_h, x[:, t], before, states[t], weight_ih,
                                      weight_hh)
        sums = new if sums is None else [a + b for a, b in zip(sums, new, strict=True)]
    return tuple(sums)


@exercise(
    "08.rnn_backward", "Backpropagation through time", points=3, probes=_ways_back,
    hints=(
        "Walk from the last step to the first. states[t] feels the loss twice: directly, through "
        "g[:, t], and through the next step, which handed its g_h back. Lesson 04: a fork adds.",
        "The state before step t is states[t - 1], but for t = 0 it is h: in Python states[-1] is "
        "the *last* one. And the three gradients add up over the steps, for the weights are used "
        "in every one of them.",
        "g_h = 0; for t in reversed(range(T)): g_h, *new = step_bwd(g[:, t] + g_h, x[:, t], "
        "before, states[t], weight_ih, weight_hh); then add `new` to what you have.",
    ))
def rnn_backward(g, x, states, h, weight_ih, weight_hh):
    return _back(g, x, states, h, weight_ih, weight_hh)


@rnn_backward.mistake("no step hears of the steps after it: what step_bwd returns first, g_h, has "
                      "to be added to g[:, t] of the step before")
def _(*arguments):
    return _back(*arguments, carry=0.0)


@rnn_backward.mistake("only the last state's own cotangent comes in: every state is looked at by "
                      "the loss, so add g[:, t] in every step")
def _(*arguments):
    return _back(*arguments, every=False)


@rnn_backward.mistake("for t = 0 you took states[t - 1], which in Python is the *last* state: "
                      "before the first step the state was h")
def _(*arguments):
    return _back(*arguments, wraps=True)


@rnn_backward.mistake("step_bwd wants the state before *and* the one after: you gave it states[t] "
                      "for both; before step t it was states[t - 1]")
def _(*arguments):
    return _back(*arguments, after=True)


@rnn_backward.mistake("you return the gradients of one step, the last that you came to: the same "
                      "weights work in every step, so add the gradients up")
def _(g, x, states, h, weight_ih, weight_hh):
    g_h = 0.0
    for t in reversed(range(x.shape[1])):
        g_h, *new = rnn_step_backward(g[:, t] + g_h, x[:, t], states[t - 1] if t else h, states[t],
                                      weight_ih, weight_hh)
    return tuple(new)


@rnn_backward.mistake("you walk forward in time: a state's cotangent is complete only when the "
                      "step after it has handed back its part, so begin at the end")
def _(g, x, states, h, weight_ih, weight_hh):
    sums, g_h = None, 0.0
    for t in range(x.shape[1]):
        g_h, *new = rnn_step_backward(g[:, t] + g_h, x[:, t], states[t - 1] if t else h, states[t],
                                      weight_ih, weight_hh)
        sums = new if sums is None else [a + b for a, b in zip(sums, new, strict=True)]
    return tuple(sums)


@rnn_backward.mistake("you stop too early: step 0 used the weights as well, with h as the "
                      "state before")
def _(g, x, states, h, weight_ih, weight_hh):
    return _back(g[:, 1:], x[:, 1:], states[1:], states[0], weight_ih, weight_hh)


@rnn_backward.mistake("you averaged over the steps: what is used several times gets the sum")
def _(g, x, *rest):
    return tuple(part / x.shape[1] for part in _back(g, x, *rest))


@rnn_backward.mistake("you return g_h of the first step too: three gradients are asked for, of "
                      "weight_ih, weight_hh and the bias")
def _(g, x, states, h, weight_ih, weight_hh):
    g_h = 0.0
    for t in reversed(range(x.shape[1])):
        g_h, *_ = rnn_step_backward(g[:, t] + g_h, x[:, t], states[t - 1] if t else h, states[t],
                                    weight_ih, weight_hh)
    return (g_h, *_back(g, x, states, h, weight_ih, weight_hh))


@rnn_backward.variant("all cotangents first, then the sums in one product")
def _(g, x, states, h, weight_ih, weight_hh):
    after = np.stack(states, axis=1)
    before = np.concatenate([h[:, None], after[:, :-1]], axis=1)
    g_a = np.zeros_like(after)
    g_h = np.zeros_like(h)
    for t in range(x.shape[1] - 1, -1, -1):
        g_a[:, t] = (g[:, t] + g_h) * (1 - after[:, t] ** 2)
        g_h = g_a[:, t] @ weight_hh
    return (np.einsum("nto,nti->oi", g_a, x), np.einsum("nto,nth->oh", g_a, before),
            g_a.sum(axis=(0, 1)))


@rnn_backward.variant("zeros that are added to in place, returned as a list")
def _(g, x, states, h, weight_ih, weight_hh):
    sums = [np.zeros_like(weight_ih), np.zeros_like(weight_hh), np.zeros(len(weight_hh))]
    g_h = np.zeros_like(h)
    before = [h, *states[:-1]]
    for t in reversed(range(len(states))):
        g_h, *new = rnn_step_backward(g[:, t] + g_h, x[:, t], before[t], states[t], weight_ih,
                                      weight_hh)
        for total, part in zip(sums, new, strict=True):
            total += part
    return sums


# ---------------------------------------------------------------------------- clipping


def _gradients(rng: np.random.RandomState) -> list[tuple]:
    """(grads, limit): norm 5 with limit 1, within the limit, and mixed shapes on both sides."""
    steep = {"w": np.array([3.0]), "b": np.array([4.0])}
    mixed = {"weight": rng.randn(3, 2), "bias": 0.1 * rng.randn(3)}
    return [(steep, 1.0), (steep, 10.0), (mixed, 0.8), (mixed, 50.0),
            ({"a": np.array([0.3, -0.2]), "b": np.array([[0.6]])}, 0.5)]


def _norm(grads):
    return np.sqrt(sum((g**2).sum() for g in grads.values()))


def _scaled(grads, factor):
    return {name: g * factor for name, g in grads.items()}


@exercise(
    "08.clip", "Shorten a gradient that is too long", probes=_gradients, rtol=1e-5,
    hints=(
        "All gradients together are one long vector. Its length is the root of the sum of *all* "
        "squares, over every array of the dictionary.",
        "If that norm is larger than the limit, multiply every array by limit / norm. Otherwise "
        "leave them as they are.",
    ))
def clip(grads, limit):
    return _scaled(grads, min(1.0, limit / _norm(grads)))


@clip.mistake("you clipped each element by itself: that turns the vector into another direction; "
              "multiply all of them by one and the same factor")
def _(grads, limit):
    return {name: np.clip(g, -limit, limit) for name, g in grads.items()}


@clip.mistake("you gave each array its own norm: they are one vector together, with one norm and "
              "one factor, or the step points elsewhere")
def _(grads, limit):
    return {name: g * min(1.0, limit / np.sqrt((g**2).sum())) for name, g in grads.items()}


@clip.mistake("you bring every gradient to the limit, short ones too: those within the limit stay "
              "as they are")
def _(grads, limit):
    return _scaled(grads, limit / _norm(grads))


@clip.mistake("your norm lacks its root: it is the square root of the sum of the squares")
def _(grads, limit):
    return _scaled(grads, min(1.0, limit / _norm(grads) ** 2))


@clip.mistake("you added up the norms of the arrays: add up their squares, and take the root of "
              "all at the end")
def _(grads, limit):
    return _scaled(grads, min(1.0, limit / sum(np.sqrt((g**2).sum()) for g in grads.values())))


@clip.mistake("you measured the largest element: the norm is the root of the sum of all squares")
def _(grads, limit):
    return _scaled(grads, min(1.0, limit / max(np.abs(g).max() for g in grads.values())))


@clip.mistake("you divide by the norm, which makes the length 1: multiply by the limit as well")
def _(grads, limit):
    norm = _norm(grads)
    return _scaled(grads, 1 / norm) if norm > limit else dict(grads)


@clip.mistake("it is the other way round: shorten the gradient where its norm is *larger* than "
              "the limit")
def _(grads, limit):
    return _scaled(grads, max(1.0, limit / _norm(grads)))


@clip.must("the norm of all gradients together may not exceed the limit")
def _(result, grads, limit):
    return _norm(result) <= limit * (1 + 1e-4)


@clip.variant("an if, and np.linalg.norm of the flat vector")
def _(grads, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in grads.values()]))
    if norm <= limit:
        return grads
    return {name: limit * g / norm for name, g in grads.items()}


@clip.variant("PyTorch's way, with a small number in the denominator")
def _(grads, limit):
    return _scaled(grads, min(1.0, limit / (_norm(grads) + 1e-6)))


# ---------------------------------------------------------------------------- the GRU


def _cells(rng: np.random.RandomState) -> list[tuple]:
    """(x, h, weight_ih, weight_hh, bias_ih, bias_hh): one unit first."""
    return [tuple(rng.randn(*shape) for shape in
                  ((n, i), (n, h), (3 * h, i), (3 * h, h), (3 * h,), (3 * h,)))
            for n, i, h in ((1, 1, 1), (4, 2, 3), (2, 1, 4))]


def _new_state_and_gradients(gru_cell, x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    """Run a cell on tensors: the new state, and what comes back to x and h."""
    tensors = [Tensor(a) for a in (x, h, weight_ih, weight_hh, bias_ih, bias_hh)]
    try:
        new = gru_cell(*tensors)
    except TypeError as error:
        if "ufunc" not in str(error):
            raise
        told = TypeError("a NumPy function was given a tensor; take the engine's sigmoid and tanh")
        raise told.with_traceback(error.__traceback__) from error
    if not isinstance(new, Tensor):
        return new
    pull = np.cos(np.arange(new.size)).reshape(new.shape)
    return new.data, *(g.data for g in grad(new, tensors[:2], cotangent=Tensor(pull)))


def _thirds(a):
    size = a.shape[-1] // 3
    return a[:, :size], a[:, size:2 * size], a[:, 2 * size:]


def _parts(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    """The three blocks from the input and the three from the state."""
    return *_thirds(linear(x, weight_ih, bias_ih)), *_thirds(linear(h, weight_hh, bias_hh))


@exercise(
    "08.gru_cell", "The GRU's cell", points=3, probes=_cells, drive=_new_state_and_gradients,
    hints=(
        "Make two blocks of shape (N, 3H): linear(x, weight_ih, bias_ih) and linear(h, weight_hh, "
        "bias_hh). Each holds the parts for r, z and c, H columns each, in this order.",
        "With H = h.shape[1]: a[:, :H] is the part for r, a[:, H:2 * H] for z, a[:, 2 * H:] for c. "
        "r and z take the sigmoid of the sum of both parts; in c, r multiplies the state's part.",
        "c = tanh(a[:, 2 * H:] + r * b[:, 2 * H:]), and the new state is (1 - z) * c + z * h.",
    ))
def gru_cell(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    x_r, x_z, x_c, h_r, h_z, h_c = _parts(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    return (1 - z) * tanh(x_c + r * h_c) + z * h


@gru_cell.mistake("your update gate works the wrong way round: where z is 1 the old state stays, "
                  "(1 - z) * c + z * h (papers differ here; we follow PyTorch)")
def _(x, h, *weights):
    x_r, x_z, x_c, h_r, h_z, h_c = _parts(x, h, *weights)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    return z * tanh(x_c + r * h_c) + (1 - z) * h


@gru_cell.mistake("you exchanged the gates: the first H rows of the weights belong to the reset "
                  "gate r, the next H to the update gate z")
def _(x, h, *weights):
    x_z, x_r, x_c, h_z, h_r, h_c = _parts(x, h, *weights)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    return (1 - z) * tanh(x_c + r * h_c) + z * h


@gru_cell.mistake("you reset the state *before* the matrix product, as Cho and others wrote it in "
                  "2014; PyTorch resets after it: r * (W_hc h + b_hc)")
def _(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    x_r, x_z, x_c, h_r, h_z, _ = _parts(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    r, z, size = sigmoid(x_r + h_r), sigmoid(x_z + h_z), h.shape[1]
    h_c = linear(r * h, weight_hh[2 * size:], bias_hh[2 * size:])
    return (1 - z) * tanh(x_c + h_c) + z * h


@gru_cell.mistake("the state's bias of the candidate is multiplied by r as well: "
                  "r * (W_hc h + b_hc), with the bias inside the brackets")
def _(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    x_r, x_z, x_c, h_r, h_z, h_c = _parts(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    r, z, b = sigmoid(x_r + h_r), sigmoid(x_z + h_z), bias_hh[2 * h.shape[1]:]
    return (1 - z) * tanh(x_c + r * (h_c - b) + b) + z * h


@gru_cell.mistake("your reset gate does nothing: r multiplies the state's part of the candidate")
def _(x, h, *weights):
    _, x_z, x_c, _, h_z, h_c = _parts(x, h, *weights)
    z = sigmoid(x_z + h_z)
    return (1 - z) * tanh(x_c + h_c) + z * h


@gru_cell.mistake("r multiplies the whole candidate's sum: it resets only what comes from the "
                  "state; the new value always gets in")
def _(x, h, *weights):
    x_r, x_z, x_c, h_r, h_z, h_c = _parts(x, h, *weights)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    return (1 - z) * tanh(r * (x_c + h_c)) + z * h


@gru_cell.mistake("you took the sigmoid for the candidate c: c is a state, between -1 and 1, and "
                  "takes tanh; only the two gates take the sigmoid")
def _(x, h, *weights):
    x_r, x_z, x_c, h_r, h_z, h_c = _parts(x, h, *weights)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    return (1 - z) * sigmoid(x_c + r * h_c) + z * h


@gru_cell.mistake("you took tanh for the gates: a gate is a share between 0 and 1, a sigmoid")
def _(x, h, *weights):
    x_r, x_z, x_c, h_r, h_z, h_c = _parts(x, h, *weights)
    r, z = tanh(x_r + h_r), tanh(x_z + h_z)
    return (1 - z) * tanh(x_c + r * h_c) + z * h


@gru_cell.mistake("you return the candidate: the new state is a mixture of it and the old state, "
                  "(1 - z) * c + z * h")
def _(x, h, *weights):
    x_r, _, x_c, h_r, _, h_c = _parts(x, h, *weights)
    return tanh(x_c + sigmoid(x_r + h_r) * h_c)


@gru_cell.mistake("you left bias_hh out: the state's three blocks have a bias of their own")
def _(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    return gru_cell.reference(x, h, weight_ih, weight_hh, bias_ih, bias_hh * 0.0)


@gru_cell.mistake("your numbers are right, but they come from NumPy, so the engine records nothing "
                  "and cannot train the cell: leave the tensors as they are, without .data")
def _(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    return gru_cell.reference(x, h, weight_ih, weight_hh, bias_ih, bias_hh).data


@gru_cell.mistake("you cut along the examples: the three blocks stand side by side, in the "
                  "columns a[:, :H], a[:, H:2 * H] and a[:, 2 * H:]")
def _(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    size = h.shape[1]
    a, b = linear(x, weight_ih, bias_ih), linear(h, weight_hh, bias_hh)
    r, z = sigmoid(a[:size] + b[:size]), sigmoid(a[size:2 * size] + b[size:2 * size])
    return (1 - z) * tanh(a[2 * size:] + r * b[2 * size:]) + z * h


@gru_cell.variant("matrix products, with the blocks cut out of the weights")
def _(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    size = h.shape[1]
    rows = [slice(k * size, (k + 1) * size) for k in range(3)]
    from_x = [x @ weight_ih[k].T + bias_ih[k] for k in rows]
    from_h = [h @ weight_hh[k].T + bias_hh[k] for k in rows]
    r, z = (sigmoid(from_x[k] + from_h[k]) for k in (0, 1))
    c = tanh(from_x[2] + r * from_h[2])
    return c + z * (h - c)


@gru_cell.variant("both gates in one sigmoid")
def _(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    size = h.shape[-1]
    a, b = linear(x, weight_ih, bias_ih), linear(h, weight_hh, bias_hh)
    gates = sigmoid(a[..., :2 * size] + b[..., :2 * size])
    r, z = gates[..., :size], gates[..., size:]
    return z * h + (1 - z) * tanh(a[..., 2 * size:] + r * b[..., 2 * size:])
