# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible_collections.groundwork.fleet.plugins.plugin_utils import preflight, reach, settings

SPECS: dict[str, dict[str, dict[str, Any]]] = {
    "fleet": {
        "fleet_admins": {"type": "dict"},
        "fleet_services": {"type": "dict"},
        "fleet_services_group": {"type": "dict"},
        "fleet_services_host": {"type": "dict"},
        "fleet_allowed_variables": {"type": "list", "elements": "str"},
        "fleet_address": {"type": "str"},
        "fleet_waivers": {"type": "dict"},
        "fleet_networks": {"type": "dict"},
    },
    "log_server": {"log_server_port": {"type": "int"}},
    "hardening": {"hardening_controls": {"type": "dict"}},
    "exporters": {"exporters_enabled": {"type": "dict"}},
    "log": {"log_level": {"type": "str"}},
    "users": {"users_accounts": {"type": "dict"}, "users_password": {"type": "str", "required": True}},
}


def render(value: Any) -> Any:
    """Render as Ansible does, as far as these tests go: `{{ gone }}` does not exist."""
    if isinstance(value, dict):
        return {key: render(one) for key, one in value.items()}
    if isinstance(value, list):
        return [render(one) for one in value]
    if isinstance(value, str) and "{{ gone }}" in value:
        raise AnsibleError("'gone' is undefined")
    return value


def resolve(asked: list[tuple[str, str]]) -> list[preflight.Resolution]:
    problem = "%s is %r; expected a secret. Create it."
    return [
        preflight.Resolution(place, text, "file", problem % (place, text) if "missing" in text else "", "generate" in text, "hunter2")
        for place, text in asked
    ]


AROUND = preflight.Surroundings(
    prefixes=frozenset({"log_server", "log", "users", "exporters", "hardening"}),
    spec=lambda owner: SPECS[owner],
    render=render,
    resolve=resolve,
    service_catalogue=lambda: {"web": {"package": {"name": "nginx"}}},
    exporters=lambda: {"node": {"port": 9100}, "redis": {"port": 9121}},
    controls=lambda: ["sshd-root-login", "sshd-banner"],
    today=datetime.date(2026, 11, 25),
    hosts=frozenset({"web-1"}),
    groups=frozenset({"all", "web"}),
)


def judge(roles: list[str] | None = None, **variables: Any) -> preflight.Judgement:
    variables.setdefault("fleet_admins", {})
    return preflight.judge(variables, roles or [], AROUND)


def test_variables_that_are_right() -> None:
    found = judge(log_server_port="514", log_level="info", other="x", ansible_host="y", users_accounts={})
    assert found.problems == []
    assert found.checked == 4


def test_a_misspelt_variable_comes_with_the_nearest() -> None:
    assert judge(log_server_prt=1).problems == [
        "log_server_prt is not declared; expected a variable of the role log_server. Did you mean 'log_server_port'?"
        " A variable of your own goes into fleet_allowed_variables."
    ]
    assert "a shared variable (fleet_*). Did you mean 'fleet_address'?" in judge(fleet_adress="x").problems[0]
    assert "See the variables of users." in judge(users_xyzzy="x").problems[0]


def test_the_value_of_an_unknown_variable_is_never_shown() -> None:
    assert "hunter2" not in judge(users_passwrod="hunter2").problems[0]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("flet_address", "fleet_address"),
        ("user_accounts", "users_accounts"),
        ("logserver_port", "log_server_port"),
        ("log_serve_port", "log_server_port"),
        ("user_shell", None),
        ("_users", None),
        ("plain", None),
    ],
)
def test_a_misspelt_prefix_is_noticed(name: str, meant: str | None) -> None:
    problems = judge(**{name: "x"}).problems
    if meant is None:
        assert problems == []
    else:
        assert any(text in problems[0] for text in ("Did you mean %r?" % meant, "a variable of the role log."))


def test_variables_of_ones_own_are_let_pass() -> None:
    assert judge(users_own=1, users_own_too=2, fleet_allowed_variables=["users_own*"]).problems == []
    assert judge(users_own=1, fleet_allowed_variables="users_own").problems[0].startswith("fleet_allowed_variables is 'users_own'")


def test_the_longest_prefix_owns_a_variable() -> None:
    prefixes = ["log", "log_server", "fleet"]
    assert preflight.owner_of("log_server_port", prefixes) == "log_server"
    assert preflight.owner_of("log_level", prefixes) == "log"
    assert preflight.owner_of("logs", prefixes) is None


