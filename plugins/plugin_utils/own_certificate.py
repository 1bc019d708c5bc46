# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that a site brings along: judged as a whole before any of them is put in place."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority

with contextlib.suppress(ImportError):  # authority.require_library tells
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

MARK = "-----BEGIN "


@dataclass(frozen=True)
class Own:
    """What stands on the host: the certificate with its issuers behind it, these alone, and the key. All PEM."""

    certificate: bytes
    issuers: bytes
    key: bytes = field(repr=False)


def loaded(name: str, parts: Mapping[str, str], read: Callable[[str], bytes]) -> dict[str, bytes]:
    """Return the content of each part: PEM text stands for itself, all else is the path of a file. Raises BadInput."""
    found, problems = {}, []
    for part, value in parts.items():
        if MARK in value:
            found[part] = value.encode()
            continue
        try:
            found[part] = read(value)
        except OSError as error:
            problems.append(f"{part} {value!r} cannot be read ({error.strerror})")
    if problems:
        raise _refused(name, problems)
    return found


def checked(name: str, parts: Mapping[str, bytes], names: Sequence[str], now: datetime) -> Own:
    """Return what is to be put in place. parts: `certificate`, `key` and, where there is one, `chain`, all PEM.

    Raises one BadInput that names everything: a key that does not belong to it, names that it lacks, a chain that does not hold, its end.
    """
    certificates, key, problems = [], None, []
    for part in ("certificate", "chain"):
        if parts.get(part):
            try:
                certificates += x509.load_pem_x509_certificates(parts[part])
            except ValueError:
                problems.append(f"its {part} is no certificate in PEM")
    try:
        key = authority.private_key(parts["key"])
    except (ValueError, TypeError):
        problems.append("its key is no private key in PEM without a passphrase (EC, Ed25519 or RSA)")
    if problems or not certificates:
        raise _refused(name, problems or ["it has no certificate"])
    leaf, issuers = certificates[0], [one for one in certificates[1:] if one.subject != one.issuer]
    if key is not None and key.public_key() != leaf.public_key():
        problems.append("its key belongs to another certificate")
    problems += [*_time(certificates, now), *_names(leaf, names), *_chain(certificates)]
    if problems:
        raise _refused(name, problems)
    above = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in issuers)
    return Own(leaf.public_bytes(serialization.Encoding.PEM) + above, above, parts["key"])


def _time(certificates: Sequence[x509.Certificate], now: datetime) -> Iterator[str]:
    for number, one in enumerate(certificates):
        what = "it" if number == 0 else f"the issuer {one.subject.rfc4514_string()}"
        if one.not_valid_after_utc <= now:
            yield f"{what} expired on {one.not_valid_after_utc.date()}"
        elif one.not_valid_before_utc > now + authority.CLOCK_SKEW:
            yield f"{what} is valid only from {one.not_valid_before_utc.date()}"


def _names(leaf: x509.Certificate, names: Sequence[str]) -> Iterator[str]:
    found, addresses = authority.subject_of(leaf)
    known = {name.lower() for name in found} | {str(address) for address in addresses}
    missing = [name for name in names if not any(covers(one, name.lower()) for one in known)]
    if missing:
        yield f"it is not for {', '.join(missing)}, but for {', '.join(sorted(known)) or 'no name'}"


def covers(pattern: str, name: str) -> bool:
    """Tell whether a name of a certificate is that of a host; `*` stands for one label."""
    return pattern == name or (pattern.startswith("*.") and name.count(".") == pattern.count(".") and fnmatchcase(name, pattern))


def _chain(certificates: Sequence[x509.Certificate]) -> Iterator[str]:
    for lower, upper in itertools.pairwise(certificates):
        if not authority.issued_by(lower, upper):
            subject, issuer = lower.subject.rfc4514_string(), upper.subject.rfc4514_string()
            yield f"its chain does not hold: {subject} is not signed by {issuer}, which follows it"


def _refused(name: str, problems: Sequence[str]) -> BadInput:
    remedy = "Nothing was put in place. Give the certificate first, then its issuers in their order, and the key it was made with."
    return BadInput("The certificate %r cannot be used: %s. %s" % (name, "; ".join(problems), remedy))
