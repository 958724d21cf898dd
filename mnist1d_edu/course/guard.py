"""Running a student's code so that the notebook survives it: it may loop for ever, recurse, print,
exit, raise, or change global state, and the caller gets an `Outcome` all the same."""

from __future__ import annotations

import contextlib
import ctypes
import io
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


class TimeLimit(BaseException):
    """Raised inside code that runs too long. Not an Exception, so `except Exception` lets it by."""


@dataclass(frozen=True)
class Outcome:
    """What one call did: its value or its error, and its arguments as the call left them."""

    value: object = None
    error: BaseException | None = None
    arguments: tuple = ()

    @property
    def timed_out(self) -> bool:
        return isinstance(self.error, TimeLimit)


def run(call: Callable, arguments: tuple, seconds: float) -> Outcome:
    """`call(arguments)`, quietly, for at most `seconds`.

    Errors and exits become part of the outcome; only KeyboardInterrupt, the person's own wish
    to stop, is passed on. The global random streams are seeded for the call and put back after it,
    as are warnings, NumPy's error state, the recursion limit and the standard streams.
    """
    def quiet_call():
        with np.errstate(all="ignore"):
            return call(arguments)

    with _state_kept():
        try:
            return Outcome(_timed(quiet_call, seconds), None, arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return Outcome(None, error, arguments)


class _Sink(io.TextIOBase):
    """A stream that forgets what is printed to it, however much it is."""

    def write(self, text: str) -> int:
        return len(text)

    def writable(self) -> bool:
        return True


@contextlib.contextmanager
def _state_kept():
    numpy_state, python_state = np.random.get_state(), random.getstate()
    recursion, set_recursion = sys.getrecursionlimit(), sys.setrecursionlimit
    sink = _Sink()
    with warnings.catch_warnings(), np.errstate(), contextlib.redirect_stdout(sink), \
            contextlib.redirect_stderr(sink):
        warnings.simplefilter("ignore")
        np.random.seed(0)
        random.seed(0)
        # Beyond some depth an endless recursion takes the whole kernel with it, or all memory.
        sys.setrecursionlimit = lambda limit: set_recursion(min(limit, 10_000))
        try:
            yield
        finally:
            sys.setrecursionlimit = set_recursion
            sys.setrecursionlimit(recursion)
            np.random.set_state(numpy_state)
            random.setstate(python_state)


def _timed(call: Callable, seconds: float):
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

    old_handler = signal.signal(signal.SIGALRM, stop)
    # It repeats: an exception in a destructor or a callback is lost, and the next one is not.
    old_timer = signal.setitimer(signal.ITIMER_REAL, seconds, 0.05)
    try:
        return call()
    finally:
        armed = False
        sys.settrace(tracer)
        signal.setitimer(signal.ITIMER_REAL, *old_timer)
        signal.signal(signal.SIGALRM, old_handler)


def _in_thread(call: Callable, seconds: float):
    """Where there is no timer signal (Windows, a kernel's subshell): a thread that can be told
    to raise. One that swallows even that is left behind; it is a daemon."""
    result = []

    def work():
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
