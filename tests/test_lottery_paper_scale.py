"""The paper-scale result on lottery tickets that comes with the package: what it shows, and a
ticket of it trained anew."""

from __future__ import annotations

import numpy as np
import pytest

from mnist1d_edu import data, experiments, nn, optim, train
from mnist1d_edu.experiments import lottery


@pytest.fixture(scope="module")
def tickets() -> dict:
    return experiments.load_result("lottery")


def test_tickets_lie_above_dense_nets_and_random_masks(tickets):
    summary = tickets["summary"]
    sparsity = np.array(summary["sparsity"])
    found, random = (np.mean(summary[arm]["test_accuracy"], axis=1)
                     for arm in ("lottery", "random"))
    good = (sparsity > 0.55) & (sparsity < 0.95)
    assert (found[good] > found[0] + 1).all()
    clear = (sparsity > 0.72) & (sparsity < 0.95)  # by Holm's rule over all rounds
    assert np.isin(sparsity[clear], summary["above_dense"]).all()
    sparse = (sparsity > 0.75) & (sparsity < 0.97)
    assert (found[sparse] > random[sparse] + 4).all()
    assert np.mean(found[sparse] - random[sparse]) > 6
    assert random[summary["ticket_round"]] < found[0]


def test_a_ticket_trained_anew_is_as_good_as_it_was(tickets):
    """The mask of the first trial, from its own first weights, beside its record and the dense
    net's; one net moves by some points with the rounding."""
    summary = tickets["summary"]
    masks = {name: lottery.unpack(packed) for name, packed in summary["ticket"].items()}
    trial, model = summary["trials"][0], nn.MLP(summary["hidden"])
    kept = sum(mask.sum() for mask in masks.values()) / sum(mask.size for mask in masks.values())
    assert 1 - kept == pytest.approx(summary["sparsity"][summary["ticket_round"]], abs=0.001)
    recorded = next(run["arguments"] for run in tickets["runs"]
                    if run["arguments"]["part"] == "tickets"
                    and run["arguments"]["trials"] == [trial])
    history = train.fit(model, data.make_dataset(), optim.adam(recorded["learning_rate"]),
                        steps=recorded["steps"], batch_size=recorded["batch_size"], seeds=[trial],
                        eval_every=recorded["steps"], masks=masks, progress=False)
    record = np.array(summary["lottery"]["test_accuracy"])[summary["ticket_round"], 0]
    assert history.test_accuracy[-1, 0] == pytest.approx(record, abs=5)
