# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader
from ansible_collections.groundwork.fleet.plugins.action import certificate
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority, pki_store


def run(directory: Path, monkeypatch: pytest.MonkeyPatch, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    action = certificate.ActionModule.__new__(certificate.ActionModule)
    defaults = {name: option.get("default") for name, option in certificate.ARGUMENTS.items()}
    arguments = {**defaults, "request": {}, "directory": str(directory), **given}
    monkeypatch.setattr(certificate.constants, "DEFAULT_LOCAL_TMP", str(directory.parent))
    monkeypatch.setattr(certificate.ActionBase, "run", lambda self, tmp=None, task_vars=None: {})
    monkeypatch.setattr(certificate.ActionModule, "validate_argument_spec", lambda self, argument_spec: (None, arguments))
    action._task = SimpleNamespace(check_mode=check_mode, args={})
    action._loader = DataLoader()
    return action.run(task_vars={"inventory_hostname": "web-1"})


def test_it_answers_with_paths_and_metadata_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = run(tmp_path / "pki", monkeypatch)
    assert answer["changed"] and answer["authority_created"] and "web-1" in answer["leaf"]["names"]
    assert answer["key"] == str(tmp_path / "pki" / "hosts" / "web-1" / "host.key")
    assert "PRIVATE" not in str(answer)
    assert run(tmp_path / "pki", monkeypatch)["changed"] is False


def test_a_moment_renews_what_is_older_and_never_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(tmp_path / "pki", monkeypatch)
    assert not run(tmp_path / "pki", monkeypatch, renewed_since="2020-01-01")["changed"]
    time.sleep(1.1)  # certificates know whole seconds
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    answer = run(tmp_path / "pki", monkeypatch, renewed_since=moment)
    assert answer["reason"] == "it was issued before %s" % moment
    assert answer["leaf"] != first["leaf"]
    assert not run(tmp_path / "pki", monkeypatch, renewed_since=moment)["changed"]


def test_check_mode_leaves_the_directory_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = run(tmp_path / "pki", monkeypatch, check_mode=True)
    assert answer["changed"] and Path(answer["key"]).is_relative_to(tmp_path) and not (tmp_path / "pki").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [({"lifetime_days": 0}, "at least 1"), ({"names": ["a b"]}, "a DNS name"), ({"renewed_since": "soon"}, "a moment")],
)
def test_refused_input_fails_the_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], message: str) -> None:
    with pytest.raises(AnsibleActionFail, match=message):
        run(tmp_path, monkeypatch, **given)


def test_what_a_service_asks_for_has_the_names_of_the_host_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"certificates": [{"name": "web", "names": ["shop.example.org"], "days": 30, "service": "shop", "reload": "nginx.service"}]}
    answer = run(tmp_path / "pki", monkeypatch, **given)
    assert {"shop.example.org", "web-1", "localhost"} <= set(answer["leaves"]["web"]["names"])
    assert "certificate web: new, there is none yet" in answer["done"] and "PRIVATE" not in str(answer)
    assert not run(tmp_path / "pki", monkeypatch, **given)["changed"]


def test_a_certificate_of_ones_own_is_laid_down_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = authority.new_authority("their root", datetime.now(UTC))
    theirs = authority.new_leaf(root, authority.host_subject("web-1", ["shop.example.org"], []), 90, datetime.now(UTC))
    (tmp_path / "shop.crt").write_bytes(theirs.certificate)
    item = {"name": "web", "names": ["shop.example.org"], "certificate": str(tmp_path / "shop.crt"), "key": theirs.key.decode()}
    answer = run(tmp_path / "pki", monkeypatch, certificates=[item])
    assert Path(answer["leaves"]["web"]["certificate"]).read_bytes() == theirs.certificate
    assert Path(answer["leaves"]["web"]["key"]).read_bytes() == theirs.key and "PRIVATE" not in str(answer)
    with pytest.raises(AnsibleActionFail, match=r"'web' cannot be used: it is not for other.example.org") as told:
        run(tmp_path / "pki", monkeypatch, certificates=[{**item, "names": ["other.example.org"]}])
    assert "PRIVATE" not in str(told.value)
    with pytest.raises(AnsibleActionFail, match=r"certificate '.*gone.crt' cannot be read \(No such file"):
        run(tmp_path / "pki", monkeypatch, certificates=[{**item, "certificate": str(tmp_path / "gone.crt")}])


def test_a_former_authority_is_told_to_wait_for_hosts_and_they_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = authority.new_authority("old", datetime.now(UTC), 3650, 0)
    place = pki_store.Place(tmp_path / "pki")
    place.write_pair("ca", old)
    place.write_pair("hosts/web-1/host", authority.new_leaf(old, authority.host_subject("web-1", [], []), 90, datetime.now(UTC)))
    assert not run(tmp_path / "pki", monkeypatch)["recorded"]
    assert "trust the new root: web-1" in run(tmp_path / "pki", monkeypatch)["warnings"][0]
    assert run(tmp_path / "pki", monkeypatch, record=True) == {"changed": False}
    assert run(tmp_path / "pki", monkeypatch)["waits_for"] == []


def test_a_request_stands_for_all_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = {"directory": str(tmp_path / "other"), "lifetime_days": "30"}
    answer = run(tmp_path / "pki", monkeypatch, request=request)
    assert Path(answer["key"]).is_relative_to(tmp_path / "other") and not (tmp_path / "pki").exists()
    with pytest.raises(AnsibleActionFail, match="directory is None; expected a directory of the controller"):
        run(tmp_path / "pki", monkeypatch, request={"lifetime_days": 30})


def test_a_controller_without_cryptography_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate.authority, "LIBRARY_MISSING", ImportError("No module named 'cryptography'"))
    with pytest.raises(AnsibleActionFail, match=rf"{sys.executable} -m pip install cryptography"):
        run(tmp_path / "pki", monkeypatch)
    assert not (tmp_path / "pki").exists()
