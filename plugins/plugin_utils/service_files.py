# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a declared service: those it names, and its secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_declared import Service

CREDENTIALS = "/etc/groundwork/credentials"
OWN_KEYS = ("restore", "restart")  # of a file, beside those of the module `files`

Files = dict[str, dict[str, Any]]


def declared(service: Service) -> Files:
    """Return the declared files and directories as the module `files` takes them."""
    found: Files = {}
    owner = service.owner
    variables = {"service": {**service.given, "name": service.name, "options": service.options}}
    for path, options in service.mapping("directories").items():
        owned = {"owner": owner[0], "group": owner[1], "mode": "0750"} if owner else {}
        found[service.filled(path)] = {"directory": True, **owned, **_entry(service, "directories", path, options)}
    for path, options in service.mapping("files").items():
        entry = {key: value for key, value in _entry(service, "files", path, options).items() if key not in OWN_KEYS}
        if owner and {"template", "content", "source"} & set(entry):
            entry = {"mode": "0640", "group": owner[1], **entry}
        if "template" in entry:
            own = entry.get("vars") or {}
            entry.update(template=service.template(str(entry["template"])), vars={**variables, **own})
        found[service.filled(path)] = entry
    own_directory = "/etc/%s" % service.name
    if owner and any(path.startswith(own_directory + "/") for path in found):
        found.setdefault(own_directory, {"directory": True})
    return found


def _entry(service: Service, key: str, path: str, options: object) -> dict[str, Any]:
    if options is not None and not isinstance(options, Mapping):
        raise bad_input("%s.%s[%r]" % (service.where, key, path), options, "a mapping of options", 'Write {mode: "0644"}.')
    return {str(name): value for name, value in (options or {}).items()}


def restarting(service: Service) -> set[str]:
    """Return the files that the service reads when it starts alone (`restart: true`): a reload is not enough for them."""
    paths = service.mapping("files").items()
    return {service.filled(path) for path, options in paths if _entry(service, "files", path, options).get("restart")}


def restored(service: Service) -> Files:
    """Return what has to stand again, once the service is gone, where the declaration removed a file of the package."""
    found = {}
    for path, options in service.mapping("files").items():
        entry = _entry(service, "files", path, options)
        if entry.get("absent") and entry.get("restore"):
            found[service.filled(path)] = {"link": service.text("files[%r].restore" % path, entry["restore"])}
    return found


def credential(service: Service, name: str) -> str:
    """Return the path of one of the service's secrets."""
    return "%s/%s/%s" % (CREDENTIALS, service.name, name)


def credential_directories(service: Service) -> Files:
    """Return the directories that lead to the service's secrets, its own last."""
    private = {"directory": True, "mode": "0700"}
    return {"/etc/groundwork": {"directory": True}, CREDENTIALS: private, "%s/%s" % (CREDENTIALS, service.name): private}


def credentials(service: Service) -> Files:
    """Return the files of the service's secrets, readable by root only; systemd hands them to the process."""
    secrets = service.mapping("secrets")
    if not secrets:
        return {}
    found = credential_directories(service)
    for name, value in secrets.items():
        if not re.match(r"^[A-Za-z0-9_.-]+$", name):
            raise bad_input("%s.secrets" % service.where, name, "names of letters, digits, '_', '.' and '-'", "It becomes a file.")
        if not isinstance(value, str):
            where = "%s.secrets.%s" % (service.where, name)
            raise bad_input(where, value, "a text or secret://backend/path", "Write the reference in quotes.", secret=True)
        sealed = {"credential": name} if service.encrypted else {}
        found[credential(service, name)] = {"content": value, "mode": "0400", "secret": True, **sealed}
    return found


def undeclared(service: Service, on_host: Iterable[str]) -> Files:
    """Return the removal of secrets that are on the host and no longer declared, and of their directory with the last one."""
    directories = credential_directories(service)
    directory = list(directories)[-1]
    mine = [path for path in on_host if path == directory or path.startswith(directory + "/")]
    # The removal of a set takes away what the set would write, so there they stand as if they were written.
    gone = {"content": "", "secret": True} if service.removing else {"absent": True, "secret": True}
    return {**dict.fromkeys(mine, gone), **(directories if service.removing and mine else {})}
