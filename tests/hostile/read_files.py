"""Reads the files that are named in its arguments, each within the limits, and prints for each a
line of JSON: [path, what it was]. Run by test_files.py as a process of its own."""

import json
import resource
import signal
import sys

import numpy as np

from mnist1d_edu import data
from mnist1d_edu.utils import from_pickle

SECONDS, BYTES = 10, 2**30


def limited_memory() -> None:
    """At most 1 GB more than the process has already, and nothing may be run."""
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + BYTES, used + BYTES))
    sys.addaudithook(refuse)


def refuse(event, arguments) -> None:
    if event in ("os.system", "subprocess.Popen", "os.exec", "os.posix_spawn", "os.fork", "exec",
                 "pickle.find_class", "import", "socket.connect"):
        if event == "import" and arguments[0] in sys.modules:
            return
        caller = sys._getframe(1).f_code.co_filename
        if event == "exec" or (event == "import" and "importlib" not in caller):
            return      # NumPy and zipfile compile and import of their own accord
        print(json.dumps([event, "RAN", str(arguments)]), flush=True)


def read(path: str) -> str:
    """"ok" or the error, of the file; a pickle may also be no dataset."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)   # of this process, however busy the machine is
    signal.alarm(10 * SECONDS)
    try:
        found = from_pickle(path) if path.endswith(".thing") else data.load_dataset(path)
        assert isinstance(found, (dict, list, tuple, int, float, str, bytes, type(None),
                                  np.ndarray, np.generic)), type(found)
    except (ValueError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
    return "ok"


if __name__ == "__main__":
    limited_memory()
    for name in sys.argv[1:]:
        print(json.dumps([name, read(name)]), flush=True)
