# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.groundwork.fleet.plugins.action.secret_rotation import ActionModule
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_rotation_state, secret_values, secret_versions

from . import making

DB = "secret://file/db"
WRITTEN = DB + "?generate=password&rotate_after=90d"


class Fleet:
    """An inventory of two hosts that use a secret of 100 days."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.secret = directory / ".groundwork/secrets/db"
        self.secret.parent.mkdir(parents=True)
        self.secret.write_text("the old one")
        long_ago = time.time() - 100 * 86400
        os.utime(self.secret, (long_ago, long_ago))
        self.next, self.previous = (self.secret.with_name("db-" + kind) for kind in ("next", "previous"))
        self.state = directory / ".groundwork/rotation/state.json"

    def run(self, state: str, host: str = "web-1", check_mode: bool = False, variables: Any = None, **arguments: Any) -> dict[str, Any]:
        known = {"inventory_hostname": host, "inventory_dir": str(self.directory), "group_names": [], **(variables or {})}
        action = making.made(ActionModule, {"state": state, **arguments}, known, check_mode)
        result: dict[str, Any] = action.run(task_vars=known)
        assert action._connection.method_calls == []
        return result

    def accepted(self, text: str) -> list[str]:
        values = secret_values.SecretValues(DataLoader(), Templar(loader=DataLoader()), {"inventory_dir": str(self.directory)})
        return values.values([("x", text + "&rotation=accepted")])[0].decode().splitlines()

    def uses(self, text: str = WRITTEN, hosts: tuple[str, ...] = ("web-1", "web-2")) -> dict[str, Any]:
        services = {"a": {"secrets": {"db": text}}}
        uses = {host: self.run("looked", host, services=services, variables={"fleet_services": services}) for host in hosts}
        return {"uses": uses, "hosts": list(uses)}


@pytest.fixture(name="fleet")
def _fleet(tmp_path: Path) -> Iterator[Fleet]:
    yield Fleet(tmp_path)
    secret_values.CLIENT.stop()


def test_a_rotation_from_its_begin_to_its_end(fleet: Fleet) -> None:
    uses = fleet.uses()
    assert uses["uses"]["web-1"]["uses"] == [["fleet_services.a.secrets.db", WRITTEN]]
    written = fleet.run("written", **uses)
    assert (written["changed"], written["written"], written["names"], written["rotating"]) == (True, [DB], [DB], {})
    value = fleet.next.read_text()
    assert len(value) == 32 and fleet.secret.read_text() == "the old one"
    promoted = fleet.run("promoted", **uses)
    assert promoted["rotating"] == {host: {"names": [DB], "roles": ["services"]} for host in ("web-1", "web-2")}
    assert fleet.secret.read_text() == value and fleet.previous.read_text() == "the old one"
    assert fleet.run("begun", names=[DB], health={"page": {"status": "ok"}})["health"] == {"page": {"status": "ok"}}
    fleet.run("deployed", names=[DB])
    assert fleet.run("retired", **uses)["changed"] is False and fleet.previous.read_text() == "the old one"
    assert fleet.run("proven", **uses)["waiting"] == {DB: ["web-2"]}
    assert fleet.run("finished", names=[DB], **uses)["names"] == []
    # broken off here: the next run goes on with the other host
    again = fleet.run("written", **uses)
    assert (again["changed"], again["written"]) == (False, [])
    assert again["plan"] == [DB + " goes on where it was broken off: deploy to web-2 and prove these healthy; retire the old one"]
    assert list(fleet.run("promoted", **uses)["rotating"]) == ["web-2"]
    fleet.run("deployed", "web-2", names=[DB])
    assert fleet.run("retired", **uses)["names"] == [DB]
    assert fleet.run("proven", **uses) == {**fleet.run("proven", **uses), "names": [DB], "waiting": {}}
    assert fleet.run("finished", names=[DB], **uses)["names"] == [DB]
    assert fleet.run("written", **uses)["plan"] == []
    assert fleet.secret.read_text() == value
    assert {fleet.next.read_bytes(), fleet.previous.read_bytes()} == {secret_versions.RETIRED}
    assert value not in fleet.state.read_text() + json.dumps([written, again, promoted], default=str)


def test_who_lets_in_comes_first_and_a_login_takes_turns(fleet: Fleet) -> None:
    fleet.secret.write_text("orders_a:of the first one")
    login = DB + "?generate=login&users=orders_a,orders_b"
    uses = fleet.uses(login + "&part=password", hosts=("web-1",))
    told = fleet.uses(login + "&rotation=accepted", hosts=("db-1",))
    uses = {"uses": {**uses["uses"], **told["uses"]}, "hosts": ["web-1", "db-1"]}
    planned = fleet.run("written", check_mode=True, rotate=DB, **uses)
    assert planned["plan"] == [
        DB + " was asked for: write a new version; have it accepted by db-1; make it the current one; "
        "deploy to web-1 and prove these healthy; retire the old one; have the old one refused by db-1"
    ]
    assert list(fleet.run("written", rotate=DB, **uses)["rotating"]) == ["db-1"]
    assert fleet.accepted(login + "&part=username") == ["orders_a", "orders_b"]
    assert fleet.run("promoted", **uses)["rotating"] == {}
    assert fleet.secret.read_text() == "orders_a:of the first one"  # db-1 does not accept the other one yet
    fleet.run("deployed", "db-1", names=[DB], step="accepting")
    assert list(fleet.run("promoted", **uses)["rotating"]) == ["web-1"]
    assert fleet.accepted(login + "&part=username") == ["orders_b", "orders_a"]
    fleet.run("deployed", "web-1", names=[DB])
    assert list(fleet.run("retired", **uses)["rotating"]) == ["db-1"]
    assert fleet.accepted(login + "&part=username") == ["orders_b"]
    fleet.run("deployed", "db-1", names=[DB], step="locking")
    assert fleet.run("finished", names=[DB], **uses)["names"] == [DB]


def test_the_way_back(fleet: Fleet) -> None:
    uses = fleet.uses()
    fleet.run("written", **uses)
    fleet.run("promoted", **uses)
    fleet.run("deployed", names=[DB])
    with pytest.raises(AnsibleActionFail, match="expected a reference that a host of the inventory uses"):
        fleet.run("written", back=True, rotate="secret://file/x", **uses)
    assert fleet.run("written", back=True, **uses)["names"] == [DB]
    assert fleet.secret.read_text() == "the old one"
    assert list(fleet.run("promoted", **uses)["rotating"]) == ["web-1", "web-2"]
    for host in ("web-1", "web-2"):
        fleet.run("deployed", host, names=[DB])
    fleet.run("retired", **uses)
    assert fleet.run("finished", names=[DB], **uses)["names"] == [DB]
    assert fleet.secret.read_text() == "the old one"
    with pytest.raises(AnsibleActionFail, match="expected a rotation that has begun and not ended"):
        fleet.run("written", back=True, rotate=DB, **uses)


def test_check_mode_shows_the_plan_and_writes_nothing(fleet: Fleet) -> None:
    planned = fleet.run("written", check_mode=True, **fleet.uses())
    assert planned["changed"] and planned["written"] == []
    steps = "write a new version; make it the current one; deploy to web-1, web-2 and prove these healthy; retire the old one"
    assert planned["plan"] == [DB + " is due: " + steps]
    assert [path.name for path in fleet.secret.parent.iterdir()] == ["db"] and not fleet.state.exists()


@pytest.mark.parametrize("after", [False, True])
def test_broken_off_while_it_is_written(fleet: Fleet, monkeypatch: pytest.MonkeyPatch, after: bool) -> None:
    """The process is killed between the intent and the note, before or after the backend has the new version."""
    uses, real = fleet.uses(), secret_values.SecretValues.replace

    def killed(values: Any, name: str, value: bytes) -> None:
        if after:
            real(values, name, value)
        raise KeyboardInterrupt

    monkeypatch.setattr(secret_values.SecretValues, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        fleet.run("written", **uses)
    monkeypatch.setattr(secret_values.SecretValues, "replace", real)
    between = fleet.next.read_text() if after else ""
    again = fleet.run("written", **uses)
    assert again["written"] == ([] if after else [DB])
    assert (fleet.next.read_text() == between) == after and fleet.secret.read_text() == "the old one"
    assert list(fleet.run("promoted", **uses)["rotating"]) == ["web-1", "web-2"]


def test_a_run_that_fetched_before_another_one_wrote_goes_on_with_the_new_version(fleet: Fleet) -> None:
    values = secret_values.SecretValues(DataLoader(), Templar(loader=DataLoader()), {"inventory_dir": str(fleet.directory)})
    assert values.values([("x", DB)]) == [b"the old one"]
    fleet.secret.write_text("of the other run")
    place = secret_rotation_state.Place(fleet.state.parent)
    with place.alone() as state:
        state.rotations[DB] = secret_rotation_state.Rotation(secret_rotation_state.DEPLOYING, "2027-01-01T00:00:00+00:00")
    assert fleet.run("written", **fleet.uses())["written"] == []
    assert values.values([("x", DB)]) == [b"of the other run"]


def test_by_name_and_what_no_host_uses_any_more(fleet: Fleet) -> None:
    uses = fleet.uses(DB + "?generate=token")
    assert fleet.run("written", **uses)["plan"] == []
    assert fleet.run("written", rotate=DB, **uses)["written"] == [DB]
    assert fleet.run("written", **fleet.uses("secret://env/OTHER"))["names"] == []
    assert json.loads(fleet.state.read_text())["rotations"] == {}


def test_what_is_due_and_cannot_be_rotated_is_a_warning(fleet: Fleet) -> None:
    result = fleet.run("written", **fleet.uses(DB + "?rotate_after=90d"))
    assert result["written"] == [] and "has to be changed by hand: Its reference does not say how it is made" in result["warnings"][0]
    held = fleet.run("written", reached=["web-1"], **fleet.uses())
    assert held["warnings"] == [DB + " is due and waits for hosts that cannot be reached: web-2"]
    assert fleet.secret.read_text() == "the old one"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"hosts": ["web-1", "web-2", "web-3"]}, "uses is 'web-3'; expected every host of the inventory. Run it without --limit"),
        ({"rotate": "secret://file/bd"}, "Did you mean secret://file/db?"),
        ({"periods": {"secret://file/*": "soon"}}, "fleet_secret_rotation['secret://file/*'] is 'soon'"),
    ],
)
def test_wrong_input(fleet: Fleet, arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(AnsibleActionFail) as caught:
        fleet.run("written", **{**fleet.uses(), **arguments})
    assert told in str(caught.value)
    assert fleet.secret.read_text() == "the old one"


def test_what_a_backend_refuses_is_told(fleet: Fleet) -> None:
    fleet.secret.parent.chmod(0o500)
    if os.geteuid() == 0:
        fleet.secret.unlink()  # root may write there all the same
        arguments = {"rotate": DB}
    else:
        arguments = {}
    with pytest.raises(AnsibleActionFail, match="secret to replace is 'secret://file/db'"):
        fleet.run("written", **arguments, **fleet.uses())
    fleet.secret.parent.chmod(0o700)
    assert not fleet.next.exists()


def test_the_report_and_its_metrics(fleet: Fleet) -> None:
    textfile = fleet.directory / "secrets.prom"
    written = fleet.directory / "secrets.json"
    arguments = {**fleet.uses(), "textfile": str(textfile), "report": str(written)}
    assert fleet.run("reported", check_mode=True, **arguments)["changed"] is False and not textfile.exists()
    result = fleet.run("reported", **arguments)
    [secret] = result["secrets"]
    assert (secret["name"], secret["backend"], secret["state"]) == (DB, "file", "is due")
    assert "100 d" in result["table"][1]
    assert 'groundwork_secret_timestamp_seconds{name="file/db",backend="file"} %d' % (secret["changed"]) in textfile.read_text()
    assert json.loads(written.read_text())["secrets"] == result["secrets"] and result["metrics"] == textfile.read_text()
    assert "the old one" not in json.dumps(result) + textfile.read_text()


def test_where_the_backend_does_not_know_it_counts_from_the_last_rotation(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    place = secret_rotation_state.Place(fleet.state.parent)
    with place.alone() as state:
        state.finished["secret://env/X"] = "2020-01-01T00:00:00+00:00"
    [secret] = fleet.run("reported", **fleet.uses("secret://env/X?rotate_after=90d"))["secrets"]
    assert secret["changed"] == 1577836800 and secret["state"].startswith("is due and has to be changed by hand")
