# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One declared service: its values, checked and filled in where they are read."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.module_utils.health_input import seconds
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_kinds, service_unit
from ansible_collections.groundwork.fleet.plugins.plugin_utils import services as services_util

NAME = re.compile(r"^[a-z][a-z0-9_-]{0,30}$")
USER = re.compile(r"^[a-z_][a-z0-9_-]{0,30}$")
PLACEHOLDER = re.compile(r"(?<!\$)\{([a-z_]+)\}")

STABLE_FOR = 10.0  # seconds

Found = Callable[[str], str]


class Service:
    """One declared service.

    platforms: names of the host's platform, the most general first. template: turns the name of a template into where it is.
    encrypted: whether the host keeps secrets encrypted. removing: whether the plan is to take the service off the host.
    looks: what the host was asked before, name to what `observe` found.
    is_secret: tells whether a text has a secret in it.
    colour: blue or green where this is one of two that take turns, else "".
    """

    colour = ""

    def __init__(
        self,
        name: str,
        declaration: object,
        platforms: list[str],
        template: Found = str,
        encrypted: bool = False,
        removing: bool = False,
        looks: Mapping[str, Any] | None = None,
        is_secret: Callable[[str], bool] = lambda _text: False,
    ) -> None:
        self.encrypted, self.removing, self.looks, self.is_secret = encrypted, removing, looks or {}, is_secret
        self.name, self.where, self.platforms, self.template = name, "services.%s" % name, platforms, template
        if not NAME.match(name):
            raise bad_input(self.where, name, "a name of small letters, digits, '-' and '_'", "It becomes a unit and a directory.")
        if not isinstance(declaration, Mapping):
            raise bad_input(self.where, declaration, "a mapping", "Write %s: {package: {name: ...}}." % name)
        known = services_util.known_keys()
        for key in declaration:
            if key not in known:
                raise unknown_name("key of a service", "a key of %s" % self.where, str(key), known)
        self.given = {str(key): value for key, value in declaration.items() if value is not None}
        self.kind_name = service_kinds.chosen(self.given, self.where)
        self.kind = service_kinds.kind(self.kind_name)
        self._check()
        self.options = {key: self.here(value, "options.%s" % key) for key, value in self.mapping("options").items()}

    def _check(self) -> None:
        check = service_kinds.optional(self.kind, "check")
        if check:
            check(self)
        for key in sorted(service_kinds.own_keys() - {self.kind_name, *self.kind.KEYS}):
            if key in self.given:
                remedy = "A service from a %s has no %s; take it out." % (self.kind_name, key)
                raise bad_input("%s.%s" % (self.where, key), self.given[key], "nothing", remedy)
        chosen = self.given.get("preset", "job" if "schedule" in self.given else "network_service")
        if chosen not in service_unit.PRESETS:
            raise unknown_name("preset", "%s.preset" % self.where, str(chosen), service_unit.PRESETS)
        self.preset = service_unit.PRESETS[str(chosen)]
        self.instances = services_util.instances(self.name, self.given)
        self._check_shape(str(chosen))

    def _check_shape(self, chosen: str) -> None:
        """Refuse what does not go together."""
        if self.preset.timer != ("schedule" in self.given):
            expected = "a schedule" if self.preset.timer else "nothing"
            remedy = "Write preset: job and schedule: daily, or neither of them."
            raise bad_input("%s.schedule" % self.where, self.given.get("schedule"), expected, remedy)
        if self.instances and (self.preset.timer or self.preset.socket):
            remedy = "A service of the preset %s has one unit; declare one service for each." % chosen
            raise bad_input("%s.instances" % self.where, self.instances, "nothing", remedy)
        if self.preset.socket and not self.given.get("ports"):
            raise bad_input("%s.ports" % self.where, self.given.get("ports"), "at least one port", "Its socket listens there.")
        if chosen in ("worker", "job") and self.given.get("ports"):
            raise bad_input(
                "%s.ports" % self.where, self.given["ports"], "nothing", "A %s listens on no port; take another preset." % chosen
            )

    def as_colour(self, colour: str, port: int) -> Service:
        """Return the service as one of its colours, whose port its option `port` is."""
        found = copy.copy(self)
        found.colour, found.options = colour, {**self.options, "port": port, "colour": colour}
        return found

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

    def here(self, value: object, key: str) -> Any:
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
        """The name of the service's unit; where it has instances, that of their template: `orders@.service`."""
        return self.kind.unit(self)

    @property
    def units(self) -> dict[str, str]:
        """The names of its units, to the instance that each is, empty for the only one."""
        if not self.instances:
            return {self.unit: ""}
        return {self.unit.replace("@.", "@%s." % name): name for name in self.instances}

    @property
    def about(self) -> str:
        """What an error calls it."""
        version = service_kinds.optional(self.kind, "version")
        found = version(self) if version else ""
        return "Service %s%s" % (self.name, ", %s" % found if found else "")

    @property
    def user(self) -> str:
        """The user that a service with a unit of its own runs as, by default one of the service's name."""
        user = self.text("user", self.given.get("user", self.name))
        if not USER.match(user):
            raise bad_input("%s.user" % self.where, user, "the name of a user", "Use small letters, digits, '-' and '_'.")
        return user

    @property
    def group(self) -> str:
        """The group that it runs as."""
        return self.text("group", self.given.get("group", self.user))

    @property
    def owner(self) -> tuple[str, str] | None:
        """The user and group that what it reads and writes belongs to; None leaves that root's."""
        return (self.user, self.group) if self.kind.OWN_USER else None

    def own_user(self) -> dict[str, dict[str, Any]]:
        """Return the user as the module `system_users` takes it; none where it is root."""
        if self.user == "root":
            return {}
        return {self.user: {"group": self.group, "comment": "groundwork.fleet service %s" % self.name}}

    def ports(self) -> list[int]:
        """Return the ports the service listens on, the lowest of each range."""
        items = services_util.facet_items(self.name, self.given, "ports")
        return [services_util.port_of("%s.ports[%d]" % (self.where, number), item)[0] for number, item in enumerate(items)]

    @property
    def stable_for(self) -> float:
        """For how many seconds it has to stay up after it was started, 10 by default; what a health check asks for counts too."""
        checks = enumerate(services_util.facet_items(self.name, self.given, "health"))
        asked = {"health[%d].stable_for" % number: item["stable_for"] for number, item in checks if item.get("stable_for") is not None}
        if self.given.get("stable_for") is not None:
            asked = {"stable_for": self.given["stable_for"]}
        return max((seconds(value, "%s.%s" % (self.where, key)) for key, value in asked.items()), default=STABLE_FOR)
