# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook audit on this machine and on a host that does not answer: it changes nothing, and reports what it found."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CLOSED_PORT = 1  # nothing listens here

#: Two controls of one's own, one that is in effect and one that cannot be.
OWN = {
    "title": "A probe",
    "area": "probes",
    "level": "baseline",
    "rationale": "So that this test knows one.",
    "references": {"manual": ["x"]},
}
MISSING = {"file": {"path": "/nonexistent/probe"}}
EXPIRES = "2999-12-31"


PAST = {"controls": ["probe_wrong"], "reason": "It was.", "owner": "ana", "expires": "2020-01-31"}


def audit(directory: Path, *arguments: str, past: dict[str, Any] = PAST) -> subprocess.CompletedProcess[str]:
    """Audit this machine under the name web-1, and away-1, which does not answer."""
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    away = {"ansible_host": "127.0.0.1", "ansible_port": CLOSED_PORT}
    variables = {
        "fleet_environment": "<b>probe</b>",
        "fleet_waivers": {
            "probe": {"controls": ["probe_waived"], "reason": "It is <missing>.", "owner": "ana", "expires": EXPIRES},
            "past": past,
        },
    }
    controls = directory / ".groundwork" / "catalogue" / "controls"
    controls.mkdir(parents=True)
    for name, check in (("probe_right", {"file": {"path": "/"}}), ("probe_wrong", MISSING), ("probe_waived", MISSING)):
        (controls / ("%s.yml" % name)).write_text(yaml.safe_dump({**OWN, "title": "A probe, %s" % name, "observes": [check]}))
    (directory / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": {"web-1": local, "away-1": away}, "vars": variables}}))
    (directory / "ansible.cfg").touch()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"),
        "ANSIBLE_CONFIG": str(directory / "ansible.cfg"),
        "ANSIBLE_LOCAL_TEMP": str(directory / "tmp"),
        "ANSIBLE_REMOTE_TEMP": str(directory / "remote"),
        "ANSIBLE_TIMEOUT": "5",
    }
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(directory / "hosts.yml")]
    command += [str(ROOT / "playbooks" / "audit.yml"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_an_audit_reports_what_it_found_and_changes_nothing(tmp_path: Path, arguments: list[str]) -> None:
    done = audit(tmp_path, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "changed=0" in done.stdout and "changed=1" not in done.stdout
    directory = tmp_path / ".groundwork" / "audit"
    told = json.loads((directory / "audit.json").read_text(encoding="utf-8"))
    assert told["title"] == "Audit of <b>probe</b>"
    assert told["properties"]["level"] == "baseline"
    ended = {one["id"]: one for one in told["hosts"]["web-1"]["items"]}
    assert [ended[name]["status"] for name in ("probe_right", "probe_wrong", "probe_waived")] == ["pass", "fail", "waived"]
    assert (
        ended["probe_wrong"]["message"] == "was waived until 2020-01-31: file path=/nonexistent/probe: expected exists true, observed false"
    )
    assert ended["probe_waived"]["waiver"] == {"name": "probe", "reason": "It is <missing>.", "owner": "ana", "expires": EXPIRES}
    assert "Connection refused" in told["hosts"]["away-1"]["problem"]
    assert told["hosts"]["away-1"]["score"] is None
    page = (directory / "audit.html").read_text(encoding="utf-8")
    assert "It is &lt;missing&gt;." in page and "<b>probe" not in page
    suites = {suite.attrib["name"]: suite.attrib for suite in ElementTree.parse(directory / "audit.junit.xml").getroot()}
    assert int(suites["web-1"]["failures"]) == sum(one["status"] == "fail" for one in ended.values())
    assert suites["away-1"]["errors"] == "1"
    assert 'groundwork_audit_host_examined{host="away-1"} 0' in (directory / "audit.prom").read_text(encoding="utf-8")
    assert json.loads((directory / "audit.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in directory.rglob("*.*") if path.name != ".gitignore")
    assert "away-1" in done.stdout and "audit.html" in done.stdout


def test_a_score_that_is_too_low_fails_the_run_and_the_reports_are_there(tmp_path: Path) -> None:
    done = audit(tmp_path, "-e", "audit_fail_below=100", "-e", "audit_directory=%s" % (tmp_path / "elsewhere"))
    assert done.returncode == 2
    assert "2 hosts are below 100: away-1 (not examined), web-1 (" in " ".join(done.stdout.split())
    assert (tmp_path / "elsewhere" / "audit.html").is_file()
    assert not (tmp_path / ".groundwork" / "audit").exists()


def test_a_host_that_answers_and_cannot_be_examined_fails_the_run(tmp_path: Path) -> None:
    done = audit(tmp_path, "-e", '{"hardening_controls": {"probe_rigt": true}}')
    assert done.returncode == 2
    told = json.loads((tmp_path / ".groundwork" / "audit" / "audit.json").read_text(encoding="utf-8"))
    assert "Did you mean 'probe_right'?" in told["hosts"]["web-1"]["problem"]


def test_a_waiver_of_an_unknown_control_is_refused(tmp_path: Path) -> None:
    done = audit(tmp_path, past={**PAST, "controls": ["probe_wrng"]})
    assert done.returncode == 2
    told = json.loads((tmp_path / ".groundwork" / "audit" / "audit.json").read_text(encoding="utf-8"))
    expected = "fleet_waivers.past.controls is 'probe_wrng'; expected a known control. Did you mean 'probe_wrong'?"
    assert expected in told["hosts"]["web-1"]["problem"]
