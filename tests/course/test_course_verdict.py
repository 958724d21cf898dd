"""What `check`, `use` and `hint` say to every kind of answer; they leave nothing behind."""

import functools
import os
import random
import re
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pytest

from mnist1d_edu import course
from mnist1d_edu.course import borrowed, check, evidence, guard, hint, pace, use, verdict
from mnist1d_edu.course.compare import difference
from mnist1d_edu.course.exercise import Exercise, codings


def matrices(rng):
    return [(np.array([[1.0, 3.0]]),), (rng.randn(3, 4),)]


double = Exercise(
    "99.double", "Twice", lambda x: x + x, probes=matrices, hints=("add", "x + x"),
    mistakes={
        "you squared it": lambda x: x**2,
        "the shapes do not fit": lambda x: x @ x[:, :1],
        "half is too little": codings(lambda x: x / 2, lambda x: x / 4),
    },
    musts={"the sign must stay": lambda result, x: (np.sign(result) == np.sign(x)).all()},
    variants={"a product": lambda x: 2 * x},
)


@pytest.fixture(autouse=True)
def _in_a_lesson(monkeypatch):
    monkeypatch.setattr(course, "GRADED", False)
    monkeypatch.setattr("mnist1d_edu.course.registry.find", {"99.double": double}.__getitem__)


def stub(x):
    """The docstring of the exercise."""
    raise NotImplementedError("your code here")


def empty(x):
    """The docstring of the exercise."""


def ellipsis(x):
    ...


@pytest.mark.parametrize("answer", [stub, empty, ellipsis, None, ...])
def test_not_attempted(answer, capsys):
    assert check("99.double", answer) is None
    assert capsys.readouterr() == ("[ ] 99.double: not attempted yet\n", "")


def in_place(x):
    x *= 2
    return x


def exits(x):
    sys.exit("bye")


def recurses(x):
    sys.setrecursionlimit(10**9)
    return recurses(x)


def forgets_return(x):
    x = x + x


def raises(x):
    total = x.sum()
    return {}[total > 0]


WRONG = [
    (lambda x: x * x, "you squared it"),
    (lambda x: x @ x[:, :1] if len(x) > 1 else x @ x, "the shapes do not fit"),
    (forgets_return, "your result is None: is a `return` missing? for x = [[1., 3.]]"),
    (lambda x: (x + x).tolist(), "your result holds the right numbers, but is a list, and must be "
                                 "an array: np.array makes one"),
    (lambda x: 2 * x[0], "your result has shape (2,), expected shape (1, 2) for x = [[1., 3.]]"),
    (lambda x: (2 * x).round(), "your result is rounded to whole numbers"),
    (lambda x: (2 * x).astype(str), "your result has dtype <U32, expected decimal numbers (dtype "
                                    "float64)"),
    (lambda x: x * np.nan, "your result is nan at index (0, 0), expected 2 for x = [[1., 3.]]"),
    (lambda x: x / 0, "your result is inf at index (0, 0), expected 2"),
    (lambda x: -x - 1e-3 * x**2, "the sign must stay for x = [[1., 3.]]: your result is [[-1.001, "
                                 "-3.009]], expected [[2., 6.]]"),
    (lambda x: x + x**3, "your result is [[2., 30.]], expected [[2., 6.]] for x = [[1., 3.]]"),
    (in_place, "your result is right, but the argument x is changed on the way"),
    (exits, "it calls exit, which would end the notebook"),
    (recurses, "it calls itself without end (RecursionError)"),
    (raises, "it raises KeyError: "),
    (lambda: 0, "it raises TypeError: "),
    (np.ones(3), "this is a ndarray, not a function"),
]


@pytest.mark.parametrize(("answer", "sentence"), WRONG)
def test_a_wrong_answer_is_told_in_one_line(answer, sentence, capsys):
    check("99.double", answer)
    out, err = capsys.readouterr()
    assert sentence in out
    assert out.startswith("[x] 99.double: ") and out.count("\n") == 1 and err == ""


def test_an_error_names_the_line_of_the_students_code(capsys):
    check("99.double", raises)
    assert "`return {}[total > 0]`" in capsys.readouterr().out


def loops(x):
    while True:
        pass


def loops_and_catches(x):
    while True:
        try:  # noqa: SIM105
            x + 1
        except Exception:
            pass


def loops_and_catches_all(x):
    while True:
        try:
            while True:
                x + 1
        except:  # noqa: E722
            pass


@pytest.mark.parametrize("answer", [loops, loops_and_catches, loops_and_catches_all])
def test_an_endless_loop_is_cut(answer, capsys, monkeypatch):
    monkeypatch.setattr(double, "seconds", 0.3)
    tracer = sys.gettrace()
    check("99.double", answer)
    assert "it does not come to an end: stopped after 0.3 s for x =" in capsys.readouterr().out
    assert sys.gettrace() is tracer


