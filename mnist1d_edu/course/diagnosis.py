"""Why an answer is wrong: a known mistake, a relation, a slip. Each in all cells that are wrong.

What is told must be no coincidence: beyond the probes of the check, it must hold on `MORE` times as
many with other numbers. Every wrong part of the result gets the first explanation that holds on all probes on which it is
wrong. One that explains all parts is told alone; else those of the first two parts, each with the
name of its part.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from mnist1d_edu.course import edits, guard, relations
from mnist1d_edu.course.compare import MISSING, pairs, same_content
from mnist1d_edu.course.evidence import Evidence, collect, equal
from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.guard import Outcome
from mnist1d_edu.course.relations import Setting

MORE = 2
SECONDS = 0.2   # for all slips of one check


@dataclass(frozen=True)
class Diagnosis:
    """told: "mistake" or "relation"; the sentence that says what is wrong."""

    told: str
    sentence: str
    about_part: bool = False   # the sentence lacks its subject, the part


@dataclass
class _Known:
    """A known mistake's outcomes on all probes; they are made as they are asked for."""

    evidence: Evidence
    sentence: str
    answer: object
    found: dict[int, Outcome] = field(default_factory=dict)

    def outcome(self, probe: int) -> Outcome:
        if probe not in self.found:
            exercise = self.evidence.exercise
            self.found[probe] = guard.run(lambda given: exercise.run(self.answer, given),
                                          self.evidence.arguments()[probe], exercise.seconds)
        return self.found[probe]


