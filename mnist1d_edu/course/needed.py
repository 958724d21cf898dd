"""Which statements of a notebook its checks need: `mnist1d-edu check` runs those and no others.

A check needs the cell that binds the answer, whole, since that is the student's; and the statements
that bind the other names in it, which need others in turn. Every binding of a needed name counts,
wherever in the notebook it stands before the last check, since a function looks its names up only
when it is called. What a statement needs is read from its bytecode, so a function's own variables
are told from the notebook's. What cannot be seen in this way (a magic, `exec`) is met by running
the whole notebook: see `runner.py`.
"""

from __future__ import annotations

import ast
import dis
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

EXERCISE = re.compile(r"\d\d\.\w+")
LOADS, STORES = {"LOAD_NAME", "LOAD_GLOBAL"}, {"STORE_NAME", "STORE_GLOBAL"}
FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


@dataclass(frozen=True)
class Statement:
    """A top-level statement of cell number `cell` (from 1), and the notebook's names in it."""

    cell: int
    code: CodeType
    uses: frozenset[str]
    binds: frozenset[str]
    checks: bool
    imports: bool
    stars: bool     # from x import *: it may bind anything


def statements(source: str, cell: int, file_name: str) -> list[Statement]:
    """The statements of a cell's source; SyntaxError, ValueError, RecursionError or MemoryError if
    it cannot be compiled."""
    tree = ast.parse(source, file_name)
    return [_statement(node, cell, file_name) for whole in tree.body for node in _split(whole)]


def needed(all_statements: list[Statement]) -> list[Statement]:
    """Those of a notebook's statements, in their order, that its checks need."""
    last = max((i for i, s in enumerate(all_statements) if s.checks), default=-1)
    candidates = all_statements[:last + 1]
    judged = {name for s in candidates if s.checks for name in s.uses}
    answers = {s.cell for s in candidates if s.binds & judged and not s.imports}
    chosen = {i for i, s in enumerate(candidates) if s.checks or s.stars or s.cell in answers}
    names = {name for i in chosen for name in candidates[i].uses}
    while True:
        more = {i for i, s in enumerate(candidates) if i not in chosen and s.binds & names}
        if not more:
            return [s for i, s in enumerate(candidates) if i in chosen]
        chosen |= more
        names |= {name for i in more for name in candidates[i].uses}


def _split(node: ast.stmt) -> Iterator[ast.stmt]:
    """`from a import b, c` as two statements: one may be needed and the other take a second."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            values = {**dict(ast.iter_fields(node)), "names": [alias]}
            yield ast.copy_location(type(node)(**values), node)
    else:
        yield node


def _statement(node: ast.stmt, cell: int, file_name: str) -> Statement:
    code = compile(ast.Module([node], []), file_name, "exec", FLAGS, dont_inherit=True)
    uses, binds = set(), _changed(node)
    for instruction in _instructions(code):
        if instruction.opname in LOADS:
            uses.add(instruction.argval)
        elif instruction.opname in STORES:
            binds.add(instruction.argval)
    return Statement(
        cell, code, frozenset(uses), frozenset(binds), any(map(_is_check, ast.walk(node))),
        isinstance(node, (ast.Import, ast.ImportFrom)),
        isinstance(node, ast.ImportFrom) and node.names[0].name == "*")


def _instructions(code: CodeType) -> Iterator[dis.Instruction]:
    """The instructions of a code object and of the functions and classes in it."""
    codes = [code]
    while codes:
        code = codes.pop()
        yield from dis.get_instructions(code)
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def _changed(node: ast.stmt) -> set[str]:
    """The names whose objects the statement itself changes: by `x[...] = `, `x.a = ` or a call
    such as `x.append(...)` for its effect alone."""
    targets = [n for n in ast.walk(node) if isinstance(n, (ast.Subscript, ast.Attribute))
               and isinstance(n.ctx, (ast.Store, ast.Del))]
    targets += [n.value.func for n in ast.walk(node) if isinstance(n, ast.Expr)
                and isinstance(n.value, ast.Call) and isinstance(n.value.func, ast.Attribute)]
    return {name for name in map(_root, targets) if name}


def _root(node: ast.expr) -> str | None:
    """The name x of x[...].a"""
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _is_check(node: ast.AST) -> bool:
    """Whether this is check("04.relu_backward", ...), or check(name, ...)."""
    if not (isinstance(node, ast.Call) and node.args):
        return False
    name = getattr(node.func, "id", getattr(node.func, "attr", None))
    first = getattr(node.args[0], "value", "")
    return name == "check" and (not isinstance(node.args[0], ast.Constant)
                                or bool(EXERCISE.fullmatch(str(first))))
