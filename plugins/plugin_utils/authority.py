# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet's certificate authorities: decisions about certificates and how they are made. No file is touched here."""

from __future__ import annotations

import ipaddress
import re
import sys
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
except ImportError as error:
    LIBRARY_MISSING: ImportError | None = error
else:
    LIBRARY_MISSING = None

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

    PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey

ROOT_DAYS = 7300
CLOCK_SKEW = timedelta(minutes=5)
COMMON_NAME_LIMIT = 64
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key, both PEM. The key never shows in a representation."""

    certificate: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class Subject:
    """The names a host answers to."""

    common_name: str
    names: frozenset[str]
    addresses: frozenset[Address]


def require_library() -> None:
    """Raise BadInput where this module's one dependency is not installed on the controller."""
    if LIBRARY_MISSING is not None:
        found = "cryptography cannot be imported by %s (%s)" % (sys.executable, LIBRARY_MISSING)
        remedy = "Install it on the controller: %s -m pip install cryptography" % sys.executable
        raise BadInput("%s; expected the Python package that makes certificates. %s" % (found, remedy)) from LIBRARY_MISSING


def host_subject(inventory_name: str, names: Iterable[str], addresses: Iterable[str]) -> Subject:
    """Return what a host's certificate must name: itself, `names`, its `addresses` and the loopback.

    A name that is an address becomes one, link-local addresses are left out. Raises BadInput for what is no name.
    """
    found_names, found_addresses = {"localhost"}, {ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")}
    for name in (inventory_name, *names):
        try:
            found_addresses.add(ipaddress.ip_address(name))
        except ValueError:
            found_names.add(_dns_name(name))
    for address in addresses:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            raise bad_input("addresses", address, "an IPv4 or IPv6 address", "Put names under `names`.") from None
        if not parsed.is_link_local:
            found_addresses.add(parsed)
    return Subject(inventory_name, frozenset(found_names), frozenset(found_addresses))


def _dns_name(name: str) -> str:
    text = name.rstrip(".").lower()
    labels = text.split(".")
    own = labels[1:] if labels[0] == "*" and len(labels) > 2 else labels
    if len(text) > 253 or not all(LABEL.fullmatch(label) for label in own):
        raise bad_input("names", name, "a DNS name in ASCII or an address", "Write an international name in its xn-- form.")
    return text


def new_authority(
    name: str, now: datetime, days: int = ROOT_DAYS, path_length: int = 1, issuer: Pair | None = None, key: bytes | None = None
) -> Pair:
    """Return a new authority, valid for so many days but never longer than its issuer.

    path_length: how many authorities may stand below it. issuer: None for a root, which signs itself.
    key: its private key, PEM; by default a new one, EC P-256.
    """
    own = private_key(key) if key else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:COMMON_NAME_LIMIT])])
    above = x509.load_pem_x509_certificate(issuer.certificate) if issuer else None
    until = now + timedelta(days=days)
    builder = (
        _builder(
            subject, above.subject if above else subject, own.public_key(), now, min(until, above.not_valid_after_utc) if above else until
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_key_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
    )
    if above:
        builder = builder.add_extension(issuer_id(above), critical=False)
    signer = private_key(issuer.key) if issuer else own
    return _pair(builder.sign(signer, signature_hash(signer)), own)


def new_leaf(authority: Pair, subject: Subject, days: int, now: datetime) -> Pair:
    """Return a new certificate of the authority for server and client use, never valid longer than the authority."""
    issuer, issuer_key = x509.load_pem_x509_certificate(authority.certificate), private_key(authority.key)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject.common_name[:COMMON_NAME_LIMIT])])
    until = min(now + timedelta(days=days), issuer.not_valid_after_utc)
    alternatives: list[x509.GeneralName] = [x509.DNSName(value) for value in sorted(subject.names)]
    alternatives += [x509.IPAddress(value) for value in sorted(subject.addresses, key=lambda item: (item.version, item.packed))]
    builder = (
        _builder(name, issuer.subject, key.public_key(), now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer_id(issuer), critical=False)
    )
    return _pair(builder.sign(issuer_key, signature_hash(issuer_key)), key)


def moment_since(text: str, where: str, now: datetime) -> datetime | None:
    """Return the moment before which certificates were issued that are to be replaced, None for an empty text. Raises BadInput.

    text: ISO 8601; without a time zone it is in UTC, without a time the begin of the day.
    """
    if not text:
        return None
    expected = "a moment in the past, in ISO 8601"
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise bad_input(where, text, expected, "Write 2027-01-31 or 2027-01-31T12:00:00+00:00.") from None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    if found > now:
        raise bad_input(
            where, text, expected, "It is %s now; later than that every run would issue anew." % now.isoformat(timespec="seconds")
        )
    return found


