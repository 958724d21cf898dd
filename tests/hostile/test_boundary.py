"""Every public function, called with what it cannot use: it answers with TypeError or ValueError
(or what its docstring promises), of one line, which names the argument, or it does what it is
asked."""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import os
import random
import re
import signal
import sys
import warnings
import zlib
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from calls import CALLS, EXPERIMENTS, dataset
from campaign import SCALE

from mnist1d_edu import (
    course,
    data,
    engine,
    experiments,
    fused,
    gradcheck,
    nn,
    optim,
    plots,
    threads,
    train,
    transform,
    utils,
)
from mnist1d_edu.course import quiz, student
from mnist1d_edu.experiments import intervals, reproduce, store, sweep
from mnist1d_edu.explorer import answers, controls, server

sys.path.insert(0, str(Path(__file__).parents[1]))
import test_plots

SECONDS = 60    # in which a call must have ended, however busy the machine is
TYPES = (TypeError, ValueError)

# ---------------------------------------------------------------------------- hostile arguments


class Rude:
    """An object that answers nothing."""

    def __getattribute__(self, name):
        if name in ("__class__", "__dict__"):
            return object.__getattribute__(self, name)
        raise RuntimeError("two\nlines")

    def _refuse(self, *_, **__):
        raise RuntimeError("two\nlines")

    __repr__ = __str__ = __array__ = __len__ = __eq__ = __bool__ = __iter__ = __index__ = _refuse
    __hash__ = object.__hash__


class Odd:
    """An object of which NumPy makes an array of the wrong sort."""

    def __array__(self, *_, **__):
        return np.array([None, "a"], object)


def crafted() -> dict[str, object]:
    """What a person or a program could pass by mistake, by name."""
    return {
        "None": None, "True": True, "zero": 0, "minus one": -1, "three": 3, "huge": 2**70,
        "minus huge": -2**70, "beyond float": 10**400, "half": 0.5, "1e39": 1e39, "1e300": 1e300,
        "NaN": float("nan"), "infinity": float("inf"), "minus infinity": float("-inf"),
        "complex": 1j, "small integer": np.int8(127), "half precision": np.float16(0.5),
        "text": "text", "no text": "", "two lines": "two\nlines", "a nul": "a\0b",
        "long text": "x" * 10_000, "bytes": b"text", "object": object(), "rude": Rude(),
        "odd": Odd(), "a class": dict, "a function": lambda *a, **k: None, "a module": os,
        "list": [], "dict": {}, "set": {1, 2}, "tuple": (), "pair": (1, 2), "texts": ["a", "b"],
        "ragged": [[1.0], [1.0, 2.0]], "nested": [[[[]]]], "a name": {"a": 1}, "numbers": {1: 2},
        "range": range(3), "generator": (i for i in range(3)), "slice": slice(None),
        "ellipsis": ..., "scalar": np.array(2.0), "empty": np.empty(0), "no columns":
        np.empty((3, 0)), "no rows": np.empty((0, 3)), "many axes": np.ones((1,) * 9),
        "all NaN": np.full((2, 3), np.nan), "infinite": np.full((2, 3), np.inf),
        "integers": np.arange(6).reshape(2, 3), "booleans": np.ones((2, 3), bool),
        "objects": np.array([None, 1], object), "strings": np.array(["a", "b"]),
        "dates": np.array(["2020-01-01"], "M8[D]"), "complex array": np.ones(3, complex),
        "float32": np.ones((2, 3), np.float32), "unsigned": np.full(3, 2**64 - 1, np.uint64),
        "tensor": engine.Tensor([1.0, 2.0]), "tensor of none": engine.Tensor(np.empty((0, 3))),
    }


def drawn(chance: random.Random) -> np.ndarray:
    """An array of any small shape and any dtype, with anything in it."""
    shape = [chance.randint(0, 4) for _ in range(chance.randint(0, 4))]
    dtype = chance.choice(["f4", "f8", "i1", "i8", "u1", "?", "f2", "c16", "U2", "O"])
    values = np.random.RandomState(chance.randint(0, 2**31)).uniform(-300, 300, shape)
    if chance.random() < 0.2 and values.size:
        values.flat[0] = chance.choice([np.nan, np.inf, 1e39])
    with np.errstate(all="ignore"):
        return values.astype(dtype)


