# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a secret that is not there yet: `?generate=password&length=32&charset=letters,digits`; and take the half or part of one."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import re
import secrets
import string
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_versions
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey

#: Options of a reference that every backend has: the core takes them.
OPTIONS = {
    "generate": "what to make where the secret is missing: password, login, token, hex, base64, ssh_key or tls_key",
    "length": "password and login: characters, by default 32; token, hex and base64: bytes of randomness, by default 32",
    "charset": "password and login: names joined by commas (letters, lower, upper, digits, symbols), by default letters,digits",
    "users": "login: two or more names joined by commas, which take turns when it is rotated",
    "algorithm": "ssh_key: ed25519 (default), ecdsa or rsa; tls_key: ecdsa (default), ed25519 or rsa",
    "part": "public: the public half of an ssh_key or tls_key; username or password: that of a login",
    "rotate_after": "after which age rotate_secrets replaces it: 90d, 12w, 36h, or never",
    secret_versions.OPTION: "next, previous: that version of a secret in rotation; accepted: all that are valid now, a line each",
}

CHARSETS = {
    "letters": string.ascii_letters,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "digits": string.digits,
    "symbols": "!#%*+,-./:=?@^_~",  # none that a shell, a URL's authority in quotes, YAML in quotes or systemd's units take for their own
}
KINDS = ("password", "login", "token", "hex", "base64", "ssh_key", "tls_key")
ALGORITHMS = {"ssh_key": ("ed25519", "ecdsa", "rsa"), "tls_key": ("ecdsa", "ed25519", "rsa")}
LENGTHS = {"password": (12, 4096), "login": (12, 4096), "token": (16, 1024), "hex": (16, 1024), "base64": (16, 1024)}
PERIODS = {"h": "hours", "d": "days", "w": "weeks"}
BELONGS = {"length": tuple(LENGTHS), "charset": ("password", "login"), "algorithm": tuple(ALGORITHMS), "users": ("login",)}
PARTS = {"public": tuple(ALGORITHMS), "username": ("login",), "password": ("login",)}
USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,62}")  # what PostgreSQL, systemd and HTTP's basic authentication all take


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How to make a secret. length: characters of a password, bytes of the others. users: of a login, in the order of their turns."""

    kind: str
    length: int = 32
    charset: tuple[str, ...] = ("letters", "digits")
    algorithm: str = ""
    users: tuple[str, ...] = ()


def stored(reference: SecretReference) -> SecretReference:
    """Return the reference as its backend gets it: without what the core takes."""
    kept = secret_versions.place(reference)
    return dataclasses.replace(kept, options={key: value for key, value in kept.options.items() if key not in OPTIONS})


def wants_public(reference: SecretReference) -> bool:
    """Tell whether the reference asks for the public half of a key."""
    return reference.options.get("part") == "public"


def is_told(reference: SecretReference) -> bool:
    """Tell whether what a reference asks for may be seen: a name would be masked wherever it stands."""
    return reference.options.get("part") == "username"


def period(value: object, where: str) -> timedelta | None:
    """Return the age after which a secret is to be replaced, None for `never`. Raises BadInput."""
    found = re.fullmatch(r"([1-9][0-9]{0,4})([hdw])", str(value))
    if found:
        return timedelta(**{PERIODS[found[2]]: int(found[1])})
    if value != "never":
        raise bad_input(where, value, "a number of days, weeks or hours, or never", "Write 90d, 12w or 36h.")
    return None


def recipe(reference: SecretReference, where: str) -> Recipe | None:
    """Return how to make the secret where it is missing, None where it is not to be made. Raises BadInput."""
    options = {key: value for key, value in reference.options.items() if key in OPTIONS}
    secret_versions.checked(reference, where)
    options.pop(secret_versions.OPTION, None)
    part = options.pop("part", None)
    if part is not None and part not in PARTS:
        raise unknown_name("part of a secret", "part of %s" % where, part, PARTS)
    if "rotate_after" in options:
        period(options.pop("rotate_after"), "rotate_after of %s" % where)
    kind = options.get("generate")
    if kind is None:
        if options:
            option = next(iter(options))
            raise bad_input("%s of %s" % (option, where), options[option], "to stand beside generate=…", "Say what to generate.")
        return None
    if kind not in KINDS:
        raise unknown_name("kind of secret to generate", "generate of %s" % where, kind, KINDS)
    for option in options:
        if option != "generate" and kind not in BELONGS[option]:
            raise bad_input("%s of %s" % (option, where), options[option], "nothing beside generate=%s" % kind, "Leave it out.")
    if part is not None and kind not in PARTS[part]:
        raise bad_input("part of %s" % where, part, "generate=%s" % " or ".join(PARTS[part]), "generate=%s has no such part." % kind)
    users = _users(options, where) if kind == "login" else ()
    return Recipe(kind, _length(kind, options, where), _charset(options, where), _algorithm(kind, options, where), users)


def _users(options: dict[str, str], where: str) -> tuple[str, ...]:
    names = tuple(options.get("users", "").split(","))
    if len(names) < 2 or len(set(names)) != len(names) or not all(USER.fullmatch(name) for name in names):
        remedy = "Write users=orders_a,orders_b: while one is in use the other gets its new password."
        raise bad_input("users of %s" % where, options.get("users", ""), "two or more different names joined by commas", remedy)
    return names


def _length(kind: str, options: dict[str, str], where: str) -> int:
    text = options.get("length", "32")
    low, high = LENGTHS.get(kind, (0, 32))
    if not text.isdecimal() or not low <= int(text) <= high:
        raise bad_input("length of %s" % where, text, "a whole number from %d to %d" % (low, high), "Write length=32.")
    return int(text)


def _charset(options: dict[str, str], where: str) -> tuple[str, ...]:
    names = tuple(options.get("charset", "letters,digits").split(","))
    for name in names:
        if name not in CHARSETS:
            raise unknown_name("set of characters", "charset of %s" % where, name, CHARSETS)
    return names


def _algorithm(kind: str, options: dict[str, str], where: str) -> str:
    known = ALGORITHMS.get(kind, ("",))
    name = options.get("algorithm", known[0])
    if name not in known:
        raise unknown_name("algorithm", "algorithm of %s" % where, name, known)
    return name


def make(wanted: Recipe, old: bytes | None = None) -> bytes:
    """Return a new secret, from the operating system's randomness. old: the version in use, of which a login takes the next user."""
    if wanted.kind == "password":
        return _password(wanted).encode()
    if wanted.kind == "login":
        return ("%s:%s" % (_next_user(wanted.users, old), _password(wanted))).encode()
    if wanted.kind == "token":
        return secrets.token_urlsafe(wanted.length).encode()
    if wanted.kind == "hex":
        return secrets.token_hex(wanted.length).encode()
    if wanted.kind == "base64":
        return base64.b64encode(secrets.token_bytes(wanted.length))
    return _key(wanted)


