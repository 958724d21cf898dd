"""The dataset and the models in the forms of other libraries, whichever of them is installed.

A model's parameters have PyTorch's names and shapes, so a `state_dict` of the same net holds the
same arrays. `docs/exchange.md` shows each way in three lines.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu import data, utils
from mnist1d_edu.arguments import one_of
from mnist1d_edu.files import read_whole, write_whole

if TYPE_CHECKING:
    from mnist1d_edu.nn import Layer

_PACKAGES = {"pyarrow": "mnist1d-edu[exchange]", "safetensors": "mnist1d-edu[exchange]",
             "torch": "torch"}
_BUFFERS = ("num_batches_tracked",)  # what PyTorch counts beside the numbers and we do not


def load_mnist1d(return_X_y: bool = False, split: str = "all",
                 dataset: Mapping | None = None) -> Any:
    """The dataset as scikit-learn's loaders give theirs.

    split: "train" (4,000 signals), "test" (1,000) or "all" (in that order). dataset: another one
    than the default, as `make_dataset` returns it. Returns an object with data (N, 40) float64,
    target (N,) int64, feature_names, target_names and DESCR; with `return_X_y` the pair
    (data, target). Raises ValueError for another split.

    >>> X, y = load_mnist1d(return_X_y=True)
    >>> X.shape, y.shape
    ((5000, 40), (5000,))
    """
    one_of("split", split, ("train", "test", "all"))
    made = data.make_dataset() if dataset is None else dataset
    parts = {"train": ("",), "test": ("_test",), "all": ("", "_test")}[split]
    x = np.concatenate([np.asarray(made[f"x{part}"], np.float64) for part in parts])
    y = np.concatenate([np.asarray(made[f"y{part}"], np.int64) for part in parts])
    if return_X_y:
        return x, y
    return utils.ObjectView({
        "data": x, "target": y, "feature_names": [f"x{i}" for i in range(x.shape[1])],
        "target_names": [str(digit) for digit in range(10)],
        "DESCR": "MNIST-1D (Greydanus and Kobak, ICML 2024): ten digits as signals of 40 numbers, "
                 "made by a program."})


def write_huggingface(folder: str | os.PathLike, dataset: Mapping | None = None) -> list[Path]:
    """Write the dataset to a new folder as a Hugging Face dataset repository; return its files.

    Two Parquet files, for the splits train and test, with the columns x (a list of float64) and y
    (int64), and the dataset card, README.md. `datasets.load_dataset(folder)` and
    `pandas.read_parquet(file)` read them. Needs pyarrow. dataset: another one than the default.
    Raises FileExistsError if the folder is there, ImportError without pyarrow.
    """
    pyarrow, parquet = _needed("pyarrow"), _needed("pyarrow.parquet")
    folder = Path(folder)
    if folder.exists():
        raise FileExistsError(f"folder must be new, and {folder} exists")
    made = data.make_dataset() if dataset is None else dataset
    files, sizes = [], {}
    for split, part in (("train", ""), ("test", "_test")):
        x, y = np.asarray(made[f"x{part}"], np.float64), np.asarray(made[f"y{part}"], np.int64)
        table = pyarrow.table({
            "x": pyarrow.array(list(x), pyarrow.list_(pyarrow.float64())),
            "y": pyarrow.array(y, pyarrow.int64())})
        sink = pyarrow.BufferOutputStream()
        parquet.write_table(table, sink)
        files.append(write_whole(folder / "data" / f"{split}-00000-of-00001.parquet",
                                 sink.getvalue().to_pybytes()))
        sizes[split] = len(y)
    return [*files, write_whole(folder / "README.md", _card(sizes))]


def _card(sizes: dict[str, int]) -> str:
    """The dataset card: its header is what the `datasets` library reads."""
    splits = "\n".join(f"  - name: {split}\n    num_examples: {size}"
                       for split, size in sizes.items())
    files = "\n".join(f"  - split: {split}\n    path: data/{split}-*" for split in sizes)
    return f"""---
