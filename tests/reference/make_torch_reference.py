"""Writes torch_reference.json: what PyTorch answers to the inputs of formula.py, in float64.

    python -m tests.reference.make_torch_reference      (from the root; needs the extra `peers`)

Each layer case is an input (4, C, L) or the like, parameters and a cotangent, all by formula, and
stores the output and the gradients with respect to the input and every parameter.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from benchmarks.peer_torch import MODELS

from .formula import digest, labels, parameters, wave

TARGET = Path(__file__).with_name("torch_reference.json")

LAYERS = [  # name of the layer in mnist1d_edu.nn, its arguments, input shape
    ("Linear", {"in_features": 5, "out_features": 3}, (4, 5)),
    ("Linear", {"in_features": 40, "out_features": 100}, (7, 40)),
    ("Conv1d", {"in_channels": 1, "out_channels": 3, "kernel_size": 5}, (2, 1, 9)),
    ("Conv1d", {"in_channels": 2, "out_channels": 3, "kernel_size": 3, "padding": 1}, (2, 2, 7)),
    ("Conv1d", {"in_channels": 2, "out_channels": 2, "kernel_size": 1, "stride": 2}, (2, 2, 6)),
    ("Conv1d", {"in_channels": 2, "out_channels": 3, "kernel_size": 3, "stride": 2, "padding": 1},
     (2, 2, 8)),
    ("Conv1d", {"in_channels": 3, "out_channels": 2, "kernel_size": 4, "stride": 3, "padding": 2},
     (2, 3, 11)),
    ("Conv1d", {"in_channels": 2, "out_channels": 2, "kernel_size": 2, "stride": 3}, (2, 2, 9)),
    ("Conv1d", {"in_channels": 25, "out_channels": 25, "kernel_size": 3, "stride": 2, "padding": 1},
     (4, 25, 19)),
    ("GRU", {"input_size": 1, "hidden_size": 2}, (2, 4, 1)),
    ("GRU", {"input_size": 3, "hidden_size": 2, "bidirectional": True}, (2, 5, 3)),
    ("GRU", {"input_size": 1, "hidden_size": 6, "bidirectional": True}, (3, 40, 1)),
    ("MaxPool1d", {"kernel_size": 2}, (2, 3, 8)),
    ("MaxPool1d", {"kernel_size": 3, "stride": 2}, (2, 2, 10)),
    ("MaxPool1d", {"kernel_size": 2, "stride": 3}, (2, 2, 9)),
    ("AvgPool1d", {"kernel_size": 2}, (2, 3, 9)),
    ("AvgPool1d", {"kernel_size": 3, "stride": 2}, (2, 2, 10)),
    ("LPPool1d", {"norm_type": 2, "kernel_size": 2}, (2, 3, 8)),
    ("LPPool1d", {"norm_type": 2, "kernel_size": 3, "stride": 2}, (2, 2, 10)),
    ("PReLU", {}, (3, 4)),
    ("Flatten", {}, (2, 3, 4)),
    ("BatchNorm1d", {"num_features": 3}, (6, 3)),
    ("BatchNorm1d", {"num_features": 3}, (4, 3, 5)),
]
ACTIVATIONS = {"relu": functional.relu, "elu": functional.elu, "silu": functional.silu,
               "softplus": functional.softplus, "tanh": torch.tanh, "sigmoid": torch.sigmoid}
OPTIMIZERS = [  # name in mnist1d_edu.optim, PyTorch's class, arguments
    ("sgd", torch.optim.SGD, {"lr": 0.1}),
    ("sgd", torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    ("sgd", torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.05}),
    ("sgd", torch.optim.SGD, {"lr": 0.1, "momentum": 0.8, "weight_decay": 0.05}),
    ("adam", torch.optim.Adam, {"lr": 0.01}),
    ("adam", torch.optim.Adam, {"lr": 0.1, "betas": [0.5, 0.9], "eps": 0.001}),
    ("adam", torch.optim.Adam, {"lr": 0.01, "weight_decay": 0.1}),
    ("rmsprop", torch.optim.RMSprop, {"lr": 0.01}),
    ("rmsprop", torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.8, "eps": 0.01}),
    ("rmsprop", torch.optim.RMSprop, {"lr": 0.01, "momentum": 0.4}),
]
OPTIMIZED = {"weight": [3, 2], "bias": [3]}
MODEL_ARGUMENTS = [("logistic", {}), ("mlp", {"hidden": 7}), ("mlp", {"hidden": 100}),
                   ("cnn", {"channels": 3}), ("cnn", {"channels": 25}),
                   ("gru", {"hidden": 2}), ("gru", {"hidden": 6})]


def main() -> None:
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)  # for the initialisation alone: everything else is by formula
    cases = [layer_case(*layer, training) for layer in LAYERS
             for training in ((True, False) if layer[0] == "BatchNorm1d" else (False,))]
    reference = {
        "made_by": f"make_torch_reference.py with torch {torch.__version__}",
        "layers": cases,
        "activations": {name: activation_case(f) for name, f in ACTIVATIONS.items()},
        "losses": [cross_entropy_case(scale) for scale in (1.0, 1000.0)] + [mse_case()],
        "models": [model_case(*model) for model in MODEL_ARGUMENTS],
        "optimizers": [optimizer_case(*optimizer) for optimizer in OPTIMIZERS],
        "initialisation": [initialisation_case(*layer[:2]) for layer in LAYERS
                           if layer[0] in ("Linear", "Conv1d", "GRU")],
    }
    TARGET.write_text(json.dumps(reference, indent=1) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


def layer_case(name, arguments, shape, training) -> dict:
    layer = build(name, arguments).train(training)
    shapes = fill(layer)
    out, grads = gradients(layer, layer, shape)
    case = {"layer": name, "arguments": arguments, "training": training, "input": list(shape),
            "parameters": shapes, "output": out, "gradients": grads}
    if training:
        case["updates"] = {key: digest(b) for key, b in layer.named_buffers() if b.ndim}
    return case


def activation_case(function) -> dict:
    out, grads = gradients(lambda x: function(3 * x), nn.Identity(), (3, 5))
    return {"input": [3, 5], "output": out, "gradient": grads["input"]}


def cross_entropy_case(scale) -> dict:
    logits = leaf(scale * wave((6, 10)))
    return loss_case("cross_entropy", scale, logits,
                     functional.cross_entropy(logits, torch.from_numpy(labels(6))))


def mse_case() -> dict:
    prediction = leaf(wave((4, 3)))
    target = torch.from_numpy(wave((4, 3), 1.0))
    return loss_case("mse", 1.0, prediction, functional.mse_loss(prediction, target))


def loss_case(name, scale, x, loss) -> dict:
    loss.backward()
    return {"loss": name, "scale": scale, "input": list(x.shape), "value": loss.item(),
            "gradient": digest(x.grad)}


def model_case(name, arguments) -> dict:
    model = MODELS[name](**arguments)
    shapes = fill(model)
    x = leaf(wave((4, 40)))
    logits = model(x)
    loss = functional.cross_entropy(logits, torch.from_numpy(labels(4)))
    loss.backward()
    return {"model": name, "arguments": arguments, "input": [4, 40], "parameters": shapes,
            "output": digest(logits.detach()), "loss": loss.item(),
            "gradients": named_gradients(model, x)}


def optimizer_case(name, make, arguments) -> dict:
    params = {key: leaf(value) for key, value in parameters(OPTIMIZED).items()}
    optimizer = make(params.values(), **arguments)
    steps = []
    for step in range(5):
        for k, value in enumerate(params.values()):
            value.grad = torch.from_numpy(wave(value.shape, 100.0 + 10 * step + k))
        optimizer.step()
        steps.append({key: digest(value.detach()) for key, value in params.items()})
    return {"optimizer": name, "arguments": arguments, "parameters": OPTIMIZED, "steps": steps}


def initialisation_case(name, arguments) -> dict:
    """The largest absolute value of each parameter in 300 fresh layers."""
    largest = {}
    for _ in range(300):
        for key, value in build(name, arguments).named_parameters():
            largest[key] = max(largest.get(key, 0.0), value.abs().max().item())
    return {"layer": name, "arguments": arguments, "largest": largest}


def build(name, arguments) -> nn.Module:
    if name == "GRU":
        return Outputs(**arguments)
    return getattr(nn, name)(**arguments)


class Outputs(nn.GRU):
    """A GRU on (N, L, C) that returns its outputs only."""

    def __init__(self, **arguments):
        super().__init__(batch_first=True, **arguments)

    def forward(self, x):
        return super().forward(x)[0]


def fill(module) -> dict[str, list[int]]:
    """Set every parameter and running statistic by formula; return their shapes."""
    state = {key: value for key, value in module.state_dict().items() if value.ndim}
    shapes = {key: list(value.shape) for key, value in state.items()}
    for key, value in parameters(shapes).items():
        state[key].copy_(torch.from_numpy(value))
    return shapes


def gradients(function, module, shape) -> tuple[dict, dict]:
    """Digests of function(wave) and of the gradients of its product with a wave."""
    x = leaf(wave(shape))
    out = function(x)
    out.backward(torch.from_numpy(wave(out.shape, 0.5)))
    return digest(out.detach()), named_gradients(module, x)


def named_gradients(module, x) -> dict[str, dict]:
    named = {"input": x, **dict(module.named_parameters())}
    return {key: digest(value.grad) for key, value in named.items()}


def leaf(array) -> torch.Tensor:
    return torch.from_numpy(array).requires_grad_()


if __name__ == "__main__":
    main()
