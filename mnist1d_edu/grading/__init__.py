"""Grading, for instructors: apart from the student's kernel, which is never asked.

    apart.py       the grader's side: an answer is run in a process of its own, and judged here
    answering.py   that process: her answer cells, the probes, and no reference
    sealed.py      what that process may not do
    wire.py        results on their way from there to here
    marking.py     a notebook's marks: from cells to verdicts
    submissions.py `mnist1d-edu grade`: a folder of notebooks; pages.py writes what it found
    export.py      `mnist1d-edu export`: a course for nbgrader, autograders for Gradescope
    for_nbgrader.py for_otter.py   what these two tools import when they grade
    personal.py    each student her own data
    mistakes.py    what students get wrong, from the tables of the exercises
"""
