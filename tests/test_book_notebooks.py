"""docs/book-notebooks.md: the calls of the book's data cells, and every name and number there."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import numpy as np
import pytest

import mnist1d_edu as mnist1d
from mnist1d_edu import data as dataset_module
from mnist1d_edu import experiments, nn, optim
from mnist1d_edu.course import registry
from mnist1d_edu.experiments.verdicts import judge
from mnist1d_edu.nn.initialisers import he_uniform
from mnist1d_edu.train import fit

ROOT = Path(__file__).parents[1]
DOCUMENT = (ROOT / "docs" / "book-notebooks.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")]
        for line in DOCUMENT.splitlines() if re.match(r"\| \d+\.\d ", line)
        and line.count("|") == 7]
DEFAULT = ("8.1", "9.5", "10.2", "11.2", "11.3", "20.1", "20.2")


def test_the_table_has_the_ten_notebooks_and_one_more():
    numbers = [re.match(r"\d+\.\d", row[0])[0] for row in ROWS]
    assert numbers == ["8.1", "8.3", "9.5", "10.2", "11.2", "11.3", "20.1", "20.2", "20.3", "20.4"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].split(" ")[0])
def test_lessons_exercises_and_experiments_exist(row):
    number, file = re.match(r"\[(\d\d)\]\(\.\./(.+)\)", row[1]).groups()
    assert (ROOT / file).exists() and f"lessons/{number}_" in file
    known = set(registry.exercises(number))
    assert set(re.findall(r"`(.+?)`", row[2])) <= known
    assert row[3] == "your own" or row[3].strip("`") in experiments.EXPERIMENTS


def test_every_number_of_ours_is_of_a_stored_result():
    stored = {judge(row).ours for name in {row[3].strip("`") for row in ROWS} - {"your own"}
              for row in experiments.load_result(name)["summary"]["comparison"]}
    ours = {number for row in ROWS for number in re.findall(r"[\d.]+ ± [\d.]+ \(\d+\)", row[5])}
    assert len(ours) > 10
    assert ours - stored == {measured_here()}


def measured_here() -> str:
    """What is said of notebook 9.5, which no experiment repeats."""
    [row] = [row for row in ROWS if row[0].startswith("9.5")]
    return re.search(r"[\d.]+ ± [\d.]+ \(5\)", row[5])[0]


def test_notebook_9_5_without_augmentation_has_the_error_that_is_stated():
    """Two layers of 200, He's uniform initialisation, 50 epochs of SGD at 0.05 with momentum."""
    sizes = [(40, 200), (200, 200), (200, 10)]
    layers: dict = {}
    for k, (inputs, outputs) in enumerate(sizes):
        layers[f"linear{k}"] = nn.Linear(inputs, outputs, he_uniform)
        if outputs == 200:
            layers[f"relu{k}"] = nn.relu
    history = fit(nn.Sequential(**layers), mnist1d.make_dataset(), optim.sgd(0.05, momentum=0.9),
                  steps=2000, seeds=5, shuffle=True, eval_every=2000, progress=False)
    error = 100 - history.test_accuracy[-1].mean()
    assert error == pytest.approx(float(measured_here().split(" ")[0]), abs=1.5)


# --------------------------------------------------------------------------- the data cells


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("notebook", DEFAULT)
def test_the_data_cells_with_default_arguments(notebook):
    path = "./mnist1d_data.pkl"
    if notebook == "8.1":
        Path("sample_data").mkdir()
        path = "./sample_data/mnist1d_data.pkl"
    for _ in range(2):  # the second time it is loaded
        args = mnist1d.data.get_dataset_args()
        made = mnist1d.data.get_dataset(args, path=path, download=False, regenerate=False)
        assert (len(made["y"]), len(made["y_test"]), made["x"].shape[-1]) == (4000, 1000, 40)
        assert made["x"].transpose().shape == (40, 4000)
        frozen = dataset_module.make_frozen()
        assert np.array_equal(made["x"].astype("float32"), frozen["x"].astype("float32"))
        assert np.array_equal(made["y"].transpose().astype("long"), frozen["y"])
    assert Path(path).exists()


def test_the_data_cell_of_double_descent():
    args = mnist1d.data.get_dataset_args()
    args.num_samples = 8000
    args.train_split = 0.5
    args.corr_noise_scale = 0.25
    args.iid_noise_scale = 2e-2
    made = mnist1d.data.get_dataset(args, path="./mnist1d_data.pkl", download=False,
                                    regenerate=True)
    assert made["x"].shape == made["x_test"].shape == (4000, 40)
    clean, rng = made["y"].copy(), random.Random(0)
    for place in range(len(made["y"])):
        if rng.random() < 0.15:
            made["y"][place] = int(rng.random() * 10)
    assert 0.10 < np.mean(made["y"] != clean) < 0.17


def test_the_data_cell_of_lottery_tickets():
    import mnist1d_edu
    made = mnist1d_edu.get_dataset(mnist1d_edu.get_dataset_args())
    assert made["x"].shape == (4000, 40) and len(made["templates"]["y"]) == 10
    args = mnist1d.get_dataset_args()
    again = mnist1d.get_dataset(args=args)
    assert np.array_equal(again["x"], made["x"])
    mnist1d.set_seed(42)
    assert not hasattr(mnist1d, "train_model") and not hasattr(mnist1d, "get_model_args")


def test_the_document_names_the_two_lines():
    assert "%pip install mnist1d-edu" in DOCUMENT and "import mnist1d_edu as mnist1d" in DOCUMENT
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert json.dumps("mnist1d-edu") in project
