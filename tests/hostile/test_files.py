"""Broken files, bombs and traps: each is one line, within 10 s and 1 GB, and nothing of it runs."""

from __future__ import annotations

import io
import json
import os
import pickle
import random
import signal
import stat
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from campaign import SCALE
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist1d_edu import data, files, formats
from mnist1d_edu.pickles import plain_pickle

HERE = Path(__file__).parent
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files and limits")


def small() -> dict:
    return data.make_dataset({"num_samples": 20}, rng=np.random.RandomState(0))


def npy(header: bytes, content: bytes = b"") -> bytes:
    header = header.ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content


def described(dtype: str, shape: str) -> bytes:
    return f"{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}, }}".encode()


def npz(members: dict[str, bytes], compression=zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def whole_npz(tmp_path, **options) -> bytes:
    path = tmp_path / "whole.npz"
    path.unlink(missing_ok=True)
    return data.save_dataset(small() | options, path, {"num_samples": 20}).read_bytes()


def patched(content: bytes, offset: int, value: bytes) -> bytes:
    """A zip with bytes changed in each entry of its central directory and its local headers."""
    out = bytearray(content)
    for mark, shift in ((b"PK\x01\x02", 2), (b"PK\x03\x04", 0)):
        at = out.find(mark)
        while at >= 0:
            out[at + offset + shift:at + offset + shift + len(value)] = value
            at = out.find(mark, at + 4)
    return bytes(out)


def with_args(text, **kind) -> bytes:
    arrays_ = {k: v for k, v in small().items() if k != "templates"}
    buffer = io.BytesIO()
    np.savez(buffer, args=np.array(text, **kind), **arrays_)
    return buffer.getvalue()


def memo_pairs(count: int) -> bytes:
    return b"\x80\x04K\x01" + b"2\x86" * count + b"."


def called(module: str, name: str, arguments: bytes) -> bytes:
    return b"\x80\x03c" + f"{module}\n{name}\n".encode() + arguments + b"R."


DTYPE = b"cnumpy\ndtype\nX\x02\x00\x00\x00f8\x89\x88\x87R"


class Trap:
    def __init__(self, mark):
        self.mark = str(mark)

    def __reduce__(self):
        return open, (self.mark, "w")


def crafted(tmp_path) -> dict[str, bytes]:
    """File name -> content: each was, or could be, the end of a reader."""
    mark = tmp_path / "mark"
    rows = b"split,y,x0\n"
    zeros = np.zeros(3)
    bomb = zlib.compress(bytes(2**26), 9)
    cases = {
        # pickles
        "pairs.thing": memo_pairs(24), "more_pairs.thing": memo_pairs(400),
        "huge_memo.thing": b"\x80\x03K\x01r\xff\xff\xff\x7f.",
        "huge_memo_text.thing": b"I1\np99999999999999999\n.",
        "scalar.thing": called("numpy.core.multiarray", "scalar",
                               DTYPE + b"J\xff\xff\xff\x7f\x86"),
        "frombuffer.thing": called("numpy.core.numeric", "_frombuffer",
                                   b"(J\xff\xff\xff\x7f" + DTYPE + b"K\x01\x85X\x01\0\0\0Ct"),
        "copies.thing": b"\x80\x03B" + struct.pack("<I", 2**22) + bytes(2**22) + b"q\x000" +
                        DTYPE + b"q\x010]" + (b"cnumpy.core.numeric\n_frombuffer\n(h\0h\1J" +
                        struct.pack("<i", 2**19) + b"\x85X\x01\0\0\0CtRa") * 300 + b".",
        "wide_text.thing": b"\x80\x03X" + struct.pack("<I", 2**26) + b"a" * (2**26 - 4)
                           + "😀".encode() + b".",
        "deep.thing": b"\x80\x03" + b"]" * 100_000 + b"a" * 99_999 + b".",
        "deep_tuple.thing": b"\x80\x03)" + b"\x85" * 100_000 + b".",
        "itself.thing": b"\x80\x03]q\x00h\x00a.",
        "many.thing": b"\x80\x03(" + b"K\x01" * 3_000_000 + b"l.",
        "marks.thing": b"\x80\x03" + b"(" * 900_000 + b".",
        "long.thing": b"\x80\x03\x8b" + struct.pack("<i", 2**20) + b"\x7f" * 2**20 + b".",
        "long_text.thing": b"L" + b"9" * 100_000 + b"L\n.",
        "negative.thing": b"\x80\x03\x8b" + struct.pack("<i", -5) + b".",
        "short.thing": b"\x80\x04\x8e" + struct.pack("<Q", 2**62) + b"abc.",
        "key.thing": b"\x80\x03}" + memo_pairs(30)[2:-1] + b"K\x01s.",
        "colliding.thing": b"\x80\x03}(" + b"".join(
            b"\x8a\x0e" + (i * (2**61 - 1)).to_bytes(14, "little") + b"K\x01"
            for i in range(40_000)) + b"u.",
        "set.thing": pickle.dumps({1, 2}, 4), "frozen.thing": pickle.dumps(frozenset([1]), 4),
        "set_inside.thing": pickle.dumps([{(1, frozenset([2])): 1}], 4),
        "bytearray.thing": pickle.dumps(bytearray(b"x"), 5),
        "class.thing": pickle.dumps(Path), "type_key.thing": b"\x80\x03}" + DTYPE + b"K\x01s.",
        "name_out.thing": b"cnumpy\nndarray\n.", "name_in_set.thing":
            b"\x80\x04\x8f(cnumpy\nndarray\n\x90.",
        "unfilled.thing": called("numpy.core.multiarray", "_reconstruct", b")"),
        "trap.thing": pickle.dumps({"x": [Trap(mark)]}),
        "trap_key.thing": pickle.dumps({(1, Trap(mark).mark): Trap(mark)}),
        "inst.thing": b"(Vx\nios\nsystem\n.", "obj.thing": b"(cos\nsystem\nVx\no.",
        "newobj.thing": b"\x80\x04cos\nsystem\n)\x81.", "ext.thing": b"\x80\x02\x82\x01.",
        "persistent.thing": b"Px\n.", "buffer.thing": b"\x80\x05\x97.",
        "stack.thing": b"\x80\x04\x93.", "build.thing": b"\x80\x03]K\x01b.",
        "dtype_pointers.thing": pickle.dumps(zeros, 3).replace(b"\0f8", b"\0O8"),
        "dtype_state.thing": b"\x80\x03" + DTYPE + b"(K\x03X\x01\0\0\0|N}X\x01\0\0\0xK\x01sNK\x01t"
                             b"b.",
        "dtype_name.thing": pickle.dumps(zeros, 3).replace(
            b"X\x02\0\0\0f8", b"X\x0c\0\0\0S99999999999"),
        "shape.thing": pickle.dumps(zeros, 3).replace(b"K\x03\x85", b"K\xff\x85"),
        "shape_negative.thing": pickle.dumps(zeros, 3).replace(b"K\x03\x85", b"J\xff\xff\xff\xff"
                                                                            b"\x85"),
        "shape_zero.thing": pickle.dumps(np.zeros(0), 3).replace(b"K\x00\x85q", b"K\x00\x85q"),
        "no_end.thing": b"\x80\x03K\x01", "empty.thing": b"", "unknown.thing": b"\xff.",
        # .npz
        "shape.npz": npz({"x.npy": npy(described("'<f8'", "(1000000000000,)"))}),
        "shape_overflow.npz": npz({"x.npy": npy(described("'<f8'", "(4294967296, 4294967296)"))}),
        "shape_negative.npz": npz({"x.npy": npy(described("'<f8'", "(-1,)"))}),
        "shape_no.npz": npz({"x.npy": npy(described("'<f8'", "('a',)"))}),
        "nested_header.npz": npz({"x.npy": npy(b"[" * 9000)}),
        "code_header.npz": npz({"x.npy": npy(b"__import__('os').system('true')")}),
        "dtype_text.npz": npz({"x.npy": npy(described("'<U1000000000'", "(1,)"))}),
        "dtype_object.npz": npz({"x.npy": npy(described("'|O'", "(1,)"), pickle.dumps(zeros))}),
        "dtype_many.npz": npz({"x.npy": npy(described("'f8,f8'", "(1,)"), bytes(16))}),
        "dtype_wrong.npz": npz({"x.npy": npy(described("'<q99'", "(1,)"), bytes(8))}),
        "version.npz": npz({"x.npy": b"\x93NUMPY\x09\x00" + bytes(100)}),
        "text.npz": npz({"x.npy": b"hello"}), "folder.npz": npz({"x/": b""}),
        "stray.npz": npz({"readme.txt": b"hello"}),
        "lzma.npz": npz({"x.npy": npy(described("'<f8'", "(1,)"), bytes(8))}, zipfile.ZIP_LZMA),
        "bomb.npz": npz({f"{i}.npy": npy(described("'<f8'", "(2097152,)"), bytes(2**24))
                         for i in range(33)}, zipfile.ZIP_DEFLATED),
        "members.npz": npz({f"{i}.npy": b"" for i in range(3000)}),
        "encrypted.npz": patched(whole_npz(tmp_path), 6, b"\x01"),
        "compression.npz": patched(whole_npz(tmp_path), 8, b"\x63"),
        "checksum.npz": patched(whole_npz(tmp_path), 14, b"\x00\x00\x00\x01"),
        "too_long.npz": patched(whole_npz(tmp_path), 22, b"\xf0\xff\xff\x1f"),
        "pickle.npz": pickle.dumps(zeros), "raw.npz": bomb,
        "args_list.npz": with_args("[1]"), "args_name.npz": with_args('{"sead": 1}'),
        "args_kind.npz": with_args(3.5), "args_many.npz": with_args(["{}", "{}"]),
        "args_broken.npz": with_args("{"), "args_deep.npz": with_args("[" * 200_000),
        "args_infinite.npz": with_args('{"seed": 1e999}'),
        "args_text.npz": with_args('"seed"'), "args_bytes.npz": with_args(b"{}"),
        "args_padding.npz": with_args('{"padding": {"a": 1}}'),
        # .csv
        "columns.csv": b"split,y," + ",".join(f"x{i}" for i in range(10**6)).encode() + b"\n"
                       + b"train,1,2\n",
        "line.csv": rows + b"1" * (2**25 + 5), "fields.csv": rows + b"," * 2**25,
        "cell.csv": rows + b"train,1," + b"a" * 130_000 + b"\n",
        "quote.csv": rows + b'train,1,"' + b"a\n" * 200_000,
        "label.csv": rows + b"train,99999999999999999999,1\n",
        "label_digits.csv": rows + b"train," + b"9" * 100_000 + b",1\n",
        "label_float.csv": rows + b"train,1.5,1\n", "label_text.csv": rows + b"train,one,1\n",
        "numbers.csv": rows + b"train,1,1\n" * 200_000 + b"trian,1,1\n",
        "null.csv": rows + b"train,1,\0\n", "bytes.csv": rows + b"\xff\xfe\n",
        "infinite.csv": rows + b"train,1,1e999\n", "byte_order.csv": b"\xef\xbb\xbf" + rows,
        "blank.csv": b"\n" * 10**6, "no_column.csv": b"split,y\ntrain,1\n",
    }
    for name, keep in (("labels", 10), ("signals", 3)):
        broken = small()
        broken["y" if name == "labels" else "x"] = broken["y" if name == "labels" else "x"][:keep]
        cases[f"fewer_{name}.thing.pkl"] = pickle.dumps(broken)
    for key, value in (("x", zeros), ("y", "text"), ("t", [1, [2]]), ("templates", [1]),
                       ("x", np.full((16, 40), np.nan)), ("y", np.zeros((16, 1))), (3, 4),
                       ("x_test", np.zeros((4, 39))), ("args", "x"), ("templates_x", zeros),
                       ("a/../b", zeros), ("t", None)):
        cases[f"wrong_{len(cases)}.pkl"] = pickle.dumps(small() | {key: value})
    return cases


# a number under a huge index, an array of length 0, and 64 MB of text: plain values all the same
HARMLESS = {"huge_memo.thing", "huge_memo_text.thing", "shape_zero.thing", "wide_text.thing"}


def read_all(folder: Path, names) -> dict[str, str]:
    """What each file was, read in a process with limits."""
    paths, found = [str(folder / name) for name in names], {}
    while paths:
        process = subprocess.run([sys.executable, str(HERE / "read_files.py"), *paths],
                                 capture_output=True, text=True, timeout=600,
                                 env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
        lines = [json.loads(line) for line in process.stdout.splitlines()]
        assert not [line for line in lines if len(line) == 3], "something of a file was run"
        found |= {Path(path).name: said for path, said in lines}
        paths = paths[len(lines):]
        if paths:   # the process ended at the first of them
            hung = process.returncode in (-signal.SIGPROF, -signal.SIGALRM)
            why = "hung" if hung else process.stderr[-300:]
            found[Path(paths.pop(0)).name] = f"DIED: {why}"
    return found


def told(found: dict[str, str], may_be_whole=()) -> None:
    for name, said in found.items():
        if name not in may_be_whole:
            assert said.startswith(("ValueError: ", "OSError: ")), f"{name}: {said}"
            assert "\n" not in said and len(said) < 500, f"{name}: {said}"
            assert "MemoryError" not in said and "allocate" not in said, f"{name}: {said}"


@posix
def test_crafted_files(tmp_path):
    cases = crafted(tmp_path)
    for name, content in cases.items():
        (tmp_path / name).write_bytes(content)
    told(read_all(tmp_path, cases), may_be_whole=HARMLESS)
    assert not (tmp_path / "mark").exists()


def mutated(content: bytes, chance: random.Random) -> bytes:
    out = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        kind, at = chance.randrange(4), chance.randrange(len(out))
        if kind == 0:
            out[at] = chance.randrange(256)
        elif kind == 1:
            out[at:at + chance.randrange(1, 40)] = b""
        elif kind == 2:
            out[at:at] = chance.randbytes(chance.randrange(1, 9))
        else:
            from_, size = chance.randrange(len(out)), chance.randrange(1, 40)
            out[at:at + size] = out[from_:from_ + size]
        if not out:
            out = bytearray(b"0")
    return bytes(out)


@posix
def test_mutated_files(tmp_path):
    """Whole files with bytes changed, dropped, put in or copied: they may still be whole."""
    chance = random.Random(0)
    whole = whole_npz(tmp_path)
    csv = data.save_dataset(small(), tmp_path / "whole.csv").read_bytes()
    squeezed = io.BytesIO()
    np.savez_compressed(squeezed, **{k: v for k, v in small().items() if k != "templates"})
    sources = [("npz", whole), ("npz", squeezed.getvalue()), ("csv", csv),
               *(("pkl", pickle.dumps(small(), protocol)) for protocol in (0, 2, 3, 4, 5))]
    names = []
    for i in range(240 * SCALE):
        suffix, content = sources[i % len(sources)]
        names.append(f"{i}.{suffix}")
        head = chance.random() < 0.5    # where the structure is, not the numbers
        cut = min(400, len(content)) if head else len(content)
        (tmp_path / names[-1]).write_bytes(mutated(content[:cut], chance) + content[cut:])
    for start in range(0, len(names), 400):
        found = read_all(tmp_path, names[start:start + 400])
        told({name: said for name, said in found.items() if said != "ok"})


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-2**200, 2**200) | st.floats(allow_nan=False)
    | st.text() | st.binary()
    | arrays.arrays(arrays.integer_dtypes() | arrays.floating_dtypes(sizes=(32, 64))
                    | arrays.unicode_string_dtypes(max_len=3), arrays.array_shapes(min_dims=0),
                    elements=None),
    lambda parts: st.lists(parts) | st.tuples(parts, parts)
    | st.dictionaries(st.text() | st.integers() | st.tuples(st.integers(), st.text()), parts),
    max_leaves=12)


