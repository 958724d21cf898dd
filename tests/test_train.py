"""fit: replicas are lone runs, what a History holds, stopping, checkpoints, bad input."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

from mnist1d_edu import nn, optim, train
from mnist1d_edu.nn import cross_entropy, mse
from mnist1d_edu.optim import adam, sgd
from mnist1d_edu.train import Diverged, accuracy, fit, predict

rng = np.random.RandomState(0)
CENTRES = rng.standard_normal((10, 40))


def examples(n, seed, noise=1.0):
    r = np.random.RandomState(seed)
    y = r.randint(0, 10, n)
    return CENTRES[y] + noise * r.standard_normal((n, 40)), y


X, Y = examples(250, 1)
X_TEST, Y_TEST = examples(60, 2)
X_VAL, Y_VAL = examples(50, 3)
DATA = {"x": X, "y": Y}
WITH_TEST = {**DATA, "x_test": X_TEST, "y_test": Y_TEST}
FULL = {**WITH_TEST, "x_val": X_VAL, "y_val": Y_VAL}
SMALL = {"mlp": lambda: nn.mlp(hidden=8), "cnn": lambda: nn.cnn(channels=4)}
quick = functools.partial(fit, batch_size=30, progress=False)


def with_norm():
    return nn.Sequential(a=nn.Linear(40, 8), norm=nn.BatchNorm1d(8), act=nn.PReLU(),
                         out=nn.Linear(8, 10))


def same(a, b, tolerance=0.0):
    assert set(a) == set(b)
    for name in a:
        np.testing.assert_allclose(a[name], b[name], rtol=tolerance, atol=tolerance, err_msg=name)


MEASURES = [f"{split}_{what}" for split in ("train", "val", "test")
            for what in ("loss", "accuracy")]


def same_history(a, b):
    assert a.seeds == b.seeds
    np.testing.assert_array_equal(a.steps, b.steps)
    same(a.params, b.params)
    for name in MEASURES:
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)
    assert (a.best_params is None) == (b.best_params is None)
    if a.best_params is not None:
        same(a.best_params, b.best_params)


# ---------------------------------------------------------------------------- replicas


@pytest.mark.parametrize("shuffle", [False, True], ids=["file order", "shuffled"])
@pytest.mark.parametrize("name", nn.MODELS)
def test_replica_k_is_the_lone_run_with_seed_k(name, shuffle):
    """Over 20 steps, more than two epochs, at the paper's sizes."""
    run = functools.partial(quick, nn.model(name), WITH_TEST, sgd(0.05, momentum=0.5), steps=20,
                            shuffle=shuffle, eval_every=10)
    together = run(seeds=3)
    for k in range(3):
        alone = run(seeds=[k])
        same(together.replica(k), alone.replica(0), 2e-5)
        for curve in ("train_loss", "test_loss"):
            np.testing.assert_allclose(getattr(together, curve)[:, k], getattr(alone, curve)[:, 0],
                                       rtol=1e-5)


@pytest.mark.parametrize("make", [with_norm, SMALL["mlp"]], ids=["batch norm", "mlp"])
@pytest.mark.parametrize("optimizer", [adam(1e-3), optim.rmsprop(1e-3)], ids=["adam", "rmsprop"])
def test_replicas_of_other_layers_and_optimisers_are_lone_runs(make, optimizer):
    run = functools.partial(quick, make(), DATA, optimizer, steps=20, shuffle=True)
    together = run(seeds=[4, 7])
    for k, seed in enumerate([4, 7]):
        same(together.replica(k), run(seeds=[seed]).replica(0), 1e-4)


def test_the_first_parameters_are_the_models_at_that_seed():
    history = quick(SMALL["mlp"](), DATA, adam(), steps=0, seeds=[3, 5])
    for k, seed in enumerate([3, 5]):
        same(history.replica(k), SMALL["mlp"]().init(np.random.RandomState(seed)))


def test_seeds_as_a_number_are_those_from_zero():
    run = functools.partial(quick, nn.logistic(), DATA, adam(), steps=2)
    assert run(seeds=3).seeds == [0, 1, 2]
    assert run(seeds=np.array([5, 2])).seeds == [5, 2]
    assert run(seeds=range(2)).seeds == [0, 1]


