"""Build sdist and wheel, check them, and try the wheel: `python3 .ci/release.py [PYTHON ...]`.

The wheel is installed, without the checkout in sight, for each PYTHON given (default: the oldest
and the newest on this machine), first without extras, where a command that needs one must say so in
one line, then with the extra "course", where the lessons must start and be checked. What was built
is in dist/.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(*words: str | Path, status: int = 0, **options) -> str:
    """Run a command; what it says. It must end with this status."""
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False,
                          **options)
    if done.returncode != status:
        sys.exit(f"{' '.join(map(str, words))} ended with {done.returncode}:\n"
                 f"{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def venv(python: str | Path, folder: Path, *packages: str) -> Path:
    """A new environment with these packages; its folder of programs."""
    run(python, "-m", "venv", folder)
    run(folder / "bin" / "pip", "install", "-q", "--disable-pip-version-check", *packages)
    return folder / "bin"


def tried(python: str, wheel: Path, scratch: Path) -> None:
    """The wheel alone, then with the course, in an empty folder."""
    bare = venv(python, scratch / "bare", str(wheel))
    version = run(bare / "mnist1d-edu", "--version", cwd=scratch).strip()
    run(bare / "python", "-m", "mnist1d_edu", "data", "--out", "signals.csv", cwd=scratch)
    for command in ("start", "lab"):
        said = run(bare / "mnist1d-edu", command, "mine", status=2, cwd=scratch)
        if 'pip install "mnist1d-edu[course]"' not in said or said.count("\n") != 1:
            sys.exit(f"without extras, {command} said: {said}")
    course = venv(python, scratch / "course", f"{wheel}[course]")
    run(course / "mnist1d-edu", "start", "mine", cwd=scratch)
    table = run(course / "mnist1d-edu", "check", "mine", "00", cwd=scratch)
    if "0 of 3" not in table:
        sys.exit(f"check said: {table}")
    print(f"{version} on {run(python, '--version').strip()}: installs, starts, checks")


def main() -> None:
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        tools = venv(sys.executable, scratch / "tools", "build", "twine")
        run(tools / "python", "-m", "build", ROOT)
        print(run(tools / "twine", "check", "--strict", *(ROOT / "dist").iterdir()).strip())
        for file in sorted((ROOT / "dist").iterdir()):
            print(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")
        [wheel] = (ROOT / "dist").glob("*.whl")
        pythons = sys.argv[1:] or run(sys.executable, ROOT / ".ci" / "pythons.py").split()
        for number, python in enumerate(dict.fromkeys(pythons)):
            (scratch / str(number)).mkdir()
            tried(python, wheel, scratch / str(number))


if __name__ == "__main__":
    main()