@settings(max_examples=200 * SCALE, deadline=None)
@given(PLAIN, st.integers(0, 5))
def test_plain_values_are_read_as_python_reads_them(thing, protocol):
    content = pickle.dumps([thing, thing], protocol)
    assert same(plain_pickle(content, "it"), pickle.loads(content))


def same(found, want) -> bool:
    """Whether two plain values are alike in types and content."""
    if type(found) is not type(want):
        return False
    if isinstance(want, (list, tuple)):
        return len(found) == len(want) and all(map(same, found, want))
    if isinstance(want, dict):
        return list(found) == list(want) and all(map(same, found.values(), want.values()))
    if isinstance(want, np.ndarray):
        native = [value.dtype.newbyteorder("=") for value in (found, want)]
        return native[0] == native[1] and found.flags.writeable \
            and np.array_equal(found, want, equal_nan=want.dtype.kind == "f")
    return found == want


@posix
@pytest.mark.parametrize("suffix", ["npz", "csv", "pkl"])
def test_pipes_devices_and_folders_are_refused_without_reading(tmp_path, suffix):
    pipe, link, folder = (tmp_path / f"{name}.{suffix}" for name in ("pipe", "link", "folder"))
    os.mkfifo(pipe)
    link.symlink_to("/dev/zero")
    folder.mkdir()
    for path, what in ((pipe, "a pipe"), (link, "a device"), (folder, "a folder")):
        with pytest.raises(OSError, match=f"is {what}; it must be a regular file"):
            data.load_dataset(path)
        with pytest.raises(OSError, match=f"is {what}; it must be a regular file"):
            files.write_whole(path, "x")
        if suffix != "csv":
            with pytest.raises(OSError, match=f"is {what}; it must be a regular file"):
                data.get_dataset({"num_samples": 20}, path, download=False, regenerate=True)
    assert stat.S_ISFIFO(pipe.stat().st_mode) and stat.S_ISCHR(Path("/dev/zero").stat().st_mode)


