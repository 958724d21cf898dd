"""Lesson 02: a linear classifier, from scores to the gradient of its loss (UDL 2, 5)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_02.accuracy import EXERCISE as accuracy
from mnist1d_edu.course.exercises.lesson_02.cross_entropy import EXERCISE as cross_entropy
from mnist1d_edu.course.exercises.lesson_02.linear import EXERCISE as linear
from mnist1d_edu.course.exercises.lesson_02.parameter_gradients import (
    EXERCISE as parameter_gradients,
)
from mnist1d_edu.course.exercises.lesson_02.scores_gradient import EXERCISE as scores_gradient
from mnist1d_edu.course.exercises.lesson_02.softmax import EXERCISE as softmax

EXERCISES = [linear, softmax, cross_entropy, scores_gradient, parameter_gradients, accuracy]
