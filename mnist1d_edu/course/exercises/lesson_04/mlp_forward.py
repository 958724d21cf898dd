"""04.mlp_forward: the paper's MLP, with all that its backward pass needs."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def mlp_forward(params, x):
    a1 = linear(params, "linear1", x)
    h1 = np.maximum(a1, 0)
    a2 = linear(params, "linear2", h1)
    h2 = h1 + np.maximum(a2, 0)
    return {"a1": a1, "h1": h1, "a2": a2, "h2": h2, "logits": linear(params, "linear3", h2)}


def linear(params, name, x):
    """The layer of this name."""
    return x @ params[name + ".weight"].T + params[name + ".bias"]


def parameters(rng: np.random.RandomState, inputs: int, hidden: int, classes: int) -> dict:
    shapes = {"linear1": (hidden, inputs), "linear2": (hidden, hidden),
              "linear3": (classes, hidden)}
    return {f"{name}.{part}": rng.randn(*(shape if part == "weight" else shape[:1]))
            for name, shape in shapes.items() for part in ("weight", "bias")}


def batches(rng: np.random.RandomState) -> list[tuple]:
    """params and x (N, inputs): one with all widths 2, then all of them unlike."""
    return [(parameters(rng, 2, 2, 2), rng.randn(1, 2)),
            (parameters(rng, 3, 4, 2), rng.randn(5, 3)),
            (parameters(rng, 5, 6, 3), rng.randn(4, 5))]


def drive(answer, params, x):
    """The five results; what else an answer keeps is its own business."""
    found = answer(params, x)
    wanted = ("a1", "h1", "a2", "h2", "logits")
    return {k: found[k] for k in wanted if k in found} if isinstance(found, dict) else found


# ---- what students write
def forward_with(params, x, second):
    """The forward pass with another way to make h2 from h1 and a2."""
    a1 = linear(params, "linear1", x)
    h1 = np.maximum(a1, 0)
    a2 = linear(params, "linear2", h1)
    h2 = second(h1, a2)
    return {"a1": a1, "h1": h1, "a2": a2, "h2": h2, "logits": linear(params, "linear3", h2)}


def relu_on_the_logits(params, x):
    found = mlp_forward(params, x)
    return found | {"logits": np.maximum(found["logits"], 0)}


def shortcut_added_in_place(params, x):
    found = mlp_forward(params, x)
    return found | {"h1": found["h2"]}


def relu_in_place(params, x):
    found = mlp_forward(params, x)
    return found | {"a1": np.maximum(found["a1"], 0), "a2": np.maximum(found["a2"], 0)}


def no_biases(params, x):
    return mlp_forward({name: value * (0 if name.endswith("bias") else 1)
                        for name, value in params.items()}, x)


def weights_turned(params, x):
    found, h = {}, x
    for i in (1, 2, 3):
        a = h @ params[f"linear{i}.weight"] + params[f"linear{i}.bias"]
        h = np.maximum(a, 0) if i == 1 else h + np.maximum(a, 0)
        found |= {"logits": a} if i == 3 else {f"a{i}": a, f"h{i}": h}
    return found


def single_precision(params, x):
    small = {name: value.astype(np.float32) for name, value in params.items()}
    return mlp_forward(small, x.astype(np.float32))


# ---- other right answers
def with_einsum(params, x):
    def layer(i, h):
        return np.einsum("ni,oi->no", h, params[f"linear{i}.weight"]) + params[f"linear{i}.bias"]
    a1 = layer(1, x)
    h1 = np.where(a1 > 0, a1, 0)
    a2 = layer(2, h1)
    h2 = np.where(a2 > 0, h1 + a2, h1)
    return dict(logits=layer(3, h2), h2=h2, a2=a2, h1=h1, a1=a1)


EXERCISE = Exercise(
    "04.mlp_forward", "The MLP, remembering everything", mlp_forward, points=2, probes=batches,
    drive=drive, rtol=1e-10, atol=1e-12,
    hints=(
        "A linear layer is x @ weight.T + bias, with weight of shape (out, in): check that the "
        "shapes fit. The ReLU is np.maximum(a, 0).",
        "Make a new array at every stage (no out=, no +=): the backward pass needs each of them as "
        "it was.",
        "a1 from x; h1 = relu(a1); a2 from h1; h2 = h1 + relu(a2), which is the shortcut; logits "
        "from h2, with no ReLU after them. Return dict(a1=a1, h1=h1, a2=a2, h2=h2, logits=logits).",
    ),
    mistakes={
        "the shortcut is missing: h2 = h1 + relu(a2)":
            lambda params, x: forward_with(params, x, lambda h1, a2: np.maximum(a2, 0)),
        "the shortcut goes around the ReLU: h2 = h1 + relu(a2), not relu(h1 + a2)":
            lambda params, x: forward_with(params, x, lambda h1, a2: np.maximum(h1 + a2, 0)),
        "the second ReLU is missing: h2 = h1 + relu(a2)":
            lambda params, x: forward_with(params, x, lambda h1, a2: h1 + a2),
        "the logits are what the last layer gives, with no ReLU after it: they may be negative":
            relu_on_the_logits,
        "your h1 came out equal to h2: h += relu(a2) writes into the array that h1 names too, and "
        "the backward pass needs the old one. Write h2 = h1 + ...":
            shortcut_added_in_place,
        "your a1 and a2 are without negative numbers: the ReLU wrote over its own input, and the "
        "backward pass needs a1 and a2 as they were. Make new arrays":
            relu_in_place,
        "your biases are missing: each linear layer is x @ weight.T + bias": no_biases,
        "your weights are not transposed: weight is (out, in), so a layer is x @ weight.T + bias":
            weights_turned,
        "these are the logits alone: the backward pass needs a1, h1, a2 and h2 as well, so return "
        "all five in a dict":
            lambda params, x: mlp_forward(params, x)["logits"],
        "your numbers are right to seven digits only: float32 has no more, and checks by small "
        "steps need sixteen. Compute in the precision of what you are given":
            single_precision,
    },
    variants={
        "einsum, and np.where for the ReLU": with_einsum,
    },
)
