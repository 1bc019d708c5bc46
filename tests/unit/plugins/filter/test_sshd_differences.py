# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter import sshd_differences as plugin

sshd_differences = plugin.FilterModule().filters()["sshd_differences"]


def test_the_decision_is_given() -> None:
    assert sshd_differences("x11forwarding yes\n", {"X11Forwarding": "yes"}) == []


def test_an_error_is_one_of_ansible() -> None:
    with pytest.raises(AnsibleFilterError, match=r"hardening_sshd is 'Include'"):
        sshd_differences("", {"Include": "x"})
