"""Folders that the course writes for an instructor: never over one that is hers, nor over a file
that she has changed."""

from __future__ import annotations

import json
import os
import secrets
from hashlib import sha256
from pathlib import Path

from mnist1d_edu.files import read_whole, write_json, write_whole

MARK = ".mnist1d-edu.json"
SECRET = "secret.txt"


class Folder:
    """A folder of ours; ValueError if there is one of that name that this did not write.

    what: what is written there, such as "export nbgrader"; one folder holds one of them.
    """

    def __init__(self, path: str | os.PathLike, what: str):
        self.path, self.what = Path(path), what
        self.written: dict[str, str] = {}
        mark = self.path / MARK
        if mark.is_file():
            try:
                found = json.loads(read_whole(mark, 2**24))
                self.written = {str(k): str(v) for k, v in found["files"].items()}
            except (ValueError, KeyError, TypeError, AttributeError):
                found = {}
            if found.get("by") != what:
                raise ValueError(f"folder is {path}, which was not made by `mnist1d-edu {what}`; "
                                 "give another one")
        elif self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
            raise ValueError(f"folder is {path}, which is there and was not made by "
                             f"`mnist1d-edu {what}`; give another one")
        self._save()

    def write(self, name: str, content: str | bytes) -> str:
        """Write a file, unless one is there that we did not write as it is; a line about it."""
        path = self.path / name
        data = content.encode() if isinstance(content, str) else content
        new = sha256(data).hexdigest()
        if path.exists() or path.is_symlink():
            old = sha256(read_whole(path)).hexdigest()
            if old == new:
                self._note(name, new)
                return f"{name}: as it was"
            if self.written.get(name) != old:
                return f"{name}: yours, kept"
        write_whole(path, data)
        self._note(name, new)
        return f"{name}: written"

    def secret(self) -> str:
        """The secret of the hidden probes: made once, for the owner's eyes only."""
        path = self.path / SECRET
        if not path.exists():
            write_whole(path, secrets.token_hex(16) + "\n")
            path.chmod(0o600)
        return read_whole(path, 1000).decode().strip()

    def _note(self, name: str, digest: str) -> None:
        if self.written.get(name) != digest:
            self.written[name] = digest
            self._save()

    def _save(self) -> None:
        write_json(self.path / MARK, {"by": self.what, "files": self.written})
