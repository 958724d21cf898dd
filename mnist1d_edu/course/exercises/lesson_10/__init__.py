"""Lesson 10: weight decay, PReLU, early stopping, augmentation, an ensemble (UDL 9)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_10.adam_step import EXERCISE as adam_step
from mnist1d_edu.course.exercises.lesson_10.augment import EXERCISE as augment
from mnist1d_edu.course.exercises.lesson_10.prelu_backward import EXERCISE as prelu_backward
from mnist1d_edu.course.exercises.lesson_10.stop_early import EXERCISE as stop_early
from mnist1d_edu.course.exercises.lesson_10.vote import EXERCISE as vote

EXERCISES = [adam_step, prelu_backward, stop_early, augment, vote]
