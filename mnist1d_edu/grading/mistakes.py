"""What students get wrong, from the tables of the exercises: `mnist1d-edu mistakes`."""

from __future__ import annotations

from mnist1d_edu.course import notebooks, registry
from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.grading import lessons


def sentences(exercise: Exercise) -> list[str]:
    """The sentences of an exercise's mistakes, each once, in their order."""
    table: list = list(exercise.mistakes)
    return list(dict.fromkeys(sentence for sentence, _ in table))


def listing(names: list[str]) -> str:
    """The exercises of the named lessons (none: all) with their points and the sentence for each
    mistake that is known, as Markdown."""
    lines = []
    for path in lessons.chosen(names, notebooks.lessons_dir()):
        number = path.name[:2]
        found = registry.exercises(number)
        lines += [f"## {lessons.title(path)}", "",
                  f"Exercises: {len(found)}. Points: {sum(e.points for e in found.values())}.", ""]
        for exercise in found.values():
            points = f"{exercise.points} point{'s' if exercise.points > 1 else ''}"
            lines += [f"**`{exercise.name}`** {exercise.title} ({points})", ""]
            lines += [f"* {sentence}" for sentence in sentences(exercise)]
            lines.append("")
    return "\n".join(lines).rstrip()
