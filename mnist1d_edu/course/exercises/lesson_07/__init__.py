"""Lesson 07: convolution, with loops, as unfold and a matrix product, and backwards; a pooling
(UDL 10.1 to 10.4)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_07.conv1d import EXERCISE as conv1d
from mnist1d_edu.course.exercises.lesson_07.conv1d_backward import EXERCISE as conv1d_backward
from mnist1d_edu.course.exercises.lesson_07.conv1d_loops import EXERCISE as conv1d_loops
from mnist1d_edu.course.exercises.lesson_07.fold import EXERCISE as fold
from mnist1d_edu.course.exercises.lesson_07.max_pool import EXERCISE as max_pool
from mnist1d_edu.course.exercises.lesson_07.unfold import EXERCISE as unfold

EXERCISES = [conv1d_loops, unfold, conv1d, fold, conv1d_backward, max_pool]
