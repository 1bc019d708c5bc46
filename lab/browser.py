# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A headless Chromium in which the HTML reports are opened as a person opens them. It is asked over a pipe, in the DevTools protocol."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab.console import LabError, as_root, call, say

PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "chromium-headless-shell")
PACKAGE = "chromium"
SECONDS = 60.0  # for one answer: a browser's first start on a busy machine is slow
#: It reads questions from its third and writes answers to its fourth file; subprocess hands files over under other numbers.
START = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"


def program() -> str | None:
    """Return the path of a browser, None where there is none."""
    return next((found for found in map(shutil.which, PROGRAMS) if found), None)


def ready() -> str:
    """Return the path of a browser; Debian's is installed where there is none. Raises LabError."""
    if program() is None and shutil.which("apt-get"):
        say(f"installing {PACKAGE} with apt-get")
        call(as_root(["apt-get", "update", "-q"]), "apt-get update")
        environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
        call(as_root([*environment, "apt-get", "install", "-q", "-y", "--no-install-recommends", PACKAGE]), f"apt-get install {PACKAGE}")
    found = program()
    if found is None:
        raise LabError(f"no browser found: install {PACKAGE} (on another distribution: Chromium or Chrome) and put it into PATH")
    return found


class Page:
    """A tab that shows one file."""

    def __init__(self, questions: int, answers: int) -> None:
        """Open an empty tab. questions, answers: the descriptors of the two pipes."""
        self._questions, self._answers = questions, answers
        self._rest = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(domain + ".enable")

    def _message(self, end: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            if time.monotonic() > end:
                raise LabError(f"the browser did not answer within {SECONDS:g} s")
            try:
                part = os.read(self._answers, 65536)
            except BlockingIOError:
                time.sleep(0.01)
                continue
            if not part:
                raise LabError("the browser ended")
            self._rest += part
        text, self._rest = self._rest.split(b"\0", 1)
        found: dict[str, Any] = json.loads(text)
        return found

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return what the browser answers to a method of the protocol; events meanwhile are kept. Raises LabError."""
        self._number += 1
        question: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            question["sessionId"] = self._session
        os.write(self._questions, json.dumps(question).encode() + b"\0")
        end = time.monotonic() + SECONDS
        while True:
            found = self._message(end)
            if found.get("id") == self._number:
                if "error" in found:
                    raise LabError(f"the browser refused {method}: {found['error']['message']}")
                result: dict[str, Any] = found["result"]
                return result
            self.events.append(found)

    def open(self, path: Path) -> None:
        """Show a file and wait until it has loaded."""
        self.events.clear()
        self.ask("Page.navigate", url=path.resolve().as_uri())
        end = time.monotonic() + SECONDS
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._message(end))

    def value(self, expression: str) -> Any:
        """Return what an expression of JavaScript gives in the page, a promise awaited. Raises LabError where it throws."""
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise LabError(f"{expression} failed in the page: {found['exceptionDetails']['text']}")
        return found["result"].get("value")

    def window(self, width: int, height: int, scheme: str = "light", media: str = "screen") -> None:
        """Show the page in a window of this size in CSS pixels. scheme: light or dark. media: screen or print."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self) -> bytes:
        """Return what the window shows as a PNG."""
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"])

    def requests(self) -> list[str]:
        """Return the addresses that the page has asked for since it was opened, its own among them."""
        sent = (event["params"]["request"] for event in self.events if event.get("method") == "Network.requestWillBeSent")
        return [str(request["url"]) for request in sent]

    def complaints(self) -> list[str]:
        """Return the errors of the page since it was opened: exceptions, and what its policy did not let it do."""
        found = []
        for event in self.events:
            parameters = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                found.append(str(parameters["exceptionDetails"]["text"]))
            elif event.get("method") == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
                found.append(str(parameters["entry"]["text"]))
        return found


@contextmanager
def page() -> Iterator[Page]:
    """Start a browser and yield its tab; it ends with the block. Raises LabError."""
    found = ready()
    with tempfile.TemporaryDirectory(prefix="groundwork-browser-", ignore_cleanup_errors=True) as folder:
        pipes = [os.pipe(), os.pipe()]
        # High numbers, so that what the browser gets as its third and fourth file is none of them.
        theirs = [fcntl.fcntl(one, fcntl.F_DUPFD, 10) for one in (pipes[0][0], pipes[1][1])]
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe"]
        options += ["--disable-background-networking", "--hide-scrollbars", "--force-color-profile=srgb", f"--user-data-dir={folder}"]
        command = [sys.executable, "-c", START, *map(str, theirs), found, *options]
        process = subprocess.Popen(
            command,
            pass_fds=theirs,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "HOME": folder},
        )
        for one in (pipes[0][0], pipes[1][1], *theirs):
            os.close(one)
        os.set_blocking(pipes[1][0], False)
        try:
            yield Page(pipes[0][1], pipes[1][0])
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            os.close(pipes[0][1])
            os.close(pipes[1][0])
