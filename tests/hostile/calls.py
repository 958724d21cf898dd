"""A valid call of every public function, for test_boundary.py to spoil.

CALLS: the function's name -> a function that returns (function, arguments): a tuple of those by
position and a dictionary of those by name. Made anew for each call, since a call may change them.
"""

from __future__ import annotations

import functools
from types import SimpleNamespace

import numpy as np

from mnist1d_edu import (
    data,
    engine,
    experiments,
    fused,
    gradcheck,
    nn,
    optim,
    threads,
    train,
    transform,
    utils,
)
from mnist1d_edu.course import check, hint, quiz, student, use
from mnist1d_edu.course.verdict import Verdict, attempted, judge
from mnist1d_edu.engine import Tensor
from mnist1d_edu.experiments import (
    benchmark,
    double_descent,
    intervals,
    lottery,
    metalearn_activation,
    metalearn_lr,
    mnist,
    pooling,
    random_data,
    recurrent,
    regularization,
    reproduce,
    residual,
    self_supervised,
    shift,
    shuffled,
    store,
    sweep,
    threshold,
    tickets,
    tsne,
)
from mnist1d_edu.explorer import answers, controls

EXPERIMENTS = {"benchmark": benchmark, "double_descent": double_descent, "lottery": lottery,
               "metalearn_activation": metalearn_activation, "metalearn_lr": metalearn_lr,
               "mnist": mnist, "pooling": pooling, "random_data": random_data,
               "recurrent": recurrent, "regularization": regularization, "residual": residual,
               "self_supervised": self_supervised, "shift": shift, "shuffled": shuffled,
               "threshold": threshold, "tickets": tickets, "tsne_experiment": tsne}
CALLS = {}


def rng(seed: int = 0) -> np.random.RandomState:
    return np.random.RandomState(seed)


def floats(*shape: int) -> np.ndarray:
    return rng().uniform(0.5, 1.5, shape)


def tensor(*shape: int) -> Tensor:
    return Tensor(floats(*shape))


def call(name: str, function, *arguments, **named):
    """A row of the table; arguments that are functions without a name of their own are called."""
    def made():
        each = [fresh(a) for a in arguments], {key: fresh(a) for key, a in named.items()}
        return fresh(function), tuple(each[0]), each[1]
    assert name not in CALLS
    CALLS[name] = made


class New:
    """An argument that is made anew for each call."""

    def __init__(self, make, *arguments):
        self.make, self.arguments = make, arguments


def fresh(value):
    return value.make(*value.arguments) if isinstance(value, New) else value


T = functools.partial(New, tensor)
A = functools.partial(New, floats)

# ---------------------------------------------------------------------------- engine and fused

for _name in ("add", "subtract", "multiply", "divide", "maximum", "minimum"):
    call(f"engine.{_name}", getattr(engine, _name), T(2, 3), T(2, 3))
for _name in ("negative", "exp", "log", "sqrt", "tanh", "sigmoid", "relu", "absolute",
              "stop_gradient", "as_tensor"):
    call(f"engine.{_name}", getattr(engine, _name), T(2, 3))
for _name in ("sum", "mean", "amax", "amin", "logsumexp"):
    call(f"engine.{_name}", getattr(engine, _name), T(2, 3), axis=1, keepdims=True)
for _name in ("sum", "mean", "max", "min"):
    call(f"engine.Tensor.{_name}", New(lambda n: getattr(tensor(2, 3), n), _name), axis=1,
         keepdims=True)
for _name in ("exp", "log", "sqrt", "tanh", "sigmoid", "relu", "abs"):
    call(f"engine.Tensor.{_name}", New(lambda n: getattr(tensor(2, 3), n), _name))
for _module, _o in (("engine", engine), ("fused", fused)):
    call(f"{_module}.linear", _o.linear, T(4, 3), T(2, 3), T(2))
    call(f"{_module}.conv1d", _o.conv1d, T(4, 3, 6), T(2, 3, 3), T(2), stride=2, padding=1)
    call(f"{_module}.gru", _o.gru, T(4, 5, 2), T(9, 2), T(9, 3), T(9), T(9))
    call(f"{_module}.unfold", _o.unfold, T(4, 3, 6), 3, stride=2, padding=1)
    call(f"{_module}.flatten", _o.flatten, T(4, 3, 6))
    call(f"{_module}.softmax_cross_entropy", _o.softmax_cross_entropy, T(4, 3),
         np.array([0, 1, 2, 0]))
