# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import monitoring_alerting as alerting

MAIL = {"server": "mail.example.org:587", "from": "fleet@example.org", "username": "fleet", "password": "p"}
HOOK = {"webhook": "https://a.example"}


def test_alerts_go_to_receivers_by_routes() -> None:
    receivers = {"default": HOOK, "night": HOOK, "watchdog": HOOK}
    config = alerting.alertmanager_config(receivers, [{"receiver": "night", "severity": "critical", "team": "shop", "continue": True}])
    assert config["route"]["receiver"] == "default"
    alive, night = config["route"]["routes"]
    assert alive["receiver"] == "watchdog" and alive["repeat_interval"] == "5m"
    assert night["matchers"] == ['severity="critical"', 'team="shop"'] and night["continue"] is True
    assert alerting.alertmanager_config({}, [])["route"]["receiver"] == "nobody"


def test_each_means_becomes_alertmanagers_own() -> None:
    given = {
        "webhook": [{"url": "https://a.example", "bearer_token": "t"}, "https://b.example"],
        "mail": "ops@example.org",
        "slack": {"url": "https://hooks.example/x", "channel": "#ops"},
        "pagerduty": "key",
        "opsgenie": {"key": "key", "url": "https://api.eu.opsgenie.com/"},
    }
    found = alerting.receiver("ops", given, MAIL)
    assert [one["url"] for one in found["webhook_configs"]] == ["https://a.example", "https://b.example"]
    assert found["webhook_configs"][0]["http_config"]["authorization"]["credentials"] == "t"
    assert found["email_configs"][0]["to"] == "ops@example.org" and found["slack_configs"][0]["channel"] == "#ops"
    assert found["pagerduty_configs"][0]["routing_key"] == "key" and found["opsgenie_configs"][0]["api_key"] == "key"
    assert all(one["send_resolved"] for name in found if name.endswith("_configs") for one in found[name])


def test_mail_needs_a_server_and_speaks_tls() -> None:
    config = alerting.alertmanager_config({"default": {"mail": "ops@example.org"}}, [], MAIL)
    assert config["global"]["smtp_require_tls"] is True and config["global"]["smtp_auth_password"] == "p"
    with pytest.raises(BadInput, match=r"monitoring_mail\.server"):
        alerting.alertmanager_config({"default": {"mail": "ops@example.org"}}, [])


def test_a_host_that_is_down_says_so_once() -> None:
    first = alerting.alertmanager_config({}, [])["inhibit_rules"][0]
    assert 'job="node"' in first["source_matchers"] and 'alertname!="watchdog"' in first["target_matchers"] and first["equal"] == ["host"]
    assert alerting.alertmanager_config({}, [], None, [])["inhibit_rules"] == []


@pytest.mark.parametrize(
    ("receivers", "routes", "message"),
    [
        ({"a": {"webhook": "ftp://secret"}}, [], r"\(hidden\); expected an http"),
        ({"a": {}}, [], "expected a mapping with mail"),
        ({"a": {"webhok": "https://a.example"}}, [], "Did you mean 'webhook'"),
        ({"a": {"pagerduty": ""}}, [], "the key of an integration"),
        ({"night": HOOK}, [{"receiver": "nigth"}], "Did you mean 'night'"),
        ({"a": HOOK}, [{"receiver": "a", "matcher": []}], "Did you mean 'matchers'"),
    ],
)
def test_what_cannot_be_is_refused(receivers: dict[str, Any], routes: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        alerting.alertmanager_config(receivers, routes)


def test_a_wrong_inhibition_or_mail_setting_is_refused() -> None:
    with pytest.raises(BadInput, match="Did you mean 'source'"):
        alerting.inhibition(0, {"sorce": ["x"]})
    with pytest.raises(BadInput, match=r"monitoring_inhibitions\[0\].target"):
        alerting.inhibition(0, {"source": ["x"]})
    with pytest.raises(BadInput, match="Did you mean 'server'"):
        alerting.mail_settings({"sever": "x"})


def test_a_copy_without_secrets_has_all_else() -> None:
    receivers = {
        "default": {"webhook": {"url": "https://a.example/?token=s1", "username": "fleet", "password": "s2"}, "mail": "ops@example.org"},
        "others": {"slack": "https://hooks.example/s3", "pagerduty": "s4", "opsgenie": {"key": "s5", "url": "https://api.example/s6"}},
        "more": {"webhook": {"url": "https://a.example", "bearer_token": "s7"}},
    }
    config = alerting.alertmanager_config(receivers, [{"receiver": "others", "matchers": ["a=b"]}], {**MAIL, "password": "s8"})
    shown = alerting.without_secrets(config)
    assert all("s%d" % number in str(config) and "s%d" % number not in str(shown) for number in range(1, 9))
    assert shown["route"] == config["route"] and [one["name"] for one in shown["receivers"]] == [one["name"] for one in config["receivers"]]
    assert shown["receivers"][1]["webhook_configs"][0]["http_config"]["basic_auth"]["username"] == "fleet"
    assert shown["global"]["smtp_smarthost"] == "mail.example.org:587"