def diagnose(exercise: Exercise, answer) -> Diagnosis | None:
    """The explanation of a wrong answer; None where none is true of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        evidence = collect(exercise, answer, MORE)
        return None if evidence.got[-1].timed_out else _explained(evidence)


def _explained(evidence: Evidence) -> Diagnosis | None:
    known = [_Known(evidence, *entry) for entry in evidence.exercise.mistakes]
    whole = _whole_mistake(evidence, known)
    if whole:
        return Diagnosis("mistake", whole)
    if not evidence.cells:
        return None
    explained = _by_parts(evidence, known)
    first_step = _first_step(evidence)
    if explained:
        told = "mistake" if any(e.told == "mistake" for e in explained.values()) else "relation"
        return Diagnosis(told, first_step + _joined(evidence, explained))
    if first_step:
        return Diagnosis("relation", first_step.removesuffix(": "))
    return _condition(evidence)


# ---- mistakes

def _whole_mistake(evidence: Evidence, known: list[_Known]) -> str | None:
    """The mistake that does, on every probe that is wrong, what the answer did."""
    fitting = [m for m in known if all(_does_same(evidence, m, i) for i in evidence.wrong)]
    exact = [m for m in fitting if all(_does_same(evidence, m, i) for i in range(len(evidence.got)))]
    if exact:
        return exact[0].sentence
    if not fitting or not _speaks(evidence):
        return None
    right = [i for i in range(len(evidence.got)) if i not in evidence.wrong]
    best = min(fitting, key=lambda m: sum(not _does_same(evidence, m, i) for i in right))
    return f"where it is wrong, {best.sentence}" if _starts_with_you(best.sentence) else best.sentence


def _starts_with_you(sentence: str) -> bool:
    return sentence.startswith(("you ", "your "))


def _speaks(evidence: Evidence) -> bool:
    """Whether what is wrong is enough to tell a mistake by: an error, or more than one number."""
    numbers = sum(np.size(c.got) for c in evidence.cells if c.got is not MISSING)
    return not evidence.all_in_cells() or numbers > 2


def _does_same(evidence: Evidence, mistake: _Known, probe: int) -> bool:
    mine, twin = evidence.got[probe], mistake.outcome(probe)
    if mine.error is not None or twin.error is not None:
        return type(mine.error) is type(twin.error)
    return (equal(evidence.exercise, mine.value, twin.value)
            and same_content(mine.arguments, twin.arguments))


def _mistake_of_part(evidence: Evidence, known: list[_Known], part: tuple) -> str | None:
    """The mistake that has this part, on every probe on which it is wrong, as the answer has it."""
    for everywhere in (True, False):
        for mistake in known:
            cells = evidence.of(part)
            if not all(_has_part(evidence, mistake, c.probe, part, c.got) for c in cells):
                continue
            if everywhere and not _part_everywhere(evidence, mistake, part):
                continue
            if everywhere or sum(np.size(c.got) for c in cells) > 2:
                return mistake.sentence
    return None


def _has_part(evidence: Evidence, mistake: _Known, probe: int, part: tuple, value) -> bool:
    twin = mistake.outcome(probe)
    if twin.error is not None:
        return False
    has = pairs(twin.value, evidence.want[probe].value).get(part)
    return has is not None and equal(evidence.exercise, value, has[0])


def _part_everywhere(evidence: Evidence, mistake: _Known, part: tuple) -> bool:
    for probe, outcome in enumerate(evidence.got):
        if outcome.error is None and evidence.want[probe].error is None:
            mine = pairs(outcome.value, evidence.want[probe].value).get(part)
            if mine is not None and not _has_part(evidence, mistake, probe, part, mine[0]):
                return False
    return True


# ---- part by part

def _by_parts(evidence: Evidence, known: list[_Known]) -> dict[tuple, Diagnosis]:
    """An explanation for each wrong part that has one."""
    parts = evidence.parts()
    setting = _setting(evidence)
    found: dict[tuple, Diagnosis] = {}
    for part in parts if len(parts) > 1 else []:
        sentence = _mistake_of_part(evidence, known, part)
        if sentence:
            found[part] = Diagnosis("mistake", sentence)
    if evidence.all_in_cells():
        for part in parts:
            said = part not in found and relations.find(evidence.of(part), setting)
            if said:
                found[part] = Diagnosis("relation", said, True)
        found |= _as_if({p: evidence for p in parts if p not in found}, evidence)
        found |= _upon_mistakes(evidence, known, [p for p in parts if p not in found], setting)
        if len(found) < len(parts):
            found |= _slips(evidence, [p for p in parts if p not in found])
    return found


def _setting(evidence: Evidence) -> Setting:
    exercise = evidence.exercise
    names = exercise.argument_names()
    given = [dict(zip(names, arguments)) for arguments in evidence.arguments()]
    return Setting(given, exercise.rtol, exercise.atol)


def _name(evidence: Evidence, part: tuple) -> str:
    return evidence.exercise.name_of_part(part)


def _joined(evidence: Evidence, explained: dict[tuple, Diagnosis]) -> str:
    """The sentences of the first two explanations, with the names of their parts where they do not
    hold for all."""
    parts = evidence.parts()
    different = list(dict.fromkeys(explained.values()))
    told = []
    for diagnosis in different[:2]:
        mine = [p for p, d in explained.items() if d == diagnosis]
        names = [_name(evidence, p) for p in mine[:3]] + ["others"] * (len(mine) > 3)
        subject = names[0] if len(mine) == 1 else f"each of {', '.join(names[:-1])} and {names[-1]}"
        if diagnosis.about_part:
            told.append(f"{subject} {diagnosis.sentence}")
        elif len(mine) == len(parts):
            told.append(diagnosis.sentence)
        else:
            told.append(f"in {subject.removeprefix('each of ')}, {diagnosis.sentence}")
    return "; and ".join(told)


def _as_if(parts: dict, evidence: Evidence) -> dict[tuple, Diagnosis]:
    """Parts that are what the reference gives for another argument."""
    exercise, given = evidence.exercise, evidence.arguments()
    names = exercise.argument_names()
    if not parts or not names or not given or len(names) < max(map(len, given)):
        return {}
    found: dict[tuple, Diagnosis] = {}
    fresh = [evidence.again(i) for i in range(len(given))]
    for words, change in relations.changes(given, names):
        open_parts = [p for p in parts if p not in found]
        if not open_parts:
            break
        run = _quietly(lambda i, change=change: exercise.run(exercise.reference, change(fresh[i]())))
        for part in _fitting(evidence, open_parts, run):
            found[part] = Diagnosis("relation", f"is {words}", True)
    return found


def _quietly(run: Callable[[int], object]) -> Callable[[int], object]:
    """`run`, whose errors become the value: for code of the course on arguments it was not made
    for."""
    def quiet(probe: int):
        try:
            with np.errstate(all="ignore"):
                return run(probe)
        except Exception as error:
            return error
    return quiet


def _fitting(evidence: Evidence, parts: list[tuple], run: Callable[[int], object]) -> list[tuple]:
    """The parts that `run` gives as the answer does, on all probes; the wrong ones first."""
    right = [i for i in range(len(evidence.got)) if i not in evidence.wrong]
    for probe in [*evidence.wrong, *right]:
        mine, want = evidence.got[probe], evidence.want[probe]
        if mine.error is not None or want.error is not None:
            continue
        value = run(probe)
        if isinstance(value, Exception):
            return []
        one, other = pairs(mine.value, want.value), pairs(value, want.value)
        parts = [p for p in parts if (p in one) == (p in other) and (
            p not in one or equal(evidence.exercise, one[p][0], other[p][0]))]
        if not parts:
            break
    return parts


def _upon_mistakes(evidence: Evidence, known: list[_Known], parts: list[tuple],
                   setting: Setting) -> dict[tuple, Diagnosis]:
    """A known mistake, and a sign, factor or transpose upon it."""
    found: dict[tuple, Diagnosis] = {}
    for part in parts:
        cells = evidence.of(part)
        for mistake in known:
            twins = [mistake.outcome(c.probe) for c in cells]
            if any(t.error is not None for t in twins):
                continue
            have = [pairs(t.value, evidence.want[c.probe].value).get(part)
                    for t, c in zip(twins, cells)]
            if any(h is None or equal(evidence.exercise, h[0], c.want)
                   for h, c in zip(have, cells)):
                continue
            said = relations.find_plain(
                [relations.Cell(c.probe, part, c.got, h[0]) for c, h in zip(cells, have)], setting)
            if said:
                found[part] = Diagnosis("mistake", f"{mistake.sentence}; and besides, what then "
                                                   f"comes out {said}")
                break
    return found


def _slips(evidence: Evidence, parts: list[tuple]) -> dict[tuple, Diagnosis]:
    """Parts that a right answer with one slip gives, or a mistake with one more."""
    exercise = evidence.exercise
    found: dict[tuple, Diagnosis] = {}
    fresh = [evidence.again(i) for i in range(len(evidence.got))]

    def search(_):
        for slip in edits.slips(exercise):
            run = _quietly(lambda i, a=slip.answer: exercise.run(a, fresh[i]()))
            fitting = _fitting(evidence, parts, run)
            diagnosis = _slip_told(slip)
            if len(fitting) == len(parts):
                found.clear()
                found.update(dict.fromkeys(parts, diagnosis))
                return
            for part in fitting:
                found.setdefault(part, diagnosis)

    guard.run(search, (), SECONDS)
    return found


def _slip_told(slip: edits.Slip) -> Diagnosis:
    if slip.at_first:
        return Diagnosis("mistake", f"{slip.at_first}; and besides, {slip.words}")
    return Diagnosis("relation", f"it behaves like a right answer in which {slip.words}")


# ---- where it goes wrong

def _first_step(evidence: Evidence) -> str:
    """"all is right up to the scaling, and the translation goes wrong: ", by the exercise's stages.

    Each stage is a name and a change of the arguments that leaves out all that comes after it.
    """
    exercise, before = evidence.exercise, ""
    if not exercise.stages or not evidence.wrong:
        return ""
    probe = evidence.wrong[0]
    for name, without_the_rest in exercise.stages:
        outcomes = [guard.run(lambda given, a=a: exercise.run(a, without_the_rest(*given)),
                              evidence.arguments()[probe], exercise.seconds)
                    for a in (evidence.answer, exercise.reference)]
        mine, want = outcomes
        if mine.error is not None or want.error is not None or not equal(
                exercise, mine.value, want.value):
            right = f"up to {before}, all is right; " if before else ""
            return f"{right}{name} is the first step that goes wrong: "
        before = name
    return ""


def _condition(evidence: Evidence) -> Diagnosis | None:
    """On which probes it is wrong, where all others are right."""
    setting = _setting(evidence)
    said = relations.when(evidence.wrong, setting.arguments)
    if not said or not evidence.all_in_cells():
        return None
    return Diagnosis("relation", f"it is right as a rule, and wrong where {said}")
