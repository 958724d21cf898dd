"""Lesson 14: double descent, its label noise, its threshold and its peak (UDL 8.4)."""

from __future__ import annotations

import itertools

import numpy as np

from mnist1d_edu.course.exercise import exercise

# ---------------------------------------------------------------------------- label noise


def _labels(rng: np.random.RandomState) -> list[tuple]:
    """y (N,), p, and the seed of a stream: no noise first, then all, half and the paper's."""
    return [(rng.randint(0, 10, n), p, int(rng.randint(10_000)))
            for n, p in ((6, 0.0), (3000, 1.0), (3000, 0.5), (4000, 0.15))]


def _noisy(answer, y, p, seed):
    return answer(y, p, np.random.RandomState(seed))


def _labels_again(got, want) -> bool:
    """Any draw will do; whether it is the right kind of draw, the properties say."""
    return isinstance(got, np.ndarray) and got.shape == want.shape and got.dtype.kind in "iu"


@exercise(
    "14.add_label_noise", "Wrong labels, at random", probes=_labels, drive=_noisy,
    same=_labels_again,
    hints=(
        "Two draws: N numbers between 0 and 1, which choose the labels to be drawn anew, and N "
        "digits, from which these take their new value. Is a number below p in a share p of all "
        "cases?",
        "`chosen = rng.random_sample(len(y)) < p` and `new = rng.randint(0, 10, len(y))`; the "
        "upper end of randint is not drawn.",
        "`np.where(chosen, new, y)` takes the new label where `chosen` is true, the old one "
        "elsewhere, and leaves y as it is.",
    ))
def add_label_noise(y, p, rng):
    chosen = rng.random_sample(len(y)) < p
    new = rng.randint(0, 10, len(y))
    return np.where(chosen, new, y)


@add_label_noise.mistake("you wrote the new labels into y itself, and the clean ones are lost: "
                         "change a copy, y.copy()")
def _(y, p, rng):
    y[:] = add_label_noise(y, p, rng)
    return y


@add_label_noise.mistake("you kept what was to be changed: a random number is *below* p in a share "
                         "p of the cases")
def _(y, p, rng):
    chosen = rng.random_sample(len(y)) > p
    return np.where(chosen, rng.randint(0, 10, len(y)), y)


@add_label_noise.mistake("no label ever becomes 9: the upper end of randint is not drawn, so ask "
                         "for randint(0, 10)")
def _(y, p, rng):
    chosen = rng.random_sample(len(y)) < p
    return np.where(chosen, rng.randint(0, 9, len(y)), y)


@add_label_noise.mistake("all labels that you chose become the same digit: draw a new digit for "
                         "each of them")
def _(y, p, rng):
    chosen = rng.random_sample(len(y)) < p
    return np.where(chosen, rng.randint(0, 10), y)


@add_label_noise.mistake("you drew one random number for all labels together, so either all of "
                         "them change or none: draw one for each label")
def _(y, p, rng):
    return rng.randint(0, 10, len(y)) if rng.random_sample() < p else y.copy()


@add_label_noise.mistake("you drew from 0 to 9 but added it to the old label: the new label is the "
                         "digit itself, whatever stood there before")
def _(y, p, rng):
    chosen = rng.random_sample(len(y)) < p
    return np.where(chosen, y + rng.randint(0, 10, len(y)), y)


@add_label_noise.mistake("your new label is never the old one: draw among all ten digits, so that "
                         "some of the chosen labels stay what they were")
def _(y, p, rng):
    chosen = rng.random_sample(len(y)) < p
    return np.where(chosen, (y + rng.randint(1, 10, len(y))) % 10, y)


@add_label_noise.mistake("you changed the first labels of the array: choose anywhere, each label "
                         "with the same chance")
def _(y, p, rng):
    chosen = np.arange(len(y)) < p * len(y)
    return np.where(chosen, rng.randint(0, 10, len(y)), y)


def _moved(result, y):
    """The share of the labels that differ."""
    return np.mean(result != y)


@add_label_noise.must("with p = 0 no label may change")
def _(result, y, p, seed):
    return p > 0 or (result == y).all()


@add_label_noise.must("every label must be a digit from 0 to 9")
def _(result, y, p, seed):
    return result.min() >= 0 and result.max() <= 9


@add_label_noise.must("the new label must be drawn among all ten digits, the old one too: even "
                      "with p = 1 some labels stay what they were")
def _(result, y, p, seed):
    return p < 1 or _moved(result, y) < 0.99


