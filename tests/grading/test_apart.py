"""One answer in a process of its own: what reaches it, what it may do, and what comes back."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest

from mnist1d_edu.course import evidence, notebooks, registry
from mnist1d_edu.course.borrowed import SENTENCE
from mnist1d_edu.course.guard import Outcome, TimeLimit, run
from mnist1d_edu.course.verdict import Verdict, judge
from mnist1d_edu.grading import apart, lessons, marking, wire

NAME = "00.row_means"
RIGHT = "def row_means(x):\n    return x.mean(axis=1)"


def verdict(code: str, name: str = NAME, secret: str | None = "between us", **more) -> Verdict:
    cells = [(1, "import numpy as np"), (2, code)]
    more = {"right": []} | more
    return apart.verdict(registry.find(name), name[3:], cells, secret=secret, **more)


# ------------------------------------------------------------------ the verdict is check's

@pytest.mark.parametrize("code", [
    RIGHT, "row_means = lambda x: np.mean(x, 1)", "def row_means(x):\n    return x.mean(axis=0)",
    "def row_means(x):\n    return x.mean(axis=1) * 1.01", "def row_means(x):\n    return x / {}",
    "def row_means(x):\n    y = x + 1\n    return y.men(axis=1)", "row_means = 3",
    "row_means = ...",
    "def row_means(x):\n    return list(x.mean(axis=1))", "def row_means(x):\n    return None",
    "def row_means(x):\n    x -= 1\n    return x.mean(axis=1) + 1",
    "def row_means(x):\n    return x.mean(axis=1).astype(np.float32)",
    "def row_means(x):\n    return {'means': x}",
    "def row_means(x):\n    raise NotImplementedError",
    "def row_means(x):\n    return row_means", "def row_means(x):\n    return object",
    "def row_means(x):\n    return [x.mean(axis=1), 'a', None, 2, 3j, 2**70]",
])
def test_it_is_what_check_says(code):
    hers: dict = {"np": np}
    exec(code, hers)
    apart_, here = verdict(code, secret=None), judge(registry.find(NAME), hers["row_means"])
    line = here.sentence.partition(" (line")[0]     # of a cell, there is a source to show
    assert apart_.state == here.state and apart_.sentence.startswith(line)


@pytest.mark.parametrize("path", lessons.chosen([], notebooks.solutions_dir()),
                         ids=lambda p: p.stem[:2])
def test_every_lessons_own_answers_score(path):
    """References are out of reach, and still every drive and probe works, also hidden ones."""
    marks = marking.marks(path.name[:2], notebooks.code_cells(path), "between us")
    assert [m.line for m in marks if m.verdict.state != "ok"] == []
    assert [m.name for m in marks] == list(registry.exercises(path.name[:2]))


# ------------------------------------------------------------------ what an answer may not do

MODULE = "mnist1d_edu.course.exercises.lesson_00.row_means"


@pytest.mark.parametrize("code", [
    f"from {MODULE} import row_means",
    f"import importlib, {MODULE} as m\nrow_means = importlib.reload(m).row_means",
    f"import {MODULE} as m\nhers = dict(vars(m))\nexec(open(m.__file__).read(), hers)\n"
    "row_means = hers['row_means']",
    "from mnist1d_edu.course import registry\n"
    "row_means = registry.find('00.row_means').variants[0][1]",
    "from mnist1d_edu.course import registry\n"
    "row_means = registry.exercises('00')['00.row_means'].reference",
    "row_means = use('00.row_means', None)",
    "from functools import partial\nrow_means = partial(use('00.row_means', None))",
    f"import {MODULE} as m, types\n"
    "row_means = types.FunctionType(m.row_means.__code__, {'np': np})",
    "import gc, types\n"
    "row_means = [f for f in gc.get_objects() if getattr(f, '__name__', '') == 'row_means'][0]",
    "import subprocess, sys\nrow_means = lambda x: np.array(eval(subprocess.run([sys.executable, "
    f"'-c', 'from {MODULE} import row_means'], capture_output=True).stdout))",
    "import ctypes\nctypes.CDLL(None).system(b'true')\n" + RIGHT,
    "import socket\nsocket.create_connection(('127.0.0.1', 9), 1)\n" + RIGHT,
    "import os\nos.fork()\n" + RIGHT,
    "open('/etc/passwd')\n" + RIGHT,
    "open('/proc/self/environ')\n" + RIGHT,
    "import os\nos.listdir('/')\n" + RIGHT,
    "import os\nos.open('..', os.O_RDONLY | os.O_DIRECTORY)\n" + RIGHT,
    f"open({str(Path(tempfile.gettempdir()) / 'of-an-answer')!r}, 'w')\n" + RIGHT,
])
def test_a_way_around_scores_nothing(code):
    found = verdict("from mnist1d_edu.course import use\n" + code)
    assert found.state == "wrong", found


def test_a_cell_that_is_refused_something_says_so():
    found = verdict("open('/etc/passwd')\n" + RIGHT)
    assert "cell 2 fails: PermissionError: an answer may not open /etc/passwd" in found.sentence
    assert verdict("from mnist1d_edu.course import use\nrow_means = use('00.row_means', None)"
                   ).sentence == SENTENCE


FORGED = json.dumps({"batch": ["0", []]})


@pytest.mark.parametrize("code", [
    "import os\nfor fd in range(3, 30):\n    try:\n        os.write(fd, "
    "b'{\"said\": [\"ok\", \"\"]}\\n')\n    except OSError:\n        pass\n"
    "def row_means(x):\n    return 0",
    f"import os\nfor fd in range(3, 30):\n    try:\n        os.write(fd, b'{FORGED}\\n' * 9)\n"
    "    except OSError:\n        pass\ndef row_means(x):\n    return 0",
    "import os\nfor fd in range(3, 30):\n    try:\n        os.write(fd, b'x' * 100 + b'\\n')\n"
    "    except OSError:\n        pass\ndef row_means(x):\n    return 0",
    "from mnist1d_edu.grading import wire, answering, sealed\n"
    "answering._outcomes = lambda *_: []\ndef row_means(x):\n    return 0",
    "import os\nos._exit(0)",
    "import os, signal\nsignal.alarm(0)\nos.abort()",
    "def row_means(x):\n    import os\n    os._exit(0)",
    "import numpy\nnumpy.array_equal = lambda *_: True\n"
    "class Any:\n    __eq__ = lambda *_: True\ndef row_means(x):\n    return Any()",
    "np.isclose = np.allclose = np.array_equal = lambda *_: True\n"
    "def row_means(x):\n    return x[:, 0]",
])
def test_a_forged_message_or_an_end_scores_nothing(code):
    found = verdict(code)
    assert found.state == "wrong" and "\n" not in found.sentence, found


@pytest.mark.parametrize("code", [
    "def row_means(x):\n    return np.zeros(10**10) + x.mean()",
    "hog = [0] * 10**10\n" + RIGHT,
])
def test_memory_is_limited(code):
    assert "MemoryError" in verdict(code).sentence


def test_cells_that_do_not_end_are_ended(monkeypatch):
    monkeypatch.setattr(apart, "START_SECONDS", 8.0)
    for code in ("while True: pass\n", "sum(range(10**12))\n"):
        assert verdict(code + RIGHT).sentence == "it does not come to an end: stopped after 8 s"


# ------------------------------------------------------------------ what an answer may do

@pytest.mark.parametrize("code", [
    "%matplotlib inline\n%time 3\n" + RIGHT,
    "%%time\n" + RIGHT,
    "import warnings, sys\nwarnings.warn('x')\nprint(1, file=sys.stderr)\n" + RIGHT + "\n0.5",
    "def helper(x):\n    return x.mean(axis=1)\n"
    "def row_means(x):\n    print(x)\n    return helper(x)",
    "display(3)\nfrom mnist1d_edu.course import check, hint\n" + RIGHT + "\ncheck('00.row_means', "
    "row_means)\nhint('00.row_means', 1)",
    "import matplotlib.pyplot as plt\nplt.figure()\n" + RIGHT,
    "from scipy import signal\nimport random, collections\n" + RIGHT,
    "with open('mine.txt', 'w') as file:\n    file.write('a')\n" + RIGHT,
    "import mnist1d_edu as mnist1d\ndata = mnist1d.make_dataset()\n" + RIGHT,
])
def test_what_students_do_in_a_cell_costs_nothing(code):
    assert verdict(code) == Verdict("ok")


def test_use_gives_her_own_answer_to_what_she_has_right():
    """An answer that needs an earlier one gets hers if it is right, the course's if not."""
    code = ("from mnist1d_edu.course import use\n"
            "def linear_backward(g, x, weight):\n    raise RuntimeError('hers')\n"
            "lin = use('04.linear_backward', linear_backward)\n"
            "def relu_backward(g, a):\n"
            "    try:\n        lin(np.ones((1, 2)), np.ones((1, 3)), np.ones((2, 3)))\n"
            "    except RuntimeError:\n        return g * 0 - 7\n    return g * (a > 0)")
    assert verdict(code, "04.relu_backward").state == "ok"
    told = verdict(code, "04.relu_backward", right=["04.linear_backward"])
    assert told.state == "wrong"


