"""The command `mnist1d-edu data`."""

import numpy as np
import pytest

from mnist1d_edu import data
from mnist1d_edu.cli import main


def test_the_default_set(tmp_path, capsys):
    path = tmp_path / "set.npz"
    assert main(["data", "--out", str(path)]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1 and "4000 training and 1000 test" in out
    assert str(path) in out and data.FROZEN_FLOAT32[:16] in out
    assert data.fingerprint(data.load_dataset(path)) == data.FROZEN_FLOAT32


def test_a_variant(tmp_path, capsys):
    path = tmp_path / "set.csv"
    settings = {"num_samples": "40", "seed": "7", "padding": "3,9", "shuffle_seq": "True",
                "train_split": "0.5", "final_seq_length": "20"}
    arguments = [text for name, value in settings.items() for text in ("--set", f"{name}={value}")]
    assert main(["data", "--out", str(path), *arguments]) == 0
    assert "20 training and 20 test signals of length 20, seed 7" in capsys.readouterr().out
    expected = data.make_dataset({"num_samples": 40, "seed": 7, "padding": [3, 9],
                                  "shuffle_seq": True, "train_split": 0.5, "final_seq_length": 20})
    np.testing.assert_array_equal(data.load_dataset(path)["x"], expected["x"])


def test_the_global_streams_play_no_part(tmp_path):
    np.random.seed(1)
    before = np.random.get_state()[1].copy()
    main(["data", "--out", str(tmp_path / "a.npz"), "--set", "num_samples=20"])
    assert (np.random.get_state()[1] == before).all()


@pytest.mark.parametrize(("setting", "text"), [
    ("num_sample=3", "did you mean 'num_samples'"), ("num_samples", "NAME=VALUE"),
    ("num_samples=many", "must be an integer; got 'many'"), ("num_samples=5", "at least 10"),
    ("padding=60,36", "low <= high"), ("padding=60", "two integers"),
    ("shuffle_seq=maybe", "true or false"), ("scale_coeff=nan", "got nan"),
    ("url=http://x", "got 'url'"),
    ("num_samples=100000000000000", "must fit in memory"),
    ("padding=0,100000000000000", "padding[1] must be an integer from 0 to 16777216"),
    ("final_seq_length=100000000000000", "must be an integer from 2 to 16777216"),
    (f"num_samples={10**30}", "must fit in memory"),
])
def test_a_wrong_request_is_one_line_and_writes_nothing(tmp_path, capsys, setting, text):
    assert main(["data", "--out", str(tmp_path / "a.npz"), "--set", setting]) == 2
    err = capsys.readouterr().err
    assert text in err and err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_an_existing_file_is_left_alone(tmp_path, capsys):
    path = tmp_path / "a.npz"
    path.write_text("mine")
    assert main(["data", "--out", str(path)]) == 2
    assert "exists" in capsys.readouterr().err and path.read_text() == "mine"


def test_another_suffix(tmp_path, capsys):
    assert main(["data", "--out", str(tmp_path / "a.parquet")]) == 2
    assert "must be one of '.npz', '.csv'" in capsys.readouterr().err
