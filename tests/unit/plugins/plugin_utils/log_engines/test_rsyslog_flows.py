# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import rsyslog_flows

from tests.unit.plugins.plugin_utils.log_engines.test_rsyslog import rendered


def test_conditions() -> None:
    select = {
        "services": ["shop", "web*"],
        "severity": "warning",
        "facilities": ["daemon"],
        "matches": 'say "no"$',
        "fields": {"level": "error"},
    }
    text = rendered({"flows": {"a": {"parse": "json", "sample": 10, "select": select, "drop": {"services": ["noise"]}}}}).texts
    collect = text["/etc/groundwork/logs/collect.conf"]
    assert '($programname == "shop" or $!_SYSTEMD_UNIT == "shop.service" or re_match($programname, "^web.*\\$"))' in collect
    assert '$syslogseverity <= 4 and ($syslogfacility-text == "daemon") and re_match($msg, "say \\"no\\"\\$")' in collect
    assert 're_match($!fields!level, "error")' in collect and "random(10) == 0" in collect and 'not (($programname == "noise"' in collect
    assert 'parse_json($.raw, "\\$!fields") == 0' in collect
    assert collect.index("$syslogseverity <= 4") < collect.index("parse_json") < collect.index("re_match($!fields!level"), "in that order"


def test_what_is_redacted_goes_on_by_another_name() -> None:
    collect = rendered({"flows": {"a": {"redact": ["mail"]}}}).texts["/etc/groundwork/logs/collect.conf"]
    assert collect.count("re_extract($.text") == 2 * (rsyslog_flows.REDACTIONS + 1) and 'property(name="$.text"' in collect
    assert "the whole text, for it held too much" in collect


def test_what_was_redacted_does_not_go_on_in_the_fields() -> None:
    """The fields of a line are then those of its redacted text, where that still has any."""
    text = rendered({"flows": {"a": {"parse": "json", "redact": ["mail"]}}}).texts["/etc/groundwork/logs/collect.conf"]
    assert text.index("if $.text != $msg then {") < text.index("ltrim($.text)") < text.index("set $.fields = ")


def test_what_a_flow_leaves_out_is_counted() -> None:
    flow = {"inputs": ["journal", "service_shop"], "select": {"services": ["shop", "web"]}, "parse": "logfmt", "sample": 10}
    found = rendered({"flows": {"a": {**flow, "rate_limit": {"lines": 100, "seconds": 10}}}})
    assert found.counters == (
        *("unparsed:a:journal:", "sampled:a:journal:", "limited:a:journal:shop", "limited:a:journal:web"),
        *("unparsed:a:service_shop:", "sampled:a:service_shop:", "limited:a:service_shop:"),
    )
    collect = found.texts["/etc/groundwork/logs/collect.conf"]
    assert all(f'dyn_inc("groundwork", "{counter}")' in collect for counter in found.counters)
    assert "set $.window = $$now-unixtimestamp / 10;" in collect and "if $/passed_a_journal_1 > 100 then" in collect
    assert 'maxCardinality="8"' in collect and 'resettable="off"' in collect


def test_nothing_is_counted_where_nothing_is_left_out() -> None:
    assert "dyn_" not in rendered({}).texts["/etc/groundwork/logs/collect.conf"] and rendered({}).counters == ()
