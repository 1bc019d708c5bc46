# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.plugin_utils import monitoring_probes as probes

CHECKS = {
    "web-1 / shop": {"http": {"url": "https://web-1.example/", "ca": "/tls/ca.crt"}},
    "web-1 / file": {"file": {"path": "/etc/x"}},
}


def test_checks_become_probes_that_read_the_exporters_own_credentials() -> None:
    found = probes.probes(CHECKS, {"web-1 / shop": "shop"}, "/tls")
    (target,) = found["targets"]
    assert target["target"] == "https://web-1.example/"
    assert target["labels"] == {"probe": "web-1 / shop", "probed": "web-1", "service": "shop"}
    module = found["modules"][target["module"]]
    assert module["http"]["tls_config"]["ca_file"] == "/run/credentials/groundwork-exporter-blackbox.service/ca.crt"
    assert "web-1 / file" in found["left_out"]


def test_the_exporter_is_asked_for_each() -> None:
    target = {"module": "m", "target": "https://web-1.example/", "labels": {"probe": "shop"}}
    job = probes.scrape_job([target], "127.0.0.1:9115", {"ca_file": "/ca"}, "ops-1")
    labels = {"probe": "shop", "__param_module": "m", "prober": "ops-1", "host": "ops-1"}
    assert job["static_configs"] == [{"targets": ["https://web-1.example/"], "labels": labels}]
