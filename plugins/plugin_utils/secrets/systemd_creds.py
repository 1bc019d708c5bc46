# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in credentials of systemd, encrypted with the controller's TPM or host key.

`secret://systemd_creds/orders/db` is the file `orders/db.cred`. The name inside it is the last part of the path, unless `?name=` says
another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_documents, secret_files, secret_programs
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import Settings

OPTIONS = {
    "directory": secret_files.DIRECTORY_HELP,
    "with_key": "what new ones are encrypted with: host, tpm2, host+tpm2 or auto, by default what systemd-creds takes",
    "program": "the program, by default `systemd-creds`",
    "timeout": "how many seconds it may take, by default 60",
}
REFERENCE_OPTIONS = {"name": "the name inside the credential, by default the last part of the path without .cred"}
INSTALL = "It comes with systemd 250 and newer."
CREATE = "Create it with systemd-creds encrypt --name=NAME - FILE."
# What systemd-creds says on stderr, and what it means.
COMPLAINTS = (
    ("does not match filename", "The credential was made with another name: give it as ?name=…."),
    ("too short", "The file is not a credential of systemd."),
    ("Embedded credential name", "The credential was made with another name: give it as ?name=…."),
    ("expired", "The credential has expired (--not-after): make it anew."),
    ("Permission denied", "The key of this machine is root's: run ansible-playbook as root, or take another backend."),
    ("Bad message", "It was encrypted on another machine, or it is damaged: a credential opens only where its key is."),
    ("TPM2", "The TPM that the credential was made with is not here."),
    ("determine local credential host secret", "It was encrypted with the host key, and this machine has none."),
)


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return the decrypted credential, or a field of it."""
    path = _path(reference, settings)
    secret_files.read(path, CREATE)
    value = _run(settings, ["decrypt", "--name=%s" % _name(reference, path), str(path), "-"])
    return secret_documents.selected(value.removesuffix(b"\n"), reference, "The credential %s" % path)


def store(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Encrypt a new credential."""
    path = _path(reference, settings)
    content = secret_documents.with_field(None, reference, value, str(path))
    secret_files.create(path, lambda: _encrypted(reference, path, content, settings))


def replace(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Encrypt the credential anew; its other fields stay as they are."""
    path = _path(reference, settings)
    whole = SecretReference(reference.backend, reference.path, None, reference.options)
    old = None if reference.field is None else fetch(whole, settings)
    content = secret_documents.with_field(old, reference, value, "The credential %s" % path)
    secret_files.replace(path, _encrypted(reference, path, content, settings))


def changed_at(reference: SecretReference, settings: Settings) -> datetime | None:
    """Return when the credential was written."""
    return secret_files.changed_at(_path(reference, settings))


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    return secret_programs.explained(error, "systemd-creds", COMPLAINTS, "systemd-creds decrypt on the file", CREATE)


def _path(reference: SecretReference, settings: Settings) -> Path:
    path = secret_files.place(reference, settings)
    return path if path.suffix == ".cred" else path.with_name(path.name + ".cred")


def _name(reference: SecretReference, path: Path) -> str:
    return reference.options.get("name", path.name.removesuffix(".cred"))


def _encrypted(reference: SecretReference, path: Path, content: bytes, settings: Settings) -> bytes:
    command = ["encrypt", "--name=%s" % _name(reference, path)]
    if settings.options.get("with_key"):
        command.append("--with-key=%s" % settings.options["with_key"])
    return _run(settings, [*command, "-", "-"], content)


def _run(settings: Settings, arguments: Sequence[str], value: bytes = b"") -> bytes:
    command = [str(settings.options.get("program", "systemd-creds")), *arguments]
    return secret_programs.output(command, INSTALL, value=value, seconds=secret_programs.time_limit(settings))
