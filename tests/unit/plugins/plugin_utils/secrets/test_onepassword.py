# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be told without the service; tests/integration/test_secrets_of_onepassword.py has the vendor's client talk to one."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import parse
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import NotThere, onepassword
from onepasswordconnectsdk.errors import FailedToRetrieveItemException

VALUE = "correct horse battery staple"


@pytest.mark.parametrize(
    ("error", "told", "again"),
    [
        (FailedToRetrieveItemException("Unable. Received 401 for x with message: %s" % VALUE), "The Connect server does not accept", False),
        (FailedToRetrieveItemException("Unable. Received 403 for x"), "Denied: the token has no access", False),
        (FailedToRetrieveItemException("Unable. Received 429 for x"), "The Connect server turns requests away", True),
        (FailedToRetrieveItemException("Unable. Received 502 for x"), "The Connect server failed (502).", True),
        (FailedToRetrieveItemException(VALUE), "The Connect server's answer was not understood", False),
        (httpx.ConnectError(VALUE), "The Connect server cannot be reached", True),
        (httpx.ReadTimeout(VALUE), "The Connect server cannot be reached", True),
    ],
)
def test_failures(error: Exception, told: str, again: bool) -> None:
    assert onepassword.explain(error).startswith(told)
    assert VALUE not in onepassword.explain(error)
    assert onepassword.transient(error) is again


def field(label: str, value: str, section: str | None = None) -> Any:
    return SimpleNamespace(id="id-" + label, label=label, value=value, section=SimpleNamespace(id=section) if section else None)


def test_fields_by_section_or_label() -> None:
    sections = [SimpleNamespace(id="s1", label="one"), SimpleNamespace(id="s2", label=None)]
    item = SimpleNamespace(fields=[field("a", "1"), field("b", "2", "s1"), field("b", "3", "s2"), field("c", "4", "s1")], sections=sections)

    def chosen(name: str) -> bytes:
        return onepassword._chosen(item, parse("secret://x/v/i#" + name))

    assert [chosen(name) for name in ("a", "one.b", "s2.b", "c", "one.c")] == [b"1", b"2", b"3", b"4", b"4"]
    with pytest.raises(NotThere, match="has no field b"):
        chosen("b")


def test_what_has_to_be_given(use: Callable[..., Any]) -> None:
    assert "Give the option address" in use("onepassword").refused("vault/item#x")
    assert "Give the option token" in use("onepassword", address="https://x").refused("vault/item#x")
    assert "The path is VAULT/ITEM" in use("onepassword", address="https://x").refused("item#x")
