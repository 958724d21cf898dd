"""Lesson 01: from ten templates to the dataset, one transformation after the other (UDL 8.1)."""

from __future__ import annotations

import inspect

import numpy as np

from mnist1d_edu.course.exercise import exercise
from mnist1d_edu.transform import smooth


class _Stream(np.random.RandomState):
    """A generator that a sentence can name by its seed."""

    def __init__(self, seed: int):
        super().__init__(seed)
        self.seed_text = f"RandomState({seed})"

    def __repr__(self) -> str:
        return self.seed_text


class _Drawn(np.ndarray):
    """An answer's array; `following` is the generator's next number, which tells what it drew."""


def _drive(*names: str):
    """A drive for answers with the arguments `names`, of which the last is the generator."""
    def drive(answer, *arguments):
        result = answer(*arguments)
        if isinstance(result, np.ndarray):
            result = result.view(_Drawn)
            result.following = arguments[-1].random_sample()
        return result

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    drive.__signature__ = inspect.Signature(
        [inspect.Parameter(name, kind) for name in ("answer", *names)])
    return drive


def _stream(rng: np.random.RandomState) -> _Stream:
    return _Stream(rng.randint(1000))


def _paddings(rng: np.random.RandomState) -> list[tuple]:
    """x, low, high, rng: the last fraction of u counts, so several draws; a fixed p; real sizes."""
    return [(np.array([1.0, 2.0, 3.0]), 1, 4, _Stream(seed)) for seed in range(6)] + [
        (rng.randn(4), 3, 3, _stream(rng)), (rng.randn(5), 0, 9, _stream(rng)),
        (rng.randn(12), 36, 60, _stream(rng)), (rng.randn(12), 36, 60, _stream(rng))]


@exercise(
    "01.pad", "A random number of zeros", probes=_paddings,
    drive=_drive("x", "low", "high", "rng"),
    hints=(
        "There are high − low + 1 whole numbers from low to high. Draw u with "
        "`rng.random_sample()`, stretch it to that many, and cut the decimals off with `int`.",
        "`p = low + int(rng.random_sample() * (high - low + 1))`; then `np.zeros(p)` and "
        "`np.concatenate`, which takes a *list* of arrays.",
    ))
def pad(x, low, high, rng):
    p = low + int(rng.random_sample() * (high - low + 1))
    return np.concatenate([x, np.zeros(p)])


@pad.mistake("your p never comes out as `high`: u is always below 1, so u * (high - low) is cut to "
             "at most high - low - 1. There are high - low + 1 whole numbers to choose from")
def _(x, low, high, rng):
    return np.concatenate([x, np.zeros(low + int(rng.random_sample() * (high - low)))])


@pad.mistake("rounding makes the first and the last number half as likely as the others: stretch u "
             "over high - low + 1 numbers, and cut the decimals off with int")
def _(x, low, high, rng):
    return np.concatenate([x, np.zeros(round(low + rng.random_sample() * (high - low)))])


@pad.mistake("your zeros stand in front of the signal: they belong behind it")
def _(x, low, high, rng):
    return np.concatenate([np.zeros(low + int(rng.random_sample() * (high - low + 1))), x])


@pad.mistake("you drew from NumPy's global generator, np.random, which anybody may have moved or "
             "seeded: draw from the `rng` that you are given, and the result depends on it alone")
def _(x, low, high, rng):
    p = low + int(np.random.random_sample() * (high - low + 1))
    return np.concatenate([x, np.zeros(p)])


@pad.mistake("rng.randint is just as random, but it takes other numbers from the stream than the "
             "recipe says: draw one uniform number with rng.random_sample(), or no later draw "
             "will agree with the published dataset")
def _(x, low, high, rng):
    return np.concatenate([x, np.zeros(rng.randint(low, high + 1))])


@pad.mistake("rng.randint(low, high) never gives `high`, and takes other numbers from the stream "
             "than the recipe says: draw one uniform number with rng.random_sample()")
def _(x, low, high, rng):
    return np.concatenate([x, np.zeros(rng.randint(low, high))])


