"""Modules import downward only, and `import mnist1d_edu` is light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import mnist1d_edu

PACKAGE = Path(mnist1d_edu.__file__).parent
# a module may import those of its own layer's "allowed" set: everything in the layers before it
LAYERS = [
    {"files", "arguments", "boundary", "checks", "threads", "kernels", "program"},
    {"formats", "neighbours", "pickles"},
    {"data", "transform", "utils", "engine", "replay", "checkpoints"},
    {"gradcheck", "fused"},
    {"exchange", "nn", "optim", "layout", "pictures", "probes", "tsne", "tsne_forces"},
    {"replicas"},
    {"train", "unroll"},
    {"plots"},
    {"experiments"},
    {"course", "explorer"},
    {"grading"},
    {"cli", "__main__"},
]
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
TOP = "the package"  # mnist1d_edu/__init__.py: the drop-in names
LAZY_EXCEPTIONS = {("train", "plots")}  # History.plot


def module_of(path: Path) -> str:
    """The layer's name for a file: its module, or the subpackage that it is in."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return TOP if parts == ("__init__",) else parts[0]


def imports(path: Path):
    """(module of the package, inside a function?) for every import of the package in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {id(node) for f in ast.walk(tree) if isinstance(f, (ast.FunctionDef, ast.Lambda))
              for node in ast.walk(f)}
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno}: a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "mnist1d_edu":
                found = parts[1] if len(parts) > 1 else TOP
                yield (found if found in RANK else TOP), id(node) in inside


def faults(path: Path) -> list[str]:
    module, wrong = module_of(path), []
    for imported, lazy in imports(path):
        if imported in (module, TOP) and module != TOP:
            # the package's own name (its version) is no module; but nothing low may ask for it
            allowed = imported == module or RANK[module] >= RANK["experiments"]
        elif module == TOP:
            allowed = imported in {"data", "transform", "utils"}
        elif RANK[imported] == RANK[module]:
            # neighbours: data builds on transform and both on utils; engine knows none of them
            allowed = "engine" not in (module, imported)
        else:
            allowed = RANK[imported] < RANK[module] or (
                lazy and (module, imported) in LAZY_EXCEPTIONS)
        if not allowed:
            wrong.append(f"{module} imports {imported}")
    return wrong


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_downward_only(path):
    assert module_of(path) in {*RANK, TOP}, "a module that DESIGN's order does not have"
    assert faults(path) == []


@pytest.mark.parametrize("module, text, wrong", [
    ("engine", "from mnist1d_edu import nn", ["engine imports nn"]),
    ("engine", "import mnist1d_edu.nn", ["engine imports nn"]),
    ("engine", "from mnist1d_edu.data import make_dataset", ["engine imports data"]),
    ("data", "from mnist1d_edu.engine import Tensor", ["data imports engine"]),
    ("nn", "def f():\n    from mnist1d_edu.train import fit", ["nn imports train"]),
    ("train", "from mnist1d_edu import plots", ["train imports plots"]),
    ("train", "def f():\n    from mnist1d_edu import plots", []),
    ("optim", "def f():\n    from mnist1d_edu import plots", ["optim imports plots"]),
    ("nn", "from mnist1d_edu import engine, optim", []),
    ("files", "import mnist1d_edu", ["files imports the package"]),
    ("__init__", "from mnist1d_edu import train", ["the package imports train"]),
    ("plots", "from mnist1d_edu.experiments import x", ["plots imports experiments"]),
    ("course/lesson", "from mnist1d_edu.cli import main", ["course imports cli"]),
    ("cli", "import numpy\nfrom mnist1d_edu import course, data", []),
])
def test_the_reader_of_imports_sees_a_fault(module, text, wrong, tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    path = tmp_path / f"{module}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    assert faults(path) == wrong


def in_a_fresh_python(code: str) -> str:
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                            timeout=120, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.mark.parametrize("modules", ["mnist1d_edu", ", ".join(
    f"mnist1d_edu.{name}" for name in ("cli", "data", "engine", "nn", "optim", "train", "plots"))])
def test_importing_the_package_imports_neither_matplotlib_nor_scipy(modules):
    code = (f"import sys, {modules}; "
            "print(sorted({'matplotlib', 'scipy', 'torch'} & {*map(str, sys.modules)}))")
    assert in_a_fresh_python(code) == "[]"


def test_importing_the_package_does_not_touch_the_global_random_state():
    code = ("import numpy as np, random; np.random.seed(1); random.seed(1); "
            "a = np.random.get_state()[1].tolist(), random.getstate(); "
            "import mnist1d_edu, mnist1d_edu.train, mnist1d_edu.cli; "
            "print(a == (np.random.get_state()[1].tolist(), random.getstate()))")
    assert in_a_fresh_python(code) == "True"
