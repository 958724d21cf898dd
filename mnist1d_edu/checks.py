"""What the engine's operations require of their inputs: each error names the argument, what it must
be and what it was. engine.py and fused.py both check here, so both raise the same errors."""

from __future__ import annotations

from typing import Any

import numpy as np

from mnist1d_edu.arguments import any_array, boolean, function, integer, shown

__all__ = ["function"]  # engine.py asks for it here
MOST = 2**20  # of a stride, and of zeros on each side of a signal


def targets(y, xs, create_graph, tensor: type) -> list:
    """The tensors that `grad` differentiates y with respect to, as a list."""
    boolean("create_graph", create_graph)
    try:
        xs = None if isinstance(xs, tensor) else list(xs)
    except Exception:   # it is no list, whatever it raises
        raise TypeError("xs must be a list of tensors, as in grad(y, [x]); got "
                        f"{shown(xs)}") from None
    if xs is None:
        raise TypeError("xs must be a list of tensors, as in grad(y, [x]); got one Tensor")
    named: dict[str, Any] = {"y": y} | {f"xs[{i}]": x for i, x in enumerate(xs)}
    for name, x in named.items():
        if not issubclass(type(x), tensor):
            raise TypeError(f"{name} must be a Tensor; got {type(x).__name__}")
        differentiable(name, x)
    return list(named.values())[1:]


def differentiable(name: str, x) -> None:
    """Only floats of 32 and 64 bits have a gradient."""
    if x.dtype not in (np.float32, np.float64):
        raise TypeError(f"{name} must be float32 or float64 to have a gradient; got {x.dtype}")


def cotangent(y, given):
    """The cotangent of y from which `grad` starts: the given one, or 1 for a scalar."""
    if given is None:
        if y.size != 1:
            raise ValueError("y must be a scalar (such as y.sum()), or come with a cotangent of "
                             f"its shape; got shape {y.shape}")
        return np.ones_like(y.data)
    [found] = shaped(cotangent=given)
    if found.shape != y.shape:
        raise ValueError(f"cotangent must have y's shape {y.shape}; got {found.shape}")
    return given


def influence(xs, cotangents: dict) -> None:
    """Every target must have been reached on the walk back."""
    for i, x in enumerate(xs):
        if x.number not in cotangents:
            raise ValueError(f"xs[{i}] (shape {x.shape}) has no influence on y: was y computed "
                             "from this very tensor, outside no_grad() and stop_gradient()?")


def numbers(data) -> np.ndarray:
    """What a tensor may hold: an array of numbers or booleans."""
    try:
        array = np.asanyarray(data)
    except Exception:   # rows of different lengths, or whatever an object of others may raise
        raise TypeError("data must be numbers or booleans in an array of one shape; got "
                        f"{shown(data)}") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(f"data must be numbers or booleans; got dtype {array.dtype}")
    return array


def leaves(params, tensor: type) -> dict:
    """Parameters by name, each a new tensor with a gradient."""
    found = {}
    for name, value in params.items():
        label = name if name == "params" else f"params[{name!r}]"
        [array] = shaped(**{label: value})
        differentiable(label, array)
        found[name] = tensor(value)
    return found


def proportion(few, many) -> float:
    """By what a sum is multiplied to be a mean; a mean of nothing is refused."""
    if not many.size:
        if few.size:
            raise ValueError("x must have at least one element in each mean; got shape "
                             f"{many.shape}")
        return 1.0
    return few.size / many.size


def exponent(value) -> float:
    """A number."""
    if type(value) in (int, float):
        return value
    try:
        array = np.asarray(None if hasattr(type(value), "parents") else value)
    except Exception:
        array = np.asarray(None)
    if array.ndim or array.dtype.kind not in "fiub":
        raise TypeError("exponent must be a number (for an array, write exp(b * log(a))); got "
                        f"{shown(value)}")
    return array.item()


def floating(dtype) -> np.dtype:
    """float32 or float64, which are the dtypes that gradients have."""
    try:
        found = np.dtype(dtype)
    except Exception:
        found = None
    if found not in (np.float32, np.float64) or dtype is None:
        raise TypeError(f"dtype must be float32 or float64; got {shown(dtype)}")
    return found


def several(xs) -> list:
    """A list of one tensor or more."""
    xs = list(xs)
    if not xs:
        raise ValueError("xs must be one tensor or more; got none")
    return xs


def channels(x) -> None:
    """x: (..., channels, length)."""
    if x.ndim < 2:
        raise ValueError(f"x must have shape (..., channels, length); got {x.shape}")


def matmul(a, b) -> None:
    """Operands with one axis or more."""
    if a.ndim == 0 or b.ndim == 0:
        raise ValueError("both operands of matmul must have at least one axis; got shapes "
                         f"{a.shape} and {b.shape}")


def linear(x, weight, bias) -> None:
    """x: (..., n, in), weight: (..., out, in), bias: (..., out)."""
    x, weight, bias = shaped(x=x, weight=weight, bias=bias)
    _axes("weight", weight, 2, "(..., out, in)")
    *lead, n_out, n_in = weight.shape
    if x.ndim < 2 or x.shape[-1] != n_in:
        raise ValueError(f"x must have shape (..., n, {n_in}) to fit weight, whose shape is "
                         f"{weight.shape}; got {x.shape}")
    _bias(bias, n_out, lead, weight)