call("fused.relu", fused.relu, T(2, 3))
call("fused.checkpoint", fused.checkpoint, lambda a, b: a * b, T(3), T(3))
call("fused.fuse", fused.fuse, engine.exp, lambda x: (np.exp(x), (lambda g: g,)), 1, None)
call("engine.power", engine.power, T(2, 3), 2.0)
call("engine.matmul", engine.matmul, T(2, 3), T(3, 2))
call("engine.where", engine.where, np.array([True, False, True]), T(3), T(3))
call("engine.astype", engine.astype, T(3), np.float32)
call("engine.expand", engine.expand, T(3), (2, 3))
call("engine.reshape", engine.reshape, T(2, 3), (3, 2))
call("engine.transpose", engine.transpose, T(2, 3), (1, 0))
call("engine.Tensor.reshape", New(lambda: tensor(2, 3).reshape), 3, 2)
call("engine.Tensor.transpose", New(lambda: tensor(2, 3).transpose), 1, 0)
call("engine.Tensor.item", New(lambda: tensor(1).item))
call("engine.Tensor", Tensor, A(2, 3))
call("engine.swapaxes", engine.swapaxes, T(2, 3), 0, 1)
call("engine.getitem", engine.getitem, T(2, 3), (0, slice(None)))
call("engine.scatter", engine.scatter, T(3), (0, slice(None)), (2, 3))
call("engine.concatenate", engine.concatenate, New(lambda: [tensor(2), tensor(3)]), axis=0)
call("engine.stack", engine.stack, New(lambda: [tensor(2), tensor(2)]), axis=0)
call("engine.value_and_grad", engine.value_and_grad(lambda p: (p["w"] * p["w"]).sum()),
     New(lambda: {"w": floats(3)}))
call("engine.no_grad", engine.no_grad)
call("engine.recording", engine.recording, True)


_x = tensor(3)
call("engine.grad", engine.grad, New(lambda: (_x * _x).sum()), New(lambda: [_x]), None, True)
call("engine.grad of a vector", engine.grad, New(lambda: _x * _x), New(lambda: [_x]), A(3))
call("gradcheck.check_gradients", gradcheck.check_gradients, lambda a: engine.tanh(a), A(2),
     order=2, step=1e-6, tolerance=1e-5)
call("gradcheck.numeric_gradient", gradcheck.numeric_gradient, lambda a: (a * a).sum(),
     New(lambda: [floats(2)]), 0, 1e-6)

# ---------------------------------------------------------------------------- layers

call("nn.Linear", nn.Linear, 3, 2, nn.he)
call("nn.Conv1d", nn.Conv1d, 3, 2, 3, 1, 0, nn.he)
call("nn.GRU", nn.GRU, 2, 3, True)
call("nn.BatchNorm1d", nn.BatchNorm1d, 3, 1e-5, 0.1)
for _name in ("MaxPool1d", "AvgPool1d"):
    call(f"nn.{_name}", getattr(nn, _name), 2, 2)
call("nn.LPPool1d", nn.LPPool1d, 2.0, 2, 2)
for _name in ("Flatten", "PReLU", "Layer"):
    call(f"nn.{_name}", getattr(nn, _name))
call("nn.Sequential", nn.Sequential, New(lambda: nn.Linear(3, 2)), nn.relu, out=New(
    lambda: nn.Linear(2, 2)))
