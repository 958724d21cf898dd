"""The generator of the original package `mnist1d`."""

from __future__ import annotations

from mnist1d.data import get_dataset_args, make_dataset

from .tasks import generator_rounds


def prepare(row: str, examples: int, seeds: int):
    """A function that makes `examples` examples and returns the seconds it took."""
    return generator_rounds(make_dataset, get_dataset_args(), examples)
