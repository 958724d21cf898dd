"""Lesson 11: max, mean and L2 pooling, forward and backward; invariance (UDL 10.3, 10.4)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_11.max_backward import EXERCISE as max_backward
from mnist1d_edu.course.exercises.lesson_11.mismatch import EXERCISE as mismatch
from mnist1d_edu.course.exercises.lesson_11.pool import EXERCISE as pool
from mnist1d_edu.course.exercises.lesson_11.smooth_backward import EXERCISE as smooth_backward

EXERCISES = [pool, max_backward, smooth_backward, mismatch]