@pad.mistake("you always add the same number of zeros, `high`: how many is to be left to chance")
def _(x, low, high, rng):
    return np.concatenate([x, np.zeros(high)])


@pad.mistake("you fill up *to* p numbers: p is how many zeros are added, whatever the signal's "
             "length is")
def _(x, low, high, rng):
    p = low + int(rng.random_sample() * (high - low + 1))
    return np.concatenate([x, np.zeros(max(p - len(x), 0))])


@pad.must("draw exactly one number from rng, with rng.random_sample()")
def _(result, x, low, high, rng):
    rng.random_sample()
    return result.following == rng.random_sample()


@pad.variant("np.pad and floor")
def _(x, low, high, rng):
    return np.pad(x, (0, low + int(np.floor((high - low + 1) * rng.rand()))))


@pad.variant("an array of zeros, filled")
def _(x, low, high, rng):
    out = np.zeros(len(x) + low + int(rng.uniform() * (high + 1 - low)))
    out[:len(x)] = x
    return out


def _lengths(rng: np.random.RandomState) -> list[tuple]:
    """x (L,), length: longer, shorter, the same, real sizes."""
    return [(np.array([0.0, 2.0, 3.0]), 5), (np.array([1.0, 5.0]), 4), (rng.randn(7), 3),
            (rng.randn(6), 6), (rng.randn(61), 72), (rng.randn(72), 40)]


@exercise(
    "01.stretch", "The same curve with more points, or fewer", probes=_lengths,
    hints=(
        "Give the old samples the times 0 to 1, evenly spaced (`np.linspace`), and the new ones "
        "too, only as many as are wanted. `np.interp` reads a curve off in between.",
        "`np.interp(new_times, old_times, x)`: first where you want to know the curve, then where "
        "you know it, then what it is there.",
    ))
def stretch(x, length):
    return np.interp(np.linspace(0, 1, length), np.linspace(0, 1, len(x)), x)


@stretch.mistake("you take the nearest sample, which makes steps: between two samples follow the "
                 "straight line that joins them")
def _(x, length):
    places = np.linspace(0, len(x) - 1, length)
    return x[np.round(places).astype(int)]


@stretch.mistake("you cut the times down to whole numbers and take the sample there, which makes "
                 "steps: between two samples follow the straight line that joins them")
def _(x, length):
    return x[np.linspace(0, len(x) - 1, length).astype(int)]


@stretch.mistake("your last new time falls short of the last old one: both grids run from the "
                 "first sample to the last, ends included (leave endpoint=False out)")
def _(x, length):
    return np.interp(np.linspace(0, 1, length, endpoint=False), np.linspace(0, 1, len(x)), x)


@stretch.mistake("np.arange(length) / length ends before 1: both grids run from the first sample "
                 "to the last, ends included. np.linspace(0, 1, length) does that")
def _(x, length):
    return np.interp(np.arange(length) / length, np.arange(len(x)) / len(x), x)


@stretch.mistake("your new times run on past the last old one, where np.interp only repeats the "
                 "last value: the first time is that of the first sample, the last that of the "
                 "last, and the others lie evenly between")
def _(x, length):
    return np.interp(np.arange(length), np.arange(len(x)), x)


@stretch.mistake("np.resize starts the signal again when it is used up: the whole curve is to be "
                 "drawn out to the new length, once")
def _(x, length):
    return np.resize(x, length)


@stretch.mistake("you gave np.interp its arguments in another order: first the new times, then the "
                 "old times, then the values at the old times")
def _(x, length):
    return np.interp(np.linspace(0, 1, len(x)), np.linspace(0, 1, length), x)


@stretch.variant("by hand")
def _(x, length):
    places = np.arange(length) * (len(x) - 1) / (length - 1)
    left = np.minimum(places.astype(int), len(x) - 2)
    part = places - left
    return (1 - part) * x[left] + part * x[left + 1]


@stretch.variant("other units of time")
def _(x, length):
    return np.interp(np.linspace(0, len(x) - 1, length), np.arange(len(x)), x)


@stretch.variant("a loop, in single precision")
def _(x, length):
    times = np.linspace(0, 1, len(x))
    return np.array([np.interp(t, times, x) for t in np.linspace(0, 1, length)], np.float32)