call("nn.Composite", nn.Composite, hidden=New(lambda: nn.Linear(3, 2)))
call("nn.Residual", nn.Residual, New(lambda: nn.Linear(3, 3)))
call("nn.MLP", nn.MLP, 5, 4, 3, nn.he)
call("nn.CNN", nn.CNN, 2, 40, 3, nn.he)
call("nn.GRUClassifier", nn.GRUClassifier, 2, 4, 3)
call("nn.Logistic", nn.Logistic, 4, 3)
call("nn.model", nn.model, "mlp")
call("nn.count_parameters", nn.count_parameters, New(lambda: nn.mlp().init(rng())))
LAYERS = {"Linear": (lambda: nn.Linear(3, 2), (4, 3)), "Conv1d": (lambda: nn.Conv1d(3, 2, 3),
          (4, 3, 6)), "GRU": (lambda: nn.GRU(2, 3, True), (4, 5, 2)),
          "BatchNorm1d": (lambda: nn.BatchNorm1d(3), (4, 3)),
          "MaxPool1d": (lambda: nn.MaxPool1d(2), (4, 3, 6)), "AvgPool1d": (
          lambda: nn.AvgPool1d(2), (4, 3, 6)), "LPPool1d": (lambda: nn.LPPool1d(2, 2), (4, 3, 6)),
          "Flatten": (nn.Flatten, (4, 3, 6)), "PReLU": (nn.PReLU, (4, 3)),
          "Sequential": (lambda: nn.Sequential(nn.Linear(3, 2), nn.relu), (4, 3)),
          "Residual": (lambda: nn.Residual(nn.Linear(3, 3)), (4, 3)),
          "MLP": (lambda: nn.MLP(5, 4, 3), (2, 4)), "CNN": (lambda: nn.CNN(2), (2, 40)),
          "GRUClassifier": (lambda: nn.GRUClassifier(2, 4, 3), (2, 4)),
          "Logistic": (lambda: nn.Logistic(4, 3), (2, 4))}
for _name, (_layer, _shape) in LAYERS.items():
    call(f"nn.{_name}.init", New(lambda make: make().init, _layer), New(rng))
    call(f"nn.{_name}.__call__", New(lambda make: make().__call__, _layer), New(
        lambda make: make().init(rng()), _layer), A(*_shape), New(dict))
for _name in ("relu", "silu", "softplus", "tanh", "sigmoid"):
    call(f"nn.{_name}", getattr(nn, _name), T(2, 3))
call("nn.prelu", nn.prelu, T(2, 3), 0.25)
call("nn.elu", nn.elu, T(2, 3), 1.0)
for _name in ("he", "he_uniform", "glorot", "torch_default"):
    call(f"nn.{_name}", getattr(nn, _name), New(rng), (2, 3), 3, 2)
call("nn.initialisers.uniform", nn.initialisers.uniform, New(rng), (2, 3), 0.5)
call("nn.initialisers.bias", nn.initialisers.bias, New(rng), 3, 2, nn.he)
call("nn.info_nce", nn.info_nce, T(6, 3), temperature=0.5)
call("nn.cross_entropy", nn.cross_entropy, T(4, 3), np.array([0, 1, 2, 0]))
call("nn.mse", nn.mse, T(4, 3), np.array([0, 1, 2, 0]))
call("nn.check_labels", nn.check_labels, np.array([0, 1, 2]), 3)

# ---------------------------------------------------------------------------- training

OPTIMISERS = {
    "sgd": (optim.sgd, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1}),
    "rmsprop": (optim.rmsprop, {"lr": 0.1, "alpha": 0.9, "eps": 1e-8, "momentum": 0.5,
                                "weight_decay": 0.1}),
    "adam": (optim.adam, {"lr": 0.1, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.1}),
    "adamw": (optim.adamw, {"lr": 0.1, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.1})}
for _name, (_make, _settings) in OPTIMISERS.items():
    call(f"optim.{_name}", _make, **_settings)
    call(f"optim.{_name}.init", New(lambda m, s: m(**s).init, _make, _settings),
         New(lambda: {"w": floats(3)}))
    call(f"optim.{_name}.update", New(lambda m, s: m(**s).update, _make, _settings),
         New(lambda: {"w": floats(3)}), New(lambda: {"w": floats(3)}),
         New(lambda m, s: m(**s).init({"w": floats(3)}), _make, _settings))
    call(f"optim.{_name}.rate", New(lambda m, s: m(**s).rate, _make, _settings), 3)
