# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.monitoring_plan import FilterModule

SETTINGS: dict[str, Any] = {
    "targets": [], "receivers": {}, "routes": [], "runbooks": "", "retention": "1d", "scrape_interval": "15s", "scrape_timeout": "10s",
    "listen": "0.0.0.0", "mail": {}, "inhibitions": None, "basic_auth": {}, "remote_write": [], "scrape_configs": [],
    "external_labels": {}, "peers": [],
    "probes": [], "prober": "", "slos": [], "alerts": {}, "retention_size": "",
    "grafana_state": "absent", "grafana_password": "", "grafana_domain": "", "grafana_port": 3000, "grafana_settings": {},
    "prometheus_port": 9090, "alertmanager_port": 9093, "fleet": {"tls_directory": "/tls"},
    "platform": {
        "packages": ["prometheus"],
        "programs": {"prometheus": "p", "alertmanager": "a"},
        "units": {"prometheus": "p.service", "alertmanager": "a.service"},
        "unit_directory": "/u",
    },
}  # fmt: skip


def test_it_gives_the_plan() -> None:
    decided = FilterModule().filters()["monitoring_plan"](SETTINGS, {}, {}, "ops-1")
    assert decided["packages"] == {"prometheus": None} and set(decided["units"]) == {"p.service", "a.service"}


def test_refused_input_is_an_error_of_the_filter() -> None:
    with pytest.raises(AnsibleFilterError, match=r"monitoring_receivers\.a\.webhook"):
        FilterModule().filters()["monitoring_plan"]({**SETTINGS, "receivers": {"a": {"webhook": ""}}}, {}, {}, "ops-1")


def test_the_dashboards_are_those_of_what_runs() -> None:
    settings = {**SETTINGS, "grafana_state": "present", "grafana_password": "secret"}
    boards = {name: {"title": name, "panels": [{"title": "Up", "queries": {"": "up"}}]} for name in ("fleet", "nginx")}
    exporters = {"nginx": {"dashboard": "nginx", "exec": "x"}}
    decided = FilterModule().filters()["monitoring_plan"](settings, exporters, {}, "ops-1", boards)
    paths = [path for path in decided["files"] if path.endswith(".json") and "/dashboards/" in path]
    assert paths == ["/etc/groundwork/monitoring/grafana/dashboards/fleet.json"]