def _shifts(rng: np.random.RandomState) -> list[tuple]:
    """x (L,), max_translation, rng."""
    return [(np.array([1.0, 2.0, 3.0]), 1, _Stream(0))] + [
        (np.array([1.0, 2.0, 3.0, 4.0]), 3, _Stream(seed)) for seed in range(5)] + [
        (rng.randn(72), 48, _stream(rng)) for _ in range(3)]


@exercise(
    "01.translate", "To a random place", probes=_shifts,
    drive=_drive("x", "max_translation", "rng"),
    hints=(
        "`rng.randint(n)` draws one of the n whole numbers 0 to n − 1. What leaves the array on "
        "the right comes back on the left: NumPy has a function for that.",
        "`np.roll(x, k)` moves to the right for a positive k.",
    ))
def translate(x, max_translation, rng):
    return np.roll(x, rng.randint(max_translation))


@translate.mistake("your signal moves to the left: np.roll goes right for a positive number")
def _(x, max_translation, rng):
    return np.roll(x, -rng.randint(max_translation))


@translate.mistake("zeros come in on the left, and what leaves on the right is lost: let it come "
                   "back in on the left, as on a ring")
def _(x, max_translation, rng):
    k = rng.randint(max_translation)
    return np.concatenate([np.zeros(k), x[:len(x) - k]])


@translate.mistake("your k goes up to max_translation itself: it is one of 0, ..., "
                   "max_translation - 1, and randint never reaches its upper limit")
def _(x, max_translation, rng):
    return np.roll(x, rng.randint(max_translation + 1))


@translate.mistake("your k is never 0: a digit may also stay where it is, so k is one of 0, ..., "
                   "max_translation - 1")
def _(x, max_translation, rng):
    return np.roll(x, rng.randint(1, max_translation))


@translate.mistake("you drew from NumPy's global generator, np.random: draw from the `rng` that "
                   "you are given, and the result depends on it alone")
def _(x, max_translation, rng):
    return np.roll(x, np.random.randint(max_translation))


@translate.mistake("a uniform number cut to a whole one is just as random, but takes other numbers "
                   "from the stream than the recipe says: use rng.randint")
def _(x, max_translation, rng):
    return np.roll(x, int(rng.random_sample() * max_translation))


@translate.mistake("you always move by max_translation: that is the number of places there are, "
                   "and chance is to choose one of them")
def _(x, max_translation, rng):
    return np.roll(x, max_translation)


@translate.mistake("you shuffle the samples: the signal keeps its form, and only moves")
def _(x, max_translation, rng):
    return rng.permutation(x)


@translate.must("draw exactly one whole number from rng, with rng.randint(max_translation), and "
                "nothing else")
def _(result, x, max_translation, rng):
    rng.randint(max_translation)
    return result.following == rng.random_sample()


@translate.variant("choice")
def _(x, max_translation, rng):
    return np.roll(x, rng.choice(max_translation))


@translate.variant("two pieces")
def _(x, max_translation, rng):
    cut = len(x) - rng.randint(0, max_translation)
    return np.concatenate([x[cut:], x[:cut]])


@translate.variant("indices on a ring")
def _(x, max_translation, rng):
    return x[(np.arange(len(x)) - rng.randint(max_translation)) % len(x)]


def _partly_zero(rng: np.random.RandomState) -> list[tuple]:
    """x (L,) with exact zeros, corr_scale, iid_scale, rng: each noise alone, then both."""
    x = rng.randn(30)
    x[4:20] = 0
    tiny = np.zeros(24)
    tiny[:12] = 1e-8
    return [(np.array([1.0, 0.0, 0.0, -2.0]), 0.5, 0.0, _stream(rng)),
            (np.array([1.0, 0.0, 0.0, -2.0]), 0.0, 0.5, _stream(rng)),
            (x, 0.25, 0.02, _stream(rng)), (tiny, 0.25, 0.02, _stream(rng))]


