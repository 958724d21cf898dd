"""Lesson 08: recurrence. Reading a signal step by step, backpropagation through time, how far back
it reaches, clipping, and the GRU's cell (Cho and others, 2014, in the form that PyTorch computes).
"""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_08.clip import EXERCISE as clip
from mnist1d_edu.course.exercises.lesson_08.gru_cell import EXERCISE as gru_cell
from mnist1d_edu.course.exercises.lesson_08.reach import EXERCISE as reach
from mnist1d_edu.course.exercises.lesson_08.rnn_backward import EXERCISE as rnn_backward
from mnist1d_edu.course.exercises.lesson_08.rnn_step_backward import EXERCISE as rnn_step_backward
from mnist1d_edu.course.exercises.lesson_08.run import EXERCISE as run

EXERCISES = [run, rnn_step_backward, rnn_backward, reach, clip, gru_cell]