call("optim.Optimizer", optim.Optimizer, 0.1, 0.1)
for _name, _settings in {"step_decay": {"lr": 0.1, "every": 5, "factor": 0.5},
                         "cosine": {"lr": 0.1, "steps": 5, "final": 0.0},
                         "warmup": {"lr": 0.1, "steps": 5}}.items():
    call(f"optim.{_name}", getattr(optim, _name), **_settings)
    call(f"optim.{_name}.__call__", getattr(optim, _name)(**_settings).__call__, 3)


def examples() -> dict:
    x = rng().standard_normal((30, 4))
    y = rng().randint(0, 3, 30)
    return {"x": x, "y": y, "x_val": x[:5], "y_val": y[:5], "x_test": x[:5], "y_test": y[:5]}


def small() -> nn.MLP:
    return nn.MLP(5, 4, 3)


call("train.fit", train.fit, New(small), New(examples), New(lambda: optim.adam(0.01)), steps=4,
     batch_size=10, seeds=2, shuffle=True, loss=nn.cross_entropy, eval_every=2,
     masks=New(lambda: {"linear1.weight": np.ones((5, 4))}), patience=3,
     checkpoint="fit.npz", params=New(lambda: {
         name: np.stack([value, value]) for name, value in small().init(rng()).items()}),
     augment=lambda x, rng: x, progress=False)
call("train.predict", train.predict, New(small), New(lambda: small().init(rng())), A(5, 4))
call("train.accuracy", train.accuracy, New(small), New(lambda: small().init(rng())), A(5, 4),
     np.array([0, 1, 2, 0, 1]))
call("train.keep_freed_memory", train.keep_freed_memory)


@functools.cache
def history() -> train.History:
    return train.fit(small(), examples(), optim.adam(0.01), 2, 10, seeds=2, progress=False)


call("train.History.replica", New(lambda: history().replica), 1, best=True)
call("train.History.summary", New(lambda: history().summary))
call("train.History.plot", New(lambda: history().plot), None)
call("threads.one_thread", threads.one_thread)

# ---------------------------------------------------------------------------- data


def dataset() -> dict:
    return data.make_dataset({"num_samples": 20}, rng=rng())


call("data.get_dataset_args", data.get_dataset_args, True)
for _name in ("get_templates", "human_labels", "published_vectors", "make_frozen"):
    call(f"data.{_name}", getattr(data, _name))
call("data.make_dataset", data.make_dataset, New(lambda: {
    "num_samples": 20, "train_split": 0.5, "template_len": 12, "padding": [3, 6],
    "scale_coeff": 0.4, "max_translation": 8, "corr_noise_scale": 0.25, "iid_noise_scale": 0.02,
    "shear_scale": 0.75, "shuffle_seq": False, "final_seq_length": 10, "seed": 42}),
     New(data.get_templates), rng=New(rng))
call("data.fingerprint", data.fingerprint, New(dataset), 3)
call("data.get_dataset", data.get_dataset, New(lambda: {"num_samples": 20}), "kept.npz",
     verbose=False, download=False, regenerate=True)
call("data.save_dataset", data.save_dataset, New(dataset), "new.npz", New(
    lambda: {"num_samples": 20}))
call("data.load_dataset", data.load_dataset, "saved.npz")
call("data.write_variant", data.write_variant, "new.csv", New(lambda: ["num_samples=20"]))
call("data.fetch_frozen", data.fetch_frozen, "http://127.0.0.1:9/none", "new.pkl", timeout=0.1,
     sha256="0" * 64, max_bytes=100)
