"""The dataset: its random stream, its arguments, its files, and the names of the original."""

import hashlib
import inspect
import json
import pickle
import random
import subprocess
import sys

import numpy as np
import pytest
from scipy.interpolate import interp1d
from scipy.ndimage import correlate1d, gaussian_filter

import mnist1d_edu
from mnist1d_edu import data
from mnist1d_edu.transform import (
    checked_args,
    corr_noise_like,
    gaussian_weights,
    iid_noise_like,
    interpolate,
    pad,
    shear,
    smooth,
    transform,
    translate,
)
from mnist1d_edu.utils import ObjectView, from_pickle, plot_signals, set_seed, to_pickle

VECTORS = data.published_vectors()


def floats(texts):
    return np.array([float.fromhex(text) for text in texts])


def sha(array, dtype):
    return hashlib.sha256(np.ascontiguousarray(array).astype(dtype).tobytes()).hexdigest()


def naive_dataset(args, templates, rng):
    """The definition, one sample and one step at a time, with SciPy's correlation and
    interpolation (its Gaussian takes NumPy's exp, which differs by processor)."""
    length = args.template_len + args.padding[1]

    def at(x, n):
        return interp1d(np.linspace(0, 1, len(x)), x)(np.linspace(0, 1, n))

    samples, labels = [], []
    for template, label in zip(templates["x"], templates["y"], strict=True):
        for _ in range(args.num_samples // len(templates["y"])):
            low, high = args.padding
            zeros = np.zeros(low + int(rng.rand() * (high - low + 1)))
            x = at(np.concatenate([template + 1e-8, zeros]), length)
            x = x * (1 + args.scale_coeff * (rng.rand() - 0.5))
            shift = rng.choice(args.max_translation)
            x = np.concatenate([x[-shift:], x[:-shift]])
            noise = args.corr_noise_scale * rng.randn(length)
            noise = correlate1d(noise, gaussian_weights())
            x = np.where(x != 0, x, noise) + args.iid_noise_scale * rng.randn(length)
            x = x - args.shear_scale * (rng.rand() - 0.5) * np.linspace(-0.5, 0.5, length)
            samples.append(at(x, args.final_seq_length))
            labels.append(label)
    order = rng.permutation(len(labels))
    x, y = np.array(samples)[order], np.array(labels)[order]
    if args.shuffle_seq:
        x = x[..., rng.permutation(args.final_seq_length)]
    t = at(at(templates["t"], length), args.final_seq_length) / x.std()
    x = (x - x.mean()) / x.std()
    split = int(len(y) * args.train_split)
    return {"x": x[:split], "x_test": x[split:], "y": y[:split], "y_test": y[split:], "t": t}


@pytest.fixture(scope="module")
def default():
    return data.make_dataset(rng=np.random.RandomState(42))


class TestPublishedVectors:
    def test_the_whole_set_has_the_published_hashes(self, default):
        assert data.fingerprint(default) == VECTORS["x_float32_sha256"] == data.FROZEN_FLOAT32
        assert data.fingerprint(default, 10) == VECTORS["x_round10_sha256"] == data.FROZEN_ROUND10
        labels = np.concatenate([default["y"], default["y_test"]])
        assert sha(labels, "<i8") == VECTORS["y_sha256"] == data.FROZEN_LABELS

    def test_times_labels_and_first_row(self, default):
        assert (default["t"] == floats(VECTORS["t"])).all()
        assert default["y"][:20].tolist() == VECTORS["y_first20"]
        np.testing.assert_allclose(default["x"][0], floats(VECTORS["x_first_row"]), 0, 4e-16)

    def test_templates_and_kernel(self):
        templates = data.get_templates()
        assert (templates["x"].ravel() == floats(VECTORS["templates_x"])).all()
        assert (templates["t"] == floats(VECTORS["templates_t"])).all()
        assert (gaussian_weights() == floats(VECTORS["kernel"])).all()

    def test_the_generators_primitives(self):
        def seeded():
            return np.random.RandomState(42)
        assert (seeded().random_sample(4) == floats(VECTORS["random_sample_first4"])).all()
        assert seeded().randint(48, size=10).tolist() == VECTORS["randint48_first10"]
        assert seeded().permutation(10).tolist() == VECTORS["permutation10"]
        words = seeded().randint(0, 2**32, 8, dtype=np.uint32)
        assert words.tolist() == VECTORS["mt19937_u32_seed42_first8"]
        np.testing.assert_allclose(seeded().standard_normal(4),
                                   floats(VECTORS["standard_normal_first4"]), 4e-16)

    def test_the_draws(self):
        args = checked_args()
        with data._LocalStream(np.random.RandomState(42)) as stream:
            uniforms, shifts, normals = data._draw(stream, 5000, args, 72)
            order = stream.state.permutation(5000)
        pads = 36 + (uniforms[0] * 25).astype(int)
        sample = VECTORS["sample0"]
        assert uniforms[:, 0].tolist() == floats(sample["u_pad_scale_shear"]).tolist()
        assert (pads[0], shifts[0]) == (sample["pad"], sample["k"])
        np.testing.assert_allclose(normals[0, :4], floats(sample["normals_first4"]), 4e-16)
        assert sha(uniforms.T, "<f8") == VECTORS["u_sha256"]
        assert sha(pads, "<i8") == VECTORS["pads_sha256"]
        assert sha(shifts, "<i8") == VECTORS["k_sha256"]
        assert order[:10].tolist() == VECTORS["perm_head"]
        assert sha(order, "<i8") == VECTORS["perm_sha256"]

    def test_the_first_sample_before_centring(self):
        templates = data.get_templates()
        x, _ = transform(templates["x"][0], templates["t"], rng=np.random.RandomState(42))
        np.testing.assert_allclose(x, floats(VECTORS["sample0"]["before_centring"]), 0, 4e-16)

    def test_mean_and_spread_before_centring(self):
        with data._LocalStream(np.random.RandomState(42)) as stream:
            x = data._signals(stream, data.get_templates()["x"], np.repeat(np.arange(10), 500),
                              checked_args())
        assert x.mean() == pytest.approx(float.fromhex(VECTORS["raw_mean"]), rel=1e-12)
        assert x.std() == pytest.approx(float.fromhex(VECTORS["raw_std"]), rel=1e-14)

    def test_shuffle_seq_permutes_the_columns(self, default):
        shuffled = data.make_dataset({"shuffle_seq": True}, rng=np.random.RandomState(42))
        columns = VECTORS["seq_perm"]
        np.testing.assert_allclose(shuffled["x"], default["x"][:, columns], 0, 1e-14)
        np.testing.assert_allclose(shuffled["x_test"], default["x_test"][:, columns], 0, 1e-14)
        np.testing.assert_allclose(shuffled["t"], default["t"], 1e-14)

    def test_label_noise_that_goes_on_with_numpys_global_stream(self):
        dataset = data.make_dataset({"num_samples": 16_000, "train_split": 0.25})
        clean, noisy, drawn = dataset["y"].copy(), dataset["y"], 0
        for i in range(len(noisy)):
            if np.random.random_sample() < 0.15:
                noisy[i] = np.random.randint(0, 10)
                drawn += 1
        expected = VECTORS["ddd2024_label_noise"]
        assert (drawn, (noisy != clean).sum()) == (expected["drawn"], expected["changed"])
        assert sha(noisy, "<i8") == expected["sha256"]

    def test_label_noise_from_pythons_global_stream(self):
        clean = data.make_dataset({"num_samples": 8000, "train_split": 0.5})["y"]
        noisy, drawn = clean.copy(), 0
        for i in range(len(noisy)):
            if random.random() < 0.15:
                noisy[i] = int(random.random() * 10)
                drawn += 1
        assert {"drawn": drawn, "changed": (noisy != clean).sum()} == VECTORS["udl_label_noise"]


class TestAgainstTheDefinition:
    @pytest.mark.parametrize("changes", [
        {}, {"shuffle_seq": True}, {"padding": [0, 0]}, {"padding": [3, 3]},
        {"padding": [0, 90]}, {"max_translation": 1}, {"max_translation": 64},
        {"max_translation": 500}, {"final_seq_length": 2}, {"final_seq_length": 200},
        {"template_len": 30}, {"scale_coeff": 0}, {"corr_noise_scale": 0},
        {"iid_noise_scale": 0}, {"shear_scale": 0}, {"train_split": 1.0},
        {"train_split": 0.33}, {"num_samples": 57}, {"seed": 7},
    ], ids=str)
    def test_every_argument(self, changes):
        args = checked_args({"num_samples": 60} | changes)
        expected = naive_dataset(args, data.get_templates(), np.random.RandomState(args.seed))
        for given in ({"num_samples": 60} | changes,
                      ObjectView(data.get_dataset_args(True) | {"num_samples": 60} | changes)):
            found = data.make_dataset(given)
            for name, value in expected.items():
                assert found[name].dtype == value.dtype
                np.testing.assert_array_equal(found[name], value, err_msg=name)

    @pytest.mark.parametrize("shape", [(3, 12), (2, 5), (1, 40)])
    def test_custom_templates(self, shape):
        rng = np.random.RandomState(0)
        template = {"x": rng.randn(*shape), "t": np.linspace(0, 1, shape[1]),
                    "y": 5 + np.arange(shape[0])}
        args = checked_args({"num_samples": 30})
        found = data.make_dataset({"num_samples": 30}, template)
        expected = naive_dataset(args, template, np.random.RandomState(42))
        for name, value in expected.items():
            np.testing.assert_array_equal(found[name], value, err_msg=name)
        assert found["templates"] is template

    def test_blocks_leave_no_seam(self, monkeypatch, default):
        monkeypatch.setattr(data, "BLOCK", 1000)
        again = data.make_dataset(rng=np.random.RandomState(42))
        np.testing.assert_array_equal(again["x"], default["x"])

    def test_the_stream_is_left_where_single_samples_leave_it(self):
        rng, twin = np.random.RandomState(3), np.random.RandomState(3)
        data.make_dataset({"num_samples": 40}, rng=rng)
        naive_dataset(checked_args({"num_samples": 40}), data.get_templates(), twin)
        assert rng.random_sample() == twin.random_sample()

    def test_an_explicit_stream_touches_no_global_one(self):
        set_seed(5)
        before = np.random.get_state()[1].copy(), random.getstate()
        data.make_dataset({"num_samples": 20}, rng=np.random.RandomState(1))
        data.make_frozen()
        assert (np.random.get_state()[1] == before[0]).all() and random.getstate() == before[1]

    def test_the_global_streams_are_seeded_as_in_the_original(self):
        data.make_dataset({"num_samples": 10, "seed": 11})
        after = np.random.random_sample(), random.random()
        rng = np.random.RandomState(11)
        naive_dataset(checked_args({"num_samples": 10}), data.get_templates(), rng)
        assert after == (rng.random_sample(), random.Random(11).random())


class TestSteps:
    @pytest.mark.parametrize("length", [1, 2, 5, 8, 9, 17, 72])
    def test_smooth_is_scipys_filter(self, length):
        x = np.random.RandomState(length).randn(length, 3)
        expected = gaussian_filter(x, (2, 0))
        np.testing.assert_allclose(smooth(x), expected, 0, 1e-15)
        np.testing.assert_array_equal(smooth(x[:, 0]), smooth(x)[:, 0])

    @pytest.mark.parametrize(("old", "new"), [(2, 7), (72, 40), (12, 72), (40, 40), (5, 1)])
    def test_interpolate_is_scipys(self, old, new):
        x = np.random.RandomState(0).randn(old, 4)
        times = np.linspace(0, 1, new)
        expected = np.array([np.interp(times, np.linspace(0, 1, old), c) for c in x.T]).T
        np.testing.assert_array_equal(interpolate(x, new), expected)

    def test_drop_in_steps_draw_from_the_global_stream(self):
        x = np.random.RandomState(0).randn(30)
        for step, arguments in ((pad, ((3, 9),)), (shear, (0.5,)), (translate, (12,)),
                                (corr_noise_like, (0.3,)), (iid_noise_like, (0.3,))):
            set_seed(8)
            found = step(x, *arguments)
            explicit = step(x, *arguments, rng=np.random.RandomState(8))
            np.testing.assert_array_equal(found, explicit)
            assert np.shape(found) == x.shape or step is pad

    def test_pad_counts_from_low_to_high_and_no_further(self):
        rng = np.random.RandomState(0)
        sizes = {len(pad(np.ones(4), (2, 5), rng)) - 4 for _ in range(200)}
        assert sizes == {2, 3, 4, 5}
        assert pad(np.ones((6, 4)), (3, 3)).shape == (6, 7)

    def test_noise_in_two_dimensions(self):
        x = np.zeros((9, 20))
        expected = gaussian_filter(0.5 * np.random.RandomState(1).randn(9, 20), 2)
        found = corr_noise_like(x, 0.5, np.random.RandomState(1))
        np.testing.assert_allclose(found, expected, 0, 1e-15)


BAD = [
    ("num_sample", 10, "num_samples"), ("num_samples", 9, "at least 10"),
    ("num_samples", -1, "num_samples must be .*got -1"),
    ("num_samples", 50.0, "num_samples must be .*got 50.0"),
    ("num_samples", True, "num_samples must be .*got True"), ("train_split", 0, "above 0"),
    ("train_split", 1.01, "train_split must be .*got 1.01"),
    ("train_split", float("nan"), "finite"),
    ("template_len", 1, "template_len must be .*got 1"), ("padding", [60, 36], "low <= high"),
    ("padding", [-1, 5], r"padding\[0\] must be .*got -1"), ("padding", 5, "two integers"),
    ("padding", [1, 2, 3], "two integers"),
    ("padding", [1, 2.5], r"padding\[1\] must be .*got 2.5"),
    ("scale_coeff", -0.1, "scale_coeff must be .*got -0.1"),
    ("scale_coeff", "big", "scale_coeff must be .*got 'big'"),
    ("max_translation", 0, "max_translation must be .*got 0"),
    ("corr_noise_scale", -1, "at least 0"),
    ("iid_noise_scale", float("inf"), "iid_noise_scale must be .*got inf"),
    ("shear_scale", None, "shear_scale must be .*got None"),
    ("shuffle_seq", "yes", "shuffle_seq must be True or False; got 'yes'"),
    ("final_seq_length", 1, "final_seq_length must be .*got 1"),
    ("seed", -1, "seed must be .*got -1"),
    ("seed", 2**32, "seed must be .*got 4294967296"), ("url", 3, "url must be .*got 3"),
]


class TestBadInput:
    @pytest.mark.parametrize(("name", "value", "text"), BAD, ids=lambda v: str(v)[:20])
    def test_arguments(self, name, value, text):
        for args in ({name: value}, ObjectView({name: value})):
            with pytest.raises((ValueError, TypeError), match=text) as caught:
                data.make_dataset(args)
            assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("args", [5000, "num_samples", [1], object()],
                             ids=["number", "text", "list", "object"])
    def test_things_that_hold_no_arguments(self, args):
        with pytest.raises(TypeError, match="args must be a dictionary"):
            data.make_dataset(args)

    def test_an_object_with_class_attributes_is_read(self):
        class Args:
            num_samples = 20
        assert len(data.make_dataset(Args())["x"]) == 16

    @pytest.mark.parametrize(("name", "value", "text"), [
        ("x", np.full((10, 12), np.nan), "got nan at index"), ("x", np.ones(12), "shape"),
        ("x", np.ones((10, 1)), "length at least 2"), ("x", "digits", "array of numbers"),
        ("y", np.arange(9), "one label for each row"), ("t", np.ones((2, 2)), "shape"),
        ("t", [0, np.inf], "got inf at index"),
    ], ids=["nan", "flat", "short", "text", "labels", "times-shape", "times-inf"])
    def test_templates(self, name, value, text):
        with pytest.raises((ValueError, TypeError), match=text):
            data.make_dataset(template=data.get_templates() | {name: value})
        with pytest.raises(TypeError, match="dictionary with x, t and y"):
            data.make_dataset(template={"x": np.ones((10, 12))})

    def test_more_classes_than_samples(self):
        template = {"x": np.ones((30, 4)), "t": np.arange(4), "y": np.arange(30)}
        with pytest.raises(ValueError, match=r"num_samples must be .* at least 30; got 20"):
            data.make_dataset({"num_samples": 20}, template)

    def test_signals_that_do_not_vary(self):
        template = {"x": np.zeros((1, 4)), "t": np.arange(4), "y": [0]}
        still = {"num_samples": 5, "padding": [0, 0], "scale_coeff": 0, "corr_noise_scale": 0,
                 "iid_noise_scale": 0, "shear_scale": 0}
        with pytest.raises(ValueError, match="all the same number"):
            data.make_dataset(still, template)

    def test_streams(self):
        with pytest.raises(TypeError, match="RandomState"):
            data.make_dataset(rng=np.random.default_rng(0))
        with pytest.raises(ValueError, match="PCG64"):
            data.make_dataset(rng=np.random.RandomState(np.random.PCG64(0)))
        with pytest.raises(TypeError, match="RandomState"):
            pad(np.ones(3), (1, 2), rng=7)


class TestFiles:
    def test_npz_keeps_everything(self, tmp_path, default):
        path = data.save_dataset(default, tmp_path / "set.npz", {"seed": 42})
        again = data.load_dataset(path)
        for name in ("x", "x_test", "y", "y_test", "t"):
            np.testing.assert_array_equal(again[name], default[name])
        for name in ("x", "y", "t"):
            np.testing.assert_array_equal(again["templates"][name], default["templates"][name])
        with np.load(path, allow_pickle=False) as file:
            assert json.loads(str(file["args"]))["seed"] == 42

    def test_csv_keeps_the_table(self, tmp_path, default):
        path = data.save_dataset(default, tmp_path / "set.csv")
        again = data.load_dataset(path)
        assert sorted(again) == ["x", "x_test", "y", "y_test"]
        for name, value in again.items():
            np.testing.assert_array_equal(value, default[name])

    @pytest.mark.parametrize("name", ["set.npz", "set.csv"])
    def test_nothing_is_overwritten(self, tmp_path, default, name):
        (tmp_path / name).write_text("mine")
        with pytest.raises(FileExistsError, match="exists"):
            data.save_dataset(default, tmp_path / name)
        assert (tmp_path / name).read_text() == "mine"

    @pytest.mark.parametrize(("name", "content", "text"), [
        ("a.npz", b"", "not a whole .npz"), ("a.npz", b"PK\x03\x04rubbish", "not a whole .npz"),
        ("a.npz", pickle.dumps({"x": 1}), "not a whole .npz"),
        ("a.csv", b"", "line 1: the first line is not"),
        ("a.csv", b"split,y,x0\ntrain,1,0.5\ntest,2\n", "line 3: a row"),
        ("a.csv", b"split,y,x0\ntrain,1,big\n", "line 2: could not convert"),
        ("a.csv", b"split,y,x0\ntrain,1,nan\n", "got nan"),
        ("a.pkl", b"", "not a whole pickle"), ("a.pkl", pickle.dumps([1, 2]), "not a dataset"),
        ("a.txt", b"", "must be one of '.npz', '.csv', '.pkl'; got '.txt'"),
    ], ids=str)
    def test_broken_files(self, tmp_path, name, content, text):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=text) as caught:
            data.load_dataset(tmp_path / name)
        assert "\n" not in str(caught.value)

    def test_an_npz_cut_short(self, tmp_path, default):
        whole = data.save_dataset(default, tmp_path / "whole.npz").read_bytes()
        for share in (0.01, 0.5, 0.99):
            (tmp_path / "part.npz").write_bytes(whole[:int(len(whole) * share)])
            with pytest.raises(ValueError, match=r"not a whole \.npz"):
                data.load_dataset(tmp_path / "part.npz")

    def test_an_npz_with_a_pickle_inside(self, tmp_path):
        np.savez(tmp_path / "a.npz", x=np.array([{}], dtype=object))
        with pytest.raises(ValueError, match="plain arrays"):
            data.load_dataset(tmp_path / "a.npz")


