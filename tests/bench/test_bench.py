"""What the checks say to ordinary students' answers, and the rates that they must keep."""

import re

import bench
import pytest

from mnist1d_edu.course import borrowed, registry

LESSONS = bench.lessons()


@pytest.mark.parametrize("number", LESSONS)
def test_every_exercise_has_its_answers(number):
    answers = bench.answers(number)
    for name in registry.exercises(number):
        mine = [a for a in answers if a.exercise == name]
        assert sum(not a.right for a in mine) >= 6 and sum(a.right for a in mine) >= 3, name


@pytest.mark.parametrize("number", LESSONS)
def test_right_answers_are_accepted_and_are_the_students_own(number):
    for answer, verdict in bench.verdicts(number):
        if answer.right:
            assert verdict.state == "ok", f"{answer.exercise}, {answer.description}: {verdict}"
            assert not borrowed.is_borrowed(registry.find(answer.exercise), answer.value), answer


def test_wrong_answers_are_rejected_and_told_what_is_wrong():
    """At least 99 % and 80 %."""
    total = sum((bench.rates(number) for number in LESSONS), bench.Counter())
    assert total["rejected"] >= 0.99 * total["wrong"], total
    assert total["told"] >= 0.80 * total["wrong"], total


MACHINERY = re.compile(r"memoryview|part \d of|= a dict|<function|<lambda>|this is a [aeio]")


@pytest.mark.parametrize("number", LESSONS)
def test_a_sentence_is_one_line_and_speaks_of_nothing_of_the_check(number):
    for answer, verdict in bench.verdicts(number):
        if not answer.right:
            line = verdict.line(answer.exercise)
            assert "\n" not in line and not MACHINERY.search(line), line
            numbers = re.search(r" is ([^ ,]+), expected ([^ ,]+)( |$)", line)
            assert numbers is None or numbers[1] != numbers[2], line
