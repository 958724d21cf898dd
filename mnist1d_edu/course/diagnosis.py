"""Why an answer is wrong: a known mistake, a relation, a slip. Each in all that is wrong.

What is told must be no coincidence: beyond the probes of the check, it must hold on `MORE` times as
many with other numbers. The result is explained as a whole if it can be, else part by part (the
elements of a tuple, the values of a dict), and then the first two explanations are told with the
names of their parts.
"""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from mnist1d_edu.course import edits, guard, relations
from mnist1d_edu.course.compare import is_numeric, pairs, same_content
from mnist1d_edu.course.evidence import Cell, Evidence, collect, equal
from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.guard import Outcome
from mnist1d_edu.course.recorded import Recorded
from mnist1d_edu.course.relations import Setting

MORE = 2
SECONDS = 0.2   # of the processor, from the evidence until the last slip is tried
LOOP = 0.02     # for one slip on one probe, which may loop for ever
WHOLE = ()      # the part that is the whole result


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
                                          self.evidence.fresh(probe), exercise.seconds)
        return self.found[probe]


def diagnose(exercise: Exercise, answer) -> Diagnosis | None:
    """The explanation of a wrong answer; None where none is true of it."""
    with guard.one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        evidence = collect(exercise, answer, MORE)
        return None if evidence.got[-1].timed_out else _explained(evidence)


def _explained(evidence: Evidence) -> Diagnosis | None:
    known = [_Known(evidence, *entry) for entry in evidence.exercise.mistakes]
    whole = _whole_mistake(evidence, known)
    if whole:
        return Diagnosis("mistake", whole)
    if evidence.exercise.musts and any(isinstance(c.want, bool) for c in evidence.cells):
        return None   # a property that the drive found out: its own sentence says more
    built = relations.structure([(evidence.got[i].value, evidence.want[i].value)
                                 for i in evidence.wrong], _setting(evidence), evidence.exercise) \
        if evidence.all_in_cells() else None
    if built:
        return Diagnosis("relation", built)
    explained = _by_parts(evidence, known)
    step = _first_step(evidence)
    if explained:
        told = "mistake" if any(e.told == "mistake" for e in explained.values()) else "relation"
        return Diagnosis(told, (f"{step}: " if step else "") + _joined(evidence, explained))
    return Diagnosis("relation", step) if step else _condition(evidence)


# ---- mistakes

def _whole_mistake(evidence: Evidence, known: list[_Known]) -> str | None:
    """The mistake that does, on every probe that is wrong, what the answer did."""
    everywhere = range(len(evidence.got))
    for mistake in known:
        if all(_does_same(evidence, mistake, i) for i in [*evidence.wrong, *everywhere]):
            return mistake.sentence
    outcomes = [Cell(i, WHOLE, evidence.got[i].value, None) for i in evidence.wrong]
    if evidence.all_in_cells() and _rich(outcomes):
        for mistake in known:
            if all(_does_same(evidence, mistake, i) for i in evidence.wrong):
                return f"where it is wrong: {mistake.sentence}"
    return None


def _rich(cells: list[Cell]) -> bool:
    """Whether these results are too many and too different to coincide with others by chance."""
    found = {v for array in _arrays(cells)
             for v in np.round(array[np.isfinite(array)], 9).ravel()[:50].tolist()}
    return len(found - {0.0, 1.0}) > 3 and any(v != int(v) for v in found)


def _arrays(cells: list[Cell]) -> list[np.ndarray]:
    """All numbers that came out wrong, as arrays of floats."""
    leaves = [leaf for cell in cells for leaf, _ in pairs(cell.got, cell.got).values()]
    return [np.asarray(leaf).astype(float) for leaf in leaves
            if is_numeric(leaf) and np.asarray(leaf).dtype.kind in "iufb"]


def _has_numbers(cells: list[Cell]) -> bool:
    """Whether there are numbers to compare: where all is nan or inf, much else is so as well."""
    arrays = _arrays(cells)
    return not arrays or any(np.isfinite(array).any() for array in arrays)


def _does_same(evidence: Evidence, mistake: _Known, probe: int) -> bool:
    mine, twin = evidence.got[probe], mistake.outcome(probe)
    if mine.error is not None or twin.error is not None:
        return _error_kind(mine.error) == _error_kind(twin.error)
    return (equal(evidence.exercise, mine.value, twin.value)
            and same_content(mine.arguments, twin.arguments))


def _changes_more(evidence: Evidence, twin: Outcome, probe: int) -> bool:
    """Whether a mistake changes an argument that the answer leaves as it must be: its sentence is
    likely to say so."""
    mine, right = evidence.got[probe].arguments, evidence.want[probe].arguments
    return same_content(mine, right) and not same_content(mine, twin.arguments)


def _error_kind(error: BaseException | None) -> tuple:
    """Type and message without its numbers and names: what another code would raise likewise."""
    return type(error), re.sub(r"'[^']*'|[\d(),.\s]+", "", str(error))[:40]


