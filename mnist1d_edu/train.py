"""The training loop: `fit` trains one model, or many replicas of it at once, and tells the story.

Built in lessons 03 (minibatches) and 06 (honest evaluation); UDL 6.2 and 8.5. What is beside the
loop has files of its own: layout.py (parameters in one flat buffer), checkpoints.py, replay.py (a
step recorded once and run again), replicas.py (some of them at a time), threads.py.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu import checkpoints, engine
from mnist1d_edu.arguments import (
    any_array,
    boolean,
    finite_array,
    function,
    integer,
    mapping,
    path,
    shown,
)
from mnist1d_edu.checks import check_labels, shaped
from mnist1d_edu.engine import Tensor
from mnist1d_edu.layout import Layout, read_only
from mnist1d_edu.nn import cross_entropy
from mnist1d_edu.optim import Optimizer
from mnist1d_edu.replicas import Groups
from mnist1d_edu.threads import one_thread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SPLITS = {"train": "", "val": "_val", "test": "_test"}
SAVE_SECONDS = 10  # between two checkpoints, where evaluations are further apart
_ROWS_AT_ONCE = 500  # examples evaluated in one go: small enough to stay in cache


class Diverged(ArithmeticError):
    """Training was stopped because a loss was not finite."""


@dataclasses.dataclass
class History:
    """What a training run left behind. E evaluations, S seeds.

    steps: (E,) updates done before each evaluation. *_loss, *_accuracy: (E, S), accuracy in percent
    (None for a split that was not given). params: after the last step, each with a leading axis S.
    best_params: at each seed's best validation accuracy (None without validation data).
    """

    seeds: list[int]
    steps: np.ndarray
    params: dict[str, np.ndarray]
    best_params: dict[str, np.ndarray] | None
    seconds: float
    train_loss: np.ndarray
    train_accuracy: np.ndarray
    val_loss: np.ndarray | None = None
    val_accuracy: np.ndarray | None = None
    test_loss: np.ndarray | None = None
    test_accuracy: np.ndarray | None = None

    def replica(self, k: int, best: bool = False) -> dict[str, np.ndarray]:
        """The parameters of the k-th seed, without the seed axis."""
        params = self.best_params if boolean("best", best) else self.params
        if params is None:
            raise ValueError("best is True, but fit was given no validation data (x_val, y_val)")
        k = integer("k", k, low=0, high=len(self.seeds) - 1)
        return {name: value[k] for name, value in params.items()}

    def summary(self) -> str:
        """One line a split: loss and accuracy after the last step, mean ± spread over the seeds."""
        lines = [f"{self.steps[-1]} steps, {len(self.seeds)} seed(s), ≈ {self.seconds:.1f} s"]
        for split in _SPLITS:
            loss, accuracy = (getattr(self, f"{split}_{m}") for m in ("loss", "accuracy"))
            if loss is not None:
                lines.append(f"{split:5} loss ≈ {_spread(loss[-1], 3)}, "
                             f"accuracy ≈ {_spread(accuracy[-1], 1)} %")
        return "\n".join(lines)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Accuracy against steps, a band for the spread over seeds; returns the matplotlib axes."""
        from mnist1d_edu import plots
        if ax is not None and not hasattr(type(ax), "plot"):
            raise TypeError(f"ax must be matplotlib's axes, or None; got {shown(ax)}")
        return plots.learning_curves(self, ax=ax)


def _spread(values: np.ndarray, digits: int) -> str:
    spread = f" ± {values.std(ddof=1):.{digits}f}" if len(values) > 1 else ""
    return f"{values.mean():.{digits}f}{spread}"