class TestPickles:
    @pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
    def test_plain_data_comes_back(self, tmp_path, protocol):
        thing = {"a": np.arange(6.0).reshape(2, 3), "b": [np.float32(2.5), None, True, 3],
                 "c": ("text", b"bytes", {1: [2]}), "d": np.asfortranarray(np.ones((2, 3))),
                 "e": np.arange(3, dtype=">i2"), "f": np.array(["ab", "c"]),
                 "g": np.zeros((0, 4), bool)}
        thing["a"] = thing["a"] if protocol > 2 else thing["a"].tolist()
        path = tmp_path / "thing.pkl"
        if protocol == 2:       # protocol 2 has no word for bytes
            thing = {"a": thing["a"], "b": [1.5, None, True, 3]}
        path.write_bytes(pickle.dumps(thing, protocol))
        found = from_pickle(path)
        assert found.keys() == thing.keys()
        for name, value in thing.items():
            assert type(found[name]) is type(value)
            if isinstance(value, np.ndarray):
                assert found[name].dtype == value.dtype and found[name].flags.writeable
                np.testing.assert_array_equal(found[name], value)
            else:
                assert found[name] == value

    def test_both_names_of_numpys_core_are_known(self, tmp_path):
        whole = pickle.dumps({"x": np.arange(3.0)}, 3)
        other = (whole.replace(b"numpy._core", b"numpy.core") if b"numpy._core" in whole
                 else whole.replace(b"numpy.core", b"numpy._core"))
        assert other != whole
        for content in (whole, other):
            (tmp_path / "x.pkl").write_bytes(content)
            assert from_pickle(tmp_path / "x.pkl")["x"].tolist() == [0, 1, 2]

    @pytest.mark.parametrize("thing", [
        print, ObjectView({"a": 1}), np.array([print], dtype=object), np.dtype(float),
        np.zeros(2, dtype=[("a", int)]), {"deep": [print]}, np.ndarray, np.random.RandomState(0),
    ], ids=lambda thing: type(thing).__name__)
    def test_all_else_is_refused(self, tmp_path, thing):
        to_pickle(thing, tmp_path / "thing.pkl")
        with pytest.raises(ValueError, match=r"thing\.pkl must hold plain values .*; got"):
            from_pickle(tmp_path / "thing.pkl")

    def test_nothing_runs(self, tmp_path):
        mark = tmp_path / "mark"

        class Trap:
            def __reduce__(self):
                return open, (str(mark), "w")
        to_pickle({"x": Trap()}, tmp_path / "trap.pkl")
        with pytest.raises(ValueError, match="open"):
            from_pickle(tmp_path / "trap.pkl")
        assert not mark.exists()

    def test_a_dtype_cannot_pass_bytes_for_pointers(self, tmp_path):
        kind = b"X\x02\x00\x00\x00"
        content = pickle.dumps(np.zeros(1), 3).replace(kind + b"f8", kind + b"O8")
        assert b"O8" in content
        (tmp_path / "a.pkl").write_bytes(content)
        with pytest.raises(ValueError, match="dtype 'O8'"):
            from_pickle(tmp_path / "a.pkl")

    def test_a_shape_larger_than_its_bytes(self, tmp_path):
        content = pickle.dumps(np.zeros(3), 3).replace(b"K\x03\x85", b"K\xff\x85")
        (tmp_path / "a.pkl").write_bytes(content)
        with pytest.raises(ValueError, match="not a whole pickle"):
            from_pickle(tmp_path / "a.pkl")


