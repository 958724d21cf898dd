"""Is our t-SNE as good as its peers'? `python -m benchmarks.tsne_quality [N]`.

The same N signals of MNIST-1D (5,000 unless given), as many steps of each, and of each picture: the
KL divergence from the same affinities, by all pairs; the neighbours that it kept, its
trustworthiness, and the accuracy of ten neighbours. Peers that are not installed are left out.
"""

from __future__ import annotations

import importlib
import sys

from mnist1d_edu.pictures import neighbours_kept, trustworthiness
from mnist1d_edu.probes import knn_accuracy
from mnist1d_edu.tsne import affinities
from mnist1d_edu.tsne_forces import Attraction, repulsion

from .tasks import EARLY, PERPLEXITY, STEPS, labelled_signals

CONTESTANTS = {"ours": "ours", "scikit-learn": "peer_sklearn", "openTSNE": "peer_opentsne"}


def main(n: int = 5000) -> None:
    x, labels = labelled_signals(n)
    pull = Attraction(affinities(x, PERPLEXITY))
    print(f"{n:,} signals, perplexity {PERPLEXITY}, {STEPS} steps, the first {EARLY} exaggerated")
    print(f"{'':13}{'KL':>8}{'neighbours kept':>17}{'trustworthiness':>17}{'10 neighbours':>15}")
    for name, module in CONTESTANTS.items():
        try:
            picture = importlib.import_module(f"benchmarks.{module}").picture
        except ImportError as error:
            print(f"{name}: {error}, skipped")
            continue
        y = picture(x, STEPS, EARLY)
        print(f"{name:13}{pull.divergence(y, repulsion(y)[1]):8.3f}{neighbours_kept(x, y):15.1f} %"
              f"{trustworthiness(x, y):17.4f}{knn_accuracy(y, labels):13.1f} %")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
