"""05.backward: the backward pass, through any graph (UDL 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_05.newest_first import newest_first
from mnist1d_edu.course.exercises.lesson_05.recorded import leads_to
from mnist1d_edu.course.exercises.lesson_05.tensor import Tensor
from mnist1d_edu.course.exercises.lesson_05.unbroadcast import unbroadcast


def backward(nodes, g):
    found = {nodes[0].number: g}
    for node in nodes:
        for parent, rule in node.parents:
            new = unbroadcast(rule(found[node.number]), parent.shape)
            found[parent.number] = found[parent.number] + new if parent.number in found else new
    return found


def product_and_sum(a, b):
    return a * b + a


def cube_times_b(a, b):
    return a * a * a * b


def layer_with_shortcut(a, b):
    h = (a @ b).relu()
    return (h + a).exp() * b.sum()


def row_and_column(a, b):
    return a * b * 2 + a


def expressions(rng: np.random.RandomState) -> list[tuple]:
    """f, a, b: tensors used several times, broadcast, and through every kind of rule."""
    return [(product_and_sum, np.array([2.0]), np.array([5.0])),
            (cube_times_b, np.array([2.0, -1.0]), np.array([3.0, 4.0])),
            (row_and_column, rng.randn(1, 3), rng.randn(4, 1)),
            (layer_with_shortcut, rng.randn(2, 3), rng.randn(3, 3)),
            (row_and_column, rng.randn(3), rng.randn(2, 3))]


def drive(answer, f, a, b):
    x, w = Tensor(a), Tensor(b)
    y = f(x, w)
    g = Tensor(np.linspace(1.5, 2.5, y.data.size).reshape(y.shape))
    found = answer(newest_first(y), g)
    if not isinstance(found, dict):
        return found
    if not {x.number, w.number} <= set(found):
        return "a dict without the numbers of the inputs"
    return {"cotangent of a": found[x.number].data, "cotangent of b": found[w.number].data,
            "recorded": [leads_to(found[x.number], w), leads_to(found[w.number], x)]}


# ---- what students write
def walk(nodes, g, combine=lambda old, new: old + new, fit=unbroadcast, incoming=None):
    """The backward pass, with a fault in one place."""
    found = {nodes[0].number: g}
    for node in nodes:
        for parent, rule in node.parents:
            new = fit(rule(incoming or found[node.number]), parent.shape)
            old = found.get(parent.number)
            found[parent.number] = new if old is None else combine(old, new)
    return found


def keyed_by_tensors(nodes, g):
    numbers = {node.number: node for node in nodes}
    return {numbers[number]: value for number, value in backward(nodes, g).items()}


# ---- other right answers
def collected(nodes, g):
    parts, found = {nodes[0].number: [g]}, {}
    for node in nodes:
        total, *others = parts[node.number]
        for other in others:
            total = total + other
        found[node.number] = total
        for parent, rule in node.parents:
            parts.setdefault(parent.number, []).append(unbroadcast(rule(total), parent.shape))
    return found


EXERCISE = Exercise(
    "05.backward", "The backward pass", backward, points=3, probes=expressions, drive=drive,
    hints=(
        "Keep a dict from a tensor's number to its cotangent, and start it with that of nodes[0]. "
        "When you come to a node, its own cotangent is complete: why?",
        "For each (parent, rule) of the node: rule(the node's cotangent) is a contribution to the "
        "parent's cotangent. fit_to(..., parent.shape) gives it the parent's shape.",
        "If the parent has a cotangent already, add the new contribution to it, with + on tensors; "
        "else it is the first.",
    ),
    mistakes={
        "a tensor that is used twice keeps only one of its contributions: add the new one to what "
        "is there already":
            lambda nodes, g: walk(nodes, g, combine=lambda old, new: new),
        "a tensor that is used twice keeps only its first contribution: add the new one to what is "
        "there already":
            lambda nodes, g: walk(nodes, g, combine=lambda old, new: old),
        "a cotangent has another shape than its tensor, which was broadcast: put every "
        "contribution through fit_to(..., parent.shape)":
            lambda nodes, g: walk(nodes, g, fit=lambda new, shape: new),
        "you gave every rule the cotangent of y: a rule is given the cotangent of its own node, "
        "found[node.number]":
            lambda nodes, g: walk(nodes, g, incoming=g),
        "you start from ones: start from the cotangent g that you are given":
            lambda nodes, g: backward(nodes, Tensor(np.ones(g.shape))),
        "right numbers, but you added .data: the sum is not recorded, and there can be no gradient "
        "of a gradient. Add the tensors":
            lambda nodes, g: walk(nodes, g, combine=lambda old, new: Tensor(old.data + new.data)),
        "you asked for a cotangent before it was there (KeyError): go through nodes in the order "
        "given, newest first, starting with found = {nodes[0].number: g}":
            lambda nodes, g: {node.number: {}[node.number] for node in nodes},
        "your dict is not keyed by the tensors' numbers: found[parent.number]": keyed_by_tensors,
    },
    variants={
        "contributions collected, added when their node comes": collected,
        "added the other way round":
            lambda nodes, g: walk(nodes, g, combine=lambda old, new: new + old),
    },
)
