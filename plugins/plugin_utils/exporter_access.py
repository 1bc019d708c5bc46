# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may scrape an exporter: client certificates, passwords, or both, as the web configuration that exporters understand."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_recipe

AUTHENTICATIONS = ("certificates", "password", "both")


def checked_users(authentication: str, users: object) -> dict[str, str]:
    """Return name to password of those who may scrape with one. authentication: one of AUTHENTICATIONS. Raises BadInput.

    users: name to password, or a text with USER:PASSWORD in each line, what a login with `rotation=accepted` stands for.
    """
    if authentication not in AUTHENTICATIONS:
        raise unknown_name("authentication", "exporters_authentication", authentication, AUTHENTICATIONS)
    if isinstance(users, str):
        users = secret_recipe.logins(users)
    if not isinstance(users, Mapping):
        remedy = "Write {prometheus: secret://…}, or a login: secret://…?generate=login&users=…&rotation=accepted."
        raise bad_input("exporters_basic_auth", users, "a mapping of name to password, or a login", remedy, secret=True)
    if authentication == "certificates" and users:
        remedy = "Set exporters_authentication to password or both, or take the users away."
        raise bad_input("exporters_basic_auth", sorted(users), "nothing where exporters_authentication is certificates", remedy)
    if authentication != "certificates" and not users:
        remedy = "Write {prometheus: secret://…}."
        raise bad_input("exporters_basic_auth", users, f"a user where exporters_authentication is {authentication}", remedy)
    for name, password in users.items():
        if not isinstance(password, str) or not password or ":" in str(name):
            where = f"exporters_basic_auth.{name}"
            raise bad_input(where, password, "a password, of a user without a colon", "Write a reference secret://…", secret=True)
    return {str(name): password for name, password in sorted(users.items())}


def scrape_password(user: Mapping[str, Any]) -> str:
    """Return the password with which Prometheus scrapes the exporters. Raises BadInput."""
    for key in ("username", "password"):
        if not isinstance(user.get(key), str) or not user[key]:
            where, remedy = f"monitoring_basic_auth.{key}", "Write {username: prometheus, password: secret://…}."
            raise bad_input(where, user.get(key), "a text", remedy, secret=key == "password")
    return str(user["password"])


def web_config(credentials: str, authentication: str, users: Mapping[str, str]) -> str:
    """Return the text of the web configuration. credentials: the unit's directory of them. users: name to bcrypt hash."""
    server = {"cert_file": f"{credentials}/host.crt", "key_file": f"{credentials}/host.key", "min_version": "TLS12"}
    if authentication != "password":
        server.update(client_ca_file=f"{credentials}/ca.crt", client_auth_type="RequireAndVerifyClientCert")
    document: dict[str, Any] = {"tls_server_config": server, **({"basic_auth_users": dict(users)} if users else {})}
    return "# Written by groundwork.fleet.\n" + yaml.safe_dump(document, sort_keys=False)


def authorization(users: Mapping[str, str]) -> str:
    """Return the header by which the first of the users scrapes."""
    name = min(users)
    return "Authorization: Basic " + base64.b64encode(f"{name}:{users[name]}".encode()).decode() + "\n"
