"""Each student her own data, in lessons that were exported with `--personal`: a dataset seed that
follows from her id, and claims that are told, not enforced, where her data disagree."""

from __future__ import annotations

from hashlib import sha256

OPEN = "your student id"
FIRST, COUNT = 1_000, 1_000_000     # seeds; 42, the course's own, is none of them


def seed_of(student: str) -> int:
    """The dataset seed of a student: the same wherever it is asked for.

    >>> seed_of("ada"), seed_of("ada") == seed_of(" Ada "), seed_of("ada") == seed_of("bob")
    (942373, True, False)
    """
    if not isinstance(student, str) or not student.strip():
        raise ValueError(f"student must be an id, in quotes; got {student!r}")
    if student == OPEN:
        print("put your student id into this cell: your data follow from it")
    text = student.strip().casefold().encode()
    return FIRST + int.from_bytes(sha256(text).digest()[:8], "little") % COUNT


def holds(claim: object, text: str) -> None:
    """Say so where something that is true of the course's data is not true of yours."""
    if not claim:
        print(f"with your data this does not hold: {text}")
