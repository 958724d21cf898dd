"""What an operation recorded, as drives tell it."""

from __future__ import annotations


def leads_to(node, target) -> bool:
    """Whether `target` is among the tensors that `node` was made from."""
    seen, stack = set(), [node]
    while stack:
        now = stack.pop()
        if now is target:
            return True
        stack += [p for p, _ in now.parents if p.number not in seen]
        seen |= {p.number for p, _ in now.parents}
    return False


def tried(result, inputs: dict, g, curved: dict) -> dict:
    """What an operation recorded: its value, the cotangent that each input gets of g, and whether
    these can be differentiated again. curved: input -> inputs on which its cotangent depends."""
    told = {"value": result.data}
    for name, x in inputs.items():
        parts = [rule(g) for parent, rule in result.parents if parent is x]
        told[f"cotangent of {name}"] = sum(part.data for part in parts) if parts else "not recorded"
        told[f"cotangent of {name} leads to"] = [
            other for other in curved.get(name, ())
            if any(leads_to(part, inputs[other]) for part in parts)]
    return told
