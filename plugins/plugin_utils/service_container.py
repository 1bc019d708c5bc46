# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit of a service from a container image: a quadlet where Podman has them, otherwise a unit that runs the engine."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.groundwork.fleet.plugins.module_utils.container_images import tag_of
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_files, service_unit, service_unit_files
from ansible_collections.groundwork.fleet.plugins.plugin_utils.container_engine import Engine
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_declared import Service
from ansible_collections.groundwork.fleet.plugins.plugin_utils.unit_text import quoted

QUADLETS = "/etc/containers/systemd"
KEYS = (
    "image", "archive", "engine", "user", "network", "publish", "volumes", "read_only", "tmpfs", "capabilities", "arguments",
)  # fmt: skip
SECRETS = "/run/secrets"  # where the process finds them, as containers have it
IMAGE = re.compile(r"^[a-z0-9][A-Za-z0-9._/:-]*@sha256:[0-9a-f]{64}$")
USER = re.compile(r"^\d+(:\d+)?$")
CAPABILITY = re.compile(r"^(CAP_)?[A-Z_]+$")
PUBLISH = re.compile(r"^((\[[0-9a-fA-F:]+\]|[0-9.]+):)?\d{1,5}:\d{1,5}(/(tcp|udp))?$")
LOOPBACK = "127.0.0.1"
LIMITS_OF_DOCKER = {"memory": "--memory", "memory_high": "--memory-reservation", "cpu": "--cpus", "tasks": "--pids-limit"}
#: What a process has of its own, and not its cgroup: the engine sets it for the container.
ULIMITS = {"open_files": "nofile", "processes": "nproc", "core": "core"}


class Argument(NamedTuple):
    """One argument of `podman run` or `docker run`. key: that of a quadlet which says the same, "" for none. value: of that key."""

    flag: str
    key: str = ""
    value: str = ""


def given(service: Service) -> Mapping[str, Any]:
    """Return the value of `container`. Raises BadInput for an unknown key and for an image without a digest."""
    found, where = service.mapping("container"), "%s.container" % service.where
    for key in found:
        if key not in KEYS:
            raise unknown_name("key of a container", "a key of %s" % where, key, KEYS)
    image = found.get("image")
    if not isinstance(image, str) or not IMAGE.match(image):
        remedy = "A tag may mean another image tomorrow: take the digest that `podman image inspect` or the registry names."
        raise bad_input("%s.image" % where, image, "name@sha256: and 64 hexadecimal digits", remedy)
    user = found.get("user")
    if user is not None and not USER.match(str(user)):
        raise bad_input("%s.user" % where, user, "numbers, such as 1000 or 1000:1000", "Names are known inside of the image only.")
    return found


def reference(service: Service) -> str:
    """Return the name under which the host knows the image, once its digest was compared."""
    return tag_of(service.name, str(given(service)["image"]))


def _texts(service: Service, key: str) -> list[str]:
    value = given(service).get(key) or []
    if isinstance(value, (str, Mapping)) or not isinstance(value, (list, tuple)):
        raise bad_input("%s.container.%s" % (service.where, key), value, "a list", "Write %s: [...]." % key)
    return [service.filled(str(one)) for one in value]


def name(service: Service) -> str:
    """Return the name of the container."""
    return "%s-%s" % (service.name, service.colour) if service.colour else service.name


def arguments(service: Service, engine: Engine) -> list[Argument]:
    """Return what restricts and equips the container."""
    found, where = given(service), "%s.container" % service.where
    network = str(found.get("network", "bridge"))
    items = [Argument("--network=%s" % network, "Network", network)] if network != "bridge" else []
    for number, text in enumerate(_texts(service, "publish")):
        if not PUBLISH.match(text):
            raise bad_input("%s.publish[%d]" % (where, number), text, "[address:]port:port", 'Write "8080:80", which is on %s.' % LOOPBACK)
        port = text if text.count(":") > 1 else "%s:%s" % (LOOPBACK, text)
        items.append(Argument("--publish=%s" % port, "PublishPort", port))
    if network == "host" and found.get("publish"):
        raise bad_input("%s.publish" % where, found["publish"], "nothing beside network: host", "The container has the host's ports.")
    if found.get("user") is not None:
        items += _user(str(found["user"]))
    if _flag(service, "read_only", True):
        items.append(Argument("--read-only", "ReadOnly", "true"))
    items += [Argument("--tmpfs=%s" % path) for path in _texts(service, "tmpfs")]
    items.append(Argument("--security-opt=no-new-privileges", "NoNewPrivileges", "true"))
    items.append(Argument("--cap-drop=all", "DropCapability", "all"))
    for number, text in enumerate(_texts(service, "capabilities")):
        if not CAPABILITY.match(text):
            raise bad_input("%s.capabilities[%d]" % (where, number), text, "a capability", "Write NET_BIND_SERVICE.")
        items.append(Argument("--cap-add=%s" % text, "AddCapability", text))
    items += [Argument("--volume=%s" % one, "Volume", one) for one in volumes(service)]
    return [*items, *_environment(service), *_limits(service, engine), *(Argument(one) for one in _texts(service, "arguments"))]


