# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each kind of resource of a goss file becomes the check that says the same."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import goss_file, goss_matchers
from ansible_collections.groundwork.fleet.plugins.plugin_utils.goss_resources import KINDS, Resource


def taken(kind: str, name: str, **attributes: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the one check and what is left out."""
    one = Resource(name, {key.replace("_", "-"): value for key, value in attributes.items()})
    KINDS[kind](one)
    one.finish()
    (found,) = one.checks
    return found[1], one.left_out


@pytest.mark.parametrize(
    ("kind", "name", "attributes", "check"),
    [
        (
            "addr",
            "tcp://a.example:80",
            {"reachable": True, "timeout": 1000},
            {"tcp": {"host": "a.example", "port": 80, "open": True}, "timeout": 1},
        ),
        ("addr", "x", {"address": "tcp://[::1]:22"}, {"tcp": {"host": "::1", "port": 22, "open": True}, "timeout": 0.5}),
        (
            "command",
            "true",
            {"exit_status": 0, "stdout": [], "timeout": 5000},
            {"command": {"argv": ["sh", "-c", "true"], "exit": {"equals": 0}}, "timeout": 5},
        ),
        ("command", "x", {"exec": True}, {"command": {"argv": ["sh", "-c", "true"]}, "timeout": 10}),
        ("group", "adm", {"exists": True, "gid": 4}, {"group": {"name": "adm", "exists": True, "gid": {"equals": 4}}}),
        ("kernel-param", "kernel.ostype", {"value": "Linux"}, {"sysctl": {"name": "kernel.ostype", "value": "Linux"}}),
        (
            "package",
            "vim",
            {"installed": True, "versions": ["9.0"]},
            {"package": {"name": "vim", "installed": True, "version": {"equals": "9.0"}}, "timeout": 10},
        ),
        ("process", "nginx", {"running": True}, {"process": {"name": "nginx"}}),
        ("process", "x", {"comm": "nginx", "running": False}, {"process": {"name": "nginx", "minimum": 0, "maximum": 0}}),
        (
            "service",
            "ssh",
            {"running": True, "enabled": True},
            {"systemd_unit": {"name": "ssh.service", "state": {"equals": "active"}, "enabled": {"equals": True}}},
        ),
        ("service", "a.socket", {"running": False}, {"systemd_unit": {"name": "a.socket", "state": {"not": {"equals": "active"}}}}),
        (
            "service",
            "a",
            {"enabled": False},
            {"systemd_unit": {"name": "a.service", "state": {"matches": "."}, "enabled": {"equals": False}}},
        ),
        ("interface", "lo", {"exists": True, "mtu": 65536}, {"interface": {"name": "lo", "exists": True, "mtu": {"equals": 65536}}}),
        (
            "mount",
            "/home",
            {"exists": True, "opts": ["rw"], "vfs_opts": ["noatime"]},
            {"mount": {"path": "/home", "mounted": True, "options": ["rw", "noatime"]}, "timeout": 1},
        ),
        ("matching", "x", {"content": 128, "matches": {"lt": 200}}, {"value": {"content": "128", "expected": {"less_than": 200}}}),
        ("matching", "x", {"content": "128", "matches": 128.0}, {"value": {"content": "128", "expected": {"between": [128.0, 128.0]}}}),
    ],
)
def test_kinds(kind: str, name: str, attributes: dict[str, Any], check: dict[str, Any]) -> None:
    assert taken(kind, name, **attributes) == (check, {})


def test_a_file_with_everything() -> None:
    check, left_out = taken(
        "file",
        "x",
        path="/etc/x",
        exists=True,
        mode="0644",
        owner="root",
        group="adm",
        filetype="symlink",
        linked_to="/y",
        size={"gt": 3},
        sha256="00",
        contents=["a"],
        md5="00",
        title="of x",
        meta={"a": 1},
    )
    assert check["file"] == {
        "path": "/etc/x",
        "exists": True,
        "type": "link",
        "mode": {"equals": "0644"},
        "owner": {"equals": "root"},
        "group": {"equals": "adm"},
        "target": {"equals": "/y"},
        "sha256": {"equals": "00"},
        "size": {"more_than": 3},
        "contains": {"element": {"contains": "a"}},
    }
    assert left_out == {"md5": "there is nothing for this attribute"}


def test_a_page_with_everything() -> None:
    check, left_out = taken(
        "http",
        "https://a.example/",
        status={"or": [200, 204]},
        allow_insecure=True,
        no_follow_redirects=True,
        timeout=1500,
        request_headers=["Foo: bar", "Host: b"],
        request_body="x",
        method="PUT",
        headers=["Content-Type: text/html", "/x/"],
        body=["ok", "!bad"],
        username="a",
        password="b",
        cert_file="/c",
        key_file="/k",
        ca_file="/ca",
        proxy="http://p",
    )
    assert check == {
        "http": {
            "url": "https://a.example/",
            "method": "PUT",
            "status": {"any": [{"equals": 200}, {"equals": 204}]},
            "verify": False,
            "headers": {"Foo": "bar", "Host": "b"},
            "body": "x",
            "ca": "/ca",
            "certificate": "/c",
            "key": "/k",
            "contains": {"all": [{"element": {"contains": "ok"}}, {"not": {"element": {"contains": "bad"}}}]},
            "answer_headers": {"Content-Type": {"contains": "text/html"}},
        },
        "timeout": 1.5,
    }
    assert set(left_out) == {"headers", "username", "proxy"}
    assert "b" not in left_out["username"].split()


@pytest.mark.parametrize(
    ("name", "attributes", "options"),
    [
        ("a.example", {"server": "192.0.2.53"}, {"name": "a.example", "type": "A", "server": "192.0.2.53"}),
        (
            "a.example",
            {"server": "192.0.2.53:5353", "addrs": ["2001:db8::1"]},
            {"name": "a.example", "type": "AAAA", "server": "192.0.2.53", "port": 5353, "answers": {"element": {"equals": "2001:db8::1"}}},
        ),
        (
            "CNAME:c.example",
            {"server": "::1", "addrs": ["a.example."]},
            {"name": "c.example", "type": "CNAME", "server": "::1", "answers": {"element": {"equals": "a.example"}}},
        ),
        ("PTR:192.0.2.1", {"server": "::1"}, {"name": "1.2.0.192.in-addr.arpa", "type": "PTR", "server": "::1"}),
        (
            "x.example",
            {"server": "::1", "resolvable": False},
            {"name": "x.example", "type": "A", "server": "::1", "count": {"equals": 0}, "code": {"not": {"equals": "?"}}},
        ),
    ],
)
def test_a_name_at_a_server(name: str, attributes: dict[str, Any], options: dict[str, Any]) -> None:
    check, left_out = taken("dns", name, **attributes)
    assert (check["dns"], left_out) == (options, {})


def test_a_name_as_the_host_knows_it() -> None:
    check, left_out = taken("dns", "localhost", resolvable=True, addrs=["127.0.0.1"])
    assert (check["command"]["argv"], left_out) == (["getent", "ahosts", "localhost"], {})
    assert check["command"]["contains"] == {"element": {"matches": r"\A127\.0\.0\.1\s"}}
    assert taken("dns", "x", resolvable=False)[0]["command"]["exit"] == {"not": {"equals": 0}}
    assert "addrs" in taken("dns", "x", addrs={"consist-of": ["a"]})[1]


def test_ports_of_both_protocols_are_told_apart() -> None:
    four, six = {"element": {"not": {"contains": ":"}}}, {"element": {"contains": ":"}}
    assert taken("port", "tcp:22", listening=True)[0]["listening"]["addresses"] == four
    assert taken("port", "tcp6:22", listening=True, ip=["::"])[0]["listening"]["addresses"] == {"all": [six, {"element": {"equals": "::"}}]}
    closed = taken("port", "udp6:53", listening=False)[0]["listening"]
    assert closed == {"port": 53, "protocol": "udp", "listening": {"any": [True, False]}, "addresses": {"not": six}}


def test_how_full_a_mount_may_be_is_a_check_of_its_own() -> None:
    one = Resource("/", {"exists": True, "usage": {"lt": 95}})
    KINDS["mount"](one)
    assert one.checks[1] == ("usage", {"disk": {"path": "/", "percent": {"less_than": 95}}, "timeout": 1})


@pytest.mark.parametrize(
    ("kind", "name", "attributes"),
    [
        ("addr", "udp://192.0.2.1:53", {}),
        ("port", "22", {}),
        ("file", "~root", {}),
        ("dns", "MX:a.example", {}),
        ("kernel-param", "x", {"value": {"gt": 1}}),
    ],
)
def test_what_cannot_be_taken_at_all(kind: str, name: str, attributes: dict[str, Any]) -> None:
    with pytest.raises(goss_matchers.LeftOut):
        KINDS[kind](Resource(name, attributes))


def test_what_cannot_be_taken_of_one() -> None:
    assert set(taken("package", "vim", versions=["1", "2"])[1]) == {"versions"}
    assert set(taken("user", "root", uid={"semver-constraint": ">1"})[1]) == {"uid"}


def test_every_documented_kind_is_taken() -> None:
    documented = "addr command dns file group http interface kernel-param matching mount package port process service user"
    assert set(KINDS) | {goss_file.INCLUDES} == {*documented.split(), "gossfile"}
