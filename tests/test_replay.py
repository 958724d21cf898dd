"""A recorded step is bit for bit the plain one, and what cannot be recorded falls back to it."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np
import pytest

from mnist1d_edu import engine, nn, optim, replicas, train
from mnist1d_edu.layout import Layout
from mnist1d_edu.program import Call, Changed, Guard, Memory, _written
from mnist1d_edu.replay import Recorded, Replay
from mnist1d_edu.train import fit

RNG = np.random.RandomState(0)
DATA = {"x": RNG.standard_normal((60, 40)).astype(np.float32), "y": RNG.randint(0, 10, 60)}


def pooled(pool):
    return nn.Sequential(lambda x: engine.as_tensor(x)[..., None, :], nn.Conv1d(1, 4, 3), pool,
                         nn.relu, nn.Flatten(), nn.Linear(76, 10))


def dense(*between):
    return nn.Sequential(nn.Linear(40, 12), *between, nn.Linear(12, 10))


MODELS = {
    "logistic": nn.logistic, "mlp": lambda: nn.mlp(hidden=11), "cnn": lambda: nn.cnn(channels=3),
    "gru": lambda: nn.gru(hidden=2), "batch norm": lambda: dense(nn.BatchNorm1d(12), nn.relu),
    "prelu": lambda: dense(nn.PReLU()), "elu": lambda: dense(nn.elu),
    "silu": lambda: dense(nn.silu), "softplus": lambda: dense(nn.softplus),
    "tanh, sigmoid": lambda: dense(nn.tanh, nn.sigmoid),
    "residual": lambda: dense(nn.Residual(nn.Linear(12, 12)), nn.relu),
    "max pool": lambda: pooled(nn.MaxPool1d(2)), "mean pool": lambda: pooled(nn.AvgPool1d(2)),
    "l2 pool": lambda: pooled(nn.LPPool1d(2, 2)),
}
OPTIMISERS = {
    "sgd": optim.sgd(0.05), "momentum": optim.sgd(0.05, momentum=0.9, weight_decay=1e-3),
    "rmsprop": optim.rmsprop(1e-2, momentum=0.4), "adam": optim.adam(1e-2),
    "adamw": optim.adamw(1e-2, weight_decay=1e-2),
    "schedule": optim.adam(optim.cosine(1e-2, 12)),
}


@pytest.fixture
def runs(monkeypatch):
    """A function that fits twice, recorded and plain, and gives both histories and the Replay."""
    made = []
    original = Replay.__init__

    def init(self, *arguments):
        original(self, *arguments)
        made.append(self)
    monkeypatch.setattr(Replay, "__init__", init)

    def both(make, optimiser=OPTIMISERS["adam"], data=DATA, **settings):
        settings = {"steps": 12, "batch_size": 20, "eval_every": 6, "progress": False} | settings
        recorded = fit(make(), data, optimiser, **settings)
        replay = made[-1]
        with pytest.MonkeyPatch.context() as plainly:
            plainly.setattr(Replay, "__call__", lambda self, *inputs: self.plain(inputs))
            plain = fit(make(), data, optimiser, **settings)
        for name, value in plain.params.items():
            assert recorded.params[name].tobytes() == value.tobytes(), name
        assert recorded.train_loss.tobytes() == plain.train_loss.tobytes()
        assert recorded.train_accuracy.tobytes() == plain.train_accuracy.tobytes()
        return replay
    return both


def was_replayed(replay) -> bool:
    return replay.checked and replay.failed == 0


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_bit_equal(name, seeds, runs):
    assert was_replayed(runs(MODELS[name], seeds=seeds))


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize("name", OPTIMISERS)
def test_every_optimiser_is_bit_equal(name, seeds, runs):
    assert was_replayed(runs(MODELS["mlp"], OPTIMISERS[name], seeds=seeds))


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize("settings", [
    {"loss": nn.mse}, {"shuffle": True}, {"batch_size": None},
    {"masks": {"linear1.weight": RNG.randint(0, 2, (11, 40))}},
    {"augment": lambda x, rng: x + rng.standard_normal(x.shape)}],
    ids=["mse", "shuffled", "full batch", "masks", "augmented"])
def test_every_setting_is_bit_equal(settings, seeds, runs):
    assert was_replayed(runs(MODELS["mlp"], seeds=seeds, **settings))


def test_every_mask_of_a_seed_its_own(runs):
    masks = {"linear1.weight": RNG.randint(0, 2, (3, 11, 40))}
    assert was_replayed(runs(MODELS["mlp"], seeds=3, masks=masks))


def test_float64_checks_and_a_short_last_batch(runs):
    assert was_replayed(runs(MODELS["mlp"], batch_size=25, shuffle=True, steps=11))
    assert was_replayed(runs(MODELS["mlp"], batch_size=25, shuffle=True, steps=11, seeds=2))


class Changing(nn.Sequential):
    """A net with something in its way that is not a plain function of its input."""

    def __init__(self, way):
        super().__init__(nn.Linear(40, 10))
        self.way = way

    def forward(self, net, x):
        return self.way(super().forward(net, x))


def test_a_model_that_draws_random_numbers_falls_back(runs):
    def make():
        rng = np.random.RandomState(3)
        return Changing(lambda out: out * rng.uniform(0.5, 1.5, out.shape).astype(np.float32))
    replay = runs(make)
    assert not was_replayed(replay) and replay.program is None


def test_a_model_that_branches_on_values_is_plain_where_the_branch_differs(runs):
    def branch(out):
        return out * 2.0 if out.data.mean() > 0 else out * 0.5
    runs(lambda: Changing(branch))  # bit-equal, whatever the branches were


def test_a_model_that_uses_a_value_as_a_number_is_plain(runs):
    replay = runs(lambda: Changing(lambda out: out * float(np.abs(out.data).max())))
    assert not was_replayed(replay)


def test_what_cannot_be_written_down_falls_back(runs):
    def sorts(out):
        out.data.copy().sort()
        return out
    def finds(out):
        return out + float(len(np.flatnonzero(out.data > 0)))
    for way in (sorts, finds):
        replay = runs(lambda way=way: Changing(way))
        assert replay.program is None and replay.failed


def test_a_mask_that_depends_on_values_falls_back(runs):
    def picks(out):
        return out + engine.sum(out[out.data > 0]) * 0.01
    replay = runs(lambda: Changing(picks))
    assert replay.program is None


def test_a_wrong_program_is_found_by_the_second_step(monkeypatch):
    memory = {"w": np.ones(3, np.float32)}
    replay = Replay(lambda inputs, fixed: {"out": inputs[0] * fixed["w"]}, memory)
    x = np.arange(3, dtype=np.float32)
    assert replay(x)["out"].tolist() == [0, 1, 2]
    replay.program.ready = replay.program.ready[1:]  # a call is lost
    assert replay(x + 1)["out"].tolist() == [1, 2, 3]
    assert replay.program is None
    assert replay(x + 2)["out"].tolist() == [2, 3, 4]


def test_results_follow_memory_that_others_change_in_place():
    memory = {"w": np.ones(3, np.float32)}
    replay = Replay(lambda inputs, fixed: {"out": inputs[0] * fixed["w"]}, memory)
    x = np.arange(3, dtype=np.float32)
    for step in range(5):
        memory["w"][...] = step
        assert replay(x)["out"].tolist() == (x * step).tolist()
    assert replay.checked


def test_memory_is_used_again_and_constants_are_computed_once():
    def step(inputs, fixed):
        x, = inputs
        for _ in range(30):
            x = np.tanh(x) + np.float32(0.1)
        constant = np.zeros_like(x)
        constant += 2
        return {"out": x * constant}
    replay = Replay(step, {})
    x = np.linspace(-1, 1, 1000, dtype=np.float32)
    for k in range(4):
        out = replay(x + k)["out"]
        np.testing.assert_array_equal(out, step([x + k], {})["out"])
    calls = replay.program.calls
    blocks = {id(a.base if a.base is not None else a) for c in calls for a in c.writes}
    assert len(calls) == 61  # the constant needs none
    assert len(blocks) < 5


def framed(value):
    """A step that puts its input into a frame which lasts from run to run."""
    def step(inputs, fixed):
        frame = np.full_like(inputs[0], value, shape=7)
        frame[1:-1] = np.tanh(inputs[0])
        return {"out": frame * np.float32(3)}
    return step


@pytest.mark.parametrize("values, blocks", [((0, 0, 0), 1), ((0, -0.0, 0), 2), ((0, 1, 2), 3)])
def test_steps_that_run_in_turn_share_frames_of_the_same_bits_only(values, blocks):
    memory = Memory()
    steps = [(framed(value), Replay(framed(value), {}, memory=memory)) for value in values]
    x = np.linspace(-1, 1, 5, dtype=np.float32)
    for k in range(4):
        for step, replay in steps:
            np.testing.assert_array_equal(replay(x + k)["out"], step([x + k], {})["out"])
    assert all(replay.checked for _, replay in steps)
    assert len(memory.lasting) == blocks


def test_what_a_run_reads_before_it_writes_it_is_shared_with_nobody():
    block = np.arange(6, dtype=np.float32)
    whole = Call(np.copyto, (block, block * 2), {}, [], [block])
    half = Call(np.copyto, (block[:3], block[3:]), {}, [block[3:]], [block[:3]])
    first = Call(np.negative, (block[:3], block[3:]), {}, [block[:3]], [block[3:]])
    assert _written(block, [whole, first]).sum() == 6
    assert _written(block, [half]).sum() == 3
    assert _written(block, [first, half]) is None


def test_numpys_own_functions_are_recorded_too():
    def step(inputs, fixed):
        x, = inputs
        parts = [np.ravel(x), np.concatenate([x[0], x[1]]), x.T.flatten(),
                 np.stack([x, x])[1, 0], np.where(x > 0, x, -x).sum(axis=1), x.cumsum(axis=0)[1],
                 np.moveaxis(x[None], 0, -1).reshape(-1), x.argmax(axis=1), np.mean(x, axis=0),
                 np.take(x, [1, 0], axis=0)[0], x.astype(np.float64)[0], np.clip(x, -1, 1)[1]]
        return {str(i): part for i, part in enumerate(parts)}
    replay = Replay(step, {})
    x = np.random.RandomState(1).standard_normal((2, 7)).astype(np.float32)
    for k in range(4):
        found, expected = replay(x + k), step([x + k], {})
        assert all(found[name].tolist() == value.tolist() for name, value in expected.items())
    assert replay.checked


def test_a_guard_tells_a_change():
    guard = Guard(np.ndarray.__bool__, (), True)
    guard(np.array(1.0))
    with pytest.raises(Changed):
        guard(np.array(0.0))


def test_fit_records_and_replays_by_itself(runs):
    replay = runs(MODELS["mlp"])
    assert was_replayed(replay) and len(replay.program.calls) < 60


@pytest.mark.parametrize("together", [1, 2, 3])
@pytest.mark.parametrize("settings", [
    {}, {"shuffle": True}, {"augment": lambda x, rng: x + rng.standard_normal(x.shape)},
    {"masks": {"linear1.weight": RNG.randint(0, 2, (3, 11, 40))}}],
    ids=["plain", "shuffled", "augmented", "masks"])
def test_replicas_some_at_a_time_are_those_all_at_once(settings, together, monkeypatch, runs):
    def net():
        return Composed(nn.mlp(hidden=11)) if "masks" not in settings else nn.mlp(hidden=11)

    groups = []
    original = replicas.Groups.divided

    def divided(self, inputs):
        found = original(self, inputs)
        if self.into:  # not an evaluation
            groups.append(found)
        return found
    monkeypatch.setattr(replicas.Groups, "divided", divided)
    monkeypatch.setattr(replicas.Groups, "together", lambda *_: 3)
    expected = fit(net(), DATA, optim.adam(1e-2), steps=12, batch_size=20, seeds=3, eval_every=6,
                   progress=False, **settings)
    monkeypatch.setattr(replicas.Groups, "together", lambda *_: together)
    replay = runs(net, seeds=3, **settings)
    assert was_replayed(replay) and [len(g) for g in groups] == [1, *2 * [-(-3 // together)]]
    found = fit(net(), DATA, optim.adam(1e-2), steps=12, batch_size=20, seeds=3, eval_every=6,
                progress=False, **settings)
    for name, value in expected.params.items():
        np.testing.assert_allclose(found.params[name], value, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.train_loss, expected.train_loss, rtol=1e-4)
    assert found.train_accuracy.shape == expected.train_accuracy.shape == (3, 3)


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize("name", ["mlp", "batch norm"])
def test_evaluations_are_replayed_in_pieces_that_change_nothing(seeds, name, monkeypatch, runs):
    settings = {"steps": 12, "batch_size": 20, "eval_every": 4, "seeds": seeds, "progress": False}
    whole = fit(MODELS[name](), DATA, OPTIMISERS["adam"], **settings)
    made = []
    original = replicas.Groups.divided
    monkeypatch.setattr(replicas.Groups, "divided", lambda self, inputs: made.append(
        (len(inputs[0]), original(self, inputs))) or made[-1][1])
    monkeypatch.setattr(train, "_ROWS_AT_ONCE", 25)
    pieces = fit(MODELS[name](), DATA, OPTIMISERS["adam"], **settings)
    assert [rows for rows, _ in made] == [25, 10, 20]  # twice 25 and once 10 of the 60; batches
    assert all(was_replayed(replay) for _, groups in made for _, replay in groups)
    assert (pieces.train_accuracy == whole.train_accuracy).all()
    np.testing.assert_allclose(pieces.train_loss, whole.train_loss, rtol=1e-5)


class Composed(nn.Sequential):
    """A net with running statistics, which a group must not mix with another's."""

    def __init__(self, net):
        super().__init__(net=net, norm=nn.BatchNorm1d(10))