def test_wrong_types_use_the_one_wording() -> None:
    expected = "log_server_port is 'x'; expected a whole number. It is a string. Write digits only, without a unit."
    assert judge(log_server_port="x").problems == [expected]


def test_a_wrong_secret_is_masked() -> None:
    (told,) = judge(users_password=["hunter2"]).problems
    assert told.startswith("users_password is (hidden); expected a string.")


def test_null_counts_as_not_set() -> None:
    assert judge(log_server_port=None, fleet_services=None).problems == []
    assert "fleet_admins is not set" in judge(fleet_admins=None).problems[0]


def test_what_has_no_safe_default_is_asked_for_by_name() -> None:
    (told,) = preflight.judge({}, [], AROUND).problems
    assert told.startswith("fleet_admins is not set; expected a mapping. It has no safe default: name your administrators")


def test_required_variables_of_the_roles_of_the_host() -> None:
    assert "users_password is not set; expected a value of the type str. The role users needs it" in judge(roles=["users"]).problems[0]
    assert judge(roles=["users"], users_password="x").problems == []
    assert "Did you mean 'users'?" in judge(roles=["user"]).problems[0]


def test_templates_that_cannot_be_rendered_are_named_by_their_place() -> None:
    found = judge(
        log_level="{{ gone }}",
        users_accounts={"a": {"b": ["x", "{{ gone }}"], "password": "p{{ gone }}"}, "c": "fine"},
        fleet_services={"a": {"exec": "{{ gone }}"}},
    )
    assert found.problems == [
        "fleet_services.a.exec is '{{ gone }}'; expected a template whose variables all exist. Ansible says: 'gone' is undefined.",
        "log_level is '{{ gone }}'; expected a template whose variables all exist. Ansible says: 'gone' is undefined.",
        "users_accounts.a.b[1] is '{{ gone }}'; expected a template whose variables all exist. Ansible says: 'gone' is undefined.",
        "users_accounts.a.password is (hidden); expected a template whose variables all exist. Set what it refers to.",
    ]


def test_services_are_judged() -> None:
    found = judge(
        fleet_services={"a": {"catalogue": "wbe"}, "b": {"catalogue": "web", "prts": 1}},
        fleet_services_group={"c": {"release": {}, "container": {}}},
    )
    assert len(found.problems) == 3
    assert "Did you mean 'web'?" in found.problems[0]
    assert "Did you mean 'ports'?" in found.problems[1]
    assert "exactly one of container" in found.problems[2]


def test_a_layer_of_the_wrong_type_is_told_once() -> None:
    assert len(judge(fleet_services="nginx").problems) == 1
    assert len(judge(fleet_services={"a": "nginx"}).problems) == 1


def test_exporters_of_services_are_known() -> None:
    service = {"package": {}, "metrics": [{"exporter": "redis"}, {"port": 80}]}
    assert judge(fleet_services={"a": service}).problems == []
    (told,) = judge(fleet_services={"a": {"package": {}, "metrics": {"exporter": "nod"}}}).problems
    assert told == "fleet_services.a.metrics: exporter is 'nod'; expected a known exporter. Did you mean 'node'?"


def test_names_of_exporters_that_are_enabled() -> None:
    assert judge(exporters_enabled={"node": {}, "second": {"exporter": "redis"}, "gone": None}).problems == []
    (told,) = judge(exporters_enabled={"nod": {}}).problems
    assert told == "exporters_enabled.nod is 'nod'; expected a known exporter. Did you mean 'node'?"


WAIVER = {"controls": ["sshd-banner"], "groups": ["web"], "reason": "Legal says so.", "owner": "ana", "expires": "2027-03-31"}


def test_waivers_are_judged() -> None:
    found = judge(fleet_waivers={"banner": WAIVER})
    assert (found.problems, found.warnings) == ([], [])
    found = judge(
        fleet_waivers={"banner": {**WAIVER, "controls": ["sshd-baner"], "groups": ["wbe"], "hosts": ["web-2"], "expires": "2026-11-01"}}
    )
    assert [problem.partition(" is ")[0] for problem in found.problems] == [
        "fleet_waivers.banner.controls",
        "fleet_waivers.banner.hosts",
        "fleet_waivers.banner.groups",
        "fleet_waivers.banner.expires",
    ]
    assert "It expired 24 days ago: have ana judge the risk anew" in found.problems[3]


