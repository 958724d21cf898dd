"""Lesson 04: backpropagation by hand (UDL 7.1 to 7.4). Finite differences, then the backward passes
of the linear layer, the ReLU, the loss, and of the paper's whole MLP."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_04.linear_backward import EXERCISE as linear_backward
from mnist1d_edu.course.exercises.lesson_04.loss_backward import EXERCISE as loss_backward
from mnist1d_edu.course.exercises.lesson_04.mlp_backward import EXERCISE as mlp_backward
from mnist1d_edu.course.exercises.lesson_04.mlp_forward import EXERCISE as mlp_forward
from mnist1d_edu.course.exercises.lesson_04.numeric_gradient import EXERCISE as numeric_gradient
from mnist1d_edu.course.exercises.lesson_04.relu_backward import EXERCISE as relu_backward

EXERCISES = [numeric_gradient, linear_backward, relu_backward, loss_backward, mlp_forward,
             mlp_backward]
