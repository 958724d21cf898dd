"""15.train_masked: training in which pruned weights stay 0 (UDL 20.2.7)."""

from __future__ import annotations

from functools import partial

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def train_masked(update, params, masks, steps):
    params = masked(params, masks)
    for step in range(steps):
        params = masked(update(params, step), masks)
    return params


def masked(params, masks):
    """The parameters with zeros where a mask has them; those without a mask as they are."""
    return {name: value * masks[name] if name in masks else value
            for name, value in params.items()}


def toy_update(params, step):
    """Stands for a step: it moves every parameter, also one that is 0, by what the others are."""
    total = sum(value.sum() for value in params.values())
    return {name: 0.8 * value + 0.1 * np.roll(value, 1) + 0.05 * (step + 1) - 0.02 * total
            for name, value in params.items()}


def trainings(rng: np.random.RandomState) -> list[tuple]:
    """update, params with names "weight" and "bias", masks for some of them, steps: one step; no
    step; several, with a parameter that has no mask."""
    def layer(*shape):
        return rng.randn(*shape)

    def mask(*shape):
        return (rng.permutation(np.prod(shape)).reshape(shape) % 3 > 0) * 1.0
    first = {"weight": np.array([[2.0, -1.0, 3.0]])}, {"weight": np.array([[1.0, 0.0, 1.0]])}
    return [(toy_update, *first, 1),
            (toy_update, {"weight": layer(2, 3)}, {"weight": mask(2, 3)}, 0),
            (toy_update, {"weight": layer(3, 4), "bias": layer(3)}, {"weight": mask(3, 4)}, 2),
            (toy_update, {"a.weight": layer(4, 3), "a.bias": layer(4), "b.weight": layer(2, 4)},
             {"a.weight": mask(4, 3), "b.weight": mask(2, 4)}, 5)]


# ---- what students write
def training(update, params, masks, steps, *, first=masked, each=masked, last=masked,
             number=lambda step: step):
    """The reference, with places where a mistake can sit."""
    params = first(params, masks)
    for step in range(steps):
        params = each(update(params, number(step)), masks)
    return last(params, masks)


def as_they_are(params, masks):
    return params


def masked_only_before_each_step(update, params, masks, steps):
    for step in range(steps):
        params = update(masked(params, masks), step)
    return params


def nothing_kept(update, params, masks, steps):
    params = masked(params, masks)
    for step in range(steps):
        update(params, step)
    return params


def written_into_params(update, params, masks, steps):
    for name, mask in masks.items():
        params[name] *= mask
    return train_masked(update, params, masks, steps)


def without_those_that_have_no_mask(update, params, masks, steps):
    params = {name: params[name] * masks[name] for name in masks}
    for step in range(steps):
        new = update(params, step)
        params = {name: new[name] * masks[name] for name in masks}
    return params


def a_mask_for_every_name(params, masks):
    return {name: value * masks[name] for name, value in params.items()}


def frozen(update, params, masks, steps):
    for step in range(steps):
        new = update(params, step)
        params = {name: value + masks.get(name, 1) * (new[name] - value)
                  for name, value in params.items()}
    return params


def inverted(params, masks):
    return masked(params, {name: 1 - mask for name, mask in masks.items()})


def one_step_too_many(update, params, masks, steps):
    return train_masked(update, params, masks, steps + 1)


# ---- other right answers
def get_with_a_default(update, params, masks, steps):
    now = {name: value * masks.get(name, 1.0) for name, value in params.items()}
    step = 0
    while step < steps:
        now = update(now, step)
        now = {name: value * masks.get(name, 1.0) for name, value in now.items()}
        step += 1
    return now


def copies_and_zeros(update, params, masks, steps):
    now = {name: value.copy() for name, value in params.items()}
    for step in range(-1, steps):
        if step >= 0:
            now = update(now, step)
        for name in masks:
            now[name] = np.where(masks[name] == 0, 0, now[name])
    return now


def masked_and_changed_only_where_kept(update, params, masks, steps):
    params = masked(params, masks)
    for step in range(steps):
        new = update(params, step)
        params = {name: value + masks.get(name, 1) * (new[name] - value)
                  for name, value in params.items()}
    return params


EXERCISE = Exercise(
    "15.train_masked", "Training a pruned net", train_masked, probes=trainings, points=2,
    hints=(
        "When could a pruned weight be anything but 0? Before the first step, since `params` are "
        "whole; and after each update, which moves all weights.",
        "Write a small function that multiplies each parameter by its mask, if it has one: "
        "`{name: value * masks.get(name, 1) for name, value in params.items()}`. It makes a new "
        "dict, and new arrays where there is a mask.",
        "`params = masked(params)` before the loop over `range(steps)`, and in it "
        "`params = masked(update(params, step))`.",
    ),
    mistakes={
        "the first update still saw the pruned weights: mask the parameters before the first step "
        "too":
            partial(training, first=as_they_are),
        "you masked only at the end: in between, the pruned weights took part in the training; "
        "mask after every update":
            partial(training, first=as_they_are, each=as_they_are),
        "you masked only before the first step, and the updates bring the pruned weights back: "
        "mask again after every update":
            partial(training, each=as_they_are, last=as_they_are),
        "you masked before the first step and at the end only: in between, the pruned weights come "
        "back and take part; mask after every update":
            partial(training, each=as_they_are),
        "after the last update you did not mask: the net that you return has its pruned weights "
        "back":
            masked_only_before_each_step,
        "you never used the masks: this is the training of the dense net":
            partial(training, first=as_they_are, each=as_they_are, last=as_they_are),
        "you froze the pruned weights at their first values: pruned means 0, so mask the "
        "parameters before the first step":
            frozen,
        "your masks are the wrong way round: 1 means that a weight stays":
            partial(training, first=inverted, each=inverted, last=inverted),
        "you called update without keeping what it returns, so nothing was learned: "
        "params = ... update(params, step)":
            nothing_kept,
        "you wrote zeros into the arrays that you were given: the first weights are needed for the "
        "next rewind, so leave them as they are":
            written_into_params,
        "parameters that have no mask are gone: they are trained whole, so keep them as they are":
            without_those_that_have_no_mask,
        "not every parameter has a mask (biases have none): `masks.get(name, 1)` leaves those "
        "as they are":
            partial(training, first=a_mask_for_every_name, each=a_mask_for_every_name),
        "your steps count from 1: update is to be given step 0, 1, ..., steps - 1":
            partial(training, number=lambda step: step + 1),
        "you did one update too many: `steps` of them, range(steps)": one_step_too_many,
    },
    musts={
        "where a mask is 0, the trained weight must be 0":
            lambda result, update, params, masks, steps: all(
                (result[name][mask == 0] == 0).all() for name, mask in masks.items()),
    },
    variants={
        "masks.get, and a while loop": get_with_a_default,
        "copies, with zeros written into them": copies_and_zeros,
        "masked at first, then changed only where kept": masked_and_changed_only_where_kept,
    },
)