def reason_to_issue(
    leaf: Pair | None,
    authority_certificate: bytes,
    subject: Subject,
    days: int,
    now: datetime,
    since: datetime | None = None,
    revoked: Container[int] = (),
) -> str | None:
    """Return why a host needs a new certificate, or None while the one it has serves.

    since: what was issued before is replaced. revoked: serial numbers.
    """
    if leaf is None:
        return "there is none yet"
    try:
        certificate, key = x509.load_pem_x509_certificate(leaf.certificate), private_key(leaf.key)
    except (ValueError, TypeError):
        return "it cannot be read"
    if certificate.public_key() != key.public_key():
        return "certificate and key do not belong together"
    if certificate.serial_number in revoked:
        return "it is revoked"
    if not issued_by(certificate, x509.load_pem_x509_certificate(authority_certificate)):
        return "it is of another authority"
    names, addresses = subject_of(certificate)
    # More than is wanted is fine: an interface that comes and goes is no reason to restart everything.
    missing = sorted(subject.names - names) + sorted(str(address) for address in subject.addresses - addresses)
    if missing:
        return "it lacks the names or addresses %s" % ", ".join(missing)
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    if certificate.not_valid_after_utc - now <= life / 3:
        return "less than a third of its life remains"
    if life > timedelta(days=days) + CLOCK_SKEW:
        return "the lifetime was shortened"
    if since is not None and certificate.not_valid_before_utc + CLOCK_SKEW < since.replace(microsecond=0):
        return "it was issued before %s" % since.isoformat(timespec="seconds")
    return None


def authority_problem(authority: Pair, now: datetime) -> str | None:
    """Return why the authority cannot sign, or None."""
    try:
        certificate = x509.load_pem_x509_certificate(authority.certificate)
        key = private_key(authority.key) if authority.key else None  # of an authority that is offline only the certificate is there
    except (ValueError, TypeError):
        return "it cannot be read"
    if key is not None and certificate.public_key() != key.public_key():
        return "its certificate and key do not belong together"
    if certificate.not_valid_after_utc <= now:
        return "it expired on %s" % certificate.not_valid_after_utc.date()
    return None


def subject_of(certificate: x509.Certificate) -> tuple[frozenset[str], frozenset[Address]]:
    """Return the DNS names and the addresses that a certificate is for."""
    try:
        alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset(), frozenset()
    addresses = alternatives.get_values_for_type(x509.IPAddress)
    return (
        frozenset(alternatives.get_values_for_type(x509.DNSName)),
        frozenset(value for value in addresses if isinstance(value, ipaddress.IPv4Address | ipaddress.IPv6Address)),
    )


def metadata(certificate_pem: bytes) -> dict[str, Any]:
    """Return what may be told about a certificate: its names, its time and its SHA-256 fingerprint."""
    certificate = x509.load_pem_x509_certificate(certificate_pem)
    names, addresses = subject_of(certificate)
    return {
        "names": sorted(names) + sorted(str(address) for address in addresses),
        "issuer": _common_name(certificate.issuer),
        "serial": f"{certificate.serial_number:x}",
        "not_before": certificate.not_valid_before_utc.isoformat(),
        "not_after": certificate.not_valid_after_utc.isoformat(),
        "fingerprint": ":".join(f"{byte:02X}" for byte in certificate.fingerprint(hashes.SHA256())),
    }


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def fingerprint(certificate_pem: bytes) -> str:
    """Return the SHA-256 fingerprint of the first certificate of a PEM text, in hexadecimal."""
    return x509.load_pem_x509_certificate(certificate_pem).fingerprint(hashes.SHA256()).hex()


def fingerprints(bundle: bytes) -> list[str]:
    """Return the SHA-256 fingerprints of all certificates of a PEM text."""
    return [certificate.fingerprint(hashes.SHA256()).hex() for certificate in x509.load_pem_x509_certificates(bundle)]


def lifetime(certificate_pem: bytes) -> timedelta:
    """Return how long a certificate is valid from its begin to its end."""
    certificate = x509.load_pem_x509_certificate(certificate_pem)
    return certificate.not_valid_after_utc - certificate.not_valid_before_utc


def lifetime_left(certificate_pem: bytes, now: datetime) -> timedelta:
    """Return how long a certificate is still valid; negative where it has ended."""
    return x509.load_pem_x509_certificate(certificate_pem).not_valid_after_utc - now


def issued_by_pem(certificate_pem: bytes, authority_pem: bytes) -> bool:
    """Tell whether the authority signed the certificate."""
    return issued_by(x509.load_pem_x509_certificate(certificate_pem), x509.load_pem_x509_certificate(authority_pem))


def body_line(certificate_pem: bytes) -> str:
    """Return a line of the PEM text that stands for its first certificate alone in a bundle of many."""
    lines = certificate_pem.decode().splitlines()
    return lines[lines.index("-----END CERTIFICATE-----") - 2]


def issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Tell whether the authority signed the certificate."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def private_key(pem: bytes) -> PrivateKey:
    """Return a private key. Raises TypeError for one of a kind that TLS does not take, ValueError for what is none."""
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey):
        raise TypeError("neither an EC, an Ed25519 nor an RSA key")
    return key


def signature_hash(key: PrivateKey) -> hashes.SHA256 | None:
    """Return the digest that a signature by this key is made with; Ed25519 has its own."""
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()


def issuer_id(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    """Return what names an authority's key in what it signs."""
    subject_id = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(subject_id)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: CertificatePublicKeyTypes, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(until)
    )


def _key_usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _pair(certificate: x509.Certificate, key: PrivateKey) -> Pair:
    return Pair(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
