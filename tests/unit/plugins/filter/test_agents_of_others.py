# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue's entries for the agents of CloudWatch and Datadog: no package of theirs is at hand, so what they would write is judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.groundwork.fleet.plugins.filter import service_plan
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import template_render
from ansible_collections.groundwork.fleet.plugins.plugin_utils.services import declared_services

SERVICES = Path(service_plan.__file__).resolve().parents[2] / "catalogue" / "services"
CATALOGUE = {name: yaml.safe_load((SERVICES / f"{name}.yml").read_text()) for name in ("cloudwatch_agent", "datadog_agent")}
CLOUDWATCH = "/opt/aws/amazon-cloudwatch-agent/etc"


def planned(entry: str, **options: Any) -> dict[str, Any]:
    return service_plan.service_plan(declared_services({"fleet_services": {"agent": {"catalogue": entry, "options": options}}}, CATALOGUE))


def rendered(plan: dict[str, Any], path: str) -> str:
    file, loader = plan["files"][path], DataLoader()
    renderer = template_render.Renderer(loader, Templar(loader=loader, variables={}), {})
    return renderer.render(Path(file["template"]).name, file["template"], path, file["vars"])


def test_cloudwatch_is_told_what_to_measure_and_to_send() -> None:
    logs = [{"path": "/var/log/syslog", "group": "fleet", "retention_days": 30}]
    plan = planned("cloudwatch_agent", region="eu-central-1", logs=logs, settings={"agent": {"debug": True}})
    assert list(plan["packages"]) == ["amazon-cloudwatch-agent"]
    found = json.loads(rendered(plan, f"{CLOUDWATCH}/amazon-cloudwatch-agent.json"))
    assert found["agent"] == {"region": "eu-central-1", "metrics_collection_interval": 60, "run_as_user": "cwagent", "debug": True}
    assert set(found["metrics"]["metrics_collected"]) == {"cpu", "disk", "mem", "swap"} and "append_dimensions" not in found["metrics"]
    assert found["logs"]["logs_collected"]["files"]["collect_list"] == [
        {"file_path": "/var/log/syslog", "log_group_name": "fleet", "log_stream_name": "{hostname}", "retention_in_days": 30}
    ]
    validator = next(line for line in plan["validate"] if "config-translator" in line)
    assert validator.endswith("{%s/amazon-cloudwatch-agent.json}" % CLOUDWATCH)


def test_cloudwatch_has_a_key_only_where_one_is_given() -> None:
    assert plan_of_key(planned("cloudwatch_agent", region="eu-central-1")) == {"absent"}
    plan = planned("cloudwatch_agent", region="eu-central-1", access_key_id="AKIA", secret_access_key="hunter2")
    assert plan["files"][f"{CLOUDWATCH}/credentials"]["secret"] is True and "absent" not in plan_of_key(plan)
    assert rendered(plan, f"{CLOUDWATCH}/credentials") == "[default]\naws_access_key_id = AKIA\naws_secret_access_key = hunter2\n"


def plan_of_key(plan: dict[str, Any]) -> set[str]:
    return set(plan["files"][f"{CLOUDWATCH}/credentials"])


def test_datadog_has_its_key_and_says_how_it_is() -> None:
    plan = planned("datadog_agent", api_key="hunter2", tags=["team:web"], logs=True, settings={"apm_config": {"max_traces": 5}})
    found = yaml.safe_load(rendered(plan, "/etc/datadog-agent/datadog.yaml"))
    assert found["api_key"] == "hunter2" and found["site"] == "datadoghq.com" and found["tags"] == ["team:web"] and found["logs_enabled"]
    assert found["apm_config"] == {"enabled": False, "max_traces": 5} and "env" not in found
    assert plan["files"]["/etc/datadog-agent/datadog.yaml"]["secret"] is True


@pytest.mark.parametrize(
    ("entry", "options", "message"),
    [
        ("cloudwatch_agent", {}, "region"),
        ("cloudwatch_agent", {"region": "Frankfurt"}, "a region like eu-central-1"),
        ("datadog_agent", {}, "api_key"),
        ("datadog_agent", {"api_key": "x", "sit": "y"}, "Did you mean 'site'"),
    ],
)
def test_what_is_missing_or_wrong_is_refused_by_name(entry: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        planned(entry, **options)
