"""The MNIST-1D dataset: templates, the generator, the frozen set, saving and loading.

Names, arguments, defaults and random stream are those of the package `mnist1d` by Greydanus and
Kobak; `docs/random-stream.md` lists the draws. Built by the student in lesson 01; UDL 8.1.

A dataset is a dictionary: `x` (4000, 40) float64 training signals with overall mean 0 and
standard deviation 1, `y` (4000,) their labels 0 to 9, `x_test` (1000, 40), `y_test` (1000,),
`t` (40,) the times of a signal's samples (in the signals' unit), and `templates`, the dictionary
of `get_templates`. The shapes are those of the default arguments.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from mnist1d_edu.arguments import (
    any_array,
    boolean,
    finite_array,
    integer,
    mapping,
    one_line,
    one_of,
    real,
    shown,
    string,
)
from mnist1d_edu.arguments import path as checked_path
from mnist1d_edu.files import check_regular, write_whole
from mnist1d_edu.formats import KINDS, csv_arrays, csv_text, npz_arrays, npz_bytes
from mnist1d_edu.pickles import plain_pickle
from mnist1d_edu.transform import (
    DEFAULTS,
    EPSILON,
    checked_args,
    interpolate,
    shear_line,
    smooth,
    transform,
)
from mnist1d_edu.utils import ObjectView, from_pickle, set_seed, to_pickle

__all__ = [
    "FROZEN_FLOAT32", "FROZEN_LABELS", "FROZEN_ROUND10", "FROZEN_SHA256", "ObjectView",
    "fetch_frozen", "fingerprint", "from_pickle", "get_dataset", "get_dataset_args",
    "get_templates", "human_labels", "load_dataset", "make_dataset", "make_frozen",
    "published_vectors", "save_dataset", "set_seed", "to_pickle", "transform", "write_variant",
]

# Published SHA-256 of the frozen set: its rows `x` then `x_test` as float32, the same rounded to
# ten decimals as float64, its labels as int64 (C order, little-endian), and the pickle itself.
FROZEN_FLOAT32 = "0b2b548d14a498bf71ce4d5e7df61d47851b3e5dd7e7f581a1011383cb03467c"
FROZEN_ROUND10 = "bff9db05e5c87c8308bf78d758c731d882497b8e3dfae7cb1d28e1f89e92b4cc"
FROZEN_LABELS = "6feec4a017698c7fe237c8854cbd2e338c6dd5c16240f6fa79daefaaa129e169"
FROZEN_SHA256 = "e95257676e9fb04568e46dda007da22cc8664ccba1451456afde55d7f6dd6aa5"

BLOCK = 18_000      # numbers in a block of dilated signals: small enough for a core's cache
ARRAYS = ("x", "x_test", "y", "y_test")


def get_dataset_args(as_dict: bool = False) -> Any:
    """The dataset's default arguments, as an object with attributes or as a dictionary."""
    args = {**DEFAULTS, "padding": list(DEFAULTS["padding"])}
    return args if boolean("as_dict", as_dict) else ObjectView(args)


def get_templates() -> dict[str, np.ndarray]:
    """The ten digits as signals that start and end near 0.

    Returns `x` (10, 12) float64, `t` (12,) float64 from -5/6 to 5/6, `y` (10,) the labels.
    """
    x = np.array([
        [5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5],
        [5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5],
        [5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5],
        [5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5],
        [5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5],
        [5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5],
        [5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5],
        [5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5],
        [5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5],
        [5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5]])
    x -= x.mean(axis=1, keepdims=True)
    x /= x.std(axis=1, keepdims=True)
    x -= x[:, :1]
    return {"x": x / 6.0, "t": np.linspace(-5, 5, x.shape[1]) / 6.0, "y": np.arange(10)}


