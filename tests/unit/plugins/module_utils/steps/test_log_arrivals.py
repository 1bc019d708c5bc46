# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import log_arrivals

NOW = time.time()


def written(folder, host, text, sent, came):
    moments = [time.strftime("%Y-%m-%dT%H:%M:%S.000000+00:00", time.gmtime(when)) for when in (sent, came)]
    (folder / host).mkdir(exist_ok=True)
    with (folder / host / "groundwork-canary.log").open("a") as stream:
        stream.write('<13>1 %s %s groundwork-canary - - [received@32473 time="%s" from="::1"] %s\n' % (moments[0], host, moments[1], text))


def test_each_line_is_told_with_its_time(run_step, tmp_path):
    written(tmp_path, "web-1", "run-1", NOW - 99, NOW)
    written(tmp_path, "web-1", "run-2", NOW - 3, NOW)
    written(tmp_path, "web-2", "run-3", NOW, NOW)
    answer = run_step(log_arrivals, canaries={"web-1": "run-2", "web-2": "run-3"}, directory=str(tmp_path))
    assert answer["arrived"] == {"web-1": {"latency": 3.0}, "web-2": {"latency": 0.0}} and answer["missing"] == [] and not answer["changed"]


def test_a_line_that_comes_later_is_waited_for(run_step, tmp_path, monkeypatch):
    monkeypatch.setattr(log_arrivals.time, "sleep", lambda _seconds: written(tmp_path, "web-1", "run-1", NOW, NOW))
    assert list(run_step(log_arrivals, canaries={"web-1": "run-1"}, directory=str(tmp_path))["arrived"]) == ["web-1"]


def test_hosts_whose_line_does_not_come_are_named(run_step, tmp_path):
    written(tmp_path, "web-1", "run-0", NOW, NOW)
    written(tmp_path, "web-2", "run-1", NOW, NOW)
    answer = run_step(log_arrivals, canaries={"web-1": "run-1", "web-2": "run-1", "db-1": "run-1"}, directory=str(tmp_path), timeout=0)
    assert answer["failed"] and answer["missing"] == ["db-1", "web-1"] and list(answer["arrived"]) == ["web-2"]
    assert "within 0 s from: db-1, web-1." in answer["msg"]


@pytest.mark.parametrize("host", ["../etc", "", ".."])
def test_what_is_no_name_of_a_host_is_refused(run_step, tmp_path, host):
    answer = run_step(log_arrivals, canaries={host: "x"}, directory=str(tmp_path), timeout=0)
    assert answer["failed"] and "expected names of hosts" in answer["msg"]