def test_a_waiver_that_ends_soon_is_warned_of() -> None:
    found = judge(fleet_waivers={"banner": {**WAIVER, "expires": "2026-12-01"}})
    assert found.problems == []
    assert found.warnings == ["fleet_waivers.banner ends in 6 days, on 2026-12-01; after that preflight fails. ana owns it."]


def test_choices_of_controls_are_judged() -> None:
    assert judge(hardening_controls={"sshd-banner": False, "sshd-root-login": {"level": "high"}}).problems == []
    found = judge(hardening_controls={"sshd-root-logn": False, "sshd-banner": "no"})
    assert found.problems == [
        "hardening_controls is 'sshd-root-logn'; expected a known control. Did you mean 'sshd-root-login'?",
        "hardening_controls.sshd-banner is 'no'; expected true, false or a mapping."
        " true takes it, false leaves it out, a mapping is laid over its entry in the catalogue.",
    ]


def test_the_catalogue_of_controls_is_read_only_where_one_is_named() -> None:
    def unread() -> list[str]:
        raise AssertionError

    around = dataclasses.replace(AROUND, controls=unread)
    assert preflight.judge({"fleet_admins": {}, "fleet_waivers": {}}, [], around).problems == []
    assert len(judge(fleet_waivers=["x"]).problems) == 1


def test_folders_that_ansible_would_read_as_inventory(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text("")
    assert list(preflight.read_as_inventory([str(tmp_path)], [])) == []
    (tmp_path / "secrets").mkdir()
    (told,) = preflight.read_as_inventory([str(tmp_path)], ["^other$"])
    assert "%s/secrets" % tmp_path in told
    assert "Move it to .groundwork/secrets" in told
    assert list(preflight.read_as_inventory([str(tmp_path)], ["^secrets$"])) == []
    assert list(preflight.read_as_inventory([str(tmp_path / "hosts.yml"), "a,b"], [])) == []
    assert list(preflight.read_as_inventory(None, [])) == []


def test_references_are_resolved_wherever_they_are() -> None:
    found = judge(
        users_accounts={"a": {"password": "secret://file/a"}}, users_password="secret://file/missing", own="secret://file/missing"
    )
    summary = "secret://file/a: resolves by file, for users_accounts.a.password"
    assert [reference["summary"] for reference in found.references] == [summary]
    assert found.problems == ["users_password is 'secret://file/missing'; expected a secret. Create it."]
    assert found.warnings == ["own is 'secret://file/missing'; expected a secret. Create it."]
    assert "hunter2" not in repr(found)


def test_what_would_be_generated_is_named() -> None:
    found = judge(own={"a": ["secret://file/a?generate=password"]})
    assert [(reference["variable"], reference["state"]) for reference in found.references] == [("own.a[0]", "would be generated")]


def test_a_secret_has_to_fit_as_any_value() -> None:
    [problem] = judge(users_password="secret://file/a", log_server_port="secret://file/a").problems
    assert "log_server_port is 'hunter2'; expected a whole number" in problem  # masked where it is shown: secret_output


def test_what_is_declared_absent_needs_no_secret() -> None:
    found = judge(users_accounts={"a": {"state": "absent", "password": "secret://file/missing"}})
    assert (found.problems, found.references) == ([], [])


def test_all_problems_come_in_one_message() -> None:
    text = reach.message("web-1", ["a is 1.", "b is 2."])
    assert text == "2 problems in the variables of web-1; nothing was touched.\n  1. a is 1.\n  2. b is 2."
    assert reach.message("web-1", ["a"]).startswith("1 problem in")


def test_role_names_are_the_folders_with_a_spec() -> None:
    assert "certificates" in preflight.role_names(settings.COLLECTION)


def test_a_collection_without_roles(tmp_path: Path) -> None:
    assert preflight.role_names(tmp_path) == frozenset()


def test_a_network_may_be_named_like_a_group_and_is_judged() -> None:
    service = {"a": {"catalogue": "web", "ports": [{"port": 80, "from": ["office"]}]}}
    assert judge(fleet_networks={"office": ["192.0.2.0/24"]}, fleet_services=service).problems == []
    misspelt = {"a": {"catalogue": "web", "ports": [{"port": 80, "from": ["offce"]}]}}
    assert "Did you mean 'office'" in judge(fleet_networks={"office": []}, fleet_services=misspelt).problems[0]
    assert "host bits" in judge(fleet_networks={"office": ["192.0.2.1/24"]}).problems[0]