def make_dataset(args: object = None, template: dict | None = None, *,
                 rng: np.random.RandomState | None = None) -> dict:
    """Generate a dataset; the same arguments give the original's numbers.

    args: an object such as `get_dataset_args()` or a dictionary (absent names keep their
    default); template: a dictionary like that of `get_templates`, with any number of classes.
    As in the original, Python's and NumPy's global streams are seeded with `args.seed` and the
    draws come from NumPy's, so code that goes on drawing from it sees the same numbers. With
    `rng` (a numpy.random.RandomState) the draws come from it and no global stream is touched;
    `args.seed` then plays no part.

    Raises ValueError or TypeError for an unknown name, a value out of range, a faulty template.
    """
    args = checked_args(args)
    templates = get_templates() if template is None else template
    x, t, y = _checked_template(templates)
    per_class = integer("num_samples", args.num_samples, len(y)) // len(y)
    stream = _LocalStream(rng)
    if rng is None:
        set_seed(args.seed)
    try:
        with stream:
            signals, labels = _shuffled(stream, x, y, per_class, args)
    except (MemoryError, OverflowError):
        raise ValueError("the dataset must fit in memory; got "
                         f"num_samples={args.num_samples}, padding={args.padding} and "
                         f"final_seq_length={args.final_seq_length}") from None
    mean, scale = signals.mean(), signals.std()
    if scale == 0:
        raise ValueError("templates and noise must vary; got signals that are all the same number: "
                         "they cannot be given standard deviation 1")
    t = interpolate(t, args.template_len + args.padding[1])
    t = interpolate(t, args.final_seq_length) / scale
    signals -= mean
    signals /= scale
    split = int(len(labels) * args.train_split)
    return {"x": signals[:split], "x_test": signals[split:], "y": labels[:split],
            "y_test": labels[split:], "t": t, "templates": templates}


def _shuffled(stream: _LocalStream, x, y, per_class: int, args):
    """Signals (n, final_seq_length) and labels (n,) in their final order, not yet centred."""
    labels = np.repeat(np.arange(len(y)), per_class)
    signals = _signals(stream, x, labels, args)
    order = stream.state.permutation(len(labels))
    signals, labels = signals[order], y[labels[order]]
    if args.shuffle_seq:
        # Indexed so, NumPy lays the copy out column by column; the sums that follow then
        # run in the original's order, and round as they did.
        signals = signals[..., stream.state.permutation(args.final_seq_length)]
    return signals, labels


class _LocalStream:
    """A copy of a legacy stream, put back where it came from when the draws are done.

    Only the owner of a bit generator can ask it for raw words, which is what makes the loop of
    draws twice as fast as `randint` would.
    """

    def __init__(self, rng):
        if rng is not None and not isinstance(rng, np.random.RandomState):
            raise TypeError("rng must be a numpy.random.RandomState; got a "
                            f"{type(rng).__name__}")
        self.source = np.random if rng is None else rng

    def __enter__(self):
        state = self.source.get_state(legacy=False)
        if state["bit_generator"] != "MT19937":
            raise ValueError("rng must draw from MT19937, the default of "
                             f"numpy.random.RandomState; got {state['bit_generator']}")
        self.bits = np.random.MT19937()
        self.state = np.random.RandomState(self.bits)
        self.state.set_state(state)
        return self

    def __exit__(self, *_):
        self.source.set_state(self.state.get_state(legacy=False))


