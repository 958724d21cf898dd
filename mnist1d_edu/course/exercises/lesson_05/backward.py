"""05.backward: the backward pass, through any graph (UDL 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings
from mnist1d_edu.course.exercises.lesson_05.newest_first import newest_first
from mnist1d_edu.course.exercises.lesson_05.recorded import counted, leads_to, tensors_of
from mnist1d_edu.course.exercises.lesson_05.unbroadcast import unbroadcast


def backward(nodes, g, leads):
    found = {nodes[0].number: g}
    for node in nodes:
        for parent, rule in node.parents:
            if parent.number in leads:
                new = unbroadcast(rule(found[node.number], node), parent.shape)
                old = found.get(parent.number)
                found[parent.number] = new if old is None else old + new
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


def product_doubled_9_times(a, b):
    y = a * b
    for _ in range(9):
        y = y + y
    return y


def expressions(rng: np.random.RandomState) -> list[tuple]:
    """f, a, b, and the inputs that need a cotangent: tensors used several times, broadcast, and
    through every kind of rule."""
    return [(product_and_sum, np.array([2.0]), np.array([5.0]), "ab"),
            (cube_times_b, np.array([2.0, -1.0]), np.array([3.0, 4.0]), "ab"),
            (row_and_column, rng.randn(1, 3), rng.randn(4, 1), "ab"),
            (layer_with_shortcut, rng.randn(2, 3), rng.randn(3, 3), "ab"),
            (row_and_column, rng.randn(3), rng.randn(2, 3), "ab"),
            (product_doubled_9_times, rng.randn(2), rng.randn(2), "ab"),
            (product_and_sum, np.array([2.0]), np.array([5.0]), "b"),
            (layer_with_shortcut, rng.randn(2, 3), rng.randn(3, 3), "a")]


def drive(answer, f, a, b, wanted):
    kind = tensors_of(answer)
    x, w = kind(a), kind(b)
    y = f(x, w)
    nodes = newest_first(y)
    targets = [t for name, t in (("a", x), ("b", w)) if name in wanted]
    leads = {node.number for node in nodes if any(leads_to(node, t) for t in targets)}
    if wanted == "ab":
        leads = {node.number for node in nodes}
    called = counted(nodes)
    g = kind(np.linspace(1.5, 2.5, y.data.size).reshape(y.shape))
    found = answer(nodes, g, leads)
    if not isinstance(found, dict):
        return found
    if not leads <= set(found):
        inputs = {t.number for t in targets} <= set(found)
        return "a dict of the inputs alone" if inputs else "a dict without the inputs' numbers"
    told = {f"cotangent of {name}": found[t.number].data
            for name, t in (("a", x), ("b", w)) if name in wanted}
    told["others"] = [found[node.number].data for node in nodes if node.number in leads][:20]
    told["recorded"] = [leads_to(found[t.number], g) for t in targets]
    told["a rule called again and again"] = max(called.values(), default=0) > 10
    told["rules called that lead nowhere"] = any(n not in leads for _, n in called)
    return told


# ---- what students write
def add(old, new):
    return old + new


def walk(nodes, g, leads, combine=add, fit=unbroadcast, incoming=None, skip=True):
    """The backward pass, with a fault in one place."""
    found = {nodes[0].number: g}
    for node in nodes:
        for parent, rule in node.parents:
            if skip and parent.number not in leads:
                continue
            new = fit(rule(incoming or found[node.number], node), parent.shape)
            old = found.get(parent.number)
            found[parent.number] = new if old is None else combine(old, new)
    return found


def along_every_path(nodes, g, leads):
    found = {}

    def go_on(node, g):
        found[node.number] = found[node.number] + g if node.number in found else g
        for parent, rule in node.parents:
            if parent.number in leads:
                go_on(parent, unbroadcast(rule(g, node), parent.shape))
    go_on(nodes[0], g)
    return found


def inputs_alone(nodes, g, leads):
    found = backward(nodes, g, leads)
    inputs = {node.number for node in nodes if not node.parents}
    return {number: value for number, value in found.items() if number in inputs}


def dropped(nodes, g, leads):
    found = {nodes[0].number: g}
    for node in nodes:
        if not node.parents or node.number not in leads:
            continue
        mine = found.pop(node.number)
        for parent, rule in node.parents:
            if parent.number in leads:
                new = unbroadcast(rule(mine, node), parent.shape)
                old = found.get(parent.number)
                found[parent.number] = new if old is None else old + new
    return found


def keyed_by_tensors(nodes, g, leads):
    numbers = {node.number: node for node in nodes}
    return {numbers[number]: value for number, value in backward(nodes, g, leads).items()}


def first_parents(nodes, g, leads):
    found = {node.number: node.record(np.zeros(node.shape)) for node in nodes}
    found[nodes[0].number] = g
    for node in nodes:
        for parent, rule in node.parents[:1]:
            if parent.number in leads:
                found[parent.number] = found[parent.number] + unbroadcast(
                    rule(found[node.number], node), parent.shape)
    return found


# ---- other right answers
def collected(nodes, g, leads):
    parts, found = {nodes[0].number: [g]}, {}
    for node in nodes:
        if node.number not in leads:
            continue
        total, *others = parts[node.number]
        for other in others:
            total = total + other
        found[node.number] = total
        for parent, rule in node.parents:
            if parent.number in leads:
                parts.setdefault(parent.number, []).append(
                    unbroadcast(rule(total, node), parent.shape))
    return found


def from_zeros(nodes, g, leads):
    kind = type(g)
    found = {node.number: kind(np.zeros(node.shape, g.data.dtype)) for node in nodes}
    found[nodes[0].number] = found[nodes[0].number] + g
    for node in nodes:
        for parent, rule in node.parents:
            if parent.number in leads:
                found[parent.number] += unbroadcast(rule(found[node.number], node), parent.shape)
    return found


EXERCISE = Exercise(
    "05.backward", "The backward pass", backward, points=3, probes=expressions, drive=drive,
    hints=(
        "Keep a dict from a tensor's number to its cotangent, and start it with that of nodes[0]. "
        "When you come to a node, its own cotangent is complete: why?",
        "For each (parent, rule) of the node whose parent's number is in leads: rule(the node's "
        "cotangent, the node) is a contribution to the parent's cotangent. "
        "fit_to(..., parent.shape) gives it the parent's shape.",
        "If the parent has a cotangent already, add the new contribution to it, with + on tensors; "
        "else it is the first.",
    ),
    mistakes={
        "a tensor that is used twice keeps only one of its contributions: add the new one to what "
        "is there already":
            lambda nodes, g, leads: walk(nodes, g, leads, combine=lambda old, new: new),
        "a tensor that is used twice keeps only its first contribution: add the new one to what is "
        "there already":
            lambda nodes, g, leads: walk(nodes, g, leads, combine=lambda old, new: old),
        "a cotangent has another shape than its tensor, which was broadcast: put every "
        "contribution through fit_to(..., parent.shape)":
            lambda nodes, g, leads: walk(nodes, g, leads, fit=lambda new, shape: new),
        "you gave every rule the cotangent of y: a rule is given the cotangent of its own node, "
        "found[node.number]":
            lambda nodes, g, leads: walk(nodes, g, leads, incoming=g),
        "you start from ones: start from the cotangent g that you are given":
            lambda nodes, g, leads: backward(nodes, g.record(np.ones(g.shape)), leads),
        "right numbers, but you added .data: the sum is not recorded, and there can be no gradient "
        "of a gradient. Add the tensors":
            lambda nodes, g, leads: walk(
                nodes, g, leads, combine=lambda old, new: new.record(old.data + new.data)),
        "you asked for a cotangent before it was there (KeyError): go through nodes in the order "
        "given, newest first, starting with found = {nodes[0].number: g}; and look up a node's "
        "cotangent only for a parent in leads":
            codings(lambda nodes, g, leads: {node.number: {}[node.number] for node in nodes},
                    lambda nodes, g, leads: backward(nodes[::-1], g, leads)),
        "your dict is not keyed by the tensors' numbers: found[parent.number]": keyed_by_tensors,
        "right, but you call every rule, also those of parents that are not in leads and need no "
        "cotangent":
            lambda nodes, g, leads: walk(nodes, g, leads, skip=False),
        "right, but you go on along every path, and call a rule again and again: nodes are in an "
        "order in which each needs its turn only once":
            along_every_path,
        "you keep the cotangents of the inputs alone: the result must have those of all tensors in "
        "leads":
            codings(inputs_alone, dropped),
        "you follow only the first parent of each node: go through all pairs in node.parents":
            first_parents,
    },
    variants={
        "contributions collected, added when their node comes": collected,
        "added the other way round":
            lambda nodes, g, leads: walk(nodes, g, leads, combine=lambda old, new: new + old),
        "from zeros": from_zeros,
    },
)
