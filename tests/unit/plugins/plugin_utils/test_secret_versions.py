# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_recipe, secret_versions
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import parse


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("secret://vault/a#b?rotation=next&version=2", "secret://vault/a#b-next?version=2"),
        ("secret://file/a/b?rotation=previous&generate=token", "secret://file/a/b-previous"),
        ("secret://file/a?rotation=accepted", "secret://file/a"),
        ("secret://file/a", "secret://file/a"),
    ],
)
def test_a_version_stands_beside_the_current_one(text: str, place: str) -> None:
    assert str(secret_recipe.stored(parse(text))) == place


def test_what_is_accepted_are_three_versions_each_told_once() -> None:
    versions = secret_versions.expanded(parse("secret://file/a?part=public&rotation=accepted"))
    assert [str(one) for one in versions] == [
        "secret://file/a?part=public",
        "secret://file/a?part=public&rotation=next",
        "secret://file/a?part=public&rotation=previous",
    ]
    assert secret_versions.expanded(parse("secret://file/a")) == [parse("secret://file/a")]
    assert secret_versions.joined([b"a\n", b"b", b"a\n"]) == b"a\nb"


def test_an_unknown_version_is_refused_with_the_nearest() -> None:
    with pytest.raises(BadInput, match=r"rotation of x is 'accept'.*Did you mean 'accepted'"):
        secret_versions.checked(parse("secret://file/a?rotation=accept"), "x")
