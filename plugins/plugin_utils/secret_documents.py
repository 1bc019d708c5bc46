# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets with fields, for all backends whose secrets are documents: which field a reference means, and a document read once."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import nearest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import NotThere, SecretError, Settings


class Documents:
    """What was read in this run, by key: threads that want the same document wait for one read, others do not wait."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._reading: dict[str, threading.Lock] = {}
        self._read: dict[str, Any] = {}

    def get(self, key: str, read: Callable[[], Any]) -> Any:
        """Return what `read` gave for `key` when it first succeeded."""
        with self._lock:
            if key in self._read:
                return self._read[key]
            reading = self._reading.setdefault(key, threading.Lock())
        with reading:
            with self._lock:
                if key in self._read:
                    return self._read[key]
            document = read()
            with self._lock:
                self._read[key] = document
            return document

    def put(self, key: str, document: Any) -> None:
        """Keep what was read by other means."""
        with self._lock:
            self._read.setdefault(key, document)

    def known(self, key: str) -> Any:
        """Return what was read for `key`, None where nothing was."""
        with self._lock:
            return self._read.get(key)

    def forget(self, key: str) -> None:
        """Have it read again: it was written."""
        with self._lock:
            self._read.pop(key, None)

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._read.clear()


def documents(settings: Settings) -> Documents:
    """Return the documents that a backend has read in this run."""
    return settings.kept("documents", Documents)


def number(reference: SecretReference, option: str) -> int | None:
    """Return an option that is a whole number from 1 on, None where it is not given."""
    given = reference.options.get(option)
    if given is None:
        return None
    if not given.isdecimal() or int(given) < 1:
        raise SecretError("?%s=%s is not a whole number from 1 on." % (option, given))
    return int(given)


def chosen(document: Mapping[str, Any], reference: SecretReference, place: str) -> bytes:
    """Return the field of `document` that the reference names; a dot leads into a mapping or to an element of a list.

    place: what has the fields, as an error begins ("The secret orders"). Raises NotThere for a field that is not there.
    """
    if reference.field is None:
        raise SecretError("Name the field: %s has %s." % (place[:1].lower() + place[1:], listed(document)))
    value: Any = document
    for part in [reference.field] if reference.field in document else reference.field.split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            raise NotThere("%s has no field %s.%s" % (place, reference.field, remedy(value, part)))
    if isinstance(value, bytes):
        return value
    if value is None or isinstance(value, (Mapping, list)):
        inner = " It has %s." % listed(value) if isinstance(value, Mapping) else ""
        raise SecretError("The field %s is not a text.%s" % (reference.field, inner))
    return (json.dumps(value) if isinstance(value, bool) else str(value)).encode()


def listed(document: Mapping[str, Any]) -> str:
    """Return the names of the fields, never a value."""
    return "the fields %s" % ", ".join(sorted(map(str, document))) if document else "no field"


def remedy(value: Any, part: str) -> str:
    """Return what follows an error that names a field which is not there: the nearest one, or those that there are; never a value."""
    if not isinstance(value, Mapping):
        return ""
    close = nearest(part, map(str, value))
    return " Did you mean %s?" % close if close else " It has %s." % listed(value)


def parsed(value: bytes, place: str) -> dict[str, Any]:
    """Return the fields of a secret that is a mapping in JSON or YAML."""
    document: Any = None
    try:
        document = json.loads(value)
    except ValueError:
        # Not `raise … from`: these errors quote the text.
        with contextlib.suppress(yaml.YAMLError, ValueError):
            document = yaml.safe_load(value)
    if not isinstance(document, dict):
        raise SecretError("%s has no fields: it is not a mapping in JSON or YAML. Leave #field out." % place)
    return {str(name): one for name, one in document.items()}


def selected(value: bytes, reference: SecretReference, place: str) -> bytes:
    """Return the whole secret, or the field of it that the reference names."""
    return value if reference.field is None else chosen(parsed(value, place), reference, place)


def already_read(
    wanted: Mapping[SecretReference, str], settings: Settings, place: Callable[[SecretReference], str]
) -> dict[SecretReference, bytes]:
    """Return the secrets among `wanted` (to keys of documents) that a batch has brought, for `fetch_many`."""
    found = {}
    for reference, key in wanted.items():
        value = documents(settings).known(key)
        if value is not None:
            # The core asks for what is left out by itself, and tells why.
            with contextlib.suppress(SecretError):
                found[reference] = selected(value, reference, place(reference))
    return found


def with_field(value: bytes | None, reference: SecretReference, new: bytes, place: str) -> bytes:
    """Return what has to be stored so that the reference means `new`: that, or the document with the one field set.

    value: what is there now, None for nothing.
    """
    if reference.field is None:
        return new
    document = {} if value is None else parsed(value, place)
    return json.dumps(set_field(document, reference.field, text(new, reference))).encode()


def set_field(document: Mapping[str, Any], name: str, value: str) -> dict[str, Any]:
    """Return the document with one field set; a dot leads into a mapping that is there."""
    head, dot, rest = name.partition(".")
    inner = document.get(head)
    if name not in document and dot and isinstance(inner, Mapping):
        return {**document, head: set_field(inner, rest, value)}
    return {**document, name: value}


def text(value: bytes, reference: SecretReference) -> str:
    """Return a value as text; a field cannot be anything else."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        pass  # not `from`: the error has the value
    what = "The field %s" % reference.field if reference.field is not None else "What is stored there"
    raise SecretError("%s can only be text in UTF-8." % what)
