"""Print the oldest and the newest Python on this machine that pyproject.toml admits, one a line.

Looked for on PATH, as python3.N, and among pyenv's. A line is a path; where there is only one, it
is printed twice. The Python that runs this script counts too.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ASK = "import bz2, ctypes, lzma, sqlite3, ssl, sys, venv; print(*sys.version_info[:2])"
pyproject = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
lowest = tuple(map(int, re.search(r'requires-python = ">=(\d+)\.(\d+)"', pyproject).groups()))

pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
candidates = [sys.executable, *map(str, sorted(pyenv.glob("3.*/bin/python"))),
              *filter(None, (shutil.which(f"python3.{minor}") for minor in range(lowest[1], 30)))]
found = {}
for path in candidates:
    # one that pyenv only pretends to have, or that was built without a part, does not answer
    answer = subprocess.run([path, "-c", ASK], capture_output=True, text=True, check=False)
    if answer.returncode == 0 and (version := tuple(map(int, answer.stdout.split()))) >= lowest:
        found.setdefault(version, path)
for version in (min(found), max(found)):
    print(found[version])
