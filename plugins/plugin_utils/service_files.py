# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a declared service: those it names, and its secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_unit
from ansible_collections.groundwork.fleet.plugins.plugin_utils import services as services_util
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_declared import Service

CREDENTIALS = "/etc/groundwork/credentials"
ENVIRONMENT = "@environment"  # beside the secrets, by a name that none of them can have
#: A reference that is misspelt, or stands within a longer text.
ALMOST_REFERENCE = re.compile(r"^(?!(?-i:secret://))\s*secrets?:?/{1,2}[a-z0-9_]+/|.secret://[a-z0-9_]+/", re.IGNORECASE)
REACTIONS = ("restart", "reload", "nothing")
OWN_OPTIONS = ("restore", "on_change")  # what an entry has here beside what the module `files` takes

Files = dict[str, dict[str, Any]]


def declared(service: Service) -> Files:
    """Return the declared files and directories as the module `files` takes them; one for each instance where `{instance}` stands."""
    found: Files = {}
    owner = service.owner
    for path, options, _instance in _each(service, "directories"):
        owned = {"owner": owner[0], "group": owner[1], "mode": "0750"} if owner else {}
        found[path] = {"directory": True, **owned, **{key: value for key, value in options.items() if key not in OWN_OPTIONS}}
    for path, options, instance in _each(service, "files"):
        entry = {key: value for key, value in options.items() if key not in OWN_OPTIONS}
        if owner and {"template", "content", "source"} & set(entry):
            entry = {"mode": "0640", "group": owner[1], **entry}
        if "template" in entry:
            known = {**service.given, "name": service.name, "options": service.options, "instance": instance}
            entry.update(template=service.template(str(entry["template"])), vars={"service": known, **(entry.get("vars") or {})})
        found[path] = entry
    own_directory = "/etc/%s" % service.name
    if owner and any(path.startswith(own_directory + "/") for path in found):
        found.setdefault(own_directory, {"directory": True})
    return found


def _each(service: Service, key: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Return path, options and instance of what is declared under `key`; the instance is empty where it is of all."""
    for path, options in service.mapping(key).items():
        if options is not None and not isinstance(options, Mapping):
            raise bad_input("%s.%s[%r]" % (service.where, key, path), options, "a mapping of options", 'Write {mode: "0644"}.')
        given = {str(name): value for name, value in (options or {}).items()}
        names = service.instances if services_util.PLACE in path else []
        for name in names or [""]:
            yield (
                services_util.of_instance(service.filled(path), name) if name else service.filled(path),
                services_util.of_instance(given, name) if name else given,
                name,
            )


def of_instances(service: Service) -> list[str]:
    """Return the paths of single instances, those of files and directories that name `{instance}`; they go with their instance."""
    return sorted(
        path for key in ("directories", "files") for path, options, one in _each(service, key) if one and not options.get("absent")
    )


def watched(service: Service, instance: str = "") -> dict[str, str]:
    """Return the paths that a unit of the service has taken in, to what happens to it when they change: restart, reload or nothing."""
    usual = "reload" if service.given.get("reload") else "restart"
    found = {}
    for key in ("directories", "files"):
        for path, options, of in _each(service, key):
            reaction = options.get("on_change", usual)
            if reaction not in REACTIONS:
                raise unknown_name("reaction to a change", "%s.%s[%r].on_change" % (service.where, key, path), str(reaction), REACTIONS)
            if of in ("", instance):
                found[path] = reaction
    return found


def restored(service: Service) -> Files:
    """Return what has to stand again, once the service is gone, where the declaration removed a file of the package."""
    found = {}
    for path, options, _instance in _each(service, "files"):
        if options.get("absent") and options.get("restore"):
            found[path] = {"link": service.text("files[%r].restore" % path, options["restore"])}
    return found


def credential(service: Service, name: str) -> str:
    """Return the path of one of the service's secrets."""
    return "%s/%s/%s" % (CREDENTIALS, service.name, name)


def environment(service: Service, secret: bool) -> dict[str, Any]:
    """Return the variables of the service's environment that have a secret in them, or those that have none."""
    return {name: value for name, value in service.mapping("environment").items() if service.is_secret(str(value)) == secret}


def credential_directories(service: Service) -> Files:
    """Return the directories that lead to the service's secrets, its own last: what it no longer declares goes from there."""
    private = {"directory": True, "mode": "0700"}
    own = {**private, "purge": "*", "secret": True}
    return {"/etc/groundwork": {"directory": True}, CREDENTIALS: private, "%s/%s" % (CREDENTIALS, service.name): own}


def credentials(service: Service) -> Files:
    """Return the files of the service's secrets, readable by root only; systemd hands them to the process.

    Variables of its environment that have a secret in them stand in one too: units are read by everybody.
    """
    secrets, variables = service.mapping("secrets"), environment(service, secret=True)
    if not secrets and not variables:
        return {}
    found = credential_directories(service)
    if variables:
        content = service_unit.environment_file("%s.environment" % service.where, variables)
        found[credential(service, ENVIRONMENT)] = {"content": content, "mode": "0400", "secret": True}
    for name, value in secrets.items():
        if not re.match(r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*$", name):
            expected = "names of letters, digits, '_', '-' and, not in front, '.'"
            raise bad_input("%s.secrets" % service.where, name, expected, "It becomes a file.")
        if not isinstance(value, str):
            where = "%s.secrets.%s" % (service.where, name)
            raise bad_input(where, value, "a text or secret://backend/path", "Write the reference in quotes.", secret=True)
        if ALMOST_REFERENCE.search(value):
            where = "%s.secrets.%s" % (service.where, name)
            remedy = "Write secret://backend/path and nothing before or behind it."
            raise bad_input(where, value, "the secret itself, or a reference as a whole", remedy, secret=True)
        sealed = {"credential": name} if service.encrypted else {}
        found[credential(service, name)] = {"content": value, "mode": "0400", "secret": True, **sealed}
    return found


def undeclared(service: Service) -> Files:
    """Return the removal of the secrets that a service had which declares none; of one that goes, whatever it declares."""
    directories = credential_directories(service)
    if service.removing:  # of a set: it takes away what the set would write
        return directories
    return {} if credentials(service) else {list(directories)[-1]: {"absent": True, "secret": True}}
