"""Lesson 00: how this course works. First exercises with arrays, axes and broadcasting."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_00.row_means import EXERCISE as row_means
from mnist1d_edu.course.exercises.lesson_00.squared_distances import EXERCISE as squared_distances
from mnist1d_edu.course.exercises.lesson_00.standardise import EXERCISE as standardise

EXERCISES = [row_means, standardise, squared_distances]