def conv1d(x, weight, bias, stride: int = 1, padding: int = 0) -> None:
    """x: (..., n, in, length), weight: (..., out, in, taps), bias: (..., out)."""
    x, weight, bias = shaped(x=x, weight=weight, bias=bias)
    _axes("weight", weight, 3, "(..., out, in, taps)")
    *lead, n_out, n_in, taps = weight.shape
    if x.ndim < 3 or x.shape[-2] != n_in:
        raise ValueError(f"x must have shape (..., n, {n_in}, length) to fit weight, whose shape "
                         f"is {weight.shape}; got {x.shape}")
    _bias(bias, n_out, lead, weight)
    unfold(x, taps, stride, padding)


def unfold(x, kernel_size: int, stride: int = 1, padding: int = 0) -> tuple[int, int, int]:
    """x: (..., channels, length). The three numbers, as Python's integers: NumPy's small ones would
    overflow."""
    channels(x)
    kernel_size, stride = integer("kernel_size", kernel_size, 1), integer("stride", stride, 1, MOST)
    padding = integer("padding", padding, 0, MOST)
    if kernel_size > x.shape[-1] + 2 * padding:
        raise ValueError(f"kernel_size must be at most the padded length, {x.shape[-1]} + "
                         f"2 * {padding}; got {kernel_size} for x of shape {x.shape}")
    return kernel_size, stride, padding


def gru(x, weight_ih, weight_hh, bias_ih, bias_hh) -> None:
    """x: (..., n, time, in), weight_ih: (..., 3 h, in), weight_hh: (..., 3 h, h), biases
    (..., 3 h)."""
    x, weight_ih, weight_hh, bias_ih, bias_hh = shaped(
        x=x, weight_ih=weight_ih, weight_hh=weight_hh, bias_ih=bias_ih, bias_hh=bias_hh)
    _axes("weight_hh", weight_hh, 2, "(..., 3 h, h)")
    _axes("weight_ih", weight_ih, 2, "(..., 3 h, in)")
    size = weight_hh.shape[-1]
    for name, weight in (("weight_hh", weight_hh), ("weight_ih", weight_ih)):
        if weight.shape[-2] != 3 * size:
            raise ValueError(f"{name} must have 3 h = {3 * size} rows, as weight_hh has shape "
                             f"{weight_hh.shape}; got shape {weight.shape}")
    if x.ndim < 3 or x.shape[-1] != weight_ih.shape[-1] or not x.shape[-2]:
        raise ValueError(f"x must have shape (..., n, time, {weight_ih.shape[-1]}), with at least "
                         f"one time step, to fit weight_ih, whose shape is {weight_ih.shape}; got "
                         f"{x.shape}")
    for name, bias in (("bias_ih", bias_ih), ("bias_hh", bias_hh)):
        if bias.ndim < 1 or bias.shape[-1] != 3 * size:
            raise ValueError(f"{name} must have shape (..., {3 * size}); got {bias.shape} beside "
                             f"weight_hh of shape {weight_hh.shape}")


def labels(labels, logits) -> np.ndarray:
    """The labels as an array of integers: one for each row of logits (..., n, classes), each from
    0 to classes - 1, of shape (n,) or (..., n)."""
    labels = np.asanyarray(labels)
    if logits.ndim < 2 or not logits.shape[-2] or not logits.shape[-1]:
        raise ValueError("logits must have shape (..., n, classes), with at least one row and one "
                         f"class; got {logits.shape}")
    if labels.shape not in (logits.shape[-2:-1], logits.shape[:-1]):
        raise ValueError("labels must be one integer for each row of logits, whose shape is "
                         f"{logits.shape}; got shape {labels.shape}")
    in_range(labels, classes=logits.shape[-1])
    return labels


def check_labels(labels: np.ndarray, classes: int) -> None:
    """Raise unless labels are integers from 0 to classes - 1."""
    in_range(any_array("labels", labels), integer("classes", classes, low=1))


def in_range(labels: np.ndarray, classes: int, name: str = "labels") -> None:
    """`check_labels` of an array, at every step."""
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{name} must be integers; got dtype {labels.dtype}")
    # one pass for both ends: as an unsigned number, a negative one is huge
    if labels.size and np.maximum.reduce(labels.astype(np.uint64), axis=None) >= classes:
        wrong = labels[(labels < 0) | (labels >= classes)].flat[0]
        raise ValueError(f"{name} must be integers from 0 to {classes - 1}; got {wrong}")


def shaped(**given) -> list:
    """The inputs that an operation needs, each with a shape; TypeError for what has none."""
    found = []
    for name, value in given.items():
        if not hasattr(type(value), "parents"):
            try:
                value = numbers(value)
            except TypeError:
                raise TypeError(f"{name} must be a Tensor or an array of numbers; got "
                                f"{shown(value)}") from None
        found.append(value)
    return found


def _axes(name: str, value, number: int, shape: str) -> None:
    if value.ndim < number:
        raise ValueError(f"{name} must have shape {shape}; got {value.shape}")


def _bias(bias, size: int, lead, weight) -> None:
    if bias.ndim < 1 or bias.shape[-1] != size:
        raise ValueError(f"bias must have shape {(*lead, size)}; got {bias.shape} beside weight of "
                         f"shape {weight.shape}")
