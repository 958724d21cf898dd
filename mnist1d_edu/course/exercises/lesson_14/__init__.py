"""Lesson 14: double descent, its label noise, its threshold and its peak (UDL 8.4)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_14.add_label_noise import EXERCISE as add_label_noise
from mnist1d_edu.course.exercises.lesson_14.expected_changed import EXERCISE as expected_changed
from mnist1d_edu.course.exercises.lesson_14.parameters import EXERCISE as parameters
from mnist1d_edu.course.exercises.lesson_14.peak import EXERCISE as peak
from mnist1d_edu.course.exercises.lesson_14.resampled_tops import EXERCISE as resampled_tops
from mnist1d_edu.course.exercises.lesson_14.threshold import EXERCISE as threshold

EXERCISES = [add_label_noise, expected_changed, parameters, threshold, peak, resampled_tops]
