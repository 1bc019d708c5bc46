# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter import checked_accounts as plugin

checked_accounts = plugin.FilterModule().filters()["checked_accounts"]


def test_the_decision_is_given() -> None:
    found = checked_accounts({"ana": {"state": "absent"}}, {}, {"deploy": None}, warn_days="7")
    assert found["ana"] == {"state": "absent", "keep_home": "archive", "service": False} and found["deploy"]["service"]


def test_what_somebody_should_look_after_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(plugin, "Display", lambda: SimpleNamespace(warning=said.append))
    monkeypatch.setattr(plugin.users, "warnings", lambda accounts: [f"{name} expires" for name in accounts])
    checked_accounts({"ana": {"state": "locked"}})
    assert said == ["ana expires"]


def test_an_error_is_one_of_ansible() -> None:
    with pytest.raises(AnsibleFilterError, match=r"at least one public SSH key"):
        checked_accounts({"ana": None})
