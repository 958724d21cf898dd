"""A verdict that is found in a copy of this process, which may hang, burst or die.

Some loops no exception reaches: `sum(range(10**10))` runs inside a function written in C, and holds
the whole notebook. So where a process can be copied quickly and safely (Linux), the judge works in
a copy, with a limit on memory, and this process only waits for the verdict. The copy tells when a
call begins and how long it may take; one that takes longer is ended with the copy. Whatever an
answer changes, the notebook does not see. Elsewhere the judge works here, as well as it can.
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import dataclasses
import faulthandler
import gc
import json
import os
import secrets
import select
import signal
import sys
import time
import warnings
from collections.abc import Callable

from mnist1d_edu.arguments import one_line
from mnist1d_edu.course import guard
from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.verdict import Verdict, judge

GRACE = 1.0             # seconds that a call may take longer than its limit until it is ended
ALL_SECONDS = 60.0      # for everything that the judge does
MEMORY = 2**31          # bytes that the copy may take beyond those of this process
PR_SET_PDEATHSIG = 1    # of Linux's prctl
LONGEST = 2**20         # bytes of a line from the copy
_copied = False


def judged(exercise: Exercise, answer,
           judge: Callable[[Exercise, object], Verdict] = judge) -> Verdict:
    """`judge(exercise, answer)`, found apart from this process where that can be done."""
    if sys.platform != "linux" or _copied:
        with guard.surroundings_kept():
            return judge(exercise, answer)
    mark = secrets.token_hex(8)
    reading, writing = os.pipe()
    try:
        # Python warns of a fork beside other threads; its filters are one for all of them.
        with guard.one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
    except OSError:     # no memory, or no process is left for it
        os.close(reading)
        os.close(writing)
        with guard.surroundings_kept():
            return judge(exercise, answer)
    if child == 0:
        os.close(reading)
        _work(lambda: judge(exercise, answer), writing, mark)
    os.close(writing)
    try:
        last, why = _listen(reading)
    finally:
        os.close(reading)
        status = _ended(child)
    if last.startswith(mark):
        found = json.loads(last.removeprefix(mark))
        if found is None:
            raise KeyboardInterrupt
        return Verdict(**found)
    return Verdict("wrong", _fate(exercise, why, status), "error")


def _work(judge: Callable[[], Verdict], writing: int, mark: str) -> None:
    """Find the verdict, write it and end: nothing that this process was doing goes on here."""
    global _copied
    try:
        _copied = True
        os.setsid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)   # if the notebook is ended
        signal.set_wakeup_fd(-1)
        faulthandler.disable()      # a crash is told in one line
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        builtins.input = _no_input
        _limit_memory()
        gc.freeze()     # a collection would copy every page that it looks at
        guard.watchers.append(lambda seconds: os.write(
            writing, b"end\n" if seconds is None else f"begin {seconds}\n".encode()))
        try:
            found = dataclasses.asdict(judge())
        except KeyboardInterrupt:
            found = None
        except Exception as error:
            text = one_line(f"{type(error).__name__}: {error}")
            found = dataclasses.asdict(Verdict("wrong", f"the judge stumbles over it ({text})",
                                               "error"))
        os.write(writing, f"{mark}{json.dumps(found)}\n".encode())
    finally:
        os._exit(0)


def _listen(reading: int) -> tuple[str, str]:
    """The last line from the copy, and "time" if it took too long."""
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    end, limits, last, partial = time.monotonic() + ALL_SECONDS, [], b"", b""
    while True:
        wait = min([end, *limits]) - time.monotonic()
        if wait <= 0:
            return "", "time"
        if not poll.poll(1000 * wait + 1):
            continue
        content = os.read(reading, 2**16)
        if not content or len(partial) > LONGEST:
            return last.decode("utf-8", "replace"), ""
        *lines, partial = (partial + content).split(b"\n")
        for line in lines:
            last = line
            word, _, seconds = line.partition(b" ")
            if word == b"begin":
                with contextlib.suppress(ValueError):
                    limits.append(time.monotonic() + float(seconds) + GRACE)
            elif word == b"end":
                del limits[-1:]


def _ended(child: int) -> int:
    """End the copy and all that it has started; its exit status, as `os.waitpid` has it."""
    for kill in (os.killpg, os.kill):       # the group is not there before the copy makes it
        with contextlib.suppress(OSError):
            kill(child, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        return os.waitpid(child, 0)[1]
    return 0


def _fate(exercise: Exercise, why: str, status: int) -> str:
    """What became of the copy that found no verdict, in the student's words."""
    if why == "time":
        return f"it does not come to an end: stopped after {exercise.seconds:g} s"
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        return f"it makes Python itself end ({name}), which would have taken the notebook with it"
    return "it makes Python itself end, which would have taken the notebook with it"


def _limit_memory() -> None:
    import resource
    with open("/proc/self/statm", encoding="ascii") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = used + MEMORY if hard == resource.RLIM_INFINITY else min(used + MEMORY, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _no_input(*_):
    raise EOFError("there is nobody here to answer")
