"""Lesson 12: residual blocks and batch normalisation, forward and backward (UDL 11.2, 11.4)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_12.batch_norm import EXERCISE as batch_norm
from mnist1d_edu.course.exercises.lesson_12.batch_norm_backward import (
    EXERCISE as batch_norm_backward,
)
from mnist1d_edu.course.exercises.lesson_12.residual import EXERCISE as residual
from mnist1d_edu.course.exercises.lesson_12.residual_backward import EXERCISE as residual_backward
from mnist1d_edu.course.exercises.lesson_12.running import EXERCISE as running

EXERCISES = [residual, residual_backward, batch_norm, batch_norm_backward, running]
