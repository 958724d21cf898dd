"""Answers that loop, lie, burst or change what is not theirs: each gets its one line, and all state
is as it was. They are judged here, in the same process, and apart, in a copy of it."""

from __future__ import annotations

import gc
import itertools
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from campaign import SCALE

from mnist1d_edu.course import apart, check, guard, verdict
from mnist1d_edu.course.exercise import Exercise

linux = pytest.mark.skipif(sys.platform != "linux", reason="judged in this process elsewhere")
WAYS = [verdict.judge, pytest.param(apart.judged, marks=linux)]


def matrices(rng):
    return [(np.array([[1.0, 3.0]]),), (rng.randn(3, 4),)]


double = Exercise(
    "99.double", "Twice", lambda x: x + x, probes=matrices, seconds=0.4,
    mistakes={"you squared it": lambda x: x**2},
    musts={"the sign must stay": lambda result, x: (np.sign(result) == np.sign(x)).all()})
parts = Exercise("99.parts", "Two parts", lambda x: (x + x, {"n": len(x), "text": "a"}),
                 probes=matrices, seconds=0.4)


def state() -> dict:
    """All that an answer could change for the notebook."""
    filters, recursion = list(warnings.filters), sys.getrecursionlimit()
    return {
        "random": (random.getstate(), np.random.get_state()[1].tolist()),
        "bits": type(np.random.get_bit_generator()).__name__, "errors": np.geterr(),
        "print": np.get_printoptions(), "warnings": (filters, warnings.showwarning, warnings.warn),
        "functions": [dict(vars(module)) for module in (np.linalg, math, random)],
        "numpy": {name: vars(np)[name] for name in ("mean", "exp", "array", "dot", "asarray")},
        "builtins": {name: __builtins__[name] for name in ("len", "sum", "print", "open", "range")},
        "limit": (recursion, sys.setrecursionlimit), "folder": os.getcwd(),
        "environment": {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"},
        "blocked": signal.pthread_sigmask(signal.SIG_BLOCK, ()),
        "handlers": [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGALRM, signal.SIGTERM)],
        "streams": (sys.stdout, sys.stderr, sys.__stdout__), "trace": sys.gettrace(),
        "profile": sys.getprofile(), "timer": signal.getitimer(signal.ITIMER_REAL),
        "matplotlib": (dict.copy(matplotlib.rcParams), matplotlib.get_backend()),
        "threads": threading.active_count(), "collector": gc.isenabled(),
    }


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mnist1d_edu.course.registry.find", {"99.double": double}.__getitem__)
    for name in ("NBGRADER_EXECUTION", "MNIST1D_EDU_STRICT"):
        monkeypatch.delenv(name, raising=False)
    np.random.seed(77)
    random.seed(77)
    before = state()
    yield
    after = state()
    assert {name for name in before if before[name] != after[name]} == set()


def one_line(found, *said) -> None:
    assert found.state == "wrong", found
    assert "\n" not in found.sentence and 0 < len(found.sentence) <= 500
    assert not said or any(text in found.sentence for text in said), found.sentence


# ------------------------------------------------------------------ objects that misbehave

METHODS = ["__str__", "__repr__", "__eq__", "__ne__", "__len__", "__array__", "__iter__",
           "__bool__", "__hash__", "__getattribute__", "__getattr__", "__float__", "__index__",
           "__getitem__", "__format__", "__contains__", "__call__", "__instancecheck__",
           "__array_ufunc__", "__array_function__", "__abs__", "__lt__", "__sub__", "__rsub__",
           "__int__"]
PROPERTIES = ["__class__", "__code__", "__doc__", "__module__", "__name__", "__dict__", "shape",
              "dtype", "ndim", "__array_interface__", "__wrapped__", "args", "__traceback__"]


def raises(*_, **__):
    raise ValueError("two\nlines" * 100)


def exits(*_, **__):
    raise SystemExit


