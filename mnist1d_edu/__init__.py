"""mnist1d_edu: learn deep learning by building it, on the MNIST-1D dataset, in pure NumPy.

The names below are those of the package `mnist1d`, so that code written for it runs after
`import mnist1d_edu as mnist1d`. There `mnist1d.transform` is a function; here it is the module of
that function, which can be called like it, so `mnist1d_edu.transform.pad` is reached as well.
"""

from mnist1d_edu import data, transform, utils
from mnist1d_edu.data import get_dataset, get_dataset_args, get_templates, make_dataset
from mnist1d_edu.utils import ObjectView, from_pickle, plot_signals, set_seed, to_pickle

__version__ = "0.1.0"
__all__ = [
    "ObjectView", "data", "from_pickle", "get_dataset", "get_dataset_args", "get_templates",
    "make_dataset", "plot_signals", "set_seed", "to_pickle", "transform", "utils",
]
