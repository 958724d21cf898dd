"""Layers, losses, initialisers and the paper's four models, as functions of their parameters.

A layer is a small object without state: `init(rng)` makes its parameters, and `layer(params, x)`
applies it. A model is a layer made of named layers; its parameters carry the layers' names
("conv1.weight"). A model with PyTorch's weights gives PyTorch's outputs and gradients.

Three names are near each other: `nn.GRU` is the layer, `nn.gru` (or `nn.GRUClassifier`) the paper's
model, and `fused.gru` the operation that both rest on.

Built in lessons 02 (linear, loss), 06 (initialisers), 07 (convolution) and 08 (GRU).
"""

from mnist1d_edu.checks import check_labels
from mnist1d_edu.nn.activations import elu, prelu, relu, sigmoid, silu, softplus, tanh
from mnist1d_edu.nn.initialisers import glorot, he, he_uniform, torch_default
from mnist1d_edu.nn.layers import (
    GRU,
    AvgPool1d,
    BatchNorm1d,
    Composite,
    Conv1d,
    Flatten,
    Layer,
    Linear,
    LPPool1d,
    MaxPool1d,
    PReLU,
    Residual,
    Sequential,
)
from mnist1d_edu.nn.losses import cross_entropy, info_nce, mse
from mnist1d_edu.nn.models import (
    CNN,
    MLP,
    MODELS,
    GRUClassifier,
    Logistic,
    cnn,
    count_parameters,
    gru,
    logistic,
    mlp,
    model,
)

__all__ = ["CNN", "GRU", "MLP", "MODELS", "AvgPool1d", "BatchNorm1d", "Composite", "Conv1d",
           "Flatten", "GRUClassifier", "LPPool1d", "Layer", "Linear", "Logistic", "MaxPool1d",
           "PReLU", "Residual", "Sequential", "check_labels", "cnn", "count_parameters",
           "cross_entropy", "elu", "glorot", "gru", "he", "he_uniform", "info_nce", "logistic",
           "mlp", "model", "mse", "prelu", "relu", "sigmoid", "silu", "softplus", "tanh",
           "torch_default"]
