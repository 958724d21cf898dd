"""Files that are always whole: each is written under a temporary name, then renamed.

Whoever reads such a file, at whatever moment the writer is killed, finds the old text or the
new one and never half of either.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path


def write_whole(path: str | os.PathLike, content: str | bytes) -> Path:
    """Write `content` to `path` (text as UTF-8), making its folder; return the path.

    Raises OSError (a full disk, no permission); an older file at `path` is then untouched.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode("utf-8") if isinstance(content, str) else content
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def write_json(path: str | os.PathLike, value: object) -> Path:
    """Write `value` as indented JSON with a final newline; NaN is refused (JSON has none)."""
    return write_whole(path, json.dumps(value, indent=1, allow_nan=False) + "\n")


def _umask() -> int:
    """The process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
