# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import services
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_options import option_at, settled

ENTRIES = Path(services.__file__).parents[2] / "catalogue" / "services"
SPEC: dict[str, Any] = {
    "port": {"type": "int", "default": 80},
    "tls": {"type": "bool", "default": False},
    "version": {"type": "str", "default": {"by_platform": {"Debian-12": "15"}}},
    "name": {"type": "str", "pattern": "[a-z]+", "expected": "small letters"},
    "sites": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "one_of": ["root", "proxy"],
        "options": {
            "names": {"type": "list", "elements": "str", "required": True},
            "root": {"type": "path"},
            "proxy": {"type": "list", "elements": "str"},
            "tls": {"type": "bool", "default": True},
        },
    },
    "roles": {
        "type": "dict",
        "elements": "dict",
        "default": {},
        "options": {"login": {"type": "bool", "default": False}, "password": {"type": "str", "no_log": True}},
    },
}


def done(options: dict[str, Any] | None = None, **service: Any) -> dict[str, Any]:
    return settled("fleet_services.web", {"option_spec": SPEC, "options": options or {}, **service})


def refused(options: Any) -> str:
    with pytest.raises(BadInput) as error:
        done(options)
    return str(error.value)


def test_defaults_and_types_are_filled_in() -> None:
    found = done({"port": "8080", "sites": [{"names": ["a"], "root": "/srv"}], "roles": {"ana": None}})
    assert "option_spec" not in found
    assert found["options"]["port"] == 8080
    assert found["options"]["sites"] == [{"names": ["a"], "root": "/srv", "proxy": None, "tls": True}]
    assert found["options"]["roles"] == {"ana": {"login": False, "password": None}}
    assert found["options"]["version"] == {"by_platform": {"Debian-12": "15"}}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"prot": 1}, "an option of fleet_services.web is 'prot'; expected a known option. Did you mean 'port'?"),
        ({"port": "eighty"}, "fleet_services.web.options.port is 'eighty'; expected a whole number"),
        ({"tls": "maybe"}, "fleet_services.web.options.tls is 'maybe'; expected a boolean"),
        ({"name": "A;"}, "fleet_services.web.options.name is 'A;'; expected small letters"),
        ({"sites": [{"root": "/"}]}, "fleet_services.web.options.sites[0].names is not set"),
        (
            {"sites": [{"names": ["a"], "root": "/", "proxy": ["b"]}]},
            "sites[0] is ['root', 'proxy']; expected exactly one of root and proxy",
        ),
        ({"sites": [{"names": ["a"]}]}, "expected exactly one of root and proxy. Add one of them."),
        ({"sites": [{"names": ["a"], "rot": "/"}]}, "Did you mean 'root'?"),
        (
            {"roles": {"ana": {"logn": True}}},
            "a key of fleet_services.web.options.roles.ana is 'logn'; expected a known key. Did you mean 'login'?",
        ),
        ({"roles": {"ana": 5}}, "fleet_services.web.options.roles.ana is 5; expected a mapping"),
        ("x", "fleet_services.web.options is 'x'; expected a mapping"),
    ],
)
def test_what_does_not_fit_is_named(options: Any, told: str) -> None:
    assert told in refused(options)


def test_all_problems_are_told_at_once_and_no_secret() -> None:
    text = refused({"port": "x", "roles": {"ana": {"password": ["hunter2"]}}})
    assert len(text.splitlines()) == 2
    assert "hunter2" not in text


def test_options_stand_where_they_are_named_with_their_type() -> None:
    found = done(
        {"port": 81},
        ports=[{"port": "{port}"}],
        health=[{"http": {"url": "http://127.0.0.1:{port}/"}}],
        logs=[{"files": ["{version}", "{x}"]}],
    )
    assert found["ports"] == [{"port": 81}]
    assert found["health"] == [{"http": {"url": "http://127.0.0.1:81/"}}]
    assert found["logs"] == [{"files": ["{version}", "{x}"]}]


