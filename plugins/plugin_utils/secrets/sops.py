# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in files of sops: `secret://sops/orders.yml#db.password`; a dot leads into a mapping.

The kind of a file is told by its ending: .yaml, .yml, .json, .env, .ini; any other is binary, one secret that has no fields.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_documents, secret_files, secret_programs
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_documents import documents
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import AlreadyThere, NotThere, SecretError, Settings

OPTIONS = {
    "directory": secret_files.DIRECTORY_HELP,
    "program": "the program, by default `sops`; setting a field takes 3.11 or newer",
    "config": "the file .sops.yaml, by default the one that sops finds above the file",
    "age_key": "the key of age that decrypts: AGE-SECRET-KEY-1…; without it sops looks where it always does (its environment, KMS, PGP)",
    "age_key_file": "a file with it",
    "timeout": "how many seconds sops may take, by default 60",
}
INSTALL = "Install sops (https://getsops.io), or give its path as the option program."
CREATE = "Create it with sops edit."
KINDS = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".env": "dotenv", ".ini": "ini"}
# What sops says on stderr, and what it means; sops' exit statuses are too few to tell.
COMPLAINTS = (
    ("sops metadata not found", "The file is not encrypted: run sops encrypt --in-place on it."),
    ("no matching creation rules found", "The file .sops.yaml has no rule for this file."),
    ("config file not found", "There is no .sops.yaml that says whom to encrypt to: write one, or give the option config."),
    ("MAC mismatch", "The file was changed without sops: its authentication code does not fit."),
    ("message authentication failed", "The file is damaged, or was changed without sops."),
    ("AccessDenied", "The key service denies the use of its key."),
    ("Failed to get the data key", "No key here decrypts the file: give age_key_file, or access to its KMS or PGP key."),
    ("value-stdin", "This sops is too old to set a field: install 3.11 or newer."),
)


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return the field, or the whole of a binary file."""
    path = secret_files.place(reference, settings)
    document = documents(settings).get(str(path), lambda: _decrypted(path, settings))
    if isinstance(document, bytes):
        if reference.field is not None:
            raise SecretError("%s is a binary file and has no fields: leave #%s out." % (path, reference.field))
        return document.removesuffix(b"\n")
    return secret_documents.chosen(document, reference, "The file %s" % path)


def store(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Create the file, or add the field to it; runs on this machine wait for each other."""
    path = secret_files.place(reference, settings)
    kind = _kind(path)
    if kind == "binary" or not path.exists():
        secret_files.create(path, lambda: _encrypted(path, _first(reference, kind, value), settings))
        return
    with secret_files.alone(path.parent):
        documents(settings).forget(str(path))
        try:
            fetch(reference, settings)
        except NotThere:
            _set(reference, path, value, settings)
            return
    raise AlreadyThere("%s has the field %s already." % (path, reference.field))


def replace(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Set the field, or the content of a binary file."""
    path = secret_files.place(reference, settings)
    with secret_files.alone(path.parent):
        fetch(reference, settings)
        if _kind(path) == "binary":
            secret_files.replace(path, _encrypted(path, value, settings))
            documents(settings).forget(str(path))
        else:
            _set(reference, path, value, settings)


def changed_at(reference: SecretReference, settings: Settings) -> datetime | None:
    """Return when sops last wrote the file, which it notes in it; the time of the file where it does not."""
    path = secret_files.place(reference, settings)
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else ():
        name, found, said = line.strip().replace('"', "").replace("=", ":", 1).partition(":")
        if found and name.strip() in ("lastmodified", "sops_lastmodified"):
            with contextlib.suppress(ValueError):
                moment = datetime.fromisoformat(said.strip(" ,").replace("Z", "+00:00"))
                return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return secret_files.changed_at(path)


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    return secret_programs.explained(error, "sops", COMPLAINTS, "sops decrypt on the file", CREATE)


def _kind(path: Path) -> str:
    return KINDS.get(path.suffix if path.suffix else path.name, "binary")


def _decrypted(path: Path, settings: Settings) -> dict[str, Any] | bytes:
    if not path.exists():
        raise NotThere("%s: No such file or directory. %s" % (path, CREATE))
    kind = _kind(path)
    out = "binary" if kind == "binary" else "json"
    value = _sops(settings, ["decrypt", "--input-type", kind, "--output-type", out, str(path)])
    return value if kind == "binary" else secret_documents.parsed(value, "The file %s" % path)


def _first(reference: SecretReference, kind: str, value: bytes) -> bytes:
    """Return the content of a new file before it is encrypted."""
    if kind == "binary":
        return value
    if reference.field is None:
        raise SecretError("Name the field: %s#field." % reference)
    text = secret_documents.text(value, reference)
    if kind in ("yaml", "json"):
        return json.dumps({reference.field: text}).encode()
    if kind == "ini" or "\n" in text:
        raise SecretError("A file like this has to be there already: create it with sops edit.")
    return ("%s=%s\n" % (reference.field, text)).encode()


def _encrypted(path: Path, content: bytes, settings: Settings) -> bytes:
    kind = _kind(path)
    command = ["encrypt", "--filename-override", str(path), "--input-type", kind, "--output-type", kind]
    if settings.options.get("config"):
        command = ["--config", str(settings.path("config", "")), *command]
    with secret_programs.readable(content) as descriptor:
        return _sops(settings, [*command, "/dev/fd/%d" % descriptor], [descriptor])


def _set(reference: SecretReference, path: Path, value: bytes, settings: Settings) -> None:
    if reference.field is None:
        raise SecretError("Name the field: %s#field." % reference)
    index = "".join("[%s]" % json.dumps(part) for part in reference.field.split("."))
    text = json.dumps(secret_documents.text(value, reference)).encode()
    kind = _kind(path)
    _sops(settings, ["set", "--input-type", kind, "--output-type", kind, "--value-stdin", str(path), index], value=text)
    documents(settings).forget(str(path))


def _sops(settings: Settings, arguments: Sequence[str], descriptors: Sequence[int] = (), value: bytes = b"") -> bytes:
    command = [str(settings.options.get("program", "sops")), *arguments]
    seconds = secret_programs.time_limit(settings)
    if not settings.has("age_key"):
        return secret_programs.output(command, INSTALL, value=value, seconds=seconds, descriptors=descriptors)
    with secret_programs.readable(settings.secret("age_key").encode()) as key:
        return secret_programs.output(
            command,
            INSTALL,
            value=value,
            environment={"SOPS_AGE_KEY_FILE": "/dev/fd/%d" % key},
            seconds=seconds,
            descriptors=[*descriptors, key],
        )
