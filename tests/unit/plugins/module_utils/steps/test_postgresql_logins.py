# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import subprocess
from types import SimpleNamespace

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import postgresql_roles, processes, scram
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import postgresql_logins

OWNERS = {"orders": {"logins": "orders_a:correct horse"}}
MADE = {"login": True, "superuser": False, "comment": postgresql_roles.MARK + "orders", "owners": ["orders"], "acts_as": ["role=orders"]}
AFTER = [
    {"name": "orders", "login": False, "owns": True},
    {"name": "orders_a", "verifier": scram.verifier("correct horse"), **MADE},
]


class Server:
    """What psql is asked and answers; it has the declared roles once it was given statements."""

    def __init__(self, monkeypatch):
        self.asked, self.roles, self.takes, self.fails = [], [], AFTER, None
        monkeypatch.setattr(processes, "run", self.run)

    def run(self, command, **options):
        self.asked.append((command, options))
        if isinstance(self.fails, Exception):
            raise self.fails
        if self.fails:
            return SimpleNamespace(returncode=2, stdout="", stderr=self.fails)
        if options["input"] != postgresql_roles.OBSERVE:
            self.roles = self.takes
        return SimpleNamespace(returncode=0, stdout=json.dumps(self.roles), stderr="")


@pytest.fixture
def server(monkeypatch):
    return Server(monkeypatch)


@pytest.fixture
def run(run_step):
    def call(psql="/usr/bin/psql", **arguments):
        base = type("Base", (run_step.base,), {"get_bin_path": lambda _module, _name: psql})
        return run_step(postgresql_logins, base=base, **arguments)

    return call


def test_made_and_read_back(run, server):
    foreseen = run(check_mode=True, owners=OWNERS)
    assert foreseen["changed"] and len(server.asked) == 1
    done = run(owners=OWNERS)
    assert done["roles"] == foreseen["roles"] and list(done["roles"]) == ["orders", "orders_a"]
    again = run(owners=OWNERS)
    assert not again["changed"] and again["diff"] == {"before": "", "after": ""}
    commands = {tuple(command) for command, _options in server.asked}
    assert len(commands) == 1 and "correct horse" not in repr(server.asked) + repr(done)
    assert not run(state="absent", psql=None)["changed"]


def test_a_server_that_does_as_it_likes_is_no_success(run, server):
    server.takes = []
    assert "The server took the statements, and it is not so: orders, orders_a." in run(owners=OWNERS)["msg"]


@pytest.mark.parametrize(
    ("fails", "told"),
    [
        (
            "psql: error: connection refused\nLINE 1: 'SCRAM-SHA-256$x'",
            "psql failed: psql: error: connection refused. Expected a server on port 5432",
        ),
        (subprocess.TimeoutExpired(["psql"], 60, output=b"SCRAM-SHA-256$x"), "psql failed (TimeoutExpired): expected an answer"),
        (FileNotFoundError(2, "No such file or directory"), "runuser cannot be started: No such file or directory."),
    ],
)
def test_a_server_that_does_not_answer(run, server, fails, told):
    server.fails = fails
    message = run(owners=OWNERS)["msg"]
    assert told in message and "SCRAM" not in message


def test_a_host_without_a_server_yet(run, server):
    foreseen = run(check_mode=True, psql=None, owners=OWNERS)
    assert list(foreseen["roles"]) == ["orders", "orders_a"] and server.asked == []


def test_wrong_input(run, server):
    assert "expected logins" in run(owners={"orders": {"logins": "x"}})["msg"]
