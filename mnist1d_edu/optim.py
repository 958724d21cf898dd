"""Optimisers as functions: (params, grads, state) -> (params, state). Lesson 03; UDL 6.

Each rule is written once, for one array (`formula`), in operations that work on arrays and on
Tensors alike: an update can be differentiated, as metalearning does. Training uses the
second form (`in_place`): the same arithmetic on one flat buffer that holds all parameters,
without temporaries. The tests hold the two together.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from mnist1d_edu import engine
from mnist1d_edu.arguments import integer, mapping, real, shown
from mnist1d_edu.boundary import explained
from mnist1d_edu.checks import shaped
from mnist1d_edu.engine import Tensor

_FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
_STEPS_BETWEEN_FLUSHES = 16  # often enough that few numbers are subnormal, and hardly a cost


class Optimizer:
    """A rule with its settings. slots: the names of what it remembers for each parameter."""

    slots: tuple[str, ...] = ()

    def __init__(self, lr, weight_decay: float = 0.0):
        if not callable(lr) and not isinstance(lr, Tensor):
            lr = real("lr", lr, low=0)
        self.lr = lr
        self.weight_decay = real("weight_decay", weight_decay, low=0)

    def rate(self, step: int):
        """The learning rate of a step, counted from 0."""
        return self.lr(step) if callable(self.lr) else self.lr

    def init(self, params: dict) -> dict:
        """The state before the first step: "step" 0 and zeros like the parameters in each slot."""
        arrays = _arrays("params", params)
        return {"step": 0, **{slot: {name: np.zeros(p.shape, p.dtype) for name, p in arrays.items()}
                              for slot in self.slots}}

    def update(self, params: dict, grads: dict, state: dict) -> tuple[dict, dict]:
        """One step. Arrays or Tensors in, the same out; nothing is changed in place.

        >>> sgd(0.1).update({"w": np.array([1.0])}, {"w": np.array([2.0])}, {"step": 0})
        ({'w': array([0.8])}, {'step': 1})
        """
        params, grads, state = self._checked(params, grads, state)
        new_params, new_state = {}, {"step": state["step"] + 1, **{s: {} for s in self.slots}}
        for name, p in params.items():
            g = grads[name]
            if self.weight_decay:
                g = g + self.weight_decay * p
            memory = [state[slot][name] for slot in self.slots]
            new_params[name], memory = self.formula(state["step"], p, g, *memory)
            for slot, value in zip(self.slots, memory, strict=True):
                new_state[slot][name] = value
        return new_params, new_state

    def _checked(self, params, grads, state) -> tuple[dict, dict, dict]:
        """Parameters, gradients and state as arrays or Tensors, whose names and shapes agree."""
        params, grads = _arrays("params", params), _arrays("grads", grads)
        step = integer("state['step']", mapping("state", state).get("step"), 0, 2**62)
        memory = {slot: _arrays(f"state[{slot!r}]", state.get(slot)) for slot in self.slots}
        for what, arrays in (("grads", grads), *memory.items()):
            what = what if arrays is grads else f"state[{what!r}]"
            if arrays.keys() != params.keys():
                raise ValueError(f"{what} must have the names of params, {sorted(params)}; got "
                                 f"{shown(list(arrays))}")
            for name, array in arrays.items():
                if array.shape != params[name].shape:
                    raise ValueError(f"{what}[{name!r}] must have the shape of params[{name!r}], "
                                     f"{params[name].shape}; got {array.shape}")
        return params, grads, {"step": step, **memory}

    def flat_state(self, buffer: np.ndarray) -> dict[str, np.ndarray]:
        """Zeros like the flat buffer in each slot, for `step_flat`."""
        return {slot: np.zeros_like(buffer) for slot in self.slots}

    def step_flat(self, step: int, buffer: np.ndarray, grad: np.ndarray, state: dict,
                  scratch: np.ndarray) -> None:
        """One step on a flat buffer, in place; `grad` and `scratch` are overwritten, and from
        time to time subnormal numbers in the buffer and the state become 0."""
        if self.weight_decay:
            np.multiply(buffer, self.weight_decay, out=scratch)
            grad += scratch
        self.in_place(step, buffer, grad, scratch, *state.values())
        if step % _STEPS_BETWEEN_FLUSHES == 0:
            for memory in (buffer, *state.values()):
                _flush_subnormals(memory, scratch)

    def formula(self, step: int, p, g, *memory):
        """The new parameter and the new memory, for one array or Tensor."""
        raise TypeError(f"{type(self).__name__} has no formula")

    def in_place(self, step: int, p, g, scratch, *memory) -> None:
        """`formula` on arrays, without temporaries; g may be overwritten."""
        raise TypeError(f"{type(self).__name__} has no in-place form")

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{k}={v}' for k, v in vars(self).items())})"


class sgd(Optimizer):
    """Stochastic gradient descent with PyTorch's momentum. UDL 6.2, 6.3.

        m <- momentum m + g;  p <- p - lr m
    """

    def __init__(self, lr, momentum: float = 0.0, weight_decay: float = 0.0):
        super().__init__(lr, weight_decay)
        self.momentum = real("momentum", momentum, low=0, high=1)
        self.slots = ("m",) if self.momentum else ()

    def formula(self, step, p, g, *memory):
        m = memory[0] * self.momentum + g if memory else g
        return p - m * self.rate(step), [m] if memory else []

    def in_place(self, step, p, g, scratch, *memory):
        for m in memory:
            m *= self.momentum
            m += g
        np.multiply(memory[0] if memory else g, self.rate(step), out=scratch)
        p -= scratch


class rmsprop(Optimizer):
    """Divide by a running root mean square of the gradient; PyTorch's form. Lesson 03.

        v <- alpha v + (1 - alpha) g^2;  m <- momentum m + g / (sqrt(v) + eps);  p <- p - lr m
    """

    def __init__(self, lr=1e-2, alpha: float = 0.99, eps: float = 1e-8, momentum: float = 0.0,
                 weight_decay: float = 0.0):
        super().__init__(lr, weight_decay)
        self.alpha = real("alpha", alpha, low=0, high=1)
        self.eps = real("eps", eps, low=0)
        self.momentum = real("momentum", momentum, low=0, high=1)
        self.slots = ("v", "m") if self.momentum else ("v",)

    def formula(self, step, p, g, v, *memory):
        v = v * self.alpha + g * g * (1 - self.alpha)
        scaled = g / (_root(v) + self.eps)
        m = memory[0] * self.momentum + scaled if memory else scaled
        return p - m * self.rate(step), [v, *([m] if memory else [])]

    def in_place(self, step, p, g, scratch, v, *memory):
        v *= self.alpha
        np.multiply(g, g, out=scratch)
        scratch *= 1 - self.alpha
        v += scratch
        np.sqrt(v, out=scratch)
        scratch += self.eps
        np.divide(g, scratch, out=scratch)
        for m in memory:
            m *= self.momentum
            m += scratch
        np.multiply(memory[0] if memory else scratch, self.rate(step), out=scratch)
        p -= scratch


class adam(Optimizer):
    """Momentum, divided by a running root mean square, both corrected for their start. UDL 6.4.

        m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2
        p <- p - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps),  t = step + 1
    """

    slots = ("m", "v")

    def __init__(self, lr=1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 0.0):
        super().__init__(lr, weight_decay)
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise ValueError(f"betas must be two numbers of at least 0 below 1; got {shown(betas)}")
        self.betas = tuple(real(f"betas[{i}]", b, low=0, below=1) for i, b in enumerate(betas))
        self.eps = real("eps", eps, low=0)

    def formula(self, step, p, g, m, v):
        b1, b2 = self.betas
        m = m * b1 + g * (1 - b1)
        v = v * b2 + g * g * (1 - b2)
        scale, eps = self._scale(step)
        return p - m / (_root(v) + eps) * (self.rate(step) * scale), [m, v]

    def in_place(self, step, p, g, scratch, m, v):
        b1, b2 = self.betas
        m *= b1
        np.multiply(g, 1 - b1, out=scratch)
        m += scratch
        v *= b2
        g *= g
        g *= 1 - b2
        v += g
        scale, eps = self._scale(step)
        np.sqrt(v, out=scratch)
        scratch += eps
        np.divide(m, scratch, out=scratch)
        scratch *= self.rate(step) * scale
        p -= scratch

    def _scale(self, step: int) -> tuple[float, float]:
        """Both corrections as one factor, and eps to match: two passes less over the arrays."""
        b1, b2 = self.betas
        root = math.sqrt(1 - b2 ** (step + 1))
        return root / (1 - b1 ** (step + 1)), self.eps * root


class adamw(adam):
    """Adam with weight decay apart from the gradient: p <- p - lr weight_decay p, then Adam's step.

    With `adam(weight_decay=...)` the decay is added to the gradient, and Adam divides it by the
    root of v like the rest: weights whose gradients are large hardly decay. Here all decay by the
    same factor. Lesson 10; UDL 9.1.
    """

    def __init__(self, lr=1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 0.01):
        super().__init__(lr, betas, eps)
        self.decoupled_decay = real("weight_decay", weight_decay, low=0)

    def formula(self, step, p, g, m, v):
        return super().formula(step, p * (1 - self.rate(step) * self.decoupled_decay), g, m, v)

    def in_place(self, step, p, g, scratch, m, v):
        p *= 1 - self.rate(step) * self.decoupled_decay
        super().in_place(step, p, g, scratch, m, v)


def _arrays(what: str, given) -> dict:
    """A dictionary of arrays or Tensors; an error says which is none."""
    found = {}
    for name, value in mapping(what, given).items():
        plain = isinstance(value, np.ndarray) and value.dtype in _FLOATS
        if not plain and not isinstance(value, Tensor):
            [value] = shaped(**{f"{what}[{name!r}]": value})
        found[name] = value
    return found


def _flush_subnormals(memory: np.ndarray, scratch: np.ndarray) -> None:
    """Put 0 for the numbers that are too small for full precision (below 1.2e-38 in float32).

    Where the gradient is always 0, as at the weights of a dead unit, a memory shrinks by the same
    factor at every step until rounding holds it just above 0, and so do weights that decay; and on
    such *subnormal* numbers a processor is many times slower.
    """
    np.abs(memory, out=scratch)
    np.greater_equal(scratch, np.finfo(memory.dtype).tiny, out=scratch)
    memory *= scratch  # much faster than memory[small] = 0 where half of it is, as in a pruned net


def _root(v):
    """The square root, with slope 0 at 0: a unit whose gradient is 0 must not give a NaN."""
    if not isinstance(v, Tensor):
        return np.sqrt(v)
    positive = v > 0
    return engine.where(positive, engine.sqrt(engine.where(positive, v, 1.0)), 0.0)


# ---------------------------------------------------------------------------- schedules
# A schedule is a function from the step, counted from 0, to the learning rate. These are small
# classes so that a printed optimiser tells its schedule.


@dataclasses.dataclass(frozen=True)
class step_decay:
    """lr, multiplied by `factor` after each `every` steps.

    >>> [step_decay(1.0, every=2)(step) for step in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    lr: float
    every: int
    factor: float = 0.5

    def __post_init__(self):
        real("lr", self.lr, low=0)
        integer("every", self.every, low=1)
        real("factor", self.factor, above=0)

    @explained
    def __call__(self, step: int) -> float:
        return self.lr * self.factor ** (step // self.every)


@dataclasses.dataclass(frozen=True)
class cosine:
    """From lr down to `final` along half a cosine, over `steps` steps; then `final`."""

    lr: float
    steps: int
    final: float = 0.0

    def __post_init__(self):
        real("lr", self.lr, low=0)
        integer("steps", self.steps, low=1)
        real("final", self.final, low=0)

    @explained
    def __call__(self, step: int) -> float:
        share = min(step / self.steps, 1)
        return self.final + (self.lr - self.final) * (1 + math.cos(math.pi * share)) / 2


@dataclasses.dataclass(frozen=True)
class warmup:
    """Linearly up to lr during the first `steps` steps; then lr."""

    lr: float
    steps: int

    def __post_init__(self):
        real("lr", self.lr, low=0)
        integer("steps", self.steps, low=1)

    @explained
    def __call__(self, step: int) -> float:
        return self.lr * min((step + 1) / self.steps, 1)
