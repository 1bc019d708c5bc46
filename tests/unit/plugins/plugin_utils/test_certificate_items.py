# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import certificate_items


def test_a_name_is_enough() -> None:
    (item,) = certificate_items.checked([{"name": "web", "service": "shop"}])
    assert (item.issuer, item.owner, item.key_mode, item.days) == ("internal", "root", "0600", None)


def test_a_group_may_read_the_key() -> None:
    assert certificate_items.checked([{"name": "web", "group": "www-data"}])[0].key_mode == "0640"


def test_what_is_brought_along_or_asked_of_acme_is_told_by_what_is_given() -> None:
    own, acme = certificate_items.checked(
        [{"name": "a", "certificate": "a.crt", "key": "a.key"}, {"name": "b", "names": ["b.x"], "acme": True}]
    )
    assert own.issuer == "own" and own.own == {"certificate": "a.crt", "key": "a.key"} and acme.issuer == "acme"
    assert "a.key" not in repr(own)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({}, r"certificates_wanted\[0\].name is None"),
        ({"name": "host"}, "host, ca and crl are taken"),
        ({"name": "../x"}, "a word of lower-case letters"),
        ({"name": "web", "nmaes": []}, "Did you mean 'names'"),
        ({"name": "web", "names": "x"}, r"names is 'x'; expected a list of texts"),
        ({"name": "web", "names": ["not a name"]}, "'not a name'; expected a DNS name"),
        ({"name": "web", "addresses": ["x"]}, "an IPv4 or IPv6 address"),
        ({"name": "web", "days": 0}, "at least 1"),
        ({"name": "web", "key_mode": "0644"}, "without rights for others"),
        ({"name": "web", "key_mode": 640}, "a quoted octal mode"),
        ({"name": "web", "reload": "nginx"}, "the name of a unit with its type"),
        ({"name": "web", "reload": "a.service", "restart": "a.service"}, "not to stand beside `reload`"),
        ({"name": "web", "issuer": "lego"}, r"issuer is 'lego'; expected .*internal"),
        ({"name": "web", "issuer": "intrenal"}, "Did you mean 'internal'"),
        ({"name": "web", "certificate": "x"}, "certificate and key of your own"),
        ({"name": "web", "issuer": "internal", "key": "-----BEGIN x"}, "nothing beside issuer: internal"),
        ({"name": "web", "acme": True}, "the names that the certificate is for"),
        ({"name": "web", "issuer": "internal", "acme": True}, "nothing beside issuer: internal"),
        ({"name": "web", "names": ["a.b"], "acme": {"chalenge": "http"}}, "Did you mean 'challenge'"),
        ({"name": "web", "names": ["a.b"], "acme": {"challenge": "tls"}}, "expected .*dns"),
        ({"name": "web", "names": ["*.a.b"], "acme": {}, "issuer": "acme"}, "Only DNS-01 proves a wildcard"),
        ({"name": "web", "names": ["a.b"], "acme": True, "days": 9}, "The authority decides"),
        ("web", "a mapping"),
    ],
)
def test_what_is_wrong_is_refused_by_name(item: Any, expected: str) -> None:
    with pytest.raises(BadInput, match=expected) as told:
        certificate_items.checked([item])
    assert "BEGIN" not in str(told.value)


def test_every_problem_is_told_with_the_service_that_asks() -> None:
    with pytest.raises(BadInput) as told:
        certificate_items.checked([{"name": "web", "days": 0, "service": "shop"}, {"name": "x y"}, {"name": "a"}, {"name": "a"}])
    lines = str(told.value).splitlines()
    assert len(lines) == 3 and lines[0].startswith("fleet_services.shop.certificates[web].days")
    assert "certificates_wanted[3].name is 'a'; expected a name of its own" in lines[2]


def test_a_list_is_expected() -> None:
    with pytest.raises(BadInput, match=r"a list of mappings"):
        certificate_items.checked({"name": "web"})
