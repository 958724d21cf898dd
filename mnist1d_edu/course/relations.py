"""How a wrong result relates to the right one, in words: "it is minus what it should be".

Where no known mistake fits, `find` tries a small grammar of relations, simplest first, on one part
of the result. A relation is told only if it holds on every probe on which that part is wrong, so
its sentence is never untrue of them. `as_if` is the second half of the grammar: the result is what
comes out right for another argument ("as if `stride` were 1"); `when` is the last: on which probes,
or in which places, the part is wrong and on which it is right.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from mnist1d_edu.course.compare import difference, is_numeric, shown, stacked
from mnist1d_edu.course.evidence import Cell


@dataclass(frozen=True)
class Setting:
    """What a relation may speak of: the arguments of each probe by name, and the tolerance."""

    arguments: list[dict[str, object]]
    rtol: float | None = None
    atol: float | None = None

    def same(self, one, other) -> bool:
        """Whether two values agree in form and number."""
        return difference(one, other, self.rtol, self.atol) is None


def find(cells: list[Cell], setting: Setting) -> str | None:
    """The simplest relation that holds in all cells of one part; a predicate, or None."""
    cells = [_as_arrays(cell) for cell in cells]
    if any(cell is None for cell in cells):
        return None
    finite = any(np.isfinite(_plain(c.got)).any() for c in cells)
    with np.errstate(all="ignore"):
        for relation in RELATIONS if finite else (_not_a_number,):
            said = relation(cells, setting)
            if said:
                return said
    return None


def find_plain(cells: list[Cell], setting: Setting) -> str | None:
    """`find`, but only a sign, a factor without a story, or an exchange of axes."""
    cells = [_as_arrays(cell) for cell in cells]
    if any(cell is None for cell in cells):
        return None
    with np.errstate(all="ignore"):
        for relation in (_sign, _factor, _axes_in_another_order):
            said = relation(cells, setting)
            if said and "another for each input" not in said:
                return said
    return None


def _as_arrays(cell: Cell) -> Cell | None:
    got = cell.got
    if isinstance(got, list) and got and isinstance(got[0], list):
        got = [stacked(row) if isinstance(row, list) else row for row in got]
    got = stacked(got) if isinstance(got, (list, tuple)) else got
    if not is_numeric(got) or not is_numeric(cell.want):
        return None
    got, want = np.asarray(got), np.asarray(cell.want)
    if got.dtype.kind not in "biuf" or want.dtype.kind not in "biuf" or not got.size:
        return None
    if want.dtype.kind == "b" and not want.ndim:   # whether something holds: no number
        return None
    if isinstance(cell.got, (list, tuple)) and want.ndim:
        got = _Listed(got)
    return Cell(cell.probe, cell.part, got, want)


class _Listed(np.ndarray):
    """An array that was handed in as a list."""

    def __new__(cls, array: np.ndarray):
        return array.view(cls)


def _all(cells: list[Cell], setting: Setting, change: Callable, *, of_got: bool = False) -> bool:
    """Whether got == change(want) in all cells, or change(got) == want."""
    for cell in cells:
        try:
            changed = change(_plain(cell.got) if of_got else cell.want)
        except (ValueError, IndexError, TypeError, np.exceptions.AxisError):
            return False
        one, other = (changed, cell.want) if of_got else (_plain(cell.got), changed)
        if not setting.same(np.asarray(one), np.asarray(other)):
            return False
    return True


def _plain(array: np.ndarray) -> np.ndarray:
    return array.view(np.ndarray) if isinstance(array, _Listed) else array


def _numbers(cells: list[Cell]) -> int:
    """How many numbers speak for a relation."""
    return sum(cell.want.size for cell in cells)


# ---- structure: the right parts, put together otherwise

def structure(values: list[tuple], setting: Setting, exercise) -> str | None:
    """How results that are tuples or dicts are put together otherwise; values: (got, want)."""
    if not values:
        return None
    _, want = values[0]
    if isinstance(want, tuple) and len(want) > 1 and all(len(w) == len(want) for _, w in values):
        return _tuple_structure(values, setting, exercise, len(want))
    if isinstance(want, dict):
        return _dict_structure(values, setting)
    return None


def _tuple_structure(values, setting, exercise, n: int) -> str | None:
    names = [exercise.name_of_part((i,)).removeprefix("your ") for i in range(n)]
    for i in range(n):
        if all(setting.same(g, w[i]) for g, w in values):
            return f"you return only {names[i]}: {n} results are wanted"
    lengths = {len(g) for g, _ in values if isinstance(g, (tuple, list))}
    if len(lengths) != 1 or not all(isinstance(g, (tuple, list)) for g, _ in values):
        return None
    m = lengths.pop()
    if m == n < 5:
        for order in list(itertools.permutations(range(n)))[1:]:
            if all(setting.same(g[k], w[i]) for g, w in values for k, i in enumerate(order)):
                said = ", ".join(names[i] for i in order)
                return f"your results are right, but in another order: yours are {said}"
    for i in range(n):
        if m == n - 1 and all(setting.same([*g], [*w[:i], *w[i + 1:]]) for g, w in values):
            return f"{names[i]} is missing; your other results are right"
        if m == n - 1 and all(len(g) == len(w) - 1 for g, w in values) and all(
                setting.same(g[k], w[k]) for g, w in values for k in range(i)) and i == n - 1:
            return f"{names[i]} is missing"
    for i in range(m):
        if m == n + 1 and all(setting.same([*g[:i], *g[i + 1:]], [*w]) for g, w in values):
            return f"you return one result too many, number {i + 1}; the others are right"
    return None


def _dict_structure(values, setting) -> str | None:
    if all(isinstance(g, tuple) and len(g) == len(w) and all(
            setting.same(a, b) for a, b in zip(g, w.values(), strict=True)) for g, w in values):
        return "your results are right, but in a tuple: a dict with their names is wanted"
    if not all(isinstance(g, dict) for g, _ in values):
        return None
    right = all(setting.same(g[k], w[k]) for g, w in values for k in w if k in g)
    missing = [k for k in values[0][1] if all(k not in g for g, _ in values)]
    if right and missing and all(set(g) == set(w) - set(missing) for g, w in values):
        said = " and ".join(map(repr, missing[:3])) + (" and others" if len(missing) > 3 else "")
        return f"{said} {'is' if len(missing) == 1 else 'are'} missing; all else is right"
    more = [k for k in values[0][0] if all(k not in w for _, w in values)]
    if right and more and all(set(g) == set(w) | set(more) for g, w in values):
        return f"{more[0]!r} does not belong in your result; all else is right"
    return None


# ---- form: the right numbers, built otherwise

def _in_a_list(cells, setting):
    if all(isinstance(c.got, _Listed) for c in cells) and _all(cells, setting, lambda w: w):
        return "holds the right numbers, but is a list, and must be an array: np.array makes one"
    return None


def _dtype(cells, setting):
    if all(c.got.dtype.kind == "b" and c.want.dtype.kind in "iuf" and c.got.shape == c.want.shape
           and np.array_equal(_plain(c.got), c.want != 0) for c in cells):
        return "only says where something is (True and False): the numbers are wanted"
    if all(c.got.dtype.kind == "f" and c.want.dtype.kind in "iu" for c in cells) \
            and _all(cells, setting, lambda w: w.astype(float)):
        return "has the right values, but as decimal numbers: whole numbers (int) are wanted"
    if all(c.got.dtype.kind == "b" and c.want.dtype.kind in "iuf" for c in cells) \
            and _all(cells, setting, lambda g: g.astype(float), of_got=True):
        return "has the right values, but as True and False: numbers are wanted"
    if all(c.got.dtype.kind in "iub" and c.want.dtype.kind == "b" for c in cells) \
            and _all(cells, setting, lambda w: w.astype(int)):
        return "has the right values, but as numbers: True and False are wanted"
    return None


def _axis_of_length_one(cells, setting):
    if not all(c.got.ndim != c.want.ndim and setting.same(
            np.squeeze(_plain(c.got)), np.squeeze(c.want)) for c in cells):
        return None
    shapes = f"it is of shape {cells[0].got.shape} where {cells[0].want.shape} is wanted"
    if all(isinstance(c.got, _Listed) for c in cells):
        return "is a list with the right array in it: the array itself is wanted"
    if all(c.got.ndim > c.want.ndim for c in cells):
        return f"holds the right numbers, with an axis of length 1 too many: {shapes}"
    return f"holds the right numbers, but lacks an axis of length 1: {shapes} (`keepdims`?)"


def _axes_in_another_order(cells, setting):
    n = cells[0].want.ndim
    if n < 2 or any(c.want.ndim != n or max(c.want.shape) < 2 for c in cells):
        return None
    for order in list(itertools.permutations(range(n)))[1:]:
        if _all(cells, setting, partial(np.transpose, axes=order)):
            if n == 2:
                return "is the transpose of what it should be: rows and columns are exchanged"
            back = tuple(int(i) for i in order)
            return f"has its axes in another order: yours are axes {back} of what is wanted"
    return None


def _another_shape(cells, setting):
    if all(c.got.shape != c.want.shape and c.got.size == c.want.size for c in cells) \
            and all(setting.same(_plain(c.got).ravel(), c.want.ravel()) for c in cells):
        return ("holds the right numbers in the right order, but in another shape, "
                f"{cells[0].got.shape} where {cells[0].want.shape} is wanted")
    if all(c.got.size == c.want.size for c in cells) and cells[0].want.ndim > 1:
        for order in list(itertools.permutations(range(cells[0].want.ndim)))[1:]:
            if all(c.want.ndim == len(order) for c in cells) and all(
                    setting.same(_plain(c.got).ravel(), c.want.transpose(order).ravel())
                    for c in cells):
                return ("holds the right numbers, but their axes are poured together: reshape "
                        "keeps the order in which numbers stand, and swaps no axes")
    return None


# ---- numbers: a sign, a factor, a term

def _nothing_done(cells, setting):
    for name in _array_names(setting, cells):
        if all(setting.same(_plain(c.got), setting.arguments[c.probe][name]) for c in cells):
            return f"is `{name}` itself, unchanged"
    if all(not np.any(_plain(c.got)) and c.got.shape == c.want.shape and c.want.size > 1
           for c in cells):
        return "is 0 everywhere: does what you compute get into it?"
    return None


def _sign(cells, setting):
    if _all(cells, setting, lambda w: -w):
        return "is minus what it should be: a sign is turned"
    return None


def _factor(cells, setting):
    ratios = [_ratio(c, setting) for c in cells]
    if None in ratios or any(_close(r, 1, 1e-4) for r in ratios):   # so near 1, it is no factor
        return None
    names = list(_named_numbers(setting, cells))
    for label, values in names:
        if len(set(values)) > 1 or abs(values[0]) not in (0, 1, 2):
            said = _by_named_factor(ratios, label, values)
            if said:
                return said
    first = ratios[0]
    if all(_close(r, first, 1e-6) for r in ratios) and (
            _different(cells) > 2 or _round(first)):
        return _by_factor(first)
    for label, values in names:
        said = _by_named_factor(ratios, label, values)
        if said:
            return said
    if all(c.want.size > 2 for c in cells):
        told = ", ".join(f"{r:.4g}" for r in ratios[:3])
        return (f"is right but for one factor, another for each input ({told}, ...): is something "
                "multiplied or divided once too often or too rarely?")
    return None


def _different(cells) -> int:
    """How many different numbers speak for a relation: one number has many relations."""
    return len({v for c in cells for v in np.round(np.asarray(c.want, float), 9).ravel().tolist()})


def _round(x: float) -> bool:
    return any(_close(x, c) for c in (2, 0.5, 100, 0.01, 3, 1 / 3, 4, 0.25, 10, 0.1))


def _by_factor(r: float) -> str:
    how = "exactly " if _round(r) or _round(-r) else ""
    sign = " and its sign is turned" if r < 0 else ""
    r = abs(r)
    if _close(r, 0.5) or _close(r, 2):
        return f"is {how}{'half' if r < 1 else 'twice'} what it should be{sign}"
    for value, words in ((np.log(2), "log 2"), (np.pi, "π"), (np.sqrt(2), "the root of 2"),
                         (2 * np.pi, "2 π")):
        if _close(r, value) or _close(r, 1 / value):
            return (f"is too {'large' if r > 1 else 'small'} by a factor of "
                    f"{words if _close(r, value) else '1 / ' + words}{sign}")
    if r > 1:
        return f"is {how}{r:.6g} times too large everywhere{sign}"
    return f"is too small everywhere, {how}{r:.6g} of what it should be{sign}"


def _by_named_factor(ratios, label, values) -> str | None:
    for text, change in (("{0}", lambda v: v), ("{0}²", lambda v: v * v),
                         ("the root of {0}", lambda v: v**0.5), ("(1 - {0})", lambda v: 1 - v),
                         ("({0} - 1)", lambda v: v - 1)):
        named = [complex(change(float(v))) for v in values]
        if any(abs(f.imag) > 1e-12 or not f.real or _close(abs(f.real), 1) for f in named):
            continue
        factors = [f.real for f in named]
        here = f" = {shown(float(values[0]))}" if text == "{0}" else ""
        for upside_down in (False, True):
            for sign in (1, -1):
                if all(_close(r, sign / f if upside_down else sign * f, 1e-6)
                       for r, f in zip(ratios, factors, strict=True)):
                    said = _factor_told(text.format(label) + here, upside_down,
                                        all(abs(f) > 1 for f in factors))
                    turned = ", and its sign is turned" if sign < 0 else ""
                    count = text == "{0}" and label.startswith("the number")
                    return said + turned + (COUNTS[upside_down] if count else "")
    return None


COUNTS = (": is there a mean to take?", ": is a sum wanted, and not a mean?")


def _factor_told(named: str, upside_down: bool, above_one: bool) -> str:
    if above_one:
        return f"is exactly {named} times too {'small' if upside_down else 'large'}"
    return (f"is exactly what it should be, divided by {named}" if upside_down
            else f"is exactly {named} times what it should be")


def _close(one: float, other: float, rtol: float = 1e-5) -> bool:
    """`np.isclose` for two finite numbers; for so few it is slow."""
    return abs(one - other) <= 1e-8 + rtol * abs(other)


def _ratio(cell: Cell, setting) -> float | None:
    """The one factor between got and want; None if there is none."""
    if cell.got.shape != cell.want.shape:
        return None
    got, want = (np.asarray(_plain(a), float) for a in (cell.got, cell.want))
    if not (np.isfinite(got).all() and np.isfinite(want).all()):
        return None
    k = int(np.argmax(np.abs(want)))
    if want.flat[k] == 0 or got.flat[k] == 0:
        return None
    ratio = got.flat[k] / want.flat[k]
    return ratio if setting.same(got, ratio * want) and abs(ratio) > 1e-9 else None


def _term(cells, setting):
    if any(c.got.shape != c.want.shape for c in cells):
        return None
    gaps = [np.asarray(_plain(c.got), float) - np.asarray(c.want, float) for c in cells]
    if not all(np.isfinite(g).all() for g in gaps):
        return None
    for name in _argument_names(setting):
        values = [setting.arguments[c.probe].get(name) for c in cells]
        if not all(is_numeric(v) and np.asarray(v).dtype.kind in "iufb" for v in values):
            continue
        for times, words in ((-1, f"lacks a term: `{name}` is to be added"),
                             (1, f"has `{name}` as a term too many"),
                             (-2, f"has `{name}` subtracted where it is to be added")):
            if all(_broadcasts(v, g) and setting.same(
                    np.asarray(_plain(c.got), float),
                    np.asarray(c.want, float) + times * np.asarray(v, float))
                    and np.any(v) for c, v, g in zip(cells, values, gaps, strict=True)):
                return words
    first = gaps[0].flat[0]
    if _different(cells) > (1 if abs(first) == 1 else 2) and all(
            setting.same(g, np.full(g.shape, first)) for g in gaps):
        how = "large" if first > 0 else "small"
        return f"is too {how} by {shown(float(abs(first)))} everywhere"
    return None


def _product(cells, setting):
    if any(c.got.shape != c.want.shape for c in cells) or _numbers(cells) < 3:
        return None
    for name in _array_names(setting, cells):
        values = [setting.arguments[c.probe][name] for c in cells]
        if not all(_broadcasts(v, c.want) and v.size > 1
                   for v, c in zip(values, cells, strict=True)):
            continue
        for change, words in (
                (lambda w, v: w * v, f"is multiplied by `{name}` once too often"),
                (lambda w, v: w / v, f"is divided by `{name}` once too often, or a product with "
                                     "it is left out")):
            if all(setting.same(np.asarray(_plain(c.got), float), change(c.want, v))
                   for c, v in zip(cells, values, strict=True)):
                return words
    return None


def _broadcasts(value, array) -> bool:
    try:
        return np.broadcast_shapes(np.shape(value), array.shape) == array.shape
    except ValueError:
        return False


def _function(cells, setting):
    got = [Cell(c.probe, c.part, c.got, _plain(c.got)) for c in cells]
    if _different(cells) < 3 or _different(got) < 2:
        return None
    for change, words in ELEMENTWISE:
        if _all(cells, setting, change):
            return words
    for change, words in UNDONE:
        if _all(cells, setting, change, of_got=True):
            return words
    return None


ELEMENTWISE = (
    (np.abs, "has lost its signs: an absolute value too many"),
    (np.square, "is the square of what it should be"),
    (lambda w: np.maximum(w, 0), "has 0 in place of every negative value"),
    (np.trunc, "has its decimals cut off: is it written into an array of integers?"),
    (np.round, "is rounded to whole numbers"),
    (np.floor, "is rounded down"),
    (np.ceil, "is rounded up"),
    (lambda w: np.trunc(w).astype(int), "has its decimals cut off: are they whole numbers by "
                                         "mistake?"),
    (lambda w: np.round(w).astype(int), "is rounded to whole numbers"),
    (np.sign, "is only the sign of what it should be"),
    (lambda w: 1 - w, "is 1 minus what it should be: the opposite is counted"),
    (lambda w: 100 - w, "is 100 minus what it should be: the opposite is counted"),
    (lambda w: 1 / w, "is 1 divided by what it should be: turned upside down"),
    (np.sqrt, "is the square root of what it should be"),
    (np.exp, "is the exponential of what it should be: a logarithm is missing"),
    (np.log, "is the logarithm of what it should be"),
    (np.tanh, "went through a tanh once too often"),
)
UNDONE = (
    (np.abs, "has the right size but not the right signs"),
    (np.tanh, "is what should still go through a tanh"),
    (lambda g: 1 / (1 + np.exp(-g)), "is what should still go through a sigmoid"),
    (lambda g: np.maximum(g, 0), "has negative values where 0 should be: a ReLU is missing"),
)


# ---- sums and means

def _reduced(cells, setting):
    """Over an axis too many or too few."""
    reductions = ((np.sum, "sum"), (np.mean, "mean"), (np.max, "maximum"))
    for axes in _axes(min(c.got.ndim for c in cells)):
        for reduce, word in reductions:
            if all(c.got.size > c.want.size for c in cells) and _all(
                    cells, setting, partial(reduce, axis=axes), of_got=True):
                return f"is not summed up: the {word} over {_axis_words(axes, cells[0].got)} " \
                       "is missing"
    for axes in _axes(min(c.want.ndim for c in cells)):
        for reduce, word in reductions:
            for keep in (False, True):
                if all(c.got.size < c.want.size or keep for c in cells) and _all(
                        cells, setting, partial(reduce, axis=axes, keepdims=keep)):
                    return f"went through a {word} over {_axis_words(axes, cells[0].want)} too many"
    return None


def _axes(n: int) -> list:
    pairs_of = [tuple(p) for p in itertools.combinations(range(n), 2)]
    return [*range(n), *pairs_of, None] if n else []


def _axis_words(axes, array) -> str:
    if axes is None:
        return "all axes" if array.ndim > 1 else "its numbers"
    return f"axis {axes}" if isinstance(axes, int) else f"axes {axes[0]} and {axes[1]}"


def _one_of(cells, setting):
    for index, word in ((0, "first"), (-1, "last")):
        for axis in range(min(c.want.ndim for c in cells)):
            if all(c.got.size < c.want.size for c in cells) and _all(
                    cells, setting, partial(np.take, indices=index, axis=axis)):
                return f"is only the {word} {_entry(axis, cells)} of what it should be"
    return None


# ---- places

def _length(cells, setting):
    """An entry too many or missing at an end."""
    for axis in range(min(c.want.ndim for c in cells)):
        for cut, word in ((slice(1, None), "first"), (slice(None, -1), "last")):
            index = (slice(None),) * axis + (cut,)
            if all(c.got.ndim == c.want.ndim and c.want.shape[axis] - c.got.shape[axis] == 1
                   for c in cells) and _all(cells, setting, partial(_indexed, index)):
                return f"lacks the {word} {_entry(axis, cells)}; the others are right"
            if all(c.got.ndim == c.want.ndim and c.got.shape[axis] - c.want.shape[axis] == 1
                   for c in cells) and _all(cells, setting, partial(_indexed, index), of_got=True):
                return f"has a {_entry(axis, cells)} too many, the {word} one"
    if cells[0].want.ndim == 1 and all(c.got.ndim == 1 for c in cells):
        if all(len(c.got) > len(c.want) and setting.same(_plain(c.got)[:len(c.want)], c.want)
               for c in cells):
            return "begins rightly and goes on too long: it has more numbers than are wanted"
        if all(len(c.got) < len(c.want) and setting.same(_plain(c.got), c.want[:len(c.got)])
               for c in cells):
            return "begins rightly and ends too soon: numbers are missing at the end"
    return None


def _indexed(index, array):
    return array[index]


def _another_order(cells, setting):
    if any(c.got.shape != c.want.shape or c.want.size < 2 for c in cells) or _different(cells) < 3:
        return None
    for axis in range(cells[0].want.ndim):
        if any(c.want.ndim <= axis for c in cells):
            break
        if _all(cells, setting, partial(np.flip, axis=axis)):
            return f"is in reverse: the last {_entry(axis, cells)} stands first"
        for shift, word in ((1, "one place late: each stands where the next belongs"),
                            (-1, "one place early: each stands where the one before belongs")):
            if all(c.want.shape[axis] > 2 for c in cells) and _all(
                    cells, setting, partial(np.roll, shift=shift, axis=axis)):
                return f"comes {word}, along axis {axis}, and wraps around at the ends"
            if all(c.want.shape[axis] > 2 for c in cells) and _shifted(cells, setting, axis, shift):
                return f"comes {word}, along axis {axis}"
    if all(c.want.size > 2 for c in cells) and all(setting.same(
                np.sort(_plain(c.got), axis=None), np.sort(c.want, axis=None)) for c in cells):
        if cells[0].want.ndim == 2 and all(c.want.ndim == 2 and setting.same(
                np.sort(_plain(c.got), 0), np.sort(c.want, 0)) for c in cells):
            return "holds the right numbers, but rows stand in another order"
        return "holds the right numbers, but in another order"
    return None


def _shifted(cells, setting, axis: int, shift: int) -> bool:
    late, early = slice(1, None), slice(None, -1)
    mine, right = (late, early) if shift > 0 else (early, late)
    before = (slice(None),) * axis
    return all(setting.same(_plain(c.got)[(*before, mine)], c.want[(*before, right)])
               for c in cells)


def _some_places(cells, setting):
    """Right but for one row, column or element, or only there."""
    if any(c.got.shape != c.want.shape for c in cells) or len(
            {c.want.tobytes() for c in cells}) < 2:
        return None
    masks = [_wrong_places(c, setting) for c in cells]
    if not any((~m).any() for m in masks):
        return None
    for axis in range(min(m.ndim for m in masks)):
        for index, word in ((0, "first"), (-1, "last")):
            hits = [np.delete(m, index, axis) for m in masks]
            if all(not h.any() for h in hits) and any(h.size for h in hits):
                return f"is right except in the {word} {_entry(axis, cells)}"
            ends = [np.take(m, index, axis) for m in masks]
            if not any(e.any() for e in ends) and all(h.all() for h in hits) and _numbers(
                    cells) > 2:
                return f"is right in the {word} {_entry(axis, cells)} only"
    if cells[0].want.ndim == 2 and all(
            m.ndim == 2 and m.shape[0] == m.shape[1] and not m[~np.eye(len(m), dtype=bool)].any()
            for m in masks):
        return "is right except on the diagonal"
    return None


def _wrong_places(cell: Cell, setting) -> np.ndarray:
    got, want = _plain(cell.got), cell.want
    if not want.ndim:
        return np.array(True)
    scale = np.abs(want[np.isfinite(want)]).max(initial=0.0) if want.dtype.kind == "f" else 0
    rtol = setting.rtol if setting.rtol is not None else 1e-7
    if got.dtype.kind == "f" and got.dtype.itemsize < 8 and setting.rtol is None:
        rtol = 1e-4
    close = np.abs(got.astype(float) - want.astype(float)) <= 1e-9 + rtol * scale
    return ~(close | (got == want) | (np.isnan(got.astype(float)) & np.isnan(want.astype(float))))


def _entry(axis: int, cells) -> str:
    if cells[0].want.ndim == 1:
        return "element"
    if cells[0].want.ndim == 2:
        return "row" if axis == 0 else "column"
    return f"entry along axis {axis}"


def _where(cells, setting):
    """Wrong only where an argument of the same shape, or the result itself, is of some kind; the
    kind of which there are fewest."""
    if any(c.got.shape != c.want.shape or not c.want.ndim for c in cells):
        return None
    masks = [_wrong_places(c, setting) for c in cells]
    if not any((~m).any() for m in masks):
        return None
    found = []
    for name in _array_names(setting, cells):
        values = [setting.arguments[c.probe][name] for c in cells]
        if all(np.shape(v) == m.shape for v, m in zip(values, masks, strict=True)):
            found += [(sum(int(test(v).sum()) for v in values), f"`{name}` is {words}")
                      for test, words in PLACES if _covers(test, values, masks)]
    wants = [c.want for c in cells]
    found += [(sum(int(test(w).sum()) for w in wants), f"it should be {words}")
              for test, words in PLACES[:2] if _covers(test, wants, masks)]
    return f"is right except where {min(found)[1]}" if found else None


def _covers(test: Callable, values: list, masks: list) -> bool:
    """Whether all wrong places are of this kind, a good part of this kind wrong, and others not of
    it."""
    kinds = [test(v) for v in values]
    inside = sum(int(kind.sum()) for kind in kinds)
    return (not any(m[~kind].any() for m, kind in zip(masks, kinds, strict=True))
            and 3 * sum(int(m.sum()) for m in masks) >= inside
            and any((~kind).any() for kind in kinds))


PLACES = ((lambda v: v == 0, "0"), (np.isnan, "nan"), (lambda v: v < 0, "negative"),
          (lambda v: v > 0, "positive"), (lambda v: v <= 0, "0 or negative"),
          (lambda v: v >= 0, "0 or positive"), (lambda v: np.abs(v) > 300, "large, so that exp "
                                                "of it overflows"))


def _not_a_number(cells, setting):
    """NaN or infinity in rows where an argument is large, or everywhere."""
    if any(c.got.shape != c.want.shape or c.got.dtype.kind != "f" for c in cells):
        return None
    bad = [~np.isfinite(_plain(c.got)) & np.isfinite(c.want) for c in cells]
    if not all(b.any() for b in bad):
        return None
    for name in _array_names(setting, cells):
        values = [setting.arguments[c.probe][name] for c in cells]
        if all(np.abs(v).max(initial=0) > 300 for v in values) and all(
                np.abs(a[name]).max(initial=0) < 300 for i, a in enumerate(setting.arguments)
                if i not in {c.probe for c in cells} and isinstance(a.get(name), np.ndarray)):
            return (f"is not a number where `{name}` is large: exp of it overflows to inf, and "
                    "inf / inf or inf - inf is nan")
        if all(not np.any(v) for v in values):
            return f"is not a number where `{name}` is 0: 0 is divided by 0"
    return None


def _rounding(cells, setting):
    """Nearly right, by more than rounding explains."""
    if any(c.got.shape != c.want.shape or c.want.dtype.kind != "f" for c in cells):
        return None
    if setting.rtol is not None and setting.rtol > 1e-6:
        return None
    gaps = [np.abs(_plain(c.got).astype(float) - c.want).max() / max(np.abs(c.want).max(), 1e-300)
            for c in cells]
    if not all(np.isfinite(gaps)) or max(gaps) > 1e-3 or _numbers(cells) < 2:
        return None
    return (f"is nearly right, but off by up to {max(gaps):.0e} of its size, more than rounding "
            "does: a small number is added somewhere, or a formula is only nearly the right one")


def _repeated(cells, setting):
    """All rows or numbers alike where they should not be."""
    if all(not c.want.ndim and not c.got.ndim for c in cells) and _different(cells) > 2 and len(
            {float(c.got) for c in cells}) == 1:
        return f"is {shown(float(cells[0].got))} whatever is given"
    if any(c.got.shape != c.want.shape or c.want.size < 2 for c in cells):
        return None
    if all(setting.same(_plain(c.got), np.full(c.got.shape, _plain(c.got).flat[0]))
           and np.ptp(c.want) > 0 for c in cells) and not any(
               np.isnan(_plain(c.got).astype(float)).any() for c in cells):
        return "is the same number everywhere"
    if all(c.want.ndim == 2 and len(c.want) > 1 and np.ptp(c.want, 0).any() and setting.same(
            _plain(c.got), np.broadcast_to(_plain(c.got)[0], c.got.shape)) for c in cells):
        return "has the same row again and again: does each row get its own?"
    return None


RELATIONS = (_in_a_list, _dtype, _axis_of_length_one, _nothing_done, _sign, _function, _factor,
             _term, _axes_in_another_order, _another_shape, _reduced, _one_of, _length,
             _another_order, _product, _not_a_number, _some_places, _where, _repeated, _rounding)


# ---- what a sentence may name

def _argument_names(setting: Setting) -> list[str]:
    return list(setting.arguments[0]) if setting.arguments else []


def _array_names(setting: Setting, cells) -> list[str]:
    return [name for name in _argument_names(setting)
            if all(isinstance(setting.arguments[c.probe].get(name), np.ndarray)
                   and setting.arguments[c.probe][name].dtype.kind in "iufb" for c in cells)]


def _named_numbers(setting: Setting, cells) -> Iterator[tuple[str, list[float]]]:
    """Numbers that have a name: scalar arguments, and the lengths of array arguments' axes."""
    for name in _argument_names(setting):
        values = [setting.arguments[c.probe].get(name) for c in cells]
        if all(_is_scalar(v) for v in values):
            yield f"`{name}`", [float(v) for v in values]
        elif all(isinstance(v, np.ndarray) and v.ndim == values[0].ndim for v in values):
            words = ["rows", "columns"] if values[0].ndim == 2 else ["elements"]
            for axis in range(values[0].ndim):
                count = words[axis] if values[0].ndim < 3 else f"entries along axis {axis}"
                yield f"the number of {count} of `{name}`", [float(v.shape[axis]) for v in values]
            if values[0].ndim > 1:
                yield f"the number of all elements of `{name}`", [float(v.size) for v in values]


