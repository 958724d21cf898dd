"""Fetching the frozen file, from a server on this machine that is honest, wrong or slow."""

import hashlib
import http.server
import pickle
import threading
import time

import numpy as np
import pytest

from mnist1d_edu import data

SMALL = data.make_dataset({"num_samples": 100}, rng=np.random.RandomState(0))
CONTENT = pickle.dumps(SMALL, protocol=3)
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        getattr(self, "answer_" + self.path.strip("/"))()

    def log_message(self, *_):
        pass

    def send(self, content, length=None):
        self.send_response(200)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)

    def answer_right(self):
        self.send(CONTENT)

    def answer_wrong(self):
        self.send(CONTENT[:-20] + b"x" * 20)

    def answer_half(self):
        self.send(CONTENT[:len(CONTENT) // 2], len(CONTENT))

    def answer_endless(self):
        self.send_response(200)
        self.end_headers()
        while not self.server.done.is_set():
            self.wfile.write(b"x" * 65536)

    def answer_trickle(self):
        self.send_response(200)
        self.end_headers()
        while not self.server.done.wait(0.02):
            self.wfile.write(b"x")

    def answer_headers(self):
        self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
        while not self.server.done.wait(0.02):
            self.wfile.write(b"x")

    def answer_stall(self):
        self.send(CONTENT[:1000], len(CONTENT))
        self.server.done.wait()

    def answer_silent(self):
        self.server.done.wait()

    def answer_error(self):
        self.send_error(404)

    def answer_moved(self):
        self.send_response(302)
        self.send_header("Location", "/right")
        self.end_headers()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client that hangs up is what half of these tests are about."""


@pytest.fixture(scope="module")
def server():
    server = Server(("127.0.0.1", 0), Handler)
    server.done = threading.Event()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.done.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.mark.parametrize("page", ["right", "moved"])
def test_the_right_file(server, tmp_path, page):
    path = tmp_path / "frozen.pkl"
    found = data.fetch_frozen(server + page, path, sha256=CHECKSUM.upper())
    for name in ("x", "x_test", "y", "y_test", "t"):
        np.testing.assert_array_equal(found[name], SMALL[name])
    np.testing.assert_array_equal(found["templates"]["x"], SMALL["templates"]["x"])
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(("page", "text"), [("wrong", "must have the SHA-256"),
                                            ("half", f"{len(CONTENT) // 2} bytes")])
def test_other_bytes_are_refused_before_they_are_parsed(server, tmp_path, monkeypatch, page, text):
    monkeypatch.setattr(data, "plain_pickle", lambda *_: pytest.fail("parsed"))
    with pytest.raises((ValueError, ConnectionError), match=text) as caught:
        data.fetch_frozen(server + page, tmp_path / "frozen.pkl", sha256=CHECKSUM)
    assert "\n" not in str(caught.value) and server + page in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_the_published_checksum_is_the_default(server):
    with pytest.raises(ValueError, match=data.FROZEN_SHA256):
        data.fetch_frozen(server + "right")


def test_an_answer_without_end_is_cut_off(server):
    with pytest.raises(ValueError, match="more than max_bytes=100000 bytes"):
        data.fetch_frozen(server + "endless", sha256=CHECKSUM, max_bytes=100_000)


@pytest.mark.parametrize("page", ["stall", "trickle", "headers", "silent"])
def test_the_timeout_is_for_everything_together(server, tmp_path, page):
    start = time.monotonic()
    with pytest.raises(TimeoutError, match=r"within 0\.3 seconds"):
        data.fetch_frozen(server + page, tmp_path / "a.pkl", timeout=0.3, sha256=CHECKSUM)
    assert 0.2 < time.monotonic() - start < 3
    assert not list(tmp_path.iterdir())


def test_no_server_and_no_such_page(server):
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as unused:
        port = unused.server_port
    with pytest.raises(ConnectionError, match=r"could not be fetched: .*refused"):
        data.fetch_frozen(f"http://127.0.0.1:{port}/right", timeout=5)
    with pytest.raises(ConnectionError, match="404"):
        data.fetch_frozen(server + "error", timeout=5)


def test_right_checksum_but_no_dataset(server, monkeypatch):
    with pytest.raises(ValueError, match="is not a dataset"):
        monkeypatch.setattr(data, "plain_pickle", lambda *_: {"x": 1})
        data.fetch_frozen(server + "right", sha256=CHECKSUM)


@pytest.mark.parametrize(("arguments", "text"), [
    ({"url": "file:///etc/hostname"}, "the scheme of url must be .*got 'file'"),
    ({"url": "nowhere"}, "scheme"),
    ({"timeout": 0}, "timeout must be .*got 0"), ({"max_bytes": 0}, "max_bytes must be .*got 0"),
    ({"sha256": "abc"}, "sha256 must be .*got 'abc'"),
], ids=str)
def test_bad_input(arguments, text):
    with pytest.raises(ValueError, match=text):
        data.fetch_frozen(**arguments)


def test_a_file_that_exists_is_not_overwritten(server, tmp_path):
    path = tmp_path / "mine.pkl"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="exists"):
        data.fetch_frozen(server + "right", path, sha256=CHECKSUM)
    assert path.read_text() == "mine"
