"""How many cases a test tries; README.md says how to try more."""

import os

SCALE = int(os.environ.get("MNIST1D_EDU_CAMPAIGN", "1"))