def _is_scalar(value) -> bool:
    return is_numeric(value) and not isinstance(value, bool) and np.ndim(value) == 0 and np.isreal(
        value) and np.isfinite(value)


# ---- as if an argument were another

def changes(probes: list[tuple], names: list[str]) -> list[tuple[str, Callable]]:
    """(words, change of a probe's arguments) to be tried on the reference, simplest first."""
    found: list[tuple[str, Callable]] = []
    kinds = [_kind([p[j] for p in probes]) for j in range(min(len(p) for p in probes))]
    for j, kind in enumerate(kinds):
        if names[j] in ("seed", "rng"):   # of the check, not of the student
            continue
        found += _changes_of_one(j, names[j], kind, [p[j] for p in probes])
    found += _changes_of_two(kinds, names, probes)
    found += _changes_of_lengths(kinds, names, probes)
    return found


def _kind(values: list) -> str:
    if all(isinstance(v, bool) for v in values):
        return "bool"
    if all(_is_scalar(v) for v in values):
        return "int" if all(isinstance(v, (int, np.integer)) for v in values) else "float"
    if all(isinstance(v, np.ndarray) and v.dtype.kind in "iuf" for v in values):
        return "array" if all(v.dtype.kind == "f" for v in values) else "whole array"
    if all(isinstance(v, dict) for v in values):
        return "dict"
    if all(isinstance(v, list) and v and isinstance(v[0], np.ndarray) for v in values):
        return "arrays"
    return "other"


