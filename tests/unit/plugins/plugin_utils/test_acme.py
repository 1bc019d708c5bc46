# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import acme, certificate_items

PUBLIC: dict[str, Any] = {"contact": "ops@example.org", "agree_to_terms": True}
WEB: dict[str, Any] = {"name": "web", "names": ["www.example.org"], "acme": {"webroot": "/var/www"}, "reload": "nginx.service"}
DNS: dict[str, Any] = {"name": "any", "names": ["*.example.org"], "acme": {"challenge": "dns"}}


def made(settings: dict[str, Any], *items: dict[str, Any]) -> dict[str, Any]:
    return acme.acme_plan(settings, certificate_items.checked(list(items)), "/tls", "program")


def test_where_nobody_asks_there_is_nothing() -> None:
    assert made({}) == {"files": {}, "units": {}, "gone": acme.removal()["units"], "timeout": 30}


def test_the_account_stands_in_a_file_of_root_alone() -> None:
    found = made({**PUBLIC, "eab_key_id": "kid", "eab_hmac_key": "hunter2"}, WEB)
    file = found["files"][f"{acme.HOME}/cli.ini"]
    assert file["secret"] and file["mode"] == "0600" and "eab-hmac-key = hunter2\n" in file["content"]
    assert "hunter2" not in "".join(str(one) for path, one in found["files"].items() if path != f"{acme.HOME}/cli.ini")
    assert f"server = {acme.PRODUCTION}\n" in file["content"]


def test_a_directory_is_a_choice() -> None:
    assert f"server = {acme.STAGING}\n" in acme.configuration({**PUBLIC, "staging": True})
    assert "server = https://ca.example.org/acme\n" in acme.configuration({**PUBLIC, "directory": "https://ca.example.org/acme"})


def test_the_program_knows_each_certificate() -> None:
    found = made({**PUBLIC, "dns_hook": "/controller/hook", "trust": "/etc/x.pem"}, WEB, DNS)
    listed = json.loads(found["files"][f"{acme.HOME}/certificates.json"]["content"])
    assert (
        listed["trust"] == "/etc/x.pem" and listed["folder"] == "/tls" and [one["name"] for one in listed["certificates"]] == ["web", "any"]
    )
    assert listed["certificates"][0]["reload"] == "nginx.service" and listed["certificates"][1]["challenge"] == "dns"
    assert found["files"][f"{acme.HOME}/hook"] == {"source": "/controller/hook", "mode": "0700"}
    service = found["files"][f"{acme.UNITS}/{acme.SERVICE}"]["content"]
    assert "ReadWritePaths=/tls /var/lib/groundwork -/var/www\n" in service and "MemoryDenyWriteExecute" not in service
    assert f"{acme.HOME}/certificates.json" in found["units"][acme.SERVICE]["restart_on"]


@pytest.mark.parametrize(
    ("settings", "item", "expected"),
    [
        ({"agree_to_terms": True}, WEB, "certificates_acme.contact is None; expected a mail address, for the certificates web"),
        ({"contact": "nobody", "agree_to_terms": True}, WEB, "contact is 'nobody'; expected a mail address"),
        ({"contact": "a@b.org"}, WEB, "agree_to_terms is None; expected true"),
        ({**PUBLIC, "directory": "http://ca.example.org/d"}, WEB, "the https:// address of an ACME directory"),
        ({**PUBLIC, "directory": "https://ca.example.org/d", "staging": True}, WEB, "nothing beside directory"),
        ({**PUBLIC, "eab_key_id": "x"}, WEB, "eab_key_id together with eab_hmac_key"),
        ({**PUBLIC, "eab_hmac_key": "hunter2"}, WEB, "eab_key_id together with eab_hmac_key"),
        (PUBLIC, DNS, "dns_hook is None; expected the hook that writes DNS records, for any"),
        ({**PUBLIC, "contcat": "x"}, WEB, "Did you mean 'contact'"),
    ],
)
def test_wrong_input_is_refused_by_name(settings: dict[str, Any], item: dict[str, Any], expected: str) -> None:
    with pytest.raises(BadInput, match=expected) as told:
        made(settings, item)
    assert "hunter2" not in str(told.value)