@exercise(
    "01.add_noise", "Two kinds of noise", points=2, probes=_partly_zero,
    drive=_drive("x", "corr_scale", "iid_scale", "rng"),
    hints=(
        "Draw `rng.randn(len(x))` twice: the first for the correlated noise, the second for the "
        "independent one. Smooth and scale only the first; scale the second.",
        "`np.where(condition, a, b)` takes from a where the condition holds, else from b. The "
        "condition is that x is exactly 0.",
        "`correlated = corr_scale * smooth(rng.randn(len(x)))`, then `independent = iid_scale * "
        "rng.randn(len(x))`, and `np.where(x == 0, correlated, x) + independent`.",
    ))
def add_noise(x, corr_scale, iid_scale, rng):
    correlated = corr_scale * smooth(rng.randn(len(x)))
    independent = iid_scale * rng.randn(len(x))
    return np.where(x == 0, correlated, x) + independent


@add_noise.mistake("you drew the independent noise first: the recipe draws the correlated noise "
                   "first, and who draws in another order gets another dataset")
def _(x, corr_scale, iid_scale, rng):
    independent = iid_scale * rng.randn(len(x))
    return np.where(x == 0, corr_scale * smooth(rng.randn(len(x))), x) + independent


@add_noise.mistake("you added the correlated noise everywhere, also on the digit: it only fills "
                   "the places where the signal is exactly 0")
def _(x, corr_scale, iid_scale, rng):
    return x + corr_scale * smooth(rng.randn(len(x))) + iid_scale * rng.randn(len(x))


@add_noise.mistake("the places are the wrong way round: you replaced the digit by noise, and left "
                   "the zeros as they were. np.where takes its second argument where the "
                   "condition holds")
def _(x, corr_scale, iid_scale, rng):
    correlated = corr_scale * smooth(rng.randn(len(x)))
    return np.where(x == 0, x, correlated) + iid_scale * rng.randn(len(x))


@add_noise.mistake("you used one and the same draw for both kinds of noise: draw twice, or they "
                   "rise and fall together")
def _(x, corr_scale, iid_scale, rng):
    draw = rng.randn(len(x))
    return np.where(x == 0, corr_scale * smooth(draw), x) + iid_scale * draw


@add_noise.mistake("you did not smooth the correlated noise: neighbours are as independent as "
                   "everywhere else")
def _(x, corr_scale, iid_scale, rng):
    correlated = corr_scale * rng.randn(len(x))
    return np.where(x == 0, correlated, x) + iid_scale * rng.randn(len(x))


@add_noise.mistake("you smoothed the whole signal, the digit included: smooth the noise alone, "
                   "before it meets the signal")
def _(x, corr_scale, iid_scale, rng):
    return (smooth(np.where(x == 0, corr_scale * rng.randn(len(x)), x))
            + iid_scale * rng.randn(len(x)))


@add_noise.mistake("the independent noise is missing where the digit is: it is added everywhere")
def _(x, corr_scale, iid_scale, rng):
    correlated = corr_scale * smooth(rng.randn(len(x)))
    return np.where(x == 0, correlated + iid_scale * rng.randn(len(x)), x)


@add_noise.mistake("np.isclose takes the digit's own numbers near 0 for zeros: only what is "
                   "exactly 0, x == 0, is to be filled")
def _(x, corr_scale, iid_scale, rng):
    correlated = corr_scale * smooth(rng.randn(len(x)))
    return np.where(np.isclose(x, 0), correlated, x) + iid_scale * rng.randn(len(x))


@add_noise.mistake("you added the independent noise before you looked for zeros: by then nothing "
                   "is exactly 0 any more. Fill the zeros first")
def _(x, corr_scale, iid_scale, rng):
    correlated = corr_scale * smooth(rng.randn(len(x)))
    x = x + iid_scale * rng.randn(len(x))
    return np.where(x == 0, correlated, x)


@add_noise.mistake("you drew and added the independent noise first: by then nothing is exactly 0 "
                   "any more. Draw the correlated noise first, and fill the zeros before all else")
def _(x, corr_scale, iid_scale, rng):
    x = x + iid_scale * rng.randn(len(x))
    return np.where(x == 0, corr_scale * smooth(rng.randn(len(x))), x)


