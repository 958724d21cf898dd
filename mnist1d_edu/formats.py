"""Arrays in `.npz` files and tables in `.csv` files, written and read by nobody's trust.

A file that is read may be broken, or made to do harm: whatever is in it, nothing of it is run, it
takes less than a gigabyte and ten seconds, and the answer is arrays or one line that says what is
wrong. What is written can be read again.
"""

from __future__ import annotations

import array
import csv
import io
import math
import os
import zipfile

import numpy as np

from mnist1d_edu.arguments import one_line
from mnist1d_edu.files import opened

MOST_BYTES = 2**29          # of all arrays in a .npz file together, and of a .csv file
MOST_MEMBERS = 1000         # arrays in a .npz file
MOST_NUMBERS = 20_000_000   # in a .csv file
MOST_CHARACTERS = 2**25     # in a line of it
KINDS = "biufcSU"           # of dtypes: bools, numbers and text


def npz_bytes(arrays: dict[str, np.ndarray]) -> bytes:
    """The content of a `.npz` file with these arrays; ValueError for what `npz_arrays` would not
    read."""
    for name, value in arrays.items():
        if value.dtype.kind not in KINDS:
            raise ValueError(f"{name} has dtype {value.dtype}; it must be of numbers, bools or "
                             "text")
    size = sum(value.nbytes for value in arrays.values())
    if size > MOST_BYTES or len(arrays) > MOST_MEMBERS:
        raise ValueError(f"{len(arrays)} arrays of {size:,} bytes together; a .npz file must have "
                         f"at most {MOST_MEMBERS:,} of {MOST_BYTES:,}")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:   # np.savez has no place for the name "file"
        for name, value in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, value, allow_pickle=False)
    return buffer.getvalue()


def npz_arrays(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """The arrays of a `.npz` file by name. ValueError if it is not whole, or has anything but
    plain arrays; OSError if it cannot be read."""
    with opened(path) as file:
        try:
            with zipfile.ZipFile(file) as members:
                return _members(members)
        except Exception as error:  # of the libraries for zip, deflate and .npy, a dozen sorts
            raise ValueError(f"{path} is not a whole .npz file of plain arrays: "
                             f"{one_line(error) or type(error).__name__}") from None


def _members(archive: zipfile.ZipFile) -> dict[str, np.ndarray]:
    members = archive.infolist()
    size = sum(member.file_size for member in members)
    if size > MOST_BYTES or len(members) > MOST_MEMBERS:
        raise ValueError(f"it has {len(members)} arrays of {size:,} bytes together, more than "
                         f"{MOST_MEMBERS:,} or {MOST_BYTES:,}")
    found = {}
    for member in members:
        name, suffix = os.path.splitext(member.filename)
        try:
            if suffix != ".npy":
                raise ValueError("it is not an array")
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError("its compression is unknown")
            content = bytearray(member.file_size)
            with archive.open(member) as file:
                if file.readinto(content) != len(content) or file.read(1):
                    raise ValueError("it is cut short")
            found[name] = _array(content)
        except Exception as error:
            raise ValueError(f"{one_line(member.filename, 60)}: {error}") from None
    return found


def _array(content: bytearray) -> np.ndarray:
    """The array in the content of a `.npy` file, in the same memory."""
    head = io.BytesIO(content[:12 + 2**16])
    version = np.lib.format.read_magic(head)
    read = {(1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0}.get(version)
    if read is None:
        raise ValueError(f"version {version} of the format is unknown")
    shape, fortran, dtype = read(head)
    if dtype.kind not in KINDS:
        raise ValueError(f"dtype {dtype} is not one of numbers, bools or text")
    start, count = head.tell(), math.prod(shape)
    if any(n < 0 for n in shape) or count * dtype.itemsize != len(content) - start:
        raise ValueError(f"its shape {shape} and dtype {dtype} do not fit "
                         f"{len(content) - start:,} bytes")
    if count * dtype.itemsize == 0:
        return np.empty(shape, dtype)
    return np.frombuffer(content, dtype, count, start).reshape(shape, order="F" if fortran else "C")


def csv_text(dataset: dict) -> str:
    """The signals of a dataset as a table with the columns split (train or test), y, x0, x1, ...;
    ValueError for labels that are not integers, and for more numbers than `csv_arrays` reads."""
    size = sum(dataset[name].size for name in ("x", "x_test"))
    if size > MOST_NUMBERS:
        raise ValueError(f"the signals have {size:,} numbers; a .csv file must have at most "
                         f"{MOST_NUMBERS:,} (.npz takes more)")
    for name in ("y", "y_test"):
        kind = dataset[name].dtype
        if kind.kind not in "iu" or (kind == np.uint64 and (dataset[name] > 2**63 - 1).any()):
            raise ValueError(f"{name} has dtype {kind}; labels in a .csv file must be integers of "
                             "64 bits (.npz keeps any numbers)")
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["split", "y", *(f"x{i}" for i in range(dataset["x"].shape[1]))])
    for split, x, y in (("train", "x", "y"), ("test", "x_test", "y_test")):
        for row, label in zip(dataset[x], dataset[y].tolist(), strict=True):
            writer.writerow([split, label, *row.tolist()])
    return buffer.getvalue()


def csv_arrays(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """The signals and labels of a `.csv` file as `csv_text` writes them. ValueError naming the
    line where it is otherwise; OSError if it cannot be read."""
    numbers = {"train": array.array("d"), "test": array.array("d")}
    labels = {"train": array.array("q"), "test": array.array("q")}
    with opened(path) as file, io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
        reader = csv.reader(_lines(text))
        try:
            if os.fstat(file.fileno()).st_size > MOST_BYTES:
                raise ValueError(f"it has more than {MOST_BYTES:,} bytes")
            header = next(reader, [])
            columns = len(header) - 2
            if header != ["split", "y", *(f"x{i}" for i in range(columns))] or columns < 1:
                raise ValueError("the first line is not split,y,x0,x1,...")
            for split, label, *row in reader:
                if split not in numbers or len(row) != columns:
                    raise ValueError(f"a row is not train or test, a label and {columns} numbers")
                numbers[split].extend(map(float, row))
                labels[split].append(int(label))
                if len(numbers["train"]) + len(numbers["test"]) > MOST_NUMBERS:
                    raise ValueError(f"it has more than {MOST_NUMBERS:,} numbers")
        except OverflowError:
            raise ValueError(f"{path}, line {reader.line_num}: a label is not an integer of 64 "
                             "bits") from None
        except (ValueError, csv.Error) as error:
            raise ValueError(f"{path}, line {max(reader.line_num, 1)}: {one_line(error)}") from None
    x = {split: np.array(values).reshape(len(labels[split]), columns)
         for split, values in numbers.items()}
    y = {split: np.array(values, dtype=np.int64) for split, values in labels.items()}
    return {"x": x["train"], "x_test": x["test"], "y": y["train"], "y_test": y["test"]}


def _lines(text: io.TextIOBase):
    """The lines of a text; ValueError at one that is too long to be a row."""
    for line in iter(lambda: text.readline(MOST_CHARACTERS), ""):
        if len(line) == MOST_CHARACTERS:
            raise ValueError(f"it has more than {MOST_CHARACTERS:,} characters")
        yield line