def test_a_run_is_a_function_of_its_seed_and_leaves_the_global_stream_alone():
    np.random.seed(1)
    before = np.random.get_state()[1].copy()
    run = functools.partial(quick, SMALL["mlp"](), FULL, adam(), steps=12, shuffle=True,
                            eval_every=5)
    same_history(run(seeds=2), run(seeds=2))
    np.testing.assert_array_equal(np.random.get_state()[1], before)
    other = run(seeds=[1, 2])
    assert (other.params["linear1.weight"][1] != run(seeds=2).params["linear1.weight"][1]).any()


# ---------------------------------------------------------------------------- the loop


def by_hand(batches):
    """Logistic regression with SGD in plain NumPy; batches: the rows of each step."""
    params = nn.logistic().init(np.random.RandomState(0))
    w, b = (p.astype(np.float64) for p in params.values())
    for r in batches:
        z = X[r] @ w.T + b
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p[np.arange(len(r)), Y[r]] -= 1
        w, b = w - 0.1 * p.T @ X[r] / len(r), b - 0.1 * p.mean(0)
    return {"linear.weight": w, "linear.bias": b}


@pytest.mark.parametrize("batch_size, steps", [(50, 12), (100, 8), (None, 3)])
def test_batches_in_file_order_begin_anew_each_epoch(batch_size, steps):
    """100 does not divide 250: as in the paper's code, a window starts at step * size modulo N."""
    size = batch_size or 250
    history = quick(nn.logistic(), DATA, sgd(0.1), steps=steps, batch_size=batch_size)
    rows = [np.arange(t * size % 250, min(t * size % 250 + size, 250)) for t in range(steps)]
    same(history.replica(0), by_hand(rows), 1e-5)


@pytest.mark.parametrize("seeds", [[0], [0, 1]])
def test_shuffled_epochs_see_every_example_once_in_an_order_of_their_own(seeds, monkeypatch):
    data = {"x": np.zeros((25, 40)), "y": np.arange(25)}
    batches, original = [], train._Batches.__call__

    def seen(self, step):
        x, y = original(self, step)
        batches.append(y)
        return x, y
    monkeypatch.setattr(train._Batches, "__call__", seen)
    model = nn.logistic(classes=25)
    fit(model, data, sgd(0.1), steps=6, batch_size=10, seeds=seeds, shuffle=True, progress=False)
    assert [b.shape[-1] for b in batches] == [10, 10, 5, 10, 10, 5]
    epochs = [np.concatenate(batches[i:i + 3], axis=-1).reshape(len(seeds), 25)
              for i in (0, 3)]
    orders = [tuple(order) for epoch in epochs for order in epoch]
    assert all(sorted(order) == list(range(25)) for order in orders)
    assert len(set(orders)) == 2 * len(seeds)


def test_training_learns():
    history = quick(SMALL["mlp"](), FULL, adam(1e-2), steps=150, seeds=2, eval_every=50)
    assert (history.train_accuracy[-1] > 90).all() and (history.test_accuracy[-1] > 60).all()
    assert (np.diff(history.train_loss, axis=0) < 0).all()


def test_squared_error_as_the_loss():
    history = quick(SMALL["mlp"](), DATA, adam(1e-2), steps=60, loss=mse)
    assert history.train_loss[-1] < 0.7 * history.train_loss[0]
    assert history.train_accuracy[-1] > history.train_accuracy[0]


@pytest.mark.parametrize("seeds", [1, 3])
def test_history_holds_one_row_for_each_evaluation_and_a_column_for_each_seed(seeds):
    history = quick(SMALL["mlp"](), FULL, adam(), steps=11, seeds=seeds, eval_every=4)
    assert history.steps.tolist() == [0, 4, 8, 11]
    for name in MEASURES:
        assert getattr(history, name).shape == (4, seeds)
    for params in (history.params, history.best_params):
        assert {n: p.shape for n, p in params.items()} == {
            n: (seeds, *p.shape) for n, p in SMALL["mlp"]().init(np.random.RandomState(0)).items()}
    assert history.seconds > 0
    model = SMALL["mlp"]()
    for split, x, y in (("train", X, Y), ("val", X_VAL, Y_VAL), ("test", X_TEST, Y_TEST)):
        for k in range(seeds):
            last = accuracy(model, history.replica(k), x, y)
            assert getattr(history, f"{split}_accuracy")[-1, k] == pytest.approx(last)
            logits = predict(model, history.replica(k), x)
            assert getattr(history, f"{split}_loss")[-1, k] == pytest.approx(
                float(cross_entropy(logits, y)), rel=1e-5)


