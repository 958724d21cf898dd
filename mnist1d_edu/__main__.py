"""`python -m mnist1d_edu` is the command `mnist1d-edu`."""

import sys

from mnist1d_edu.cli import command

if __name__ == "__main__":
    sys.exit(command())
