"""Lesson 17: views, InfoNCE and its gradient, a linear probe, the probe by depth (UDL 9.3)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_17.by_depth import EXERCISE as by_depth
from mnist1d_edu.course.exercises.lesson_17.info_nce import EXERCISE as info_nce
from mnist1d_edu.course.exercises.lesson_17.info_nce_gradient import EXERCISE as info_nce_gradient
from mnist1d_edu.course.exercises.lesson_17.probe_loss import EXERCISE as probe_loss
from mnist1d_edu.course.exercises.lesson_17.two_views import EXERCISE as two_views

EXERCISES = [two_views, info_nce, info_nce_gradient, probe_loss, by_depth]