@pytest.mark.parametrize("answer", [loops, loops_and_catches])
def test_an_endless_loop_is_cut_where_there_is_no_timer(answer, monkeypatch):
    monkeypatch.setattr(double, "seconds", 0.3)
    verdicts = []
    thread = threading.Thread(target=lambda: verdicts.append(verdict.judge(double, answer)))
    before = threading.active_count()
    thread.start()
    thread.join(10)
    assert "does not come to an end" in verdicts[0].sentence
    assert threading.active_count() == before


def test_what_an_answer_prints_is_not_seen(capsys):
    def talks(x):
        print("much" * 1000)
        print("more", file=sys.stderr)
        warnings.warn("and more", stacklevel=1)
        return x + x

    check("99.double", talks)
    assert capsys.readouterr() == ("[ok] 99.double\n", "")


def test_nothing_is_left_behind():
    def careless(x):
        np.seterr(all="raise")
        np.random.seed(1)
        random.seed(1)
        sys.setrecursionlimit(5000)
        warnings.simplefilter("error")
        sys.stdout = None
        return x + x

    def state():
        return (np.geterr(), np.random.get_state()[1].tolist(), random.getstate(),
                sys.getrecursionlimit(), sys.setrecursionlimit, list(warnings.filters), sys.stdout)

    np.random.seed(12345)   # neither the state of the guard nor the one that `careless` sets
    random.seed(12345)
    before = state()
    assert verdict.judge(double, careless).state == "ok"
    assert state() == before


def test_the_persons_own_interrupt_is_passed_on():
    def interrupted(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("99.double", interrupted)


def test_in_a_grader_what_is_not_right_raises(monkeypatch, capsys):
    monkeypatch.setattr(course, "GRADED", True)
    for answer, said in ((stub, "not attempted yet"), (lambda x: x * x, "you squared it")):
        with pytest.raises(AssertionError, match=said):
            check("99.double", answer)
    assert check("99.double", lambda x: 2 * x) is None
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", ["NBGRADER_EXECUTION", "MNIST1D_EDU_STRICT"])
def test_strictness_is_decided_when_the_course_is_imported(name):
    code = ("import os, mnist1d_edu.course as course; os.environ.clear(); "
            "course.check('00.row_means', lambda x: 0)")
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                         env={**os.environ, name: "1"})
    assert ran.returncode == 1 and "AssertionError: [x] 00.row_means" in ran.stderr


def wrapped(x):
    return use("99.double", None)(x)


class Counting:
    def __call__(self, x):
        return double.reference(x)


def test_in_a_grader_the_courses_own_answer_is_refused(monkeypatch, capsys):
    own = (use("99.double", None), double.reference, wrapped, Counting(), double.variants[0][1],
           functools.partial(double.reference), lambda x: double.reference(x) + 0)
    for answer in own:
        check("99.double", answer)
        assert capsys.readouterr().out.endswith("[ok] 99.double\n")
    monkeypatch.setattr(course, "GRADED", True)
    for answer in own:
        with pytest.raises(AssertionError, match="the course's own answer, or calls it"):
            check("99.double", answer)
    check("99.double", lambda x: x + x)
    tracer = sys.getprofile()
    assert not borrowed.is_borrowed(double, lambda x: 2 * x) and sys.getprofile() is tracer


def test_a_secret_finds_an_answer_made_for_the_visible_probes(monkeypatch):
    known = {repr(x): x + x for (x,) in verdict.probes(double)}

    def by_heart(x):
        return known[repr(x)]

    assert verdict.judge(double, by_heart).state == "ok"
    monkeypatch.setattr(evidence, "SECRET", "between us")
    assert verdict.judge(double, by_heart).state == "wrong"


def test_use_gives_the_students_answer_once_it_is_right(capsys):
    def mine(x):
        return 2 * x

    assert use("99.double", mine) is mine
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("answer", "said"), [
    (stub, " until you have written yours"), (None, " until you have written yours"),
    (lambda x: x * x, " until yours is right"), (lambda: 0, " until yours is right"),
])
def test_use_says_whether_an_answer_is_wrong_or_not_there_yet(answer, said, capsys):
    assert use("99.double", answer) is double.reference
    assert capsys.readouterr().out == f"using the course's 99.double{said}\n"


def test_use_lends_the_courses_for_a_right_answer_that_is_very_slow(capsys):
    def slow(x):
        end = time.process_time() + pace.SECONDS
        while time.process_time() < end:
            pass
        return x + x

    assert use("99.double", slow) is double.reference
    assert re.fullmatch(r"using the course's 99\.double: yours is right, but it takes about [\d,]+ "
                        "times as long, and the next cells would crawl\n", capsys.readouterr().out)
    assert verdict.judge(double, slow) == verdict.OK


def test_an_answer_is_not_slow_because_the_machine_is_busy(monkeypatch):
    def waits(x):
        time.sleep(pace.SECONDS)
        return x + x

    assert pace.judge_with_pace(double, waits) == verdict.OK
    taken = iter([2 * pace.SECONDS, pace.SECONDS / 2, 1e-3])    # the second time, and the reference
    monkeypatch.setattr(pace, "_seconds", lambda exercise, answer: next(taken))
    assert pace.judge_with_pace(double, double.reference) == verdict.OK