def fit(model: Any, data: Mapping, optimizer: Optimizer, steps: int = 6000,
        batch_size: int | None = 100, seeds: int | Sequence[int] = 1, shuffle: bool = False,
        loss: Callable = cross_entropy, eval_every: int = 250,
        masks: dict[str, np.ndarray] | None = None, patience: int | None = None,
        checkpoint: str | Path | None = None, params: dict[str, np.ndarray] | None = None,
        augment: Callable | None = None, progress: bool = True) -> History:
    """Train `model` on data["x"] (N, ...), data["y"] (N,), once for each seed, all seeds at once.

    data may also have x_test, y_test, x_val, y_val, which are evaluated every `eval_every` steps
    (and before the first step, and after the last). seeds: a number n, for the seeds 0 to n - 1, or
    a list. Replica k is what a lone run with its seed is: its parameters are
    model.init(RandomState(seed)), its batches the same, and no replica sees another.

    batch_size: None is the whole training set. Batches come in file order, as in the paper, or,
    with `shuffle`, in a fresh order each epoch. masks: for some parameters, an array of zeros and
    ones (with or without a seed axis): where it is 0 the parameter is 0 and stays so. patience:
    stop after this many evaluations in which no seed improved its validation accuracy. checkpoint:
    a .npz file, written at each evaluation and every ten seconds; if it is there, training goes on
    from it. params: start from these (each with a leading seed axis if there are several seeds)
    instead of model.init. augment: a function (x, rng) -> x for each training batch (N, ...) of
    each seed, float32; rng is a Generator of that seed and step.

    The model and the loss must be functions of their inputs: a step may be recorded and run again
    (replay.py), without calling them.

    Raises Diverged, naming step and seed, when a loss is not finite; ValueError and TypeError for
    arguments out of range. Lessons 03 and 06; UDL 6.2, 8.5.
    """
    _check_parts(model, optimizer, loss, augment)
    shuffle, progress = boolean("shuffle", shuffle), boolean("progress", progress)
    steps, eval_every = integer("steps", steps, low=0), integer("eval_every", eval_every, low=1)
    seeds, data = _checked_seeds(seeds), _checked_data(data)
    layout = Layout(model, seeds, params, masks)
    batches = _Batches(data, batch_size, seeds, shuffle, augment)
    record = _Record(model, loss, data, layout, optimizer, _checked_patience(patience, data))
    state, scratch = optimizer.flat_state(layout.theta), np.empty_like(layout.theta)
    gradients = _gradients(model, loss, layout, (batches.own_x, batches.own_y))
    file = None if checkpoint is None else _File(
        path("checkpoint", checkpoint), layout, state, record, model=model, optimizer=optimizer,
        seeds=seeds, batch_size=batches.size, shuffle=shuffle, eval_every=eval_every, loss=loss,
        patience=patience, augment=augment, data=data)

    keep_freed_memory()
    step, before = (0, 0.0) if file is None else file.resume(steps)
    began = time.perf_counter() - before
    with one_thread(), _bar(steps, step, progress) as bar:
        while True:
            if (step % eval_every == 0 or step == steps) and step not in record.steps:
                record.evaluate(step)
                if file is not None:
                    file.save(step, time.perf_counter() - began)
            if step >= steps or record.out_of_patience():
                break
            x, y = batches(step)
            losses = gradients(x, y)["loss"]
            record.check_finite(losses, step)
            optimizer.step_flat(step, layout.theta, layout.gradient, state, scratch)
            step += 1
            if file is not None and time.perf_counter() > file.saved + SAVE_SECONDS:
                file.save(step, time.perf_counter() - began)
            bar.update()
    return record.history(time.perf_counter() - began)


def predict(model: Any, params: dict, x: Any) -> np.ndarray:
    """Logits for inputs x (N, ...): (N, C), or (S, N, C) if the parameters have a seed axis."""
    function("model", model, "a model, such as nn.mlp()")
    x = _signals("x", x)
    if x.ndim < 2:
        raise ValueError(f"x must have shape (N, ...) with at least two axes; got {x.shape}")
    named = {f"params[{name!r}]": value for name, value in mapping("params", params).items()}
    tensors = dict(zip(params, map(Tensor, shaped(**named)), strict=True))
    keep_freed_memory()
    with one_thread(), engine.no_grad():
        parts = [model(tensors, x[i:i + _ROWS_AT_ONCE]).data
                 for i in range(0, max(len(x), 1), _ROWS_AT_ONCE)]
    return np.concatenate(parts, axis=-2)


