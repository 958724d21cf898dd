"""Gradients through training: how the losses of a run change with what the run was given.

A run of training is one long function: from *metaparameters* (a learning rate, the shape of an
activation function) over the parameters after each step to the losses. It can be differentiated
like any other. Two forms of the same gradient, which the tests hold equal:

* `Unrolled.losses` is what it means. Every step's gradient is recorded (`create_graph=True`), so
  all steps are one tape, and `engine.grad` walks back through it. Memory grows with the steps.
* `Unrolled.gradient` needs the tape of one step at a time. The way there keeps the parameters
  before each step and nothing else; the way back computes each step once more, now recorded, and
  turns the cotangents of what came after it into those of what came before. `replay.py` runs both
  kinds of step again without building their tapes.

Lesson 18; Maclaurin, Duvenaud and Adams 2015 (arXiv 1502.03492).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from mnist1d_edu import engine
from mnist1d_edu.engine import Tensor, as_tensor, grad
from mnist1d_edu.optim import Optimizer, rmsprop, sgd
from mnist1d_edu.replay import Replay

Arrays = dict[str, np.ndarray]
Batches = Sequence[tuple[np.ndarray, ...]]


class Unrolled:
    """Training as a function of metaparameters.

    loss: from (params, meta, *batch), two dicts of Tensors and the arrays of a batch, to the loss:
    a scalar, or (S,) with a seed axis. optimizer: from meta to the optimiser of the run, such as
    `lambda meta: sgd(meta["lr"])`. Only what is in meta gets a gradient.

    >>> run = Unrolled(lambda params, meta: params["w"] ** 2, lambda meta: sgd(meta["lr"]))
    >>> run.gradient({"w": np.array(1.0)}, {"lr": np.array(0.25)}, batches=[(), ()])
    (array([1.  , 0.25]), {'lr': array(-1.)})

    Here the losses are 1 and (1 - 2 lr)^2, and the gradient is that of their mean.
    """

    def __init__(self, loss: Callable[..., Tensor], optimizer: Callable[[dict], Optimizer]):
        self.loss, self.optimizer = loss, optimizer
        self._prepared: dict[tuple, tuple[Callable, Callable]] = {}

    def losses(self, params: dict, meta: dict, batches: Batches) -> Tensor:
        """The loss at each of T steps, before its update: (T,), or (T, S) with a seed axis.

        params: the parameters before the first step; meta: the metaparameters, Tensors where a
        gradient is wanted; batches: for each step a tuple of arrays.
        """
        slots = self._slots({name: as_tensor(p) for name, p in params.items()}, meta)
        found = []
        for number, batch in enumerate(batches):
            loss, slots = self._step(number, slots, meta, batch, create_graph=True)
            found.append(loss)
        return engine.stack(found)

    def gradient(self, params: Arrays, meta: Arrays, batches: Batches,
                 weights: Sequence[float] | np.ndarray | None = None
                 ) -> tuple[np.ndarray, Arrays]:
        """The losses, and the gradient of sum(weights * losses) with respect to meta.

        params, meta: arrays of floats by name, all of one dtype; batches: for each of T steps a
        tuple of arrays; weights: (T,), by default 1/T each, for the mean over the steps. Losses:
        (T,), or (T, S) with a seed axis; gradient: arrays by name, of the shapes of meta.
        """
        weights = _weights(weights, len(batches))
        _one_dtype(params, meta)
        there, back = self._both_ways(params, meta)
        slots, given = _flat(self._slots(params, meta)), list(meta.values())
        before, losses = [], []
        for number, batch in enumerate(batches):
            before.append(slots)
            loss, *slots = there(number, *slots, *given, *batch)
            losses.append(loss)
        cotangents = [np.zeros_like(slot) for slot in slots]  # nothing comes after the last step
        totals = [np.zeros(m.shape) for m in given]
        for number in reversed(range(len(batches))):
            weight = np.full_like(losses[0], weights[number])
            found = back(number, *before.pop(), *given, weight, *cotangents, *batches[number])
            cotangents, parts = found[:len(slots)], found[len(slots):]
            for total, part in zip(totals, parts, strict=True):
                total += part
        return np.array(losses), {name: total.astype(meta[name].dtype)
                                  for name, total in zip(meta, totals, strict=True)}

    def trained(self, params: Arrays, meta: Arrays, batches: Batches) -> Arrays:
        """The parameters after the last step, from those before the first."""
        _one_dtype(params, meta)
        there, _ = self._both_ways(params, meta)
        slots = _flat(self._slots(params, meta))
        for number, batch in enumerate(batches):
            _, *slots = there(number, *slots, *meta.values(), *batch)
        return dict(zip(params, slots, strict=False))

    def _optimizer(self, meta: dict) -> Optimizer:
        return self.optimizer({name: as_tensor(value) for name, value in meta.items()})

    def _slots(self, params: dict, meta: dict) -> list[dict]:
        """The parameters, and each thing that the optimiser remembers for them, at the start."""
        optimizer = self._optimizer(meta)
        state = optimizer.init(params)
        return [params, *(state[slot] for slot in optimizer.slots)]

    def _step(self, number: int, slots: list[dict], meta: dict, batch: Iterable[np.ndarray],
              create_graph: bool) -> tuple[Tensor, list[dict]]:
        """The loss before the step of this number, and the slots after it."""
        params, *memory = slots
        optimizer = self._optimizer(meta)
        loss = self.loss(params, meta, *batch)
        slopes = grad(engine.sum(loss), list(params.values()), create_graph=create_graph)
        state: dict = {"step": number, **dict(zip(optimizer.slots, memory, strict=True))}
        params, state = optimizer.update(params, dict(zip(params, slopes, strict=True)), state)
        return loss, [params, *[state[slot] for slot in optimizer.slots]]

    def _both_ways(self, params: Arrays, meta: Arrays) -> tuple[Callable, Callable]:
        """A step, and the way back through it, as functions of its number and of arrays."""
        key = tuple((name, a.shape, a.dtype) for given in (params, meta)
                    for name, a in given.items())
        if key in self._prepared:
            return self._prepared[key]
        like = self._slots(params, meta)
        count = sum(map(len, like))

        def there(number, arrays):
            leaves, batch = _tensors(arrays[:count + len(meta)]), arrays[count + len(meta):]
            *slots, given = _named(leaves, [*like, meta])
            loss, after = self._step(number, slots, given, batch, create_graph=False)
            return [loss, *_flat(after)]

        def back(number, arrays):
            leaves, rest = _tensors(arrays[:count + len(meta)]), arrays[count + len(meta):]
            weight, cotangents, batch = rest[0], rest[1:1 + count], rest[1 + count:]
            *slots, given = _named(leaves, [*like, meta])
            loss, after = self._step(number, slots, given, batch, create_graph=True)
            onward = engine.sum(loss * weight)
            for slot, cotangent in zip(_flat(after), cotangents, strict=True):
                onward = onward + engine.sum(slot * cotangent)
            return grad(onward, leaves)

        optimizer = self._optimizer(meta)
        same = isinstance(optimizer, (sgd, rmsprop)) and not callable(optimizer.lr)
        self._prepared[key] = _runner(there, same), _runner(back, same)
        return self._prepared[key]


def _runner(step: Callable, same: bool) -> Callable:
    """step(number, arrays) -> Tensors as a function of the number and the arrays, to arrays; run
    again from a record if it is the `same` at each number."""
    def results(number: int, arrays: Sequence[np.ndarray]) -> Arrays:
        return {str(i): tensor.data for i, tensor in enumerate(step(number, arrays))}

    replay = Replay(lambda arrays, fixed: results(0, arrays), {})

    def run(number: int, *arrays: np.ndarray) -> list[np.ndarray]:
        found = replay(*arrays) if same else results(number, arrays)
        return [np.array(value) for value in found.values()]  # the next run writes over them
    return run


def _weights(weights: Sequence[float] | np.ndarray | None, steps: int) -> np.ndarray:
    if not steps:
        raise ValueError("batches must hold a batch for each step; got none")
    weights = np.full(steps, 1 / steps) if weights is None else np.asarray(weights)
    if weights.shape != (steps,):
        raise ValueError(f"weights must have shape (steps,) = ({steps},); got {weights.shape}")
    return weights


def _one_dtype(params: Arrays, meta: Arrays) -> None:
    """Two would make the parameters after a step of another dtype than those before it."""
    dtype = next(iter(params.values())).dtype
    for name, value in meta.items():
        got = str(getattr(value, "dtype", type(value).__name__))
        if not isinstance(value, (np.ndarray, np.generic)) or got != str(dtype):
            raise ValueError(f"meta[{name!r}] must be an array of the params' dtype, {dtype}; got "
                             f"{got}")


def _tensors(arrays: Iterable[np.ndarray]) -> list[Tensor]:
    return [Tensor(array) for array in arrays]


def _flat(slots: Iterable[dict]) -> list:
    return [value for slot in slots for value in slot.values()]


def _named(values: Iterable, like: list[dict]) -> list[dict]:
    """Values, one after the other, in dicts with the names of those in `like`."""
    values = iter(values)
    return [dict(zip(slot, values, strict=False)) for slot in like]