@pytest.mark.parametrize("steps, every, evaluated", [
    (0, 5, [0]), (5, 5, [0, 5]), (6, 5, [0, 5, 6]), (3, 100, [0, 3]), (2, 1, [0, 1, 2])])
def test_evaluations_come_first_regularly_and_last(steps, every, evaluated):
    history = quick(nn.logistic(), DATA, adam(), steps=steps, eval_every=every)
    assert history.steps.tolist() == evaluated
    assert history.test_loss is None and history.val_loss is None and history.best_params is None


def test_evaluation_does_not_disturb_training():
    run = functools.partial(quick, with_norm(), FULL, adam(), steps=10, shuffle=True)
    same(run(eval_every=1).params, run(eval_every=100).params)


def test_accuracy_over_more_rows_than_are_evaluated_at_once():
    x, y = examples(2300, 5)
    history = quick(nn.logistic(), {"x": x, "y": y}, adam(), steps=3, seeds=2)
    whole = [x.astype(np.float32) @ history.replica(k)["linear.weight"].T
             + history.replica(k)["linear.bias"] for k in range(2)]
    for k in range(2):
        expected = 100 * (whole[k].argmax(1) == y).mean()
        assert history.train_accuracy[-1, k] == pytest.approx(expected, abs=0.1)
    np.testing.assert_allclose(predict(nn.logistic(), history.params, x), whole, rtol=1e-3,
                               atol=1e-4)


def test_summary_has_a_line_for_each_split_and_the_spread_over_seeds():
    history = quick(nn.logistic(), WITH_TEST, adam(), steps=3, seeds=2)
    head, first, second = history.summary().split("\n")
    assert re.fullmatch(r"3 steps, 2 seed\(s\), ≈ [\d.]+ s", head)
    mean, spread = history.train_accuracy[-1].mean(), history.train_accuracy[-1].std(ddof=1)
    assert first.startswith("train") and first.endswith(f"accuracy ≈ {mean:.1f} ± {spread:.1f} %")
    assert second.startswith("test") and f"loss ≈ {history.test_loss[-1].mean():.3f} ±" in second
    assert "±" not in quick(nn.logistic(), DATA, adam(), steps=1).summary()


def test_history_is_drawn_on_the_axes_given():
    from matplotlib import pyplot
    history = quick(nn.logistic(), WITH_TEST, adam(), steps=4, eval_every=2, seeds=2)
    _, ax = pyplot.subplots()
    try:
        assert history.plot(ax=ax) is ax
        assert len(ax.lines) >= 2
    finally:
        pyplot.close("all")


def test_replica_of_the_best_and_its_errors():
    history = quick(nn.logistic(), DATA, adam(), steps=1, seeds=2)
    with pytest.raises(ValueError, match="best is True, but fit was given no validation data"):
        history.replica(0, best=True)
    for k in (2, -1):
        with pytest.raises(ValueError, match=f"k must be an integer from 0 to 1; got {k}"):
            history.replica(k)


# ---------------------------------------------------------------------------- predict, accuracy


def test_predict_and_accuracy_with_and_without_the_seed_axis():
    model = SMALL["cnn"]()
    params = [model.init(np.random.RandomState(s)) for s in range(2)]
    stacked = {n: np.stack([p[n] for p in params]) for n in params[0]}
    logits = predict(model, stacked, X_TEST)
    assert logits.shape == (2, 60, 10) and logits.dtype == np.float32
    both = accuracy(model, stacked, X_TEST, Y_TEST)
    for k in range(2):
        alone = predict(model, params[k], X_TEST)
        np.testing.assert_allclose(logits[k], alone, rtol=1e-5, atol=1e-6)
        right = 100 * sum(a == b for a, b in zip(alone.argmax(1), Y_TEST, strict=True)) / 60
        assert accuracy(model, params[k], X_TEST, Y_TEST) == pytest.approx(right)
        assert both[k] == pytest.approx(right)


PARAMS = nn.logistic().init(np.random.RandomState(0))