def _replaced(j: int, change: Callable) -> Callable:
    return lambda given: (*given[:j], change(given[j]), *given[j + 1:])


def _changes_of_one(j: int, name: str, kind: str, values: list) -> list[tuple[str, Callable]]:
    one = partial(_replaced, j)
    if kind == "bool":
        return [(f"as if `{name}` were always {flag}: is it used?", one(lambda _, f=flag: f))
                for flag in (False, True)]
    if kind in ("int", "float"):
        found = [(f"as if `{name}` were {v}: is it used?", one(lambda _, v=v: v)) for v in (0, 1)]
        if kind == "float":
            found.append((f"as if `{name}` were 1.96", one(lambda _: 1.96)))
        found += [(f"as if `{name}` were 1 larger", one(lambda v: v + 1)),
                  (f"as if `{name}` were 1 smaller", one(lambda v: v - 1)),
                  (f"as if `{name}` were twice as large", one(lambda v: 2 * v)),
                  (f"as if `{name}` were half as large", one(lambda v: v / 2)),
                  (f"as if `{name}` had the other sign", one(lambda v: -v)),
                  (f"as if 1 - {name} stood in place of `{name}`", one(lambda v: 1 - v)),
                  (f"as if the square of `{name}` stood in its place", one(lambda v: v * v)),
                  (f"as if the root of `{name}` stood in its place", one(lambda v: v ** 0.5)),
                  (f"as if `{name}` were divided by 100", one(lambda v: v / 100))]
        return found + [(f"as if `{name}` were always {shown(v)}", one(lambda _, v=v: v))
                        for v in _few(values) if v not in (0, 1)]
    if kind in ("array", "whole array"):
        found = [(f"as if `{name}` were 0: is it used?", one(np.zeros_like)),
                 (f"as if `{name}` had the other sign", one(lambda v: -v)),
                 (f"as if `{name}` were in reverse", one(lambda v: v[::-1].copy())),
                 (f"as if `{name}` were without its signs", one(np.abs)),
                 (f"as if negative values of `{name}` were 0", one(lambda v: np.maximum(v, 0)))]
        if all(v.ndim > 1 for v in values):
            found += [(f"as if `{name}` were transposed",
                       one(lambda v: np.swapaxes(v, -1, -2).copy())),
                      (f"as if the last axis of `{name}` were in reverse",
                       one(lambda v: v[..., ::-1].copy())),
                      (f"as if all of `{name}` were its first row",
                       one(lambda v: np.repeat(v[:1], len(v), 0))),
                      (f"as if reshape had been used to transpose `{name}`", one(_poured))]
        if kind == "array":
            found += [(f"as if the decimals of `{name}` were cut off", one(np.trunc)),
                      (f"as if all of `{name}` were 1", one(np.ones_like)),
                      (f"as if `{name}` were squared", one(np.square)),
                      (f"as if the root of `{name}` were taken first",
                       one(lambda v: np.sqrt(np.abs(v)))),
                      (f"as if `{name}` went through a tanh first", one(np.tanh)),
                      (f"as if `{name}` had its mean subtracted", one(lambda v: v - v.mean()))]
        return found
    if kind == "dict":
        return _changes_of_dict(j, name, values)
    if kind == "arrays":
        return [(f"as if `{name}` were in reverse", one(lambda v: v[::-1])),
                (f"as if the matrices of `{name}` were transposed",
                 one(lambda v: [a.T.copy() for a in v]))]
    return []