# ---- part by part

def _by_parts(evidence: Evidence, known: list[_Known]) -> dict[tuple, Diagnosis]:
    """An explanation for each wrong part that has one; the same for all, if there is one."""
    if not evidence.all_in_cells():
        in_cells = {cell.probe for cell in evidence.cells}
        errors = all(i in in_cells or evidence.got[i].error is not None for i in evidence.wrong)
        return _slips(evidence, [WHOLE]) if errors else {}
    parts = evidence.parts()
    found = _mistakes_of_parts(evidence, known, parts) if parts != [WHOLE] else {}
    if len(found) == len(parts):
        return found
    found = found | _relations(evidence, [p for p in parts if p not in found])
    if len(found) == len(parts) and len(set(found.values())) == 1:
        return found
    for way in (_as_if, _slips) if _has_numbers(evidence.cells) else ():
        others = way(evidence, parts)
        if len(others) == len(parts) and len(set(others.values())) == 1:
            return others
        found = others | found
    return _upon_mistakes(evidence, known, [p for p in parts if p not in found]) | found


def _mistakes_of_parts(evidence: Evidence, known: list[_Known], parts) -> dict[tuple, Diagnosis]:
    found = {}
    for part in parts:
        cells = evidence.of(part)
        if not _rich(cells):
            continue
        fitting = [m for m in known if all(_has_part(evidence, m, c.probe, part) for c in cells)]
        everywhere = [m for m in fitting if all(
            _has_part(evidence, m, i, part) for i in range(len(evidence.got)))]
        if fitting:
            found[part] = Diagnosis("mistake", (everywhere or fitting)[0].sentence)
    return found


def _has_part(evidence: Evidence, mistake: _Known, probe: int, part: tuple) -> bool:
    mine, twin = evidence.got[probe], mistake.outcome(probe)
    if mine.error is not None or twin.error is not None or _changes_more(evidence, twin, probe):
        return False
    one, other = (evidence.leaves(v, probe, part) for v in (mine.value, twin.value))
    return one.keys() == other.keys() and all(
        equal(evidence.exercise, one[p], other[p]) for p in one)


def _relations(evidence: Evidence, parts: list[tuple]) -> dict[tuple, Diagnosis]:
    setting = _setting(evidence)
    said = {part: relations.find(evidence.of(part), setting) for part in parts}
    return {p: Diagnosis("relation", words, True) for p, words in said.items() if words}


def _setting(evidence: Evidence) -> Setting:
    exercise = evidence.exercise
    names = exercise.argument_names()
    given = [dict(zip(names, arguments, strict=False)) for arguments in evidence.arguments()]
    return Setting(given, exercise.rtol, exercise.atol)


def _name(evidence: Evidence, part: tuple) -> str:
    return evidence.exercise.name_of_part(part)


def _joined(evidence: Evidence, explained: dict[tuple, Diagnosis]) -> str:
    """The sentences of the first two explanations, with the names of their parts where they do not
    hold for all."""
    parts = evidence.parts() if evidence.all_in_cells() else [WHOLE]
    ordered = {p: explained[p] for p in parts if p in explained}
    told = []
    for diagnosis in list(dict.fromkeys(ordered.values()))[:2]:
        mine = [p for p, d in ordered.items() if d == diagnosis]
        names = [_name(evidence, p) for p in mine[:3]] + ["others"] * (len(mine) > 3)
        several = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
        if diagnosis.about_part:
            told.append(f"{several if len(names) == 1 else 'each of ' + several} "
                        f"{diagnosis.sentence}")
        elif len(mine) == len(parts) and (
                diagnosis.told == "relation" or evidence.all_parts_wrong()):
            told.append(diagnosis.sentence)
        else:
            told.append(f"in {several}: {diagnosis.sentence}")
    return "; and ".join(told)


def _as_if(evidence: Evidence, parts: list[tuple]) -> dict[tuple, Diagnosis]:
    """Parts that are what the reference gives for another argument."""
    exercise, given = evidence.exercise, evidence.arguments()
    names = exercise.argument_names()
    if not names or not given or len(names) < max(map(len, given)):
        return {}
    found: dict[tuple, Diagnosis] = {}
    for words, change in relations.changes(given, names):
        run = _quietly(lambda i, change=change: exercise.run(
            exercise.reference, change(evidence.fresh(i))))
        diagnosis = Diagnosis("relation", f"is {words}", True)
        fitting = _fitting(evidence, parts, run)
        if len(fitting) == len(parts):
            return dict.fromkeys(parts, diagnosis)
        for part in fitting:
            if _rich(evidence.of(part)):
                found.setdefault(part, diagnosis)
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
        mine, value = evidence.got[probe], run(probe)
        if mine.error is not None or isinstance(value, Exception):
            if _error_kind(mine.error) != _error_kind(
                    value if isinstance(value, Exception) else None):
                return []
            continue
        parts = [p for p in parts if _same_leaves(evidence, probe, p, mine.value, value)]
        if not parts:
            break
    return parts