SIGNAL = np.linspace(0, 1, 12)
call("transform.checked_args", transform.checked_args, New(lambda: {"num_samples": 20}))
call("transform.pad", transform.pad, SIGNAL, (3, 6), New(rng))
call("transform.translate", transform.translate, SIGNAL, 5, New(rng))
call("transform.corr_noise_like", transform.corr_noise_like, SIGNAL, 0.25, New(rng))
call("transform.iid_noise_like", transform.iid_noise_like, SIGNAL, 0.25, New(rng))
call("transform.shear", transform.shear, SIGNAL, 0.75, New(rng))
call("transform.shear_line", transform.shear_line, 12)
call("transform.interpolate", transform.interpolate, SIGNAL, 20)
call("transform.smooth", transform.smooth, SIGNAL)
call("transform.gaussian_weights", transform.gaussian_weights)
call("transform.transform", transform.transform, SIGNAL, SIGNAL, New(
    lambda: {"template_len": 12, "padding": [3, 6], "final_seq_length": 10}), 1e-8, New(rng))
call("utils.set_seed", utils.set_seed, 3)
call("utils.ObjectView", utils.ObjectView, New(dict, {"a": 1}))
call("utils.to_pickle", utils.to_pickle, New(lambda: {"a": 1}), "new.thing")
call("utils.from_pickle", utils.from_pickle, "saved.pkl")
call("utils.plot_signals", utils.plot_signals, New(lambda: floats(10, 12)), SIGNAL,
     labels=list(range(10)), args=New(lambda: {"padding": [3, 6]}), ratio=2.6, do_transform=True,
     dark_mode=True, zoom=1)

# ---------------------------------------------------------------------------- experiments

call("experiments.check_request", experiments.check_request, "quick", 3)
call("experiments.seed_groups", experiments.seed_groups, 5, 2)
call("experiments.compared", experiments.compared, "accuracy", [1.0, 2.0], (1, 2), "someone")
call("experiments.spread", experiments.spread, [1.0, 2.0], 1)
call("experiments.span", experiments.span, (1, 2))
call("experiments.load", experiments.load, "benchmark")
call("experiments.missing", experiments.missing, "benchmark")
call("experiments.figures", experiments.figures, "benchmark", New(
    lambda: experiments.load_result("benchmark")["summary"]))
call("experiments.load_result", experiments.load_result, "benchmark")
call("experiments.going_on_from", experiments.going_on_from, None)
call("intervals.interval", intervals.interval, [1.0, 2.0])
call("intervals.wilson", intervals.wilson, 3, 5)
call("intervals.holm", intervals.holm, [0.01, 0.2])
call("intervals.effects", intervals.effects, New(lambda: {"a": [1.0, 2.0]}))
call("intervals.effects_table", intervals.effects_table, New(
    lambda: intervals.effects({"a": [1.0, 2.0]})), 2, "Differences")
RUN = experiments.Run("benchmark", {"model": "mlp"})
call("sweep.sweep", sweep.sweep, [], "runs", jobs=1, cluster=None)
call("sweep.record_path", sweep.record_path, RUN, "runs")
call("sweep.read_record", sweep.read_record, "saved.json", RUN)
call("sweep.to_json", sweep.to_json, New(lambda: {"a": [1, 2]}))
call("reproduce.title", reproduce.title, "benchmark")
call("reproduce.listing", reproduce.listing)
call("reproduce.reproduce", reproduce.reproduce, [], scale="quick", seeds=1, jobs=1, cluster=None,
     out="out")
call("store.store", store.store, "out", "results")
call("store.readme", store.readme, New(lambda: {"benchmark": experiments.load_result("benchmark")}))
for _name, _module in EXPERIMENTS.items():
    call(f"{_name}.runs", _module.runs, "quick", 1)
