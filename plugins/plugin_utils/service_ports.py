# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ports that the services of a host take, wherever in a declaration they stand."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input

Items = Sequence[Mapping[str, Any]]

#: Options of programs that say where they listen. Others, such as --db-port, may name a port of somebody else.
LISTENING = re.compile(
    r"^--?(?:(?:http-|https-|web\.|server-)?(?:port|listen|bind)|(?:http|web|server)?[-.]?(?:listen|bind)[-.](?:address|port|addr))$"
)
PORT = re.compile(r"^(?:.*:)?(\d{1,5})$")
PLACEHOLDER = re.compile(r"(?<!\$)\{([a-z_]+)\}")
LOCAL = ("", "localhost", "127.0.0.1", "::1", "0.0.0.0", "::")  # noqa: S104  # names are compared, nothing is bound
URL = re.compile(r"^(https?)://(\[[^\]]*\]|[^/:?#]*)(?::(\d+))?(?:[/?#]|$)")
USUAL = {"http": 80, "https": 443}  # of a URL without a port


class Taken(NamedTuple):
    """One port or range that a service takes. place: where it is declared. value: what stands there."""

    service: str
    place: str
    value: object
    protocol: str
    low: int
    high: int


def port_of(where: str, item: Mapping[str, Any]) -> tuple[int, int]:
    """Return first and last port of an item of the facet `ports` ("8000-8010" is a range)."""
    value = item.get("port")
    first, dash, last = str(value).partition("-")
    last = last if dash else first
    if not isinstance(value, bool) and first.isdecimal() and last.isdecimal():
        low, high = int(first), int(last)
        if 1 <= low <= high <= 65535:
            return low, high
    raise bad_input("%s.port" % where, value, "a port from 1 to 65535", 'Write port: 8080, or "8000-8010" for a range.')


def deploy_ports(where: str, deploy: Mapping[str, Any]) -> tuple[int, int]:
    """Return the two ports between which `deploy: {strategy: blue_green}` switches. Raises BadInput."""
    value = deploy.get("ports")
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise bad_input("%s.ports" % where, value, "two ports", "Write ports: [8081, 8082].")
    ports = [port_of("%s.ports[%d]" % (where, number), {"port": one}) for number, one in enumerate(value)]
    for number, (low, high) in enumerate(ports):
        if low != high:
            raise bad_input("%s.ports[%d]" % (where, number), value[number], "one port", "A range cannot be a colour's.")
    if ports[0] == ports[1]:
        raise bad_input("%s.ports" % where, value, "two different ports", "Blue and green run beside each other for a while.")
    return ports[0][0], ports[1][0]


def taken_by(name: str, service: Mapping[str, Any], ports: Items, metrics: Items) -> Iterator[Taken]:
    """Yield the ports that a service takes: of its facets, of blue and green, of its command and of its container.

    ports, metrics: the items of these facets. What is not in order is passed over: it is told where it stands.
    """
    where = "fleet_services.%s" % name
    for facet, items in (("ports", ports), ("metrics", metrics)):
        for number, item in enumerate(items):
            if item.get("port") is not None:
                place = "%s.%s[%d]" % (where, facet, number)
                yield Taken(name, place + ".port", item["port"], str(item.get("protocol", "tcp")), *port_of(place, item))
    deploy = service.get("deploy")
    if isinstance(deploy, Mapping):
        for number, port in enumerate(deploy_ports(where + ".deploy", deploy)):
            yield Taken(name, "%s.deploy.ports[%d]" % (where, number), port, "tcp", port, port)
    for port in command_ports(service):
        yield Taken(name, where + ".exec", service["exec"], "tcp", port, port)
    container = service.get("container")
    published = container.get("publish") if isinstance(container, Mapping) else None
    for number, text in enumerate(published if isinstance(published, (list, tuple)) else ()):
        found = re.search(r"(?:^|:)(\d{1,5}):\d{1,5}(?:/(tcp|udp))?$", str(text))
        if found:
            yield Taken(name, "%s.container.publish[%d]" % (where, number), text, found[2] or "tcp", int(found[1]), int(found[1]))


