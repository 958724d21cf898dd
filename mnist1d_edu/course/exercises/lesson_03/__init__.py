"""Lesson 03: going downhill, from one step to Adam with a schedule (UDL 6)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_03.adam_step import EXERCISE as adam_step
from mnist1d_edu.course.exercises.lesson_03.minibatches import EXERCISE as minibatches
from mnist1d_edu.course.exercises.lesson_03.momentum_step import EXERCISE as momentum_step
from mnist1d_edu.course.exercises.lesson_03.sgd_step import EXERCISE as sgd_step
from mnist1d_edu.course.exercises.lesson_03.warmup_cosine import EXERCISE as warmup_cosine

EXERCISES = [sgd_step, minibatches, momentum_step, adam_step, warmup_cosine]
