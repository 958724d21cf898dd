"""What an operation recorded, as drives tell it."""

from __future__ import annotations

from mnist1d_edu.course.exercises.lesson_05.tensors import Tensor


def tensors_of(answer) -> type:
    """The class of tensors to try an answer with: the notebook's own `Tensor`, where there is one,
    so that an answer may make tensors of its own; else the course's."""
    kind = getattr(answer, "__globals__", {}).get("Tensor")
    return kind if isinstance(kind, type) and hasattr(kind, "record") else Tensor


def leads_to(node, target) -> bool:
    """Whether `target` is `node` or among the tensors that `node` was made from."""
    seen, stack = {node.number}, [node]
    while stack:
        now = stack.pop()
        if now is target:
            return True
        for parent, _ in now.parents:
            if parent.number not in seen:
                seen.add(parent.number)
                stack.append(parent)
    return False


def tried(result, inputs: dict, g, curved: dict) -> dict:
    """What an operation recorded: its value, the cotangent that each input gets of g, and whether
    these can be differentiated again, with respect to g and to `curved`: input -> the inputs on
    which its cotangent depends ("the result" is another way to them)."""
    told = {"value": result.data}
    for name, x in inputs.items():
        parts = [rule(g, result) for parent, rule in result.parents if parent is x]
        told[f"cotangent of {name}"] = sum(part.data for part in parts) if parts else "not recorded"
        told[f"cotangent of {name} leads to"] = [
            other for other, tensor in [("g", g), *((c, inputs[c]) for c in curved.get(name, ()))]
            if any(leads_to(part, tensor) for part in parts)]
    return told


def counted(nodes) -> dict:
    """Let every rule count its calls, by the numbers of node and parent."""
    called: dict = {}

    def counting(rule, key):
        def count(g, out):
            called[key] = called.get(key, 0) + 1
            return rule(g, out)
        return count
    for node in nodes:
        node.parents = tuple((parent, counting(rule, (node.number, parent.number)))
                             for parent, rule in node.parents)
    return called
