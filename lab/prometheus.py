# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of a Prometheus: one at an address, or that of a lab's monitoring host, which answers nobody without its certificate."""

from __future__ import annotations

import base64
import json
import urllib.request
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from lab.console import LabError

#: Takes paths with their queries, gives what Prometheus answers to each.
Ask = Callable[[list[str]], list[Any]]
MONITORING = "groundwork-staging-ops-1"
# Runs on the host: one call for all paths.
PROGRAM = """
import base64, json, ssl, sys, urllib.error, urllib.request
tls = "/etc/groundwork/tls/"
context = ssl.create_default_context(cafile=tls + "ca.crt")
context.load_cert_chain(tls + "host.crt", tls + "host.key")
found = []
for path in json.loads(base64.b64decode(sys.argv[1])):
    try:
        answer = urllib.request.urlopen("https://127.0.0.1:9090" + path, context=context, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    found.append(json.load(answer))
print(json.dumps(found))
"""
AT_ONCE = 100  # paths: an argument may not be longer than 128 KiB


def on_host(container: Any) -> Ask:
    """Return what asks the Prometheus of a monitoring host, from within its container."""

    def ask(paths: list[str]) -> list[Any]:
        found: list[Any] = []
        for start in range(0, len(paths), AT_ONCE):
            given = base64.b64encode(json.dumps(paths[start : start + AT_ONCE]).encode()).decode()
            code, output = container.exec_run(["python3", "-c", PROGRAM, given])
            if code != 0:
                last = output.decode(errors="replace").strip().splitlines()[-1]
                raise LabError(f"Prometheus on {container.name} cannot be asked: {last}; expected a converged lab (./run staging)")
            found += json.loads(output)
        return found

    return ask


def at(address: str) -> Ask:
    """Return what asks the Prometheus at an address, http://…."""

    def ask(paths: list[str]) -> list[Any]:
        return [json.load(urllib.request.urlopen(address.rstrip("/") + path, timeout=30)) for path in paths]

    return ask


def instants(ask: Ask, expressions: Iterable[str], at: float | None = None) -> list[list[dict[str, Any]]]:
    """Return the series that each expression gives now, or `at` a time. Raises LabError for one that Prometheus refuses."""
    given, time = list(expressions), {} if at is None else {"time": f"{at:.0f}"}
    answers = ask([f"/api/v1/query?{urlencode({'query': one, **time})}" for one in given])
    return [result(one, answer) for one, answer in zip(given, answers, strict=True)]


def ranges(ask: Ask, expressions: Iterable[str], start: float, end: float, step: int) -> list[list[dict[str, Any]]]:
    """Return the series that each expression gives from `start` to `end`, every `step` seconds. Raises LabError."""
    given = list(expressions)
    times = {"start": f"{start:.0f}", "end": f"{end:.0f}", "step": str(step)}
    answers = ask([f"/api/v1/query_range?{urlencode({'query': one, **times})}" for one in given])
    return [result(one, answer) for one, answer in zip(given, answers, strict=True)]


def result(expression: str, answer: Any) -> list[dict[str, Any]]:
    """Return the series of an answer. Raises LabError where it is an error."""
    if answer.get("status") != "success":
        raise LabError(f"Prometheus refuses {expression!r}: {answer.get('error')}")
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found
