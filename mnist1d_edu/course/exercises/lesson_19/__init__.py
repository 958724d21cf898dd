"""Lesson 19: learning the activation function (UDL 3.1, 7.4)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_19.curve_backward import EXERCISE as curve_backward
from mnist1d_edu.course.exercises.lesson_19.fair import EXERCISE as fair
from mnist1d_edu.course.exercises.lesson_19.net_in_net import EXERCISE as net_in_net
from mnist1d_edu.course.exercises.lesson_19.walk_back import EXERCISE as walk_back

EXERCISES = [net_in_net, curve_backward, walk_back, fair]
