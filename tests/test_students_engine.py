"""The engine that is taught is the engine that runs: the functions of lesson 05's solution take the
place of the package's, and training gives the same numbers, bit for bit."""

from __future__ import annotations

import ast
import contextlib
import functools
import io
from pathlib import Path

import nbformat
import numpy as np
import pytest

from mnist1d_edu import data, engine, nn, optim
from mnist1d_edu.train import fit

SOLUTION = Path(__file__).parents[1] / "solutions/05_an_autograd_engine.ipynb"
DEFINES = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


@functools.cache
def lesson() -> dict:
    """What the notebook defines: its imports, functions and classes, and what `use` gives."""
    names: dict = {"__name__": "lesson"}
    for cell in nbformat.read(SOLUTION, as_version=4).cells:
        if cell.cell_type == "code":
            body = [line for line in ast.parse(cell.source).body
                    if isinstance(line, DEFINES) or _is_use(line)]
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(ast.Module(body, []), f"<lesson 05, {cell.id}>", "exec"), names)
    return names


def _is_use(line: ast.stmt) -> bool:
    return isinstance(line, ast.Assign) and ast.unparse(line.value).startswith("use(")


def put_in_place(monkeypatch):
    """The student's functions for the engine's. The engine's newest_first is told what is too old
    to matter, and its backward which targets it has; the student's calls unbroadcast `fit_to`."""
    student = lesson()

    def backward(nodes, g, targets):
        return student["backward"](nodes, g, student["leading"](nodes, targets))

    yours = {"newest_first": lambda y, oldest=0: student["newest_first"](y),
             "unbroadcast": student["fit_to"], "backward": backward}
    for name, function in yours.items():
        monkeypatch.setattr(engine, name, function)


class Unfused(nn.MLP):
    """The MLP from the engine's meanings alone: biases are broadcast, and unbroadcast."""

    def __call__(self, params, x, updates=None):
        h = engine.as_tensor(x)
        for layer in ("linear1", "linear2", "linear3"):
            before = h
            h = engine.linear(h, params[f"{layer}.weight"], params[f"{layer}.bias"])
            if layer != "linear3":
                h = engine.relu(h)
            if layer == "linear2":
                h = before + h
        return h


def trained(model, seeds=1):
    return fit(model, small_set(), optim.adam(1e-2), steps=30, seeds=seeds, eval_every=10,
               progress=False)


@functools.cache
def small_set():
    made = data.make_dataset({"num_samples": 700})
    return {name: made[name] for name in ("x", "y", "x_test", "y_test")}


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize("model", [nn.mlp, Unfused], ids=["as fit runs it", "from meanings alone"])
def test_the_package_trains_the_mlp_with_the_students_functions(monkeypatch, model, seeds):
    expected = trained(model(), seeds)
    assert (expected.train_loss[-1] < expected.train_loss[0]).all()
    calls = []
    unbroadcast = lesson()["fit_to"]
    monkeypatch.setitem(lesson(), "fit_to", lambda g, shape: calls.append(g.shape != shape)
                        or unbroadcast(g, shape))
    put_in_place(monkeypatch)
    found = trained(model(), seeds)
    assert calls and any(calls) == (model is Unfused)
    for name, value in expected.params.items():
        np.testing.assert_array_equal(found.params[name], value, err_msg=name)
    np.testing.assert_array_equal(found.train_loss, expected.train_loss)


@pytest.mark.parametrize("name", ["newest_first", "unbroadcast", "backward"])
def test_the_students_functions_are_really_used(monkeypatch, name):
    def broken(*arguments, **named):
        raise LookupError(f"the student's {name}")

    monkeypatch.setitem(lesson(), {"unbroadcast": "fit_to"}.get(name, name), broken)
    put_in_place(monkeypatch)
    with pytest.raises(LookupError, match=name):
        trained(Unfused())


def test_the_students_own_tensor_trains_the_mlp_as_fit_does():
    student = lesson()
    split, adam, model = small_set(), optim.adam(1e-2), nn.mlp()
    x, y = split["x"].astype(np.float32), split["y"]
    params = model.init(np.random.RandomState(0))
    state = adam.init(params)
    for step in range(30):
        rows = slice(step * 100 % len(x), step * 100 % len(x) + 100)
        params, state = adam.update(params, student["gradient"](params, x[rows], y[rows]), state)
    expected = fit(model, split, adam, steps=30, eval_every=30, progress=False)
    loss = student["mlp_loss"]({n: student["Tensor"](v) for n, v in params.items()}, x, y)
    np.testing.assert_allclose(loss.data, expected.train_loss[-1, 0], rtol=1e-2)
    assert expected.train_loss[-1, 0] < 0.95 * expected.train_loss[0, 0]


def test_a_gradient_of_a_gradient_through_the_students_functions(monkeypatch):
    def third(f):
        t = current = engine.Tensor([0.3, -1.2])
        current = f(t)
        for _ in range(3):
            [current] = engine.grad(current.sum(), [t], create_graph=True)
        return current.data

    for f in (lambda t: engine.exp(-t * t), lambda t: engine.tanh(t) * t.sum(), lambda t: t ** 3):
        monkeypatch.undo()
        expected = third(f)
        put_in_place(monkeypatch)
        np.testing.assert_allclose(third(f), expected, rtol=1e-12)
