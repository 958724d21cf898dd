"""14.parameters: the size of a net (UDL 8.4)."""

from __future__ import annotations

import itertools

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def parameters(inputs, width, classes):
    return (inputs + 1) * width + (width + 1) * width + (width + 1) * classes


def nets(rng: np.random.RandomState) -> list[tuple]:
    """inputs, width, classes."""
    return [(3, 2, 5), (40, 7, 10), (int(rng.randint(5, 9)), int(rng.randint(11, 30)), 4)]


# ---- what students write
def a_bias_for_each_input(inputs, width, classes):
    return inputs * (width + 1) + width * (width + 1) + width * (classes + 1)


def hidden_layer_twice(inputs, width, classes):
    return (inputs + 1) * width + 2 * (width + 1) * width + (width + 1) * classes


def last_biases_forgotten(inputs, width, classes):
    return (inputs + 1) * width + (width + 1) * width + width * classes


# ---- other right answers
def layer_by_layer(inputs, width, classes):
    sizes = [inputs, width, width, classes]
    return sum(a * b + b for a, b in itertools.pairwise(sizes))


EXERCISE = Exercise(
    "14.parameters", "The size of a net", parameters, probes=nets,
    hints=(
        "Three linear layers: inputs to width, width to width, width to classes. A layer from a to "
        "b has one weight for each pair, and what else?",
        "A layer from a to b has a * b weights and b biases: (a + 1) * b parameters.",
    ),
    mistakes={
        "you left the biases out: each layer has one for each of its *outputs*":
            lambda inputs, width, classes: inputs * width + width * width + width * classes,
        "you left out the layer from the first hidden layer to the second":
            lambda inputs, width, classes: (inputs + 1) * width + (width + 1) * classes,
        "you counted a bias for each *input* of a layer: it has one for each output":
            a_bias_for_each_input,
        "you left out the output layer, from width to classes":
            lambda inputs, width, classes: (inputs + 1) * width + (width + 1) * width,
        "you counted the layer from hidden to hidden twice: two hidden layers have one layer "
        "of weights between them":
            hidden_layer_twice,
        "you forgot the biases of the last layer: it has one for each class": last_biases_forgotten,
        "a number of parameters is a whole number: no division and no float is needed":
            lambda inputs, width, classes: float(parameters(inputs, width, classes)),
        "these are the units: count the weights between them, and a bias for each":
            lambda inputs, width, classes: inputs + 2 * width + classes,
        "you counted one bias a layer: each unit has its own":
            lambda inputs, width, classes: inputs * width + width**2 + width * classes + 3,
        "the layers' numbers are added, and you multiplied them":
            lambda inputs, width, classes: (inputs + 1) * (width + 1)**2 * classes,
    },
    variants={
        "layer by layer": layer_by_layer,
        "multiplied out":
            lambda inputs, width, classes: width**2 + (inputs + classes + 2) * width + classes,
    },
)