def accuracy(model: Any, params: dict, x: Any, y: Any) -> Any:
    """The proportion of x classified as y, in percent: a number, or (S,) with a seed axis."""
    x, y = finite_array("x", x), any_array("y", y)
    if y.shape != x.shape[:1] or not len(y):
        raise ValueError("x and y must have shapes (N, ...) and (N,), a label for each row, with N "
                         f"at least 1; got {x.shape} and {y.shape}")
    if y.dtype.kind not in "biu":
        raise TypeError(f"y must be integers; got dtype {y.dtype}")
    return 100.0 * (predict(model, params, x).argmax(-1) == y).mean(axis=-1)


def keep_freed_memory() -> None:
    """Keep the C library from giving a step's memory back to the system, only to fetch it anew.

    glibc's malloc maps large blocks one by one and unmaps them when freed, and every new page costs
    a fault: with several seeds, a large part of a step. It raises its limits to the largest one it
    has seen freed, up to 32 MB (mallopt(3), M_MMAP_THRESHOLD), so one is freed here; never touched,
    it costs nothing. On other systems nothing happens.
    """
    np.empty(31 << 20, np.uint8)


def _gradients(model, loss: Callable, layout: Layout, own: tuple[bool, bool]) -> Groups:
    """The gradients of a step; own: whether each replica has an x, and a y, of its own."""
    step_of = functools.partial(_gradient_step, model, loss, list(layout.shapes),
                                list(layout.buffers))
    return Groups(step_of, layout, own, into=layout.into)


def _gradient_step(model, loss: Callable, names: list, buffers: list, masks: dict) -> Callable:
    """One training step up to its gradient, a function of arrays: from the batch (x, y) and the
    parameters to the losses, one for each seed, the gradients, and new running statistics."""
    def step(batch, fixed) -> dict[str, np.ndarray]:
        x, y = batch
        tensors = {name: engine.record(fixed[name]) for name in names}
        updates: dict = {}
        losses = loss(model({**tensors, **{name: fixed[name] for name in buffers}}, x, updates), y)
        slopes = engine.grad(losses, tensors.values(), np.ones_like(losses.data))
        results = {"loss": losses.data, **updates}
        for name, slope in zip(tensors, slopes, strict=True):
            mask = masks.get(name)
            results[f"gradient of {name}"] = slope.data if mask is None else slope.data * mask
        return results
    return step


def _bar(steps: int, done: int, progress: bool):
    from tqdm.auto import tqdm
    # the notebook's bar does not heed this variable by itself
    silent = not progress or bool(os.environ.get("TQDM_DISABLE"))
    return tqdm(total=steps, initial=done, delay=2, disable=silent, unit="step", leave=False)


