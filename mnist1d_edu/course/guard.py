"""Running a student's code so that the notebook survives it: it may loop for ever, recurse, print,
exit, raise, or change global state, and the caller gets an `Outcome` all the same.

What no exception reaches, a loop inside a function written in C, and what takes all memory, needs
a process of its own: `apart.py`."""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import io
import math
import operator
import os
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnist1d_edu.course.harmless import harmless, harmless_error


class TimeLimit(BaseException):
    """Raised inside code that runs too long. Not an Exception, so `except Exception` lets it by."""


@dataclass(frozen=True)
class Outcome:
    """What one call did: its value or its error, and its arguments as the call left them; all of
    them harmless to compare and to show."""

    value: object = None
    error: BaseException | None = None
    arguments: tuple = ()

    @property
    def timed_out(self) -> bool:
        return isinstance(self.error, TimeLimit)


# Told before each call how many seconds it may take, and after it None: see `apart.py`.
watchers: list[Callable[[float | None], None]] = []
one_at_a_time = threading.RLock()      # the standard streams and the global state are one


def _unlock() -> None:
    """In a copy of the process, a thread that held the lock is not there to release it."""
    global one_at_a_time
    one_at_a_time = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock)


def run(call: Callable, arguments: tuple, seconds: float) -> Outcome:
    """`call(arguments)`, quietly, for at most `seconds`, in which also its result is made harmless.

    Errors and exits become part of the outcome; only KeyboardInterrupt, the person's own wish
    to stop, is passed on. The global random streams are seeded for the call; they are put back
    after it, and so is what else a call can change: see `_state_kept`, and `surroundings_kept`.
    """
    def quiet_call() -> Outcome:
        try:
            try:
                with np.errstate(all="ignore"):
                    value = call(arguments)
            finally:    # before anything here needs them
                _put_names_back()
            return Outcome(harmless(value), None, harmless(arguments))
        except (KeyboardInterrupt, TimeLimit):
            raise
        except BaseException as error:
            return Outcome(None, harmless_error(error), harmless(arguments))

    with one_at_a_time, _state_kept(), _watched(seconds):
        try:
            return limited(quiet_call, seconds)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # TimeLimit, or what made the result
            return Outcome(None, harmless_error(error), arguments)
        finally:
            _put_names_back()


@contextlib.contextmanager
def _watched(seconds: float):
    for watcher in watchers:
        watcher(seconds)
    try:
        yield
    finally:
        for watcher in watchers:
            watcher(None)


class _Sink(io.TextIOBase):
    """A stream that forgets what is printed to it, however much it is."""

    def write(self, text: str) -> int:
        return len(text)

    def writable(self) -> bool:
        return True


@contextlib.contextmanager
def _state_kept():
    """Puts back what a call may change for the whole process: streams, random streams, warnings,
    NumPy's error state and print options, the functions of common modules, the recursion limit, and
    the signals that are blocked or handled."""
    recursion, set_recursion = sys.getrecursionlimit(), sys.setrecursionlimit
    sink = _Sink()
    _look_at_names()
    with warnings.catch_warnings(), np.errstate(), np.printoptions(), _random_kept(), \
            _signals_kept(), contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
        warnings.simplefilter("ignore")
        # Beyond some depth an endless recursion takes the whole kernel with it, or all memory.
        sys.setrecursionlimit = lambda limit: set_recursion(min(limit, 10_000))
        try:
            yield
        finally:
            sys.setrecursionlimit = set_recursion
            sys.setrecursionlimit(recursion)


@contextlib.contextmanager
def _random_kept():
    """Both global random streams: seeded for a call, and afterwards as they were."""
    bits, python_state = np.random.get_bit_generator(), random.getstate()
    numpy_state = np.random.get_state(legacy=False)
    np.random.seed(161_803)   # none that a student would type: hers is not the global stream
    random.seed(0)
    try:
        yield
    finally:
        if np.random.get_bit_generator() is not bits:
            np.random.set_bit_generator(bits)
        np.random.set_state(numpy_state)
        random.setstate(python_state)


class _Names:
    """The names of a module, to be put back where a call has bound them anew. A copy is made only
    when they are not as they were at the last look, which takes a few microseconds."""

    def __init__(self, module):
        self.now, self.copy = vars(module), {}

    # Bound now: the call may have bound these names anew as well.
    def same(self, len=len, all=all, map=map, one=operator.is_) -> bool:
        return len(self.now) == len(self.copy) and all(
            map(one, self.now.values(), self.copy.values()))


