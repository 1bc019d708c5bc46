# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the declaration of services to what the role `services` hands to packages, releases, users, files, units and checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_unit
from ansible_collections.groundwork.fleet.plugins.plugin_utils import services as services_util

NAME = re.compile(r"^[a-z][a-z0-9_-]{0,30}$")
USER = re.compile(r"^[a-z_][a-z0-9_-]{0,30}$")
PLACEHOLDER = re.compile(r"(?<!\$)\{([a-z_]+)\}")
CREDENTIALS = "/etc/groundwork/credentials"
PACKAGE_KEYS = ("name", "version", "extra")
RELEASE_KEYS = ("url", "sha256", "version", "strip", "keep")
ONLY_RELEASE = ("exec", "user", "group")
ONLY_PACKAGE = ("unit",)

Found = Callable[[str], str]


def empty_plan() -> dict[str, dict[str, Any]]:
    """Return a plan that asks for nothing."""
    return {key: {} for key in ("packages", "releases", "users", "files", "restore", "restore_looks", "units", "checks")}


def service_plan(
    services: object,
    platforms: Iterable[str] = (),
    state: str = "present",
    template: Found = str,
    credentials: Iterable[str] = (),
    encrypted: bool = False,
) -> dict[str, Any]:
    """Return what the services amount to.

    platforms: names of the host's platform, the most general first ("Debian", "Debian-12").
    state: present gives those to have; absent those declared to be removed; all every one, as for a removal of all.
    template: turns the name of a template into where it is.
    encrypted: whether the host keeps secrets encrypted, by its TPM or its own key.
    credentials: paths below CREDENTIALS that are on the host; those of these services that none of them declares go.
    """
    if not isinstance(services, Mapping):
        raise bad_input("services_declared", services, "a mapping of name to declaration", "Write name: {...} for each service.")
    plan = empty_plan()
    commands: list[str] = []
    for name, declaration in services.items():
        service = Service(str(name), declaration, list(platforms), template, encrypted)
        if state == "all" or services_util.is_absent(declaration) == (state == "absent"):
            service.add_to(plan, removing=state != "present")
            commands += service.list_of("validate")
            service.add_undeclared(plan, credentials, removing=state != "present")
    return {**plan, "validate": commands}