class _Batches:
    """The batch of each step: x (N, ...) or (S, N, ...), y (N,) or (S, N)."""

    def __init__(self, data: dict, batch_size: int | None, seeds: list[int], shuffle: bool,
                 augment: Callable | None):
        self.x, self.y, self.seeds = data["x"], data["y"], seeds
        self.shuffle, self.augment = shuffle, augment
        n = len(self.x)
        self.size = n if batch_size is None else integer("batch_size", batch_size, 1, n)
        self.own_y = shuffle and len(seeds) > 1  # each seed has a batch of its own
        self.own_x = self.own_y or (augment is not None and len(seeds) > 1)
        self.epoch: int | None = None

    def __call__(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        x, y = self.shuffled(step) if self.shuffle else self.in_order(step)
        return (x, y) if self.augment is None else (self.augmented(self.augment, x, step), y)

    def in_order(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        start = step * self.size % len(self.x)  # as in the paper's code: a last batch may be short
        return self.x[start:start + self.size], self.y[start:start + self.size]

    def shuffled(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        n = len(self.x)
        epoch, place = divmod(step, -(-n // self.size))
        if epoch != self.epoch:
            orders = [np.random.default_rng([seed, epoch]).permutation(n) for seed in self.seeds]
            self.orders = np.stack(orders) if len(orders) > 1 else orders[0]
            self.epoch = epoch
        rows = self.orders[..., place * self.size:(place + 1) * self.size]
        return read_only(self.x.take(rows, axis=0)), self.y.take(rows, axis=0)

    def augmented(self, augment: Callable, x: np.ndarray, step: int) -> np.ndarray:
        several = len(self.seeds) > 1
        each = x if several and self.shuffle else [x] * len(self.seeds)
        new = [np.asarray(augment(one, np.random.default_rng([seed, step])), np.float32)
               for one, seed in zip(each, self.seeds, strict=True)]
        for one, old in zip(new, each, strict=True):
            if one.shape != old.shape:
                raise ValueError(f"augment must return an array of the shape {old.shape} that it "
                                 f"was given; got {one.shape}")
        return read_only(np.stack(new) if several else new[0])


class _Record:
    """The curves of a run, and its best parameters."""

    def __init__(self, model, loss, data: dict, layout: Layout, optimizer: Optimizer,
                 patience: int | None):
        self.model, self.data, self.layout = model, data, layout
        self.measure = _Measure(model, loss, layout)
        self.optimizer, self.patience, self.stale = optimizer, patience, 0
        self.steps: list[int] = []
        self.curves: dict[str, list] = {
            f"{split}_{what}": [] for split, suffix in _SPLITS.items() if f"x{suffix}" in data
            for what in ("loss", "accuracy")}
        self.best: np.ndarray | None = None
        self.best_theta: np.ndarray | None = None
        self.best_buffers: dict[str, np.ndarray] = {}
        self.check_labels()

    def check_labels(self) -> None:
        with engine.no_grad():
            logits = self.model(self.layout.params, self.data["x"][:1])
        for suffix in _SPLITS.values():
            if f"y{suffix}" in self.data and self.data[f"y{suffix}"].dtype.kind in "iu":
                check_labels(self.data[f"y{suffix}"], classes=logits.shape[-1])

    def evaluate(self, step: int) -> None:
        """Loss and accuracy on every split, for each seed."""
        for split, suffix in _SPLITS.items():
            if f"x{suffix}" not in self.data:
                continue
            loss, right = self.measure(self.data[f"x{suffix}"], self.data[f"y{suffix}"])
            self.check_finite(loss, step)
            self.curves[f"{split}_loss"].append(np.atleast_1d(loss))
            self.curves[f"{split}_accuracy"].append(np.atleast_1d(right))
        self.steps.append(step)
        if "val_accuracy" in self.curves:
            self.keep_best(self.curves["val_accuracy"][-1])

    def keep_best(self, now: np.ndarray) -> None:
        """Keep the parameters of each seed whose validation accuracy is its best so far."""
        layout = self.layout
        if self.best is None or self.best_theta is None:
            self.best = np.full(len(layout.seeds), -np.inf)
            self.best_theta = layout.theta.copy()
            self.best_buffers = {name: b.copy() for name, b in layout.buffers.items()}
        better = now > self.best
        self.best = np.maximum(now, self.best)
        self.stale = 0 if better.any() else self.stale + 1
        pairs = [*zip(layout.views(self.best_theta).values(), layout.views(layout.theta).values(),
                      strict=True),
                 *((self.best_buffers[name], b) for name, b in layout.buffers.items())]
        for kept, current in pairs:
            layout.with_axis(kept)[better] = layout.with_axis(current)[better]

    def out_of_patience(self) -> bool:
        return self.patience is not None and self.stale >= self.patience

    def check_finite(self, losses: np.ndarray, step: int) -> None:
        if math.isfinite(losses.sum()) or np.isfinite(losses).all():  # the sum: one pass for most
            return
        bad = np.flatnonzero(~np.isfinite(np.atleast_1d(losses)))
        which = ", ".join(str(self.layout.seeds[k]) for k in bad)
        raise Diverged(f"the loss is {np.atleast_1d(losses)[bad[0]]} at step {step} for seed "
                       f"{which}: try a smaller learning rate than {self.optimizer}")

    def history(self, seconds: float) -> History:
        layout = self.layout
        best = (None if self.best_theta is None
                else layout.named(self.best_theta, self.best_buffers))
        return History(seeds=layout.seeds, steps=np.array(self.steps), seconds=seconds,
                       params=layout.named(layout.theta, layout.buffers), best_params=best,
                       **{name: np.array(curve) for name, curve in self.curves.items()})


class _File:
    """The checkpoint of a run."""

    def __init__(self, path, layout: Layout, state: dict, record: _Record, **parts):
        self.path, self.layout, self.state, self.record = Path(path), layout, state, record
        self.saved = time.perf_counter()
        start = {"theta": layout.theta, "buffers": layout.buffers, "masks": layout.masks}
        self.fingerprint = checkpoints.fingerprint(**parts, **start)

    def arrays(self, step: int, seconds: float) -> dict:
        record = self.record
        arrays = {"theta": self.layout.theta, "step": step, "seconds": seconds,
                  "stale": record.stale, "evaluated": np.array(record.steps, np.int64),
                  **{f"state/{k}": v for k, v in self.state.items()},
                  **{f"buffer/{k}": v for k, v in self.layout.buffers.items()},
                  **{f"curve/{k}": np.array(v).reshape(-1, len(self.layout.seeds))
                     for k, v in record.curves.items()}}
        if record.best is not None:
            arrays |= {"best": record.best, "best_theta": record.best_theta,
                       **{f"best_buffer/{k}": v for k, v in record.best_buffers.items()}}
        return arrays

    def save(self, step: int, seconds: float) -> None:
        checkpoints.save(self.path, self.arrays(step, seconds), self.fingerprint)
        self.saved = time.perf_counter()

    def check(self, saved: dict) -> None:
        """The evaluations must be those that a run has made by this step."""
        evaluated, lengths = saved["evaluated"], {len(saved[f"curve/{name}"])
                                                  for name in self.record.curves}
        rising = len(evaluated) and (np.diff([*evaluated, saved["step"] + 1]) > 0).all()
        if not rising or lengths != {len(evaluated)}:
            raise ValueError(f"checkpoint {self.path}: its evaluations must rise to at most step "
                             f"{saved['step']}, with a value in each curve; got {len(evaluated)} "
                             f"and curves of {sorted(lengths)}: move it away to start anew")

    def resume(self, steps: int) -> tuple[int, float]:
        """Go on from the file, if it is there: the steps done and the seconds they took."""
        like: dict = {name: (np.asarray(a).dtype, np.shape(a))
                      for name, a in self.arrays(0, 0.0).items()}
        like["evaluated"] = (np.int64, (-1,))
        like |= {name: (np.float64, (-1, len(self.layout.seeds))) for name in like
                 if name.startswith("curve/")}
        saved = checkpoints.load(self.path, like, self.fingerprint, steps)
        if saved is None:
            return 0, 0.0
        self.check(saved)
        record, layout = self.record, self.layout
        layout.theta[...] = saved["theta"]
        for prefix, arrays in (("state/", self.state), ("buffer/", layout.buffers)):
            for name, memory in arrays.items():
                memory[...] = saved[prefix + name]
        record.stale, record.steps = int(saved["stale"]), saved["evaluated"].tolist()
        record.curves = {name: list(saved[f"curve/{name}"]) for name in record.curves}
        if "best" in saved:
            record.best, record.best_theta = saved["best"], saved["best_theta"]
            record.best_buffers = {name: saved[f"best_buffer/{name}"] for name in layout.buffers}
        return int(saved["step"]), float(saved["seconds"])


class _Measure:
    """Mean loss and accuracy in percent over x, y, for each seed, computed in pieces."""

    def __init__(self, model, loss: Callable, layout: Layout):
        self.step_of = functools.partial(_measured_step, model, loss, list(layout.shapes))
        self.layout = layout
        self.of_size: dict[int, Groups] = {}

    def __call__(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        total_loss, total_right = np.zeros(()), np.zeros(())
        for i in range(0, len(x), _ROWS_AT_ONCE):
            part, labels = x[i:i + _ROWS_AT_ONCE], y[i:i + _ROWS_AT_ONCE]
            if len(part) not in self.of_size:
                self.of_size[len(part)] = Groups(self.step_of, self.layout, (False, False))
            results = self.of_size[len(part)](part, labels)
            total_loss = total_loss + results["loss"].astype(np.float64) * len(part)
            total_right = total_right + results.get("right", 0)
        return total_loss / len(x), 100.0 * (total_right / len(x)) + 0.0 * total_loss


def _measured_step(model, loss: Callable, names: list, masks: dict) -> Callable:
    """The losses on a piece of the data, and how many of its labels are found, as a function of
    arrays. What the masks hold at 0 is 0 already."""
    def step(piece, fixed) -> dict[str, np.ndarray]:
        x, y = piece
        with engine.no_grad():
            outputs = model({name: engine.record(value) if name in names else value
                             for name, value in fixed.items()}, x)
            results = {"loss": loss(outputs, y).data}
        if y.dtype.kind in "iu":
            results["right"] = (outputs.data.argmax(-1) == y).sum(axis=-1)
        return results
    return step


def _signals(name: str, value) -> np.ndarray:
    """Finite float32, also after a number too large for that has been made it."""
    x = finite_array(name, value)
    with np.errstate(over="ignore"):
        small = x.astype(np.float32, copy=False)
    if not np.isfinite(small).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(small))[0])
        raise ValueError(f"{name} must be finite in float32 (up to 3.4e38); got {x[where]} at "
                         f"index {where}")
    return small


def _check_parts(model, optimizer, loss, augment) -> None:
    if isinstance(model, type) or not (hasattr(model, "init") and callable(model)):
        raise TypeError(f"model must be a model, such as nn.mlp(); got {shown(model)}")
    if not isinstance(optimizer, Optimizer):
        raise TypeError("optimizer must be one of optim, such as adam(1e-2); got "
                        f"{shown(optimizer)}")
    if not callable(loss):
        raise TypeError(f"loss must be a function such as nn.cross_entropy; got {shown(loss)}")
    if augment is not None and not callable(augment):
        raise TypeError(f"augment must be a function (x, rng) -> x; got {shown(augment)}")


def _checked_seeds(seeds) -> list[int]:
    if isinstance(seeds, Sequence) or (isinstance(seeds, np.ndarray) and seeds.ndim):
        seeds = [integer(f"seeds[{i}]", seed, 0, 2**32 - 1) for i, seed in enumerate(seeds)]
        if not seeds or len(set(seeds)) != len(seeds):
            raise ValueError(f"seeds must be one or more different integers; got {shown(seeds)}")
        return seeds
    return list(range(integer("seeds", seeds, low=1)))


def _checked_patience(patience, data: dict) -> int | None:
    if patience is None:
        return None
    if "x_val" not in data:
        raise ValueError("patience is set; it needs validation data, x_val and y_val")
    return integer("patience", patience, low=1)


def _checked_data(data) -> dict[str, np.ndarray]:
    """The splits that are given, x as read-only float32, y as an array; an error names the key."""
    if not isinstance(data, Mapping):
        raise TypeError(f"data must be a mapping with x and y; got {shown(data)}")
    checked = {}
    for split, suffix in _SPLITS.items():
        kx, ky = f"x{suffix}", f"y{suffix}"
        if split == "train" or data.get(kx) is not None or data.get(ky) is not None:
            for key in (kx, ky):
                if data.get(key) is None:
                    raise ValueError(f"data has no {key!r}; it must be a mapping with x and y, and "
                                     "x_val, y_val, x_test, y_test in pairs")
            x, y = _signals(f"data[{kx!r}]", data[kx]), any_array(f"data[{ky!r}]", data[ky])
            if x.ndim < 2 or y.ndim < 1 or len(x) != len(y) or len(x) == 0:
                raise ValueError(f"data[{kx!r}] and data[{ky!r}] must have shapes (N, ...) and "
                                 f"(N,) with the same N of at least 1; got {x.shape} and {y.shape}")
            checked[kx] = read_only(np.ascontiguousarray(x, np.float32))
            checked[ky] = y
    return checked