license: apache-2.0
pretty_name: MNIST-1D
task_categories:
- tabular-classification
dataset_info:
  features:
  - name: x
    sequence: float64
  - name: y
    dtype: int64
  splits:
{splits}
configs:
- config_name: default
  data_files:
{files}
---

# MNIST-1D

Ten digits as signals of 40 numbers, made by a program: each is one of ten templates, padded,
stretched, moved, given noise and a slope, and sampled at 40 places. By Sam Greydanus and Dmitry
Kobak, "Scaling Down Deep Learning with MNIST-1D", ICML 2024 (arXiv 2011.14439). This copy was made
by the package mnist1d_edu, whose signals equal the published ones as float32.

| split | signals |
|---|---|
""" + "".join(f"| {split} | {size:,} |\n" for split, size in sizes.items())


def to_state_dict(params: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The parameters of one model (without a seed axis) as a PyTorch `state_dict`: name -> tensor.

    `model.load_state_dict` takes it if the PyTorch model's layers have the same names. Needs
    PyTorch. Raises ImportError without it.
    """
    torch = _needed("torch")
    return {name: torch.from_numpy(np.array(value)) for name, value in params.items()}


def from_state_dict(model: Layer, state: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The parameters of `model` from a PyTorch `state_dict` (or from arrays), float32.

    Raises ValueError, naming it, for a parameter that is missing, is not the model's, or has
    another shape.
    """
    arrays = {name: np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
              for name, value in state.items() if not name.endswith(_BUFFERS)}
    return _checked(model, arrays, "state")


def save_safetensors(params: Mapping[str, np.ndarray], path: str | os.PathLike,
                     metadata: Mapping[str, str] | None = None) -> Path:
    """Write a model's parameters to a new file in the safetensors format; return its path.

    Needs safetensors. Raises FileExistsError if the file is there, ImportError without the package.
    """
    numpy_format = _needed("safetensors.numpy")
    path = Path(path)
    if path.exists():
        raise FileExistsError(f"path must be new, and {path} exists")
    arrays = {name: np.ascontiguousarray(value) for name, value in params.items()}
    return write_whole(path, numpy_format.save(arrays, None if metadata is None else
                                               {str(k): str(v) for k, v in metadata.items()}))


def load_safetensors(model: Layer, path: str | os.PathLike) -> dict[str, np.ndarray]:
    """The parameters of `model` from a safetensors file, float32.

    Needs safetensors. Raises ValueError if the file is broken or of another model, OSError if it
    cannot be read, ImportError without the package.
    """
    numpy_format = _needed("safetensors.numpy")
    content = read_whole(path)
    try:
        arrays = numpy_format.load(content)
    except Exception as error:  # the format's own, and those of JSON and NumPy
        raise ValueError(f"path must be a whole safetensors file; got {path} ({error})") from None
    return _checked(model, arrays, str(path))


def _checked(model: Layer, arrays: Mapping[str, np.ndarray], source: str) -> dict[str, np.ndarray]:
    """`arrays` in the model's order, if they are its parameters by name and shape."""
    wanted = {name: value.shape for name, value in model.init(np.random.RandomState(0)).items()}
    missing, other = wanted.keys() - arrays.keys(), arrays.keys() - wanted.keys()
    if missing or other:
        raise ValueError(f"{source} must have the parameters of {type(model).__name__}; "
                         + "; ".join(f"{word} {json.dumps(sorted(names))}" for word, names in
                                     (("missing", missing), ("not its own", other)) if names))
    for name, shape in wanted.items():
        if arrays[name].shape != shape:
            raise ValueError(f"{source}[{name!r}] must have shape {shape}; got "
                             f"{arrays[name].shape}")
    return {name: np.asarray(arrays[name], np.float32) for name in wanted}


def _needed(name: str) -> Any:
    """The module `name`; ImportError saying how to get it."""
    import importlib
    try:
        return importlib.import_module(name)
    except ImportError:
        package = name.split(".")[0]
        raise ImportError(f"this needs {package}, which is not installed: pip install "
                          f'"{_PACKAGES[package]}"') from None
