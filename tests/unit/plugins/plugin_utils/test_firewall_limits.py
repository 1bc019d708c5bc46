# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import firewall_limits
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("rate", "burst", "text", "memory"),
    [
        ("5/second", 100, "5/second burst 100 packets", 60),
        ("20/minute", None, "20/minute burst 20 packets", 60),
        ("2/hour", None, "2/hour burst 5 packets", 9000),
        ("1/day", "1", "1/day burst 1 packets", 86400),
    ],
)
def test_a_limit_as_nftables_writes_it(rate, burst, text, memory):
    limit = firewall_limits.checked("x", rate, burst)
    assert limit is not None and (limit.text, limit.memory) == (text, memory)


@pytest.mark.parametrize("rate", ["", None])
def test_no_rate_is_no_limit(rate):
    assert firewall_limits.checked("x", rate) is None


@pytest.mark.parametrize(
    "rate", ["5", 5, "0/second", "5/sec", "-1/second", "5 / second", "5/second\n", "9999999/second", True, ["5/second"]]
)
def test_a_rate_that_is_none_is_refused_by_its_place(rate):
    with pytest.raises(BadInput, match=r"firewall_services\[0\]\.rate is .*such as 20/minute"):
        firewall_limits.checked("firewall_services[0].rate", rate)


@pytest.mark.parametrize("burst", [0, -1, "many", 1.5, True, 1_000_001])
def test_a_burst_that_is_none_is_refused(burst):
    with pytest.raises(BadInput, match=r"x\.burst is .*from 1 to 1000000"):
        firewall_limits.checked("x", "5/second", burst, "x.burst")


@given(st.integers(1, 999_999), st.sampled_from(sorted(firewall_limits.SECONDS)), st.integers(1, 1_000_000))
def test_a_source_is_remembered_until_it_may_use_the_whole_burst_again(count, unit, burst):
    limit = firewall_limits.checked("x", f"{count}/{unit}", burst)
    assert limit.memory >= 60 and limit.memory * count >= burst * firewall_limits.SECONDS[unit]


@pytest.mark.parametrize(
    ("rate", "burst", "message"),
    [
        ("5/second", 9, "firewall_ssh_burst is 9; expected 10 or more"),
        ("9/minute", 10, "firewall_ssh_rate is '9/minute'; expected 10/minute"),
    ],
)
def test_a_limit_under_which_ansible_does_not_get_through_is_refused(rate, burst, message):
    with pytest.raises(BadInput, match=message):
        firewall_limits.checked_ssh(rate, burst)


def test_ssh_without_a_limit_and_with_the_smallest():
    assert firewall_limits.checked_ssh("", 100) is None
    assert firewall_limits.checked_ssh("10/minute", 10) == firewall_limits.Limit(10, "minute", 10)