def test_only_what_an_answer_needs_is_run():
    cells = [(1, "import numpy as np"), (2, RIGHT), (3, "import os; os._exit(3)"),
             (4, 'check("00.row_means", row_means)'), (5, "row_means = 0")]
    [mark] = marking.marks("00", cells)[:1]
    assert mark.verdict.state == "ok"
    without_check = [c for c in cells if c[0] != 4][:3]
    assert marking.marks("00", without_check)[0].verdict.state == "ok"


def test_too_much_code_is_refused():
    with pytest.raises(ValueError, match="more code than"):
        marking.marks("00", [(1, "x = 1\n" * 10**6)])


# ------------------------------------------------------------------ on the way

VALUES = [None, True, 3, -2.5, float("inf"), 2**70, "text", 1 + 2j, (1, [2, {"a": 3.0}]), [],
          np.arange(6.0).reshape(2, 3), np.float32(2), np.array(["a", "bc"]), np.zeros((0, 3)),
          np.array([True, False]), np.arange(3)[::-1], np.array(5)]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_data_come_back_as_they_were(value):
    back = wire.decoded(json.loads(json.dumps(wire.encoded(value))))
    assert type(back) is type(value)
    if isinstance(value, np.ndarray):
        assert back.dtype == value.dtype and np.array_equal(back, value)
    else:
        assert back == value