class TestGetDataset:
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        return tmp_path

    def test_download_gives_the_frozen_set_and_says_what_it_ignored(self, capsys):
        args = data.get_dataset_args()
        args.num_samples, args.seed = 100, 7
        found = data.get_dataset(args)
        assert data.fingerprint(found) == data.FROZEN_FLOAT32
        lines = capsys.readouterr().out.splitlines()
        assert "num_samples=100, seed=7" in lines[0] and len(lines) == 2

    def test_no_line_where_all_is_as_asked_and_quiet(self, capsys):
        args = data.get_dataset_args()
        for _ in range(2):
            data.get_dataset(args, verbose=False)
        assert capsys.readouterr().out == ""

    def test_the_cache_is_used(self, folder, capsys):
        args = {"num_samples": 50}
        first = data.get_dataset(args, download=False)
        stamp = (folder / "mnist1d_data.npz").stat().st_mtime_ns
        second = data.get_dataset(args, download=False)
        np.testing.assert_array_equal(first["x"], second["x"])
        assert (folder / "mnist1d_data.npz").stat().st_mtime_ns == stamp
        assert "Loaded" in capsys.readouterr().out

    @pytest.mark.parametrize("name", ["a.npz", "a.pkl"])
    def test_a_cache_of_something_else_is_told_and_regenerate_mends_it(self, name, capsys):
        data.get_dataset({"num_samples": 50}, path=name, download=False, verbose=False)
        found = data.get_dataset({"num_samples": 70}, path=name, download=False, verbose=False)
        line = capsys.readouterr().out
        assert len(found["x"]) == 40 and line.count("\n") == 1
        assert ("num_samples=50" if name == "a.npz" else "50 samples") in line
        found = data.get_dataset({"num_samples": 70}, path=name, download=False,
                                 regenerate=True, verbose=False)
        assert len(found["x"]) == 56 and capsys.readouterr().out == ""

    def test_a_cache_that_is_not_the_frozen_set_is_told(self, capsys):
        data.get_dataset({"num_samples": 50}, path="a.npz", download=False, verbose=False)
        data.get_dataset(path="a.npz", verbose=False)
        assert "not the frozen dataset" in capsys.readouterr().out

    def test_shuffled_data_have_their_own_cache(self, folder):
        data.get_dataset({"num_samples": 50, "shuffle_seq": True}, download=False)
        assert (folder / "mnist1d_data_shuffle.npz").exists()

    def test_an_old_pickle_is_read(self, folder):
        small = data.make_dataset({"num_samples": 20})
        to_pickle(small, folder / "mnist1d_data.pkl")
        found = data.get_dataset({"num_samples": 20}, download=False)
        np.testing.assert_array_equal(found["x"], small["x"])

    @pytest.mark.parametrize("regenerate", [False, True])
    def test_a_file_that_is_no_dataset_is_left_alone(self, folder, regenerate):
        (folder / "thesis.txt").write_text("mine")
        with pytest.raises(ValueError, match=r"thesis\.txt is not"):
            data.get_dataset(path="thesis.txt", download=False, regenerate=regenerate)
        assert (folder / "thesis.txt").read_text() == "mine"

    def test_an_empty_file_is_filled(self, folder):
        (folder / "a.pkl").touch()
        data.get_dataset({"num_samples": 20}, path=folder / "a.pkl", download=False)
        assert len(pickle.loads((folder / "a.pkl").read_bytes())["x"]) == 16

    def test_the_global_streams_move_only_when_told_to_regenerate(self):
        set_seed(13)
        expected = np.random.RandomState(13).random_sample()
        data.get_dataset({"num_samples": 20}, download=False)
        assert np.random.random_sample() == expected
        data.get_dataset({"num_samples": 20, "seed": 4}, download=False, regenerate=True)
        assert random.random() == random.Random(4).random()

    def test_keywords_reach_make_dataset(self):
        template = {"x": np.eye(2, 5), "t": np.arange(5), "y": np.arange(2)}
        found = data.get_dataset({"num_samples": 20}, download=False, template=template)
        assert set(found["y"]) == {0, 1}

    def test_contradictions(self):
        with pytest.raises(ValueError, match="download and regenerate must not both be True"):
            data.get_dataset(regenerate=True)
        with pytest.raises(ValueError, match=r"a\.csv"):
            data.get_dataset(path="a.csv")
        with pytest.raises(ValueError, match="did you mean 'num_samples'"):
            data.get_dataset({"num_sample": 3})

    def test_the_frozen_set_is_held_to_its_hash(self, monkeypatch):
        monkeypatch.setattr(data, "FROZEN_FLOAT32", "0" * 64)
        with pytest.raises(RuntimeError, match="float32 SHA-256"):
            data.make_frozen()