def _user(user: str) -> list[Argument]:
    uid, _colon, gid = user.partition(":")
    by_key = [Argument("--user=%s" % user, "User", uid)]
    return [*by_key, Argument("", "Group", gid)] if gid else by_key


def _flag(service: Service, key: str, default: bool) -> bool:
    value = given(service).get(key, default)
    if not isinstance(value, bool):
        raise bad_input("%s.container.%s" % (service.where, key), value, "true or false", "Write it without quotes.")
    return value


def volumes(service: Service) -> list[str]:
    """Return what of the host is mounted into the container: declared volumes, and the secrets, which can be read only."""
    declared = given(service).get("volumes") or {}
    where = "%s.container.volumes" % service.where
    if not isinstance(declared, Mapping):
        raise bad_input(where, declared, "a mapping of a path of the host to one of the container", "Write {/srv/shop: /data}.")
    found = []
    for source, target in declared.items():
        pair = "%s:%s" % (service.filled(str(source)), service.filled(str(target)))
        if not re.match(r"^/[^:]*:/[^:]*(:(ro|rw|Z|z|U)(,(ro|rw|Z|z|U))*)?$", pair):
            expected = "absolute paths, with :ro where it is only read"
            raise bad_input("%s[%r]" % (where, source), target, expected, "Write {/srv/shop: /data:ro}.")
        found.append(pair)
    return [*found, "%s:%s:ro" % (secrets_source(service), SECRETS)] if service.mapping("secrets") else found


def secrets_source(service: Service) -> str:
    """Return where on the host the decrypted secrets are: systemd's credentials for root, a copy in memory for another user."""
    return "/run/credentials/%s" % service.unit if _as_root(service) else "/run/%s/secrets" % _runtime(service)


def _runtime(service: Service) -> str:
    return "groundwork-%s" % name(service)


def _as_root(service: Service) -> bool:
    return str(given(service).get("user", "0")).partition(":")[0] == "0"


def copying(service: Service) -> service_unit.Directives:
    """Return how a container that does not run as root gets its secrets: systemd lets none but root read a credential of this unit."""
    secrets = service.mapping("secrets")
    if not secrets or _as_root(service):
        return []
    uid, _colon, gid = str(given(service)["user"]).partition(":")
    owner, directory = "-o %s -g %s" % (uid, gid or uid), secrets_source(service)
    files = " ".join("/run/credentials/%s/%s" % (service.unit, name) for name in secrets)
    return [
        ("RuntimeDirectory", _runtime(service)),
        ("ExecStartPre", "/usr/bin/install -d -m 0500 %s %s" % (owner, directory)),
        ("ExecStartPre", "/usr/bin/install -m 0400 %s -t %s %s" % (owner, directory, files)),
    ]


def _environment(service: Service) -> list[Argument]:
    """Return the variables; those with a secret by name only, which the engine takes from its own environment."""
    found = []
    for key, value in service_unit.environment_texts(
        "%s.environment" % service.where, service_files.environment(service, secret=False)
    ).items():
        text = "%s=%s" % (key, service.filled(value))
        found.append(Argument("--env=%s" % text, "Environment", quoted(text, command=True)))
    return [*found, *(Argument("--env=%s" % key) for key in service_files.environment(service, secret=True))]


def _limits(service: Service, engine: Engine) -> list[Argument]:
    """Return the limits that the engine sets. Those of a cgroup Podman's container has from its unit, in whose cgroup it is."""
    limits, where = service.mapping("limits"), "%s.limits" % service.where
    service_unit.limits(where, limits)
    asked = {key: value for key, value in limits.items() if value is not None}
    found = [Argument("--ulimit=%s=%s" % (name, asked[key])) for key, name in ULIMITS.items() if key in asked]
    for key in asked if engine.name == "docker" else ():
        if key in LIMITS_OF_DOCKER:
            found.append(Argument("%s=%s" % (LIMITS_OF_DOCKER[key], docker_limit(key, asked[key]))))
        elif key not in ULIMITS:
            raise bad_input("%s.%s" % (where, key), asked[key], "a limit that Docker knows", "Known: %s." % ", ".join(LIMITS_OF_DOCKER))
    return found


def _unit_limits(service: Service) -> service_unit.Directives:
    limits = {key: value for key, value in service.mapping("limits").items() if key not in ULIMITS}
    return service_unit.limits("%s.limits" % service.where, limits)


def docker_limit(key: str, value: object) -> str:
    """Return a limit as Docker writes it: CPUQuota=150% is 1.5 CPUs, MemoryMax=1G is 1g."""
    text = str(value)
    if key == "cpu":
        return "%g" % (float(text.rstrip("%")) / 100)
    return text.lower() if key.startswith("memory") else text


