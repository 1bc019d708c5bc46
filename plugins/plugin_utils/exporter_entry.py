# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an exporter's entry of the catalogue says: its grammar, and where its program comes from on a host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_options
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

PREFIX = "groundwork-exporter-"
#: What an entry may say. One of exec, upstream and collect has to be there, see `KINDS`.
KEYS = (
    *("description", "port", "path", "install", "exec", "upstream", "collect", "environment", "secret_environment", "secrets"),
    *("files", "credentials", "user", "tls", "service", "prepare", "proof", "alerts", "dashboard", "option_spec"),
)
#: How an exporter tells what it knows: a program that answers, a page that the service itself has, a command that leaves a text for `node`.
KINDS = ("exec", "upstream", "collect")
INSTALLS = ("package", "release", "present")
RELEASE_KEYS = ("repository", "version", "tag", "asset", "url", "program", "strip", "sha256")
#: Names of a machine in the releases of Go programs, by the kernel's.
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "armv7", "i686": "386", "ppc64le": "ppc64le", "s390x": "s390x"}
#: Options that every exporter has, beside those of its `option_spec`.
COMMON_OPTIONS = ("exporter", "install", "interval", "labels", "path_of_program", "port", "release")
EXAMPLE = "See catalogue/exporters/node.yml."


@dataclass(frozen=True)
class Instance:
    """One exporter to run: its name, the catalogue's entry and its options."""

    name: str
    exporter: str
    entry: Mapping[str, Any]
    options: Mapping[str, Any]

    @property
    def unit(self) -> str:
        """The name of its unit."""
        return f"{PREFIX}{self.name}.service"

    @property
    def kind(self) -> str:
        """Which of KINDS it is."""
        return next(kind for kind in KINDS if self.entry.get(kind))

    @property
    def where(self) -> str:
        """The name of its options in messages."""
        return f"exporters_enabled.{self.name}"

    @property
    def place(self) -> str:
        """The name of its entry in messages."""
        return f"catalogue/exporters/{self.exporter}.yml"

    def plain_options(self) -> dict[str, Any]:
        """Return the options without those that the entry calls secret."""
        return {key: value for key, value in self.options.items() if key not in self.entry.get("secrets", ())}


@dataclass(frozen=True)
class Program:
    """Where a program comes from. package: to install, and whose own unit must not run. release: as the step `release` takes it."""

    path: str
    packages: tuple[str, ...] = ()
    release: Mapping[str, Any] = field(default_factory=dict)


def instances(entries: Mapping[str, Any], enabled: Mapping[str, Any], services: Iterable[Mapping[str, Any]]) -> list[Instance]:
    """Return the exporters to run, by name. The same name from a service and from `exporters_enabled` is one, the latter wins."""
    options: dict[str, dict[str, Any]] = {}
    for number, item in enumerate(services):
        exporter = item.get("exporter")
        if exporter is None:
            continue
        name = str(item.get("name") or exporter)
        own = {key: value for key, value in item.items() if key not in ("service", "name")}
        if options.get(name, own) != own:
            where, expected = f"exporters_services[{number}]", "a name of its own for each exporter with options of its own"
            raise bad_input(where, name, expected, "Add `name` and `port` to the item.")
        options[name] = own
    for name, given in enabled.items():
        if given is None:
            options.pop(str(name), None)
        elif isinstance(given, Mapping):
            options[str(name)] = {**options.get(str(name), {}), **given}
        else:
            raise bad_input(f"exporters_enabled.{name}", given, "a mapping of options, or null", "Write {} for the defaults.")
    found = []
    for name, given in sorted(options.items()):
        exporter = str(given.get("exporter") or name)
        if exporter not in entries:
            raise unknown_name("exporter", f"exporters_enabled.{name}", exporter, entries)
        check_entry(exporter, entries[exporter])
        one = Instance(name, exporter, entries[exporter], given)
        check_options(one)
        found.append(one)
    return found


def own_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options without those that every exporter has."""
    return {key: value for key, value in options.items() if key not in COMMON_OPTIONS}


def check_options(instance: Instance) -> None:
    """Refuse options that the entry's `option_spec` does not know, where it has one. Raises BadInput with every problem, a line each."""
    spec = instance.entry.get("option_spec")
    found = list(service_options.problems(instance.where, spec, own_options(instance.options))) if spec else []
    if found:
        raise BadInput("\n".join(found))


