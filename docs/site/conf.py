"""Sphinx's settings of the site. `python docs/site/build.py` collects the sources and builds it."""

import re

import mnist1d_edu

project = "mnist1d_edu"
author = "the maintainers of mnist1d_edu"
copyright = "the maintainers of mnist1d_edu; Apache-2.0"
version = release = mnist1d_edu.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "mathml"]
myst_enable_extensions = ["dollarmath", "amsmath", "html_image"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # the notebooks come executed
nb_code_prompt_show = "Show {type}"
autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
suppress_warnings = [
    "mystnb.unknown_mime_type",  # widgets: the quiz, which needs a kernel
    "ref.python",  # a class that two modules show: either is right
]

exclude_patterns = ["open"]  # the students' versions are for download

html_theme = "furo"
html_title = "mnist1d_edu: learn deep learning by building it"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}

BULLET = re.compile(r"(?m)^\s*[*-] (?!.*\n\s*\n)")  # within a list


def plain(app, what, name, thing, options, lines):
    """Docstrings are plain text: a star or a bar in one is itself, and no markup; a line that goes
    on further in, as in a list of arguments, is no quotation."""
    found, level = [], 0
    for line in lines:
        depth = len(line) - len(line.lstrip())
        if line.lstrip().startswith((">>>", "...")):
            found.append(line)
            continue
        if not found or not found[-1].strip():
            level = depth  # a paragraph begins
        item = line.lstrip().startswith(("* ", "- "))
        if item:
            level = depth + 2
        elif line.strip() and not BULLET.search("\n".join(found[-4:])):
            line = " " * level + line.lstrip()
        found.append(line if item else _escaped(line))
    lines[:] = found


def _escaped(line: str) -> str:
    parts = line.split("``")  # what stands in double backticks is left as it is
    parts[::2] = [part.replace("*", "\\*").replace("|", "\\|") for part in parts[::2]]
    return "``".join(parts)


def setup(app):
    app.connect("autodoc-process-docstring", plain)
