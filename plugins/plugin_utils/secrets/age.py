# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in files encrypted with age: `secret://age/orders/db_password` is `orders/db_password.age`, `#field` of one in JSON or YAML.

The library is pyrage, the bindings of rage. A file that was encrypted to an ssh key is read with that key.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_documents, secret_files
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import SecretError, Settings, library

OPTIONS = {
    "directory": secret_files.DIRECTORY_HELP,
    "identity": "the keys that decrypt: lines AGE-SECRET-KEY-1…, or a private key of ssh without a passphrase",
    "identity_file": "a file with them",
    "passphrase": "what files decrypt with that were encrypted with a passphrase (age -p); identity is not needed then",
    "passphrase_file": "a file with it",
    "recipients": "a list of public keys (age1…, ssh-ed25519 …) that new files are encrypted to, by default those of identity",
}
CREATE = "Create it with age -r RECIPIENT -o FILE."
SSH = "-----BEGIN"


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return the decrypted file, or a field of it."""
    path = _path(reference, settings)
    value = _decrypted(secret_files.read(path, CREATE), settings)
    return secret_documents.selected(value.removesuffix(b"\n"), reference, "The file %s" % path)


def store(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Encrypt a new file."""
    path = _path(reference, settings)
    content = secret_documents.with_field(None, reference, value, str(path))
    secret_files.create(path, lambda: _encrypted(content, settings))


def replace(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Encrypt the file anew; its other fields stay as they are."""
    path = _path(reference, settings)
    old = None if reference.field is None else _decrypted(secret_files.read(path, CREATE), settings)
    content = secret_documents.with_field(old, reference, value, "The file %s" % path)
    secret_files.replace(path, _encrypted(content, settings))


def changed_at(reference: SecretReference, settings: Settings) -> datetime | None:
    """Return when the file was written."""
    return secret_files.changed_at(_path(reference, settings))


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    if isinstance(error, OSError):
        return secret_files.told(error, CREATE)
    said = str(error)
    if "No matching keys found" in said:
        return "None of the keys in identity can decrypt the file: encrypt it to their public key too, or give another identity."
    if type(error).__name__ == "DecryptError":
        return "The file could not be decrypted: it is damaged, it is not one of age, or the passphrase is wrong."
    return "The file could not be decrypted or encrypted (%s)." % type(error).__name__


def _path(reference: SecretReference, settings: Settings) -> Path:
    path = secret_files.place(reference, settings)
    return path if path.suffix == ".age" else path.with_name(path.name + ".age")


def _decrypted(content: bytes, settings: Settings) -> bytes:
    pyrage = library("pyrage", "pyrage", ">=1.3")
    if settings.has("passphrase"):
        return bytes(pyrage.passphrase.decrypt(content, settings.secret("passphrase")))
    return bytes(pyrage.decrypt(content, _identities(pyrage, settings)))


def _encrypted(content: bytes, settings: Settings) -> bytes:
    pyrage = library("pyrage", "pyrage", ">=1.3")
    if settings.has("passphrase"):
        return bytes(pyrage.passphrase.encrypt(content, settings.secret("passphrase")))
    given = settings.options.get("recipients")
    if given:
        recipients = [_recipient(pyrage, str(one)) for one in ([given] if isinstance(given, str) else given)]
    else:
        recipients = [_public(one) for one in _identities(pyrage, settings)]
    return bytes(pyrage.encrypt(content, recipients))


def _public(identity: Any) -> Any:
    if not hasattr(identity, "to_public"):
        raise SecretError("Give the option recipients: the public key does not follow from a key of ssh.")
    return identity.to_public()


def _recipient(pyrage: Any, text: str) -> Any:
    kind = pyrage.x25519 if text.startswith("age1") else pyrage.ssh
    try:
        return kind.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise SecretError("recipients has %r: it is neither age1… nor a public key of ssh (ed25519 or RSA)." % text[:20]) from None


def _identities(pyrage: Any, settings: Settings) -> list[Any]:
    text = settings.secret("identity")
    try:
        if SSH in text:
            return [pyrage.ssh.Identity.from_buffer(text.strip().encode() + b"\n")]
        lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        return [pyrage.x25519.Identity.from_str(line) for line in lines]
    except pyrage.IdentityError:
        pass  # not `from`: the error may quote the key
    raise SecretError(
        "identity has a line that is no key of age (AGE-SECRET-KEY-1…), or a key of ssh that is encrypted or of another kind."
    )