@add_noise.mistake("rng.random_sample gives uniform numbers from 0 to 1, which only push upwards: "
                   "noise is normal here, around 0, from rng.randn")
def _(x, corr_scale, iid_scale, rng):
    correlated = corr_scale * smooth(rng.random_sample(len(x)))
    return np.where(x == 0, correlated, x) + iid_scale * rng.random_sample(len(x))


@add_noise.mistake("you drew from NumPy's global generator, np.random: draw from the `rng` that "
                   "you are given, and the result depends on it alone")
def _(x, corr_scale, iid_scale, rng):
    correlated = corr_scale * smooth(np.random.randn(len(x)))
    return np.where(x == 0, correlated, x) + iid_scale * np.random.randn(len(x))


@add_noise.mistake("a scale is a standard deviation and no variance: multiply by it, without a "
                   "square root")
def _(x, corr_scale, iid_scale, rng):
    correlated = corr_scale**0.5 * smooth(rng.randn(len(x)))
    return np.where(x == 0, correlated, x) + iid_scale**0.5 * rng.randn(len(x))


@add_noise.must("draw 2 * len(x) normal numbers from rng, also where a scale is 0 or a draw is not "
                "used: the stream must move on alike for every signal")
def _(result, x, corr_scale, iid_scale, rng):
    rng.randn(2 * len(x))
    return result.following == rng.random_sample()


@add_noise.variant("both draws at once, and rng.normal")
def _(x, corr_scale, iid_scale, rng):
    first, second = rng.normal(size=(2, len(x)))
    return np.where(x != 0, x, smooth(corr_scale * first)) + second * iid_scale


@add_noise.variant("in place, on a copy")
def _(x, corr_scale, iid_scale, rng):
    out = x.copy()
    zero = x == 0
    out[zero] += (corr_scale * smooth(rng.randn(len(x))))[zero]
    out += iid_scale * rng.randn(len(x))
    return out


@add_noise.variant("SciPy's filter")
def _(x, corr_scale, iid_scale, rng):
    from scipy.ndimage import gaussian_filter
    correlated = gaussian_filter(rng.normal(0, corr_scale, len(x)), 2)
    return np.where(x == 0, correlated, x) + rng.normal(0, iid_scale, len(x))


def _slopes(rng: np.random.RandomState) -> list[tuple]:
    return [(np.zeros(3), 1.0, _Stream(0)),
            (np.array([1.0, 2.0, 4.0, 8.0]), 2.0, _Stream(1)),
            (rng.randn(72), 0.75, _stream(rng)), (rng.randn(5), 0.75, _stream(rng))]


@exercise(
    "01.shear", "Tilt it", probes=_slopes, drive=_drive("x", "scale", "rng"),
    hints=(
        "First the tilt: one uniform number u lies in [0, 1), so u − ½ is as often negative as "
        "positive. Times scale.",
        "`tilt = scale * (rng.random_sample() - 0.5)`; the line of tilt 1 is "
        "`np.linspace(-0.5, 0.5, len(x))`. Subtract tilt times line.",
    ))
def shear(x, scale, rng):
    return x - scale * (rng.random_sample() - 0.5) * np.linspace(-0.5, 0.5, len(x))


@shear.mistake("you added the line: the recipe subtracts it. Both are as random, but only one is "
               "the published dataset")
def _(x, scale, rng):
    return x + scale * (rng.random_sample() - 0.5) * np.linspace(-0.5, 0.5, len(x))


@shear.mistake("all your signals tilt the same way: u is never negative, so take u − ½")
def _(x, scale, rng):
    return x - scale * rng.random_sample() * np.linspace(-0.5, 0.5, len(x))


@shear.mistake("your line runs from 0 to 1 and lifts the whole signal as well: it is to run from "
               "−½ to ½, so that its middle stays")
def _(x, scale, rng):
    return x - scale * (rng.random_sample() - 0.5) * np.linspace(0, 1, len(x))


@shear.mistake("your line runs from −1 to 1 and is twice too steep: from −½ to ½")
def _(x, scale, rng):
    return x - scale * (rng.random_sample() - 0.5) * np.linspace(-1, 1, len(x))


