"""17.by_depth: a probe on each layer (UDL 9.3)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def by_depth(layers, probe, x, x_test):
    found = [probe(x, x_test)]
    for layer in layers:
        x, x_test = layer(x), layer(x_test)
        found.append(probe(x.reshape(len(x), -1), x_test.reshape(len(x_test), -1)))
    return found


def told(x, x_test):
    """A probe whose answer depends on everything that it is given, and its order."""
    if np.ndim(x) != 2 or np.ndim(x_test) != 2:
        raise ValueError("a probe takes arrays of two axes, (N, features)")
    x, x_test = np.asarray(x), np.asarray(x_test)
    return float((x * (1 + np.arange(x.shape[1]))).sum()
                 + 7 * (x_test * np.cos(np.arange(x_test.shape[1]))).sum() + x.shape[1] / 3)


def widen(x):
    return np.stack([x, np.maximum(x, 0), x**2], axis=1)


def narrow(x):
    return x[..., ::2] + 1


def flat(x):
    return np.tanh(x.reshape(len(x), -1)[:, ::-1])


def nets(rng: np.random.RandomState) -> list[tuple]:
    """layers, probe, x (N, L), x_test (M, L): one layer to read, then more, with channels."""
    return [([np.tanh], told, np.array([[1.0, -2.0]]), np.array([[0.5, 3.0]])),
            ([], told, rng.randn(2, 3), rng.randn(1, 3)),
            ([widen, narrow, flat], told, rng.randn(4, 7), rng.randn(3, 7)),
            ([widen, narrow, np.sin, flat, np.abs], told, rng.randn(3, 5), rng.randn(4, 5))]


# ---- what students write
def without_the_input(layers, probe, x, x_test):
    return by_depth(layers, probe, x, x_test)[1:]


def without_the_output(layers, probe, x, x_test):
    return by_depth(layers[:-1], probe, x, x_test)


def only_the_output(layers, probe, x, x_test):
    return by_depth(layers, probe, x, x_test)[-1:]


def each_on_the_input(layers, probe, x, x_test):
    return [probe(x, x_test), *(probe(layer(x).reshape(len(x), -1),
                                      layer(x_test).reshape(len(x_test), -1))
                                for layer in layers)]


def test_as_it_was(layers, probe, x, x_test):
    found, start = [probe(x, x_test)], x_test
    for layer in layers:
        x = layer(x)
        found.append(probe(x.reshape(len(x), -1), start))
    return found


def test_by_one_layer(layers, probe, x, x_test):
    found = [probe(x, x_test)]
    for layer in layers:
        x = layer(x)
        found.append(probe(x.reshape(len(x), -1), layer(x_test).reshape(len(x_test), -1)))
    return found


def not_flattened(layers, probe, x, x_test):
    found = [probe(x, x_test)]
    for layer in layers:
        x, x_test = layer(x), layer(x_test)
        found.append(probe(x, x_test))
    return found


def flattened_for_good(layers, probe, x, x_test):
    found = [probe(x, x_test)]
    for layer in layers:
        x, x_test = (layer(rows).reshape(len(rows), -1) for rows in (x, x_test))
        found.append(probe(x, x_test))
    return found


def probe_exchanged(layers, probe, x, x_test):
    return by_depth(layers, lambda a, b: probe(b, a), x, x_test)


def on_the_training_set(layers, probe, x, x_test):
    return by_depth(layers, lambda a, b: probe(a, a), x, x_test)


def from_the_output(layers, probe, x, x_test):
    return by_depth(layers, probe, x, x_test)[::-1]


def layers_from_the_end(layers, probe, x, x_test):
    return by_depth(layers[::-1], probe, x, x_test)


def averaged_over_positions(layers, probe, x, x_test):
    def pooled(rows):
        return rows.mean(axis=-1) if rows.ndim == 3 else rows
    found = [probe(x, x_test)]
    for layer in layers:
        x, x_test = layer(x), layer(x_test)
        found.append(probe(pooled(x), pooled(x_test)))
    return found


# ---- other right answers
def again(layers, probe, x, x_test):
    """Each representation computed anew from the input."""
    found = []
    for depth in range(len(layers) + 1):
        a, b = x, x_test
        for layer in layers[:depth]:
            a, b = layer(a), layer(b)
        found.append(probe(a.reshape(a.shape[0], int(np.prod(a.shape[1:]))),
                           b.reshape(b.shape[0], int(np.prod(b.shape[1:])))))
    return np.array(found)


def accumulated(layers, probe, x, x_test):
    from itertools import accumulate
    pairs = accumulate(layers, lambda pair, layer: (layer(pair[0]), layer(pair[1])),
                       initial=(x, x_test))
    return tuple(probe(*(part.reshape(len(part), -1) for part in pair)) for pair in pairs)


EXERCISE = Exercise(
    "17.by_depth", "A probe on each layer", by_depth, probes=nets,
    drive=lambda answer, *arguments: np.array(list(answer(*arguments)), float),
    hints=(
        "Start with the probe on x and x_test themselves. Then a loop: apply the layer to what the "
        "last one made, probe, go on.",
        "A convolution makes (N, channels, positions); a probe wants (N, features): give it "
        "`x.reshape(len(x), -1)`, and the next layer the array as it was.",
    ),
    mistakes={
        "the input is missing: begin with the probe on x and x_test themselves": without_the_input,
        "the output is missing: probe after the last layer too": without_the_output,
        "this is the output alone: one number for the input and one for each layer":
            only_the_output,
        "each of your layers is applied to the signals: it takes what the layer before it made":
            each_on_the_input,
        "the test signals do not go through the layers: apply each layer to them too":
            test_as_it_was,
        "each of your layers is applied to the test signals as they were: it takes what the layer "
        "before it made, as for x": test_by_one_layer,
        "you gave the probe an array with three axes: flatten the features of each example, "
        "reshape(len(x), -1)": not_flattened,
        "you gave the flattened array to the next layer, which expects channels and positions: "
        "flatten for the probe only": flattened_for_good,
        "you exchanged training and test signals in the probe: probe(training, test)":
            probe_exchanged,
        "you tested the probe on the training signals: its second argument is for the test signals":
            on_the_training_set,
        "your list goes from the output to the input: begin with the input": from_the_output,
        "you applied the last layer first": layers_from_the_end,
        "you averaged over the positions: give the probe all features, reshape(len(x), -1)":
            averaged_over_positions,
    },
    variants={"anew for each depth": again, "itertools.accumulate": accumulated},
)
