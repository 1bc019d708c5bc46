# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in the store of pass: `secret://pass/servers/db` is its first line, `#user` the line `user: …` below it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_documents, secret_files, secret_programs
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_documents import documents
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import AlreadyThere, NotThere, SecretError, Settings

OPTIONS = {
    "directory": "the store, by default what PASSWORD_STORE_DIR says, else ~/.password-store",
    "gnupg_home": "the directory of the keys of gpg, by default what gpg takes",
    "program": "the program, by default `pass`",
    "timeout": "how many seconds pass may take, by default 60",
}
INSTALL = "Install pass (apt-get install pass), or give its path as the option program."
CREATE = "Create it with pass insert."
# What gpg and pass say, and what it means.
COMPLAINTS = (
    ("No secret key", "gpg has no key here that decrypts it: import the key, or give gnupg_home."),
    ("no secret key", "gpg has no key here that decrypts it: import the key, or give gnupg_home."),
    ("No pinentry", "gpg needs the passphrase of its key and has nowhere to ask: unlock the key in gpg-agent before."),
    ("Inappropriate ioctl for device", "gpg needs the passphrase of its key and has nowhere to ask: unlock the key in gpg-agent before."),
    ("Operation cancelled", "The passphrase of gpg's key was not given."),
    ("You must run:", "The store has not been set up: run pass init."),
    ("No public key", "gpg lacks the public key of somebody in .gpg-id: import it."),
    ("There is no assurance this key belongs", "gpg does not trust a key of .gpg-id: sign it, or set its trust."),
)


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return the first line, or that of the field."""
    lines = _lines(reference, settings)
    if reference.field is not None:
        return secret_documents.chosen(_fields(lines), reference, "The entry %s" % reference.path)
    if not lines or not lines[0]:
        raise SecretError("The first line of the entry %s is empty." % reference.path)
    return lines[0]


def store(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Add the entry, or the field to it; runs on this machine wait for each other."""
    path = _path(reference, settings)
    with secret_files.alone(_directory(settings)):
        documents(settings).forget(str(path))
        lines = _lines(reference, settings) if path.exists() else []
        name = (reference.field or "").encode()
        if path.exists() and (not name or name.decode() in _fields(lines)):
            raise AlreadyThere("The entry %s is there already." % reference.path)
        lines = [*(lines or [b""]), name + b": " + value] if name else [value]
        _insert(reference, lines, settings)


def replace(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Put a new value into its line; the other lines stay."""
    with secret_files.alone(_directory(settings)):
        documents(settings).forget(str(_path(reference, settings)))
        fetch(reference, settings)
        lines = _lines(reference, settings)
        number = _fields(lines, number=True)[reference.field] if reference.field is not None else 0
        if not isinstance(number, int):
            raise AssertionError("the number of a line is a number")
        line = value if reference.field is None else reference.field.encode() + b": " + value
        _insert(reference, [*lines[:number], line, *lines[number + 1 :]], settings)


def changed_at(reference: SecretReference, settings: Settings) -> datetime | None:
    """Return when the entry was written."""
    return secret_files.changed_at(_path(reference, settings))


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    return secret_programs.explained(error, "pass", COMPLAINTS, "pass show on the entry", CREATE)


def _directory(settings: Settings) -> Path:
    directory = settings.path("directory", os.environ.get("PASSWORD_STORE_DIR") or "~/.password-store")
    if not directory.is_dir():
        raise SecretError("There is no store at %s: run pass init, or give the option directory." % directory)
    return directory


def _path(reference: SecretReference, settings: Settings) -> Path:
    return _directory(settings) / (reference.path + ".gpg")


def _lines(reference: SecretReference, settings: Settings) -> list[bytes]:
    path = _path(reference, settings)
    # pass shows the names of the entries where the path is a directory, with status 0.
    if not path.is_file():
        raise NotThere("The store has no entry %s. %s" % (reference.path, CREATE))
    return list(documents(settings).get(str(path), lambda: _pass(settings, ["show", "--", reference.path]).splitlines()))


def _fields(lines: Sequence[bytes], number: bool = False) -> dict[str, bytes | int]:
    """Return name to value of the lines `name: value` below the first, or to their numbers."""
    found: dict[str, bytes | int] = {}
    for position, line in enumerate(lines[1:], 1):
        name, colon, value = line.partition(b":")
        with contextlib.suppress(UnicodeDecodeError):
            # A URL such as otpauth://… has a colon too.
            if colon and not value.startswith(b"//"):
                found.setdefault(name.decode().strip(), position if number else value.strip())
    return found


def _insert(reference: SecretReference, lines: Sequence[bytes], settings: Settings) -> None:
    if any(b"\n" in line for line in lines):
        raise SecretError("An entry of pass takes a value of one line.")
    _pass(settings, ["insert", "--multiline", "--force", "--", reference.path], b"\n".join(lines) + b"\n")
    documents(settings).forget(str(_path(reference, settings)))


def _pass(settings: Settings, arguments: Sequence[str], value: bytes = b"") -> bytes:
    environment = {"PASSWORD_STORE_DIR": str(_directory(settings))}
    if settings.options.get("gnupg_home"):
        environment["GNUPGHOME"] = str(settings.path("gnupg_home", ""))
    command = [str(settings.options.get("program", "pass")), *arguments]
    return secret_programs.output(command, INSTALL, value=value, environment=environment, seconds=secret_programs.time_limit(settings))