@posix
def test_a_link_stays_a_link_and_a_mode_stays(tmp_path):
    real, link, dangling = tmp_path / "deep" / "real", tmp_path / "link", tmp_path / "dangling"
    real.parent.mkdir()
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    dangling.symlink_to(tmp_path / "new")
    files.write_whole(link, "new text")
    files.write_whole(dangling, "text")
    assert link.is_symlink() and real.read_text() == "new text"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert dangling.is_symlink() and (tmp_path / "new").read_text() == "text"
    before = os.umask(0o027)
    try:
        files.write_whole(tmp_path / "fresh", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "fresh").stat().st_mode) == 0o640


def test_a_long_name(tmp_path):
    name = "n" * 246 + ".csv"
    assert data.load_dataset(data.save_dataset(small(), tmp_path / name))["x"].shape == (16, 40)
    assert [path.name for path in tmp_path.iterdir()] == [name]


WRITER = """
import sys
from mnist1d_edu.files import write_whole
print("on", flush=True)
number = 0
while True:
    number += 1
    write_whole(sys.argv[1], bytes([number % 256]) * 3_000_000)
"""


@posix
def test_kills_leave_a_whole_file_and_the_next_writer_tidies_up(tmp_path):
    path, left = tmp_path / "file", 0
    for kill in range(8 * SCALE):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)],
                                   stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(0.01 + 0.003 * (kill % 8))
        process.kill()
        process.communicate()
        if path.exists():
            content = path.read_bytes()
            assert len(content) == 3_000_000 and len(set(content)) == 1
        left += len(list(tmp_path.glob(".*")))
    assert left, "no kill came while a file was being written: try other moments"
    files.write_whole(path, "end")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@posix
