"""05.newest_first: the order of the backward pass (UDL 7.4)."""

from __future__ import annotations

import heapq

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def newest_first(y):
    found, stack = {y}, [y]
    while stack:
        for parent, _ in stack.pop().parents:
            if parent not in found:
                found.add(parent)
                stack.append(parent)
    return sorted(found, key=lambda t: t.number, reverse=True)


class Node:
    """A tensor of the tape, which counts how often its parents are looked up."""

    def __init__(self, number, parents):
        self.number, self._parents, self.looked_up = number, tuple((p, None) for p in parents), 0

    @property
    def parents(self):
        self.looked_up += 1
        return self._parents

    @parents.setter
    def parents(self, value):
        self._parents = value


def drive(answer, graph):
    nodes = []
    for number, parents in enumerate(graph):
        nodes.append(Node(number, [nodes[i] for i in parents]))
    found = answer(nodes[-1])
    if found is None or isinstance(found, Node):
        return found
    ordered = isinstance(found, (list, tuple))
    numbers = [getattr(node, "number", node) for node in found]
    numbers = numbers if ordered else sorted(numbers, reverse=True)
    if all(isinstance(number, int) for number in numbers):
        numbers = np.array(numbers, int)    # quicker to compare
    return {"numbers": numbers,
            "of tensors": all(isinstance(node, Node) for node in found), "a list": ordered,
            "along every path": max(node.looked_up for node in nodes) > 500,
            "parents left alone": all(len(node.parents) == len(parents)
                                      for node, parents in zip(nodes, graph, strict=True))}


def graphs(rng: np.random.RandomState) -> list[tuple]:
    """Graphs as lists of parents: node i has the parents graph[i]; the last one is y."""
    return [([[], [0]],), ([[], [0, 0]],), ([[], [0], [1], [2, 0]],), ([[], [], [0], [2, 0]],),
            ([[], [0], [0], [1], [3, 2], [4, 0, 1]],), ([[], *([i, i] for i in range(10))],),
            ([[], *([i] for i in range(1_200))],)]


# ---- what students write
def twice_in_the_list(y):
    found, stack = [], [y]
    while stack:
        found.append(stack.pop())
        stack += [parent for parent, _ in found[-1].parents]
    return sorted(found, key=lambda t: t.number, reverse=True)


def every_path(y):
    found, stack = {y}, [y]
    while stack:
        for parent, _ in stack.pop().parents:
            found.add(parent)
            stack.append(parent)
    return sorted(found, key=lambda t: t.number, reverse=True)


def empties_parents(y):
    found, stack = {y}, [y]
    while stack:
        t = stack.pop()
        for parent, _ in t.parents:
            if parent not in found:
                found.add(parent)
                stack.append(parent)
        t.parents = ()
    return sorted(found, key=lambda t: t.number, reverse=True)


def first_parents(y):
    found = [y]
    while found[-1].parents:
        found.append(found[-1].parents[0][0])
    return found


def recursive(y):
    found = set()

    def visit(t):
        if t not in found:
            found.add(t)
            for parent, _ in t.parents:
                visit(parent)
    visit(y)
    return sorted(found, key=lambda t: t.number, reverse=True)


def in_the_order_met(y):
    found, seen = [y], {y}
    for t in found:  # which grows meanwhile
        new = dict.fromkeys(parent for parent, _ in t.parents if parent not in seen)
        found += new
        seen |= set(new)
    return found


def in_the_order_popped(y):
    found, seen, stack = [], {y}, [y]
    while stack:
        found.append(stack.pop())
        for parent, _ in found[-1].parents:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return found


def parents_of_y_only(y):
    found = {y, *(parent for parent, _ in y.parents)}
    return sorted(found, key=lambda t: t.number, reverse=True)


# ---- other right answers
def heap(y):
    found, seen, heap = [], {y.number}, [(-y.number, y)]
    while heap:
        found.append(heapq.heappop(heap)[1])
        for parent, _ in found[-1].parents:
            if parent.number not in seen:
                seen.add(parent.number)
                heapq.heappush(heap, (-parent.number, parent))
    return found


def dict_by_number(y):
    met, stack = {}, [y]
    while stack:
        t = stack.pop()
        if t.number not in met:
            met[t.number] = t
            stack.extend(parent for parent, _ in t.parents)
    return tuple(met[number] for number in reversed(sorted(met)))


EXERCISE = Exercise(
    "05.newest_first", "The order of the backward pass", newest_first, points=2, probes=graphs,
    drive=drive,
    hints=(
        "Two jobs: find all that y was made from, each tensor once; then sort by number. The "
        "sorting makes the order right, however you found them.",
        "A list serves as a stack of tensors still to be looked at: start with [y], pop one, put "
        "its parents on it, until it is empty. A set keeps what you have met already.",
        "When you pop a tensor, look at each (parent, rule) in its parents: if the parent is not "
        "in the set, add it to the set and to the stack. At the end, sorted(found, key=lambda t: "
        "t.number, reverse=True).",
    ),
    mistakes={
        "a tensor that is used twice is in your list twice: remember in a set which ones you have "
        "met. With y = y + y, the list would double each time":
            twice_in_the_list,
        "your function calls itself once for each operation in a row, and Python gives up after a "
        "thousand or so: use a list as a stack instead":
            recursive,
        "right, but you walk along every path: mark a tensor as met before you look at its "
        "parents, and go on only from those that were not met. With y = y + y, sixty times, yours "
        "would take thousands of years":
            every_path,
        "right, but you changed the tape: the tensors' parents must stay, for the backward pass":
            empties_parents,
        "these are the numbers: the list must hold the tensors themselves":
            lambda y: [t.number for t in newest_first(y)],
        "a set has no order: return a list, sorted by number, newest first":
            lambda y: set(newest_first(y)),
        "you follow one parent of each tensor: the others belong to the list too": first_parents,
        "your list starts with the oldest: the backward pass begins at y, the newest":
            lambda y: newest_first(y)[::-1],
        "your list has the order in which you met the tensors (nearest to y first), and so one may "
        "come before a tensor that was made from it: sort by number":
            in_the_order_met,
        "your list has the order in which they left the stack, and so a tensor may come before one "
        "that was made from it: sort by number, newest first":
            in_the_order_popped,
        "y itself is missing: it is the first in the list, where the backward pass starts":
            lambda y: newest_first(y)[1:],
        "tensors without parents are missing: they are the inputs, whose gradients are wanted":
            lambda y: [t for t in newest_first(y) if t.parents],
        "you looked at the parents of y only: their parents belong to the list too, and so on down "
        "to the inputs":
            parents_of_y_only,
    },
    variants={
        "a heap that gives the newest": heap,
        "a dict by number, marked when taken from the stack": dict_by_number,
    },
)
