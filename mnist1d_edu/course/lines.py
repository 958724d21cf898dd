"""How the course's lines are shown: in a notebook as HTML, which breaks at words and has a sign and
a colour, with the plain line beside it as text/plain, for nbval and other readers of notebooks;
everywhere else the plain line is printed."""

from __future__ import annotations

import re
import sys
from html import escape

# Sign, its name for who hears it, and a colour that stands out from white and from black; colour-
# blind people tell this green from this vermilion, and everybody has the sign.
SIGNS = {
    "ok": ("✓", "right", "#00875f"),
    "wrong": ("✗", "not right yet", "#c85200"),
    "open": ("○", "open", "#767676"),
    "told": ("→", "note", "#767676"),
}
CODE = re.compile(r"`([^`]+)`")


def show(line: str, kind: str, text: str) -> None:
    """Show a line: `line` where it is plain; in a notebook `text` after the sign of its kind."""
    # A notebook has IPython loaded; nobody else should wait for it.
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None:
        print(line)
    else:
        shell.display_pub.publish({"text/plain": line, "text/html": html(kind, text)})


def html(kind: str, text: str) -> str:
    """The line as HTML; what stands in `backticks` is code.

    >>> html("ok", "00.row_means")
    '<div role="status" ...>✓</b> 00.row_means</div>'
    """
    sign, name, colour = SIGNS[kind]
    role = "alert" if kind == "wrong" else "status"
    said = CODE.sub(r"<code>\1</code>", escape(text, quote=False))
    return (f'<div role="{role}" style="border-left: 4px solid {colour}; padding-left: 0.6em; '
            f'white-space: normal; overflow-wrap: break-word"><b role="img" aria-label="{name}" '
            f'style="color: {colour}">{sign}</b> {said}</div>')
