"""Lesson 04: backpropagation by hand (UDL 7.1 to 7.4). The slope along one direction as a check,
then the backward passes of the linear layer, the ReLU, the softmax, and of the paper's whole MLP.
"""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_04.linear_backward import EXERCISE as linear_backward
from mnist1d_edu.course.exercises.lesson_04.mlp_backward import EXERCISE as mlp_backward
from mnist1d_edu.course.exercises.lesson_04.mlp_forward import EXERCISE as mlp_forward
from mnist1d_edu.course.exercises.lesson_04.relu_backward import EXERCISE as relu_backward
from mnist1d_edu.course.exercises.lesson_04.slopes_along import EXERCISE as slopes_along
from mnist1d_edu.course.exercises.lesson_04.softmax_backward import EXERCISE as softmax_backward

EXERCISES = [slopes_along, linear_backward, relu_backward, softmax_backward, mlp_forward,
             mlp_backward]