# ---------------------------------------------------------------------------- what is public

MODULES = {"transform": transform, "utils": utils, "data": data, "engine": engine,
           "experiments": experiments, "fused": fused,
           "gradcheck": gradcheck, "nn": nn, "nn.initialisers": nn.initialisers, "optim": optim,
           "plots": plots, "threads": threads, "train": train,
           "course": course, "course.quiz": quiz, "course.student": student,
           "explorer.answers": answers, "explorer.controls": controls, "explorer.server": server,
           "intervals": intervals, "reproduce": reproduce, "store": store, "sweep": sweep,
           **EXPERIMENTS}

# Not tried, and why. The modules that are not above are not the boundary: kernels, program, replay,
# layout, checkpoints, checks, arguments, boundary, files, formats and pickles are called by those
# above, and the judge's own files (course.guard, compare, ...) by the judge; what files and answers
# can do to them, test_files.py and test_guard.py try.
EXCEPTIONS = {
    "engine.record": "every operation ends with it: its caller made the array",
    "engine.backward": "the walk inside grad, which has checked its arguments",
    "engine.unbroadcast": "the walk inside grad, which has checked its arguments",
    "engine.newest_first": "the walk inside grad, which has checked its arguments",
    "train.Diverged": "an exception", "train.History": "fit makes it",
    "nn.Layer.__call__": "raises for all arguments: a subclass says how to apply it",
    "nn.Layer.init": "there is nothing to draw: a subclass says what",
    "nn.Composite.__call__": "Sequential and the models stand for it",
    "nn.Composite.init": "Sequential and the models stand for it",
    "optim.Optimizer.init": "sgd, rmsprop, adam and adamw stand for it",
    "optim.Optimizer.update": "sgd, rmsprop, adam and adamw stand for it",
    "optim.Optimizer.rate": "sgd, rmsprop, adam and adamw stand for it",
    "experiments.Run": "a record of what a module's runs() asks for; the sweep checks it",
    "experiments.Report": "a record of what a module's report() has made",
    "experiments.own_file": "imports the file that it is given, and so runs it, as it is asked to",
    "experiments.keep": "what a run of a sweep leaves for the next, as the run has made it",
    "experiments.kept": "reads what keep has written",
    "experiments.fit": "train.fit, with the checkpoint of the sweep",
    "sweep.Outcome": "a record of what a sweep has made",
    "course.student.Report": "a record of what check() has found",
    "explorer.server.Server": "explore makes it", "explorer.server.explore": "it serves until "
    "Ctrl-C: tests/test_explore.py", "explorer.server.page": "takes nothing",
    "store.main": "a command line: tests/test_cli.py", "plots.spread": "a piece of label_ends",
}
# Methods that are parts of another: `fit` calls them on buffers that it has made, or a subclass is
# to define them.
PARTS = {"flat_state", "step_flat", "formula", "in_place", "reduce", "forward", "shapes", "own"}
# Arguments that are functions: what they raise is the caller's own affair.
CALLBACKS = {"f", "loss", "augment", "model", "meaning", "kernel", "check", "initialiser", "layers",
             "lr", "run", "answer"}


def public() -> set[str]:
    """The names of all public functions, and of the public methods of public classes."""
    found, seen = set(), set()
    for module_name, module in MODULES.items():
        names = getattr(module, "__all__", None) or [
            name for name, value in vars(module).items() if not name.startswith("_")
            and getattr(value, "__module__", "") == module.__name__]
        for name in names:
            value = getattr(module, name)
            if not callable(value) or (module_name in EXPERIMENTS and name not in ("runs",)
                                       and f"{module_name}.{name}" not in CALLS):
                continue    # of an experiment: what computes and reports belongs to the sweep
            if id(value) in seen:
                continue    # another name for the same thing
            seen.add(id(value))
            if getattr(value, "__module__", "").startswith("mnist1d_edu"):
                found.add(f"{module_name}.{name}")
            if inspect.isclass(value) and issubclass(value, (nn.Layer, optim.Optimizer,
                                                             train.History, engine.Tensor)):
                found |= {f"{module_name}.{name}.{method}" for method, m in vars(value).items()
                          if inspect.isfunction(m) and method not in PARTS
                          and (not method.startswith("_") or method == "__call__")}
    return found


