# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificates are revoked, and the lists that tell it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, nearest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority
from ansible_collections.groundwork.fleet.plugins.plugin_utils.authority import Pair
from ansible_collections.groundwork.fleet.plugins.plugin_utils.pki_store import Place, host_directory, moment

with contextlib.suppress(ImportError):  # authority.require_library tells
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

REVOKED = "revoked.json"
ISSUED = "issued.json"
LIST = "crl.pem"


def note_issued(place: Place, host: str, name: str, pair: Pair, now: datetime) -> None:
    """Remember a certificate of a host, so that it can be revoked as long as it is valid."""
    path = f"{host_directory(host)}/{ISSUED}"
    fresh = _entry(name, pair.certificate)
    kept = [entry for entry in _issued(place, host) if moment(entry["not_after"]) > now and entry["serial"] != fresh["serial"]]
    place.write_document(path, [*kept, fresh])


def _entry(name: str, certificate: bytes) -> dict[str, str]:
    told = authority.metadata(certificate)
    loaded = x509.load_pem_x509_certificate(certificate)
    key_id = loaded.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier or b""
    return {"serial": told["serial"], "name": name, "issuer": key_id.hex(), "not_after": told["not_after"]}


def _issued(place: Place, host: str) -> list[dict[str, Any]]:
    """Return what a host was given; of a directory of an earlier release, what it has now."""
    found: list[dict[str, Any]] = place.document(f"{host_directory(host)}/{ISSUED}", [])
    known = {entry["serial"] for entry in found}
    present = place.read(f"{host_directory(host)}/host.crt")
    entry = _entry("host", present) if present else None
    return [*found, entry] if entry and entry["serial"] not in known else found


def serials(place: Place) -> frozenset[int]:
    """Return the serial numbers of all that is revoked."""
    return frozenset(int(entry["serial"], 16) for entry in place.document(REVOKED, []))


def of_hosts(place: Place, hosts: Iterable[str], reason: str, now: datetime) -> list[dict[str, Any]]:
    """Revoke every valid certificate of these hosts; return those that were not revoked yet."""
    wanted = [{**entry, "host": host} for host in hosts for entry in _issued(place, host)]
    return _revoke(place, wanted, reason, now)


def revoke(place: Place, host: str, serial: str, reason: str, now: datetime) -> list[dict[str, Any]]:
    """Revoke what is asked for: all certificates of a host, or the one of that serial number. Returns those that were not yet.

    Raises BadInput for a host or a serial number that the authority does not know.
    """
    hosts = place.hosts()
    if bool(host) == bool(serial):
        raise bad_input("host", host or None, "either a host or a serial number", "Give -e host=NAME or -e serial=NUMBER.")
    if host:
        if host not in hosts:
            close = nearest(host, hosts)
            remedy = "Did you mean %r?" % close if close else "It has: %s." % (", ".join(hosts) or "none")
            raise bad_input("host", host, "a host with a certificate of this authority", remedy)
        return of_hosts(place, [host], reason, now)
    number = _number(serial)
    for owner in hosts:
        for entry in _issued(place, owner):
            if int(entry["serial"], 16) == number:
                return _revoke(place, [{**entry, "host": owner}], reason, now)
    remedy = "`openssl x509 -noout -serial -in FILE` shows it; one that has expired needs no revocation."
    raise bad_input("serial", serial, "the serial number of a valid certificate of this authority", remedy)


def _number(text: str) -> int:
    try:
        return int(text.replace(":", ""), 16)
    except ValueError:
        raise bad_input("serial", text, "a hexadecimal number", "`openssl x509 -noout -serial -in FILE` shows it.") from None


def _revoke(place: Place, wanted: list[dict[str, Any]], reason: str, now: datetime) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = place.document(REVOKED, [])
    known = {entry["serial"] for entry in kept}
    valid = [entry for entry in wanted if moment(entry["not_after"]) > now and entry["serial"] not in known]
    fresh = [{**entry, "reason": reason, "revoked": now.isoformat(timespec="seconds")} for entry in valid]
    if fresh:
        place.write_document(REVOKED, kept + fresh)
    return fresh


def new_revocation_list(signer: Pair, serials: Mapping[int, datetime], until: datetime, now: datetime) -> bytes:
    """Return the authority's revocation list in PEM. serials: serial number to when it was revoked. until: when the next one is due."""
    issuer, issuer_key = x509.load_pem_x509_certificate(signer.certificate), authority.private_key(signer.key)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(now - authority.CLOCK_SKEW)
        .next_update(until)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(authority.issuer_id(issuer), critical=False)
    )
    for serial, revoked in sorted(serials.items()):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(revoked).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer_key, authority.signature_hash(issuer_key)).public_bytes(serialization.Encoding.PEM)


def reason_to_list(listed: bytes | None, signer: Pair, serials: Iterable[int], now: datetime) -> str | None:
    """Return why a new revocation list is needed, or None while the one there is serves."""
    if listed is None:
        return "there is none yet"
    try:
        found = x509.load_pem_x509_crl(listed)
        signed = found.is_signature_valid(x509.load_pem_x509_certificate(signer.certificate).public_key())  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return "it cannot be read"
    if not signed:
        return "it is of another authority"
    if {entry.serial_number for entry in found} != set(serials):
        return "other certificates are revoked"
    until = found.next_update_utc
    if until is None or until - now <= (until - found.last_update_utc) * 2 / 3:
        return "a third of its life is over"
    return None


def lists(place: Place, authorities: Iterable[tuple[str, Pair, datetime | None]], days: int, now: datetime) -> bytes:
    """Return the revocation lists of all authorities, one after the other, those renewed that need it.

    authorities: name, pair and, for one that is offline afterwards, until when its list has to serve.
    """
    revoked = place.document(REVOKED, [])
    found = []
    for name, pair, until in authorities:
        own_id = x509.load_pem_x509_certificate(pair.certificate).extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        mine = [entry for entry in revoked if entry["issuer"] == own_id.digest.hex() and moment(entry["not_after"]) > now]
        moments = {int(entry["serial"], 16): moment(entry["revoked"]) for entry in mine}
        listed = place.read(f"{name}.crl")
        if pair.key and reason_to_list(listed, pair, moments, now):
            listed = new_revocation_list(pair, moments, until or now + timedelta(days=days), now)
            place.write(f"{name}.crl", listed)
        found.append(listed or b"")
    together = b"".join(found)
    place.write(LIST, together)
    return together
