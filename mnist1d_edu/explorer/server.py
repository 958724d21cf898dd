"""The explorer's server: one page and three calls, for the browsers of this machine.

It listens on 127.0.0.1. Its address has a secret in it, so that other users of the machine cannot
use it; a request that names another host, as a page elsewhere could make a browser send it, is
refused. Nothing is read or written beside the page and a run's temporary checkpoint.
"""

from __future__ import annotations

import importlib.resources
import json
import os
import secrets
import sys
import threading
import webbrowser
from collections.abc import Generator
from contextlib import closing
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mnist1d_edu.arguments import boolean, integer, mapping, one_line
from mnist1d_edu.explorer import answers, controls
from mnist1d_edu.threads import one_thread

MOST_BYTES = 10_000     # of a request: fourteen settings are some 400
SILENT = 20             # seconds after which a browser that says nothing is left alone
POLICY = ("default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
          "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
          "frame-ancestors 'none'")


def explore(port: int = 0, browser: bool = True) -> None:
    """Serve the explorer, print its address and open it in the browser, until Ctrl-C.

    port: 0 for any that is free. ValueError if it is taken.
    """
    browser, server = boolean("browser", browser), Server(port)
    with server, one_thread():
        print(f"the explorer is at {server.address} (Ctrl-C ends it)", flush=True)
        if browser:     # beside the server: a browser in a terminal waits
            threading.Thread(target=webbrowser.open, args=[server.address], daemon=True).start()
        server.serve_forever()


class Server(ThreadingHTTPServer):
    """The server on `port`, not yet serving; `address` is what to open. port: 0 for any that is
    free. ValueError if it is taken."""

    allow_reuse_address = os.name == "posix"    # on Windows it would share a port that is taken
    daemon_threads = True

    def __init__(self, port: int = 0):
        port = integer("port", port, 0, 65535)
        self.secret = secrets.token_urlsafe(16)
        self.computing = threading.Lock()   # signals and scores, one request after another
        self.training = threading.Lock()
        self.newest: object = None          # the training that was asked for last
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except OSError as error:
            raise ValueError(f"port must be one that is free, or 0 for any; got {port} "
                             f"({error.strerror})") from None
        self.hosts = {f"{name}:{self.server_port}" for name in ("127.0.0.1", "localhost")}
        self.address = f"http://127.0.0.1:{self.server_port}/{self.secret}/"

    def curve(self, pieces: Generator[dict, None, None]) -> Generator[dict, None, None]:
        """The pieces of a training, which ends when another one is asked for; the last is its
        error, if it has failed."""
        self.newest = mine = object()
        with self.training, closing(pieces):
            try:
                while self.newest is mine and (piece := next(pieces, None)) is not None:
                    yield piece
            except (ArithmeticError, OSError, ValueError) as error:     # diverged; a full disk
                yield {"error": one_line(error)}

    def server_close(self) -> None:
        """Let go of the port once the last training has put away its checkpoint."""
        self.newest = None
        with self.training:
            super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong, unless it is only that the browser has gone."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def page() -> str:
    """The page with its sliders, as HTML."""
    text = (importlib.resources.files("mnist1d_edu.explorer") / "page.html").read_text("utf-8")
    facts = {"groups": controls.listed(), "steps": answers.STEPS, "models": list(answers.MODELS)}
    return text.replace("FACTS", json.dumps(facts).replace("<", "\\u003c"), 1)


class _Refused(Exception):
    """A request that is not answered, with its status."""


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    timeout = SILENT

    def do_GET(self) -> None:
        self.answered(lambda: self.send(page(), "text/html"), {""})

    def do_POST(self) -> None:
        self.answered(self.call, {"signals", "scores", "train"})

    def answered(self, answer, names: set[str]) -> None:
        """Answer a request for one of these names, or refuse it in one line."""
        try:
            self.check(names)
            answer()
        except _Refused as error:
            self.send(str(error.args[1]), "text/plain", error.args[0])
        except (ValueError, TypeError) as error:
            self.send(str(error), "text/plain", HTTPStatus.BAD_REQUEST)

    def check(self, names: set[str]) -> None:
        host = self.headers.get("Host", "")
        if host not in self.server.hosts:
            raise _Refused(HTTPStatus.FORBIDDEN, "Host must be this machine")
        secret, slash, self.name = self.path[1:].partition("/")
        ours = secrets.compare_digest(secret.encode(), self.server.secret.encode())
        if not (ours and slash and self.name in names):
            raise _Refused(HTTPStatus.NOT_FOUND, "there is nothing at this address; the explorer's "
                           "is the one that it printed as it started")

    def call(self) -> None:
        settings = self.settings()
        if self.name == "train":
            self.train(settings)
            return
        with self.server.computing:
            answer = getattr(answers, self.name)(settings)
        self.send(json.dumps(answer), "application/json")

    def settings(self) -> dict[str, Any]:
        """What the request's body holds: a JSON object."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise _Refused(HTTPStatus.LENGTH_REQUIRED, "Content-Length must be given")
        if len(length) > 9 or int(length) > MOST_BYTES:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                           f"the request must have at most {MOST_BYTES} bytes; got {length[:20]}")
        try:
            return dict(mapping("settings", json.loads(self.rfile.read(int(length)))))
        except (ValueError, RecursionError):
            raise ValueError("settings must be a JSON object; got what is not JSON") from None

    def train(self, settings: dict[str, Any]) -> None:
        """A line of JSON for each piece of the training, until its end or the browser's."""
        pieces = answers.training(settings.pop("model", ""), settings)
        self.begin("application/x-ndjson", HTTPStatus.OK)
        with closing(self.server.curve(pieces)) as curve:
            for piece in curve:
                self.wfile.write(json.dumps(piece).encode() + b"\n")

    def send(self, text: str, kind: str, status: int = HTTPStatus.OK) -> None:
        content = text.encode("utf-8")
        self.begin(kind, status, {"Content-Length": str(len(content))})
        self.wfile.write(content)

    def begin(self, kind: str, status: int, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": f"{kind}; charset=utf-8", "Cache-Control": "no-store",
                            "Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer",
                            "X-Content-Type-Options": "nosniff", **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the terminal has the address, and one line at the end."""
