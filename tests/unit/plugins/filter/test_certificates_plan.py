# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter import certificates_plan

SETTINGS: dict[str, Any] = {
    "state": "present",
    "services": [],
    "wanted": [],
    "units": {},
    "acme": {},
    "trust_system": False,
    "textfile_directory": "/t",
    "platform": {"trust": {"path": "/x.crt"}},
    "fleet": {"tls_directory": "/tls"},
}
ISSUED = dict.fromkeys(("authority_certificate", "root_certificate", "revocation_list", "certificate", "key"), "/c")


def test_it_makes_the_program_of_the_host() -> None:
    plan = certificates_plan.FilterModule().filters()["certificates_plan"](SETTINGS, {**ISSUED, "former_certificate": None}, "web-1")
    assert plan["leaves"]["/usr/local/sbin/groundwork-certificate-status"]["content"].startswith("#!/usr/bin/python3")


def test_a_removal_needs_no_certificate() -> None:
    assert list(certificates_plan.certificates_plan(SETTINGS, {}, "web-1")) == ["packages", "removal"]


def test_it_tells_what_is_wrong() -> None:
    with pytest.raises(AnsibleFilterError, match="a mapping"):
        certificates_plan.certificates_plan({**SETTINGS, "wanted": ["x"]}, ISSUED, "web-1")
