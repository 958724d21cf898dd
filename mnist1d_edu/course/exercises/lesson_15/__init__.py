"""Lesson 15: lottery tickets, pruning and rewinding, and what a mask is worth (UDL 20.2.7)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_15.find_tickets import EXERCISE as find_tickets
from mnist1d_edu.course.exercises.lesson_15.magnitude_mask import EXERCISE as magnitude_mask
from mnist1d_edu.course.exercises.lesson_15.neighbour_share import EXERCISE as neighbour_share
from mnist1d_edu.course.exercises.lesson_15.random_mask import EXERCISE as random_mask
from mnist1d_edu.course.exercises.lesson_15.reorder_inputs import EXERCISE as reorder_inputs

EXERCISES = [magnitude_mask, random_mask, find_tickets, neighbour_share, reorder_inputs]
