# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import monitoring_proofs

UNITS = {"prometheus": "prometheus.service", "alertmanager": "prometheus-alertmanager.service"}
SETTINGS = {"listen": "0.0.0.0", "prometheus_port": 9090, "alertmanager_port": 9093, "platform": {"units": UNITS}}


@pytest.mark.parametrize(("listen", "address"), [("0.0.0.0", "127.0.0.1"), ("192.0.2.7", "192.0.2.7")])
def test_the_programs_are_asked_where_they_listen(listen, address):
    settings = {**SETTINGS, "listen": listen}
    found = monitoring_proofs.proofs(settings, 3, "/etc/groundwork/tls")
    assert found["every_target_is_scraped"]["prometheus"]["url"] == "https://%s:9090" % address
    assert found["an_alert_reaches_alertmanager"]["http"]["url"] == "https://%s:9093/api/v2/alerts" % address
    effect = monitoring_proofs.in_effect(settings, "/etc/groundwork/tls", "abc")
    assert effect["receivers_are_in_effect"]["http"]["url"] == "https://%s:9093/metrics" % address


def test_the_configuration_that_is_meant_has_to_be_read_and_taken():
    found = monitoring_proofs.in_effect(SETTINGS, "/etc/groundwork/tls", "abc")
    assert found["configuration_is_read"]["http"]["contains"] == "abc"
    assert found["configuration_is_in_effect"]["requires"] == ["configuration_is_read"]
    # The reason stands in the journal alone.
    assert found["configuration_is_in_effect"]["http"]["unit"] == UNITS["prometheus"]
    assert found["receivers_are_in_effect"]["http"]["unit"] == UNITS["alertmanager"]


def test_a_target_that_does_not_answer_is_none_of_the_configuration():
    assert set(monitoring_proofs.proofs(SETTINGS, 3, "/tls")) == {"every_target_is_scraped", "an_alert_reaches_alertmanager"}
    assert monitoring_proofs.proofs(SETTINGS, 3, "/tls")["every_target_is_scraped"]["prometheus"]["series"] == 3
