"""The lessons that an instructor names: by number, or all that have exercises."""

from __future__ import annotations

from pathlib import Path

from mnist1d_edu.course import notebooks, registry


def chosen(names: list[str], folder: Path) -> list[Path]:
    """The notebooks of these lessons ("04" or "04_topic"; none: all with exercises) in a folder;
    ValueError for one that is not there."""
    files = [p for p in notebooks.lesson_files(folder) if p.name[:2] in registry.lesson_numbers()]
    if not names:
        return files
    found = []
    for name in names:
        stem = Path(name).name.removesuffix(".ipynb")
        match = [p for p in files if stem in (p.stem, p.stem[:2])]
        if not match:
            raise ValueError(f"lesson must be one of {', '.join(p.stem[:2] for p in files)}; "
                             f"got {name!r}")
        found += [p for p in match if p not in found]
    return found


def title(path: Path) -> str:
    """"04 Backpropagation by hand" """
    return f"{path.stem[:2]} {path.stem[3:].replace('_', ' ').capitalize()}"
