"""Lesson 05: an autograd engine (UDL 7.4). A tensor that records, rules, the order of the backward
pass, unbroadcasting, the backward pass itself, what it may leave out, and gradients of
gradients."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_05.backward import EXERCISE as backward
from mnist1d_edu.course.exercises.lesson_05.hessian_vector import EXERCISE as hessian_vector
from mnist1d_edu.course.exercises.lesson_05.leading import EXERCISE as leading
from mnist1d_edu.course.exercises.lesson_05.matmul import EXERCISE as matmul
from mnist1d_edu.course.exercises.lesson_05.newest_first import EXERCISE as newest_first
from mnist1d_edu.course.exercises.lesson_05.recorder import EXERCISE as recorder
from mnist1d_edu.course.exercises.lesson_05.sum_over import EXERCISE as sum_over
from mnist1d_edu.course.exercises.lesson_05.tanh import EXERCISE as tanh
from mnist1d_edu.course.exercises.lesson_05.unbroadcast import EXERCISE as unbroadcast

EXERCISES = [recorder, tanh, matmul, sum_over, newest_first, unbroadcast, backward, leading,
             hessian_vector]
