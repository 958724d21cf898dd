"""The paper's four models, with its parameter counts: MNIST-1D, section 3 (arXiv 2011.14439)."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from mnist1d_edu.arguments import function, mapping, one_of, size
from mnist1d_edu.checks import shaped
from mnist1d_edu.engine import Tensor
from mnist1d_edu.nn.activations import relu
from mnist1d_edu.nn.initialisers import torch_default
from mnist1d_edu.nn.layers import GRU, Composite, Conv1d, Flatten, Linear


class Logistic(Composite):
    """Logistic regression: (N, 40) -> logits (N, 10). 410 parameters. Lesson 02."""

    def __init__(self, inputs: int = 40, classes: int = 10):
        super().__init__(linear=Linear(size("inputs", inputs), size("classes", classes)))

    def forward(self, net: SimpleNamespace, x: Tensor) -> Tensor:
        return net.linear(x)


class MLP(Composite):
    """Two hidden layers, the second with a residual connection. 15,210 parameters. Lesson 04."""

    def __init__(self, hidden: int = 100, inputs: int = 40, classes: int = 10,
                 initialiser: Callable = torch_default):
        hidden, inputs = size("hidden", hidden), size("inputs", inputs)
        classes = size("classes", classes)
        super().__init__(linear1=Linear(inputs, hidden, initialiser),
                         linear2=Linear(hidden, hidden, initialiser),
                         linear3=Linear(hidden, classes, initialiser))

    def forward(self, net: SimpleNamespace, x: Tensor) -> Tensor:
        h = relu(net.linear1(x))
        h = h + relu(net.linear2(h))
        return net.linear3(h)


class CNN(Composite):
    """Three strided convolutions and a linear layer: (N, L) -> logits. 5,210 parameters.
    Lesson 07."""

    def __init__(self, channels: int = 25, length: int = 40, classes: int = 10,
                 initialiser: Callable = torch_default):
        channels, length = size("channels", channels), size("length", length)
        classes, initialiser = size("classes", classes), function("initialiser", initialiser)
        convs = {"conv1": Conv1d(1, channels, 5, 2, 1, initialiser),
                 "conv2": Conv1d(channels, channels, 3, 2, 1, initialiser),
                 "conv3": Conv1d(channels, channels, 3, 2, 1, initialiser)}
        length_of_x = length
        for conv in convs.values():
            length = (length + 2 * conv.padding - conv.kernel_size) // conv.stride + 1
        self.length = length_of_x
        super().__init__(**convs, flatten=Flatten(),
                         linear=Linear(channels * length, classes, initialiser))

    def forward(self, net: SimpleNamespace, x: Tensor) -> Tensor:
        _check_length(self, x)
        h = x[..., None, :]  # one channel
        h = relu(net.conv1(h))
        h = relu(net.conv2(h))
        h = relu(net.conv3(h))
        return net.linear(net.flatten(h))


class GRUClassifier(Composite):
    """A bidirectional GRU that reads the signal value by value, and a linear layer on all its
    states: (N, L) -> logits. 5,134 parameters. Lesson 08."""

    def __init__(self, hidden: int = 6, length: int = 40, classes: int = 10):
        hidden, length, classes = size("hidden", hidden), size("length", length), size(
            "classes", classes)
        self.length = length
        super().__init__(gru=GRU(1, hidden, bidirectional=True), flatten=Flatten(),
                         linear=Linear(2 * hidden * length, classes))

    def forward(self, net: SimpleNamespace, x: Tensor) -> Tensor:
        _check_length(self, x)
        states = net.gru(x[..., None])  # one value a time step
        return net.linear(net.flatten(states))


def _check_length(model, x) -> None:
    if x.ndim < 2 or x.shape[-1] != model.length:
        raise ValueError(f"{type(model).__name__}: x must have shape (..., N, length) with length "
                         f"= {model.length}; got {x.shape}")


# the names that lessons use for the paper's models, beside relu and cross_entropy
logistic, mlp, cnn, gru = Logistic, MLP, CNN, GRUClassifier

MODELS = {"logistic": logistic, "mlp": mlp, "cnn": cnn, "gru": gru}


def model(name: str) -> Composite:
    """One of the paper's four models by name: logistic, mlp, cnn, gru."""
    return MODELS[one_of("name", name, MODELS)]()


def count_parameters(params: dict) -> int:
    """The number of trained and untrained values in a dict of parameters (without a seed axis).

    >>> import numpy as np
    >>> [count_parameters(model(name).init(np.random.RandomState(0))) for name in MODELS]
    [410, 15210, 5210, 5134]
    """
    arrays = shaped(**{f"params[{name!r}]": value
                       for name, value in mapping("params", params).items()})
    return sum(array.size for array in arrays)
