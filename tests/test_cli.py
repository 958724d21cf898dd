"""The command line as a whole: help, wrong requests in one line, a reader that stops early."""

import subprocess
import sys

import pytest

from mnist1d_edu import cli

COMMAND = [sys.executable, "-c", "import sys; from mnist1d_edu.cli import main; sys.exit(main())"]


def test_without_a_command_the_help_lists_all(capsys):
    assert cli.main([]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("data", "explore", "reproduce", "start", "lab", "check",
                                        "build"))


@pytest.mark.parametrize("request_", [["nonsense"], ["data"], ["reproduce", "nonsense"],
                                      ["check", "not/there"], ["build", "77"],
                                      ["data", "--out", "x.npz", "--set", "seeed=1"]])
def test_a_wrong_request_is_told_in_one_line(request_, tmp_path):
    done = subprocess.run([*COMMAND, *request_], capture_output=True, text=True, cwd=tmp_path,
                          check=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1 and "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_reader_that_stops_early_is_no_error(tmp_path):
    script = ("import os, sys; from mnist1d_edu.cli import main; os.close(sys.stdout.fileno()); "
              "read, write = os.pipe(); os.close(read); assert write == 1 or os.dup2(write, 1); "
              "sys.exit(main(['start', 'here']))")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          cwd=tmp_path, check=False)
    assert done.returncode == 0 and done.stderr == ""
