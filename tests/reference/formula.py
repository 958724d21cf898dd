"""The inputs of the PyTorch reference, by a formula that needs no stored weights and no seed.

`make_torch_reference.py` and `test_torch_reference.py` both compute their arrays here, so that only
PyTorch's answers are stored: small arrays whole, large ones as a digest.
"""

from __future__ import annotations

import math

import numpy as np

WHOLE = 40  # arrays up to this size are stored whole
FIRST = 6   # entries kept of a larger one, beside its projections


def wave(shape, phase: float = 0.0) -> np.ndarray:
    """float64 array of `shape`, entry i = sin(0.37 i² + phase).

    The square makes matrices of full rank: with sin(a i) every one would have rank two. Without
    a phase entry 0 is exactly 0, which shows what a rule does at the kink of relu or PReLU.
    """
    index = np.arange(math.prod(shape), dtype=np.float64)
    return np.sin(0.37 * index**2 + phase).reshape(shape)


def parameter(shape, phase: float) -> np.ndarray:
    """Weights small enough that nothing saturates: 1.5 wave / sqrt(fan_in)."""
    return 1.5 * wave(shape, phase) / math.sqrt(math.prod(shape[1:]))


def parameters(shapes: dict[str, list[int]]) -> dict[str, np.ndarray]:
    """One array for each name, their phases 1, 2, 3, ... in the order of `shapes`.

    A running variance must be positive: it is 1.5 + wave / 2.
    """
    return {name: 1.5 + wave(shape, k) / 2 if name.endswith("running_var") else parameter(shape, k)
            for k, (name, shape) in enumerate(shapes.items(), start=1)}


def labels(n: int) -> np.ndarray:
    """n class labels that visit all ten classes: 0, 7, 4, 1, 8, ..."""
    return np.arange(n) * 7 % 10


def digest(array) -> dict:
    """What is stored of an array: its shape and either all values or a part and projections.

    Four projections onto waves see an error of any one entry.
    """
    array = np.asarray(array, dtype=np.float64)
    if array.size <= WHOLE:
        return {"shape": list(array.shape), "values": array.ravel().tolist()}
    projections = [float(np.sum(array * wave(array.shape, 10.0 + k))) for k in range(4)]
    return {"shape": list(array.shape), "values": array.ravel()[:FIRST].tolist(),
            "norm": float(np.linalg.norm(array)), "projections": projections}


def assert_agrees(name: str, array, stored: dict, tolerance: float = 1e-10) -> None:
    """AssertionError with `name` unless the digest of `array` equals the stored one.

    The tolerance is relative to the array's norm, as rounding is.
    """
    got = digest(array)
    assert got["shape"] == stored["shape"], f"{name}: shape {got['shape']}, not {stored['shape']}"
    scale = max(1e-30, stored.get("norm", float(np.linalg.norm(stored["values"]))))
    for key in ("values", "projections"):
        np.testing.assert_allclose(got.get(key, []), stored.get(key, []), rtol=0,
                                   atol=tolerance * scale, err_msg=f"{name}: {key}")