def loops(*_, **__):
    while True:
        pass


def catches(*_, **__):
    while True:
        try:  # noqa: SIM105
            time.sleep(0.01)
        except Exception:
            pass


def recurses(*_, **__):
    return recurses()


def lies(*_, **__):
    return -1


BEHAVIOURS = [raises, exits, loops, catches, recurses, lies]
BASES = [object, float, int, str, list, dict, tuple, np.ndarray, Exception, ValueError, SystemExit]


def made(base: type, names: list[str], behaviour) -> object:
    """An object of a class below `base` whose named methods all behave so."""
    body = {name: property(behaviour) if name in PROPERTIES else behaviour for name in names}
    kind = type("Odd", (base,), body)
    return np.ndarray.__new__(kind, (2, 2)) if base is np.ndarray else base.__new__(kind)


PLACES = {
    "result": lambda odd, x: odd, "list": lambda odd, x: [odd, odd],
    "tuple": lambda odd, x: (odd, {"n": odd}),
    "dict": lambda odd, x: (x + x, {"n": odd, "text": odd}),
    "array": lambda odd, x: np.array([None, odd], object), "set": lambda odd, x: {1: [{2: odd}]},
    "argument": lambda odd, x: x.__setitem__((0, 0), odd), "error": lambda odd, x: fail(odd),
    "cause": lambda odd, x: fail(ValueError(odd)), "key": lambda odd, x: {odd: 1},
    "type": lambda odd, x: type(odd), "deep": lambda odd, x: nested(odd),
}


def fail(error):
    raise error


def nested(odd):
    for _ in range(200):
        odd = [odd]
    return odd


def odd_answers():
    """A part of all the combinations, the same each time."""
    chance = random.Random(5)
    for number in range(150 * SCALE):
        base, behaviour = chance.choice(BASES), chance.choice(BEHAVIOURS)
        names = chance.choice([METHODS, PROPERTIES, METHODS + PROPERTIES,
                               [chance.choice(METHODS + PROPERTIES)]])
        yield number, base, names, behaviour, chance.choice(list(PLACES))


@pytest.mark.parametrize("judge", WAYS)
def test_objects_that_misbehave(judge, monkeypatch):
    # Python reports what is raised in a finaliser, and pytest fails where it cannot print it: some
    # of these objects are made so that nobody can
    monkeypatch.setattr(sys, "unraisablehook", lambda told: None)
    for number, base, names, behaviour, place in odd_answers():
        try:
            odd = made(base, names, behaviour)
        except TypeError:   # no such class can be made
            continue
        task = (double, parts)[number % 2]

        def answer(x, odd=odd, place=place):
            return PLACES[place](odd, x)

        one_line(judge(task, answer))


@pytest.mark.parametrize("judge", WAYS)
def test_values_that_only_look_odd_are_accepted(judge):
    class Number(float):
        def __repr__(self):
            return "mine"

    class Pair(tuple):
        __slots__ = ()

    assert judge(double, lambda x: (2 * x).view(type("Mine", (np.ndarray,), {}))).state == "ok"
    assert judge(parts, lambda x: Pair((2 * x, {"n": Number(len(x)), "text": "a"}))).state in (
        "ok", "wrong")  # an int is asked for; a float of that value is for the judge to settle
    assert judge(parts, lambda x: Pair((2 * x, {"n": len(x), "text": "a"}))).state == "ok"


# ------------------------------------------------------------------ state


def blocks_signals(x):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGINT})


