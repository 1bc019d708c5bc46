# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import kernel
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.kernel import Observed


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("kernel.kptr_restrict", "/proc/sys/kernel/kptr_restrict"),
        ("net.ipv4.conf.eth0/1.rp_filter", "/proc/sys/net/ipv4/conf/eth0.1/rp_filter"),
        ("net/ipv4/conf/eth0.1/rp_filter", "/proc/sys/net/ipv4/conf/eth0.1/rp_filter"),
    ],
)
def test_paths(name, path):
    assert kernel.path_of(name) == path


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "", "."])
def test_a_name_that_leads_out_is_refused(name):
    with pytest.raises(BadInput, match="the name of a kernel setting"):
        kernel.path_of(name)


@pytest.mark.parametrize(
    ("value", "text"), [(1, "1"), (True, "1"), ("4096\t87380\t6291456\n", "4096 87380 6291456"), ("|/bin/false", "|/bin/false")]
)
def test_values_are_compared_as_words(value, text):
    assert kernel.normalised(value) == text


def test_plan():
    observed = {
        "same": Observed("1", True),
        "other": Observed("0", True),
        "closed": Observed("0", False),
        "right": Observed("1", False),
        "none": Observed(None, False),
    }
    plan = kernel.plan(dict.fromkeys(observed, 1), observed)
    assert (plan.write, plan.read_only, plan.unknown) == ({"other": "1"}, ["closed"], ["none"])


def test_effects_name_the_values_that_come_back():
    assert kernel.effects({"kernel.a": "1"}, {"kernel.a": "0", "kernel.b": "2"}) == [
        {"undo": ["sysctl", "-q", "-w", "kernel.a=0"], "what": "the kernel's kernel.a was '0'"}
    ]
