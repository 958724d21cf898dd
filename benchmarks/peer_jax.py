"""JAX with the whole training loop in one compiled program; several seeds by `vmap`."""

from __future__ import annotations

import math
import time

import jax
import jax.numpy as jnp
from jax import lax

from mnist1d_edu.data import get_dataset_args, make_dataset

from .rows import BATCH, EVAL_EVERY

SHAPES = {
    "mlp": {"linear1": (100, 40), "linear2": (100, 100), "linear3": (10, 100)},
    "cnn": {"conv1": (25, 1, 5), "conv2": (25, 25, 3), "conv3": (25, 25, 3), "linear": (10, 125)},
}


def prepare(row: str, steps: int, seeds: int):
    """A function that trains `seeds` models and returns the seconds of a step of one of them."""
    dataset = make_dataset(get_dataset_args())
    x, x_test = (jnp.asarray(dataset[key], jnp.float32) for key in ("x", "x_test"))
    y, y_test = (jnp.asarray(dataset[key], jnp.int32) for key in ("y", "y_test"))
    logits = {"mlp": mlp, "cnn": cnn}[row]

    def train_one(key):
        return train(logits, initial(key, SHAPES[row]), x, y, x_test, y_test, steps)

    train_all = jax.jit(jax.vmap(train_one) if seeds > 1 else train_one)
    keys = jax.random.split(jax.random.key(0), seeds) if seeds > 1 else jax.random.key(0)
    jax.block_until_ready(train_all(keys))  # compiles

    def run() -> float:
        start = time.perf_counter()
        jax.block_until_ready(train_all(keys))
        return (time.perf_counter() - start) / (steps * seeds)

    return run


def train(logits, params, x, y, x_test, y_test, steps: int):
    """Adam over batches in file order; losses and accuracies before, every 250 steps and after."""
    gradient = jax.grad(lambda p, *batch: cross_entropy(logits(p, batch[0]), batch[1]))

    def step(number, state):
        first = number * BATCH % len(x)
        batch = (lax.dynamic_slice_in_dim(v, first, BATCH) for v in (x, y))
        return adam(state, gradient(state[0], *batch), number + 1)

    def evaluate(params):
        both = [(logits(params, a), b) for a, b in ((x, y), (x_test, y_test))]
        return [(cross_entropy(out, b), 100 * jnp.mean(out.argmax(-1) == b)) for out, b in both]

    def block(state, number):
        measured = evaluate(state[0])
        start = number * EVAL_EVERY
        stop = jnp.minimum(start + EVAL_EVERY, steps)
        return lax.fori_loop(start, stop, step, state), measured

    zeros = jax.tree.map(jnp.zeros_like, params)
    blocks = jnp.arange(math.ceil(steps / EVAL_EVERY))
    state, history = lax.scan(block, (params, zeros, zeros), blocks)
    return state[0], history, evaluate(state[0])


def adam(state, grads, t, rate=1e-2, beta1=0.9, beta2=0.999, eps=1e-8):
    """One update of (params, first moments, second moments)."""
    params, m, v = state
    m = jax.tree.map(lambda a, g: beta1 * a + (1 - beta1) * g, m, grads)
    v = jax.tree.map(lambda a, g: beta2 * a + (1 - beta2) * g * g, v, grads)
    up, root = rate / (1 - beta1**t), jnp.sqrt(1 - beta2**t)
    params = jax.tree.map(lambda p, a, b: p - up * a / (jnp.sqrt(b) / root + eps), params, m, v)
    return params, m, v


def initial(key, shapes):
    """PyTorch's default: weights and biases uniform within 1 / sqrt(fan_in)."""
    params = {}
    for name, shape in shapes.items():
        key, weight, bias = jax.random.split(key, 3)
        bound = 1 / math.sqrt(math.prod(shape[1:]))
        params[name] = (jax.random.uniform(weight, shape, minval=-bound, maxval=bound),
                        jax.random.uniform(bias, shape[:1], minval=-bound, maxval=bound))
    return params


def mlp(params, x):
    h = jax.nn.relu(linear(params["linear1"], x))
    return linear(params["linear3"], h + jax.nn.relu(linear(params["linear2"], h)))


def cnn(params, x):
    h = x[:, None]
    for name in ("conv1", "conv2", "conv3"):
        weight, bias = params[name]
        h = lax.conv_general_dilated(h, weight, (2,), [(1, 1)],
                                     dimension_numbers=("NCH", "OIH", "NCH"))
        h = jax.nn.relu(h + bias[:, None])
    return linear(params["linear"], h.reshape(len(x), -1))


def linear(layer, x):
    return x @ layer[0].T + layer[1]


def cross_entropy(logits, y):
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1))