def _next_user(users: tuple[str, ...], old: bytes | None) -> str:
    if old is None:
        return users[0]
    name = login(old)["username"]
    return users[(users.index(name) + 1) % len(users)] if name in users else users[0]


def login(value: bytes) -> dict[str, str]:
    """Return `username` and `password` of a login. Raises BadInput where it is none, without showing it."""
    name, _colon, password = value.decode(errors="replace").partition(":")
    if not USER.fullmatch(name) or not password or len(password.splitlines()) > 1:
        raise BadInput("The secret is no login: expected USER:PASSWORD in one line.")
    return {"username": name, "password": password}


def logins(text: str) -> dict[str, str]:
    """Return name to password of logins, one in each line that is not empty. Raises BadInput as `login`."""
    found = [login(line.encode()) for line in text.splitlines() if line]
    return {one["username"]: one["password"] for one in found}


def as_file(value: bytes) -> bytes:
    """Return a secret as the content of a file: a key with its last line ended, which backends take off and OpenSSH wants."""
    return value + b"\n" if value.startswith(b"-----BEGIN ") and not value.endswith(b"\n") else value


def part_of(reference: SecretReference, value: bytes) -> bytes:
    """Return what a reference asks for of a secret: the whole, the public half, or a part. Raises BadInput."""
    part = reference.options.get("part")
    if part is None:
        return value
    return public_half(value) if part == "public" else login(value)[part].encode()


def masked(values: Iterable[bytes]) -> list[bytes]:
    """Return what no output may show of secrets: of what may be a login its password as well."""
    found = []
    for value in values:
        found.append(value)
        for line in value.splitlines():
            with contextlib.suppress(BadInput):
                found.append(login(line)["password"].encode())
    return found


def _password(wanted: Recipe) -> str:
    """Return a password with at least one character of each set; drawn anew until it has, so that no place is privileged."""
    alphabet = sorted({character for name in wanted.charset for character in CHARSETS[name]})
    while True:
        found = "".join(secrets.choice(alphabet) for _number in range(wanted.length))
        if all(set(found) & set(CHARSETS[name]) for name in wanted.charset):
            return found


def _private_key(algorithm: str) -> PrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # heavy, and rarely needed

    if algorithm == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=3072)
    if algorithm == "ecdsa":
        return ec.generate_private_key(ec.SECP256R1())
    return ed25519.Ed25519PrivateKey.generate()


def _key(wanted: Recipe) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    form = PrivateFormat.OpenSSH if wanted.kind == "ssh_key" else PrivateFormat.PKCS8
    return _private_key(wanted.algorithm).private_bytes(Encoding.PEM, form, NoEncryption())


def public_half(private: bytes) -> bytes:
    """Return the public half of a private key: a line for authorized_keys of an OpenSSH key, PEM of any other.

    Raises BadInput where it is no private key, without showing it.
    """
    from cryptography.hazmat.primitives import serialization

    formats = serialization.PublicFormat
    key: Any
    try:
        if b"BEGIN OPENSSH PRIVATE KEY" in private:
            key = serialization.load_ssh_private_key(private, None)
            found: bytes = key.public_key().public_bytes(serialization.Encoding.OpenSSH, formats.OpenSSH)
        else:
            key = serialization.load_pem_private_key(private, None)
            found = key.public_key().public_bytes(serialization.Encoding.PEM, formats.SubjectPublicKeyInfo)
    except Exception:  # pylint: disable=broad-except  # of any kind; its text is not for users
        found = b""
    if not found:
        raise BadInput("The secret is no private key that is open (OpenSSH or PEM without a passphrase), so it has no public half.")
    return found
