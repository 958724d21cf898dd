"""The training loop: `fit` trains one model, or many replicas of it at once, and tells the story.

Built in lessons 03 (minibatches) and 06 (honest evaluation); UDL 6.2 and 8.5.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import io
import json
import math
import os
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from threadpoolctl import ThreadpoolController

from mnist1d_edu import engine
from mnist1d_edu.arguments import finite_array, integer
from mnist1d_edu.engine import Tensor
from mnist1d_edu.files import write_whole
from mnist1d_edu.nn import check_labels, cross_entropy
from mnist1d_edu.optim import Optimizer

_SPLITS = {"train": "", "val": "_val", "test": "_test"}
_MEASURES = tuple(f"{split}_{what}" for split in _SPLITS for what in ("loss", "accuracy"))
_ROWS_AT_ONCE = 1000  # examples evaluated in one go: small enough to stay in cache


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
        params = self.best_params if best else self.params
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

    def plot(self, ax=None):
        """Accuracy against steps, a band for the spread over seeds; returns the matplotlib axes."""
        from mnist1d_edu import plots
        return plots.learning_curves(self, ax=ax)


def _spread(values: np.ndarray, digits: int) -> str:
    spread = f" ± {values.std(ddof=1):.{digits}f}" if len(values) > 1 else ""
    return f"{values.mean():.{digits}f}{spread}"


def fit(model, data: Mapping, optimizer, steps: int = 6000, batch_size: int | None = 100,
        seeds: int | Sequence[int] = 1, shuffle: bool = False, loss: Callable = cross_entropy,
        eval_every: int = 250, masks: dict[str, np.ndarray] | None = None,
        patience: int | None = None, checkpoint: str | Path | None = None,
        params: dict[str, np.ndarray] | None = None, progress: bool = True) -> History:
    """Train `model` on data["x"] (N, ...), data["y"] (N,), once for each seed, all seeds at once.

    data may also have x_test, y_test, x_val, y_val, which are evaluated every `eval_every` steps
    (and before the first step, and after the last). seeds: a number n, for the seeds 0 to n - 1, or
    a list. Replica k is what a lone run with its seed is: its parameters are
    model.init(RandomState(seed)), its batches the same, and no replica sees another.

    batch_size: None is the whole training set. Batches come in file order, as in the paper, or,
    with `shuffle`, in a fresh order each epoch. masks: for some parameters, an array of zeros and
    ones (with or without a seed axis): where it is 0 the parameter is 0 and stays so. patience:
    stop after this many evaluations in which no seed improved its validation accuracy. checkpoint:
    a .npz file, written at each evaluation; if it is there, training goes on from it. params: start
    from these (each with a leading seed axis if there are several seeds) instead of model.init.

    Raises Diverged, naming step and seed, when a loss is not finite; ValueError and TypeError for
    arguments out of range. Lessons 03 and 06; UDL 6.2, 8.5.
    """
    run = _Run(model, data, optimizer, steps, batch_size, seeds, shuffle, loss, eval_every, masks,
               patience, checkpoint, params)
    _keep_freed_memory()
    with _one_thread():
        return run.train(progress)


def predict(model, params: dict, x) -> np.ndarray:
    """Logits for inputs x (N, ...): (N, C), or (S, N, C) if the parameters have a seed axis."""
    x = finite_array("x", x).astype(np.float32, copy=False)
    tensors = {name: Tensor(value) for name, value in params.items()}
    _keep_freed_memory()
    with _one_thread(), engine.no_grad():
        parts = [model(tensors, x[i:i + _ROWS_AT_ONCE]).data
                 for i in range(0, len(x), _ROWS_AT_ONCE)]
    return np.concatenate(parts, axis=-2)


def accuracy(model, params: dict, x, y):
    """The share of x classified as y, in percent: a number, or (S,) with a seed axis."""
    y = np.asarray(y)
    if y.shape != np.shape(x)[:1]:
        raise ValueError(f"y has shape {y.shape}; allowed is one label for each of the "
                         f"{len(x)} rows of x")
    return 100.0 * (predict(model, params, x).argmax(-1) == y).mean(axis=-1)


@functools.cache
def _threadpools() -> ThreadpoolController:
    return ThreadpoolController()


def _one_thread():
    """BLAS with one thread: on products of a batch with a small layer, more are slower."""
    return _threadpools().limit(limits=1, user_api="blas")


def _keep_freed_memory() -> None:
    """Keep the C library from giving a step's memory back to the system, only to fetch it anew.

    glibc's malloc maps large blocks one by one and unmaps them when freed, and every new page costs
    a fault: with several seeds, a large part of a step. It raises its limits to the largest one it
    has seen freed, up to 32 MB (mallopt(3), M_MMAP_THRESHOLD), so one is freed here; never touched,
    it costs nothing. On other systems nothing happens.
    """
    np.empty(31 << 20, np.uint8)


class _Run:
    """The state of one call of `fit`."""

    def __init__(self, model, data, optimizer, steps, batch_size, seeds, shuffle, loss, eval_every,
                 masks, patience, checkpoint, params):
        _check_parts(model, optimizer, loss)
        self.model, self.optimizer, self.loss, self.shuffle = model, optimizer, loss, shuffle
        self.steps = integer("steps", steps, low=0)
        self.eval_every = integer("eval_every", eval_every, low=1)
        self.seeds = _checked_seeds(seeds)
        self.data = _checked_data(data)
        n = len(self.data["x"])
        self.batch_size = n if batch_size is None else integer("batch_size", batch_size, 1, n)
        self.patience = None if patience is None else integer("patience", patience, low=1)
        if patience is not None and "x_val" not in self.data:
            raise ValueError("patience is set; it needs validation data, x_val and y_val")
        self.checkpoint = None if checkpoint is None else Path(checkpoint)
        self._lay_out(params)
        self._check_model()
        self.mask = None if masks is None else self._flat_mask(masks)
        self.kept = [None] * len(self.shapes)  # the mask of each trained parameter
        if self.mask is not None:
            self.theta *= self.mask
            self.kept = list(self._views(self.mask).values())
        self.state = optimizer.flat_state(self.theta)
        self.scratch = np.empty_like(self.theta)
        self.step, self.seconds, self.stale, self.epoch = 0, 0.0, 0, None
        self.evaluated: list[int] = []
        self.curves = {name: [] for name in _MEASURES if f"x{_SPLITS[name.split('_')[0]]}"
                       in self.data}
        self.best, self.best_theta, self.best_buffers = None, None, None
        self.fingerprint = self._fingerprint()

    def _lay_out(self, params) -> None:
        """All trained parameters in one flat buffer, with a view and a gradient view for each."""
        several = len(self.seeds) > 1
        if params is None:
            inits = [self.model.init(np.random.RandomState(seed)) for seed in self.seeds]
            params = {name: np.stack([p[name] for p in inits]) if several else inits[0][name]
                      for name in inits[0]}
        else:
            params = self._checked_params(params)
        self.buffers = {name: np.asarray(params[name], np.float32) for name in self.model.buffers}
        trained = {name: np.asarray(value, np.float32) for name, value in params.items()
                   if name not in self.buffers}
        self.shapes = {name: value.shape for name, value in trained.items()}
        self.theta = np.concatenate([value.reshape(-1) for value in trained.values()])
        self.gradient = np.empty_like(self.theta)
        self.gradient_views = self._views(self.gradient)
        # tensors over read-only views: the optimiser changes what they show, between two tapes
        self.tensors = {name: Tensor(_read_only(view)) for name, view in
                        self._views(self.theta).items()}

    def _checked_params(self, params) -> dict[str, np.ndarray]:
        """Given parameters in the model's order, with a seed axis only if there are several."""
        fresh = self.model.init(np.random.RandomState(0))
        if set(params) != set(fresh):
            raise ValueError(f"params has the names {sorted(params)}; allowed are the model's, "
                             f"{sorted(fresh)}")
        lead = (len(self.seeds),) if len(self.seeds) > 1 else ()
        checked = {}
        for name, like in fresh.items():
            value = finite_array(f"params[{name!r}]", params[name])
            if not lead and value.shape == (1, *like.shape):
                value = value[0]  # as History has them
            if value.shape != (*lead, *like.shape):
                axis = f", with a leading axis of {lead[0]} seeds" if lead else ""
                raise ValueError(f"params[{name!r}] has shape {value.shape}; allowed is "
                                 f"{(*lead, *like.shape)}{axis}")
            checked[name] = value
        return checked

    def _views(self, flat: np.ndarray) -> dict[str, np.ndarray]:
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes.values()])
        parts = np.split(flat, ends[:-1])
        return {name: part.reshape(shape) for (name, shape), part in
                zip(self.shapes.items(), parts, strict=True)}

    def _check_model(self) -> None:
        with engine.no_grad():
            logits = self.model({**self.tensors, **self.buffers}, self.data["x"][:1])
        for suffix in _SPLITS.values():
            if f"y{suffix}" in self.data and self.data[f"y{suffix}"].dtype.kind in "iu":
                check_labels(self.data[f"y{suffix}"], classes=logits.shape[-1])

    def _flat_mask(self, masks) -> np.ndarray:
        flat = np.ones_like(self.theta)
        views = self._views(flat)
        for name, mask in masks.items():
            if name not in views:
                raise ValueError(f"masks has the name {name!r}; allowed are {sorted(views)}")
            mask, full = np.asarray(mask), views[name].shape
            fits = mask.shape == full or (len(self.seeds) > 1 and mask.shape == full[1:])
            if not fits or not np.isin(mask, (0, 1)).all():
                raise ValueError(f"masks[{name!r}] has shape {mask.shape}; allowed are zeros and "
                                 f"ones of shape {views[name].shape}")
            views[name][...] = mask
        return flat

    def train(self, progress: bool) -> History:
        from tqdm.auto import tqdm
        self._resume()
        began = time.perf_counter() - self.seconds
        # the notebook's bar does not heed this variable by itself
        silent = not progress or bool(os.environ.get("TQDM_DISABLE"))
        with tqdm(total=self.steps, initial=self.step, delay=2, disable=silent, unit="step",
                  leave=False) as bar:
            while True:
                due = self.step % self.eval_every == 0 or self.step == self.steps
                if due and self.step not in self.evaluated:
                    self._evaluate()
                    self.seconds = time.perf_counter() - began
                    self._save()
                if self.step >= self.steps or (self.patience and self.stale >= self.patience):
                    break
                self._one_step()
                self.step += 1
                bar.update()
        self.seconds = time.perf_counter() - began
        return self._history()

    def _one_step(self) -> None:
        x, y = self._batch()
        updates = {} if self.buffers else None
        params = {**self.tensors, **self.buffers} if self.buffers else self.tensors
        losses = self.loss(self.model(params, x, {} if updates is None else updates), y)
        self._check_finite(losses.data)
        slopes = engine.grad(losses, self.tensors.values(), np.ones_like(losses.data))
        for view, slope, kept in zip(self.gradient_views.values(), slopes, self.kept, strict=True):
            if kept is None:
                view[...] = slope.data
            else:
                np.multiply(slope.data, kept, out=view)
        self.optimizer.step_flat(self.step, self.theta, self.gradient, self.state, self.scratch)
        if updates:
            self.buffers.update(updates)

    def _batch(self) -> tuple[np.ndarray, np.ndarray]:
        x, y, n, size = self.data["x"], self.data["y"], len(self.data["x"]), self.batch_size
        if not self.shuffle:
            start = self.step * size % n  # as in the paper's code: a last batch may be short
            return x[start:start + size], y[start:start + size]
        epoch, place = divmod(self.step, -(-n // size))
        if epoch != self.epoch:
            orders = [np.random.default_rng([seed, epoch]).permutation(n) for seed in self.seeds]
            self.orders = np.stack(orders) if len(orders) > 1 else orders[0]
            self.epoch = epoch
        rows = self.orders[..., place * size:(place + 1) * size]
        return _read_only(x.take(rows, axis=0)), y.take(rows, axis=0)

    def _check_finite(self, losses) -> None:
        if math.isfinite(losses.sum()) or np.isfinite(losses).all():  # the sum: one pass for most
            return
        bad = np.flatnonzero(~np.isfinite(np.atleast_1d(losses)))
        which = ", ".join(str(self.seeds[k]) for k in bad)
        raise Diverged(f"the loss is {np.atleast_1d(losses)[bad[0]]} at step {self.step} for seed "
                       f"{which}: try a smaller learning rate than {self.optimizer}")

    def _evaluate(self) -> None:
        params = {**self.tensors, **self.buffers}
        for split, suffix in _SPLITS.items():
            if f"x{suffix}" not in self.data:
                continue
            loss, share = _measure(self.model, self.loss, params, self.data[f"x{suffix}"],
                                   self.data[f"y{suffix}"])
            self._check_finite(loss)
            self.curves[f"{split}_loss"].append(np.atleast_1d(loss))
            self.curves[f"{split}_accuracy"].append(np.atleast_1d(share))
        self.evaluated.append(self.step)
        if "val_accuracy" in self.curves:
            self._keep_best(self.curves["val_accuracy"][-1])

    def _keep_best(self, now: np.ndarray) -> None:
        if self.best is None:
            self.best = np.full(len(self.seeds), -np.inf)
            self.best_theta = self.theta.copy()
            self.best_buffers = {name: b.copy() for name, b in self.buffers.items()}
        better = now > self.best
        self.best = np.maximum(now, self.best)
        self.stale = 0 if better.any() else self.stale + 1
        pairs = [(self._views(self.best_theta)[name], view)
                 for name, view in self._views(self.theta).items()]
        pairs += [(self.best_buffers[name], b) for name, b in self.buffers.items()]
        for kept, current in pairs:
            rows = kept if len(self.seeds) > 1 else kept[None]
            rows[better] = (current if len(self.seeds) > 1 else current[None])[better]

    def _history(self) -> History:
        def with_axis(theta, buffers):
            named = {**self._views(theta.copy()), **buffers}
            return {name: value if len(self.seeds) > 1 else value[None] for name, value in
                    named.items()}
        best = None if self.best is None else with_axis(self.best_theta, self.best_buffers)
        return History(seeds=self.seeds, steps=np.array(self.evaluated), seconds=self.seconds,
                       params=with_axis(self.theta, self.buffers), best_params=best,
                       **{name: np.array(curve) for name, curve in self.curves.items()})

    # ------------------------------------------------------------------ checkpoints

    def _fingerprint(self) -> str:
        """A name for everything that the result depends on, except the number of steps."""
        parts = [repr(self.model), repr(self.optimizer), repr(self.seeds), self.batch_size,
                 self.shuffle, self.eval_every, _described(self.loss), self.patience]
        digest = hashlib.sha256(json.dumps(parts, default=str).encode())
        for name in sorted(self.data):
            digest.update(np.ascontiguousarray(self.data[name]).tobytes())
        masks = [] if self.mask is None else [self.mask]
        for start in (self.theta, *self.buffers.values(), *masks):
            digest.update(start.tobytes())
        return digest.hexdigest()

    def _save(self) -> None:
        if self.checkpoint is None:
            return
        arrays = {"theta": self.theta, "step": self.step, "seconds": self.seconds,
                  "stale": self.stale, "evaluated": self.evaluated,
                  "fingerprint": self.fingerprint}
        arrays |= {f"state/{k}": v for k, v in self.state.items()}
        arrays |= {f"buffer/{k}": v for k, v in self.buffers.items()}
        arrays |= {f"curve/{k}": np.array(v) for k, v in self.curves.items()}
        if self.best is not None:
            arrays |= {"best": self.best, "best_theta": self.best_theta}
            arrays |= {f"best_buffer/{k}": v for k, v in self.best_buffers.items()}
        content = io.BytesIO()
        np.savez(content, **arrays)
        write_whole(self.checkpoint, content.getvalue())

    def _resume(self) -> None:
        if self.checkpoint is None or not self.checkpoint.exists():
            return
        try:
            if not zipfile.is_zipfile(self.checkpoint):
                raise ValueError("not a .npz file")
            with np.load(self.checkpoint, allow_pickle=False) as file:
                saved = {name: file[name] for name in file.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"checkpoint {self.checkpoint} cannot be read ({error}); allowed is "
                             "a file that fit wrote: move it away to start anew") from None
        if str(saved.get("fingerprint")) != self.fingerprint:
            raise ValueError(f"checkpoint {self.checkpoint} is of another run (other data, model, "
                             "seeds or settings); allowed is this run's own: name another file")
        self.theta[...] = saved["theta"]
        self.step, self.seconds = int(saved["step"]), float(saved["seconds"])
        self.stale, self.evaluated = int(saved["stale"]), saved["evaluated"].tolist()
        self.state = _group(saved, "state/")
        self.buffers = _group(saved, "buffer/")
        self.curves = {name: list(value) for name, value in _group(saved, "curve/").items()}
        if "best" in saved:
            self.best, self.best_theta = saved["best"], saved["best_theta"]
            self.best_buffers = _group(saved, "best_buffer/")


def _measure(model, loss, params, x, y) -> tuple[np.ndarray, np.ndarray]:
    """Mean loss and accuracy in percent over x, y, for each seed, computed in pieces."""
    total_loss, total_right = 0.0, 0.0
    with engine.no_grad():
        for i in range(0, len(x), _ROWS_AT_ONCE):
            part, labels = x[i:i + _ROWS_AT_ONCE], y[i:i + _ROWS_AT_ONCE]
            outputs = model(params, part)
            total_loss = total_loss + loss(outputs, labels).data.astype(np.float64) * len(part)
            if labels.dtype.kind in "iu":
                total_right = total_right + (outputs.data.argmax(-1) == labels).sum(axis=-1)
    return total_loss / len(x), 100.0 * (total_right / len(x)) + 0.0 * total_loss


def _group(saved: dict, prefix: str) -> dict:
    return {name.removeprefix(prefix): value for name, value in saved.items()
            if name.startswith(prefix)}


def _read_only(array: np.ndarray) -> np.ndarray:
    """A view that a Tensor may keep without a copy."""
    view = array.view()
    view.flags.writeable = False
    return view


def _described(f: Callable) -> str:
    """A function's name and fixed arguments: the same in every process."""
    if isinstance(f, functools.partial):
        return f"{_described(f.func)}{f.args}{f.keywords}"
    return getattr(f, "__qualname__", type(f).__qualname__)


def _check_parts(model, optimizer, loss) -> None:
    if isinstance(model, type) or not (hasattr(model, "init") and callable(model)):
        raise TypeError(f"model is {model!r}; allowed is a model, such as nn.mlp()")
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer is {optimizer!r}; allowed is one of optim, such as adam(1e-2)")
    if not callable(loss):
        raise TypeError(f"loss is {loss!r}; allowed is a function such as nn.cross_entropy")


def _checked_seeds(seeds) -> list[int]:
    if isinstance(seeds, Sequence) or (isinstance(seeds, np.ndarray) and seeds.ndim):
        seeds = [integer(f"seeds[{i}]", seed, 0, 2**32 - 1) for i, seed in enumerate(seeds)]
        if not seeds or len(set(seeds)) != len(seeds):
            raise ValueError(f"seeds is {seeds}; allowed are one or more different integers")
        return seeds
    return list(range(integer("seeds", seeds, low=1)))


def _checked_data(data) -> dict[str, np.ndarray]:
    """The splits that are given, x as read-only float32, y as an array; an error names the key."""
    if not isinstance(data, Mapping):
        raise TypeError(f"data is of type {type(data).__name__}; allowed is a mapping with x and y")
    checked = {}
    for split, suffix in _SPLITS.items():
        kx, ky = f"x{suffix}", f"y{suffix}"
        if split == "train" or data.get(kx) is not None or data.get(ky) is not None:
            for key in (kx, ky):
                if data.get(key) is None:
                    raise ValueError(f"data has no {key!r}; allowed is a mapping with x and y, and "
                                     "x_val, y_val, x_test, y_test in pairs")
            x, y = finite_array(f"data[{kx!r}]", data[kx]), np.asarray(data[ky])
            if x.ndim < 2 or y.ndim < 1 or len(x) != len(y) or len(x) == 0:
                raise ValueError(f"data[{kx!r}] has shape {x.shape} and data[{ky!r}] {y.shape}; "
                                 "allowed are (N, ...) and (N,) with the same N of at least 1")
            checked[kx] = _read_only(np.ascontiguousarray(x, np.float32))
            checked[ky] = y
    return checked
