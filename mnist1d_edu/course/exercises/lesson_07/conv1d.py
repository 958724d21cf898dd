"""07.conv1d: the convolutional layer as one matrix product (UDL 10.2)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_07.conv1d_loops import conv1d_loops
from mnist1d_edu.course.exercises.lesson_07.unfold import unfold
from mnist1d_edu.course.exercises.lesson_07.windows import layer, layers


def conv1d(x, weight, bias, stride, padding):
    rows = unfold(x, weight.shape[2], stride, padding)
    return (rows @ weight.reshape(len(weight), -1).T + bias).swapaxes(1, 2)


# ---- what students write
def reshaped_for_swapped(x, weight, *rest):
    out = conv1d(x, weight, *rest).swapaxes(1, 2)
    return out.reshape(len(x), len(weight), -1)


def weight_reshaped_straight(x, weight, bias, stride, padding):
    rows = unfold(x, weight.shape[2], stride, padding)
    return (rows @ weight.reshape(-1, len(weight)) + bias).swapaxes(1, 2)


def weight_tap_by_tap(x, weight, bias, stride, padding):
    rows = unfold(x, weight.shape[2], stride, padding)
    return (rows @ weight.T.reshape(-1, len(weight)) + bias).swapaxes(1, 2)


# ---- other right answers
def product_the_other_way_round(x, weight, bias, stride, padding):
    rows = unfold(x, weight.shape[2], stride, padding)
    return weight.reshape(len(weight), -1) @ rows.swapaxes(1, 2) + bias[:, np.newaxis]


def single_precision(x, weight, bias, stride, padding):
    rows = unfold(x.astype(np.float32), weight.shape[2], stride, padding)
    out = rows @ weight.astype(np.float32).reshape(len(weight), -1).T
    out += bias.astype(np.float32)
    return out.swapaxes(1, 2)


EXERCISE = Exercise(
    "07.conv1d", "The layer as one matrix product", conv1d, probes=layers, points=2,
    hints=(
        "`unfold` gives rows (N, positions, C * K). Each output channel's kernel `weight[o]` "
        "is (C, K): flattened, a vector of C * K numbers too. Output o at position p is the "
        "scalar product of the two.",
        "`weight.reshape(O, C * K)` holds one kernel a row. Transposed, it is (C * K, O): the rows "
        "times that are (N, positions, O).",
        "Add the bias while the channels are the last axis, then `swapaxes(1, 2)`.",
    ),
    mistakes={
        "your axes are (N, positions, channels): swap the last two at the end":
            lambda *given: conv1d(*given).swapaxes(1, 2),
        "you brought (N, positions, O) into shape with reshape, which scrambles the numbers: an "
        "axis is moved with swapaxes or transpose":
            reshaped_for_swapped,
        "you reshaped the weight straight to (C * K, O), which scrambles its numbers: reshape to "
        "(O, C * K), one kernel a row, then transpose":
            weight_reshaped_straight,
        "weight.T is (K, C, O): flattened it goes tap by tap, but your rows go channel by channel. "
        "Reshape to (O, C * K) first, then transpose":
            weight_tap_by_tap,
        "you left the bias out: each output channel has one number to add":
            lambda x, weight, bias, *how: conv1d(x, weight, 0 * bias, *how),
        "you left the padding out: pass it on to unfold":
            lambda x, weight, bias, stride, padding: conv1d(x, weight, bias, stride, 0),
        "you left the stride out: pass it on to unfold":
            lambda x, weight, bias, stride, padding: conv1d(x, weight, bias, 1, padding),
    },
    variants={
        "einsum": layer,
        "the product the other way round, which needs no swap at the end":
            product_the_other_way_round,
        "loops": conv1d_loops,
        "single precision, on an array of its own": single_precision,
    },
)
