# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How goss files are read: includes, templates, what is skipped and what is left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import goss_file


def written(folder: Path, **files: str) -> str:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return str(folder / "goss.yaml")


def test_checks_are_named_by_kind_and_resource(tmp_path: Path) -> None:
    found = goss_file.read(written(tmp_path, goss="file: {/etc/passwd: {exists: true}}\naddr: {tcp://127.0.0.1:22: {reachable: true}}\n"))
    assert list(found.checks) == ["goss file /etc/passwd", "goss addr tcp://127.0.0.1:22"]
    assert (found.left_out, found.skipped) == ({}, [])


def test_json_is_yaml(tmp_path: Path) -> None:
    assert list(goss_file.read(written(tmp_path, goss='{"user": {"root": {"exists": true}}}')).checks) == ["goss user root"]


def test_includes(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        goss="gossfile: {more_*.yaml: {}, named: {file: other.yaml}, gone.yaml: {skip: true}}\nuser: {root: {exists: true}}\n",
        more_a="group: {a: {exists: true}}\n",
        more_b="group: {b: {exists: true}}\n",
        other="user: {root: {exists: false}}\n",
    )
    found = goss_file.read(path)
    assert set(found.checks) == {"goss group a", "goss group b", "goss user root"}
    assert found.checks["goss user root"]["user"]["exists"] is True, "the including file wins"
    assert found.skipped == ["gossfile gone.yaml"]


def test_files_that_include_each_other_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, goss="gossfile: {other.yaml: {}}\n", other="gossfile: {goss.yaml: {}}\n")
    with pytest.raises(BadInput, match="files that do not include each other"):
        goss_file.read(path)


def test_an_include_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.yaml.*expected a goss file that can be read"):
        goss_file.read(written(tmp_path, goss="gossfile: {none.yaml: {}}\n"))


def test_variables_are_filled_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUP", "adm")
    path = written(tmp_path, goss="port: {'tcp:{{ .Vars.shop.port }}': {listening: true}}\ngroup: {'{{.Env.GROUP}}': {exists: true}}\n")
    assert list(goss_file.read(path, {"shop": {"port": 80}}).checks) == ["goss port tcp:80", "goss group adm"]
    with pytest.raises(BadInput, match=r"goss\.yaml:1 is '\{\{ \.Vars\.shop\.port \}\}'; expected a variable that is given"):
        goss_file.read(path)


def test_other_templates_are_refused_with_their_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"goss\.yaml:2 is .*range.*expected no template.* render\."):
        goss_file.read(written(tmp_path, goss='file:\n{{range mkSlice "/a" "/b"}}\n  {{.}}: {exists: true}\n{{end}}\n'))


def test_what_is_skipped_is_no_check(tmp_path: Path) -> None:
    found = goss_file.read(written(tmp_path, goss="command: {x: {exec: 'false', exit-status: 0, skip: true}}\n"))
    assert (found.checks, found.skipped) == ({}, ["command x"])


def test_what_cannot_be_taken_is_listed_with_its_reason(tmp_path: Path) -> None:
    text = """
nothing: {a: {}}
user: [root]
file: {/etc/passwd: {exists: true, md5: "00"}}
addr: {udp://192.0.2.1:53: {reachable: true}}
command: {a: {stdout: {gt: 3}}, b: {timeout: soon}}
"""
    found = goss_file.read(written(tmp_path, goss=text))
    assert list(found.checks) == ["goss file /etc/passwd"]
    assert {name: reason.split(":")[0][:40] for name, reason in found.left_out.items()} == {
        "nothing": "this kind of resource is not known",
        "user": "it is no mapping of names to resources",
        "file /etc/passwd: md5": "there is nothing for this attribute",
        "addr udp://192.0.2.1:53": "only tcp",
        "command a": "checks.goss command a.command.contains.m"[:40],
        "command b": "its values are not those of a command",
    }


@pytest.mark.parametrize(("text", "message"), [("- a\n", "expected a mapping of kinds"), ("{", "expected YAML or JSON")])
def test_what_is_no_goss_file(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        goss_file.read(written(tmp_path, goss=text))


def test_an_empty_file_is_one(tmp_path: Path) -> None:
    assert goss_file.read(written(tmp_path, goss="")).checks == {}


def test_a_later_file_wins(tmp_path: Path) -> None:
    written(tmp_path, goss="user: {root: {exists: true}}\n", other="user: {root: {exists: false}}\ngroup: {a: {skip: true}}\n")
    found = goss_file.merged([str(tmp_path / "goss.yaml"), str(tmp_path / "other.yaml")])
    assert found.checks == {"goss user root": {"user": {"name": "root", "exists": False}}}
    assert found.skipped == ["group a"]