def _few(values: list) -> list:
    return sorted(set(values), key=values.index)[:4]


def _poured(value: np.ndarray) -> np.ndarray:
    turned = np.swapaxes(value, -1, -2)
    return np.swapaxes(value.reshape(turned.shape), -1, -2).copy()


def _changes_of_dict(j: int, name: str, values: list) -> list[tuple[str, Callable]]:
    keys = [k for k in values[0] if all(k in v for v in values)]
    found = []
    for key in keys:
        said = f"{name}[{key!r}]"
        change = partial(_in_dict, j, [key])
        if all(is_numeric(v[key]) for v in values):
            found += [(f"as if `{said}` were 0: is it used?", change(lambda v: v * 0)),
                      (f"as if `{said}` had the other sign", change(lambda v: -v)),
                      (f"as if `{said}` were twice as large", change(lambda v: 2 * v)),
                      (f"as if `{said}` were half as large", change(lambda v: v / 2)),
                      (f"as if `{said}` were 1", change(lambda v: v * 0 + 1))]
        if all(np.ndim(v[key]) == 2 for v in values):
            found.append((f"as if `{said}` were transposed", change(lambda v: np.asarray(v).T)))
        if all(isinstance(v[key], (list, tuple)) and len(v[key]) == 2 for v in values):
            found += [(f"as if both ends of `{said}` were the larger one",
                       change(lambda v: type(v)([v[1], v[1]]))),
                      (f"as if both ends of `{said}` were the smaller one",
                       change(lambda v: type(v)([v[0], v[0]])))]
    for ending in ("bias", "weight"):
        group = [k for k in keys if isinstance(k, str) and k.endswith(ending)]
        if len(group) > 1:
            found.append((f"as if every {ending} were 0: are they used?",
                          _in_dict(j, group, lambda v: v * 0)))
    for one, other in itertools.combinations(keys, 2):
        if all(np.shape(v[one]) == np.shape(v[other]) for v in values):
            found.append((f"as if {one!r} and {other!r} were exchanged in `{name}`",
                          _replaced(j, lambda d, a=one, b=other: {**d, a: d[b], b: d[a]})))
    return found