@pytest.mark.parametrize("wrong, error, message", [
    (lambda: predict(nn.logistic(), PARAMS, np.full((2, 40), np.nan)), ValueError, "got nan at"),
    (lambda: predict(nn.logistic(), PARAMS, np.zeros((2, 39))), ValueError, "x must have shape"),
    (lambda: predict(nn.logistic(), PARAMS, "x"), TypeError, "x must be .*got 'x'"),
    (lambda: accuracy(nn.logistic(), PARAMS, X_TEST, Y_TEST[:-1]), ValueError,
     "x and y must have shapes"),
    (lambda: accuracy(nn.logistic(), PARAMS, X_TEST, Y_TEST[:1]), ValueError,
     "x and y must have shapes"),
])
def test_predict_and_accuracy_name_what_is_wrong(wrong, error, message):
    with pytest.raises(error, match=message):
        wrong()


# ---------------------------------------------------------------------------- masks and params


@pytest.mark.parametrize("optimizer", [sgd(0.1, momentum=0.9, weight_decay=0.1), adam(1e-2),
                                       optim.rmsprop(1e-2, momentum=0.5)], ids=repr)
@pytest.mark.parametrize("own", [False, True], ids=["one mask", "a mask for each seed"])
def test_masked_parameters_are_zero_and_stay_so(optimizer, own):
    model, r = SMALL["mlp"](), np.random.RandomState(1)
    lead = (2,) if own else ()
    masks = {name: (r.rand(*lead, *p.shape) < 0.5).astype(np.float32)
             for name, p in model.init(r).items() if "1" in name or "2" in name}
    history = quick(model, FULL, optimizer, steps=15, seeds=2, masks=masks)
    for params in (history.params, history.best_params):
        for name, mask in masks.items():
            kept = np.broadcast_to(mask, params[name].shape) == 1
            assert not params[name][~kept].any()
            assert params[name][kept].all()
    assert history.params["linear3.weight"].all()


def test_a_mask_of_ones_changes_nothing_and_the_rest_trains_as_a_smaller_net():
    run = functools.partial(quick, SMALL["mlp"](), DATA, sgd(0.1), steps=5)
    ones = {"linear1.weight": np.ones((8, 40), bool)}
    same(run().params, run(masks=ones).params)


def test_training_from_given_parameters_goes_on_where_another_run_ended():
    run = functools.partial(quick, SMALL["mlp"](), DATA, sgd(0.1), batch_size=250, seeds=2)
    first = run(steps=4)
    same(run(steps=3, params=first.params).params, run(steps=7).params, 1e-6)
    same(first.params, run(steps=4).params)  # the given ones were not changed


def test_given_parameters_of_one_seed_have_no_seed_axis():
    run = functools.partial(quick, SMALL["mlp"](), DATA, sgd(0.1), batch_size=250)
    first = run(steps=2)
    history = run(steps=3, params=first.replica(0))
    same(history.params, run(steps=5).params, 1e-6)
    assert history.params["linear1.bias"].shape == (1, 8)


# ---------------------------------------------------------------------------- early stopping


def test_the_best_parameters_are_those_of_each_seeds_best_validation():
    history = quick(SMALL["mlp"](), FULL, sgd(0.3, momentum=0.9), steps=60, seeds=3, eval_every=3)
    model = SMALL["mlp"]()
    best = history.val_accuracy.argmax(axis=0)
    assert len(set(best)) > 1  # the seeds do not agree, so each has to keep its own
    for k in range(3):
        kept = history.replica(k, best=True)
        highest = history.val_accuracy[:, k].max()
        assert accuracy(model, kept, X_VAL, Y_VAL) == pytest.approx(highest)
        shorter = quick(model, FULL, sgd(0.3, momentum=0.9), steps=int(history.steps[best[k]]),
                        seeds=3, eval_every=3)
        same(kept, shorter.replica(k))


def test_best_parameters_of_batch_norm_have_their_running_statistics():
    history = quick(with_norm(), FULL, sgd(0.5, momentum=0.9), steps=30, seeds=2, eval_every=2)
    for k in range(2):
        assert accuracy(with_norm(), history.replica(k, best=True), X_VAL, Y_VAL) == pytest.approx(
            history.val_accuracy[:, k].max())


