"""Print the lower bounds of pyproject.toml as pins: `numpy>=2.0` becomes `numpy==2.0.*`.

A pin takes the last release of the named series: bounds name a feature release, not its first bugs.
For the package itself and the extras "course" and "test".
"""

import re
import sys
from pathlib import Path

text = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
wanted = ["dependencies", "course", "test"]
for name in wanted:
    block = re.search(rf"^{name} = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    if block is None:
        sys.exit(f"pyproject.toml has no list {name!r}")
    for package, bound in re.findall(r'"([\w.-]+)>=([\d.]+)"', block[1]):
        print(f"{package}=={bound}.*")
