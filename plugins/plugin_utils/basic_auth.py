# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashes of logins as web servers keep them for basic authentication, the same in each run, so that no file differs without a reason."""

from __future__ import annotations

import base64
import hashlib
import hmac

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_recipe, secrets

COST = 10  # rounds as a power of two, what `htpasswd -B` and Prometheus' documentation take
LONGEST = 72  # bytes of a password that bcrypt looks at
# bcrypt writes its salts in an alphabet of its own (crypt_blowfish).
_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BCRYPT = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def users(logins: object) -> dict[str, str]:
    """Return user to the bcrypt hash of the password. logins: a text with USER:PASSWORD in each line. Raises BadInput; nothing is shown."""
    text = logins if isinstance(logins, str) else ""
    if not text.strip():
        raise bad_input("logins", "", "a text with USER:PASSWORD in each line", "Give a reference with rotation=accepted.", secret=True)
    found = {}
    for line in text.splitlines():
        login = secret_recipe.login(line.encode())
        if len(login["password"].encode()) > LONGEST:
            remedy = "Make it with length=%d or less." % LONGEST
            raise bad_input("the password of %s" % login["username"], "", "at most %d bytes" % LONGEST, remedy, secret=True)
        found[login["username"]] = _hashed(login["username"], login["password"].encode())
    return found


def _hashed(user: str, password: bytes) -> str:
    try:
        bcrypt = secrets.library("bcrypt", "bcrypt", ">=4")
    except secrets.MissingLibrary as error:
        raise BadInput("basic_auth_users: %s" % error) from None
    # Who has not the password learns nothing of it by a salt that follows from it, and two users with one password have two salts.
    salt = base64.b64encode(hmac.new(password, user.encode(), hashlib.sha256).digest()[:16]).rstrip(b"=")
    return str(bcrypt.hashpw(password, b"$2b$%d$" % COST + salt.translate(bytes.maketrans(_STANDARD, _BCRYPT))).decode())