@add_label_noise.must("a label must be drawn anew with probability p, and then be any of the ten "
                      "digits: the share that really changes does not fit that")
def _(result, y, p, seed):
    return len(y) < 100 or abs(_moved(result, y) - 0.9 * p) < 0.05


@add_label_noise.must("the labels that change must be spread over the whole array")
def _(result, y, p, seed):
    half = len(y) // 2
    return half < 100 or abs(_moved(result[:half], y[:half]) - _moved(result[half:], y[half:])
                             ) < 0.08


@add_label_noise.must("the new labels must be all ten digits, equally often")
def _(result, y, p, seed):
    new = result[result != y]
    return len(new) < 300 or abs(np.bincount(new, minlength=10) / len(new) - 0.1).max() < 0.06


@add_label_noise.variant("one label after the other, as in the paper's code")
def _(y, p, rng):
    y = y.copy()
    for i in range(len(y)):
        if rng.random_sample() < p:
            y[i] = rng.randint(0, 10)
    return y


@add_label_noise.variant("only as many digits as are needed")
def _(y, p, rng):
    out, chosen = y.copy(), rng.rand(len(y)) < p
    out[chosen] = rng.choice(10, chosen.sum())
    return out


@add_label_noise.variant("drawn in the other order, small integers")
def _(y, p, rng):
    new = rng.randint(0, 10, len(y)).astype(np.int8)
    return np.where(rng.random_sample(len(y)) < p, new, y.astype(np.int8))


# ---------------------------------------------------------------------------- how many change


def _noises(rng: np.random.RandomState) -> list[tuple]:
    """n, p, classes."""
    return [(10, 0.5, 2), (1000, 0.2, 4), (5 * int(rng.randint(100, 180)) + 2, 0.3, 3)]


@exercise(
    "14.expected_changed", "How many labels really change", probes=_noises,
    hints=(
        "A label changes if two things happen: it is drawn anew, and the new digit is another one. "
        "Multiply the two probabilities.",
        "Among `classes` equally likely values one is the old value. Which share is left?",
    ))
def expected_changed(n, p, classes):
    return n * p * (classes - 1) / classes


@expected_changed.mistake("you counted every label that is drawn anew: some of them draw the label "
                          "that they had")
def _(n, p, classes):
    return n * p


@expected_changed.mistake("you took ten classes for granted: the chance to draw another value than "
                          "the old one depends on `classes`")
def _(n, p, classes):
    return 0.9 * n * p


@expected_changed.mistake("you counted the labels that draw their old value again: the others are "
                          "asked for")
def _(n, p, classes):
    return n * p / classes


@expected_changed.mistake("the old value is one of *all* the classes: its chance is 1 / classes,"
                          " not 1 / (classes - 1)")
def _(n, p, classes):
    return n * p * (1 - 1 / (classes - 1))


@expected_changed.mistake("you left out the number of labels: this is the probability for one")
def _(n, p, classes):
    return p * (classes - 1) / classes


@expected_changed.mistake("you counted the labels that stay: subtract from n, or ask for those "
                          "that change")
def _(n, p, classes):
    return n * (1 - p * (classes - 1) / classes)


@expected_changed.mistake("you rounded to a whole number: an expected number is a mean, and need "
                          "not be whole")
def _(n, p, classes):
    return int(n * p * (classes - 1) / classes)


@expected_changed.variant("drawn anew, minus those that fall back")
def _(n, p, classes):
    return n * p - n * p / classes


@expected_changed.variant("summed label by label")
def _(n, p, classes):
    return sum(p * (1 - 1 / classes) for _ in range(n))


# ---------------------------------------------------------------------------- parameters


def _nets(rng: np.random.RandomState) -> list[tuple]:
    """inputs, width, classes."""
    return [(3, 2, 5), (40, 7, 10), (int(rng.randint(5, 9)), int(rng.randint(11, 30)), 4)]


@exercise(
    "14.parameters", "The size of a net", probes=_nets,
    hints=(
        "Three linear layers: inputs to width, width to width, width to classes. A layer from a to "
        "b has one weight for each pair, and what else?",
        "A layer from a to b has a * b weights and b biases: (a + 1) * b parameters.",
    ))
def parameters(inputs, width, classes):
    return (inputs + 1) * width + (width + 1) * width + (width + 1) * classes


@parameters.mistake("you left the biases out: each layer has one for each of its *outputs*")
def _(inputs, width, classes):
    return inputs * width + width * width + width * classes