def test_patience_stops_after_so_many_evaluations_without_a_better_one():
    stuck = quick(nn.logistic(), FULL, sgd(0.0), steps=100, eval_every=5, patience=3)
    assert stuck.steps.tolist() == [0, 5, 10, 15]
    history = quick(SMALL["mlp"](), FULL, adam(1e-2), steps=2000, eval_every=10, patience=4,
                    seeds=2)
    assert history.steps[-1] < 2000
    late = history.val_accuracy[-4:]
    assert (late <= history.val_accuracy[:-4].max(axis=0)).all()
    assert (history.val_accuracy[-5] > history.val_accuracy[:-5].max(axis=0)).any()


# ---------------------------------------------------------------------------- divergence


def test_a_diverging_run_stops_and_names_the_step_and_the_seed():
    def bomb(x, rng):
        count.append(len(count))
        return x * np.float32(np.nan) if len(count) == 3 * 7 + 2 else x  # step 7, second seed
    count = []
    with pytest.raises(Diverged, match=r"the loss is nan at step 7 for seed 11: try a smaller"):
        quick(nn.logistic(), DATA, sgd(0.1), steps=30, seeds=[5, 11, 2], augment=bomb)


@pytest.mark.parametrize("steps", [1, 50])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_too_large_a_learning_rate_is_divergence_also_in_the_last_step(steps):
    with pytest.raises(Diverged, match=r"step \d+ for seed 0, 1: try a smaller learning rate than "
                                       r"sgd\(lr=1e\+30"):
        quick(nn.mlp(), DATA, sgd(1e30), steps=steps, seeds=2)
    assert issubclass(Diverged, ArithmeticError)


# ---------------------------------------------------------------------------- checkpoints


class Killed(Exception):
    pass


@pytest.fixture
def mortal(monkeypatch):
    """A function that runs something, and kills it when so many batches were trained on."""
    original = train._Batches.__call__

    def run(batches, f, **settings):
        left = [batches]

        def batch(self, step):
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return original(self, step)
        monkeypatch.setattr(train._Batches, "__call__", batch)
        try:
            return f(**settings)
        finally:
            monkeypatch.setattr(train._Batches, "__call__", original)
    return run


@pytest.mark.parametrize("batches", [0, 1, 5, 6, 13, 19])
@pytest.mark.parametrize("make, optimizer, seeds", [
    (SMALL["mlp"], adam(1e-2), 2), (with_norm, optim.rmsprop(1e-2, momentum=0.4), 2),
    (SMALL["cnn"], sgd(0.1, momentum=0.9), 1)], ids=["mlp", "batch norm", "cnn"])
def test_a_killed_run_resumes_to_the_same_result(make, optimizer, seeds, batches, tmp_path, mortal):
    path = tmp_path / "run.npz"
    run = functools.partial(quick, make(), FULL, optimizer, steps=20, seeds=seeds, shuffle=True,
                            eval_every=6)
    whole = run()
    with pytest.raises(Killed):
        mortal(batches, run, checkpoint=path)
    resumed = mortal(20 - batches // 6 * 6, run, checkpoint=path)  # only what was lost
    same_history(resumed, whole)
    same_history(mortal(0, run, checkpoint=path), whole)  # a finished one trains no more
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]


def test_a_finished_run_can_be_made_longer(tmp_path):
    run = functools.partial(quick, SMALL["mlp"](), FULL, adam(), eval_every=5, shuffle=True)
    run(steps=10, checkpoint=tmp_path / "a.npz")
    same_history(run(steps=20, checkpoint=tmp_path / "a.npz"), run(steps=20))


def test_a_run_with_patience_resumes_to_the_same_stop(tmp_path, mortal):
    run = functools.partial(quick, SMALL["mlp"](), FULL, sgd(0.3, momentum=0.9), steps=400,
                            eval_every=3, patience=3, shuffle=True)
    whole = run()
    assert whole.steps[-1] < 400
    with pytest.raises(Killed):
        mortal(int(whole.steps[-1]) - 2, run, checkpoint=tmp_path / "a.npz")
    same_history(run(checkpoint=tmp_path / "a.npz"), whole)


