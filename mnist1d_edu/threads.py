"""BLAS with one thread, for products of small matrices. This is the only home of BLAS limits."""

from __future__ import annotations

import functools
from contextlib import AbstractContextManager

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager:
    """Limit BLAS to one thread from now on, or, used as a context, until its end.

    On the product of a batch with a small layer a second thread costs more than it gives: up to ten
    times the time, most of all on a busy laptop.

    >>> with one_thread():
    ...     pass
    """
    return _controller().limit(limits=1, user_api="blas")


@functools.cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
