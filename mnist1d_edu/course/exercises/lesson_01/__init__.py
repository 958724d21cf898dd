"""Lesson 01: from ten templates to the dataset, one transformation after the other (UDL 8.1)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_01.add_noise import EXERCISE as add_noise
from mnist1d_edu.course.exercises.lesson_01.first_at_fault import EXERCISE as first_at_fault
from mnist1d_edu.course.exercises.lesson_01.pad import EXERCISE as pad
from mnist1d_edu.course.exercises.lesson_01.shear import EXERCISE as shear
from mnist1d_edu.course.exercises.lesson_01.stretch import EXERCISE as stretch
from mnist1d_edu.course.exercises.lesson_01.transform import EXERCISE as transform

EXERCISES = [pad, stretch, add_noise, shear, transform, first_at_fault]
