# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import shutil

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import file_validators, unit_verify
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry

UNIT = "/etc/systemd/system/orders.service"
RIGHT = b"[Service]\nExecStart=/bin/true\nMemoryMax=1G\n"


@pytest.fixture
def systemd(monkeypatch):
    """A systemd-analyze that ignores every line with `Bad`, as the real one does, and knows no program."""
    asked = []

    def answer(command, _seconds, **_options):
        asked.append(command)
        with open(command[-1], encoding="utf-8") as stream:
            lines = stream.read().splitlines()
        bad = [
            "%s:%d: Unknown key 'Bad' in section [Service], ignoring." % (command[-1], i)
            for i, line in enumerate(lines, 1)
            if "Bad" in line
        ]
        name = command[-1].rpartition("/")[2]
        bad.append("%s: Command /opt/x is not executable: No such file or directory" % name)
        bad.append("/etc/systemd/system/other.service:3: Unknown key 'X' in section [Service], ignoring.")
        if b"ExecStart" not in "\n".join(lines).encode():
            bad.append("%s: Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing." % name)
        return 1, "\n".join(bad)

    monkeypatch.setattr(unit_verify.processes, "answer", answer)
    monkeypatch.setattr(unit_verify, "possible", lambda: True)
    return asked


def test_a_unit_that_is_right_is_not_refused_for_what_is_not_its_own(systemd):
    assert unit_verify.refused({UNIT: RIGHT}) == ""
    assert systemd[0][:2] == unit_verify.COMMAND or list(systemd[0][:2]) == list(unit_verify.COMMAND)


def test_a_line_that_would_be_ignored_is_refused_with_its_place(systemd):
    assert unit_verify.refused({UNIT: RIGHT + b"Bad=1\n"}) == UNIT + ":4: Unknown key 'Bad' in section [Service], ignoring."


def test_a_unit_that_could_not_be_loaded_is_refused(systemd):
    assert "Refusing" in unit_verify.refused({UNIT: b"[Service]\n"})


def test_a_drop_in_is_judged_with_the_unit_of_its_package(systemd, tmp_path, monkeypatch):
    (tmp_path / "nginx.service").write_bytes(RIGHT)
    monkeypatch.setattr(unit_verify, "INSTALLED", (str(tmp_path),))
    assert unit_verify.refused({"/etc/systemd/system/nginx.service.d/10-groundwork.conf": RIGHT}) == ""
    assert systemd[0][-1].endswith("/nginx.service")
    assert unit_verify.refused({"/etc/systemd/system/absent.service.d/10-groundwork.conf": RIGHT}) == ""


def test_a_validator_of_a_set_judges_its_units_before_they_are_installed(systemd, tmp_path):
    staged = tmp_path / ".orders.service.groundwork-1"
    staged.write_bytes(RIGHT + b"Bad=1\n")
    entries = [Entry(UNIT, "file")]
    line = "systemd-analyze verify {%s}" % UNIT
    with pytest.raises(file_validators.ValidationFailed, match=r"orders\.service:4: Unknown key 'Bad'"):
        file_validators.run_validators([line], entries, {UNIT: str(staged)}, missing_allowed=False)
    staged.write_bytes(RIGHT)
    assert file_validators.run_validators([line], entries, {UNIT: str(staged)}, missing_allowed=False) == []


def test_a_host_that_cannot_judge_yet_says_so_in_check_mode(monkeypatch):
    monkeypatch.setattr(unit_verify, "possible", lambda: False)
    line = "systemd-analyze verify {%s}" % UNIT
    assert file_validators.run_validators([line], [Entry(UNIT, "file")], {}, missing_allowed=True) == [line]


def test_a_quadlet_is_judged_as_the_unit_that_is_made_of_it(systemd, tmp_path, monkeypatch):
    generator = tmp_path / "generator"
    generator.write_text(
        "#!/bin/sh\nprintf -- '---shop.service---\\n[Service]\\nExecStart=/bin/true\\n'; grep -h Bad $QUADLET_UNIT_DIRS/* || true\n"
    )
    generator.chmod(0o755)
    monkeypatch.setattr(unit_verify, "GENERATOR", str(generator))
    real = unit_verify.processes.run

    def answer(command, seconds, **options):
        if command[0] == str(generator):
            done = real(command, capture_output=True, text=True, timeout=seconds, **options)
            return done.returncode, done.stdout
        with open(command[-1], encoding="utf-8") as stream:
            return 0, "%s:9: Unknown key 'Bad', ignoring." % command[-1] if "Bad" in stream.read() else ""

    monkeypatch.setattr(unit_verify.processes, "answer", answer)
    assert unit_verify.refused({"/etc/containers/systemd/shop.container": b"[Container]\nImage=x\n"}) == ""
    assert "shop.service:9" in unit_verify.refused({"/etc/containers/systemd/shop.container": b"[Service]\nBad=1\n"})
    generator.write_text(
        "#!/bin/sh\necho \"quadlet-generator[1]: converting 'shop.container': unsupported key 'Imgae' in group 'Container'\"; exit 1\n"
    )
    told = unit_verify.refused({"/etc/containers/systemd/shop.container": b"[Container]\nImgae=x\n"})
    assert told == "/etc/containers/systemd/shop.container: converting 'shop.container': unsupported key 'Imgae' in group 'Container'"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd")
def test_the_real_one_agrees():
    assert unit_verify.refused({UNIT: RIGHT}) == ""
    told = unit_verify.refused({UNIT: RIGHT + b"ProtectHoem=yes\nMemoryMax=lots\n"}).splitlines()
    assert [line.split(": ", 1)[0] for line in told] == [UNIT + ":4", UNIT + ":5"]