def test_the_human_expert(default):
    indices, labels = data.human_labels()
    assert indices.tolist() == [*range(100), *range(200, 500)]
    right = default["y_test"][indices] == labels
    assert (right.sum(), len(right)) == (383, 400)
    assert set(default["y_test"][indices][~right]).isdisjoint({3, 5, 6, 8})


def test_the_originals_names_and_defaults():
    x, t = data.get_templates()["x"][3], data.get_templates()["t"]
    for found, expected in zip(mnist1d_edu.transform(x, t, rng=np.random.RandomState(1)),
                               transform(x, t, rng=np.random.RandomState(1)), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert inspect.signature(mnist1d_edu.transform).parameters.keys() \
        == inspect.signature(transform).parameters.keys()
    assert mnist1d_edu.transform.pad is pad and mnist1d_edu.transform.transform is transform
    assert mnist1d_edu.data.get_dataset_args is mnist1d_edu.get_dataset_args
    args = mnist1d_edu.get_dataset_args()
    assert vars(args) == mnist1d_edu.get_dataset_args(as_dict=True)
    assert args.padding == [36, 60] and args.corr_noise_scale == 0.25
    args.padding[0] = 0
    assert mnist1d_edu.get_dataset_args().padding == [36, 60]


def test_object_view_is_its_dictionary():
    entries = {"a": 1}
    view = ObjectView(entries)
    view.a, view.b = 2, 3
    assert entries == {"a": 2, "b": 3}


def test_set_seed_seeds_both_streams():
    set_seed(9)
    first = random.random(), np.random.rand()
    set_seed(9)
    assert first == (random.random(), np.random.rand())
    with pytest.raises(TypeError, match=r"seed must be .*got 'nine'"):
        set_seed("nine")


def test_plot_signals(default, monkeypatch):
    import matplotlib
    monkeypatch.setattr(matplotlib, "get_backend", lambda: "agg")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    monkeypatch.setattr(plt, "show", lambda: None)
    fig = plot_signals(default["x"], default["t"], labels=default["y"], zoom=5)
    assert [ax.get_title() for ax in fig.axes] == [f"label={y}" for y in default["y"][:10]]
    np.testing.assert_array_equal(fig.axes[3].lines[0].get_xdata(), default["x"][3])
    assert fig.axes[0].get_ylim() == (5, -5)
    templates = data.get_templates()
    fig = plot_signals(templates["x"], templates["t"], args=data.get_dataset_args(),
                       do_transform=True, dark_mode=True)
    assert len(fig.axes[9].lines[0].get_xdata()) == 40
    plt.close("all")
    with pytest.raises(ValueError, match=r"args must be the dataset's arguments .* got None"):
        plot_signals(templates["x"], templates["t"], do_transform=True)
    with pytest.raises(ValueError, match=r"n at least 10; got \(3, 12"):
        plot_signals(templates["x"][:3], templates["t"])


def test_importing_needs_neither_scipy_nor_matplotlib():
    code = ("import sys, mnist1d_edu; mnist1d_edu.make_dataset({'num_samples': 10}); "
            "print({'scipy', 'matplotlib'} & set(sys.modules))")
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"
