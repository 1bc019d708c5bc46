# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A set of files as a task gives it: its grammar, checked before anything is rendered or sent."""

from __future__ import annotations

import base64
import json
import os.path
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import file_content
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name

KINDS = ("template", "content", "source", "directory", "link", "absent")
OPTIONS = (*KINDS, "mode", "owner", "group", "vars", "secret", "purge", "credential", "once", "patient")
SECRET_MODE = 0o600  # of a file with a secret that says nothing of its mode
CREDENTIAL = re.compile(r"^[A-Za-z0-9_.-]{1,255}$")
MODE = re.compile(r"^[0-7]{3,4}$")
WHERE = "See ansible-doc groundwork.fleet.files."


@dataclass(frozen=True)
class LargeContent:
    """Content that travels on its own, and only to a host that lacks it: size in bytes and SHA-256."""

    size: int
    sha256: str


def one_set(files: Any) -> dict[str, dict[str, Any]]:
    """Return a set, or a list of sets as one. Raises BadInput for what is no set, a wrong path, and a path in two of the sets."""
    found: dict[str, dict[str, Any]] = {}
    for part in files if isinstance(files, list) else [files]:
        if not isinstance(part, Mapping):
            raise bad_input("files", part, "a mapping from path to options, or a list of such mappings", WHERE)
        for path, options in part.items():
            checked_path(path)
            if not isinstance(options, Mapping):
                raise bad_input(f"files[{path!r}]", options, "a mapping of options", WHERE)
            if path in found:
                raise bad_input("files", path, "each path once", "Two of the sets name it: keep one.")
            found[path] = dict(options)
    return found


def kind_of(path: str, options: Mapping[str, Any]) -> str:
    """Return which of KINDS an entry is. Raises BadInput where it is none or several."""
    for name in options:
        if name not in OPTIONS:
            raise unknown_name("option", f"files[{path!r}]", name, OPTIONS)
    given = [kind for kind in KINDS if options.get(kind) not in (None, False)]
    if len(given) != 1:
        raise bad_input(f"files[{path!r}]", sorted(options), f"exactly one of {', '.join(KINDS)}", "Say what should stand at this path.")
    return given[0]


def checked_path(path: Any) -> str:
    """Return the path if it is absolute and normal, and raise BadInput otherwise."""
    if not isinstance(path, str) or not path.startswith("/") or os.path.normpath(path) != path or path == "/" or "\0" in path:
        raise bad_input("files", path, "absolute paths without '..', '//' or a closing '/'", "Write the path in full.")
    return path


def checked_mode(path: str, mode: Any, default: str) -> int:
    """Return the permission bits of an octal string, `default` for None. Raises BadInput for a number: YAML reads 0644 as 420."""
    text = default if mode is None else mode
    if not isinstance(text, str) or not MODE.match(text):
        raise bad_input(f"files[{path!r}].mode", mode, 'a quoted octal string such as "0644"', "Put the mode in quotes.")
    return int(text, 8)


def checked_purge(path: str, kind: str, purge: Any) -> str:
    """Return what goes from a directory besides: "" nothing, "managed" what earlier sets wrote, or a pattern of names."""
    if purge in (None, False):
        return ""
    where = f"files[{path!r}].purge"
    if kind != "directory":
        raise bad_input(where, purge, "to stand beside directory: true", "A file or link has nothing to purge.")
    if purge is True:
        return "managed"
    if not isinstance(purge, str) or not purge or "/" in purge:
        remedy = "true takes away what earlier sets wrote there, a pattern all that matches and the set does not name."
        raise bad_input(where, purge, 'true or a pattern of names such as "*.conf"', remedy)
    return purge


def checked_credential(path: str, options: Mapping[str, Any], content: bytes | LargeContent) -> str:
    """Return the name under which systemd is to know a secret, empty for a file that stands as it is. Raises BadInput."""
    name = options.get("credential")
    if name is None:
        return ""
    where = f"files[{path!r}].credential"
    if not isinstance(name, str) or not CREDENTIAL.match(name):
        raise bad_input(where, name, "a name of letters, digits, '_', '.' and '-'", "It is that of LoadCredentialEncrypted= in the unit.")
    if not options.get("secret"):
        raise bad_input(where, name, "to stand beside secret: true", "Only a secret is encrypted.")
    if isinstance(content, LargeContent):
        raise bad_input(where, name, f"content of {file_content.LARGE} bytes at most", "Leave credential out for a file of this size.")
    return name