@pytest.mark.parametrize("told", [
    ["array", "<f8", [2], "AAAA"], ["array", "O", [1], "AAAAAAAAAAA="], ["array", "<f8", [-1], ""],
    ["array", "<f8", [10**12], ""], ["unknown"], [], {}, "x", ["dict", [[["list", []], 1]]],
    ["dict", 3], ["int", "x"], ["subclass", "os", "system", ["array", "<f8", [0], ""], []],
    ["tuple", [["tuple", [["nothing"]]]]], ["array", "V8", [1], "AAAAAAAAAAA="],
    ["int", "9" * 9999],
])
def test_what_is_no_data_is_a_value_error(told):
    with pytest.raises(ValueError):
        wire.decoded(told)


def test_deep_nesting_is_a_value_error():
    told: list = ["list", []]
    for _ in range(5000):
        told = ["list", [told]]
    with pytest.raises(ValueError):
        wire.decoded(told)


def fails(x):
    raise KeyError("missing")


def test_outcomes_come_back_with_their_errors():
    for outcome in (run(lambda given: fails(*given), (np.ones(2),), 1.0),
                    Outcome(None, TimeLimit()), Outcome(np.ones(3), None, (np.zeros(2), len))):
        back = wire.decoded_outcome(json.loads(json.dumps(wire.encoded_outcome(outcome, " (l)"))))
        assert type(back.error) is type(outcome.error) and str(back.error) == str(outcome.error)
        assert back.timed_out == outcome.timed_out
        assert len(back.arguments) == len(outcome.arguments)
    for told in ({}, {"value": 1, "error": 3, "arguments": []}, {"value": [], "error": None,
                                                               "arguments": []}):
        with pytest.raises(ValueError):
            wire.decoded_outcome(told)


def test_a_secret_gives_each_exercise_a_seed_of_its_own():
    """It is all that reaches the process of an answer."""
    with evidence.hidden("between us"):
        seeds = evidence.seeds(registry.find(NAME))
        other = evidence.seeds(registry.find("00.standardise"))
    assert len(seeds) == 2 and len(set(seeds + other)) == 4
    with evidence.hidden("between others"):
        assert evidence.seeds(registry.find(NAME))[1] != seeds[1]
    assert evidence.seeds(registry.find(NAME)) == seeds[:1]
