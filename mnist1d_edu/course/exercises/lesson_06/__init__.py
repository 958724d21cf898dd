"""Lesson 06: deep nets that train, and what they learn (UDL 7.5, 8)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_06.bias_variance import EXERCISE as bias_variance
from mnist1d_edu.course.exercises.lesson_06.by_depth import EXERCISE as by_depth
from mnist1d_edu.course.exercises.lesson_06.he_weight import EXERCISE as he_weight
from mnist1d_edu.course.exercises.lesson_06.interval import EXERCISE as interval
from mnist1d_edu.course.exercises.lesson_06.three_scores import EXERCISE as three_scores
from mnist1d_edu.course.exercises.lesson_06.train import EXERCISE as train

EXERCISES = [he_weight, by_depth, train, three_scores, interval, bias_variance]
