"""Lesson 20: your own experiment (UDL 8.3 and 20.4.6; nb 20.4)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_20.attack import EXERCISE as attack
from mnist1d_edu.course.exercises.lesson_20.by_seed import EXERCISE as by_seed
from mnist1d_edu.course.exercises.lesson_20.fgsm import EXERCISE as fgsm
from mnist1d_edu.course.exercises.lesson_20.holm import EXERCISE as holm
from mnist1d_edu.course.exercises.lesson_20.power import EXERCISE as power

EXERCISES = [fgsm, attack, holm, power, by_seed]