def _signals(stream: _LocalStream, x: np.ndarray, labels: np.ndarray, args) -> np.ndarray:
    """One signal for each of `labels`, (n, final_seq_length), not yet shuffled or centred."""
    length = args.template_len + args.padding[1]
    dilated = _Dilated(x, args.padding, length)
    out = np.empty((len(labels), args.final_seq_length))
    rows = max(1, BLOCK // length)
    blocks = range(0, len(labels), rows)
    for start in tqdm(blocks, desc="samples", delay=2, disable=len(labels) < 100_000):
        block = slice(start, start + rows)
        uniform, shifts, normals = _draw(stream, len(labels[block]), args, length)
        out[block] = _transformed(dilated, labels[block], uniform, shifts, normals, args).T
    return out


def _draw(stream: _LocalStream, n: int, args, length: int):
    """The draws of n samples, in the stream's order: for each its pad, scale, shift, 2 * length
    normals (correlated noise, then independent noise) and shear.

    Returns the uniforms (3, n) in [0, 1), the shifts (n,) and the normals (n, 2 * length).
    """
    uniforms, shifts, normals = [], [], []
    draw, normal = stream.state.random_sample, stream.state.standard_normal
    word, most = stream.bits.random_raw, args.max_translation - 1
    mask, count = (1 << most.bit_length()) - 1, 2 * length
    for _ in range(n):
        uniforms.append(draw())
        uniforms.append(draw())
        # What randint(max_translation) does: words cut to the fewest bits until one is in
        # range; if the range has one number, no word is drawn.
        shift = word() & mask if most else 0
        while shift > most:
            shift = word() & mask
        shifts.append(shift)
        normals.append(normal(count))
        uniforms.append(draw())
    return (np.array(uniforms).reshape(n, 3).T, np.array(shifts),
            np.concatenate(normals).reshape(n, count))


def _transformed(dilated: _Dilated, labels, uniform, shifts, normals, args) -> np.ndarray:
    """`transform.transform` for a block of samples at once: (final_seq_length, n)."""
    length = dilated.length
    low, high = args.padding
    extra = (uniform[0] * (high - low + 1)).astype(np.int64)
    x = dilated.rolled(extra, labels, np.where(shifts < length, shifts, 0))
    x *= 1 + args.scale_coeff * (uniform[1] - 0.5)
    normals = normals.T.copy()
    normals[:length] *= args.corr_noise_scale
    normals[length:] *= args.iid_noise_scale
    x += smooth(normals[:length]) * (x == 0)    # faster than a branch for each number
    x += normals[length:]
    x -= args.shear_scale * (uniform[2] - 0.5) * shear_line(length)[:, None]
    return interpolate(x, args.final_seq_length)


class _Dilated:
    """The templates, padded and dilated to `length`: one for each class and each pad met so far.

    Each is stored twice in a row, so that a rolled signal is a slice of it.
    """

    def __init__(self, x: np.ndarray, padding, length: int):
        self.templates, self.length = x.T + EPSILON, length
        self.table = np.empty((0, len(x), 2 * length))
        self.low = padding[0]
        self.slots = np.full(padding[1] - padding[0] + 1, -1)

    def rolled(self, extra, labels, shifts) -> np.ndarray:
        """The signals of a block, padded by `extra` zeros more than the fewest and rolled to
        the right by their shifts: (length, n)."""
        new = np.unique(extra[self.slots[extra] < 0])
        if len(new):
            self.slots[new] = len(self.table) + np.arange(len(new))
            self.table = np.concatenate([self.table, [self._dilated_twice(e) for e in new]])
        row = self.slots[extra] * self.table.shape[1] + labels
        first = row * 2 * self.length + self.length - shifts
        cells = first + np.arange(self.length)[:, None]
        return self.table.ravel().take(cells, mode="clip")      # no clipping, but no checks

    def _dilated_twice(self, extra: int) -> np.ndarray:
        zeros = np.zeros((self.low + extra, self.templates.shape[1]))
        signal = interpolate(np.concatenate([self.templates, zeros]), self.length).T
        return np.concatenate([signal, signal], axis=1)


def _checked_template(template) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x (classes, length), t (times,), y (classes,) of a template dictionary."""
    if not isinstance(template, dict) or not {"x", "t", "y"} <= template.keys():
        raise TypeError("template must be a dictionary with x, t and y, like that of "
                        f"get_templates(); got {shown(template)}")
    x = finite_array("template['x']", template["x"])
    t = finite_array("template['t']", template["t"])
    y = any_array("template['y']", template["y"])
    if x.ndim != 2 or x.shape[0] < 1 or x.shape[1] < 2:
        raise ValueError("template['x'] must have shape (classes, length) with length at least 2, "
                         f"got {x.shape}")
    if t.ndim != 1 or len(t) < 2:
        raise ValueError("template['t'] must have shape (length,) with length at least 2; got "
                         f"{t.shape}")
    if y.shape != x.shape[:1]:
        raise ValueError(f"template['y'] must have shape {x.shape[:1]}, one label for each row of "
                         f"template['x']; got {y.shape}")
    return x, t, y


def fingerprint(dataset: dict, decimals: int | None = None) -> str:
    """SHA-256 of the rows `x` then `x_test`, as little-endian float32; with `decimals`, of the
    rows rounded to so many decimals, as float64. The default set has FROZEN_FLOAT32, and
    FROZEN_ROUND10 with ten decimals, on every platform."""
    given = mapping("dataset", dataset)
    x, x_test = (finite_array(f"dataset[{name!r}]", given.get(name)) for name in ("x", "x_test"))
    if x.ndim != 2 or x_test.ndim != 2 or x.shape[1] != x_test.shape[1]:
        raise ValueError("dataset['x'] and dataset['x_test'] must have shapes (n, length) of one "
                         f"length; got {x.shape} and {x_test.shape}")
    if decimals is not None:
        integer("decimals", decimals, 0, 300)
    rows = np.concatenate([x, x_test])
    rows = rows.astype("<f4") if decimals is None else np.round(rows, decimals).astype("<f8")
    return hashlib.sha256(np.ascontiguousarray(rows).tobytes()).hexdigest()


def make_frozen() -> dict:
    """The frozen dataset, made here without touching a global stream and held to its published
    hash; RuntimeError if this machine's arithmetic yields a different one."""
    dataset = make_dataset(rng=np.random.RandomState(DEFAULTS["seed"]))
    found = fingerprint(dataset)
    if found != FROZEN_FLOAT32:
        raise RuntimeError(f"the dataset made here has the float32 SHA-256 {found}; published is "
                           f"{FROZEN_FLOAT32}: use fetch_frozen, and report this machine")
    return dataset


def get_dataset(args: object = None, path: str | os.PathLike | None = None, verbose: bool = True,
                download: bool = True, regenerate: bool = False, **kwargs: Any) -> dict:
    """A dataset from the file at `path`, or else made and kept there.

    download=True: the frozen dataset, whatever `args` say, as in the original; it is made here
    (`make_frozen`), nothing is fetched. download=False: the dataset of `args`, made by
    `make_dataset(args, **kwargs)`; with regenerate=True even where the file exists. A file that
    holds a dataset other than the one asked for is returned, as in the original, and one line says
    so. path: a `.npz` file (by default ./mnist1d_data.npz, with `_shuffle` for shuffle_seq;
    an old ./mnist1d_data.pkl is read); any other name is a pickle for the original to read.
    The global streams are seeded with regenerate=True, as by `make_dataset`, and otherwise left
    alone: what follows must not depend on whether the file existed.

    Raises ValueError if download and regenerate are both True, for faulty arguments, and for a file
    that is not a dataset.
    """
    verbose = boolean("verbose", verbose)
    if boolean("download", download) and boolean("regenerate", regenerate):
        raise ValueError("download and regenerate must not both be True "
                         "(download=True gives the frozen dataset)")
    wanted = checked_args(None if download else args)
    if download:
        _say_ignored(checked_args(args), kwargs)
    path = _cache_path(wanted) if path is None else checked_path("path", path)
    boolean("regenerate", regenerate)
    if path.suffix == ".csv":
        raise ValueError(f"path must end in .npz or .pkl; got {path} (a CSV table has no place "
                         "for t and templates)")
    if path.exists():
        check_regular(path)
    if path.exists() and path.stat().st_size > 0:
        dataset, recorded = _read(path)
        if not regenerate:
            _say_other(path, dataset, recorded, wanted, frozen=download)
            if verbose:
                print(f"Loaded the dataset from {path}")
            return dataset
    if not regenerate:
        kwargs = {"rng": np.random.RandomState(wanted.seed), **kwargs}
    dataset = make_frozen() if download else make_dataset(args, **kwargs)
    _write(dataset, path, wanted if "template" not in kwargs else None)
    if verbose:
        print(f"Made the dataset and saved it to {path}")
    return dataset


def _cache_path(args) -> Path:
    stem = "mnist1d_data_shuffle" if args.shuffle_seq else "mnist1d_data"
    path, old = Path(f"{stem}.npz"), Path(f"{stem}.pkl")
    return old if old.exists() and not path.exists() else path


def _say_ignored(args, kwargs) -> None:
    """One line if the frozen dataset is not what the arguments describe."""
    frozen = checked_args()
    other = [f"{name}={value!r}" for name, value in vars(args).items()
             if name != "url" and value != getattr(frozen, name)] + list(kwargs)
    if other:
        print(f"The frozen dataset does not depend on {', '.join(other)}; "
              "download=False makes the one that does")


def _say_other(path, dataset, recorded, wanted, frozen: bool) -> None:
    """One line if a file's dataset is not the one asked for."""
    if frozen:
        other = "" if fingerprint(dataset) == FROZEN_FLOAT32 else "is not the frozen dataset"
    elif recorded is None:
        size = len(dataset["y"]) + len(dataset["y_test"])
        shape = (size, dataset["x"].shape[1])
        asked = (wanted.num_samples, wanted.final_seq_length)
        other = "" if shape == asked else f"has {shape[0]} samples of length {shape[1]}"
    else:
        names = [f"{name}={value!r}" for name, value in recorded.items()
                 if name != "url" and value != getattr(wanted, name, None)]
        other = f"was made with {', '.join(names)}" if names else ""
    if other:
        print(f"{path} {other}; it is used all the same: download=False with regenerate=True, "
              "or another path, makes what the arguments say")


def save_dataset(dataset: dict, path: str | os.PathLike, args: object = None) -> Path:
    """Write a dataset to a new file; return its path.

    `.npz`: every array, exactly, and the arguments `args` as JSON text under "args".
    `.csv`: a table with the columns split (train or test), y, x0, x1, ..., which holds neither
    `t` nor the templates; numbers are written so that they read back exactly.
    Raises FileExistsError rather than overwrite, ValueError for another suffix.
    """
    path = _new_path("path", path)
    return _write(dataset, path, None if args is None else checked_args(args))


def load_dataset(path: str | os.PathLike) -> dict:
    """A dataset from a `.npz`, `.csv` or `.pkl` file; nothing in it is run.

    A CSV gives `x`, `y`, `x_test` and `y_test` only. Raises ValueError for a file that is not
    a dataset, OSError if it cannot be read.
    """
    path = checked_path("path", path)
    one_of("the suffix of path", path.suffix, (".npz", ".csv", ".pkl"))
    return _read(path)[0]


def _new_path(name: str, path) -> Path:
    """`path`, if a dataset can be saved there without overwriting anything."""
    path = checked_path(name, path)
    one_of(f"the suffix of {name}", path.suffix, (".npz", ".csv"))
    if path.exists():
        raise FileExistsError(f"the file must be new, and {path} exists")
    return path


def _write(dataset: dict, path: Path, args) -> Path:
    dataset = _checked_dataset(dataset, "dataset")
    if path.suffix == ".csv":
        extra = sorted(dataset.keys() - {*ARRAYS, "t", "templates"})
        if extra:
            raise ValueError(f"dataset has {', '.join(extra)}, for which a .csv table has no "
                             "place; .npz keeps them")
        return write_whole(path, csv_text(dataset))
    if path.suffix != ".npz":
        to_pickle(dataset, path)
        return path
    arrays = {name: value for name, value in dataset.items() if name != "templates"}
    for name, value in dataset.get("templates", {}).items():
        arrays[f"templates_{name}"] = value
    if args is not None:
        arrays["args"] = np.array(json.dumps(vars(args)))
    return write_whole(path, npz_bytes(arrays))


def _read(path: Path) -> tuple[dict, dict | None]:
    """A file's dataset, and the arguments it was made with, if it says."""
    if path.suffix == ".npz":
        return _read_npz(path)
    dataset = csv_arrays(path) if path.suffix == ".csv" else from_pickle(path)
    return _checked_dataset(dataset, str(path)), None


def _read_npz(path: Path) -> tuple[dict, dict | None]:
    arrays: dict = npz_arrays(path)
    args = arrays.pop("args", None)
    if args is not None:
        try:
            if args.shape or args.dtype.kind != "U":
                raise ValueError(f"an array of shape {args.shape} and dtype {args.dtype}")
            args = json.loads(str(args))
            checked_args(args)
        except (ValueError, TypeError, RecursionError) as error:
            raise ValueError(f"{path} has args that are not a dataset's arguments: "
                             f"{one_line(error)}") from None
    templates = {name.removeprefix("templates_"): arrays.pop(name) for name in list(arrays)
                 if name.startswith("templates_")}
    if templates:
        arrays["templates"] = templates
    return _checked_dataset(arrays, str(path)), args


def _checked_dataset(dataset, name: str) -> dict:
    """`dataset`, if it is a dictionary of signals with a label each, and with whatever else has a
    place in a file: arrays under names of their own, and `templates`, a dictionary of arrays."""
    if not isinstance(dataset, dict) or not set(ARRAYS) <= dataset.keys():
        raise ValueError(f"{name} is not a dataset: it must be a dictionary with "
                         f"{', '.join(ARRAYS)}")
    templates = dataset.get("templates", {})
    if not isinstance(templates, dict):
        raise ValueError(f"templates of {name} is a {type(templates).__name__}; it must be a "
                         "dictionary of arrays")
    checked: dict = {key: _plain_array(key, value, name) for key, value in dataset.items()
               if key != "templates"}
    if any(key.startswith("templates_") for key in checked):
        raise ValueError(f"{name} has a key that starts with templates_; it must be in templates")
    if templates:
        checked["templates"] = {key: _plain_array(f"templates_{key}", value, name)
                                for key, value in templates.items()}
    for x, y in (("x", "y"), ("x_test", "y_test")):
        signals = finite_array(f"{x} of {name}", checked[x])
        if signals.ndim != 2 or checked[y].shape != signals.shape[:1]:
            raise ValueError(f"{x} and {y} of {name} must have shapes (n, length) and (n,); got "
                             f"{signals.shape} and {checked[y].shape}")
    if checked["x"].shape[1] != checked["x_test"].shape[1]:
        raise ValueError(f"{name} has x of shape {checked['x'].shape} and x_test of shape "
                         f"{checked['x_test'].shape}; their signals must be equally long")
    return checked


def _plain_array(key, value, name: str) -> np.ndarray:
    """The array under `key` in a dataset, if a file can hold it."""
    if not isinstance(key, str) or key == "args" or not re.fullmatch(r"[\w .-]+", key):
        raise ValueError(f"{name} has the key {one_line(repr(key), 60)}; it must be a name of "
                         "letters, digits and _ - . (not 'args')")
    try:
        found = np.asarray(value)
    except Exception as error:      # rows of different lengths, or what an object of others raises
        raise ValueError(f"{key} of {name} is not an array: {one_line(error)}") from None
    if found.dtype.kind not in KINDS:
        raise ValueError(f"{key} of {name} has dtype {found.dtype}; it must be of numbers, bools "
                         "or text")
    return found


def fetch_frozen(url: str = DEFAULTS["url"], path: str | os.PathLike | None = None,
                 timeout: float = 30.0, sha256: str = FROZEN_SHA256,
                 max_bytes: int = 4 * 2**20) -> dict:
    """Fetch the original's frozen file over HTTP and return its dataset.

    The bytes are held to `sha256` before anything is read out of them, and then read as plain
    data (`utils.from_pickle`). `timeout` is in seconds, for everything together; an answer
    longer than `max_bytes` is cut off. With `path`, the file is kept there (it must be new).

    Raises TimeoutError, ConnectionError (no answer, or an error from the server), ValueError
    (too long, another checksum, not a dataset), FileExistsError.
    """
    one_of("the scheme of url", string("url", url).split(":", 1)[0].lower(), ("https", "http"))
    timeout = real("timeout", timeout, above=0)
    max_bytes = integer("max_bytes", max_bytes, 1)
    if not isinstance(sha256, str) or len(sha256) != 64:
        raise ValueError(f"sha256 must be 64 hexadecimal digits; got {shown(sha256)}")
    if path is not None and checked_path("path", path).exists():
        raise FileExistsError(f"the file must be new, and {path} exists")
    content = _fetched(url, timeout, max_bytes)
    found = hashlib.sha256(content).hexdigest()
    if found != sha256.lower():
        raise ValueError(f"{url} must have the SHA-256 {sha256}; got {len(content)} bytes with "
                         f"{found}")
    dataset = _checked_dataset(plain_pickle(content, url), url)
    if path is not None:
        write_whole(path, content)
    return dataset


def _fetched(url: str, timeout: float, max_bytes: int) -> bytes:
    """What `url` answers. A thread of its own waits for it, because a socket's time-out starts
    again with each byte that trickles in, and looking up a host's name has none."""
    outcome: list[bytes | Exception] = []
    deadline = time.monotonic() + timeout

    def fetch():
        try:
            outcome.append(_read_until(url, deadline, max_bytes))
        except Exception as error:
            outcome.append(error)

    worker = threading.Thread(target=fetch, daemon=True)
    worker.start()
    worker.join(timeout)
    result = outcome[0] if outcome else TimeoutError()
    if isinstance(result, bytes):
        return result
    reason = getattr(result, "reason", result)
    if isinstance(reason, TimeoutError):
        raise TimeoutError(f"{url} has not answered in full within {timeout:g} seconds")
    if isinstance(result, ValueError):
        raise result
    text = " ".join(str(result).split()) or type(result).__name__
    raise ConnectionError(f"{url} could not be fetched: {text}")


def _read_until(url: str, deadline: float, max_bytes: int) -> bytes:
    parts, size = [], 0
    with urllib.request.urlopen(url, timeout=max(deadline - time.monotonic(), 0.001)) as answer:
        while part := answer.read1(2**16):
            parts.append(part)
            size += len(part)
            if size > max_bytes:
                raise ValueError(f"{url} gives more than max_bytes={max_bytes} bytes")
            if time.monotonic() > deadline:
                raise TimeoutError
    return b"".join(parts)


def human_labels() -> tuple[np.ndarray, np.ndarray]:
    """One human expert's labels for 400 test signals of the frozen set, as published with the
    original: (indices into `x_test` (400,) int64, the expert's labels (400,) int64)."""
    facts = json.loads(_packaged("human_labels.json"))
    indices = np.concatenate([np.arange(*span) for span in facts["test_index"]])
    return indices, np.array([int(digit) for digit in facts["labels"]])


def published_vectors() -> dict:
    """What each stage of the generator yields at seed 42 (floats as C99 hexadecimal text), for
    tests and for ports to other languages; see docs/random-stream.md."""
    return json.loads(_packaged("vectors.json"))


def _packaged(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def write_variant(out: str | os.PathLike, settings: list[str]) -> str:
    """Make the dataset of `settings` ("name=value" each) and write it to the new file `out`;
    return one line about it. A list such as padding is written 36,60."""
    path = _new_path("out", out)
    if isinstance(settings, str) or not isinstance(settings, (list, tuple)):
        raise TypeError(f"settings must be a list of NAME=VALUE; got {shown(settings)}")
    args = checked_args(dict(_setting(string(f"settings[{i}]", text))
                             for i, text in enumerate(settings)))
    dataset = make_dataset(args, rng=np.random.RandomState(args.seed))
    save_dataset(dataset, path, args)
    return (f"wrote {path}: {len(dataset['y'])} training and {len(dataset['y_test'])} test "
            f"signals of length {args.final_seq_length}, seed {args.seed}, "
            f"float32 SHA-256 {fingerprint(dataset)[:16]}")


def _setting(text: str) -> tuple[str, object]:
    """("padding", [36, 60]) from "padding=36,60"."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"settings must be NAME=VALUE; got {shown(text)}")
    names = [name for name in DEFAULTS if name != "url"]
    name = one_of("name of a dataset argument", name.strip(), names)
    kind = type(DEFAULTS[name])
    try:
        if kind is list:
            return name, [int(part) for part in value.split(",")]
        if kind is bool:
            return name, {"true": True, "false": False}[value.strip().lower()]
        return name, kind(value)
    except (ValueError, KeyError):
        allowed = {bool: "true or false", list: "two integers such as 36,60",
                   int: "an integer", float: "a number"}[kind]
        raise ValueError(f"{name} must be {allowed}; got {value!r}") from None
