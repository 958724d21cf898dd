"""Lesson 13: full-batch descent, permuted labels, the time to fit, margins (UDL 20.1, 20.2)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_13.descend import EXERCISE as descend
from mnist1d_edu.course.exercises.lesson_13.first_fit import EXERCISE as first_fit
from mnist1d_edu.course.exercises.lesson_13.margins import EXERCISE as margins
from mnist1d_edu.course.exercises.lesson_13.permute_labels import EXERCISE as permute_labels

EXERCISES = [descend, permute_labels, first_fit, margins]