def _in_dict(j: int, keys: list, change: Callable) -> Callable:
    return _replaced(j, lambda d: {**d, **{key: change(d[key]) for key in keys}})


def _changes_of_two(kinds, names, probes) -> list[tuple[str, Callable]]:
    found = []
    for i, j in itertools.permutations(range(len(kinds)), 2):
        alike = kinds[i] == kinds[j] in ("int", "float") or {kinds[i], kinds[j]} == {
            "int", "float"} or (kinds[i] == kinds[j] == "array" and all(
                p[i].shape == p[j].shape for p in probes))
        if not alike:
            continue
        if i < j:
            found.append((f"as if `{names[i]}` and `{names[j]}` were exchanged", _swapped(i, j)))
        found.append((f"as if `{names[i]}` stood in place of `{names[j]}`",
                      lambda given, i=i, j=j: (*given[:j], given[i], *given[j + 1:])))
    return found


def _swapped(i: int, j: int) -> Callable:
    def change(given):
        given = list(given)
        given[i], given[j] = given[j], given[i]
        return tuple(given)
    return change


def _changes_of_lengths(kinds, names, probes) -> list[tuple[str, Callable]]:
    """Entries left out: axes of one length on all probes count as one, such as the examples."""
    axes: dict[tuple, list[tuple[int, int]]] = {}
    for j, kind in enumerate(kinds):
        if kind in ("array", "whole array") and len({p[j].ndim for p in probes}) == 1:
            for axis in range(probes[0][j].ndim):
                sizes = tuple(p[j].shape[axis] for p in probes)
                axes.setdefault(sizes, []).append((j, axis))
    found = []
    for linked in axes.values():
        said = _entry_of(linked, names, probes)
        for cut, words in ((slice(-1, None), "only the last {} counted: is something overwritten, "
                                             "where it is to be added up?"),
                           (slice(0, 1), "only the first {} counted"),
                           (slice(1, None), "the first {} were left out"),
                           (slice(None, -1), "the last {} were left out")):
            found.append(("as if " + words.format(said), partial(_cut, linked, cut)))
    return found


