"""Lesson 07: convolution, with loops, as unfold and a matrix product, and backwards (UDL 10.2)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_07.conv1d import EXERCISE as conv1d
from mnist1d_edu.course.exercises.lesson_07.conv1d_backward import EXERCISE as conv1d_backward
from mnist1d_edu.course.exercises.lesson_07.conv1d_loops import EXERCISE as conv1d_loops
from mnist1d_edu.course.exercises.lesson_07.output_length import EXERCISE as output_length
from mnist1d_edu.course.exercises.lesson_07.slide import EXERCISE as slide
from mnist1d_edu.course.exercises.lesson_07.unfold import EXERCISE as unfold

EXERCISES = [slide, output_length, conv1d_loops, unfold, conv1d, conv1d_backward]
