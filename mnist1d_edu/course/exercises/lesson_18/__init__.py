"""Lesson 18: gradients through training (UDL 6.2, 7.4, 8.5)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_18.dual import EXERCISE as dual
from mnist1d_edu.course.exercises.lesson_18.growth import EXERCISE as growth
from mnist1d_edu.course.exercises.lesson_18.rate_slope import EXERCISE as rate_slope
from mnist1d_edu.course.exercises.lesson_18.step_backward import EXERCISE as step_backward
from mnist1d_edu.course.exercises.lesson_18.unrolled import EXERCISE as unrolled

EXERCISES = [step_backward, rate_slope, unrolled, dual, growth]
