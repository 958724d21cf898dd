"""01.transform: all steps in a row, from a template to a signal."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_01.add_noise import add_noise
from mnist1d_edu.course.exercises.lesson_01.pad import pad
from mnist1d_edu.course.exercises.lesson_01.shear import shear
from mnist1d_edu.course.exercises.lesson_01.streams import (
    drive_with,
    in_double_precision,
    stream,
)
from mnist1d_edu.course.exercises.lesson_01.stretch import stretch
from mnist1d_edu.transform import smooth
from mnist1d_edu.transform import transform as package_transform


def transform(template, args, rng):
    x = stretch(pad(template + 1e-8, *args["padding"], rng), 72)
    x = x * (1 + args["scale_coeff"] * (rng.random_sample() - 0.5))
    x = translate(x, args["max_translation"], rng)
    x = add_noise(x, args["corr_noise_scale"], args["iid_noise_scale"], rng)
    return stretch(shear(x, args["shear_scale"], rng), 40)


def translate(x, max_translation, rng):
    return np.roll(x, rng.randint(max_translation))


SETTINGS = {"padding": [36, 60], "scale_coeff": 0.4, "max_translation": 48,
            "corr_noise_scale": 0.25, "iid_noise_scale": 0.02, "shear_scale": 0.75}


def templates(rng: np.random.RandomState) -> list[tuple]:
    """template (12,), args, rng: each transformation nearly alone, then all together."""
    template = np.array([0, 0.4, 0.6, 0.5, 0.2, 0, 0.1, 0.4, 0.6, 0.5, -0.2, 0])
    off = {"padding": [60, 60], "scale_coeff": 0, "max_translation": 1, "corr_noise_scale": 0,
           "iid_noise_scale": 0, "shear_scale": 0}
    return [(template, {**off, "padding": [36, 60]}, stream(rng)),
            (template, {**off, "scale_coeff": 0.4}, stream(rng)),
            (template, {**off, "max_translation": 48, "shear_scale": 0.75}, stream(rng)),
            (template, dict(SETTINGS), stream(rng)), (rng.randn(12), dict(SETTINGS), stream(rng)),
            (template, {**SETTINGS, "padding": [48, 48]}, stream(rng))]


# What to change in args so that a step and all after it do nothing.
STEPS = (("the padding with the stretches", {}), ("the scaling", {"scale_coeff": 0}),
         ("the translation", {"max_translation": 1}),
         ("the noise", {"corr_noise_scale": 0, "iid_noise_scale": 0}),
         ("the shear", {"shear_scale": 0}))


def up_to(number: int):
    """The arguments, with all steps after this one doing nothing."""
    off = {key: value for _, step in STEPS[number + 1:] for key, value in step.items()}
    return lambda template, args, rng: (template, {**args, **off}, rng)


# ---- what students write, step by step: each takes (x, args, rng)
def in_turn(*steps):
    """The transformation of these steps, one after the other."""
    def transform(template, args, rng):
        x = template
        for step in steps:
            x = step(x, args, rng)
        return x
    return transform


def lifted(x, args, rng):
    return x + 1e-8


def padded(x, args, rng):
    return pad(x, *args["padding"], rng)


def stretched(x, args, rng):
    return stretch(x, 72)


def scaled(x, args, rng):
    return x * (1 + args["scale_coeff"] * (rng.random_sample() - 0.5))


def scaled_up_only(x, args, rng):
    return x * (1 + args["scale_coeff"] * rng.random_sample())


def scaled_around_zero(x, args, rng):
    return x * (args["scale_coeff"] * (rng.random_sample() - 0.5))


def moved(x, args, rng):
    return translate(x, args["max_translation"], rng)


def noisy(x, args, rng):
    return add_noise(x, args["corr_noise_scale"], args["iid_noise_scale"], rng)


def tilted(x, args, rng):
    return shear(x, args["shear_scale"], rng)


def reduced(x, args, rng):
    return stretch(x, 40)


def the_packages_own(template, args, rng):
    return package_transform(template, template, dict(args), rng=rng)[0]


# ---- other right answers
def in_one_function(template, args, rng):
    low, high = args["padding"]
    x = np.append(template + 1e-8, np.zeros(low + int(rng.rand() * (high - low + 1))))
    x = np.interp(np.linspace(0, 1, 72), np.linspace(0, 1, len(x)), x)
    x *= 1 + args["scale_coeff"] * (rng.rand() - 0.5)
    x = np.roll(x, rng.randint(args["max_translation"]))
    noise = args["corr_noise_scale"] * smooth(rng.randn(72))
    x = np.where(x == 0, noise, x) + args["iid_noise_scale"] * rng.randn(72)
    x = x - args["shear_scale"] * (rng.rand() - 0.5) * np.linspace(-0.5, 0.5, 72)
    return np.interp(np.linspace(0, 1, 40), np.linspace(0, 1, 72), x)


EXERCISE = Exercise(
    "01.transform", "From a template to a signal", transform, points=2, probes=templates,
    drive=drive_with("template", "args", "rng"),
    stages=[(name, up_to(i)) for i, (name, _) in enumerate(STEPS)],
    hints=(
        "One line a step, each `x = ...`, in the order of the list. Only the third step, the "
        "scale, has no function yet.",
        "The scale: `x = x * (1 + args[\"scale_coeff\"] * (rng.random_sample() - 0.5))`. The 1e-8 "
        "is added to the template *before* it is padded.",
        "`x = padded(template + 1e-8, *args[\"padding\"], rng)`, then `x = stretched(x, 72)`, the "
        "scale, and so on; last `stretched(x, 40)`.",
    ),
    mistakes={
        "the 1e-8 is missing: a template's own zeros are then taken for padding, and noise is put "
        "on them":
            in_turn(padded, stretched, scaled, moved, noisy, tilted, reduced),
        "you added the 1e-8 after padding: then the padding is not 0 either, and gets no "
        "correlated noise":
            in_turn(padded, lifted, stretched, scaled, moved, noisy, tilted, reduced),
        "you forgot to stretch to 72 after padding: without it nothing is dilated, and signals of "
        "different padding have different lengths":
            in_turn(lifted, padded, scaled, moved, noisy, tilted, reduced),
        "you went to 40 samples at once: all the steps in between work at 72, and only the last "
        "one goes down to 40":
            in_turn(lifted, padded, reduced, scaled, moved, noisy, tilted, reduced),
        "you forgot the last step: the finished signal has 40 samples":
            in_turn(lifted, padded, stretched, scaled, moved, noisy, tilted),
        "your noise comes before the translation: the draws are then in another order, and you get "
        "another dataset. Move first":
            in_turn(lifted, padded, stretched, scaled, noisy, moved, tilted, reduced),
        "your shear comes before the noise: it tilts the padding too, so that no zero is left for "
        "the correlated noise to fill. Noise first":
            in_turn(lifted, padded, stretched, scaled, moved, tilted, noisy, reduced),
        "your scale is 1 + scale_coeff * u: signals only grow. Take u − ½, and as many shrink as "
        "grow":
            in_turn(lifted, padded, stretched, scaled_up_only, moved, noisy, tilted, reduced),
        "you stretch to the template's length plus padding[1], which is 72 for the dataset's own "
        "settings and not for others: here it is always 72":
            the_packages_own,
        "the scale is missing, and so is its draw: everything that is drawn afterwards comes out "
        "differently, too":
            in_turn(lifted, padded, stretched, moved, noisy, tilted, reduced),
        "you multiplied by scale_coeff * (u − ½), which lies around 0 and can turn the signal "
        "upside down: multiply by 1 plus that":
            in_turn(lifted, padded, stretched, scaled_around_zero, moved, noisy, tilted, reduced),
    },
    musts={
        "keep double precision (float64): in single precision it would be another dataset, with "
        "another fingerprint":
            in_double_precision,
    },
    variants={
        "in one function": in_one_function,
    },
)