def test_an_item_is_there_where_its_condition_holds() -> None:
    items = [{"port": 1, "only_if": "tls"}, {"port": 2, "only_if": {"tls": False}}, {"port": 3, "only_if": {"port": [80, 81]}}]
    assert [item["port"] for item in done({}, ports=items)["ports"]] == [2, 3]
    assert [item["port"] for item in done({"tls": True, "port": 5}, ports=items)["ports"]] == [1]


def test_a_file_whose_condition_does_not_hold_is_taken_away() -> None:
    paths = {"/etc/a": {"content": "x", "only_if": "tls"}, "/etc/b": {"content": "y"}}
    assert done({}, files=paths)["files"] == {"/etc/a": {"absent": True}, "/etc/b": {"content": "y"}}
    assert done({"tls": True}, files=paths)["files"]["/etc/a"] == {"content": "x"}
    assert done({}, directories={"/srv": {"only_if": "tls"}})["directories"] == {}


def test_an_item_may_be_one_for_each_entry() -> None:
    sites = [{"names": ["a", "b"], "root": "/"}, {"names": ["c"], "root": "/", "tls": False}]
    found = done(
        {"sites": sites}, health=[{"for_each": "sites", "tcp": {"host": "{item.root}"}, "only_if": "item.tls", "name": "{item_name}"}]
    )
    assert found["health"] == [{"tcp": {"host": "/"}, "name": "0"}]
    assert done({"sites": sites}, certificates=[{"names": "{sites.names}"}])["certificates"] == [{"names": ["a", "b", "c"]}]


@pytest.mark.parametrize("item", [{"only_if": "tsl"}, {"only_if": 5}, {"for_each": "port"}])
def test_a_condition_on_what_does_not_exist_is_refused(item: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=r"fleet_services\.web\.ports\[0\]\.(only_if|for_each)"):
        done({}, ports=[{"port": 1, **item}])


def test_what_is_to_go_need_not_be_in_order() -> None:
    service = {"option_spec": SPEC, "options": {"port": "x", "old": 1, "tls": True}, "state": "absent"}
    assert settled("w", service, absent=True)["options"]["port"] == 80
    assert settled("w", service, absent=True)["options"]["tls"] is True


def test_without_a_spec_options_are_the_users_own() -> None:
    assert settled("w", {"options": {"any": 1}, "ports": [{"port": "{any}"}]}) == {"options": {"any": 1}, "ports": [{"port": 1}]}
    assert settled("w", {"options": "x"}) == {"options": "x"}


def test_a_path_leads_through_mappings_and_lists() -> None:
    options = {"a": {"b": 1}, "c": [{"d": [1, 2]}, {"d": 3}, {}, 5]}
    assert (option_at(options, "a.b"), option_at(options, "c.d"), option_at(options, "a.x.y")) == (1, [1, 2, 3], None)


def test_declared_services_are_judged_by_their_entry() -> None:
    catalogue = {"web": {"package": {"name": "nginx"}, "option_spec": SPEC, "ports": [{"port": "{port}"}]}}
    found, wrong = services.checked_services([{"a": {"catalogue": "web"}, "b": {"catalogue": "web", "options": {"prot": 1}}}], catalogue)
    assert found["a"]["ports"] == [{"port": 80}]
    assert "an option of fleet_services.b is 'prot'" in wrong[0]


KNOWN = {"type", "elements", "default", "required", "choices", "options", "description", "no_log", "pattern", "expected", "one_of"}


def wrong_keys(spec: dict[str, Any], path: str = "") -> list[str]:
    found = []
    for name, option in spec.items():
        found += ["%s%s: %s" % (path, name, key) for key in option if key not in KNOWN]
        found += [] if option.get("description", "").endswith(".") else ["%s%s: description" % (path, name)]
        found += wrong_keys(option.get("options") or {}, "%s%s." % (path, name))
    return found


@pytest.mark.parametrize("path", sorted(ENTRIES.glob("*.yml")), ids=lambda path: path.stem)
def test_the_options_of_the_catalogue_are_well_formed(path: Path) -> None:
    """A comma in a description without quotes begins a new key."""
    assert wrong_keys(yaml.safe_load(path.read_text(encoding="utf-8")).get("option_spec") or {}) == []