@shear.mistake("you multiplied the signal by the line: the line is subtracted")
def _(x, scale, rng):
    return x * (scale * (rng.random_sample() - 0.5) * np.linspace(-0.5, 0.5, len(x)))


@shear.mistake("you subtract the same number everywhere, which moves the signal down or up: to "
               "tilt it, subtract a line")
def _(x, scale, rng):
    return x - scale * (rng.random_sample() - 0.5)


@shear.mistake("you drew from NumPy's global generator, np.random: draw from the `rng` that you "
               "are given, and the result depends on it alone")
def _(x, scale, rng):
    return x - scale * (np.random.random_sample() - 0.5) * np.linspace(-0.5, 0.5, len(x))


@shear.mistake("you drew one number for each sample, which is noise: one tilt for the whole signal")
def _(x, scale, rng):
    return x - scale * (rng.random_sample(len(x)) - 0.5) * np.linspace(-0.5, 0.5, len(x))


@shear.must("draw exactly one number from rng, with rng.random_sample()")
def _(result, x, scale, rng):
    rng.random_sample()
    return result.following == rng.random_sample()


@shear.variant("the other way round, twice")
def _(x, scale, rng):
    return x + np.linspace(0.5, -0.5, len(x)) * (rng.rand() - 0.5) * scale


@shear.variant("a loop")
def _(x, scale, rng):
    tilt = rng.uniform(-0.5, 0.5) * scale
    return np.array([v - tilt * (i / (len(x) - 1) - 0.5) for i, v in enumerate(x)])


SETTINGS = {"padding": [36, 60], "scale_coeff": 0.4, "max_translation": 48,
            "corr_noise_scale": 0.25, "iid_noise_scale": 0.02, "shear_scale": 0.75}


def _templates(rng: np.random.RandomState) -> list[tuple]:
    """template (12,), args, rng: each transformation nearly alone, then all together."""
    template = np.array([0, 0.4, 0.6, 0.5, 0.2, 0, 0.1, 0.4, 0.6, 0.5, -0.2, 0])
    off = {"padding": [60, 60], "scale_coeff": 0, "max_translation": 1, "corr_noise_scale": 0,
           "iid_noise_scale": 0, "shear_scale": 0}
    return [(template, {**off, "padding": [36, 60]}, _stream(rng)),
            (template, {**off, "scale_coeff": 0.4}, _stream(rng)),
            (template, {**off, "max_translation": 48, "shear_scale": 0.75}, _stream(rng)),
            (template, dict(SETTINGS), _stream(rng)), (rng.randn(12), dict(SETTINGS), _stream(rng))]


def _steps(template, args, rng, *, epsilon=1e-8, length=72, order="normal"):
    """`transform`, with a fault if asked for."""
    x = stretch(pad(template + epsilon, *args["padding"], rng), length)
    x = x * (1 + args["scale_coeff"] * (rng.random_sample() - 0.5))
    scales = args["corr_noise_scale"], args["iid_noise_scale"]
    if order == "noise first":
        x = translate(add_noise(x, *scales, rng), args["max_translation"], rng)
    else:
        x = translate(x, args["max_translation"], rng)
        if order == "shear first":
            return stretch(add_noise(shear(x, args["shear_scale"], rng), *scales, rng), 40)
        x = add_noise(x, *scales, rng)
    return stretch(shear(x, args["shear_scale"], rng), 40)


@exercise(
    "01.transform", "From a template to a signal", points=2, probes=_templates,
    drive=_drive("template", "args", "rng"),
    hints=(
        "One line a step, each `x = ...`, in the order of the list. Only the third step, the "
        "scale, has no function yet.",
        "The scale: `x = x * (1 + args[\"scale_coeff\"] * (rng.random_sample() - 0.5))`. The "
        "1e-8 is added to the template *before* it is padded.",
        "`x = padded(template + 1e-8, *args[\"padding\"], rng)`, then `x = stretched(x, 72)`, "
        "the scale, and so on; last `stretched(x, 40)`.",
    ))