def command_ports(service: Mapping[str, Any]) -> list[int]:
    """Return the ports that the command of a release is told to listen on: `--port 8080`, `--listen=127.0.0.1:8080` and the like."""
    text, options = service.get("exec"), service.get("options")
    if not isinstance(text, str) or "release" not in service:
        return []
    known = options if isinstance(options, Mapping) else {}
    filled = PLACEHOLDER.sub(lambda found: str(known.get(found[1], found[0])), text)
    try:
        words = shlex.split(filled)
    except ValueError:
        return []
    pairs = [word.partition("=")[::2] if "=" in word else (word, after) for word, after in zip(words, [*words[1:], ""], strict=True)]
    found = [PORT.match(value) for option, value in pairs if LISTENING.match(option)]
    return [int(one[1]) for one in found if one and 1 <= int(one[1]) <= 65535]


def shared(taken: Iterator[Taken]) -> Iterator[str]:
    """Yield a problem for each port that two services take."""
    known: list[Taken] = []
    for one in taken:
        for other in known:
            apart = other.service == one.service or other.protocol != one.protocol or one.low > other.high or other.low > one.high
            if not apart:
                expected = "a port that no other service of the host has"
                remedy = "The service %r has it too (%s): give one of %r and %r another port."
                remedy %= (other.service, other.place, other.service, one.service)
                yield str(bad_input(one.place, one.value, expected, remedy))
        known.append(one)


def numbers_in(value: object) -> set[int]:
    """Return every number that stands in a value by itself: whatever of a declaration may name a port."""
    if isinstance(value, Mapping):
        return {port for item in value.items() for one in item for port in numbers_in(one)}
    if isinstance(value, (list, tuple)):
        return {port for one in value for port in numbers_in(one)}
    return {int(text) for text in re.findall(r"(?<![\d.])\d{1,5}(?![\d.])", str(value))}


def checked_port(check: Mapping[str, Any]) -> tuple[str, object, int] | None:
    """Return where in a check of this host a port stands, what stands there, and the port; None where it names no TCP port of this host."""
    tcp, http = check.get("tcp"), check.get("http")
    if isinstance(tcp, Mapping) and str(tcp.get("host", "")) in LOCAL and str(tcp.get("port", "")).isdecimal():
        return "tcp.port", tcp["port"], int(tcp["port"])
    url = str(http.get("url", "")) if isinstance(http, Mapping) else ""
    found = URL.match(url)
    if found and found[2].strip("[]") in LOCAL[1:]:
        return "http.url", url, int(found[3] or USUAL[found[1]])
    return None


def _reads_files(service: Mapping[str, Any]) -> bool:
    """Tell whether a service brings files whose content is not in its declaration."""
    files = service.get("files")
    entries = files.values() if isinstance(files, Mapping) else ()
    return any(isinstance(one, Mapping) and {"template", "source"} & set(one) for one in entries)


def never_passing(
    name: str, service: Mapping[str, Any], health: Items, services: Mapping[str, Mapping[str, Any]], taken: list[Taken]
) -> Iterator[str]:
    """Yield checks of a port that nothing of the host can have opened.

    Judged is a service that says where it listens and whose files can be read here. services, taken: all of the host, and their ports.
    """
    own = [one for one in taken if one.service == name]
    if not own or _reads_files(service) or "package" in service:
        return
    elsewhere = {port for each in services.values() for port in numbers_in({key: one for key, one in each.items() if key != "health"})}
    for number, item in enumerate(health):
        judged = None if item.get("from") == "outside" else checked_port(item)
        if judged is None or judged[2] in elsewhere or any(one.low <= judged[2] <= one.high for one in taken):
            continue
        place = "fleet_services.%s.health[%d].%s" % (name, number, judged[0])
        told = ", ".join(sorted({str(one.low) if one.low == one.high else "%d-%d" % (one.low, one.high) for one in own}))
        remedy = "%s listens on %s: correct the check, or name the port in the declaration (options) if it is right." % (name, told)
        yield str(bad_input(place, judged[1], "a port that a service of the host opens", remedy))
