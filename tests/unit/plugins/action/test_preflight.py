# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.action.preflight import ActionModule
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_tasks, waivers

from . import making


@pytest.fixture(autouse=True)
def _without_lookups(monkeypatch: pytest.MonkeyPatch) -> None:
    # it would change how tasks run in this process, for all tests after these
    monkeypatch.setattr(secret_tasks, "from_now_on", lambda: None)


def run(directory: Path, arguments: dict[str, Any] | None = None, **variables: Any) -> dict[str, Any]:
    known = {"inventory_hostname": "web-1", "inventory_dir": str(directory), "fleet_admins": {}, **variables}
    action = making.made(ActionModule, arguments or {}, known)
    result: dict[str, Any] = action.run(task_vars=known)
    assert action._connection.method_calls == []
    return result


def test_a_host_that_is_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_DB", "hunter2")
    services = {"a": {"package": {"name": "x"}, "secrets": {"db": "secret://env/FLEET_DB"}}}
    result = run(tmp_path, fleet_services=services)
    assert result == {
        "changed": False,
        "checked": 2,
        "references": [
            {
                "variable": "fleet_services.a.secrets.db",
                "reference": "secret://env/FLEET_DB",
                "backend": "env",
                "state": "resolves",
                "summary": "secret://env/FLEET_DB: resolves by env, for fleet_services.a.secrets.db",
            }
        ],
        "backends": ["env"],
        "bounds": [],
    }


def test_every_problem_is_in_the_one_message(tmp_path: Path) -> None:
    result = run(tmp_path, fleet_admin={}, fleet_environment=["x"], fleet_address="secret://file/gone")
    assert result["failed"]
    assert result["msg"].startswith("3 problems in the variables of web-1; nothing was touched.\n  1. ")
    for part in ("Did you mean 'fleet_admins'?", "fleet_environment is ['x']; expected a string", "%s/.groundwork/secrets/gone" % tmp_path):
        assert part in result["msg"]


def test_required_variables_of_roles(tmp_path: Path) -> None:
    assert "preflight: roles is 'certificate'" in run(tmp_path, {"roles": ["certificate"]})["msg"]


def test_a_wrong_setting_of_the_judgement_itself_is_told(tmp_path: Path) -> None:
    services = {"a": {"catalogue": "x"}}
    assert "fleet_catalogue_directories[0] is 'gone'" in run(tmp_path, fleet_services=services, fleet_catalogue_directories=["gone"])["msg"]


def test_a_waiver_that_ends_soon_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".groundwork/catalogue/controls").mkdir(parents=True)
    (tmp_path / ".groundwork/catalogue/controls/own-banner.yml").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(waivers, "today", lambda: datetime.date(2026, 11, 25))
    waiver = {"controls": ["own-banner"], "hosts": ["web-1"], "reason": "x", "owner": "ana", "expires": "2026-12-01"}
    groups = {"all": ["web-1"]}
    result = run(tmp_path, fleet_waivers={"banner": waiver}, groups=groups)
    assert result["warnings"] == ["fleet_waivers.banner ends in 6 days, on 2026-12-01; after that preflight fails. ana owns it."]
    assert not result.get("failed")
    wrong = run(tmp_path, fleet_waivers={"banner": {**waiver, "hosts": ["web-2"]}}, hardening_controls={"own-baner": True}, groups=groups)
    assert "Did you mean 'web-1'?" in wrong["msg"]
    assert "Did you mean 'own-banner'?" in wrong["msg"]


def test_what_playbooks_keep_of_references_is_no_use_of_them(tmp_path: Path) -> None:
    assert run(tmp_path, __rotation_seen={"uses": [["x", "secret://env/FLEET_GONE"]]})["references"] == []
    assert "warnings" not in run(tmp_path, __rotation_seen={"uses": [["x", "secret://env/FLEET_GONE"]]})


def test_wrong_periods_of_rotation_stop_before_a_run(tmp_path: Path) -> None:
    message = run(tmp_path, fleet_secret_rotation={"secret://file/*": "3 months"})["msg"]
    assert "fleet_secret_rotation['secret://file/*'] is '3 months'; expected a number of days" in message
    assert not run(tmp_path, fleet_secret_rotation={"secret://file/*": "90d"}).get("failed")


def test_wrong_logins_stop_before_a_run_and_are_not_shown(tmp_path: Path) -> None:
    message = run(tmp_path, postgresql_logins_owners={"orders": {"logins": "hunter2-correct"}})["msg"]
    assert "postgresql_logins_owners['orders'].logins is (hidden); expected logins, a line USER:PASSWORD each" in message
    assert "hunter2" not in message
    assert not run(tmp_path, postgresql_logins_owners={"orders": {"logins": "orders_a:correct horse"}}).get("failed")
