# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import firewall_rules
from ansible_collections.groundwork.fleet.plugins.plugin_utils.firewall_rules import OUTBOUND
from hypothesis import given
from hypothesis import strategies as st

SOURCES = {"web": ["192.0.2.0/24", "192.0.2.7", "2001:db8::/32"], "ops": ["198.51.100.9"], "empty": []}


def rules(item, **options):
    return firewall_rules.part_of("firewall_services[1]", item, SOURCES, **options).rules


def matches(item, **options):
    return [rule.match for rule in rules(item, **options)]


def test_a_port_for_everybody():
    (rule,) = rules({"service": "shop", "port": 443, "from": ["any"]})
    assert (rule.match, rule.action, rule.comment) == ("tcp dport 443", "accept", "shop tcp 443 from any")
    assert (rule.ports, rule.addresses) == ("443", None)


def test_one_rule_for_each_set_of_the_sources():
    part = firewall_rules.part_of("x", {"service": "dns", "port": "53", "protocol": "udp", "from": ["web", "ops"]}, SOURCES)
    assert [rule.match for rule in part.rules] == [
        "ip saddr @web_v4 udp dport 53",
        "ip6 saddr @web_v6 udp dport 53",
        "ip saddr @ops_v4 udp dport 53",
    ]
    assert [(one.name, one.elements) for one in part.sets] == [
        ("web_v4", ("192.0.2.0/24",)),
        ("web_v6", ("2001:db8::/32",)),
        ("ops_v4", ("198.51.100.9",)),
    ]
    assert {rule.ports for rule in part.rules} == {""}, "what is judged of a connection by SSH is TCP"


def test_a_source_without_addresses_opens_nothing():
    assert rules({"service": "x", "port": 1, "from": ["empty"]}) == []


def test_any_among_other_names_means_everybody():
    assert matches({"service": "x", "port": 1, "from": ["web", "any"]}) == ["tcp dport 1"]


def test_what_goes_out_is_matched_by_where_it_goes_to():
    (rule,) = rules({"name": "mirror", "port": 443, "to": ["ops"]}, direction=OUTBOUND)
    assert (rule.match, rule.comment, rule.ports) == ("ip daddr @ops_v4 tcp dport 443", "mirror tcp 443 to ops", "")


def test_a_rate_drops_what_is_over_it_before_the_rest_is_accepted():
    part = firewall_rules.part_of("x", {"service": "shop", "port": 443, "from": ["web"], "rate": "20/minute", "burst": 40}, SOURCES)
    assert [(rule.match, rule.action) for rule in part.rules] == [
        (
            "ip saddr @web_v4 tcp dport 443 update @groundwork_rate_shop_tcp_443_20_minute_40_v4 "
            "{ ip saddr limit rate over 20/minute burst 40 packets } counter",
            "drop",
        ),
        ("ip saddr @web_v4 tcp dport 443", "accept"),
        (
            "ip6 saddr @web_v6 tcp dport 443 update @groundwork_rate_shop_tcp_443_20_minute_40_v6 "
            "{ ip6 saddr and ffff:ffff:ffff:ffff:: limit rate over 20/minute burst 40 packets } counter",
            "drop",
        ),
        ("ip6 saddr @web_v6 tcp dport 443", "accept"),
    ]
    meter = part.sets[0]
    assert (meter.flags, meter.timeout, meter.size) == ("dynamic,timeout", 120, firewall_rules.METER_SIZE)


def test_a_rate_for_everybody_counts_both_families():
    assert len(rules({"service": "x", "port": 1, "from": ["any"], "rate": "1/second"})) == 3


@pytest.mark.parametrize("port", [0, 65536, -1, "abc", "22-", "30-20", "20-20", True, None, [80], 1.5, "1-70000", "22\n", "٢٢"])
def test_a_port_that_is_none_is_refused_by_its_place(port):
    with pytest.raises(BadInput, match=r"firewall_services\[1\]\.port is"):
        rules({"service": "x", "port": port, "from": ["any"]})


@pytest.mark.parametrize(("port", "written"), [(1, "1"), (65535, "65535"), ("443", "443"), ("9100-9200", "9100-9200"), ("0080", "80")])
def test_ports_and_ranges(port, written):
    assert firewall_rules.checked_port("port", port) == written


@given(st.one_of(st.text(max_size=12), st.integers(), st.from_regex(r"[0-9]{1,6}(-[0-9]{1,6})?", fullmatch=True)))
def test_a_port_is_written_as_numbers_in_range_or_refused(value):
    try:
        written = firewall_rules.checked_port("port", value)
    except BadInput:
        return
    bounds = [int(bound) for bound in written.split("-")]
    assert all(1 <= bound <= 65535 for bound in bounds) and bounds == sorted(set(bounds)) and len(bounds) <= 2


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"service": "x", "port": 1}, r"\.from is None; expected a list of names.*no default"),
        ({"service": "x", "port": 1, "from": []}, r"\.from is \[\]"),
        ({"service": "x", "port": 1, "from": "web"}, r"\.from is 'web'; expected a list"),
        ({"service": "x", "port": 1, "from": ["wab"]}, r"\.from is 'wab'; expected a known source\. Did you mean 'web'\?"),
        ({"service": "x", "port": 1, "from": ["any", "wab"]}, r"\.from is 'wab'"),
        ({"service": "x", "port": 1, "from": ["any"], "protocol": "tpc"}, r"\.protocol is 'tpc'.*Did you mean 'tcp'\?"),
        ({"service": "x", "port": 1, "from": ["any"], "action": "permit"}, r"\.action is 'permit'"),
        ({"service": "x", "port": 1, "from": ["any"], "rate": "fast"}, r"\.rate is 'fast'; expected a number per second"),
        ({"service": "x", "port": 1, "from": ["any"], "rate": "1/second", "burst": 0}, r"\.burst is 0"),
        ({"service": "x", "port": 1, "from": ["any"], "burst": 9}, r"\.burst is 9; expected nothing where there is no rate"),
        ({"service": "x", "port": 1, "from": ["any"], "rate": "1/second", "action": "drop"}, r"\.rate is '1/second'; expected no rate"),
        ({"service": "x", "prot": 1, "from": ["any"]}, r"is 'prot'; expected a known option\. Did you mean 'port'\?"),
        ({"service": "x", "port": 1, "to": ["any"]}, r"is 'to'; expected a known option"),
        ({"service": "x", "from": ["any"]}, r"\.port is None; expected the port"),
        ("80/tcp", r"is '80/tcp'; expected a mapping"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(item, message):
    with pytest.raises(BadInput, match=r"firewall_services\[1\]" + ".*" + message):
        rules(item)


@pytest.mark.parametrize("option", ["from", "rate"])
def test_what_only_comes_in_has_no_place_in_what_goes_out(option):
    with pytest.raises(BadInput, match=f"is '{option}'; expected a known option"):
        rules({"name": "x", "port": 1, "to": ["any"], option: ["any"]}, direction=OUTBOUND)


@given(st.text(max_size=300))
def test_a_comment_cannot_end_its_quotes(text):
    comment = firewall_rules.comment_of(text)
    assert not set('"\\\n\r\0') & set(comment) and 0 < len(comment.encode()) <= firewall_rules.COMMENT_LIMIT
