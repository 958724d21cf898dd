"""Lesson 14: double descent, its label noise, its threshold, its peak, what it learns by heart
(UDL 8.4)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_14.add_label_noise import EXERCISE as add_label_noise
from mnist1d_edu.course.exercises.lesson_14.changes_between import EXERCISE as changes_between
from mnist1d_edu.course.exercises.lesson_14.label_memory import EXERCISE as label_memory
from mnist1d_edu.course.exercises.lesson_14.peak import EXERCISE as peak
from mnist1d_edu.course.exercises.lesson_14.threshold import EXERCISE as threshold

EXERCISES = [add_label_noise, threshold, peak, label_memory, changes_between]