@parameters.mistake("you left out the layer from the first hidden layer to the second")
def _(inputs, width, classes):
    return (inputs + 1) * width + (width + 1) * classes


@parameters.mistake("you counted a bias for each *input* of a layer: it has one for each output")
def _(inputs, width, classes):
    return inputs * (width + 1) + width * (width + 1) + width * (classes + 1)


@parameters.mistake("you left out the output layer, from width to classes")
def _(inputs, width, classes):
    return (inputs + 1) * width + (width + 1) * width


@parameters.mistake("you counted the layer from hidden to hidden twice: two hidden layers have one "
                    "layer of weights between them")
def _(inputs, width, classes):
    return (inputs + 1) * width + 2 * (width + 1) * width + (width + 1) * classes


@parameters.mistake("you forgot the biases of the last layer: it has one for each class")
def _(inputs, width, classes):
    return (inputs + 1) * width + (width + 1) * width + width * classes


@parameters.mistake("a number of parameters is a whole number: no division and no float is needed")
def _(inputs, width, classes):
    return float(parameters(inputs, width, classes))


@parameters.variant("layer by layer")
def _(inputs, width, classes):
    sizes = [inputs, width, width, classes]
    return sum(a * b + b for a, b in itertools.pairwise(sizes))


@parameters.variant("multiplied out")
def _(inputs, width, classes):
    return width**2 + (inputs + classes + 2) * width + classes


# ---------------------------------------------------------------------------- the threshold


def _sweeps(rng: np.random.RandomState) -> list[tuple]:
    """widths (W,), training errors (W,), limit: the limit crossed once; crossed and left again;
    never reached 0; never crossed; below it from the start; below at the start and not at the end.
    """
    return [(np.array([2, 5, 9]), np.array([40.0, 3.0, 0.0]), 1.0),
            (np.array([3, 6, 12, 24, 50]), np.array([50.0, 0.5, 2.0, 0.4, 0.0]), 1.0),
            (np.array([4, 8, 16, 30]), np.array([30.0, 6.0, 4.5, 0.2]), 5.0),
            (np.array([4, 8, 16]), np.array([30.0, 12.0, 2.0]), 1.0),
            (np.array([7, 11, 13]), np.array([0.9, 0.2, 0.5]), 1.0),
            (np.array([7, 11, 13]), np.array([0.9, 0.2, 1.5]), 1.0),
            (np.array([4, 9]), np.array([3.0, 1.0]), 1.0)]


@exercise(
    "14.threshold", "From where on a net fits its training labels", probes=_sweeps,
    hints=(
        "Go through the widths from the *last* one backwards. When do you have to stop?",
        "The threshold comes right after the last width whose error is not below the limit. If "
        "that is the last width of all, there is none: return None.",
        "`above = np.flatnonzero(errors >= limit)`: if it is empty, the first width is the "
        "threshold; else the place is `above[-1] + 1`, if there is such a place.",
    ))
def threshold(widths, errors, limit):
    above = np.flatnonzero(errors >= limit)
    first = above[-1] + 1 if len(above) else 0
    return int(widths[first]) if first < len(widths) else None


@threshold.mistake("you took the first width whose error is below the limit, but a wider net is "
                   "above it again: from the threshold on it must *stay* below")
def _(widths, errors, limit):
    below = np.flatnonzero(errors < limit)
    return int(widths[below[0]]) if len(below) else None


@threshold.mistake("you took the first width whose error is below the limit: from the threshold on "
                   "it must *stay* below, and where there is none, return None")
def _(widths, errors, limit):
    return widths[errors < limit][0]


@threshold.mistake("you gave the place in the array: look the width up there, widths[...]")
def _(widths, errors, limit):
    found = threshold(widths, errors, limit)
    return None if found is None else int(np.flatnonzero(widths == found)[0])


@threshold.mistake("you gave the last width that does not fit yet: the threshold is the next one")
def _(widths, errors, limit):
    above = np.flatnonzero(errors >= limit)
    return int(widths[above[-1]]) if len(above) else None


@threshold.mistake("where the training error never stays below the limit there is no threshold: "
                   "return None, not the widest net")
def _(widths, errors, limit):
    found = threshold(widths, errors, limit)
    return int(widths[-1]) if found is None else found


@threshold.mistake("you gave the width with the smallest training error: asked for is the first "
                   "one from which on the error stays below the limit")
def _(widths, errors, limit):
    return int(widths[np.argmin(errors)])


