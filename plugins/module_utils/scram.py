# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SCRAM-SHA-256 verifiers as PostgreSQL keeps them: what is stored in the place of a password (RFC 5803, RFC 7677)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import stringprep
import unicodedata

#: SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>, the form of pg_authid.rolpassword
VERIFIER = re.compile(r"SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)")
ITERATIONS = 4096  # PostgreSQL's own (scram_iterations), and the least that RFC 7677 allows
SALT_BYTES = 16
PROHIBITED = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
    stringprep.in_table_a1,
)


def prepared(password: str) -> str:
    """Return the password by SASLprep (RFC 4013); one that it prohibits stays as it is, as PostgreSQL's pg_saslprep has it."""
    if password.isascii():
        return password
    mapped = "".join(" " if stringprep.in_table_c12(letter) else letter for letter in password if not stringprep.in_table_b1(letter))
    text = unicodedata.normalize("NFKC", mapped)
    if not text or any(test(letter) for letter in text for test in PROHIBITED):
        return password
    right = any(stringprep.in_table_d1(letter) for letter in text)
    if right and (
        any(stringprep.in_table_d2(letter) for letter in text) or not (stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1]))
    ):
        return password
    return text


def verifier(password: str, salt: bytes = b"", iterations: int = ITERATIONS) -> str:
    """Return the verifier of a password. salt: a random one where it is empty."""
    salt = salt or os.urandom(SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", prepared(password).encode("utf-8"), salt, iterations)
    stored = hashlib.sha256(hmac.new(salted, b"Client Key", "sha256").digest()).digest()
    server = hmac.new(salted, b"Server Key", "sha256").digest()
    words = [base64.b64encode(part).decode("ascii") for part in (salt, stored, server)]
    return "SCRAM-SHA-256$%d:%s$%s:%s" % (iterations, words[0], words[1], words[2])


def fits(password: str, kept: str) -> bool:
    """Return whether what the server keeps is the verifier of this password; anything else than a verifier is not."""
    found = VERIFIER.fullmatch(kept)
    return found is not None and hmac.compare_digest(verifier(password, base64.b64decode(found[2]), int(found[1])), kept)
