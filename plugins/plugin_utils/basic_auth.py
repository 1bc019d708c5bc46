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
        found[login["username"]] = hashed(login["username"], login["password"])
    return found


def hashed(user: str, password: str) -> str:
    """Return the bcrypt hash of one login. Raises BadInput where the password is too long or the controller lacks the package bcrypt."""
    secret = password.encode()
    if len(secret) > LONGEST:
        remedy = "Make it with length=%d or less." % LONGEST
        raise bad_input("the password of %s" % user, "", "at most %d bytes" % LONGEST, remedy, secret=True)
    try:
        bcrypt = secrets.library("bcrypt", "bcrypt", ">=4")
    except secrets.MissingLibrary as error:
        raise BadInput("The password of %s cannot be hashed. %s" % (user, error)) from None
    # Who has not the password learns nothing of it by a salt that follows from it, and two users with one password have two salts.
    salt = base64.b64encode(hmac.new(secret, user.encode(), hashlib.sha256).digest()[:16]).rstrip(b"=")
    return str(bcrypt.hashpw(secret, b"$2b$%d$" % COST + salt.translate(bytes.maketrans(_STANDARD, _BCRYPT))).decode())
