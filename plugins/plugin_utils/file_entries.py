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
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name

KINDS = ("template", "content", "source", "directory", "link", "absent")
OPTIONS = (*KINDS, "mode", "owner", "group", "vars", "secret")
MODE = re.compile(r"^[0-7]{3,4}$")


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
    if not isinstance(path, str) or not path.startswith("/") or os.path.normpath(path) != path or path == "/":
        raise bad_input("files", path, "absolute paths without '..', '//' or a closing '/'", "Write the path in full.")
    return path


def checked_mode(path: str, mode: Any, default: str) -> int:
    """Return the permission bits of an octal string, `default` for None. Raises BadInput for a number: YAML reads 0644 as 420."""
    text = default if mode is None else mode
    if not isinstance(text, str) or not MODE.match(text):
        raise bad_input(f"files[{path!r}].mode", mode, 'a quoted octal string such as "0644"', "Put the mode in quotes.")
    return int(text, 8)


def entry(path: str, options: Mapping[str, Any], content: bytes) -> dict[str, Any]:
    """Return one entry as the module takes it. `content` is the rendered content of a file.

    Raises BadInput for a secret that others could read.
    """
    kind = kind_of(path, options)
    secret = bool(options.get("secret"))
    if kind == "absent":
        return {"path": path, "kind": "absent", "secret": secret}
    if kind == "link":
        return {"path": path, "kind": "link", "target": str(options["link"])}
    mode = checked_mode(path, options.get("mode"), "0755" if kind == "directory" else "0600" if secret else "0644")
    if secret and mode & 0o007:
        raise bad_input(f"files[{path!r}].mode", f"{mode:04o}", "no permission for others on a secret", 'Use "0600" or "0640".')
    common = {"path": path, "mode": mode, "owner": str(options.get("owner", "root")), "group": str(options.get("group", "root"))}
    if kind == "directory":
        return {**common, "kind": "directory"}
    return {**common, "kind": "file", "secret": secret, "content": base64.b64encode(content).decode()}


def packed(entries: list[dict[str, Any]]) -> str:
    """Return the set as the one value that travels to the host."""
    return base64.b64encode(zlib.compress(json.dumps(entries).encode())).decode()