@threshold.mistake("you waited for an error of exactly 0: below the limit is enough")
def _(widths, errors, limit):
    zero = np.flatnonzero(errors == 0)
    return int(widths[zero[0]]) if len(zero) else None


@threshold.mistake("an error that is equal to the limit is not below it")
def _(widths, errors, limit):
    return threshold(widths, errors, np.nextafter(limit, np.inf))


@threshold.variant("backwards, in a loop")
def _(widths, errors, limit):
    found = None
    for width, error in zip(widths[::-1], errors[::-1], strict=True):
        if error >= limit:
            break
        found = int(width)
    return found


@threshold.variant("the largest error still to come")
def _(widths, errors, limit):
    to_come = np.maximum.accumulate(errors[::-1])[::-1]
    fits = widths[to_come < limit]
    return fits[0] if fits.size else None


# ---------------------------------------------------------------------------- the peak


def _curves(rng: np.random.RandomState) -> list[tuple]:
    """Error curves (W,): down, up and down; a bump higher than the start; two bumps; only down; a
    bump whose way down ends with a rise."""
    return [(np.array([70.0, 55.0, 60.0, 40.0]),), (np.array([5.0, 3.0, 8.0, 6.0, 7.0]),),
            (np.array([90.0, 60.0, 64.0, 50.0, 59.0, 45.0, 47.0]),),
            (np.array([9.0, 7.0, 4.0, 1.0]),),
            (np.array([60.0, 52.0, 50.0, 53.0, 57.0, 56.0, 41.0, 44.0]),),
            (np.array([80.0, 70.0, 71.0, 30.0, 50.0, 44.0]),)]


@exercise(
    "14.peak", "Where a curve rises, and how far it falls", points=2, probes=_curves,
    hints=(
        "The curve begins high, so its largest value may be the first one, which is no peak. Ask "
        "of each place: how far does it lie above the lowest value up to here?",
        "`np.minimum.accumulate(curve)` is the lowest value up to each place. Where is `curve` "
        "minus that the largest?",
        "`before = curve[:top + 1].argmin()`; after the peak, `curve[top:].argmin()` counts from "
        "`top`, so add `top`.",
    ))
def peak(curve):
    top = int((curve - np.minimum.accumulate(curve)).argmax())
    return int(curve[:top + 1].argmin()), top, top + int(curve[top:].argmin())


def _around(curve, top):
    """The lowest places before and after a given top."""
    return int(curve[:top + 1].argmin()), int(top), int(top + curve[top:].argmin())


@peak.mistake("you took the largest value of all: the narrowest net may be the worst, and that is "
              "no peak. Look for the place that lies highest above what came before it")
def _(curve):
    return _around(curve, curve.argmax())


@peak.mistake("your last place counts from the peak: add top, so that it counts from the "
              "beginning of the curve")
def _(curve):
    before, top, after = peak(curve)
    return before, top, after - top


@peak.mistake("`before` must come before the peak: the lowest value of the whole curve may lie "
              "behind it")
def _(curve):
    _, top, after = peak(curve)
    return int(curve.argmin()), top, after


@peak.mistake("you measured the rise from the first place: the curve falls first, so measure from "
              "its lowest place before the peak")
def _(curve):
    _, top, after = peak(curve)
    return 0, top, after


@peak.mistake("you took the last place for `after`: take the lowest one after the peak")
def _(curve):
    before, top, _ = peak(curve)
    return before, top, len(curve) - 1


@peak.mistake("you took the largest single step up: a rise may take several steps, so compare each "
              "place with the lowest one before it")
def _(curve):
    return _around(curve, 1 + np.diff(curve).argmax())


@peak.mistake("you took the first place that is higher than its neighbours: a small bump may come "
              "before the peak, so take the place with the highest rise")
def _(curve):
    inner = [i for i in range(1, len(curve) - 1) if curve[i - 1] < curve[i] > curve[i + 1]]
    return _around(curve, inner[0] if inner else 0)


@peak.mistake("you took the place from which the curve falls farthest: at the left end it falls "
              "without having risen. Look for the highest rise")
def _(curve):
    to_come = np.minimum.accumulate(curve[::-1])[::-1]
    return _around(curve, (curve - to_come).argmax())


@peak.mistake("these are the values of the curve: asked for are the places, as whole numbers")
def _(curve):
    return tuple(float(curve[i]) for i in peak(curve))


@peak.must("the three places must be in order: before, top, after")
def _(result, curve):
    return list(result) == sorted(result)


