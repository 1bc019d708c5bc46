# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of services get names, and other checks are laid over them."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_checks import merged_checks

PAGE = {"http": {"url": "http://127.0.0.1/"}}


def test_names_are_made_of_service_and_type() -> None:
    named = {"service": "shop", "name": "start page", **PAGE}
    found = merged_checks([{"service": "shop", **PAGE, "retries": 3}, {"service": "shop", **PAGE}, named])
    assert found == {"shop http": {**PAGE, "retries": 3}, "shop http 2": PAGE, "shop start page": PAGE}


def test_layers_replace_and_null_removes() -> None:
    layers = ({"journal": PAGE, "ssh": PAGE}, {"ssh": None, "shop http": {"tcp": {"port": 80}}})
    assert merged_checks([{"service": "shop", **PAGE}], *layers) == {"shop http": {"tcp": {"port": 80}}, "journal": PAGE}


@pytest.mark.parametrize(
    ("services", "layers", "message"),
    [
        ({"shop": {}}, [], "health_services is .*expected a list of checks"),
        ("shop", [], "health_services is 'shop'"),
        ([PAGE], [], r"health_services\[0\] is .*name of its service"),
        (["shop"], [], r"health_services\[0\] is 'shop'"),
        ([], [[PAGE]], "health_checks is .*expected a mapping"),
    ],
)
def test_wrong_input_is_refused(services: object, layers: list[object], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        merged_checks(services, *layers)


def test_what_is_seen_from_outside_is_not_the_hosts() -> None:
    items = [
        {"service": "shop", "tcp": {"port": 80}, "from": "host"},
        {"service": "shop", "http": {"url": "http://shop.example/"}, "from": "outside"},
    ]
    assert merged_checks(items) == {"shop tcp": {"tcp": {"port": 80}}}
    with pytest.raises(BadInput, match=r"health_services\.from is 'nowhere'; expected host or outside"):
        merged_checks([{"service": "shop", "tcp": {"port": 80}, "from": "nowhere"}])
