"""mnist1d_edu: learn deep learning by building it, on the MNIST-1D dataset, in pure NumPy."""

__version__ = "0.1.0"