def checked_once(path: str, kind: str, once: Any) -> bool:
    """Return whether a file is written only where there is none. Raises BadInput."""
    where = f"files[{path!r}].once"
    if once is not None and not isinstance(once, bool):
        raise bad_input(where, once, "true or false", "Write it without quotes.")
    if once and kind in ("absent", "directory"):
        raise bad_input(where, once, "to stand beside the content of a file, or a link", "Take it out.")
    return bool(once)


def encoded(where: str, text: Any) -> bytes:
    """Return text as UTF-8, line endings as they are. Raises BadInput for what is no text that UTF-8 can carry."""
    try:
        return str(text).encode()
    except UnicodeEncodeError as error:
        remedy = "Ship binary content with `source`."
        raise bad_input(where, f"text with {text[error.start]!r}", "text that UTF-8 can carry", remedy) from None


def entry(path: str, options: Mapping[str, Any], content: bytes | LargeContent) -> dict[str, Any]:
    """Return one entry as the module takes it. `content` is the content of a file.

    Raises BadInput for a secret that others could read.
    """
    kind = kind_of(path, options)
    secret = bool(options.get("secret"))
    purge = checked_purge(path, kind, options.get("purge"))
    once = {"once": True} if checked_once(path, kind, options.get("once")) else {}
    if kind == "absent":
        return {"path": path, "kind": "absent", "secret": secret}
    if kind == "link":
        return {"path": path, "kind": "link", "target": str(options["link"]), **once}
    mode = checked_mode(path, options.get("mode"), "0755" if kind == "directory" else f"{SECRET_MODE:04o}" if secret else "0644")
    if secret and mode & 0o007:
        raise bad_input(f"files[{path!r}].mode", f"{mode:04o}", "no permission for others on a secret", 'Use "0600" or "0640".')
    owner, group = options.get("owner", "root"), options.get("group", "root")
    ids = {"owner": None if owner is None else str(owner), "group": None if group is None else str(group)}
    common: dict[str, Any] = {"path": path, "mode": mode, **ids, **once}
    if options.get("patient"):
        common["patient"] = True
    if kind == "directory":
        return {**common, "kind": "directory", "purge": purge, **({"secret": True} if secret else {})}
    credential = checked_credential(path, options, content)
    if credential:
        common["credential"] = credential
    if isinstance(content, LargeContent):
        return {**common, "kind": "file", "secret": secret, "size": content.size, "sha256": content.sha256}
    return {**common, "kind": "file", "secret": secret, "content": base64.b64encode(content).decode()}


def one_word(content: bytes) -> bool:
    """Tell whether content is a password, token or the like and nothing else: eight characters or more without white space between."""
    return len(content.split()) == 1 and len(content.strip()) >= 8


def withheld(one: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the entry of a secret file with a keyed digest in place of its content; any other entry as it is.

    The host compares, and asks for the content only where it has to be written. key: hexadecimal, of this run alone.
    """
    if not one.get("secret") or "content" not in one:
        return one
    content = base64.b64decode(one["content"])
    return {**{name: value for name, value in one.items() if name != "content"}, "key": key, "sha256": file_content.keyed(key, content)}


def refuse_below_no_directory(entries: list[dict[str, Any]]) -> None:
    """Raise BadInput for a path below another one of the set that is to be a file, a link or nothing."""
    kinds = {one["path"]: one["kind"] for one in entries}
    for one in entries:
        above = os.path.dirname(one["path"])
        while above != "/":
            if kinds.get(above, "directory") != "directory" and one["kind"] != "absent":
                remedy = f"The set makes {above} a {kinds[above]}: take one of the two out."
                raise bad_input("files", one["path"], "a path below directories", remedy)
            above = os.path.dirname(above)


def packed(entries: list[dict[str, Any]]) -> str:
    """Return the set as the one value that travels to the host."""
    return base64.b64encode(zlib.compress(json.dumps(entries).encode())).decode()
