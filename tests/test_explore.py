"""The explorer: what its sliders make is what the generator makes, and its server answers this
machine's browser alone."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from mnist1d_edu import cli, data, nn, optim, transform
from mnist1d_edu.experiments.intervals import wilson
from mnist1d_edu.explorer import answers, controls, server
from mnist1d_edu.train import fit

FEW = {"num_samples": 300}


def other(name: str):
    """A value of a slider that is not its default."""
    control = controls.CONTROLS[name]
    return True if name == "shuffle_seq" else int(control.high) if control.step == 1 else (
        control.high)


def ends(place: str) -> dict:
    """All sliders at their low or their high end."""
    return {name: place == "high" if name == "shuffle_seq" else
            type(controls._default(name))(getattr(control, place))
            for name, control in controls.CONTROLS.items()}


# ---------------------------------------------------------------------------- the sliders


def test_every_argument_of_the_generator_has_a_slider():
    assert {name.partition("[")[0] for name in controls.CONTROLS} == set(transform.DEFAULTS) - {
        "url"}
    for name, control in controls.CONTROLS.items():
        default = controls._default(name)
        assert control.low <= default <= control.high
        assert (default - control.low) / control.step == pytest.approx(
            round((default - control.low) / control.step)), "the slider cannot stand there"


def test_the_defaults_are_the_published_dataset():
    answer = answers.signals({})
    assert answer["default"] and answer["sha256"] == data.FROZEN_FLOAT32[:16]
    assert (answer["train"], answer["test"], answer["length"]) == (4000, 1000, 40)


@pytest.mark.parametrize("name", controls.CONTROLS)
def test_the_lines_to_copy_make_exactly_these_data(name, tmp_path, monkeypatch, capsys):
    settings = {**FEW, name: other(name)}
    if name == "padding[0]":
        settings["padding[1]"] = 96
    answer = answers.signals(settings)
    names: dict = {}
    exec(answer["python"], names)
    assert data.fingerprint(names["data"])[:16] == answer["sha256"]
    monkeypatch.chdir(tmp_path)
    assert cli.main(answer["shell"].split()[1:]) == 0
    assert answer["sha256"] in capsys.readouterr().out


@pytest.mark.parametrize("name", controls.CONTROLS)
def test_every_slider_changes_the_answer(name):
    low = {"padding[1]": 60} if name != "padding[1]" else {}
    before, after = answers.signals(low), answers.signals(
        {**low, name: 50 if name == "padding[0]" else other(name)})
    kept = {"classes", "train", "test", "length"}
    assert {k: before[k] for k in kept} != {k: after[k] for k in kept}


@pytest.mark.parametrize("place", ["low", "high"])
def test_the_ends_of_all_sliders_can_be_drawn_scored_and_trained_on(place):
    settings = {**ends(place), "num_samples": 100}
    answer = answers.signals(settings)
    assert all(len(c["noisy"]) == len(c["clean"]) == 3 for c in answer["classes"])
    assert 0 <= answers.scores(settings)["neighbour"]["accuracy"] <= 100
    for model in answers.MODELS:
        pieces = answers.training(model, settings)
        assert [next(pieces)["step"], next(pieces)["step"]] == [0, answers.PIECE]
        pieces.close()


# ---------------------------------------------------------------------------- the answers


def test_without_noise_a_signal_is_its_clean_self():
    quiet = {"corr_noise_scale": 0.0, "iid_noise_scale": 0.0, **FEW}
    for each in answers.signals(quiet)["classes"]:
        assert each["noisy"] == each["clean"]


def test_with_noise_a_signal_stays_near_its_clean_self():
    for each in answers.signals({"corr_noise_scale": 0.0, **FEW})["classes"]:
        gap = np.subtract(each["noisy"], each["clean"])
        assert 0 < gap.std() < 0.15


def test_the_shares_are_those_of_the_variance():
    shares = answers.scores({})["shares"]
    assert sum(shares.values()) == pytest.approx(100, abs=0.3)
    assert list(shares) == ["digit", "shear_scale", "corr_noise_scale", "iid_noise_scale"]
    silent = answers.scores({**FEW, "iid_noise_scale": 0, "shear_scale": 0})["shares"]
    assert silent["iid_noise_scale"] == silent["shear_scale"] == 0 < silent["corr_noise_scale"]
    # independent noise has its own variance, a third or so of it lost by resampling
    loud = data.make_dataset({"iid_noise_scale": 0.5}, rng=np.random.RandomState(42))
    unit = answers._unit(loud)
    share = answers.scores({"iid_noise_scale": 0.5})["shares"]["iid_noise_scale"]
    assert 0.5 < share / (100 * 0.5**2 / unit**2) < 1


def test_the_intervals_are_wilsons():
    answer = answers.scores(FEW)["linear"]
    low, high = wilson(round(answer["accuracy"] * 60 / 100), 60)
    assert (answer["low"], answer["high"]) == (round(100 * low, 2), round(100 * high, 2))


def test_a_training_in_pieces_is_one_run_of_fit(monkeypatch):
    monkeypatch.setattr(answers, "STEPS", 200)
    points = list(answers.training("mlp", FEW))
    made = data.make_dataset(FEW, rng=np.random.RandomState(42))
    history = fit(nn.mlp(), made, optim.adam(1e-2), 200, eval_every=100, progress=False)
    assert [p["step"] for p in points] == [0, 100, 200]
    assert [p["accuracy"] for p in points] == history.test_accuracy[:, 0].round(2).tolist()


# ---------------------------------------------------------------------------- the server


@pytest.fixture(scope="module")
def running():
    made = server.Server()
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def ask(running, call="signals", body: object = b"{}", method="POST", secret=None, **headers):
    """The status and text of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", running.server_port, timeout=60)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.request(method, f"/{secret or running.secret}/{call}",
                       content if method == "POST" else None,
                       {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    text = answer.read().decode("utf-8")
    connection.close()
    return answer.status, text


def test_the_page_has_all_it_needs(running):
    status, text = ask(running, "", method="GET")
    assert status == 200
    assert all(f'"name": "{name}"' in text for name in controls.CONTROLS)
    assert set(re.findall(r"https?://[^\s\"'`{]+", text)) == {"http://www.w3.org/$"}
    assert not re.search(r"\b(src|href)=\"(?!data:,)", text)


def test_it_answers(running):
    assert json.loads(ask(running)[1])["default"]
    assert json.loads(ask(running, "scores", FEW)[1])["linear"]["accuracy"] > 10
    status, text = ask(running, "train", {"model": "logistic", **FEW})
    steps = [json.loads(line)["step"] for line in text.splitlines()]
    assert status == 200 and steps == list(range(0, answers.STEPS + 1, answers.PIECE))


@pytest.mark.parametrize("call, body, name", [
    ("signals", b"{", "settings"), ("signals", b"\xff", "settings"), ("signals", b"", "settings"),
    ("signals", b"[" * 9000, "settings"), ("signals", b"[]", "settings"),
    ("signals", b"3", "settings"), ("signals", {"sede": 1}, "'sede'"),
    ("signals", {"url": "x"}, "'url'"), ("signals", {"seed": -1}, "seed"),
    ("signals", {"seed": 1.5}, "seed"), ("signals", {"seed": None}, "seed"),
    ("signals", {"num_samples": 10**9}, "num_samples"),
    ("signals", {"num_samples": True}, "num_samples"),
    ("signals", {"padding[0]": 61}, "padding"), ("signals", {"padding[1]": "60"}, "padding[1]"),
    ("signals", {"shuffle_seq": 1}, "shuffle_seq"),
    ("signals", b'{"scale_coeff": NaN}', "scale_coeff"),
    ("signals", b'{"scale_coeff": 1e999}', "scale_coeff"),
    ("scores", {"iid_noise_scale": [0.1]}, "iid_noise_scale"),
    ("scores", {"final_seq_length": 7}, "final_seq_length"),
    ("scores", {"train_split": 0.95}, "train_split"), ("scores", {"model": "cnn"}, "'model'"),
    ("train", {}, "model"), ("train", {"model": "resnet"}, "model"),
    ("train", {"model": ["cnn"]}, "model"), ("train", {"model": "cnn", "seed": "7"}, "seed")])
def test_what_it_cannot_use_is_named_in_one_line(running, call, body, name):
    status, text = ask(running, call, body)
    assert status == 400 and "\n" not in text and name in text and "must be" in text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{}", "127.0.0.1", "[::1]:{}", ""])
def test_another_host_is_refused(running, host):
    for call, method in (("", "GET"), ("signals", "POST")):
        status, text = ask(running, call, method=method, Host=host.format(running.server_port))
        assert status == 403 and "\n" not in text


def test_localhost_is_this_machine(running):
    assert ask(running, Host=f"localhost:{running.server_port}")[0] == 200


@pytest.mark.parametrize("call, method, secret, status", [
    ("", "GET", "guess", 404), ("signals", "POST", "guess", 404), ("signals", "POST", "é", 404),
    ("signals", "GET", None, 404), ("", "POST", None, 404), ("nothing", "POST", None, 404),
    ("../", "GET", None, 404), ("_made", "POST", None, 404), ("", "PUT", None, 501),
    ("", "DELETE", None, 501), ("", "OPTIONS", None, 501)])
def test_only_its_own_calls_are_answered(running, call, method, secret, status):
    if secret == "é":
        secret = "%C3%A9"
    assert ask(running, call, method=method, secret=secret)[0] == status


@pytest.mark.parametrize("length, status", [("10001", 413), ("9" * 5000, 413), ("-1", 411),
                                            ("x", 411), ("²", 411), (None, 411)])
def test_the_length_of_a_request_is_limited(running, length, status):
    with socket.create_connection(("127.0.0.1", running.server_port), timeout=60) as line:
        given = "" if length is None else f"Content-Length: {length}\r\n"
        line.sendall((f"POST /{running.secret}/signals HTTP/1.1\r\nHost: 127.0.0.1:"
                      f"{running.server_port}\r\n{given}\r\n").encode())
        assert line.makefile("rb").readline().split()[1] == str(status).encode()


def until(true, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


LONG = 3000     # pieces, each a hundredth of a second


@pytest.fixture
def endless(monkeypatch):
    """A training that would go on for half a minute; the settings of those that have ended."""
    ended = []

    def pieces(model, settings):
        try:
            for step in range(LONG):
                time.sleep(0.01)
                yield {"step": step, "settings": settings}
        finally:
            ended.append(settings)
    monkeypatch.setattr(answers, "training", pieces)
    return ended


def test_a_new_training_ends_the_old_one(running, endless):
    texts = []
    old = threading.Thread(target=lambda: texts.append(ask(running, "train", {"seed": 1})[1]))
    old.start()
    until(running.training.locked)
    connection = http.client.HTTPConnection("127.0.0.1", running.server_port, timeout=60)
    connection.request("POST", f"/{running.secret}/train", json.dumps({"seed": 2}))
    first = json.loads(connection.getresponse().readline())
    old.join(60)
    assert first["settings"] == {"seed": 2} and endless == [{"seed": 1}]
    last = json.loads(texts[0].splitlines()[-1])
    assert last["settings"] == {"seed": 1} and last["step"] < LONG - 1
    connection.close()
    until(lambda: len(endless) == 2)    # the browser has gone, and so ends the second


def test_a_training_that_fails_says_so(running, monkeypatch):
    def pieces(model, settings):
        yield {"step": 0}
        raise ArithmeticError("the loss is\nnan")
    monkeypatch.setattr(answers, "training", pieces)
    last = ask(running, "train", {"model": "mlp"})[1].splitlines()[-1]
    assert json.loads(last) == {"error": "the loss is nan"}


def test_a_browser_that_leaves_is_no_error(running, capfd):
    for text in (b"", b"GET /", f"POST /{running.secret}/signals HTTP/1.1\r\nHost: 127.0.0.1:"
                 f"{running.server_port}\r\nContent-Length: 100\r\n\r\n{{".encode()):
        line = socket.create_connection(("127.0.0.1", running.server_port))
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        line.sendall(text)
        line.close()    # with a reset
    assert ask(running)[0] == 200
    assert capfd.readouterr() == ("", "")


# ---------------------------------------------------------------------------- the command


def test_ctrl_c_ends_it_with_one_line(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "mnist1d_edu", "explore", "--no-browser"], text=True, cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    address = re.search(r"http://\S+", process.stdout.readline()).group()
    port, secret = re.fullmatch(r"http://127.0.0.1:(\d+)/([\w-]{20,})/", address).groups()
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    connection.request("POST", f"/{secret}/train", b'{"model": "cnn"}')
    assert b'"step": 0' in connection.getresponse().readline()
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60) == ("", "stopped\n")
    assert process.returncode == 130


def test_a_port_that_is_taken_is_told_in_one_line(running, capsys):
    assert cli.main(["explore", "--port", str(running.server_port), "--no-browser"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert f"port must be one that is free, or 0 for any; got {running.server_port}" in said.err


@pytest.mark.parametrize("port", ["-1", "70000", "x"])
def test_a_port_that_is_none_is_told_in_one_line(port, capsys):
    try:
        status = cli.main(["explore", "--port", port, "--no-browser"])
    except SystemExit as end:
        status = end.code
    said = capsys.readouterr().err
    assert status == 2 and said.count("\n") == 1 and "port" in said and port in said


@pytest.mark.parametrize("wanted", [True, False])
def test_it_opens_the_browser_at_its_address(wanted, monkeypatch, capsys):
    opened = threading.Event()
    seen = []
    monkeypatch.setattr(server.webbrowser, "open", lambda url: seen.append(url) or opened.set())

    def serve(self):
        assert opened.wait(60 if wanted else 0.2) is wanted
        raise KeyboardInterrupt
    monkeypatch.setattr(server.Server, "serve_forever", serve)
    assert cli.main(["explore", *([] if wanted else ["--no-browser"])]) == 130
    said = capsys.readouterr()
    assert said.err == "stopped\n" and all(f"at {url} (" in said.out for url in seen)
    assert len(seen) == wanted
