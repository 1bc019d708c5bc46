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
from ansible_collections.groundwork.fleet.plugins.action import certificate


def run(directory: Path, monkeypatch: pytest.MonkeyPatch, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    action = certificate.ActionModule.__new__(certificate.ActionModule)
    arguments = {
        "names": [],
        "addresses": [],
        "lifetime_days": 90,
        "renewed_since": "",
        "authority_name": "test",
        "directory": str(directory),
        **given,
    }
    monkeypatch.setattr(certificate.ActionBase, "run", lambda self, tmp=None, task_vars=None: {})
    monkeypatch.setattr(certificate.ActionModule, "validate_argument_spec", lambda self, argument_spec: (None, arguments))
    action._task = SimpleNamespace(check_mode=check_mode, args={})
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
    monkeypatch.setattr(certificate.constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    answer = run(tmp_path / "pki", monkeypatch, check_mode=True)
    assert answer["changed"] and Path(answer["key"]).is_relative_to(tmp_path) and not (tmp_path / "pki").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [({"lifetime_days": 0}, "at least 1"), ({"names": ["a b"]}, "a DNS name"), ({"renewed_since": "soon"}, "a moment")],
)
def test_refused_input_fails_the_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], message: str) -> None:
    with pytest.raises(AnsibleActionFail, match=message):
        run(tmp_path, monkeypatch, **given)


def test_a_controller_without_cryptography_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate.authority, "LIBRARY_MISSING", ImportError("No module named 'cryptography'"))
    with pytest.raises(AnsibleActionFail, match=f"{sys.executable} -m pip install cryptography"):
        run(tmp_path / "pki", monkeypatch)
    assert not (tmp_path / "pki").exists()