MASK = (rng().uniform(size=(6, 8)) < 0.5).astype(int)
call("lottery.adjacency", lottery.adjacency, MASK, 3)
call("lottery.adjacency_as_coded", lottery.adjacency_as_coded, MASK, MASK)
call("lottery.pairs_apart", lottery.pairs_apart, MASK, 3)
call("lottery.expected_apart", lottery.expected_apart, MASK, 3)
call("lottery.sorted_by_adjacency", lottery.sorted_by_adjacency, MASK)
call("lottery.pack", lottery.pack, MASK)
call("lottery.unpack", lottery.unpack, New(lottery.pack, MASK))
call("lottery.schedule", lottery.schedule, 3)
call("lottery.ticket_round", lottery.ticket_round, 3)
call("lottery.magnitude_masks", lottery.magnitude_masks, New(lambda: small().init(rng())), 0.5)
call("lottery.random_scores", lottery.random_scores, New(small), 0)
call("double_descent.net", double_descent.net, "mlp", 3)
call("double_descent.examples", double_descent.examples, "noise", 100)
call("recurrent.net", recurrent.net, "gru, ends")
call("shift.net", shift.net, "local")
call("threshold.widths", threshold.widths, next(iter(threshold.SETUPS)), "quick")
call("threshold.examples", threshold.examples, 100)
call("tickets.schedule", tickets.schedule, 3)
call("tickets.examples", tickets.examples, 0)
call("tsne_experiment.examples", tsne.examples, "mnist1d", 100, 0)
call("tsne_experiment.first_picture", tsne.first_picture, 10, 1)
call("self_supervised.net", self_supervised.net, [5, 4], False, 3)
call("self_supervised.labelled", self_supervised.labelled, 20, 0)
call("metalearn_activation.dataset", metalearn_activation.dataset, 42)
call("metalearn_activation.fitted_lines", metalearn_activation.fitted_lines,
     np.linspace(-1, 1, 9), np.abs(np.linspace(-1, 1, 9)), 2)
call("metalearn_lr.net", metalearn_lr.net, 5)
call("residual.net", residual.net, "mlp", "residual", 3, 5)
call("residual.dataset", residual.dataset)
call("residual.line_distances", residual.line_distances)
call("residual.autocorrelation", residual.autocorrelation, "residual", 1, 0)
call("pooling.net", pooling.net, 3, 1, "max")
call("pooling.multiplications", pooling.multiplications, 3, 1, "max")
call("pooling.dataset", pooling.dataset, 100)
call("random_data.net", random_data.net, 2, 5)
call("random_data.examples", random_data.examples, "true", 0)
call("random_data.permuted", random_data.permuted, np.arange(10), 0.5, New(rng))
call("regularization.net", regularization.net, "mlp", 5, True)
call("benchmark.inputs", benchmark.inputs, "ordered")

# ---------------------------------------------------------------------------- course

ANSWER = lambda x: x.mean(axis=1)   # noqa: E731
call("course.check", check, "00.row_means", ANSWER)
call("course.use", use, "00.row_means", ANSWER)
call("course.hint", hint, "00.row_means", 1)
call("course.verdict.attempted", attempted, ANSWER)
call("course.verdict.judge", judge, New(lambda: __import__(
    "mnist1d_edu.course.registry", fromlist=["find"]).find("00.row_means")), ANSWER)
call("course.quiz.read", quiz.read, New(lambda: [1, None, 3]), 3)
call("course.quiz.save_answers", quiz.save_answers, "answers.json", New(lambda: [1, 2]), New(
    lambda: [3, 4]))
call("course.quiz.load_answers", quiz.load_answers, "saved.json")
call("course.quiz.buttons", quiz.buttons, A(3, 40), New(list))
call("course.student.start", student.start, "mine")
call("course.student.check", student.check, "empty", "00")
call("course.student.lab", student.lab, "mine", lambda *a, **k: 0)
call("course.student.table", student.table, New(lambda: [
    student.Report("00 first", {}, 1, 2, 1, 2, [])]), "utf-8")

# ---------------------------------------------------------------------------- explorer

SETTINGS = New(lambda: {"num_samples": 100, "scale_coeff": 0.5, "max_translation": 8,
                        "shuffle_seq": True, "seed": 3})
for _name in ("checked", "changed", "in_python", "in_shell"):
    call(f"explorer.controls.{_name}", getattr(controls, _name), SETTINGS)
call("explorer.controls.listed", controls.listed)
for _name in ("signals", "scores"):
    call(f"explorer.answers.{_name}", getattr(answers, _name), SETTINGS)
call("explorer.answers.training", answers.training, "mlp", SETTINGS)
del _name, _o, _module, _layer, _shape, _make, _settings
__all__ = ["CALLS", "EXPERIMENTS", "SimpleNamespace", "Verdict"]