@pytest.mark.parametrize("together, sizes", [(1, [1] * 10), (3, [4, 4, 2]), (6, [5, 5]),
                                             (9, [10]), (50, [10])])
def test_groups_are_of_nearly_equal_size(together, sizes, monkeypatch):
    monkeypatch.setattr(replicas.Groups, "together", lambda *_: together)
    layout = Layout(nn.logistic(), list(range(10)))
    groups = train._gradients(nn.logistic(), nn.cross_entropy, layout, (False, False)).divided(())
    assert [len(range(10)[some]) for some, _ in groups] == sizes


def test_few_replicas_of_a_large_net_go_together_and_all_of_a_small_one():
    def together(hidden, batch_size):
        layout = Layout(nn.mlp(hidden=hidden), [0, 1, 2])
        gradients = train._gradients(nn.mlp(hidden=hidden), nn.cross_entropy, layout,
                                     (False, False))
        x, y = np.zeros((batch_size, 40), np.float32), np.zeros(batch_size, int)
        return gradients.together((x, y))
    assert together(500, 200) == 1 and together(11, 20) >= 3


def test_a_recorded_step_leaves_no_memory_behind():
    """Without the garbage collector: NumPy hides from it that a view holds an array."""
    data = {"x": RNG.standard_normal((500, 40)).astype(np.float32), "y": RNG.randint(0, 10, 500)}

    def held():
        fit(nn.cnn(channels=16), data, optim.adam(1e-2), steps=3, seeds=2, progress=False)
        return tracemalloc.get_traced_memory()[0]
    gc.disable()
    tracemalloc.start()
    try:
        left = [held() for _ in range(4)]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.enable()
    # once in a while Python's own tables grow
    assert peak > 5e6 and min(np.diff(left)) < 0.02 * peak


def test_what_a_model_keeps_of_a_recorded_step_can_be_used():
    kept = []

    def model(params, x):
        hidden = engine.relu(engine.linear(x, params["a"], params["b"]))
        kept.append(hidden.data)
        return hidden

    def step(inputs, fixed):
        with engine.no_grad():
            tensors = {name: engine.record(value) for name, value in fixed.items()}
            return {"loss": model(tensors, inputs[0]).sum().data}
    fixed = {"a": RNG.standard_normal((3, 4)), "b": RNG.standard_normal(3)}
    x = RNG.standard_normal((5, 4))
    Replay(step, fixed)(x)
    [hidden] = kept
    assert isinstance(hidden, Recorded)
    expected = np.maximum(x @ fixed["a"].T + fixed["b"], 0)
    np.testing.assert_allclose(hidden, expected)
    np.testing.assert_allclose(np.tanh(hidden.copy())[1:].reshape(2, -1).sum(axis=-1),
                               np.tanh(expected[1:]).reshape(2, -1).sum(axis=-1))
    assert float(hidden.max()) == hidden.max() and np.where(hidden > 0, 1, 0).sum() > 0