def test_an_answer_is_not_slow_where_the_reference_takes_long_as_well(monkeypatch):
    monkeypatch.setattr(pace, "_seconds", lambda exercise, answer: 4 * pace.SECONDS / (
        pace.TIMES - 1 if answer is double.reference else 1))
    assert pace.judge_with_pace(double, lambda x: 2 * x) == verdict.OK


def test_hints_come_in_levels(capsys):
    hint("99.double")
    hint("99.double", 2)
    assert capsys.readouterr().out == "hint 1 of 2: add\nhint 2 of 2: x + x\n"
    with pytest.raises(ValueError, match="level must be an integer from 1 to 2; got 3"):
        hint("99.double", 3)


def test_a_name_that_is_no_exercise(monkeypatch, capsys):
    monkeypatch.undo()
    check("00.row_mean", stub)
    check("77.x", stub)
    out = capsys.readouterr().out
    assert "did you mean '00.row_means'?" in out and out.count("\n") == 2
    with pytest.raises(ValueError, match="did you mean"):
        use("00.row_mean", stub)


def test_a_class_is_judged_through_its_drive():
    def drive(counter_class, times):
        counter = counter_class()
        for _ in range(times):
            counter.add()
        return counter.count

    class Counter:
        def __init__(self):
            self.count = 0

        def add(self):
            self.count += 1

    class Twice(Counter):
        def add(self):
            self.count += 2

    class Stub:
        def __init__(self):
            raise NotImplementedError

    counting = Exercise("99.Counter", "Count", Counter, probes=lambda rng: [(0,), (3,)],
                        drive=drive, mistakes={"you count twice": Twice})
    assert verdict.judge(counting, Counter).state == "ok"
    assert verdict.judge(counting, Twice).sentence == "you count twice"
    assert verdict.judge(counting, Stub) == verdict.OPEN
    assert "not a class" in verdict.judge(counting, 3).sentence


def test_a_value_is_judged_as_it_is():
    rate = Exercise("99.rate", "A rate", 0.1, mistakes={"that is ten times too much": 1.0})
    assert verdict.judge(rate, 0.1).state == "ok"
    assert verdict.judge(rate, 1).sentence == "that is ten times too much"
    assert verdict.judge(rate, 0.23).sentence == "your result is 0.23, expected 0.1"
    assert verdict.judge(rate, ...) == verdict.OPEN


def test_where_the_reference_raises_the_answer_must():
    def root(x):
        if x < 0:
            raise ValueError("negative")
        return x**0.5

    exercise = Exercise("99.root", "Root", root, probes=lambda rng: [(4.0,), (-1.0,)])
    assert verdict.judge(exercise, lambda x: abs(x)**0.5).sentence == (
        "it must raise ValueError, and returned 1 for x = -1")
    assert verdict.judge(exercise, root).state == "ok"


def test_an_own_comparison_accepts_what_the_standard_one_refuses():
    any_order = Exercise("99.any", "Any order", lambda x: [1, 3], probes=lambda rng: [([3, 1],)],
                         same=lambda got, want: sorted(got) == sorted(want))
    assert verdict.judge(any_order, lambda x: [3, 1]).state == "ok"
    assert verdict.judge(any_order, lambda x: [3, 2]).state == "wrong"
    assert verdict.judge(any_order, lambda x: 3).state == "wrong"  # which `sorted` raises on


def test_a_mistake_may_have_several_codings():
    assert [sentence for sentence, _ in double.mistakes][-2:] == ["half is too little"] * 2
    for answer in (lambda x: 0.5 * x, lambda x: 0.25 * x):
        assert verdict.judge(double, answer).sentence == "half is too little"


def test_a_name_without_its_lesson_is_refused():
    with pytest.raises(ValueError, match="name is 'double'; it must be like"):
        Exercise("double", "Twice", lambda x: 2 * x)


@pytest.mark.parametrize(("got", "want", "same"), [
    (np.float32(1 / 3), 1 / 3, True), (1, 1.0, True), (1.0, 1, False), (True, 1, False),
    (1.0 + 1e-6, 1.0, False), (np.array([1e6, 1e-3]), np.array([1e6, 1e-3 + 1e-5]), True),
    ([1, 2], (1, 2), True), ((1,), (1, 2), False), ({"a": 1}, {"a": 1}, True),
    ({"a": 1}, {"b": 1}, False), ("a", "a", True), (np.nan, np.nan, True), (np.inf, np.inf, True),
    (-np.inf, np.inf, False), (None, None, True), (0, None, False), (1j, 1.0, False),
    (np.uint8(3), 3, True), (np.zeros((0, 2)), np.zeros((0, 2)), True),
])
def test_comparison(got, want, same):
    assert (difference(got, want) is None) == same


def test_a_call_that_is_in_time_leaves_no_alarm():
    assert guard.run(lambda given: 7, (), 0.1).value == 7
    time.sleep(0.2)


def test_importing_the_frame_is_quick_and_loads_no_lesson():
    code = ("import sys, mnist1d_edu.course; "
            "print([m for m in sys.modules if 'lesson_' in m or m in ('scipy', 'matplotlib', "
            "'nbformat')])")
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
