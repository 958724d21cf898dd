"""Chromium without a window, driven over a pair of pipes by its DevTools protocol: real keys, real
widths, real colour schemes, and no package but the standard library's."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAM = shutil.which("chromium") or shutil.which("google-chrome")
KEYS = {"Tab": 9, "Enter": 13, "Space": 32, "End": 35, "Home": 36, "ArrowLeft": 37,
        "ArrowRight": 39}
SECONDS = 60    # in which the browser must answer, however busy the machine is


class Browser:
    """A page at `url`, as wide as `width`; dark: what its user prefers. `errors` are what its
    console has shown."""

    def __init__(self, url: str, width: int = 1280, dark: bool = False):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.errors: list[str] = []
        self.number, self.answers, self.rest, self.session = 0, {}, b"", None
        self.start()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target,
                                 flatten=True)["sessionId"]
        for domain in ("Runtime", "Log", "Page"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete'")

    def start(self) -> None:
        """Start the program, which reads from file 3 and writes to file 4."""
        theirs, self.write_end = os.pipe()
        self.read_end, their_write = os.pipe()

        def as_three_and_four():
            read, write = os.dup(theirs), os.dup(their_write)
            os.dup2(read, 3)
            os.dup2(write, 4)
        self.process = subprocess.Popen(
            [PROGRAM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", f"--user-data-dir={self.profile.name}", "--remote-debugging-pipe",
             "about:blank"],
            preexec_fn=as_three_and_four, pass_fds=(3, 4), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(theirs)
        os.close(their_write)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait(SECONDS)
        os.close(self.write_end)
        os.close(self.read_end)
        self.profile.cleanup()

    def call(self, method: str, **parameters) -> dict:
        """A command of the DevTools protocol, and its result."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        while self.number not in self.answers:
            self.read()
        answer = self.answers.pop(self.number)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def read(self) -> None:
        """Take in what the browser has to say next."""
        assert select.select([self.read_end], [], [], SECONDS)[0], "the browser says nothing"
        part = os.read(self.read_end, 2**16)
        assert part, "the browser has ended"
        *messages, self.rest = (self.rest + part).split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self.answers[message["id"]] = message
            elif message["method"] == "Runtime.exceptionThrown" or (
                    message["method"] == "Runtime.consoleAPICalled"
                    and message["params"]["type"] in ("error", "warning", "assert")) or (
                    message["method"] == "Log.entryAdded"
                    and message["params"]["entry"]["level"] == "error"):
                self.errors.append(json.dumps(message["params"]))

    def js(self, expression: str):
        """The value of an expression, awaited if it is a promise."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, expression: str, seconds: float = SECONDS) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + seconds
        while not self.js(expression):
            assert time.monotonic() < end, f"still not so: {expression}"
            time.sleep(0.05)

    def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            named = {"key": " " if key == "Space" else key, "code": key,
                     "windowsVirtualKeyCode": KEYS[key]}
            text = {"Enter": {"text": "\r"}, "Space": {"text": " "}}.get(key, {})
            self.call("Input.dispatchKeyEvent", type="keyDown", **named, **text)
            self.call("Input.dispatchKeyEvent", type="keyUp", **named)

    def picture(self, path: Path, whole: bool = False) -> None:
        """A PNG of what is in view, or of the whole page."""
        image = self.call("Page.captureScreenshot", captureBeyondViewport=whole, **(
            {"clip": {"x": 0, "y": 0, "scale": 1, **self.js(
                "({width: innerWidth, height: document.documentElement.scrollHeight})")}}
            if whole else {}))
        path.write_bytes(base64.b64decode(image["data"]))