SCHEDULED = """
import numpy as np
from mnist1d_edu import nn, optim, train
data = {"x": np.ones((8, 40)), "y": np.arange(8)}
history = train.fit(nn.logistic(), data, optim.sgd(optim.cosine(0.1, 6)), steps=STEPS, batch_size=4,
                    eval_every=2, checkpoint="run.npz")
print(history.steps.tolist())
"""


def in_a_fresh_python(code, folder):
    environment = {k: v for k, v in os.environ.items() if k != "TQDM_DISABLE"}
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True,
                          env=environment, timeout=120, check=False)


def test_a_run_with_a_schedule_resumes_in_another_process(tmp_path):
    first = in_a_fresh_python(SCHEDULED.replace("STEPS", "4"), tmp_path)
    assert first.stdout.strip() == "[0, 2, 4]", first.stderr
    second = in_a_fresh_python("import random; junk = [object() for _ in range(9999)]"
                               + SCHEDULED.replace("STEPS", "6"), tmp_path)
    assert second.stdout.strip() == "[0, 2, 4, 6]", second.stderr


def test_any_callable_is_a_loss_also_with_a_checkpoint(tmp_path):
    loss = functools.partial(cross_entropy)
    history = quick(nn.logistic(), DATA, adam(), steps=2, loss=loss, checkpoint=tmp_path / "a.npz")
    same(history.params, quick(nn.logistic(), DATA, adam(), steps=2).params)


OTHERS = {
    "optimizer": {"optimizer": adam(2e-3)}, "seeds": {"seeds": [1]}, "shuffle": {"shuffle": True},
    "batch": {"batch_size": 20}, "model": {"model": nn.mlp(hidden=9)}, "loss": {"loss": mse},
    "data": {"data": {"x": X + 1, "y": Y}}, "labels": {"data": {"x": X, "y": (Y + 1) % 10}},
    "cadence": {"eval_every": 3}, "masks": {"masks": {"linear1.bias": np.zeros(8)}},
    "params": {"params": SMALL["mlp"]().init(np.random.RandomState(9))},
    "activation": {"model": nn.mlp(hidden=8, initialiser=nn.he)},
}


@pytest.mark.parametrize("other", OTHERS)
def test_a_checkpoint_of_another_run_is_refused_and_left_alone(other, tmp_path):
    path = tmp_path / "run.npz"
    settings = {"model": SMALL["mlp"](), "data": DATA, "optimizer": adam(1e-3), "steps": 2}
    quick(**settings, checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"checkpoint .*run\.npz is of another .*: name another"):
        quick(**{**settings, **OTHERS[other]}, checkpoint=path)
    assert path.read_bytes() == before