def plot_calls() -> dict:
    """A valid call of every figure: that of test_plots.py."""
    found = {}
    for name in test_plots.FIGURES:
        def made(name=name):
            caught = []
            true = getattr(plots, name)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(plots, name, lambda *a, **k: caught.append((a, k)) or true(*a, **k))
                test_plots.FIGURES[name][0](2)
            matplotlib.pyplot.close("all")
            return true, *caught[0]
        found[f"plots.{name}"] = made
    return found


CALLS |= plot_calls()
PIECES = {"band", "bare", "described", "label_ends", "alternative_text"}  # take Axes


def test_every_public_function_is_called_here():
    missing = public() - set(CALLS) - set(EXCEPTIONS) - {f"plots.{name}" for name in PIECES}
    assert missing == set(), "add a valid call to calls.py, or a reason to EXCEPTIONS"


def test_every_exception_is_still_there():
    assert set(EXCEPTIONS) - public() - {"plots.spread", "engine.record"} == set()


# ---------------------------------------------------------------------------- the property

# What a docstring promises beside TypeError and ValueError.
PROMISED = {
    "gradcheck.check_gradients": AssertionError, "engine.getitem": IndexError,
    "engine.scatter": IndexError,
    "engine.value_and_grad": LookupError,   # of the function that it is given
    "train.fit": (train.Diverged, OSError), "course.quiz.buttons": RuntimeError,
    **dict.fromkeys(("data.get_dataset", "data.save_dataset", "data.load_dataset",
                     "data.write_variant", "data.fetch_frozen", "utils.to_pickle",
                     "utils.from_pickle", "course.quiz.load_answers", "course.quiz.save_answers",
                     "sweep.sweep", "sweep.read_record", "reproduce.reproduce", "store.store",
                     "course.student.start", "course.student.lab", "course.student.check"),
                    OSError),
}
# (function, argument) -> the values that are as they should be, and take too long or do harm here.
LEFT_OUT = {
    ("train.fit", "steps"): {"huge", "beyond float"},
    ("gradcheck.numeric_gradient", "arrays"): {"pair", "ragged"},   # f takes one
    ("course.student.check", "folder"): {"text"},
}
# An argument that a message calls otherwise: where a function of the caller's meets it.
NAMES = {("engine.as_tensor", "x"): "data", ("fused.checkpoint", "args"): "a, b"}


class Hung(BaseException):
    pass


@contextlib.contextmanager
def limited():
    def stop(*_):
        raise Hung
    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def spoiled(name: str, chance: random.Random):
    """(the argument, what it becomes, and the call with it) for each argument of a function, and
    for each entry of an argument that is a dictionary."""
    function, given, named = CALLS[name]()
    bound = inspect.signature(function).bind(*given, **named)
    random_ones = {f"drawn {i}": drawn(chance) for i in range(2 * SCALE)}
    for key in [*range(len(given)), *named]:
        argument = key if isinstance(key, str) else named_of(function, key)
        value = named[key] if isinstance(key, str) else given[key]
        for entry in [None, *(value if isinstance(value, dict) else ())][:14]:
            for what in [*crafted(), *random_ones]:
                yield argument, entry, key, what, random_ones
    assert bound


def named_of(function, place: int) -> str:
    parameters = list(inspect.signature(function).parameters.values())
    several = [i for i, p in enumerate(parameters) if p.kind is inspect.Parameter.VAR_POSITIONAL]
    return parameters[min([place, *several])].name


def outcome(name: str, key, entry, hostile) -> BaseException | None:
    """What a call raises in which one argument, or one entry of it, is replaced."""
    function, given, named = CALLS[name]()
    if entry is not None:
        value = dict(named[key] if isinstance(key, str) else given[key])
        value[entry] = hostile
        hostile = value
    if isinstance(key, str):
        named = {**named, key: hostile}
    else:
        given = (*given[:key], hostile, *given[key + 1:])
    try:
        with limited(), np.errstate(all="ignore"), warnings.catch_warnings(), \
                contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            function(*given, **named)
    except Exception as error:
        return error
    except (Hung, SystemExit) as error:
        return error
    return None


