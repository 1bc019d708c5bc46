# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter import sshd_lines as plugin

sshd_lines = plugin.FilterModule().filters()["sshd_lines"]


def test_the_decision_is_given() -> None:
    assert sshd_lines({"X11Forwarding": False, "Banner": None}) == ["X11Forwarding no"]


def test_an_error_is_one_of_ansible() -> None:
    with pytest.raises(AnsibleFilterError, match=r"hardening_sshd is 'Match'"):
        sshd_lines({"Match": "all"})
