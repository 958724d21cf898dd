"""Lesson 02: a linear classifier, from scores to the gradient of its loss, and down the slope
(UDL 2, 5, 6.1)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_02.cross_entropy import EXERCISE as cross_entropy
from mnist1d_edu.course.exercises.lesson_02.descend import EXERCISE as descend
from mnist1d_edu.course.exercises.lesson_02.numeric_gradient import EXERCISE as numeric_gradient
from mnist1d_edu.course.exercises.lesson_02.parameter_gradients import (
    EXERCISE as parameter_gradients,
)
from mnist1d_edu.course.exercises.lesson_02.scores_gradient import EXERCISE as scores_gradient
from mnist1d_edu.course.exercises.lesson_02.softmax import EXERCISE as softmax

EXERCISES = [softmax, cross_entropy, numeric_gradient, scores_gradient, parameter_gradients,
             descend]