class Service:
    """One declared service, checked."""

    def __init__(self, name: str, declaration: object, platforms: list[str], template: Found, encrypted: bool = False) -> None:
        self.encrypted = encrypted
        self.name, self.where, self.platforms, self.template = name, "services.%s" % name, platforms, template
        if not NAME.match(name):
            raise bad_input(self.where, name, "a name of small letters, digits, '-' and '_'", "It becomes a unit and a directory.")
        if not isinstance(declaration, Mapping):
            raise bad_input(self.where, declaration, "a mapping", "Write %s: {package: {name: ...}}." % name)
        for key in declaration:
            if key not in services_util.KEYS:
                raise unknown_name("key of a service", "a key of %s" % self.where, str(key), services_util.KEYS)
        self.given = {str(key): value for key, value in declaration.items() if value is not None}
        kinds = [kind for kind in services_util.KINDS if kind in self.given]
        if len(kinds) != 1:
            raise bad_input(self.where, kinds or sorted(self.given), "exactly one of package and release", "Keep one of them.")
        self.kind = kinds[0]
        self._check_kind()
        self.options = {key: self._here(value, "options.%s" % key) for key, value in self.mapping("options").items()}

    def _check_kind(self) -> None:
        if self.kind == "container":
            remedy = "Containers come with a later version; use a package or a release until then."
            raise bad_input("%s.container" % self.where, self.given["container"], "package or release", remedy)
        misplaced = ONLY_PACKAGE if self.kind == "release" else ONLY_RELEASE
        for key in misplaced:
            if key in self.given:
                remedy = "A service from a %s has no %s; take it out." % (self.kind, key)
                raise bad_input("%s.%s" % (self.where, key), self.given[key], "nothing", remedy)
        preset = self.given.get("preset", "strict")
        if preset not in service_unit.PRESETS:
            raise unknown_name("preset", "%s.preset" % self.where, str(preset), service_unit.PRESETS)

    def mapping(self, key: str) -> dict[str, Any]:
        """Return the value of a key that has to be a mapping."""
        value = self.given.get(key, {})
        if not isinstance(value, Mapping):
            raise bad_input("%s.%s" % (self.where, key), value, "a mapping", "Write %s: {name: value}." % key)
        return {str(name): one for name, one in value.items()}

    def list_of(self, key: str) -> list[str]:
        """Return the value of a key that has to be a list of texts."""
        value = self.given.get(key, [])
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, (list, tuple)):
            raise bad_input("%s.%s" % (self.where, key), value, "a list", "Write %s: [...]." % key)
        return [self.filled(str(one)) for one in value]

    def text(self, key: str, value: object) -> str:
        """Return a value that has to be a text which is not empty."""
        if not isinstance(value, str) or not value.strip():
            raise bad_input("%s.%s" % (self.where, key), value, "a text", "Add it to the declaration of %s." % self.name)
        return self.filled(value)

    def filled(self, value: str) -> str:
        """Put the service's options where their names stand in braces."""
        return PLACEHOLDER.sub(lambda found: str(self.options.get(found[1], found[0])), value)

    def _here(self, value: object, key: str) -> Any:
        """Return the value for this host's platform where it is declared `{by_platform: {Debian: ..., Debian-12: ...}}`."""
        if not isinstance(value, Mapping) or set(value) != {"by_platform"}:
            return value
        choices = value["by_platform"]
        fitting = [name for name in self.platforms if isinstance(choices, Mapping) and name in choices]
        if not fitting:
            remedy = "Add %s, or a value without by_platform." % (" or ".join(self.platforms) or "the platform")
            raise bad_input("%s.%s" % (self.where, key), choices, "a value for this host's platform", remedy)
        return choices[fitting[-1]]

    @property
    def unit(self) -> str:
        """The name of the service's unit."""
        if self.kind == "release":
            return "%s.service" % self.name
        unit = self.text("unit", self.given.get("unit", self.package_name))
        return unit if "." in unit else "%s.service" % unit

    @property
    def package_name(self) -> str:
        """The name of the service's package on this host."""
        value = self.given["package"]
        name = value.get("name", self.name) if isinstance(value, Mapping) else value
        return self.text("package.name", self._here(name, "package.name"))

    def packages(self) -> dict[str, Any]:
        """Return the service's package with its version, and the further ones it names, as the module `packages` takes them."""
        value = self.given["package"]
        given = value if isinstance(value, Mapping) else {}
        for key in given:
            if key not in PACKAGE_KEYS:
                raise unknown_name("key of a package", "a key of %s.package" % self.where, str(key), PACKAGE_KEYS)
        extra = given.get("extra") or []
        if not isinstance(extra, (list, tuple)):
            raise bad_input("%s.package.extra" % self.where, extra, "a list of packages", "Write extra: [name].")
        return {self.package_name: self.given.get("version", given.get("version")), **{self.filled(str(name)): None for name in extra}}

    @property
    def user(self) -> str:
        """The user a release runs as."""
        user = self.text("user", self.given.get("user", self.name))
        if not USER.match(user):
            raise bad_input("%s.user" % self.where, user, "the name of a user", "Use small letters, digits, '-' and '_'.")
        return user

    @property
    def group(self) -> str:
        """The group a release runs as."""
        return self.text("group", self.given.get("group", self.user))

    def ports(self) -> list[int]:
        """Return the ports the service listens on, the lowest of each range."""
        items = services_util.facet_items(self.name, self.given, "ports")
        return [services_util.port_of("%s.ports[%d]" % (self.where, number), item)[0] for number, item in enumerate(items)]

    def add_to(self, plan: dict[str, dict[str, Any]], removing: bool) -> None:
        """Add what this service needs to the plan."""
        files = self.files()
        watched = list(files)
        own = {**self.credential_files(), **self.unit_files()}
        if self.kind == "package":
            plan["packages"].update(self.packages())
        else:
            if not removing:
                plan["releases"][self.name] = self.release()
            else:
                plan["releases"][self.name] = {"state": "absent"}
            if self.user != "root":
                plan["users"][self.user] = {"group": self.group, "comment": "groundwork.fleet service %s" % self.name}
        if removing:
            plan["restore"].update(self.restored())
            looks = {path: {"argv": ["test", "-e", entry["link"]], "may_fail": True} for path, entry in self.restored().items()}
            plan["restore_looks"].update(looks)
            plan["units"][self.unit] = {"state": "stopped", "enabled": False}
        else:
            plan["units"][self.unit] = self.unit_wanted(watched, list(own))
            plan["checks"].update(self.checks())
        for path, entry in {**files, **own}.items():
            if plan["files"].get(path, entry) != entry:
                raise bad_input("%s.files" % self.where, path, "a path that no other service of the host writes", "Rename one of the two.")
            plan["files"][path] = entry

    def add_undeclared(self, plan: dict[str, dict[str, Any]], found: Iterable[str], removing: bool) -> None:
        """Add the removal of secrets that are on the host and no longer declared, and of their directory with the last one."""
        directories = self.credential_directories()
        directory = list(directories)[-1]
        mine = [path for path in found if path == directory or path.startswith(directory + "/")]
        # The removal of a set takes away what the set would write, so there they stand as if they were written.
        gone = {"content": "", "secret": True} if removing else {"absent": True, "secret": True}
        for path, entry in {**dict.fromkeys(mine, gone), **(directories if removing and mine else {})}.items():
            plan["files"].setdefault(path, entry)

    def release(self) -> dict[str, Any]:
        """Return the release as the module `release` takes it."""
        given = self.mapping("release")
        for key in given:
            if key not in RELEASE_KEYS:
                raise unknown_name("key of a release", "a key of %s.release" % self.where, key, RELEASE_KEYS)
        for key in ("url", "sha256"):
            self.text("release.%s" % key, given.get(key))
        version = str(self.given.get("version", given.get("version", str(given["sha256"])[:12])))
        return {**given, "url": self.filled(given["url"]).replace("{version}", version), "version": version}

    def unit_wanted(self, files: list[str], own: list[str]) -> dict[str, Any]:
        """Return the unit as the module `units` takes it: what makes it restart, and what only reload."""
        restart = [path for path in own if not path.endswith(".d")]
        if self.kind == "release":
            restart.append("/opt/%s/current" % self.name)
        reloads = bool(self.given.get("reload"))
        return {
            "state": "started",
            "enabled": True,
            "restart_on": restart if reloads else restart + files,
            "reload_on": files if reloads else [],
        }

    def checks(self) -> dict[str, Any]:
        """Return the declared health checks, or one that the unit runs where none is declared."""
        items = services_util.facet_items(self.name, self.given, "health")
        if not items:
            items = [{"systemd_unit": {"name": self.unit}}]
        return {"%s-%d" % (self.name, number): {"retries": 15, "delay": "1s", **item} for number, item in enumerate(items, 1)}

    def files(self) -> dict[str, dict[str, Any]]:
        """Return the declared files and directories as the module `files` takes them."""
        found: dict[str, dict[str, Any]] = {}
        variables = {"service": {**self.given, "name": self.name, "options": self.options}}
        for path, options in self.mapping("directories").items():
            owner = {"owner": self.user, "group": self.group, "mode": "0750"} if self.kind == "release" else {}
            found[self.filled(path)] = {"directory": True, **owner, **self._entry("directories", path, options)}
        for path, options in self.mapping("files").items():
            entry = {key: value for key, value in self._entry("files", path, options).items() if key != "restore"}
            if self.kind == "release" and {"template", "content", "source"} & set(entry):
                entry = {"mode": "0640", "group": self.group, **entry}
            if "template" in entry:
                own = entry.get("vars") or {}
                entry.update(template=self.template(str(entry["template"])), vars={**variables, **own})
            found[self.filled(path)] = entry
        own_directory = "/etc/%s" % self.name
        if self.kind == "release" and any(path.startswith(own_directory + "/") for path in found):
            found.setdefault(own_directory, {"directory": True})
        return found

    def _entry(self, key: str, path: str, options: object) -> dict[str, Any]:
        if options is not None and not isinstance(options, Mapping):
            raise bad_input("%s.%s[%r]" % (self.where, key, path), options, "a mapping of options", 'Write {mode: "0644"}.')
        return {str(name): value for name, value in (options or {}).items()}

    def restored(self) -> dict[str, dict[str, Any]]:
        """Return what has to stand again, once the service is gone, where the declaration removed a file of the package."""
        found = {}
        for path, options in self.mapping("files").items():
            entry = self._entry("files", path, options)
            if entry.get("absent") and entry.get("restore"):
                found[self.filled(path)] = {"link": self.text("files[%r].restore" % path, entry["restore"])}
        return found

    def credential_directories(self) -> dict[str, dict[str, Any]]:
        """Return the directories that lead to the service's secrets, its own last."""
        private = {"directory": True, "mode": "0700"}
        return {"/etc/groundwork": {"directory": True}, CREDENTIALS: private, "%s/%s" % (CREDENTIALS, self.name): private}

    def credential_files(self) -> dict[str, dict[str, Any]]:
        """Return the files of the service's secrets, readable by root only; systemd hands them to the process."""
        secrets = self.mapping("secrets")
        directory = "%s/%s" % (CREDENTIALS, self.name)
        if not secrets:
            return {}
        found = self.credential_directories()
        for name, value in secrets.items():
            if not re.match(r"^[A-Za-z0-9_.-]+$", name):
                raise bad_input("%s.secrets" % self.where, name, "names of letters, digits, '_', '.' and '-'", "It becomes a file.")
            if not isinstance(value, str):
                where = "%s.secrets.%s" % (self.where, name)
                raise bad_input(where, value, "a text or secret://backend/path", "Write the reference in quotes.", secret=True)
            sealed = {"credential": name} if self.encrypted else {}
            found["%s/%s" % (directory, name)] = {"content": value, "mode": "0400", "secret": True, **sealed}
        return found

    def unit_files(self) -> dict[str, dict[str, Any]]:
        """Return the unit of a release, or the drop-in of a package's unit where the declaration asks for one."""
        service: list[tuple[str, str]] = []
        service += service_unit.environment("%s.environment" % self.where, self.mapping("environment"))
        load = "LoadCredentialEncrypted" if self.encrypted else "LoadCredential"
        service += [(load, "%s:%s/%s/%s" % (name, CREDENTIALS, self.name, name)) for name in self.mapping("secrets")]
        service += service_unit.limits("%s.limits" % self.where, self.mapping("limits"))
        if self.kind == "package":
            service += service_unit.overridden([], self.mapping("sandbox"))
            if not service:
                return {}
            directory = "/etc/systemd/system/%s.d" % self.unit
            text = service_unit.laid_out({"Service": service})
            return {directory: {"directory": True}, directory + "/10-groundwork.conf": {"content": text}}
        writable = [self.filled(path) for path in self.mapping("directories")]
        sandbox = service_unit.sandbox(str(self.given.get("preset", "strict")), self.ports(), writable)
        text = service_unit.laid_out(
            {
                "Unit": [
                    ("Description", str(self.given.get("description", self.name))),
                    ("Wants", "network-online.target"),
                    ("After", "network-online.target"),
                    ("StartLimitIntervalSec", "60"),
                    ("StartLimitBurst", "5"),
                ],
                "Service": [
                    ("Type", "exec"),
                    ("User", self.user),
                    ("Group", self.group),
                    *self._commands(),
                    ("Restart", "on-failure"),
                    ("RestartSec", "2"),
                    *service,
                    *service_unit.overridden(sandbox, self.mapping("sandbox")),
                ],
                "Install": [("WantedBy", "multi-user.target")],
            }
        )
        return {"/etc/systemd/system/%s" % self.unit: {"content": text}}

    def _commands(self) -> list[tuple[str, str]]:
        """Return working directory and commands. A relative program is one of the release."""
        current = "/opt/%s/current" % self.name
        program = self.text("exec", self.given.get("exec")).strip()
        found = [("WorkingDirectory", current), ("ExecStart", program if program.startswith("/") else "%s/%s" % (current, program))]
        reload = self.given.get("reload")
        if reload:
            found.append(("ExecReload", "/bin/kill -HUP $MAINPID" if reload is True else self.text("reload", reload)))
        return found
