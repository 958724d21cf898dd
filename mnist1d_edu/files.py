"""Files that are always whole: each is written under a temporary name, then renamed.

Whoever reads such a file, at whatever moment the writer is killed, finds the old text or the
new one and never half of either. Only regular files are read or replaced: a pipe could keep the
reader waiting for ever, and a device is no place for a file.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import stat
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:     # Windows, where an open file cannot be removed by another process
    fcntl = None  # type: ignore[assignment]

_PREFIX, _SUFFIX = ".mnist1d-edu-", ".tmp"


def write_whole(path: str | os.PathLike, content: str | bytes) -> Path:
    """Write `content` to `path` (text as UTF-8), making its folder; return the path.

    If `path` is a link, the file that it points to is written; a file that is replaced passes on
    its mode. Raises OSError (a full disk, no permission, `path` is no regular file); an older file
    is then untouched. What an earlier writer left in the folder when it was killed is removed.
    """
    path = Path(path)
    target = Path(os.path.realpath(path))
    mode = _mode(target, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode("utf-8") if isinstance(content, str) else content
    _remove_abandoned(target.parent)
    while True:
        temporary = _written(target.parent, data, mode)
        try:
            os.replace(temporary, target)
            return path
        except FileNotFoundError:
            # In the instant since it was closed, another writer took it for abandoned: again.
            continue
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def write_json(path: str | os.PathLike, value: object) -> Path:
    """Write `value` as indented JSON with a final newline; NaN is refused (JSON has none)."""
    return write_whole(path, json.dumps(value, indent=1, allow_nan=False) + "\n")


def read_whole(path: str | os.PathLike, most: int = 2**29) -> bytes:
    """The content of a regular file. Raises OSError if it cannot be read, ValueError if it has
    more than `most` bytes."""
    with opened(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"{path} has more than {most:,} bytes, the most that is read")
    return content


def opened(path: str | os.PathLike) -> BinaryIO:
    """A regular file, opened to read bytes; OSError, without opening it, if it is none."""
    check_regular(path)
    return open(os.fspath(path), "rb")


def check_regular(path: str | os.PathLike) -> None:
    """Raise OSError unless `path` is a regular file (or a link to one)."""
    mode = os.stat(os.fspath(path)).st_mode     # of a path: a number would be an open file
    if not stat.S_ISREG(mode):
        raise OSError(f"{path} is {_kind(mode)}; it must be a regular file")


def _mode(target: Path, path: Path) -> int | None:
    """The permissions of the file that is to be replaced, or None if there is none."""
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise OSError(f"{path} is {_kind(mode)}; it must be a regular file, or not be there yet")
    return stat.S_IMODE(mode)


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "a device"


def _written(folder: Path, data: bytes, mode: int | None) -> Path:
    """A new file in `folder` that holds `data`; it is locked until it is whole."""
    temporary = folder / f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0),
                     0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            with contextlib.suppress(OSError):  # a file system without locks
                if fcntl:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            with contextlib.suppress(FileNotFoundError):
                os.chmod(temporary, mode)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _remove_abandoned(folder: Path) -> None:
    """Remove the temporary files in `folder` whose writers are no more: nobody holds their lock."""
    for temporary in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        with contextlib.suppress(OSError):
            if fcntl is None:
                temporary.unlink()
                continue
            with opened(temporary) as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                temporary.unlink()
