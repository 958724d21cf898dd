"""Lesson 05: an autograd engine (UDL 7.4). A tensor that records, rules, the order of the backward
pass, unbroadcasting, the backward pass itself, and what it may leave out."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_05.backward import EXERCISE as backward
from mnist1d_edu.course.exercises.lesson_05.leading import EXERCISE as leading
from mnist1d_edu.course.exercises.lesson_05.matmul import EXERCISE as matmul
from mnist1d_edu.course.exercises.lesson_05.newest_first import EXERCISE as newest_first
from mnist1d_edu.course.exercises.lesson_05.recorder import EXERCISE as recorder
from mnist1d_edu.course.exercises.lesson_05.unbroadcast import EXERCISE as unbroadcast

EXERCISES = [recorder, matmul, newest_first, unbroadcast, backward, leading]
