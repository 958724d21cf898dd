"""All exercises by name. A lesson's folder is imported when one of its exercises is first asked
for, so that a check in lesson 04 does not wait for the other lessons."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from mnist1d_edu import arguments
from mnist1d_edu.course.exercise import Exercise

FOLDERS = Path(__file__).parent / "exercises"


@cache
def lesson_numbers() -> list[str]:
    """The numbers of all lessons that have exercises, such as ["00", "01"]."""
    return sorted(path.parent.name[-2:] for path in FOLDERS.glob("lesson_[0-9][0-9]/__init__.py"))


@cache
def exercises(number: str) -> dict[str, Exercise]:
    """The exercises of one lesson by name, in the order in which they are taught."""
    arguments.one_of("lesson", number, lesson_numbers())
    taught = import_module(f"mnist1d_edu.course.exercises.lesson_{number}").EXERCISES
    found = {e.name: e for e in taught}
    strays = [name for name in found if not name.startswith(f"{number}.")]
    if strays:
        raise ValueError(f"lesson_{number} names {strays[0]!r}; it must be like '{number}.…'")
    return found


def find(name: str) -> Exercise:
    """The exercise of this name; ValueError with the nearest name if there is none."""
    if not isinstance(name, str):
        raise TypeError(f"name is {arguments.shown(name)}; it must be the name of an exercise, in "
                        "quotes")
    number = name.partition(".")[0]
    if number not in lesson_numbers():
        raise ValueError(f"name is {arguments.cut(repr(name))}; it must be like '00.row_means', "
                         f"whose lesson is one of {', '.join(lesson_numbers())}")
    lesson = exercises(number)
    return lesson[arguments.one_of("name", name, lesson)]
