"""Public functions say the types of their arguments and results; mypy (see .ci/run) checks them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import mnist1d_edu

PACKAGE = Path(mnist1d_edu.__file__).parent
TYPED = ["arguments", "boundary", "checkpoints", "cli", "data", "engine", "exchange", "explorer",
         "files", "fused", "gradcheck", "layout", "neighbours", "nn", "pictures", "plots",
         "probes", "program", "threads", "train", "transform", "tsne", "tsne_forces",
         "unroll", "utils"]
FILES = [path for name in TYPED for path in
         ([PACKAGE / f"{name}.py"] if (PACKAGE / f"{name}.py").exists()
          else sorted((PACKAGE / name).rglob("*.py")))]


def public_functions(tree: ast.AST):
    """The functions of a module and the methods of its classes, without private ones and names
    with two underscores, but with __init__ and __call__."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node)
        elif isinstance(node, ast.FunctionDef) and (
                not node.name.startswith("_") or node.name in ("__init__", "__call__")):
            yield node


def untyped(function: ast.FunctionDef) -> list[str]:
    """The names of its arguments without a type, and "return" if the result has none."""
    given = function.args
    names = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    missing = [a.arg for a in names if a and a.annotation is None and a.arg not in ("self", "cls")]
    return missing + ["return"] * (function.returns is None and function.name != "__init__")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_public_functions_are_typed(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    wrong = {f.name: untyped(f) for f in public_functions(tree) if untyped(f)}
    assert wrong == {}


def test_the_reader_of_types():
    tree = ast.parse("class A:\n def f(self, a, *b: int, c: int = 1): pass\n def _g(self): pass\n"
                     "def h(x: int) -> int: pass\ndef i(x: int): pass")
    found = {f.name: untyped(f) for f in public_functions(tree)}
    assert found == {"f": ["a", "return"], "h": [], "i": ["return"]}