def ignores_signals(x):
    for number in (signal.SIGALRM, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def overwrites_numpy(x):
    np.mean = np.exp = np.asarray = np.linalg.norm = np.random.randn = None
    math.exp = random.random = time.monotonic = None


def overwrites_builtins(x):
    import builtins
    builtins.len = builtins.sum = None
    builtins.print = lambda *_: None


def changes_folder(x):
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    os.rmdir(folder)


CHANGES = {
    "the print options": lambda x: np.set_printoptions(precision=1, suppress=True),
    "the error state": lambda x: np.seterr(all="raise"),
    "the bit generator": lambda x: np.random.set_bit_generator(np.random.PCG64(1)),
    "the random state": lambda x: (np.random.seed(1), random.seed(1)),
    "the folder": lambda x: os.chdir("/"), "a folder that goes": changes_folder,
    "the environment": lambda x: os.environ.update(HOME="/", OMP_NUM_THREADS="9"),
    "an emptied environment": lambda x: os.environ.clear(),
    "blocked signals": blocks_signals, "ignored signals": ignores_signals,
    "NumPy's functions": overwrites_numpy, "builtins": overwrites_builtins,
    "deleted functions": lambda x: delattr(np.linalg, "norm"),
    "the backend": lambda x: matplotlib.use("svg", force=True),
    "the style": lambda x: matplotlib.rcParams.update({"figure.dpi": 3, "lines.linewidth": 9}),
    "the warnings": lambda x: (warnings.simplefilter("error"), warnings.resetwarnings()),
    "how warnings show": lambda x: setattr(warnings, "showwarning", None),
    "the streams": lambda x: (setattr(sys, "stdout", None), setattr(sys, "stderr", None)),
    "the recursion limit": lambda x: sys.setrecursionlimit(3000),
    "the trace": lambda x: sys.settrace(lambda *_: None),
    "the profile": lambda x: sys.setprofile(lambda *_: None),
    "the timer": lambda x: signal.setitimer(signal.ITIMER_REAL, 0),
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("way", ["check", pytest.param("apart", marks=linux)])
def test_changes_are_undone(what, way, monkeypatch):
    """The fixture compares the state; the answer is right for all that it does besides."""
    if way == "check":
        monkeypatch.setattr(sys, "platform", "other")   # as on a system without a cheap copy

    def answer(x):
        CHANGES[what](x)
        return x * 2

    assert apart.judged(double, answer).state == "ok"


# ------------------------------------------------------------------ beyond exceptions

BEYOND = {
    "sum": (lambda x: sum(range(10**12)), "does not come to an end"),
    "deque": (lambda x: __import__("collections").deque(itertools.repeat(1), maxlen=0),
              "does not come to an end"),
    "any": (lambda x: any(itertools.repeat(0)), "does not come to an end"),
    "power": (lambda x: 10**10**9, "does not come to an end"),
    "blocked": (lambda x: (blocks_signals(x), loops()), "does not come to an end"),
    "ignored": (lambda x: (ignores_signals(x), loops()), "does not come to an end"),
    "stopped": (lambda x: os.kill(os.getpid(), signal.SIGSTOP), "does not come to an end"),
    "repr": (lambda x: type("Odd", (), {"__repr__": lambda _: sum(range(10**12))})(),
             "does not come to an end"),
    "memory": (lambda x: np.ones(10**10), "MemoryError"),
    "memory bit by bit": (lambda x: [bytearray(10**8) for _ in range(10**6)],
                          "MemoryError", "does not come to an end"),
    "killed": (lambda x: os.kill(os.getpid(), signal.SIGKILL), "end (SIGKILL)"),
    "crashed": (lambda x: __import__("ctypes").string_at(0), "end (SIGSEGV)"),
    "left": (lambda x: os._exit(0), "makes Python itself end"),
    "a process": (lambda x: os.fork() and None, ""),
    "asks": (lambda x: input("?"), "EOFError"),
    "floods": (lambda x: flood(b"x" * 10**6), ""), "lies": (lambda x: flood(b"\nbegin x\nend\n"
                                                            b'{"state": "ok"}\n'), ""),
}


def flood(content: bytes) -> None:
    """Write to the youngest pipe, the one to the judge's other half."""
    pipes = [int(number) for number in os.listdir("/proc/self/fd")
             if links(f"/proc/self/fd/{number}").startswith("pipe")]
    for _ in range(30):
        os.write(max(pipes), content)


def links(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:     # the listing's own
        return ""


@linux
@pytest.mark.parametrize("what", BEYOND)
def test_what_no_exception_reaches_ends(what):
    answer, *said = BEYOND[what]
    one_line(apart.judged(double, answer), *said)
    assert apart.judged(double, lambda x: x + x).state == "ok"


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer signal")
def test_time_that_is_up_before_the_call_begins():
    """As on a machine that stands still for a while at the wrong moment."""
    setitimer, late = signal.setitimer, []

    def at_once(which, seconds, interval=0.0):
        found = setitimer(which, min(seconds, 1e-5), interval)
        if seconds and not late:
            late.append(True)
            end = time.monotonic() + 0.02
            while time.monotonic() < end:
                pass
        return found

    before = signal.getsignal(signal.SIGALRM), sys.gettrace()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signal, "setitimer", at_once)
        assert guard.run(lambda given: given, (1,), 5.0).timed_out and late
    assert (signal.getsignal(signal.SIGALRM), sys.gettrace()) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    time.sleep(0.1)
    assert verdict.judge(double, double.reference).state == "ok"


@linux
def test_check_and_use_are_apart(capsys):
    check("99.double", BEYOND["sum"][0])
    check("99.double", double.reference)
    assert capsys.readouterr().out == ("[x] 99.double: it does not come to an end: stopped after "
                                       "0.4 s\n[ok] 99.double\n")


@linux
def test_a_copy_that_cannot_be_made_is_done_without(monkeypatch):
    def no_fork():
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", no_fork)
    assert apart.judged(double, lambda x: x**2).sentence == "you squared it"


@linux
def test_no_process_and_no_file_is_left_over():
    def there():
        children = [p.read_text() for p in sorted(Path("/proc/self/task").glob("*/children"))]
        return " ".join(children).split(), sorted(os.listdir("/proc/self/fd"))

    apart.judged(double, double.reference)
    before = there()  # tests before this one may have left a child that serves all of them
    for answer, *_ in BEYOND.values():
        apart.judged(double, answer)
    assert there() == before


ENDED = """
import time, sys
sys.path.insert(0, {here!r})
import test_guard
test_guard.apart.judged(test_guard.Exercise("99.a", "A", lambda x: 1, probes=test_guard.matrices,
                                            seconds=900), lambda x: print(len(x)) or {loop})
"""


@linux
def test_a_notebook_that_is_ended_takes_its_copy_along():
    """The copy sleeps for 976 s in a function that no signal of its own ends."""
    code = ENDED.format(here=str(Path(__file__).parent), loop="time.sleep(976)")
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while not children.read_text().split():
            time.sleep(0.05)
        child = Path("/proc", children.read_text().split()[0])
        time.sleep(0.5)
        process.kill()
    end = time.monotonic() + 20
    while child.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not child.exists()


@pytest.mark.parametrize("judge", WAYS)
def test_checks_in_threads_leave_the_streams_alone(judge):
    """Many at once, each printing and changing the streams: all verdicts are right."""
    found = []

    def work(answer, state):
        for _ in range(3):
            found.append(judge(double, answer).state == state)

    threads = [threading.Thread(target=work, args=case) for case in (
        [(lambda x: print("much") or x + x, "ok"), (lambda x: x**2, "wrong")] * 3)]
    streams = sys.stdout, sys.stderr
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [True] * 18 and (sys.stdout, sys.stderr) == streams


def test_the_guard_itself_passes_an_interrupt_on():
    def interrupted(x):
        raise KeyboardInterrupt

    for judge in (lambda: guard.run(interrupted, (1,), 1.0), lambda: apart.judged(double,
                                                                                  interrupted)):
        with pytest.raises(KeyboardInterrupt):
            judge()