def fault(name: str, argument: str, entry, error: BaseException | None) -> str:
    """"" if an answer is as it should be, or what is wrong with it."""
    if error is None:
        return ""
    if isinstance(error, PROMISED.get(name, ())) and not isinstance(error, TYPES):
        return ""
    text = str(error)
    if not isinstance(error, TYPES):
        return f"{type(error).__name__}: {text[:200]}"
    if isinstance(error, (UnicodeError, np.exceptions.AxisError)) or "\n" in text:
        return f"{type(error).__name__}: {text[:200]!r}"
    words = [argument, NAMES.get((name, argument), argument), *([str(entry)] if entry else [])]
    if not any(re.search(rf"\b{re.escape(word)}\b" if len(word) > 1 else
                         rf"(?<!\w){word}( must|:|,|\[|'s| of shape| and)", text)
               for word in words):
        return f"does not name {argument}: {text[:200]}"
    if len(text) > 700 or not re.search(r"\b(must|has|is|needs)\b", text):
        return f"does not say what is allowed: {text[:200]}"
    return ""


def cases(name: str) -> list:
    """The cases of a function: all, of a cheap one; some, drawn by its name, of a slow one."""
    every = list(spoiled(name, random.Random(name)))
    most = 4 * SCALE if name.startswith(("plots.", "utils.plot")) else 60 * SCALE
    if name in SLOW:
        most = 8 * SCALE
    return every if len(every) <= most else random.Random(name).sample(every, most)


SLOW = {"train.fit", "data.fetch_frozen", "data.get_dataset", "course.check", "course.use",
        "course.verdict.judge", "course.quiz.buttons", "double_descent.examples",
        "residual.autocorrelation", "pooling.dataset", "random_data.examples",
        "course.student.check", "course.student.start", "course.student.lab", "lottery.runs",
        "regularization.runs", "store.readme", "benchmark.inputs",
        "gradcheck.check_gradients", "reproduce.reproduce", "experiments.figures"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TQDM_DISABLE", "1")
    monkeypatch.setattr(course, "GRADED", False)
    matplotlib.use("Agg")
    data.save_dataset(dataset(), "saved.npz")
    utils.to_pickle({"a": 1}, "saved.pkl")
    Path("saved.json").write_text(json.dumps({"a": 1}))
    Path("empty").mkdir()
    Path("out").mkdir()
    Path("out/benchmark.json").write_text(json.dumps(experiments.load_result("benchmark")))
    yield tmp_path
    matplotlib.pyplot.close("all")


def faults(name: str) -> list[str]:
    found = []
    state = random.getstate(), np.random.get_state()
    for argument, entry, key, what, random_ones in cases(name):
        if what in LEFT_OUT.get((name, argument), ()) or (
                argument in CALLBACKS and what in ("a function", "a class")):
            continue
        for path in ("new.npz", "new.csv", "new.pkl", "new.thing", "answers.json", "fit.npz"):
            Path(path).unlink(missing_ok=True)
        hostile = crafted()[what] if what in crafted() else random_ones[what]
        wrong = fault(name, argument, entry, outcome(name, key, entry, hostile))
        matplotlib.pyplot.close("all")
        if wrong:
            found.append(f"{argument}{'' if entry is None else [entry]} = {what}: {wrong}")
    random.setstate(state[0])
    np.random.set_state(state[1])
    return found


@pytest.mark.parametrize("name", CALLS)
def test_a_valid_call_is_accepted(name, folder):
    function, given, named = CALLS[name]()
    if name in PROMISED or name in ("sweep.read_record", "store.store"):
        pytest.skip("reads or writes files: its own tests call it")
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        function(*given, **named)


@pytest.mark.parametrize("name", CALLS)
def test_what_cannot_be_used_is_named(name, folder):
    assert faults(name) == []


def test_the_table_of_calls_would_see_a_bad_answer():
    def bad(x):
        return {}["missing"]
    assert fault("bad", "x", None, KeyError("missing")).startswith("KeyError")
    assert fault("bad", "x", None, ValueError("wrong")).startswith("does not name x")
    assert "two" in fault("bad", "x", None, ValueError("x must be two\nlines"))
    assert fault("bad", "x", None, ValueError("x must be an array; got 3")) == ""
    assert fault("bad", "x", "w", ValueError("w must be an array; got 3")) == ""
    assert zlib.crc32(b"bad") and bad