def _entry_of(linked, names, probes) -> str:
    if linked[0][1] == 0 and len(linked) > 1 and all(axis == 0 for _, axis in linked):
        return "example"
    told = []
    for j, axis in linked[:2]:
        word = {1: ["element"], 2: ["row", "column"]}.get(probes[0][j].ndim, [])
        entry = word[axis] if word else f"entry along axis {axis}"
        told.append(f"{entry} of `{names[j]}`")
    return " and ".join(told)


def _cut(linked, cut: slice, given: tuple) -> tuple:
    given = list(given)
    for j, axis in linked:
        given[j] = given[j][(slice(None),) * axis + (cut,)].copy()
    return tuple(given)


# ---- when it is wrong

def when(wrong: list[int], arguments: list[dict[str, object]]) -> str | None:
    """The one condition on the arguments that is true on all wrong probes and on no right one;
    None if there are several, of which the probes cannot tell which it is."""
    right = [i for i in range(len(arguments)) if i not in wrong]
    if not right or not arguments:
        return None
    found = []
    for name in arguments[0]:
        values = [a.get(name) for a in arguments]
        found += [words.format(f"`{name}`") for test, words in CONDITIONS
                  if _separates(test, [values[i] for i in wrong], [values[i] for i in right])]
    scalars = [n for n in arguments[0] if all(_is_scalar(a.get(n)) for a in arguments)]
    for one, other in itertools.permutations(scalars, 2):
        both = [(a[one], a[other]) for a in arguments]
        for test, words in ((lambda v: v[0] < v[1], "less than"),
                            (lambda v: v[0] == v[1], "equal to")):
            if _separates(test, [both[i] for i in wrong], [both[i] for i in right]):
                found.append(f"`{one}` is {words} `{other}`")
    return found[0] if len(found) == 1 else None


