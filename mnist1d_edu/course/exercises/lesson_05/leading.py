"""05.leading: which tensors the backward pass needs to come to."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings
from mnist1d_edu.course.exercises.lesson_05.newest_first import Node


def leading(nodes, targets):
    leads = set(targets)
    for node in reversed(nodes):
        if any(parent.number in leads for parent, _ in node.parents):
            leads.add(node.number)
    return leads


def drive(answer, graph, targets):
    nodes = []
    for number, parents in enumerate(graph):
        nodes.append(Node(number, [nodes[i] for i in parents]))
    given = set(targets)
    found = answer(nodes[::-1], given)
    if not isinstance(found, (set, frozenset, list, tuple, dict)):
        return found
    return {"numbers": np.array(sorted(getattr(n, "number", -n) if isinstance(n, Node) else n
                                       for n in found)),
            "a set": isinstance(found, (set, frozenset)),
            "tensors": any(isinstance(n, Node) for n in found),
            "along every path": max(node.looked_up for node in nodes) > 1_000,
            "targets left alone": given == set(targets)}


def tapes(rng: np.random.RandomState) -> list[tuple]:
    """A tape as lists of parents (node i has the parents graph[i], the last one is y) and the
    numbers of the targets: some inputs, all, one of two, one in the middle, a long chain."""
    return [([[], [], [0, 1]], {0}), ([[], [], [0, 1]], {0, 1}),
            ([[], [], [], [0, 1], [2, 2], [3, 4]], {2}),
            ([[], [], [], [0, 1], [2, 2], [3, 4]], {0, 2}),
            ([[], [], [0, 1], [2], [2, 1], [3, 4]], {2}),
            ([[], [], [0], [1], [2, 1], [4, 3], [5, 0]], {0}),
            ([[], [], [0, 0], *([i, i] for i in range(2, 15))], {0}),
            ([[], [], [0], *([i, 1] for i in range(2, 1_200))], {0})]


# ---- what students write
def one_step(nodes, targets):
    return set(targets) | {node.number for node in nodes
                           if any(parent.number in targets for parent, _ in node.parents)}


def newest_first_instead(nodes, targets):
    leads = set(targets)
    for node in nodes:
        if any(parent.number in leads for parent, _ in node.parents):
            leads.add(node.number)
    return leads


def all_parents(nodes, targets):
    leads = set(targets)
    for node in reversed(nodes):
        if node.parents and all(parent.number in leads for parent, _ in node.parents):
            leads.add(node.number)
    return leads


def parents_instead(nodes, targets):
    leads = set(targets)
    for node in nodes:
        if node.number in leads:
            leads |= {parent.number for parent, _ in node.parents}
    return leads


def younger(nodes, targets):
    return {node.number for node in nodes if node.number >= min(targets)}


def into_targets(nodes, targets):
    for node in reversed(nodes):
        if any(parent.number in targets for parent, _ in node.parents):
            targets.add(node.number)
    return targets


def as_tensors(nodes, targets):
    leads = leading(nodes, targets)
    return {node for node in nodes if node.number in leads}


def recursive(nodes, targets):
    def leads(node):
        return node.number in targets or any(leads(parent) for parent, _ in node.parents)
    return set(targets) | {node.number for node in nodes if leads(node)}


# ---- other right answers
def forwards(nodes, targets):
    users: dict = {}
    for node in nodes:
        for parent, _ in node.parents:
            users.setdefault(parent.number, []).append(node.number)
    leads, stack = set(), list(targets)
    while stack:
        number = stack.pop()
        if number not in leads:
            leads.add(number)
            stack += users.get(number, [])
    return leads


def by_intersection(nodes, targets):
    leads = set(targets)
    for node in nodes[::-1]:
        if {parent.number for parent, _ in node.parents} & leads:
            leads |= {node.number}
    return frozenset(leads)


EXERCISE = Exercise(
    "05.leading", "What leads to a target", leading, points=2, probes=tapes, drive=drive,
    hints=(
        "A tensor leads to a target if it is one, or if one of its parents leads to a target. In "
        "which order must you go through the tape, so that you know it of the parents already?",
        "Parents are older. So go from the oldest to the newest, reversed(nodes), and keep the set "
        "of the numbers that lead to a target; it begins as a copy of targets.",
        "for node in reversed(nodes): if any(parent.number in leads for parent, _ in "
        "node.parents): leads.add(node.number).",
    ),
    mistakes={
        "you get only one step from the targets: what is made from something that leads to a "
        "target leads there too. Go from the oldest to the newest, so that you know it of the "
        "parents":
            codings(one_step, newest_first_instead),
        "one parent that leads to a target is enough: `any`, not `all`": all_parents,
        "you collect what the targets were made from: what leads to a target was made *from* it":
            parents_instead,
        "being younger than a target is not enough: a tensor leads to it only if it was made from "
        "it":
            younger,
        "the targets themselves are missing: they need a cotangent more than all others":
            lambda nodes, targets: leading(nodes, targets) - targets,
        "right, but you changed the set targets itself: begin with a copy, set(targets)":
            into_targets,
        "these are the tensors: the set must hold their numbers": as_tensors,
        "that is everything on the tape: leave out what no target had a part in":
            lambda nodes, targets: {node.number for node in nodes},
        "return a set: backward asks for each parent whether its number is in it, which takes long "
        "in a list":
            lambda nodes, targets: sorted(leading(nodes, targets)),
        "your function calls itself for each parent: it gives up after a thousand operations in a "
        "row, and walks every path. The tape is sorted: one loop, from the oldest, is enough":
            recursive,
    },
    variants={
        "forwards from the targets, along their users": forwards,
        "by intersections, a frozenset": by_intersection,
    },
)
