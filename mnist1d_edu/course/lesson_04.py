"""Lesson 04: backpropagation by hand (UDL 7.1 to 7.4). Finite differences, then the backward passes
of the linear layer, the ReLU, the loss, and of the paper's whole MLP."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import exercise

# ---------------------------------------------------------------------------- finite differences


def sum_of_squares(x):
    return float((x**2).sum())


def mixed(x):
    """A sum in which neighbours feel each other, with a third derivative."""
    return float((x**3).sum() + (x.ravel()[:-1] * x.ravel()[1:]).sum())


def _functions(rng: np.random.RandomState) -> list[tuple]:
    return [(sum_of_squares, np.array([3.0]), 0.1), (sum_of_squares, np.array([1.0, -2.0]), 0.5),
            (mixed, rng.randn(2, 3), 0.1), (mixed, rng.randn(5), 0.01)]


@exercise(
    "04.numeric_gradient", "The gradient by finite differences", points=2, probes=_functions,
    hints=(
        "One element at a time: for index in np.ndindex(x.shape) walks over all of them, whatever "
        "the shape of x. How often must f be called for each?",
        "Make a fresh copy of x for each value that you need, and change a single element of it: "
        "moved = x.copy(), then moved[index] += step.",
        "slopes[index] = (f(moved up) - f(moved down)) / (2 * step), in an array "
        "slopes = np.zeros(x.shape).",
    ))
def numeric_gradient(f, x, step=1e-5):
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.copy()
        moved[index] = x[index] + step
        above = f(moved)
        moved[index] = x[index] - step
        slopes[index] = (above - f(moved)) / (2 * step)
    return slopes


def _differences(f, x, up, down):
    """(f(x + up) - f(x + down)) / (up - down) in each element."""
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += up
        below[index] += down
        slopes[index] = (f(above) - f(below)) / (up - down)
    return slopes


@numeric_gradient.mistake("you compare f(x + step) with f(x): take the central difference, "
                          "f(x + step) - f(x - step), whose error is much smaller")
def _(f, x, step=1e-5):
    return _differences(f, x, step, 0)


@numeric_gradient.mistake("your slopes are twice too large: from x - step to x + step it is "
                          "2 * step, so divide by that")
def _(f, x, step=1e-5):
    return 2 * _differences(f, x, step, -step)


@numeric_gradient.mistake("your slopes have the wrong sign: the value at x + step comes first, "
                          "then take away the one at x - step")
def _(f, x, step=1e-5):
    return -_differences(f, x, step, -step)


@numeric_gradient.mistake("x + step moves all elements at once, and one number comes out: move "
                          "one element at a time, with the others left where they are")
def _(f, x, step=1e-5):
    return (f(x + step) - f(x - step)) / (2 * step)


@numeric_gradient.mistake("an element that you moved stays moved while you try the next ones: "
                          "start each element from a fresh x.copy()")
def _(f, x, step=1e-5):
    slopes, above, below = np.zeros(x.shape), x.copy(), x.copy()
    for index in np.ndindex(x.shape):
        above[index] += step
        below[index] -= step
        slopes[index] = (f(above) - f(below)) / (2 * step)
    return slopes


@numeric_gradient.mistake("moved = x makes no copy: both names show the same array, so x itself is "
                          "moved, and never put back. Write x.copy()")
def _(f, x, step=1e-5):
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        moved = x
        moved[index] += step
        above = f(moved)
        moved[index] -= 2 * step
        slopes[index] = (above - f(moved)) / (2 * step)
    return slopes


@numeric_gradient.mistake("your slopes are right, but adding the step and taking it away again "
                          "leaves x changed in its last digit: work on a copy")
def _(f, x, step=1e-5):
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += step
        above = f(x)
        x[index] -= 2 * step
        slopes[index] = (above - f(x)) / (2 * step)
        x[index] += step
    return slopes


@numeric_gradient.variant("two copies an element")
def _(f, x, step=1e-5):
    return _differences(f, x, step, -step)


@numeric_gradient.variant("one flat direction at a time")
def _(f, x, step=1e-5):
    directions = np.eye(x.size).reshape(x.size, *x.shape) * step
    return np.array([(f(x + d) - f(x - d)) / (2 * step) for d in directions]).reshape(x.shape)


# ---------------------------------------------------------------------------- the linear layer


def _linear_layers(rng: np.random.RandomState) -> list[tuple]:
    square = np.array([[1.0, 0.0], [2.0, -1.0]]), np.array([[1.0, 2.0], [-3.0, 5.0]]), \
        np.array([[1.0, -2.0], [4.0, 3.0]])
    return [square, *((rng.randn(n, o), rng.randn(n, i), rng.randn(o, i))
                      for n, i, o in ((3, 4, 2), (6, 2, 5)))]


@exercise(
    "04.linear_backward", "Back through a linear layer", points=2, probes=_linear_layers,
    hints=(
        "Let the shapes lead you. A gradient has the shape of the thing that it belongs to: from "
        "g (N, out) and weight (out, in), how do you get (N, in)?",
        "For one example, a_o = sum_i W_oi x_i + b_o. So x_i reaches a_o with the factor W_oi, and "
        "W_oi reaches a_o with the factor x_i, in every example n: sum over n.",
        "g_x = g @ weight; g_weight = g.T @ x; the bias is added to every example, so g_bias sums "
        "g over the examples, axis 0.",
    ))
def linear_backward(g, x, weight):
    return g @ weight, g.T @ x, g.sum(axis=0)


@linear_backward.mistake("g_x: forward the layer multiplies by weight.T, so on the way back it is "
                         "weight itself, not its transpose")
def _(g, x, weight):
    return g @ weight.T, g.T @ x, g.sum(axis=0)


@linear_backward.mistake("g_weight lies on its side, (in, out): it must have the shape of weight, "
                         "(out, in)")
def _(g, x, weight):
    return g @ weight, x.T @ g, g.sum(axis=0)


@linear_backward.mistake("g_bias still counts the examples: the one bias serves all of them, so "
                         "their cotangents add up, over axis 0")
def _(g, x, weight):
    return g @ weight, g.T @ x, g


@linear_backward.mistake("g_bias is a single number: every output has a bias of its own, so sum "
                         "over the examples only, axis 0")
def _(g, x, weight):
    return g @ weight, g.T @ x, g.sum()


@linear_backward.mistake("g_bias is summed over the outputs: sum over the examples, axis 0")
def _(g, x, weight):
    return g @ weight, g.T @ x, g.sum(axis=1)


@linear_backward.mistake("g_bias is averaged: here cotangents are only added up. The mean over the "
                         "batch belongs to the loss, which has put 1/N into g already")
def _(g, x, weight):
    return g @ weight, g.T @ x, g.mean(axis=0)


@linear_backward.mistake("you divided by the number of examples: that mean belongs to the loss, "
                         "which has put 1/N into g already")
def _(g, x, weight):
    return g @ weight, g.T @ x / len(x), g.mean(axis=0)


@linear_backward.mistake("g_bias has shape (1, out): a bias has shape (out,), so leave keepdims "
                         "out")
def _(g, x, weight):
    return g @ weight, g.T @ x, g.sum(axis=0, keepdims=True)


@linear_backward.mistake("your three gradients are right, but in another order: return g_x, "
                         "g_weight, g_bias")
def _(g, x, weight):
    return g.T @ x, g.sum(axis=0), g @ weight


@linear_backward.variant("einsum")
def _(g, x, weight):
    return (np.einsum("no,oi->ni", g, weight), np.einsum("no,ni->oi", g, x),
            np.einsum("no->o", g))


@linear_backward.variant("one example after the other")
def _(g, x, weight):
    g_x, g_weight, g_bias = np.zeros_like(x), np.zeros_like(weight), np.zeros(len(weight))
    for n in range(len(g)):
        g_x[n] = weight.T @ g[n]
        g_weight += np.outer(g[n], x[n])
        g_bias += g[n]
    return [g_x, g_weight, g_bias]


@linear_backward.variant("single precision")
def _(g, x, weight):
    g, x, weight = (a.astype(np.float32) for a in (g, x, weight))
    return g @ weight, (x.T @ g).T, np.ones(len(g), np.float32) @ g


# ---------------------------------------------------------------------------- the ReLU


def _preactivations(rng: np.random.RandomState) -> list[tuple]:
    return [(np.array([[5.0, -7.0, 11.0, -2.0]]), np.array([[2.0, 3.0, -1.0, 0.0]])),
            (rng.randn(3, 5), rng.randn(3, 5)), (rng.randn(2, 4), rng.randn(2, 4).round())]


@exercise(
    "04.relu_backward", "Back through the ReLU", points=1, probes=_preactivations,
    hints=(
        "Where a was positive, relu(a) = a: how much does the output change when a does? And where "
        "a was negative?",
        "The slope is 1 where a > 0 and 0 elsewhere. `a > 0` is an array of True and False, which "
        "multiply like 1 and 0.",
    ))
def relu_backward(g, a):
    return g * (a > 0)


@relu_backward.mistake("this is the ReLU's slope alone: multiply the cotangent g by it (chain "
                       "rule)")
def _(g, a):
    return 1.0 * (a > 0)


@relu_backward.mistake("you put g itself through a ReLU: what decides is the sign of a, which went "
                       "through it on the way forward")
def _(g, a):
    return np.maximum(g, 0)


@relu_backward.mistake("you multiplied g by relu(a): it is the slope, 0 or 1, that g is "
                       "multiplied by")
def _(g, a):
    return g * np.maximum(a, 0)


@relu_backward.mistake("you let g through where a was negative, and stopped it where a was "
                       "positive: the other way round")
def _(g, a):
    return g * (a < 0)


@relu_backward.mistake("right but for a = 0: in this course (and in PyTorch) the slope there is 0, "
                       "so ask for a > 0, not a >= 0")
def _(g, a):
    return g * (a >= 0)


@relu_backward.mistake("your result is right, but you wrote it into g itself, which another branch "
                       "of the net may still need: make a new array")
def _(g, a):
    g[a <= 0] = 0
    return g


@relu_backward.must("the result must be 0 wherever a was negative")
def _(result, g, a):
    return (result[a < 0] == 0).all()


@relu_backward.must("where a was positive, g must go through unchanged")
def _(result, g, a):
    return np.allclose(result[a > 0], g[a > 0], atol=1e-5)


@relu_backward.variant("np.where")
def _(g, a):
    return np.where(a > 0, g, 0)


@relu_backward.variant("in place, on a copy")
def _(g, a):
    g = g.copy()
    g[a <= 0] = 0
    return g


# ---------------------------------------------------------------------------- the loss


def _logits(rng: np.random.RandomState) -> list[tuple]:
    return [(np.array([[0.0, 1.0, 0.0], [2.0, 0.0, -1.0]]), np.array([2, 0])),
            (rng.randn(4, 3), np.array([0, 2, 2, 1])),
            (3 * rng.randn(5, 10), rng.randint(0, 10, 5)),
            (np.array([[1000.0, 0.0], [-1000.0, 1.0], [3.0, 2.0]]), np.array([1, 1, 0]))]


def softmax(logits):
    exps = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


def _one_hot(logits, labels):
    return np.eye(logits.shape[1])[labels]


@exercise(
    "04.loss_backward", "Back through softmax and cross-entropy", points=2, probes=_logits,
    rtol=1e-4, atol=1e-6,  # a float64 one-hot makes a float32 answer look double
    hints=(
        "You met this in lesson 02: for one example the gradient is p - t, where p are the softmax "
        "probabilities and t is 1 at the right class and 0 elsewhere.",
        "The loss is the mean over N examples, so each of them counts 1/N. For p subtract each "
        "row's maximum before np.exp: nothing overflows then.",
        "In each row n exactly one element loses 1, that of column labels[n]: "
        "p[np.arange(N), labels] -= 1. Then divide by N.",
    ))
def loss_backward(logits, labels):
    return (softmax(logits) - _one_hot(logits, labels)) / len(logits)


@loss_backward.mistake("this is the gradient of the sum of the losses: for their mean divide by "
                       "the number of examples N")
def _(logits, labels):
    return softmax(logits) - _one_hot(logits, labels)


@loss_backward.mistake("these are the probabilities alone: the right class of each example loses 1 "
                       "(p - t)")
def _(logits, labels):
    return softmax(logits) / len(logits)


@loss_backward.mistake("your gradient points the wrong way: it is p - t. Raising the right class's "
                       "logit lowers the loss, so that element is negative")
def _(logits, labels):
    return (_one_hot(logits, labels) - softmax(logits)) / len(logits)


@loss_backward.mistake("you divided by the number of examples times the number of classes: each "
                       "example has one loss, so divide by N only")
def _(logits, labels):
    return (softmax(logits) - _one_hot(logits, labels)) / logits.size


@loss_backward.mistake("your probabilities sum to 1 down the batch: softmax runs over the classes, "
                       "the last axis")
def _(logits, labels):
    return (softmax(logits.T).T - _one_hot(logits, labels)) / len(logits)


@loss_backward.mistake("your probabilities sum to 1 over the whole batch: each example has its own "
                       "sum, along the last axis, with keepdims=True")
def _(logits, labels):
    exps = np.exp(logits)
    return (exps / exps.sum() - _one_hot(logits, labels)) / len(logits)


@loss_backward.mistake("p[:, labels] -= 1 takes 1 from these columns in *every* row: name the rows "
                       "too, p[np.arange(N), labels]")
def _(logits, labels):
    p = softmax(logits)
    p[:, labels] -= 1
    return p / len(logits)


@loss_backward.mistake("right until a logit is large: np.exp(1000) overflows. Subtract each row's "
                       "maximum first, which changes no probability")
def _(logits, labels):
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return (p - _one_hot(logits, labels)) / len(logits)


@loss_backward.mistake("this is the loss: its gradient has one number for every logit, (N, C)")
def _(logits, labels):
    return -np.log(softmax(logits)[np.arange(len(logits)), labels]).mean()


@loss_backward.must("every row of the gradient must sum to 0: adding the same number to all "
                    "logits of an example changes no probability")
def _(result, logits, labels):
    return np.allclose(result.sum(axis=1), 0, atol=1e-5)


@loss_backward.variant("by indexing, in place on its own array")
def _(logits, labels):
    p = softmax(logits)
    p[np.arange(len(p)), labels] -= 1
    p /= len(p)
    return p


@loss_backward.variant("example by example, in single precision")
def _(logits, labels):
    rows = []
    for row, label in zip(logits.astype(np.float32), labels, strict=True):
        p = softmax(row)
        p[label] -= 1
        rows.append(p / np.float32(len(logits)))
    return np.array(rows)


# ---------------------------------------------------------------------------- the whole MLP


def _parameters(rng: np.random.RandomState, inputs: int, hidden: int, classes: int) -> dict:
    shapes = {"linear1": (hidden, inputs), "linear2": (hidden, hidden),
              "linear3": (classes, hidden)}
    return {f"{name}.{part}": rng.randn(*(shape if part == "weight" else shape[:1]))
            for name, shape in shapes.items() for part in ("weight", "bias")}


def _batches(rng: np.random.RandomState) -> list[tuple]:
    return [(_parameters(rng, 2, 2, 2), rng.randn(1, 2)),
            (_parameters(rng, 3, 4, 2), rng.randn(5, 3)),
            (_parameters(rng, 5, 6, 3), rng.randn(4, 5))]


def _labelled_batches(rng: np.random.RandomState) -> list[tuple]:
    return [(params, x, rng.randint(0, len(params["linear3.bias"]), len(x)))
            for params, x in _batches(rng)]


def _linear(params, name, x):
    return x @ params[name + ".weight"].T + params[name + ".bias"]


@exercise(
    "04.mlp_forward", "The MLP, remembering everything", points=2, probes=_batches,
    hints=(
        "A linear layer is x @ weight.T + bias, with weight of shape (out, in): check that the "
        "shapes fit. The ReLU is np.maximum(a, 0).",
        "Make a new array at every stage (no out=, no +=): the way back needs each of them as it "
        "was.",
        "a1 from x; h1 = relu(a1); a2 from h1; h2 = h1 + relu(a2), which is the shortcut; logits "
        "from h2, with no ReLU after them. Return dict(a1=a1, h1=h1, a2=a2, h2=h2, logits=logits).",
    ))
def mlp_forward(params, x):
    a1 = _linear(params, "linear1", x)
    h1 = np.maximum(a1, 0)
    a2 = _linear(params, "linear2", h1)
    h2 = h1 + np.maximum(a2, 0)
    return {"a1": a1, "h1": h1, "a2": a2, "h2": h2, "logits": _linear(params, "linear3", h2)}


def _forward_with(params, x, second, relu=lambda a: np.maximum(a, 0)):
    """The forward pass with another way to make h2 of h1 and a2, or another ReLU."""
    a1 = _linear(params, "linear1", x)
    h1 = relu(a1)
    a2 = _linear(params, "linear2", h1)
    h2 = second(h1, a2)
    return {"a1": a1, "h1": h1, "a2": a2, "h2": h2, "logits": _linear(params, "linear3", h2)}


@mlp_forward.mistake("the shortcut is missing: h2 = h1 + relu(a2)")
def _(params, x):
    return _forward_with(params, x, lambda h1, a2: np.maximum(a2, 0))


@mlp_forward.mistake("the shortcut goes around the ReLU: h2 = h1 + relu(a2), not relu(h1 + a2)")
def _(params, x):
    return _forward_with(params, x, lambda h1, a2: np.maximum(h1 + a2, 0))


@mlp_forward.mistake("the second ReLU is missing: h2 = h1 + relu(a2)")
def _(params, x):
    return _forward_with(params, x, lambda h1, a2: h1 + a2)


@mlp_forward.mistake("the logits are what the last layer gives, with no ReLU after it: they may be "
                     "negative")
def _(params, x):
    found = mlp_forward(params, x)
    return found | {"logits": np.maximum(found["logits"], 0)}


@mlp_forward.mistake("your h1 came out equal to h2: h += relu(a2) writes into the array that h1 "
                     "names too, and the way back needs the old one. Write h2 = h1 + ...")
def _(params, x):
    found = mlp_forward(params, x)
    return found | {"h1": found["h2"]}


@mlp_forward.mistake("your a1 and a2 are without negative numbers: the ReLU wrote over its own "
                     "input, and the way back needs a1 and a2 as they were. Make new arrays")
def _(params, x):
    found = mlp_forward(params, x)
    return found | {"a1": np.maximum(found["a1"], 0), "a2": np.maximum(found["a2"], 0)}


@mlp_forward.mistake("your biases are missing: each linear layer is x @ weight.T + bias")
def _(params, x):
    return mlp_forward({name: value * (0 if name.endswith("bias") else 1)
                        for name, value in params.items()}, x)


@mlp_forward.mistake("your weights are on their side: weight is (out, in), so a layer is "
                     "x @ weight.T + bias")
def _(params, x):
    found, h = {}, x
    for i in (1, 2, 3):
        a = h @ params[f"linear{i}.weight"] + params[f"linear{i}.bias"]
        h = np.maximum(a, 0) if i == 1 else h + np.maximum(a, 0)
        found |= {"logits": a} if i == 3 else {f"a{i}": a, f"h{i}": h}
    return found


@mlp_forward.mistake("these are the logits alone: the way back needs a1, h1, a2 and h2 as well, so "
                     "return all five in a dict")
def _(params, x):
    return mlp_forward(params, x)["logits"]


@mlp_forward.variant("einsum, and np.where for the ReLU")
def _(params, x):
    def layer(i, h):
        return np.einsum("ni,oi->no", h, params[f"linear{i}.weight"]) + params[f"linear{i}.bias"]
    a1 = layer(1, x)
    h1 = np.where(a1 > 0, a1, 0)
    a2 = layer(2, h1)
    h2 = np.where(a2 > 0, h1 + a2, h1)
    return dict(logits=layer(3, h2), h2=h2, a2=a2, h1=h1, a1=a1)


@mlp_forward.variant("single precision")
def _(params, x):
    small = {name: value.astype(np.float32) for name, value in params.items()}
    return mlp_forward(small, x.astype(np.float32))


@exercise(
    "04.mlp_backward", "The backward pass of the whole MLP", points=3, probes=_labelled_batches,
    rtol=1e-4, atol=1e-6,
    hints=(
        "Start with the loss and walk the graph from right to left: logits, h2, then both ways "
        "that lead from h1 to h2, then a1. Each step is one of the functions that you have.",
        "h1 is used twice, by the shortcut and by linear2. Its cotangent is the *sum* of what "
        "comes back along both ways.",
        "g_h2 comes from linear3 (whose input was h2). g_a2 = relu_bwd(g_h2, a2). linear2 (input "
        "h1) turns g_a2 into one part of g_h1; the shortcut adds g_h2 itself.",
    ))
def mlp_backward(params, x, labels):
    return _backward(params, x, labels)


def _backward(params, x, labels, shortcut=1.0, branch=1.0, mask1="a1", mask2="a2", last_input="h2",
              outer=None):
    """The backward pass, or one with a fault: a way left out, a wrong array at some place."""
    seen = mlp_forward(params, x)
    grads = {}

    def back(name, g, layer_input):
        g_x, grads[name + ".weight"], grads[name + ".bias"] = linear_backward(
            g, layer_input, params[name + ".weight"])
        return g_x

    g_h2 = back("linear3", loss_backward(seen["logits"], labels), seen[last_input])
    g_a2 = g_h2 if mask2 is None else relu_backward(g_h2, seen[mask2])
    around = g_h2 if outer is None else relu_backward(g_h2, seen[outer])
    g_h1 = branch * back("linear2", g_a2, seen["h1"]) + shortcut * around
    back("linear1", g_h1 if mask1 is None else relu_backward(g_h1, seen[mask1]), x)
    return {name: grads[name] for name in params}


_MLP_FAULTS = {
    "you forgot the shortcut: h1 goes into h2 directly as well, so g_h2 itself must be added to "
    "the cotangent of h1": {"shortcut": 0.0},
    "only the shortcut's part arrives at h1: add what comes back through relu and linear2, the "
    "first value of their lin_bwd": {"branch": 0.0},
    "the second ReLU is asked with h2: what went through it was a2, and h2 has h1 added":
        {"mask2": "h2"},
    "the first ReLU is left out on the way back: relu_bwd(g_h1, a1) before linear1":
        {"mask1": None},
    "the second ReLU is left out on the way back: relu_bwd(g_h2, a2) before linear2":
        {"mask2": None},
    "linear3 is given h1: its input on the way forward was h2, and its weight's gradient needs "
    "that": {"last_input": "h1"},
    "the cotangent on the shortcut went through the second ReLU: the shortcut goes around it, so "
    "add g_h2, not g_a2": {"outer": "a2"},
}
for _sentence, _fault in _MLP_FAULTS.items():
    mlp_backward.mistake(_sentence)(
        lambda params, x, labels, fault=_fault: _backward(params, x, labels, **fault))


@mlp_backward.mistake("your gradients are N times too large: the mean's 1/N comes in with the "
                      "loss's own cotangent, from loss_bwd")
def _(params, x, labels):
    return {name: g * len(x) for name, g in mlp_backward(params, x, labels).items()}


@mlp_backward.variant("written out, in another order")
def _(params, x, labels):
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


@mlp_backward.variant("the mean over examples taken last")
def _(params, x, labels):
    parts = [mlp_backward(params, x[n:n + 1], labels[n:n + 1]) for n in range(len(x))]
    return {name: sum(part[name] for part in parts) / len(x) for name in params}


@mlp_backward.variant("single precision")
def _(params, x, labels):
    small = {name: value.astype(np.float32) for name, value in params.items()}
    return mlp_backward(small, x.astype(np.float32), labels)