def command(service: Service) -> list[str]:
    """Return the words that the container runs in place of what its image says, empty to leave it at that."""
    text = service.given.get("exec")
    try:
        return shlex.split(service.text("exec", text)) if text is not None else []
    except ValueError as error:
        raise bad_input("%s.exec" % service.where, text, "words, quoted where they have spaces", "%s." % error) from None


def unit_files(service: Service, engine: Engine) -> dict[str, dict[str, Any]]:
    """Return the file that makes the unit, and the absence of the one of the other form."""
    quadlet = "%s/%s.container" % (QUADLETS, service.unit[: -len(".service")])
    unit = "%s/%s" % (service_unit_files.UNITS, service.unit)
    if engine.quadlet:
        directories = {"/etc/containers": {"directory": True}, QUADLETS: {"directory": True}}
        return {**directories, quadlet: {"content": _quadlet(service, engine)}, unit: {"absent": True}}
    return {unit: {"content": _unit(service, engine)}, quadlet: {"absent": True}}


def all_paths(service: Service) -> dict[str, dict[str, Any]]:
    """Return the files of both forms, for their removal."""
    name = service.unit[: -len(".service")]
    paths = ("%s/%s.container" % (QUADLETS, name), "%s/%s" % (service_unit_files.UNITS, service.unit))
    return {path: {"content": ""} for path in paths}


def _sections(service: Service, engine: Engine) -> tuple[service_unit.Directives, service_unit.Directives]:
    """Return what both forms have in [Unit] and in [Service]."""
    needs = [("Requires", "docker.service")] if engine.name == "docker" else []
    after = "network-online.target" + (" docker.service" if engine.name == "docker" else "")
    unit = [
        ("Description", str(service.given.get("description", service.name))),
        *needs,
        ("Wants", "network-online.target"),
        ("After", after),
        ("CollectMode", "inactive-or-failed"),  # a process that has to be killed leaves no failed unit behind once that is gone
        ("StartLimitIntervalSec", "60"),
        ("StartLimitBurst", "5"),
    ]
    own = [] if engine.name == "docker" else _unit_limits(service)
    running = [
        ("Restart", service.preset.restart),
        ("RestartSec", "2"),
        *service_unit_files.secret_environment(service),
        *service_unit_files.credentials(service),
        *copying(service),
        *own,
        *service_unit.overridden([], service.mapping("sandbox")),
    ]
    return unit, running


def _quadlet(service: Service, engine: Engine) -> str:
    """Return a quadlet. What it says of arguments comes to stand in an Exec line as it is, so it is quoted for one."""
    container = [("ContainerName", name(service)), ("Image", reference(service))]
    plain = [("PodmanArgs", "--pull=never")] + ([] if engine.cgroup2 else [("PodmanArgs", "--cgroups=disabled")])
    for one in arguments(service, engine):
        if one.key:
            container.append((one.key, one.value.replace("%", "%%") if one.key != "Environment" else one.value))
        else:
            plain.append(("PodmanArgs", quoted(one.flag, command=True)))
    words = command(service)
    if words:
        container.append(("Exec", " ".join(quoted(word, command=True) for word in words)))
    unit, running = _sections(service, engine)
    sections = {"Unit": unit, "Container": container + plain, "Service": running, "Install": [("WantedBy", "multi-user.target")]}
    return service_unit.laid_out(sections)


def _unit(service: Service, engine: Engine) -> str:
    called = name(service)
    flags = [one.flag for one in arguments(service, engine) if one.flag]
    common = [engine.program, "run", "--name=%s" % called, "--rm", "--pull=never"]
    if engine.name == "podman":
        cgroups = "split" if engine.cgroup2 else "disabled"
        common += ["--replace", "--sdnotify=conmon", "--detach", "--cgroups=%s" % cgroups]
        kind = [
            ("Type", "notify"),
            ("NotifyAccess", "all"),
            ("Delegate", "yes"),
            ("KillMode", "mixed"),
            ("Environment", "PODMAN_SYSTEMD_UNIT=%n"),
        ]
        # The monitor ends with the container, and with it the unit's main process.
        stop = [("ExecStop", "%s stop --ignore -t 10 %s" % (engine.program, called))]
        after = [("ExecStopPost", "-%s rm --force --ignore %s" % (engine.program, called))]
    else:
        kind = [("Type", "exec"), ("ExecStartPre", "-%s rm --force %s" % (engine.program, called))]
        stop, after = [("ExecStop", "-%s stop -t 10 %s" % (engine.program, called))], []
    words = [*common, *flags, reference(service), *command(service)]
    start = [("ExecStart", " ".join(quoted(word, command=True) for word in words))]
    unit, running = _sections(service, engine)
    return service_unit.laid_out(
        {"Unit": unit, "Service": [*kind, *running, *start, *stop, *after], "Install": [("WantedBy", "multi-user.target")]}
    )
