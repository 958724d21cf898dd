"""04.mlp_backward: the backward pass of the whole MLP (UDL 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_02.scores_gradient import scores_gradient
from mnist1d_edu.course.exercises.lesson_02.softmax import softmax
from mnist1d_edu.course.exercises.lesson_04.linear_backward import linear_backward
from mnist1d_edu.course.exercises.lesson_04.mlp_forward import batches, mlp_forward
from mnist1d_edu.course.exercises.lesson_04.relu_backward import relu_backward


def mlp_backward(params, x, labels):
    seen, grads = mlp_forward(params, x), {}

    def back(name, g, layer_input):
        g_x, grads[name + ".weight"], grads[name + ".bias"] = linear_backward(
            g, layer_input, params[name + ".weight"])
        return g_x

    g_h2 = back("linear3", scores_gradient(seen["logits"], labels), seen["h2"])
    g_h1 = g_h2 + back("linear2", relu_backward(g_h2, seen["a2"]), seen["h1"])
    back("linear1", relu_backward(g_h1, seen["a1"]), x)
    return grads


def labelled_batches(rng: np.random.RandomState) -> list[tuple]:
    """params, x and labels (N,), one label for each row of x."""
    return [(params, x, rng.randint(0, len(params["linear3.bias"]), len(x)))
            for params, x in batches(rng)]


# ---- what students write
def with_fault(shortcut=1.0, branch=1.0, mask1="a1", mask2="a2", last_input="h2", outer=None):
    """The backward pass with a part left out, or with the wrong array in some place."""
    def mlp_backward(params, x, labels):
        seen, grads = mlp_forward(params, x), {}

        def back(name, g, layer_input):
            g_x, grads[name + ".weight"], grads[name + ".bias"] = linear_backward(
                g, layer_input, params[name + ".weight"])
            return g_x

        def masked(g, name):
            return g if name is None else relu_backward(g, seen[name])

        g_h2 = back("linear3", scores_gradient(seen["logits"], labels), seen[last_input])
        inner = back("linear2", masked(g_h2, mask2), seen["h1"])
        g_h1 = branch * inner + shortcut * masked(g_h2, outer)
        back("linear1", masked(g_h1, mask1), x)
        return grads
    return mlp_backward


def mean_forgotten(params, x, labels):
    return {name: g * len(x) for name, g in mlp_backward(params, x, labels).items()}


def single_precision(params, x, labels):
    small = {name: value.astype(np.float32) for name, value in params.items()}
    return mlp_backward(small, x.astype(np.float32), labels)


# ---- other right answers
def written_out(params, x, labels):
    seen = mlp_forward(params, x)
    delta = softmax(seen["logits"])
    delta[np.arange(len(x)), labels] -= 1
    delta /= len(x)
    after = delta @ params["linear3.weight"]
    inner = np.where(seen["a2"] > 0, after, 0)
    first = (inner @ params["linear2.weight"] + after) * (seen["h1"] > 0)
    return {"linear1.weight": (x.T @ first).T, "linear2.weight": (seen["h1"].T @ inner).T,
            "linear3.weight": (seen["h2"].T @ delta).T, "linear1.bias": first.sum(0),
            "linear2.bias": inner.sum(0), "linear3.bias": delta.sum(0)}


def mean_taken_last(params, x, labels):
    parts = [mlp_backward(params, x[n:n + 1], labels[n:n + 1]) for n in range(len(x))]
    return {name: sum(part[name] for part in parts) / len(x) for name in params}


EXERCISE = Exercise(
    "04.mlp_backward", "The backward pass of the whole MLP", mlp_backward, points=3,
    probes=labelled_batches, rtol=1e-10, atol=1e-12,
    hints=(
        "Start with the loss and walk the graph from right to left: logits, h2, then both ways "
        "that lead from h1 to h2, then a1. Each step is one of the functions that you have.",
        "h1 is used twice, by the shortcut and by linear2. Its cotangent is the *sum* of what "
        "comes back along both paths.",
        "g_h2 comes from linear3 (whose input was h2). g_a2 = relu_bwd(g_h2, a2). linear2 (input "
        "h1) turns g_a2 into one part of g_h1; the shortcut adds g_h2 itself.",
    ),
    mistakes={
        "you forgot the shortcut: h1 goes into h2 directly as well, so g_h2 itself must be added "
        "to the cotangent of h1":
            with_fault(shortcut=0.0),
        "only the shortcut's part arrives at h1: add what comes back through relu and linear2, the "
        "first value of their lin_bwd":
            with_fault(branch=0.0),
        "the second ReLU's backward pass is given h2: what went through it was a2, and h2 has h1 "
        "added":
            with_fault(mask2="h2"),
        "the first ReLU is missing from the backward pass: relu_bwd(g_h1, a1) before linear1":
            with_fault(mask1=None),
        "the second ReLU is missing from the backward pass: relu_bwd(g_h2, a2) before linear2":
            with_fault(mask2=None),
        "linear3 is given h1: its input in the forward pass was h2, which its weight's gradient "
        "needs":
            with_fault(last_input="h1"),
        "the cotangent on the shortcut went through the second ReLU: the shortcut goes around it, "
        "so add g_h2, not g_a2":
            with_fault(outer="a2"),
        "your gradients are N times too large: the mean's 1/N comes in with the loss's own "
        "cotangent, from loss_bwd":
            mean_forgotten,
        "your numbers are right to seven digits only: float32 has no more, and checks by small "
        "steps need sixteen. Compute in the precision of what you are given":
            single_precision,
    },
    variants={
        "written out, in another order": written_out,
        "the mean over examples taken last": mean_taken_last,
    },
)