# The modules that numerical code uses most, the builtins first: the others need them.
_names = [_Names(module) for module in (builtins, np, np.random, np.linalg, np.fft, math, random,
                                        time)]


def _look_at_names() -> None:
    for names in _names:
        if not names.same():
            names.copy = dict(names.now)


def _put_names_back() -> None:
    for names in _names:
        if not names.same():
            names.now.update(names.copy)


@contextlib.contextmanager
def _signals_kept():
    """The signals that are blocked or handled, and the functions that trace a call."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    watched = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
    handlers = [signal.getsignal(number) for number in watched]
    tracer, profiler = sys.gettrace(), sys.getprofile()
    try:
        yield
    finally:
        sys.settrace(tracer)
        sys.setprofile(profiler)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        if threading.current_thread() is threading.main_thread():
            for number, handler in zip(watched, handlers, strict=True):
                if handler is not None and signal.getsignal(number) is not handler:
                    signal.signal(number, handler)


@contextlib.contextmanager
def surroundings_kept():
    """Puts back the working folder, the environment and matplotlib's settings: what takes longer to
    look at, and is of no matter from one call to the next."""
    folder, environment = os.getcwd(), dict(os.environ)
    matplotlib = sys.modules.get("matplotlib")
    settings = dict.copy(matplotlib.rcParams) if matplotlib else {}
    try:
        yield
    finally:
        if dict(os.environ) != environment:
            os.environ.clear()
            os.environ.update(environment)
        with contextlib.suppress(OSError):
            os.chdir(folder)
        if matplotlib and dict.copy(matplotlib.rcParams) != settings:
            _restore_matplotlib(matplotlib, settings)


def _restore_matplotlib(matplotlib, settings: dict) -> None:
    """Its settings as they were, and the backend with them, if one was in use."""
    switched = dict.get(matplotlib.rcParams, "backend") != settings.get("backend")
    dict.clear(matplotlib.rcParams)
    dict.update(matplotlib.rcParams, settings)
    pyplot = sys.modules.get("matplotlib.pyplot")
    if switched and pyplot and isinstance(settings.get("backend"), str):
        pyplot.switch_backend(settings["backend"])


def limited(call: Callable, seconds: float):
    """`call()`; raises TimeLimit when it takes longer than `seconds`."""
    in_main = threading.current_thread() is threading.main_thread()
    if hasattr(signal, "setitimer") and in_main:
        return _with_alarm(call, seconds)
    return _in_thread(call, seconds)


def _with_alarm(call: Callable, seconds: float):
    own_frame, tracer, armed = sys._getframe(), sys.gettrace(), True

    def stop(signum, frame):
        if not armed:
            return
        # A bare `except:` swallows the exception. So every line that still runs raises it again,
        # also the first line of that `except:` block, from where it leaves the loop.
        for _ in range(100):
            if frame is None or frame is own_frame:
                break
            frame.f_trace = again
            frame = frame.f_back
        sys.settrace(again)
        raise TimeLimit

    def again(frame, event, argument):
        # Not at the event "exception": raising there would end the tracing before `except:`.
        if armed and event != "exception":
            raise TimeLimit
        return again

    old_handler, old_timer = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)
    try:    # from here on: on a busy machine the time may be up before the call begins
        signal.signal(signal.SIGALRM, stop)
        # It repeats: an exception in a destructor or a callback is lost, and the next one is not.
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.05)
        if sys.version_info < (3, 11) and tracer is None:
            sys.settrace(_looking_up)
        return call()
    finally:
        armed = False
        sys.settrace(tracer)
        signal.setitimer(signal.ITIMER_REAL, *old_timer)
        signal.signal(signal.SIGALRM, old_handler)


def _looking_up(frame, event, argument):
    """A trace that does nothing. Python 3.10 does not look for signals, nor for what another thread
    wants of it, where a loop begins with `try`; in a function that it calls it does look."""
    return None if "site-packages" in frame.f_code.co_filename else _looking_up


def _in_thread(call: Callable, seconds: float):
    """Where there is no timer signal (Windows, a kernel's subshell): a thread that can be told
    to raise. One that swallows even that is left behind; it is a daemon."""
    result = []

    def work():
        if sys.version_info < (3, 11):
            sys.settrace(_looking_up)
        try:
            result.append((call(), None))
        except BaseException as error:
            result.append((None, error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    for _ in range(50):
        if not thread.is_alive():
            break
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident), ctypes.py_object(TimeLimit))
        thread.join(0.02)
    value, error = result[0] if result else (None, TimeLimit())
    if error is not None:
        raise error
    return value
