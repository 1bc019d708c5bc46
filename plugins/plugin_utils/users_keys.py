# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Public keys as an inventory declares them: a line, or a mapping with an owner and a day from which the key is refused."""

from __future__ import annotations

import base64
import binascii
import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.account_keys import KEY_TYPES, Key, parsed
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, refuse_unknown_options

OPTIONS = ("key", "owner", "expires")
SECURITY_KEY = "sk-"


def checked_key(where: str, text: Any) -> Key:
    """Return the key of a line of authorized_keys. Raises BadInput for a private key, a fingerprint, a wrong or cut-off key."""
    line = text.strip() if isinstance(text, str) else ""
    if "PRIVATE KEY" in line:
        raise bad_input(where, "", "a public key", "This is a private key: it is no longer a secret. Make a new pair.", secret=True)
    key = parsed(line) if "\n" not in line else None
    valid = False
    if key is not None:
        try:
            blob = base64.b64decode(key.blob + "=" * (-len(key.blob) % 4), validate=False)
            valid = blob[4 : 4 + int.from_bytes(blob[:4], "big")] == key.kind.encode() and len(blob) > 32
        except (binascii.Error, ValueError):
            valid = False
    if key is None or not valid:
        raise bad_input(where, text, "one whole line of a .pub file", f"Known types: {', '.join(KEY_TYPES)}.")
    return key


def checked_day(where: str, value: Any) -> str:
    """Return a day as YYYY-MM-DD, empty for none. YAML reads a day without quotes as a date. Raises BadInput."""
    if value is None:
        return ""
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    try:
        if isinstance(value, str) and len(value) == len("2027-01-31"):
            return datetime.date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise bad_input(where, value, "a day of the calendar like 2027-01-31", "From the beginning of that day the key is refused.")


def declared_keys(where: str, given: Any) -> list[Key]:
    """Return the keys of one entry: a secret's `rotation=accepted` is a text of two lines while it is rotated. Raises BadInput."""
    text = given.get("key") if isinstance(given, Mapping) else given
    lines = text.strip().splitlines() if isinstance(text, str) and "PRIVATE KEY" not in text else []
    if len(lines) < 2:
        return [declared_key(where, given)]
    return [declared_key(where, {**given, "key": line} if isinstance(given, Mapping) else line) for line in lines]


def declared_key(where: str, given: Any) -> Key:
    """Return a declared key; its owner becomes the comment of its line and `expires` the option of sshd(8). Raises BadInput."""
    if not isinstance(given, Mapping):
        return checked_key(where, given)
    refuse_unknown_options(where, given, OPTIONS)
    key = checked_key(f"{where}.key", given.get("key"))
    owner, expires = given.get("owner"), checked_day(f"{where}.expires", given.get("expires"))
    if owner is not None and (not isinstance(owner, str) or not owner.strip() or "\n" in owner):
        raise bad_input(f"{where}.owner", owner, "a name in one line", "It becomes the comment of the key.")
    if expires and "expiry-time" in key.options:
        raise bad_input(f"{where}.expires", expires, "one expiry", "The line of the key has an expiry-time of its own.")
    options = {"expiry-time": expires.replace("-", ""), **key.options} if expires else key.options
    return replace(key, comment=owner.strip() if owner else key.comment, options=options)


def only_security_key(where: str, key: Key) -> Key:
    """Return a key that asks for its owner's PIN at each use. Raises BadInput for a key that lies in a file."""
    if not key.kind.startswith(SECURITY_KEY):
        expected = "a key of a FIDO2 token (sk-ssh-ed25519@openssh.com), since require_security_key is set"
        raise bad_input(where, key.kind, expected, "Make one with ssh-keygen -t ed25519-sk -O verify-required.")
    if "no-touch-required" in key.options:
        raise bad_input(where, "no-touch-required", "a key that has to be touched", "Take the option out.")
    return replace(key, options={"verify-required": "", **key.options})


def named(key: Key) -> str:
    """Return a key as a person knows it: fingerprint and comment."""
    return f"{key.fingerprint} ({key.comment})" if key.comment else key.fingerprint


def sorted_out(keys: list[Key], today: datetime.date, warn_days: int) -> dict[str, list[str]]:
    """Return the lines of the keys that are still good, and the names of those that have expired or will within `warn_days`."""
    found: dict[str, list[str]] = {"keys": [], "expired": [], "expiring": []}
    for key in keys:
        if not key.expires or key.expires > today.isoformat():
            found["keys"].append(key.line)
        else:
            found["expired"].append(f"{named(key)} since {key.expires}")
            continue
        if key.expires and key.expires <= (today + datetime.timedelta(days=warn_days)).isoformat():
            found["expiring"].append(f"{named(key)} on {key.expires}")
    return found