def check_entry(name: str, entry: Any) -> None:
    """Refuse an entry that cannot be. Raises BadInput."""
    where = f"catalogue/exporters/{name}.yml"
    if not isinstance(entry, Mapping):
        raise bad_input(where, entry, "a mapping", EXAMPLE)
    for key in entry:
        if key not in KEYS:
            raise unknown_name("key of an exporter", where, str(key), KEYS)
    kinds = [kind for kind in KINDS if entry.get(kind)]
    collect = entry.get("collect")
    if collect and (not isinstance(collect, Mapping) or len({"command", "program"} & set(collect)) != 1):
        raise bad_input(f"{where}: collect", collect, "a mapping with one of command and program", "See catalogue/exporters/apt.yml.")
    if len(kinds) != 1:
        raise bad_input(where, kinds or sorted(map(str, entry)), "exactly one of exec, upstream and collect", EXAMPLE)
    for key in ("proof",) if kinds == ["collect"] else ("port", "proof"):
        if not entry.get(key):
            raise bad_input(f"{where}: {key}", entry.get(key), "a value", EXAMPLE)
    for key in entry.get("install") or {}:
        if key not in INSTALLS:
            raise unknown_name("way to install", f"{where}: install", str(key), INSTALLS)


def port_of(instance: Instance) -> int:
    """Return the port an exporter answers on. Raises BadInput."""
    port = instance.options.get("port", instance.entry["port"])
    if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535:
        raise bad_input(f"{instance.where}.port", port, "a port from 1 to 65535", "Write a number.")
    return port


def for_platform(value: Any, names: Iterable[str]) -> Any:
    """Return what holds on a platform: of a mapping the most special name that fits, or its `default`; anything else as it is."""
    if not isinstance(value, Mapping):
        return value
    found = value.get("default")
    for name in names:
        found = value.get(name, found)
    return found


def rendered(instance: Instance, key: str, text: object, values: Mapping[str, Any]) -> str:
    """Return a text of the entry with the values in it. Raises BadInput, which shows the template and never a value."""
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)
    try:
        return environment.from_string(str(text)).render(**values)
    except TemplateError as error:
        remedy = f"It knows {', '.join(sorted(values))}; options of yours stand in {instance.where}."
        raise bad_input(f"{instance.place}: {key}", str(text), f"a template that renders ({error})", remedy) from error


def program_of(instance: Instance, names: Iterable[str], machine: str, mirror: str) -> Program:
    """Return where an exporter's program comes from on a host.

    names: the host's platform names, most general first. machine: its architecture as the kernel calls it.
    mirror: what stands before `OWNER/NAME/releases/download/…`, an address or a directory of the controller.
    The option `install` chooses; without it a package wins over a release, and a release over what is there already. Raises BadInput.
    """
    install, names = instance.entry.get("install") or {}, list(names)
    package = for_platform(install.get("package", {}), names)
    release = {**(install.get("release") or {}), **(instance.options.get("release") or {})}
    wanted = instance.options.get("install")
    if wanted is None:
        wanted = "package" if package else "release" if release else "present" if install.get("present") else "package"
    if wanted not in INSTALLS:
        raise unknown_name("way to install", f"{instance.where}.install", str(wanted), INSTALLS)
    if wanted == "package":
        if not package:
            known = ", ".join(sorted(install.get("package", {}))) or "none"
            remedy = "Add it in your own catalogue, or set `install: release` or `install: present`."
            raise bad_input(f"{instance.place}: install.package", known, f"a package for {' or '.join(names)}", remedy)
        packages = [package] if isinstance(package, str) else list(package)
        return Program(packages[0], tuple(packages))
    if wanted == "release":
        return _of_release(instance, release, machine, mirror)
    path = instance.options.get("path_of_program", install.get("present"))
    if not path:
        raise bad_input(f"{instance.where}.path_of_program", path, "the path of a program on the host", "Say where it lies.")
    return Program(str(path))


def _of_release(instance: Instance, release: Mapping[str, Any], machine: str, mirror: str) -> Program:
    where = f"{instance.where}.release"
    for key in release:
        if key not in RELEASE_KEYS:
            raise unknown_name("key of a release", where, str(key), RELEASE_KEYS)
    for key in ("version",) if release.get("url") else ("version", "repository"):
        if not release.get(key):
            raise bad_input(f"{where}.{key}", release.get(key), "a value", "Name it in the exporter's options.")
    architecture = ARCHITECTURES.get(machine, machine)
    sums = release.get("sha256") or {}
    digest = sums.get(architecture) if isinstance(sums, Mapping) else sums
    if not digest:
        remedy = f"Set sha256: {{{architecture}: …}} to the checksum that the project publishes with its release."
        raise bad_input(f"{where}.sha256", sorted(sums), f"the checksum of version {release['version']} for {architecture}", remedy)
    name = str(release.get("repository") or instance.exporter).rpartition("/")[2]
    words = {"version": str(release["version"]), "architecture": architecture, "name": name}
    template = release.get("url") or "/".join(
        [mirror.rstrip("/"), str(release.get("repository")), "releases/download", str(release.get("tag", "v{version}"))]
        + [str(release.get("asset", "{name}-{version}.linux-{architecture}.tar.gz"))]
    )
    url = template
    for word, value in words.items():
        url = url.replace("{%s}" % word, value)
    archive = {"url": url, "version": words["version"], "sha256": str(digest), "strip": release.get("strip", 1), "keep": 1}
    return Program(f"/opt/{PREFIX}{instance.name}/current/{release.get('program', name)}", (), archive)
