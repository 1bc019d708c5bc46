# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import time_status

# What chronyc 4.6 says of a client of a server with NTS.
TRACKING = "AC11000D,172.17.0.13,11,1795677854.4,0.000013689,-0.0000136,0.00001,0.250,-0.218,10.0,0.000055536,1.818983197,0.0,Normal\n"
SOURCES = "^,*,172.17.0.13,10,6,7,2,0.000000078,-0.000013611,0.000028068\n^,?,192.0.2.9,0,6,0,-,0,0,0\n"
AUTHDATA = "172.17.0.13,NTS,1,15,256,5,0,0,8,100\n192.0.2.9,NTS,0,0,0,-,3,0,0,0\n"
SAID = {"tracking": TRACKING, "sources": SOURCES, "authdata": AUTHDATA}


@pytest.fixture(autouse=True)
def _chrony(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    said = dict(SAID)

    def answer(command: list[str], seconds: float) -> tuple[int, str]:
        text = said[command[-1]]
        return (1, text) if text.startswith("5") else (0, text)

    monkeypatch.setattr(time_status.processes, "answer", answer)
    return said


def test_what_chrony_tells_is_understood() -> None:
    found = time_status.observed()
    assert found["synchronised"] and found["source"] == "172.17.0.13" and found["stratum"] == 11
    assert (found["offset"], found["frequency"]) == (-0.000013689, 0.25)
    assert (found["sources"], found["reachable"], found["authenticated"]) == (2, 1, 1)


def test_people_are_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert time_status.main([]) == 0
    told = "The clock follows 172.17.0.13: offset -0.000014 s, frequency +0.250 ppm, stratum 11; 1 of 2 sources answer, 1 by NTS\n"
    assert capsys.readouterr().out == told


def test_a_host_that_follows_nobody_is_told(_chrony: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    _chrony["tracking"] = "00000000,,0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised\n"
    assert time_status.main([]) == 1 and "The clock is not kept" in capsys.readouterr().out
    _chrony["tracking"] = "7F7F0101,,10,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,Normal\n"
    assert time_status.main([]) == 0 and "its own clock" in capsys.readouterr().out


def test_prometheus_is_told_all_of_it(tmp_path: Path) -> None:
    assert time_status.main(["--textfile", str(tmp_path / "x.prom")]) == 0
    text = (tmp_path / "x.prom").read_text()
    for line in ("synchronised 1", "offset_seconds -1.3689e-05", "frequency_ppm 0.25", "stratum 11", "sources_reachable 1"):
        assert f"\ngroundwork_time_{line}\n" in text


def test_one_that_does_not_answer_is_not_kept(_chrony: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _chrony["tracking"] = "506 Cannot talk to daemon\n"
    assert time_status.main([]) == 2 and "506 Cannot talk to daemon" in capsys.readouterr().err
    assert time_status.main(["--textfile", str(tmp_path / "x.prom")]) == 0
    text = (tmp_path / "x.prom").read_text()
    assert "groundwork_time_synchronised 0\n" in text and "offset" not in text


def test_an_old_chrony_without_nts_is_understood(_chrony: dict[str, str]) -> None:
    _chrony["authdata"] = "501 Not authorised\n"
    assert time_status.observed()["authenticated"] == 0


def test_wrong_words_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert time_status.main(["--x"]) == 2 and time_status.main(["--help"]) == 0 and "usage" in capsys.readouterr().err
