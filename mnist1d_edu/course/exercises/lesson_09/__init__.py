"""Lesson 09: what the models know. Confusion, honest intervals, the prior of a convolution and what
it takes to break it (UDL 8.1, 8.4.1, 10.1)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_09.autocorrelation import EXERCISE as autocorrelation
from mnist1d_edu.course.exercises.lesson_09.confusion_matrix import EXERCISE as confusion_matrix
from mnist1d_edu.course.exercises.lesson_09.conv_matrix import EXERCISE as conv_matrix
from mnist1d_edu.course.exercises.lesson_09.nearest_kernel import EXERCISE as nearest_kernel
from mnist1d_edu.course.exercises.lesson_09.shuffle_within import EXERCISE as shuffle_within
from mnist1d_edu.course.exercises.lesson_09.wilson import EXERCISE as wilson

EXERCISES = [confusion_matrix, wilson, shuffle_within, conv_matrix, nearest_kernel,
             autocorrelation]
