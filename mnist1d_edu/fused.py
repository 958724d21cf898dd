"""Operations that mean what engine.py says and are computed as kernels.py does.

`fuse(meaning, kernel)` joins the two. A first-order gradient calls the kernel's rules, from array
to array. A gradient that is recorded, to be differentiated again, is taken through the meaning. So
gradients of every order are right, and the first, which is nearly all of training, is fast.

`checkpoint` is the same idea with another kernel: one that forgets, and computes again.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence

import numpy as np

from mnist1d_edu import checks, engine, kernels
from mnist1d_edu.arguments import function, integer, shown
from mnist1d_edu.boundary import explanation
from mnist1d_edu.engine import Operand, Tensor, as_tensor, no_grad, record, recording


def fuse(meaning: Callable, kernel: Callable, inputs: int = 1, check: Callable | None = None
         ) -> Callable[..., Tensor]:
    """The operation `meaning`, computed by `kernel`.

    meaning: from tensors (its first `inputs` arguments) and settings to a Tensor. kernel: from the
    same arguments, with arrays for tensors, to (out, rules), see kernels.py. check: called with the
    arguments of the meaning, raises for those that do not fit.
    """
    function("meaning", meaning)
    function("kernel", kernel)
    if check is not None:
        function("check", check)
    names = list(inspect.signature(meaning).parameters)[:integer("inputs", inputs, 1)]

    @functools.wraps(meaning)
    def operation(*arguments, **settings) -> Tensor:
        try:
            given = dict(zip(names, arguments, strict=False))
            rest = {name: value for name, value in settings.items() if name not in names}
            given |= {name: settings[name] for name in names if name in settings}
            parents = [as_tensor(given.get(name)) for name in names]
            return _joined(meaning, kernel, check, _alike(parents), arguments[inputs:], rest)
        except Exception as error:
            raise explanation(meaning, arguments, settings, error) from error
    return operation


def _alike(parents: list[Tensor]) -> list[Tensor]:
    """Tensors of one dtype, as the meaning's own operations would mix them."""
    first = parents[0].data.dtype
    for parent in parents:
        if parent.data.dtype != first:
            dtype = np.result_type(*(p.data for p in parents))
            return [engine.astype(parent, dtype) for parent in parents]
    return parents


def _joined(meaning, kernel, check, parents: list[Tensor], rest: tuple, named: dict) -> Tensor:
    if check is not None:
        check(*parents, *rest, **named)
    out, rules = kernel(*(parent.data for parent in parents), *rest, **named)
    recorded = _recorded(lambda *copies: meaning(*copies, *rest, **named), parents)

    def rule_of(i: int) -> Callable:
        return lambda g, out: recorded(i, g) if engine.is_recording() else record(rules[i](g.data))
    return record(out, *((parent, rule_of(i)) for i, parent in enumerate(parents)))


def _recorded(meaning: Callable, parents: Sequence[Tensor]) -> Callable[[int, Tensor], Tensor]:
    """The rules as the meaning has them. It is computed when the first is called, from copies of
    the parents, so that one parent made from another does not count twice."""
    memory: list = []

    def rule(i: int, g: Tensor) -> Tensor:
        if not memory:
            copies = [engine.reshape(parent, parent.shape) for parent in parents]
            memory.extend((copies, meaning(*copies)))
        copies, out = memory
        return _slopes(out, [copies[i]], g, create_graph=True)[0]
    return rule


def _slopes(y: Tensor, xs: list[Tensor], g: Tensor, create_graph: bool) -> list[Tensor]:
    """`engine.grad`, with 0 for an x that has no influence on y."""
    targets = {x.number for x in xs}
    with recording(create_graph):
        found = engine.backward(engine.newest_first(y, min(targets)), g, targets)
    return [found[x.number] if x.number in found else record(np.zeros_like(x.data)) for x in xs]


relu = fuse(engine.relu, kernels.relu)
linear = fuse(engine.linear, kernels.linear, 3, checks.linear)
softmax_cross_entropy = fuse(engine.softmax_cross_entropy, kernels.softmax_cross_entropy, 1,
                             lambda logits, labels: checks.labels(labels, logits))
flatten = fuse(engine.flatten, kernels.flatten)
unfold = fuse(engine.unfold, kernels.unfold, 1, checks.unfold)
conv1d = fuse(engine.conv1d, kernels.conv1d, 3, checks.conv1d)
gru = fuse(engine.gru, kernels.gru, 5, checks.gru)


def checkpoint(f: Callable, *args: Operand) -> Tensor | list[Tensor]:
    """f(*args), forgetting what happened inside; the backward pass computes it once more.

    Trades time for memory: the tape keeps the arguments, not the intermediate results. f: from
    tensors to a Tensor, or to a list of tensors. Everything that needs a gradient must come in
    through args. Gradients of every order go through.
    """
    function("f", f)
    given = dict(zip((f"args[{i}]" for i in range(len(args))), args, strict=True))
    checks.shaped(**given)
    found: dict = {}

    def flat(*inputs: Tensor) -> Tensor:
        results = f(*inputs)
        found["single"] = isinstance(results, Tensor)
        results = [results] if found["single"] else results
        if not isinstance(results, (list, tuple)) or not results or not all(
                isinstance(result, Tensor) for result in results):
            raise TypeError(f"f must return a Tensor or a list of tensors; got {shown(results)}")
        found["shapes"] = [result.shape for result in results]
        return engine.concatenate([engine.reshape(result, -1) for result in results])

    def forgetful(*arrays: np.ndarray):
        with no_grad():
            out = flat(*map(Tensor, arrays)).data

        @kernels.once
        def slopes(g):
            with recording(True):
                inputs = [Tensor(array) for array in arrays]
                again = flat(*inputs)
            return _slopes(again, inputs, record(g), create_graph=False)

        def rule_of(i: int) -> Callable:
            def rule(g):
                every = slopes(g)
                mine, every[i] = every[i].data, None  # its memory is free once it is handed on
                return mine
            return rule
        return out, [rule_of(i) for i in range(len(arrays))]

    packed = _joined(flat, forgetful, None, [as_tensor(a) for a in args], (), {})
    ends = np.cumsum([0, *(int(np.prod(shape)) for shape in found["shapes"])])
    parts = [engine.reshape(packed[int(a):int(b)], shape)
             for a, b, shape in zip(ends[:-1], ends[1:], found["shapes"], strict=True)]
    return parts[0] if found["single"] else parts
