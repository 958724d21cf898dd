"""Data and models in the forms of other libraries: read back by those libraries where they are
installed, and refused in one line where something is missing."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from mnist1d_edu import exchange, make_dataset, nn, train
from mnist1d_edu.cli import main


@pytest.fixture(scope="module")
def made() -> dict:
    return make_dataset({"num_samples": 50, "train_split": 0.8})


# ------------------------------------------------------------------ the dataset


def test_the_splits_are_the_datasets():
    whole = make_dataset()
    found = exchange.load_mnist1d()
    np.testing.assert_array_equal(found.data, np.concatenate([whole["x"], whole["x_test"]]))
    np.testing.assert_array_equal(found.target, np.concatenate([whole["y"], whole["y_test"]]))
    assert found.data.dtype == np.float64 and found.target.dtype == np.int64
    assert len(found.feature_names) == 40 and len(found.target_names) == 10
    x, y = exchange.load_mnist1d(return_X_y=True, split="test")
    np.testing.assert_array_equal(x, whole["x_test"])
    np.testing.assert_array_equal(y, whole["y_test"])


def test_another_split_is_refused():
    with pytest.raises(ValueError, match="split must be one of 'train', 'test', 'all'; got 'val'"):
        exchange.load_mnist1d(split="val")


def test_parquet_files_have_the_published_schema_and_values(made, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    pyarrow = pytest.importorskip("pyarrow")
    files = exchange.write_huggingface(tmp_path / "out", made)
    assert [str(file.relative_to(tmp_path / "out")) for file in files] == [
        "data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet", "README.md"]
    for file, part in zip(files, ("", "_test"), strict=False):
        table = parquet.read_table(file)
        assert table.schema.field("x").type == pyarrow.list_(pyarrow.float64())
        assert table.schema.field("y").type == pyarrow.int64()
        np.testing.assert_array_equal(np.array(table["x"].to_pylist()), made[f"x{part}"])
        np.testing.assert_array_equal(table["y"].to_numpy(), made[f"y{part}"])
    card = files[2].read_text(encoding="utf-8")
    assert "num_examples: 40" in card and "path: data/test-*" in card and card.startswith("---\n")


def test_the_datasets_library_reads_the_folder(made, tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    exchange.write_huggingface(tmp_path / "out", made)
    found = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert {split: len(found[split]) for split in found} == {"train": 40, "test": 10}
    np.testing.assert_array_equal(np.array(found["test"]["x"]), made["x_test"])


def test_pandas_reads_the_files(made, tmp_path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    files = exchange.write_huggingface(tmp_path / "out", made)
    frame = pandas.read_parquet(files[0])
    np.testing.assert_array_equal(np.stack(frame["x"]), made["x"])


def test_a_folder_that_is_there_is_not_written_to(made, tmp_path):
    pytest.importorskip("pyarrow")
    with pytest.raises(FileExistsError, match="folder must be new"):
        exchange.write_huggingface(tmp_path, made)
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_the_folder(tmp_path, capsys):
    pytest.importorskip("pyarrow")
    out = str(tmp_path / "mine")
    assert main(["data", "--huggingface", out, "--set", "num_samples=100"]) == 0
    assert "train-00000" in capsys.readouterr().out
    assert main(["data", "--huggingface", out]) == 2
    assert "must be new" in capsys.readouterr().err
    for both_or_none in ([], ["--out", "x.csv", "--huggingface", out]):
        with pytest.raises(SystemExit, match="2"):
            main(["data", *both_or_none])


def test_what_is_not_installed_is_one_line_with_the_command(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    assert main(["data", "--huggingface", str(tmp_path / "out")]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert 'pip install "mnist1d-edu[exchange]"' in line
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------ models


def params_of(model, seed: int = 0) -> dict[str, np.ndarray]:
    return model.init(np.random.RandomState(seed))


@pytest.mark.parametrize("name", list(nn.MODELS))
def test_a_state_dict_comes_back_as_it_was(name):
    pytest.importorskip("torch")
    model = nn.model(name)
    params = params_of(model)
    state = exchange.to_state_dict(params)
    back = exchange.from_state_dict(model, state)
    assert list(back) == list(params)
    for key, value in params.items():
        np.testing.assert_array_equal(back[key], value)
    state["added"] = state[next(iter(state))]
    with pytest.raises(ValueError, match=r"not its own.*added"):
        exchange.from_state_dict(model, state)


def test_a_torch_model_with_our_state_gives_our_outputs():
    torch = pytest.importorskip("torch")
    ours = nn.Sequential(conv=nn.Conv1d(1, 4, 3, 2, 1), norm=nn.BatchNorm1d(4), flat=nn.Flatten(),
                         out=nn.Linear(80, 10))
    theirs = torch.nn.Sequential()
    for key, layer in (("conv", torch.nn.Conv1d(1, 4, 3, 2, 1)), ("norm", torch.nn.BatchNorm1d(4)),
                       ("flat", torch.nn.Flatten()), ("out", torch.nn.Linear(80, 10))):
        theirs.add_module(key, layer)
    params = params_of(ours, 3)
    missing = theirs.load_state_dict(exchange.to_state_dict(params), strict=False)
    assert missing.unexpected_keys == []
    assert [key for key in missing.missing_keys if "num_batches" not in key] == []
    x = np.random.RandomState(1).standard_normal((5, 1, 40)).astype(np.float32)
    with torch.no_grad():
        wanted = theirs.eval()(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(train.predict(ours, params, x), wanted, atol=1e-5)
    back = exchange.from_state_dict(ours, theirs.state_dict())
    for key, value in params.items():
        np.testing.assert_array_equal(back[key], value)


def test_a_parameter_of_another_shape_is_named():
    model = nn.mlp()
    params = params_of(model)
    del params["linear1.bias"]
    with pytest.raises(ValueError, match=r"parameters of MLP; missing \[\"linear1.bias\"\]"):
        exchange.from_state_dict(model, params)
    params = {**params_of(model), "linear1.bias": np.zeros(3)}
    with pytest.raises(ValueError, match=r"state\['linear1.bias'\] must have shape \(100,\); got"):
        exchange.from_state_dict(model, params)


def test_safetensors_come_back_and_are_never_overwritten(tmp_path):
    pytest.importorskip("safetensors")
    model = nn.cnn()
    params, path = params_of(model), tmp_path / "cnn.safetensors"
    exchange.save_safetensors(params, path, {"lesson": "07"})
    for key, value in exchange.load_safetensors(model, path).items():
        np.testing.assert_array_equal(value, params[key])
    header = json.loads(path.read_bytes()[8:8 + struct.unpack("<Q", path.read_bytes()[:8])[0]])
    assert header["__metadata__"] == {"lesson": "07"}
    with pytest.raises(FileExistsError, match="path must be new"):
        exchange.save_safetensors(params, path)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff" * 100, struct.pack("<Q", 2**60) + b"{}"])
def test_a_broken_safetensors_file_is_one_line(tmp_path, content):
    pytest.importorskip("safetensors")
    path = tmp_path / "broken.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="path must be a whole safetensors file") as caught:
        exchange.load_safetensors(nn.cnn(), path)
    assert "\n" not in str(caught.value)