def transform(template, args, rng):
    return _steps(template, args, rng)


@transform.mistake("the 1e-8 is missing: a template's own zeros are then taken for padding, and "
                   "noise is put on them")
def _(template, args, rng):
    return _steps(template, args, rng, epsilon=0)


@transform.mistake("you added the 1e-8 after padding: then the padding is not 0 either, and gets "
                   "no correlated noise")
def _(template, args, rng):
    x = stretch(pad(template, *args["padding"], rng) + 1e-8, 72)
    x = x * (1 + args["scale_coeff"] * (rng.random_sample() - 0.5))
    x = translate(x, args["max_translation"], rng)
    x = add_noise(x, args["corr_noise_scale"], args["iid_noise_scale"], rng)
    return stretch(shear(x, args["shear_scale"], rng), 40)


@transform.mistake("you forgot to stretch to 72 after padding: without it nothing is dilated, and "
                   "signals of different padding have different lengths")
def _(template, args, rng):
    x = pad(template + 1e-8, *args["padding"], rng)
    x = x * (1 + args["scale_coeff"] * (rng.random_sample() - 0.5))
    x = translate(x, args["max_translation"], rng)
    x = add_noise(x, args["corr_noise_scale"], args["iid_noise_scale"], rng)
    return stretch(shear(x, args["shear_scale"], rng), 40)


@transform.mistake("you went to 40 samples at once: all steps between work at 72, and only the "
                   "last one goes down to 40")
def _(template, args, rng):
    return _steps(template, args, rng, length=40)


@transform.mistake("you forgot the last step: the finished signal has 40 samples")
def _(template, args, rng):
    x = stretch(pad(template + 1e-8, *args["padding"], rng), 72)
    x = x * (1 + args["scale_coeff"] * (rng.random_sample() - 0.5))
    x = translate(x, args["max_translation"], rng)
    x = add_noise(x, args["corr_noise_scale"], args["iid_noise_scale"], rng)
    return shear(x, args["shear_scale"], rng)


@transform.mistake("your noise comes before the translation: the draws are then in another order, "
                   "and you get another dataset. Move first")
def _(template, args, rng):
    return _steps(template, args, rng, order="noise first")


@transform.mistake("your shear comes before the noise: it tilts the padding too, so that no zero "
                   "is left for the correlated noise to fill. Noise first")
def _(template, args, rng):
    return _steps(template, args, rng, order="shear first")


@transform.mistake("your scale is 1 + scale_coeff * u: signals only grow. Take u − ½, and as many "
                   "shrink as grow")
def _(template, args, rng):
    x = stretch(pad(template + 1e-8, *args["padding"], rng), 72)
    x = x * (1 + args["scale_coeff"] * rng.random_sample())
    x = translate(x, args["max_translation"], rng)
    x = add_noise(x, args["corr_noise_scale"], args["iid_noise_scale"], rng)
    return stretch(shear(x, args["shear_scale"], rng), 40)


@transform.mistake("the scale is missing, and so is its draw: everything that is drawn afterwards "
                   "comes out differently, too")
def _(template, args, rng):
    x = translate(stretch(pad(template + 1e-8, *args["padding"], rng), 72),
                  args["max_translation"], rng)
    x = add_noise(x, args["corr_noise_scale"], args["iid_noise_scale"], rng)
    return stretch(shear(x, args["shear_scale"], rng), 40)


@transform.mistake("you multiplied by scale_coeff * (u − ½), which lies around 0 and can turn the "
                   "signal upside down: multiply by 1 plus that")
def _(template, args, rng):
    x = stretch(pad(template + 1e-8, *args["padding"], rng), 72)
    x = x * (args["scale_coeff"] * (rng.random_sample() - 0.5))
    x = translate(x, args["max_translation"], rng)
    x = add_noise(x, args["corr_noise_scale"], args["iid_noise_scale"], rng)
    return stretch(shear(x, args["shear_scale"], rng), 40)


@transform.variant("the package's own functions")
def _(template, args, rng):
    from mnist1d_edu.transform import transform as package_transform
    return package_transform(template, template, dict(args), rng=rng)[0]
