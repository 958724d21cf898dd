"""Lesson 15: lottery tickets, pruning and rewinding, and what a mask is worth (UDL 20.2.7)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_15.expected_pairs import EXERCISE as expected_pairs
from mnist1d_edu.course.exercises.lesson_15.find_tickets import EXERCISE as find_tickets
from mnist1d_edu.course.exercises.lesson_15.magnitude_mask import EXERCISE as magnitude_mask
from mnist1d_edu.course.exercises.lesson_15.paired import EXERCISE as paired
from mnist1d_edu.course.exercises.lesson_15.train_masked import EXERCISE as train_masked

EXERCISES = [magnitude_mask, train_masked, find_tickets, paired, expected_pairs]
