"""Lesson 09: what the models know. Confusion, honest intervals, shuffled inputs (UDL 8.1, 10.1)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_09.autocorrelation import EXERCISE as autocorrelation
from mnist1d_edu.course.exercises.lesson_09.class_accuracies import EXERCISE as class_accuracies
from mnist1d_edu.course.exercises.lesson_09.confusion_matrix import EXERCISE as confusion_matrix
from mnist1d_edu.course.exercises.lesson_09.permute_weights import EXERCISE as permute_weights
from mnist1d_edu.course.exercises.lesson_09.shuffle_inputs import EXERCISE as shuffle_inputs
from mnist1d_edu.course.exercises.lesson_09.wilson import EXERCISE as wilson

EXERCISES = [confusion_matrix, class_accuracies, wilson, shuffle_inputs, permute_weights,
             autocorrelation]
