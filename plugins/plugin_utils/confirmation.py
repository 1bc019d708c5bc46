# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a controller does about a guard: who it is, what it remembers of an armed host, and how it asks until the host has decided."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible_collections.groundwork.fleet.plugins.plugin_utils.fresh_connection import execute_fresh
from ansible_collections.groundwork.fleet.plugins.plugin_utils.run_identity import run_identity, run_token

MODULE = "groundwork.fleet.confirm"
# Seconds between two attempts; doubled up to the second number: sshd punishes an address for each authentication that fails, with 5 s.
PAUSE, LONGEST_PAUSE = 1.0, 5.0
GRACE = 120.0  # seconds after the deadline in which a host has to take back, boot if need be, and answer
DECIDED = ("confirmed", "disarmed", "restored", "refused")


def credentials(host: str) -> dict[str, str]:
    """Return what the guard of a host asks for: who this run is, and what only this run knows. Stands in no variable and no result."""
    return {"run": run_identity(), "token": run_token("guard " + host)}


def _note(host: str) -> str:
    return os.path.join(constants.DEFAULT_LOCAL_TMP, "groundwork-guard-%s.json" % hashlib.sha256(host.encode()).hexdigest()[:16])


def note_armed(host: str, timeout: float, clock: Callable[[], float] = time.monotonic) -> None:
    """Remember, for the length of this run, that a host is armed and until when at the latest. The host's own deadline is earlier."""
    path = _note(host)
    with open("%s.%d" % (path, os.getpid()), "w", encoding="ascii") as stream:
        json.dump({"until": clock() + timeout}, stream)
    os.replace(stream.name, path)


def armed_until(host: str) -> float | None:
    """Return until when a host is armed by this run (monotonic), None where it is not."""
    try:
        with open(_note(host), encoding="ascii") as stream:
            return float(json.load(stream)["until"])
    except FileNotFoundError:
        return None


def forget(host: str) -> None:
    """Forget that a host is armed: it is decided."""
    if os.path.exists(_note(host)):
        os.unlink(_note(host))


def _problem(answer: dict[str, Any]) -> str:
    """Return what an answer that is not the guard's says: sudo refused, Python is gone."""
    said = [str(answer.get(key) or "").strip() for key in ("msg", "module_stderr", "module_stdout")]
    return " ".join(text for text in said if text) or "no answer"


def _ended(answer: dict[str, Any], until: float | None, problem: str) -> dict[str, Any]:
    """Return the answer of a host that has decided, with what was in the way before."""
    if answer["state"] == "disarmed" and until is not None and not answer.get("failed"):
        text = "The guard that this run armed is gone: somebody on the host disarmed it or removed its record. Look at what is in effect."
        return {**answer, "failed": True, "msg": text}
    if answer["state"] == "restored" and answer.get("failed"):
        text = "%s The host is reachable again." % answer["msg"]
        return {**answer, "msg": "%s Before that: %s" % (text, problem) if problem else text}
    return answer


def settle(
    attempt: Callable[[], dict[str, Any]],
    until: float | None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Ask a host to confirm until it has decided: confirmed, or taken back by itself. One that never answers is unreachable.

    attempt: asks once over a new connection. until: what armed_until says. A host that this run did not arm is asked once.
    """
    problem, pause, begun = "", PAUSE, clock()
    while True:
        try:
            answer = attempt()
        except AnsibleError as error:
            problem = problem or str(getattr(error, "message", error))
            said = str(getattr(error, "message", error))
        else:
            if answer.get("state") in DECIDED and "holder" in answer:
                return _ended(answer, until, problem)
            said = _problem(answer)
            if answer.get("state") != "restoring":
                problem = problem or said
        if until is None:
            return {"failed": True, "state": "unknown", "msg": said}
        if clock() > until + GRACE:
            text = (
                "Not confirmed: no new connection in %d s. The host was to take the change back by itself, but does not answer either."
                % (clock() - begun)
            )
            return {"unreachable": True, "state": "unknown", "msg": "%s Use its console. %s" % (text, said)}
        left = until + 1 - clock()
        sleep(min(pause, left) if left > 0 else LONGEST_PAUSE / 2)
        pause = min(2 * pause, LONGEST_PAUSE)


def _decided(action: Any, host: str, task_vars: Mapping[str, Any], state: str, until: float | None) -> dict[str, Any]:
    """Ask a host for a state of its guard, over new connections, until it has decided; then this run forgets that it is armed."""
    arguments = {"state": state, **credentials(host)}
    answer = settle(lambda: execute_fresh(action, MODULE, arguments, task_vars), until)
    if answer["state"] != "unknown":
        forget(host)
    return answer


def confirm(action: Any, host: str, task_vars: Mapping[str, Any], until: float | None = None) -> dict[str, Any]:
    """Confirm for an action plugin, over new connections, and return the answer of a host that has decided.

    until: the latest deadline that the guard can have (monotonic), for who armed otherwise than by `confirm`: in a module whose answer the
    change itself cut off, that is the time of the failure plus the timeout. By default, what note_armed wrote down.
    """
    return _decided(action, host, task_vars, "confirmed", until if until is not None else armed_until(host))


def take_back(action: Any, host: str, task_vars: Mapping[str, Any], until: float) -> dict[str, Any]:
    """Have a host take back at once what this run changed since it armed, over new connections. until: as for `confirm`."""
    return _decided(action, host, task_vars, "restored", until)
