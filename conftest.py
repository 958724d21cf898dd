"""pytest's settings. `pytest --nbval lessons/` works from any folder, with and without `-n 2`.

They are set here and not in pyproject.toml: there a path would be relative to the current folder,
and an option of nbval an error where nbval is absent.
"""

import importlib.util
import os
from pathlib import Path

# Before NumPy is imported, here and in the workers and kernels that inherit it.
for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
os.environ["TQDM_DISABLE"] = "1"


# what runs inside a grader is tested where it is; a template's report needs an experiment's result
collect_ignore = ["mnist1d_edu/course/project/report.ipynb"]
for _tool, _module in (("nbgrader", "for_nbgrader"), ("otter", "for_otter")):
    if importlib.util.find_spec(_tool) is None:
        collect_ignore.append(f"mnist1d_edu/grading/{_module}.py")


def pytest_configure(config):
    options = config.option
    notebooks = getattr(options, "nbval", False) or getattr(options, "nbval_lax", False)
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline" if notebooks else "agg"
    if notebooks:
        sanitize = Path(__file__).parent / ".ci" / "nbval-sanitize.cfg"
        options.nbval_sanitize_with = str(sanitize)
        options.nbval_current_env = True   # the notebooks' kernelspec need not be installed
        options.nbval_cell_timeout = 300   # a dead kernel is waited for 2,000 s otherwise
    if getattr(options, "dist", "no") == "load":
        options.dist = "loadscope"         # one notebook's cells belong on one worker