def _separates(test: Callable, wrong: list, right: list) -> bool:
    try:
        return all(map(test, wrong)) and not any(map(test, right))
    except (TypeError, ValueError, AttributeError):
        return False


def _array(value) -> np.ndarray:
    if not isinstance(value, np.ndarray) or not value.size or value.dtype.kind not in "iuf":
        raise TypeError
    return value


def _scalar(value) -> float:
    if not _is_scalar(value):
        raise TypeError
    return value


CONDITIONS = (
    (lambda v: v is True, "{} is True"), (lambda v: v is False, "{} is False"),
    (lambda v: _scalar(v) == 0, "{} is 0"), (lambda v: _scalar(v) != 0, "{} is not 0"),
    (lambda v: _scalar(v) == 1, "{} is 1"), (lambda v: _scalar(v) != 1, "{} is not 1"),
    (lambda v: _array(v).dtype.kind in "iu" and v.ndim > 0, "{} holds whole numbers"),
    (lambda v: np.abs(_array(v)).max() > 100, "{} holds large numbers"),
    (lambda v: not _array(v).any(), "{} is 0 everywhere"),
    (lambda v: (_array(v) == 0).any(), "{} has a 0 in it"),
    (lambda v: (_array(v) < 0).any(), "{} has negative numbers in it"),
    (lambda v: len(_array(v)) > 1, "{} has more than one row"),
    (lambda v: len(_array(v)) == 1, "{} has one row only"),
    (lambda v: _array(v).ndim > 1, "{} has more than one axis"),
    (lambda v: _array(v).ndim > 1 and v.shape[0] != v.shape[1], "{} is not square"),
)
