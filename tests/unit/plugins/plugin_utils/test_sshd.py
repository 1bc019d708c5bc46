# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import sshd


def test_lines_are_ordered_and_null_is_left_out():
    options = {"PermitRootLogin": False, "MaxAuthTries": 4, "Banner": None, "X11Forwarding": "no"}
    assert sshd.lines(options) == ["MaxAuthTries 4", "PermitRootLogin no", "X11Forwarding no"]


def test_lists_are_joined_as_the_option_wants_it():
    options = {"Ciphers": ["a", "b"], "MACs": ["c", "d"], "KexAlgorithms": ["e", "f"], "AllowUsers": ["ana", "ben"], "Port": [22, 2222]}
    assert sshd.lines(options) == ["AllowUsers ana ben", "Ciphers a,b", "KexAlgorithms e,f", "MACs c,d", "Port 22", "Port 2222"]


@pytest.mark.parametrize("name", ["Match", "include", "Permit Root", "", "#x", "A\nB"])
def test_a_name_that_is_no_option_is_refused(name):
    with pytest.raises(BadInput, match="hardening_sshd is"):
        sshd.lines({name: "yes"})


@pytest.mark.parametrize("value", ["", "a\nPermitRootLogin yes", {"a": 1}, 1.5, []])
def test_a_value_that_is_none_is_refused(value):
    with pytest.raises(BadInput, match=r"hardening_sshd\['Banner'\]"):
        sshd.lines({"Banner": value})
