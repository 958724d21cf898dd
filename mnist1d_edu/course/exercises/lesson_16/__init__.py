"""Lesson 16: t-SNE: the perplexity search, affinities, the divergence and its gradient (UDL 14)."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_16.affinities import EXERCISE as affinities
from mnist1d_edu.course.exercises.lesson_16.divergence import EXERCISE as divergence
from mnist1d_edu.course.exercises.lesson_16.gradient import EXERCISE as gradient
from mnist1d_edu.course.exercises.lesson_16.neighbour_row import EXERCISE as neighbour_row
from mnist1d_edu.course.exercises.lesson_16.slope_along import EXERCISE as slope_along

EXERCISES = [neighbour_row, affinities, divergence, slope_along, gradient]