def broken(path, kind):
    if kind == "half":
        path.write_bytes(path.read_bytes()[:len(path.read_bytes()) // 2])
    elif kind == "flipped":
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xff
        path.write_bytes(content)
    elif kind == "one array":
        with path.open("wb") as file:
            np.save(file, np.ones(3))
    elif kind == "pickle":
        with path.open("wb") as file:
            np.save(file, np.array([{}]), allow_pickle=True)
    elif kind == "foreign npz":
        np.savez(path, a=np.ones(3))
    elif kind == "folder":
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes({"empty": b"", "text": b"not a checkpoint"}[kind])


@pytest.mark.parametrize("kind", ["empty", "text", "half", "flipped", "one array", "pickle",
                                  "foreign npz", "folder"])
def test_a_broken_checkpoint_is_named_and_left_alone(kind, tmp_path):
    path = tmp_path / "run.npz"
    run = functools.partial(quick, SMALL["mlp"](), DATA, adam(), steps=2, checkpoint=path)
    run()
    broken(path, kind)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(ValueError, match=r"checkpoint .*run\.npz (cannot be read|is of another)"):
        run()
    assert (path.read_bytes() if path.is_file() else None) == before


# ---------------------------------------------------------------------------- bad input

N = len(X)


def changed(key, value):
    return lambda: quick(nn.logistic(), {**FULL, key: value}, adam(), steps=1)


def without(*keys):
    return lambda: quick(nn.logistic(), {k: v for k, v in FULL.items() if k not in keys}, adam(),
                         steps=1)


def argument(**settings):
    return lambda: fit(**{"model": nn.logistic(), "data": DATA, "optimizer": adam(), "steps": 1,
                          "progress": False, **settings})


X_NAN = X.copy()
X_NAN[3, 7] = np.nan
BAD = {
    "NaN in x": (changed("x", X_NAN), ValueError, r"data\['x'\] must .* got nan at index \(3, 7\)"),
    "inf in x_test": (changed("x_test", X_TEST * np.inf), ValueError, "got -?inf at"),
    "text in x": (changed("x", [["a"] * 40] * N), TypeError, r"data\['x'\] must be an array"),
    "x too long": (changed("x", X[:-1]), ValueError,
                   r"data\['x'\] and data\['y'\] must .* got \(249, 40\) and \(250,\)"),
    "y_val too short": (changed("y_val", Y_VAL[:-1]), ValueError,
                        r"data\['x_val'\] and data\['y_val'\] must .* got"),
    "x one axis": (changed("x", X[:, 0]), ValueError,
                   r"data\['x'\] and data\['y'\] must .* got \(250,\)"),
    "empty": (lambda: quick(nn.logistic(), {"x": X[:0], "y": Y[:0]}, adam()), ValueError,
              "at least 1"),
    "no x": (without("x"), ValueError, "data has no 'x'; it must be a mapping with x and y"),
    "no y": (without("y"), ValueError, "data has no 'y'"),
    "no y_test": (without("y_test"), ValueError, "data has no 'y_test'; .*in pairs"),
    "no x_test": (without("x_test"), ValueError, "data has no 'x_test'"),
    "no x_val": (without("x_val"), ValueError, "data has no 'x_val'"),
    "not a mapping": (argument(data=(X, Y)), TypeError,
                      "data must be a mapping with x and y; got .* .tuple."),
    "label 10": (changed("y", np.where(np.arange(N) == N - 1, 10, Y)), ValueError,
                 "labels must be integers from 0 to 9; got 10"),
    "label -1": (changed("y_test", Y_TEST - 1), ValueError,
                 "labels must be integers from 0 to 9; got -1"),
    "label 10 in y_val": (changed("y_val", Y_VAL + 1), ValueError,
                          "labels must be integers from 0 to 9; got 10"),
    "float labels": (changed("y", Y.astype(float)), TypeError,
                     "labels must be integers; got dtype float64"),
    "labels as columns": (changed("y", Y[:, None]), ValueError,
                          r"labels must be one .* got shape \(250, 1\)"),
    "39 inputs": (lambda: quick(nn.logistic(), {"x": X[:, 1:], "y": Y}, adam()), ValueError,
                  r"Linear: x must have shape .* got \(1, 39\)"),
    "x_test 39": (changed("x_test", X_TEST[:, 1:]), ValueError,
                  r"x must have shape .* got \(60, 39\)"),
    "steps": (argument(steps=-1), ValueError, "steps must be an integer of at least 0; got -1"),
    "steps 1.5": (argument(steps=1.5), TypeError, "steps must be .*got 1.5"),
    "batch 0": (argument(batch_size=0), ValueError, "batch_size must be .*got 0"),
    "batch 251": (argument(batch_size=251), ValueError, "batch_size .* from 1 to 250; got 251"),
    "eval_every": (argument(eval_every=0), ValueError, "eval_every must be .*got 0"),
    "seeds 0": (argument(seeds=0), ValueError, "seeds must be .*got 0"),
    "seeds empty": (argument(seeds=[]), ValueError, r"seeds must be one or more .* got \[\]"),
    "seeds twice": (argument(seeds=[1, 1]), ValueError,
                    r"seeds must be .* different .* got \[1, 1\]"),
    "seed -1": (argument(seeds=[0, -1]), ValueError, r"seeds\[1\] must be .*got -1"),
    "seed 2**32": (argument(seeds=[2**32]), ValueError, r"seeds\[0\] must be .*got 4294967296"),
    "seeds text": (argument(seeds="12"), TypeError, r"seeds(\[0\])? must be .*got '1"),
    "seeds 1.5": (argument(seeds=1.5), TypeError, "seeds must be .*got 1.5"),
    "patience 0": (lambda: quick(nn.logistic(), FULL, adam(), patience=0), ValueError,
                   "patience must be .*got 0"),
    "patience alone": (argument(patience=2), ValueError, "patience is set; it needs"),
    "mask name": (argument(masks={"w": np.ones(3)}), ValueError,
                  "masks must have names of .* got 'w'"),
    "mask shape": (argument(masks={"linear.bias": np.ones(9)}), ValueError,
                   r"masks\['linear.bias'\] must be zeros and ones of .* got shape \(9,\)"),
    "mask row": (argument(masks={"linear.weight": np.ones(40)}), ValueError,
                 r"masks.* must be .* got shape \(40,\)"),
    "mask value": (argument(masks={"linear.bias": np.full(10, 0.5)}), ValueError, "zeros and ones"),
    "params name": (argument(params={"w": np.ones(3)}), ValueError,
                    "params must have the model's names"),
    "params NaN": (argument(params={**PARAMS, "linear.bias": np.full(10, np.nan)}), ValueError,
                   r"params\['linear.bias'\] must be finite; got nan"),
    "params seeds": (argument(params=PARAMS, seeds=3), ValueError,
                     r"params\['linear.weight'\] must .* axis of 3 seeds; got \(10, 40\)"),
    "params shape": (argument(params={**PARAMS, "linear.bias": np.zeros(9)}), ValueError,
                     r"params\['linear.bias'\] must .* got \(9,\)"),
    "optimizer": (argument(optimizer="adam"), TypeError, "optimizer must be .* got 'adam'"),
    "optimizer class": (argument(optimizer=adam), TypeError, "optimizer must be"),
    "model": (argument(model="mlp"), TypeError, "model must be .* got 'mlp'"),
    "model class": (argument(model=nn.mlp), TypeError, "model must be"),
    "loss": (argument(loss="mse"), TypeError, "loss must be .* got 'mse'"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_bad_data_and_arguments_are_named(name):
    wrong, error, message = BAD[name]
    with pytest.raises(error, match=message) as caught:
        wrong()
    assert "\n" not in str(caught.value)


def test_data_are_not_changed_and_may_be_lists_or_read_only():
    kept = {name: value.copy() for name, value in FULL.items()}
    given = {**FULL, "y": Y.tolist(), "x_val": X_VAL.tolist()}
    X_TEST.flags.writeable = False
    try:
        a = quick(SMALL["mlp"](), given, adam(), steps=3, shuffle=True)
    finally:
        X_TEST.flags.writeable = True
    same_history(a, quick(SMALL["mlp"](), FULL, adam(), steps=3, shuffle=True))
    same(FULL, kept)
    assert all(value.flags.writeable for value in FULL.values())


# ---------------------------------------------------------------------------- surroundings


def blas_threads():
    return [pool["num_threads"] for pool in ThreadpoolController().info()
            if pool["user_api"] == "blas"]


@pytest.mark.parametrize("ending", ["normal", "error"])
def test_blas_has_one_thread_within_fit_and_its_own_number_afterwards(ending):
    within = []

    def watch(x, rng):
        within.extend(blas_threads())
        if ending == "error":
            raise Killed
        return x
    with ThreadpoolController().limit(limits=2, user_api="blas"):
        before = blas_threads()
        if set(before) != {2}:
            pytest.skip("this BLAS does not take two threads")
        try:
            quick(nn.logistic(), DATA, adam(), steps=1, augment=watch)
        except Killed:
            assert ending == "error"
        assert set(within) == {1}
        assert blas_threads() == before
        predict(nn.logistic(), PARAMS, X)
        assert blas_threads() == before


def test_a_fast_run_prints_nothing(tmp_path):
    code = SCHEDULED.replace("STEPS", "6").replace("print", "repr")
    result = in_a_fresh_python(code, tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_slow_run_shows_its_steps_on_stderr(tmp_path):
    slow = "import time\ndef augment(x, rng):\n    time.sleep(0.4)\n    return x\n"
    code = slow + SCHEDULED.replace("STEPS", "9").replace("eval_every=2", "augment=augment")
    result = in_a_fresh_python(code, tmp_path)
    assert result.stdout.strip() == "[0, 9]"
    assert re.search(r"\d/9 ", result.stderr)


def test_a_history_can_be_written_as_json():
    history = quick(nn.logistic(), FULL, adam(), steps=2, seeds=2)
    named = {n: getattr(history, n).tolist() for n in ("steps", "train_loss", "test_accuracy")}
    assert json.loads(json.dumps({**named, "seeds": history.seeds}))["seeds"] == [0, 1]