@peak.variant("every pair of places")
def _(curve):
    rises = [(curve[j] - curve[i], -j, -i) for j in range(len(curve)) for i in range(j + 1)]
    _, top, before = max(rises)
    return -before, -top, -top + int(np.argmin(curve[-top:]))


@peak.variant("a list of NumPy integers")
def _(curve):
    return [np.int64(place) for place in peak(curve.astype(np.float32))]


# ---------------------------------------------------------------------------- its spread


def _resamples(rng: np.random.RandomState) -> list[tuple]:
    """errors (W, S), picks (B, S): every seed once first, then one seed only, then any."""
    def bumps(n_widths, seeds):
        values = 60 + 8 * rng.randn(n_widths, seeds)
        values[0] = 99
        return values
    tops = np.array([[70.0, 70.0, 70.0], [50.0, 50.0, 53.0], [58.0, 51.0, 50.0],
                     [49.0, 57.0, 66.0], [40.0, 40.0, 41.0]])
    return [(tops, np.array([[0, 1, 2]])), (tops, np.array([[0, 0, 0], [2, 2, 2], [1, 0, 0]])),
            (bumps(7, 4), rng.randint(0, 4, (9, 4))), (bumps(9, 3), rng.randint(0, 3, (6, 3)))]


@exercise(
    "14.resampled_tops", "How sure is the place of the peak", probes=_resamples,
    hints=(
        "A row of `picks` names S seeds, some of them twice. `errors[:, row]` has their columns; "
        "what is the mean over them?",
        "For each row: `curve = errors[:, row].mean(axis=1)`, and then the top of that curve, by "
        "your function of exercise 5.",
        "`np.array([find_peak(errors[:, row].mean(axis=1))[1] for row in picks])`",
    ))
def resampled_tops(errors, picks):
    return np.array([peak(errors[:, row].mean(axis=1))[1] for row in picks])


@resampled_tops.mistake("you took the largest value of each curve: the narrowest net may be the "
                        "worst, so use your function of exercise 5")
def _(errors, picks):
    return np.array([errors[:, row].mean(axis=1).argmax() for row in picks])


@resampled_tops.mistake("you gave the lowest place before the peak: `top` is the second of the "
                        "three places")
def _(errors, picks):
    return np.array([peak(errors[:, row].mean(axis=1))[0] for row in picks])


@resampled_tops.mistake("you gave all three places: only the top of each curve is asked for, "
                        "shape (B,)")
def _(errors, picks):
    return np.array([peak(errors[:, row].mean(axis=1)) for row in picks])


@resampled_tops.mistake("you picked rows of `errors`, which are widths: the seeds are its columns, "
                        "errors[:, row]")
def _(errors, picks):
    return np.array([peak(errors[row].mean(axis=0))[1] for row in picks])


@resampled_tops.mistake("you averaged over the widths: average over the seeds, axis 1, so that one "
                        "value for each width is left")
def _(errors, picks):
    return np.array([peak(errors[:, row].mean(axis=0))[1] for row in picks])


@resampled_tops.mistake("you took each picked seed once, however often it was picked: one that was "
                        "picked twice counts twice")
def _(errors, picks):
    return np.array([peak(errors[:, np.unique(row)].mean(axis=1))[1] for row in picks])


@resampled_tops.mistake("you averaged over all the seeds each time: take the seeds that the row of "
                        "picks names")
def _(errors, picks):
    return np.array([peak(errors.mean(axis=1))[1] for _ in picks])


@resampled_tops.mistake("you used the first picked seed only: average over all the seeds of the "
                        "row")
def _(errors, picks):
    return np.array([peak(errors[:, row[0]])[1] for row in picks])


@resampled_tops.mistake("you took the median over the seeds: the mean is asked for, as in the "
                        "curve that you looked at")
def _(errors, picks):
    return np.array([peak(np.median(errors[:, row], axis=1))[1] for row in picks])


@resampled_tops.must("one place for each row of picks is asked for, shape (B,)")
def _(result, errors, picks):
    return np.shape(result) == (len(picks),)


@resampled_tops.variant("by counting how often each seed was picked")
def _(errors, picks):
    seeds = np.arange(errors.shape[1])
    counts = (picks[:, :, None] == seeds).sum(axis=1)
    means = counts @ errors.T / errors.shape[1]
    return np.array([peak(curve)[1] for curve in means])


@resampled_tops.variant("all curves at once")
def _(errors, picks):
    means = errors[:, picks].mean(axis=2)
    return (means - np.minimum.accumulate(means, axis=0)).argmax(axis=0)