def _same_leaves(evidence: Evidence, probe: int, part: tuple, one, other) -> bool:
    mine, theirs = (evidence.leaves(v, probe, part) for v in (one, other))
    return mine.keys() == theirs.keys() and all(
        equal(evidence.exercise, mine[p], theirs[p]) for p in mine)


def _upon_mistakes(evidence: Evidence, known: list[_Known], parts) -> dict[tuple, Diagnosis]:
    """A known mistake, and a sign, a factor or a transpose upon it."""
    found: dict[tuple, Diagnosis] = {}
    setting = _setting(evidence)
    for part in parts:
        for mistake in known:
            cells = []
            for cell in evidence.of(part):
                cells.append(_against(evidence, mistake, cell))
                if cells[-1] is None or not relations.find_plain(cells, setting):
                    break
            said = cells[-1] is not None and relations.find_plain(cells, setting)
            if said:
                found[part] = Diagnosis(
                    "mistake", f"{mistake.sentence}; and besides, what then comes out {said}")
                break
    return found


def _against(evidence: Evidence, mistake: _Known, cell: Cell) -> Cell | None:
    """The cell with what the mistake gives in place of what is right."""
    twin = mistake.outcome(cell.probe)
    if twin.error is not None or _changes_more(evidence, twin, cell.probe):
        return None
    has = pairs(twin.value, evidence.want[cell.probe].value).get(cell.part)
    if has is None or equal(evidence.exercise, has[0], cell.want):
        return None
    return Cell(cell.probe, cell.part, cell.got, has[0])


def _slips(evidence: Evidence, parts: list[tuple]) -> dict[tuple, Diagnosis]:
    """The parts that a right answer with one slip gives, or a mistake with one more; of several
    slips, the one that gives the most."""
    exercise = evidence.exercise
    best: dict[tuple, Diagnosis] = {}

    def search(_):
        for slip in edits.slips(exercise):
            if time.process_time() > evidence.begun + SECONDS:
                return
            call = _bounded if slip.may_loop else _quietly
            run = call(lambda i, a=slip.answer: exercise.run(a, evidence.fresh(i)))
            fitting = _fitting(evidence, parts, run)
            if len(fitting) < len(parts):
                fitting = [p for p in fitting if _rich(evidence.of(p))]
            if len(fitting) > len(best):
                best.clear()
                best.update(dict.fromkeys(fitting, _slip_told(slip)))
            if len(best) == len(parts):
                return

    guard.run(search, (), 4 * SECONDS)   # keeps the random streams as they are
    return best


def _bounded(run: Callable[[int], object]) -> Callable[[int], object]:
    """As `_quietly`, and stopped when it loops for ever."""
    quiet = _quietly(run)

    def bounded(probe: int):
        try:
            return guard.limited(lambda: quiet(probe), LOOP)
        except guard.TimeLimit as error:
            return RuntimeError(repr(error))
    return bounded


def _slip_told(slip: edits.Slip) -> Diagnosis:
    if slip.at_first:
        return Diagnosis("mistake", f"{slip.at_first}; and besides, {slip.words}")
    return Diagnosis("relation", f"it behaves like a right answer in which {slip.words}")


# ---- where it goes wrong

def _first_step(evidence: Evidence) -> str:
    """"up to the scaling all is right, and the translation goes wrong", by the exercise's stages.

    Each stage is a name and a change of the arguments that leaves out all that comes after it.
    """
    exercise, before = evidence.exercise, ""
    if not exercise.stages or not evidence.wrong:
        return ""
    for name, without_the_rest in exercise.stages:
        for probe in evidence.wrong:
            mine, want = (_at_stage(evidence, answer, probe, name, without_the_rest)
                          for answer in (evidence.answer, exercise.reference))
            if mine.error is not None or want.error is not None or not equal(
                    exercise, mine.value, want.value):
                right = f"up to {before} all is right, and " if before else ""
                return f"{right}{name} is the first step that goes wrong"
        before = name
    return ""


def _at_stage(evidence: Evidence, answer, probe: int, name: str, cut: Callable) -> Outcome:
    if isinstance(answer, Recorded):
        return answer.at_stage(name, probe)
    exercise = evidence.exercise
    return guard.run(lambda given: exercise.run(answer, cut(*given)), evidence.fresh(probe),
                     exercise.seconds)


def _condition(evidence: Evidence) -> Diagnosis | None:
    """On which probes it is wrong, where all others are right."""
    setting = _setting(evidence)
    said = relations.when(evidence.wrong, setting.arguments)
    if not said or not evidence.all_in_cells():
        return None
    return Diagnosis("relation", f"it is wrong where {said}, and right everywhere else")
