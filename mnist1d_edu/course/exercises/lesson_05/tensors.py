"""The tensors of lesson 05 with all their operations, as the notebook has them in the end."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercises.lesson_05.recorder import Recorder


class Tensor(Recorder):
    """A tensor with the operations that a network needs."""

    T = property(lambda self: self.record(self.data.T, (self, lambda g, out: g.T)))

    def reshape(self, shape):
        return self.record(self.data.reshape(shape),
                           (self, lambda g, out: g.reshape(self.shape)))

    def __pow__(self, n):
        return self.record(self.data**n,
                           (self, lambda g, out: g * (self**(n - 1) * n if n else 0.0)))

    def __truediv__(self, other):
        return self * self.lift(other)**-1

    def __rtruediv__(self, other):
        return self**-1 * other

    def __matmul__(self, other):
        return self.record(self.data @ other.data,
                           (self, lambda g, out: g @ other.T), (other, lambda g, out: self.T @ g))

    def exp(self):
        return self.record(np.exp(self.data), (self, lambda g, out: g * out))

    def log(self):
        return self.record(np.log(self.data), (self, lambda g, out: g / self))

    def relu(self):
        return self.record(np.maximum(self.data, 0), (self, lambda g, out: g * (self.data > 0)))

    def tanh(self):
        return self.record(np.tanh(self.data), (self, lambda g, out: g * (1 - out * out)))

    def sum(self, axis=None, keepdims=False):
        kept = self.data.sum(axis=axis, keepdims=True).shape
        ones = np.ones(self.shape, self.data.dtype)
        return self.record(self.data.sum(axis=axis, keepdims=keepdims),
                           (self, lambda g, out: g.reshape(kept) * ones))