def test_a_living_writers_file_is_left_alone(tmp_path):
    """Three processes write in one folder at once, each tidying up: nothing gets lost."""
    code = WRITER.replace("while True", "while number < 60").replace("3_000_000", "300_000")
    processes = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / f"{i}")],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                 for i in range(3)]
    assert [process.communicate()[1] for process in processes] == [b""] * 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1", "2"]
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {bytes([60]) * 300_000}


class TestSaving:
    @pytest.mark.parametrize("suffix", ["npz", "csv", "pkl"])
    def test_every_array_is_written_or_refused(self, tmp_path, suffix):
        more = small() | {"x_val": np.arange(6.0).reshape(2, 3), "file": np.array(["a", "b"])}
        path = tmp_path / f"set.{suffix}"
        if suffix == "csv":
            with pytest.raises(ValueError, match=r"file, x_val, for which a \.csv table has no"):
                data.save_dataset(more, path)
            return
        if suffix == "pkl":
            data.to_pickle(more, path)
        else:
            data.save_dataset(more, path)
        found = data.load_dataset(path)
        assert found.keys() == more.keys()
        np.testing.assert_equal(found, more)

    def test_templates_with_more_than_usual(self, tmp_path):
        more = small()
        more["templates"] = more["templates"] | {"names": np.array(["zero", "one"])}
        found = data.load_dataset(data.save_dataset(more, tmp_path / "set.npz"))
        np.testing.assert_equal(found, more)

    @pytest.mark.parametrize(("key", "value", "text"), [
        ("y", np.arange(16) / 2, "y has dtype float64; labels in a .csv file must be integers"),
        ("y", np.full(16, 2**64 - 1, np.uint64), "y has dtype uint64; labels"),
        ("y", np.full(16, True), "y has dtype bool; labels"),
        ("x", np.full((16, 40), "a"), "x of dataset must be"),
        ("y_test", np.array([None] * 4), "y_test of dataset has dtype object; it must be of"),
        ("y", [1, [2]], "y of dataset is not an array: "),
        ("x", np.zeros((16, 41)), "their signals must be equally long"),
    ])
    def test_what_a_table_cannot_hold_is_refused_before_a_file_is_there(self, tmp_path, key, value,
                                                                       text):
        with pytest.raises((ValueError, TypeError), match=text.replace(".", r"\.")) as caught:
            data.save_dataset(small() | {key: value}, tmp_path / "set.csv")
        assert "\n" not in str(caught.value)
        assert not list(tmp_path.iterdir())

    def test_labels_of_any_kind_in_an_npz(self, tmp_path):
        for i, labels in enumerate((np.arange(16) / 2, -np.arange(16), np.array(["a"] * 16))):
            path = data.save_dataset(small() | {"y": labels}, tmp_path / f"{i}.npz")
            np.testing.assert_array_equal(data.load_dataset(path)["y"], labels)

    def test_what_is_too_large_to_be_read_is_not_written(self, tmp_path, monkeypatch):
        monkeypatch.setattr(formats, "MOST_NUMBERS", 700)
        monkeypatch.setattr(formats, "MOST_BYTES", 6000)
        for name, text in (("a.csv", "800 numbers"), ("a.npz", "bytes together")):
            with pytest.raises(ValueError, match=text):
                data.save_dataset(small(), tmp_path / name)
        assert not list(tmp_path.iterdir())
