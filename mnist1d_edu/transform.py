"""From a template to a sample: pad, dilate, scale, translate, add noise, shear, subsample.

Built by the student in lesson 01. Names and arguments are those of the package `mnist1d`. Like
its functions, the ones here that need chance draw from NumPy's global legacy stream, unless they
are given an explicit `rng` (numpy.random.RandomState).

Time is the first axis everywhere in this module, so one function serves a single signal (L,) and
a block of n signals (L, n); `data.make_dataset` uses it on blocks.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from functools import lru_cache
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from mnist1d_edu.arguments import (
    MOST_SIZE,
    any_array,
    finite_array,
    integer,
    one_of,
    real,
    shown,
    size,
)

EPSILON = 1e-8      # added to a template, so that its own zeros are told from the padding's
RADIUS = 8          # taps on each side of the Gaussian's centre: four standard deviations
SIGMA = 2.0         # of the Gaussian that correlates the noise, in samples of the dilated signal

DEFAULTS: dict[str, Any] = {
    "num_samples": 5000, "train_split": 0.8, "template_len": 12, "padding": [36, 60],
    "scale_coeff": 0.4, "max_translation": 48, "corr_noise_scale": 0.25,
    "iid_noise_scale": 2e-2, "shear_scale": 0.75, "shuffle_seq": False,
    "final_seq_length": 40, "seed": 42,
    "url": "https://github.com/greydanus/mnist1d/raw/master/mnist1d_data.pkl",
}


def checked_args(args: object = None) -> SimpleNamespace:
    """The dataset's arguments, checked; a name that `args` (dictionary or object) lacks keeps
    its default.

    Raises ValueError or TypeError naming the argument, what it must be and what it was; an
    unknown name is answered with the nearest known one.
    """
    values = DEFAULTS | _given(args)
    low, high = _checked_padding(values["padding"])
    shuffle, seed, url = values["shuffle_seq"], values["seed"], values["url"]
    if not isinstance(shuffle, (bool, np.bool_, int)) or shuffle not in (0, 1):
        raise TypeError(f"shuffle_seq must be True or False; got {shown(shuffle)}")
    if not isinstance(url, str):
        raise TypeError(f"url must be a string; got {shown(url)}")
    return SimpleNamespace(
        num_samples=integer("num_samples", values["num_samples"], 1),
        train_split=real("train_split", values["train_split"], high=1, above=0),
        template_len=integer("template_len", values["template_len"], 2, MOST_SIZE),
        padding=[low, high],
        scale_coeff=real("scale_coeff", values["scale_coeff"], 0),
        max_translation=integer("max_translation", values["max_translation"], 1, 2**31),
        corr_noise_scale=real("corr_noise_scale", values["corr_noise_scale"], 0),
        iid_noise_scale=real("iid_noise_scale", values["iid_noise_scale"], 0),
        shear_scale=real("shear_scale", values["shear_scale"], 0),
        shuffle_seq=bool(shuffle),
        final_seq_length=integer("final_seq_length", values["final_seq_length"], 2, MOST_SIZE),
        seed=None if seed is None else integer("seed", seed, 0, 2**32 - 1),
        url=url)


def pad(x: np.ndarray, padding: Sequence[int], rng: np.random.RandomState | None = None
        ) -> np.ndarray:
    """`x` followed by p zeros along its last axis, p uniform in {padding[0], ..., padding[1]}.

    x: (..., L); returns (..., L + p). One draw of a uniform number.
    """
    x = _signal(x)
    low, high = _checked_padding(padding)
    p = low + int(_stream(rng).random_sample() * (high - low + 1))
    return np.concatenate([x, np.zeros((*x.shape[:-1], p))], axis=-1)


def translate(x: np.ndarray, max_translation: int, rng: np.random.RandomState | None = None
              ) -> np.ndarray:
    """`x` rolled to the right by k, uniform in {0, ..., max_translation - 1}; a k of at least
    the length is no roll. x: (L,) or (L, ...). One draw of an integer (none if k can only be 0).
    """
    x = _signal(x)
    k = _stream(rng).randint(integer("max_translation", max_translation, 1, 2**31))
    return np.roll(x, k if k < len(x) else 0, axis=0)


def corr_noise_like(x: np.ndarray, scale: float, rng: np.random.RandomState | None = None
                    ) -> np.ndarray:
    """Gaussian noise of the shape of `x` and standard deviation `scale`, then smoothed along
    every axis (see `smooth`; neighbours are then alike, and the spread is smaller)."""
    noise = iid_noise_like(_signal(x), scale, rng)
    for axis in range(noise.ndim):
        noise = np.moveaxis(smooth(np.moveaxis(noise, axis, 0)), 0, axis)
    return noise


def iid_noise_like(x: np.ndarray, scale: float, rng: np.random.RandomState | None = None
                   ) -> np.ndarray:
    """Independent Gaussian noise of the shape of `x` and standard deviation `scale`."""
    shape = _signal(x, least=0).shape
    return real("scale", scale, 0) * _stream(rng).standard_normal(shape)


def shear(x: np.ndarray, scale: float = 10, rng: np.random.RandomState | None = None) -> np.ndarray:
    """`x` minus a line from -c/2 to c/2, c uniform in [-scale/2, scale/2). x: (L,) or (..., L).

    One draw of a uniform number.
    """
    x = _signal(x)
    slope = real("scale", scale, 0) * (_stream(rng).random_sample() - 0.5)
    return x - slope * shear_line(x.shape[-1])


def shear_line(length: int) -> np.ndarray:
    """The line that `shear` subtracts for a slope of 1: `length` numbers from -1/2 to 1/2."""
    return _shear_line(size("length", length))


@lru_cache(maxsize=16)
def _shear_line(length: int) -> np.ndarray:
    line = np.linspace(-0.5, 0.5, length)
    line.flags.writeable = False
    return line


def interpolate(x: np.ndarray, N: int) -> np.ndarray:
    """`x` at N evenly spaced times from its first sample to its last, linear in between.

    x: (L,) or (L, n); returns (N,) or (N, n) float64, in one dimension bit for bit what
    `numpy.interp` and SciPy's linear `interp1d` give.
    """
    x = _signal(x)
    left, right, gap, part = _grid(len(x), size("N", N))
    column = (slice(None),) + (None,) * (x.ndim - 1)
    start = x[left]
    out = x[right]
    out = out - start
    out /= gap[column]
    out *= part[column]
    out += start
    return out


@lru_cache(maxsize=256)
def _grid(L: int, N: int):
    """For each of N evenly spaced times in [0, 1]: the neighbours on a grid of L times, their
    distance, and the distance to the left one."""
    old, new = np.linspace(0, 1, L), np.linspace(0, 1, N)
    left = np.searchsorted(old, new, side="right") - 1
    right = np.minimum(left + 1, L - 1)
    return left, right, np.where(right > left, old[right] - old[left], 1.0), new - old[left]


def smooth(x: np.ndarray) -> np.ndarray:
    """Each column of `x` convolved with a Gaussian of standard deviation SIGMA; the signal is
    continued by its mirror image at both ends. x: (L,) or (L, n).

    The sum runs from the centre tap, then over pairs from the outermost inward: the order of
    `scipy.ndimage.gaussian_filter(x, 2)`, so that both round alike.
    """
    x = _signal(x)
    length = len(x)
    mirrored = x[_mirror(length)]
    weights = gaussian_weights()
    out = mirrored[RADIUS:RADIUS + length] * weights[RADIUS]
    pair = np.empty_like(out)
    for offset in range(RADIUS, 0, -1):
        before, after = RADIUS - offset, RADIUS + offset
        np.add(mirrored[before:before + length], mirrored[after:after + length], out=pair)
        pair *= weights[before]
        out += pair
    return out


@lru_cache(maxsize=16)
def _mirror(length: int) -> np.ndarray:
    """Indices of a signal continued by RADIUS samples of its mirror image at both ends."""
    return np.pad(np.arange(length), RADIUS, mode="symmetric")


@lru_cache(maxsize=1)
def gaussian_weights() -> np.ndarray:
    """The 2 * RADIUS + 1 weights of `smooth`, which sum to 1.

    By the C library's exp: NumPy's own differs in the last digit on processors with AVX-512.
    """
    taps = range(-RADIUS, RADIUS + 1)
    weights = np.array([math.exp(-0.5 / SIGMA**2 * tap**2) for tap in taps])
    weights /= weights.sum()
    weights.flags.writeable = False
    return weights


def transform(x: np.ndarray, y: np.ndarray, args: object = None, eps: float = EPSILON,
              rng: np.random.RandomState | None = None) -> tuple[np.ndarray, np.ndarray]:
    """One sample from one template, by the steps above in their order.

    x: (template_len,) signal; y: its times. Returns the signal and its times, both
    (args.final_seq_length,) float64. `args` as for `make_dataset`.
    """
    args = checked_args(args)
    rng = _stream(rng)
    x, y = finite_array("x", x), finite_array("y", y)
    for name, value in (("x", x), ("y", y)):
        if value.ndim != 1 or len(value) < 2:
            raise ValueError(f"{name} must have shape (L,) with L at least 2; got {value.shape}")
    length = args.template_len + args.padding[1]
    x = interpolate(pad(x + real("eps", eps), args.padding, rng), length)
    x = x * (1 + args.scale_coeff * (rng.random_sample() - 0.5))
    x = translate(x, args.max_translation, rng)
    x = np.where(x != 0, x, corr_noise_like(x, args.corr_noise_scale, rng))
    x = x + iid_noise_like(x, args.iid_noise_scale, rng)
    x = shear(x, args.shear_scale, rng)
    return (interpolate(x, args.final_seq_length),
            interpolate(interpolate(y, length), args.final_seq_length))


def _signal(x, least: int = 1) -> np.ndarray:
    """`x` as an array of floats with a time axis of at least one sample. It may hold NaN here: to
    look for it would take as long as the work."""
    x = any_array("x", x)
    if x.dtype.kind not in "fiub":
        raise TypeError(f"x must be an array of numbers; got dtype {x.dtype}")
    if x.ndim < least or (least and (x.shape[0] < 1 or x.shape[-1] < 1)):
        raise ValueError(f"x must have a time axis with at least one sample; got shape {x.shape}")
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def _stream(rng):
    """Where to draw from: an explicit RandomState, or NumPy's global stream (the module has
    the same functions)."""
    if rng is not None and not isinstance(rng, np.random.RandomState):
        if rng is np.random:
            return rng
        raise TypeError(f"rng must be a numpy.random.RandomState; got a {type(rng).__name__}")
    return np.random if rng is None else rng


def _given(args) -> dict:
    """The dataset arguments that `args` holds, by name."""
    if args is None:
        return {}
    if isinstance(args, dict):
        given, names = args, list(args)
    else:
        try:
            given = {name: getattr(args, name) for name in DEFAULTS if hasattr(args, name)}
            names = [name for name in getattr(args, "__dict__", {}) if not name.startswith("_")]
        except Exception:   # whatever an object of others may raise
            given, names = {}, []
        if not given and not names:
            raise TypeError("args must be a dictionary of dataset arguments or an object with them "
                            f"as attributes; got {shown(args)}")
    for name in names:
        one_of("name of a dataset argument in args", name, DEFAULTS)
    return given


def _checked_padding(padding) -> tuple[int, int]:
    """The smallest and the largest number of zeros."""
    try:
        low, high = padding
    except Exception:
        raise TypeError(f"padding must be two integers (low, high); got {shown(padding)}") from None
    low = integer("padding[0]", low, 0, MOST_SIZE)
    high = integer("padding[1]", high, 0, MOST_SIZE)
    if low > high:
        raise ValueError(f"padding must be (low, high) with low <= high; got ({low}, {high})")
    return low, high


class _TransformModule(ModuleType):
    """This module, which can be called as its function `transform`.

    The original's package has the function under the name that its module has too, so that there
    `mnist1d.transform` hides the module. Code written for it calls that name.
    """

    def __call__(self, x: np.ndarray, y: np.ndarray, args: object = None, eps: float = EPSILON,
                 rng: np.random.RandomState | None = None) -> tuple[np.ndarray, np.ndarray]:
        return transform(x, y, args, eps, rng)


sys.modules[__name__].__class__ = _TransformModule
