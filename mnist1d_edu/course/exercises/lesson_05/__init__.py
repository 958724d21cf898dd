"""Lesson 05: an autograd engine (UDL 7.4). A tensor that records, its rules, the order of the
backward pass, unbroadcasting, the backward pass itself, and gradients of gradients."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_05.backward import EXERCISE as backward
from mnist1d_edu.course.exercises.lesson_05.hessian_vector import EXERCISE as hessian_vector
from mnist1d_edu.course.exercises.lesson_05.newest_first import EXERCISE as newest_first
from mnist1d_edu.course.exercises.lesson_05.recorder import EXERCISE as recorder
from mnist1d_edu.course.exercises.lesson_05.tensor import EXERCISE as tensor
from mnist1d_edu.course.exercises.lesson_05.unbroadcast import EXERCISE as unbroadcast

EXERCISES = [recorder, tensor, newest_first, unbroadcast, backward, hessian_vector]
