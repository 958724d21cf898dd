"""All trained parameters of a run in one flat buffer, so that an optimiser works on one array."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mnist1d_edu import engine
from mnist1d_edu.arguments import any_array, finite_array, mapping, shown


class Layout:
    """The parameters of a model for all seeds, float32.

    theta, gradient: flat buffers; `views(flat)` shows the part of each parameter in its own shape,
    with a leading axis of seeds if there are several. buffers: what is not trained, by name. masks:
    for some parameters, zeros and ones of their shape. params: all that a model needs, tensors over
    theta, which see what an optimiser changes there between two tapes.
    """

    def __init__(self, model: Any, seeds: list[int], params: Mapping | None = None,
                 masks: Mapping | None = None):
        self.seeds = seeds
        self.lead = (len(seeds),) if len(seeds) > 1 else ()
        start = self._initial(model) if params is None else self._given(model, params)
        self.buffers = {name: np.array(start[name], np.float32) for name in model.buffers}
        trained = {name: np.asarray(value, np.float32) for name, value in start.items()
                   if name not in self.buffers}
        self.shapes = {name: value.shape for name, value in trained.items()}
        self.theta = np.concatenate([value.reshape(-1) for value in trained.values()])
        self.gradient = np.empty_like(self.theta)
        self.masks = {} if masks is None else self._checked_masks(masks)
        for name, mask in self.masks.items():
            self.views(self.theta)[name][...] *= mask
        shown = {name: read_only(view) for name, view in self.views(self.theta).items()}
        self.fixed = {**shown, **self.buffers}
        self.into = {**self.buffers, **{f"gradient of {name}": view for name, view in
                                        self.views(self.gradient).items()}}
        self.params = {**{name: engine.record(view) for name, view in shown.items()},
                       **self.buffers}

    def replicas(self, some: slice) -> tuple[dict, dict, dict]:
        """fixed, into and masks of some of the seeds, as views; of all, if there is no axis."""
        every = self.fixed, self.into, self.masks
        if not self.lead:
            return every
        fixed, into, masks = ({name: value[some] for name, value in one.items()} for one in every)
        return fixed, into, masks

    def views(self, flat: np.ndarray) -> dict[str, np.ndarray]:
        """The parameters in a flat buffer, by name."""
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes.values()])
        parts = np.split(flat, ends[:-1])
        return {name: part.reshape(shape) for (name, shape), part in
                zip(self.shapes.items(), parts, strict=True)}

    def with_axis(self, value: np.ndarray) -> np.ndarray:
        """A view with a leading axis of seeds, also if there is only one."""
        return value if self.lead else value[None]

    def named(self, theta: np.ndarray, buffers: dict) -> dict[str, np.ndarray]:
        """Copies of all parameters by name, each with a leading axis of seeds."""
        every = {**self.views(theta), **buffers}
        return {name: self.with_axis(value).copy() for name, value in every.items()}

    def _initial(self, model) -> dict[str, np.ndarray]:
        inits = [model.init(np.random.RandomState(seed)) for seed in self.seeds]
        return {name: np.stack([p[name] for p in inits]) if self.lead else inits[0][name]
                for name in inits[0]}

    def _given(self, model, params: Mapping) -> dict[str, np.ndarray]:
        """Given parameters in the model's order, with a seed axis only if there are several."""
        fresh = model.init(np.random.RandomState(0))
        if set(mapping("params", params)) != set(fresh):
            raise ValueError(f"params must have the model's names, {sorted(fresh)}; got "
                             f"{shown(list(params))}")
        checked = {}
        for name, like in fresh.items():
            value = finite_array(f"params[{name!r}]", params[name])
            if not self.lead and value.shape == (1, *like.shape):
                value = value[0]  # as History has them
            if value.shape != (*self.lead, *like.shape):
                axis = f", with a leading axis of {self.lead[0]} seeds" if self.lead else ""
                raise ValueError(f"params[{name!r}] must have shape {(*self.lead, *like.shape)}"
                                 f"{axis}; got {value.shape}")
            checked[name] = value
        return checked

    def _checked_masks(self, masks: Mapping) -> dict[str, np.ndarray]:
        checked = {}
        for name, mask in mapping("masks", masks).items():
            if name not in self.shapes:
                raise ValueError(f"masks must have names of {sorted(self.shapes)}; got "
                                 f"{shown(name)}")
            mask, full = any_array(f"masks[{name!r}]", mask), self.shapes[name]
            fits = mask.shape == full or (self.lead and mask.shape == full[1:])
            if not fits or not np.isin(mask, (0, 1)).all():
                raise ValueError(f"masks[{name!r}] must be zeros and ones of shape {full}; got "
                                 f"shape {mask.shape}")
            checked[name] = np.broadcast_to(mask, full).astype(np.float32)
        return checked


def read_only(array: np.ndarray) -> np.ndarray:
    """A view that a Tensor may keep without a copy."""
    view = array.view()
    view.flags.writeable = False
    return view
