# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import rpm_packages

INSTALLED = {"nftables": ["1.0.9-3.el9"], "kernel": ["5.14.0-427.el9", "5.14.0-503.el9"]}


def options(**given):
    return {"present": {}, "absent": [], "held": [], "upgrade": "none", **given}


def test_the_answer_of_rpm():
    text = "nftables\t1.0.9-3.el9\nkernel\t5.14.0-427.el9\nkernel\t5.14.0-503.el9\n"
    assert rpm_packages.parsed(text) == INSTALLED


@pytest.mark.parametrize("version", [None, "*", "1.0.9", "1.0.*", "1.0.9-3.el9"])
def test_what_is_there_is_enough(version):
    assert rpm_packages.refusal(options(present={"nftables": version}, absent=["firewalld"]), INSTALLED) == ""


def test_the_newest_of_several_versions_need_not_be_the_one():
    assert rpm_packages.refusal(options(present={"kernel": "*-427.*"}), INSTALLED) == ""


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"present": {"aide": None, "nftables": "2.*"}},
            r"present names 'aide', 'nftables-2\.\*', .*run `dnf install aide nftables-2\.\*`",
        ),
        ({"absent": ["nftables", "telnet"]}, "absent names 'nftables', which this host has.*run `dnf remove nftables`"),
        ({"held": ["kernel"]}, r"held is \['kernel'\].*dnf versionlock"),
        ({"upgrade": "security"}, "upgrade is 'security'.*dnf-automatic"),
    ],
)
def test_what_is_not_as_asked_for_is_told_with_the_command(given, told):
    assert re.search(told, rpm_packages.refusal(options(**given), INSTALLED))
