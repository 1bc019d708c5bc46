# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two colours of one service, one of which serves: from what is wanted and what is, to the steps. Nothing here touches a host."""

from __future__ import annotations

import dataclasses
import re
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import systemd, unit_input
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, refuse_unknown_options, unknown_name

COLOURS = ("blue", "green")
OPTIONS = ("release", "colours", "checks", "watch", "switch", "drain_seconds", "predecessor")
COLOUR_OPTIONS = ("unit", "path", "content", "port", "checks")
SWITCHES = {"nginx": ("path", "contents", "unit"), "haproxy": ("backend", "socket", "state_file")}
# Bits of srv_admin_state in HAProxy's management guide, "show servers state": forced, inherited or configured maintenance, and drain.
HAPROXY_OUT = 0x01 | 0x02 | 0x04 | 0x08 | 0x10 | 0x20
HAPROXY_RUNNING = "2"  # srv_op_state there


@dataclasses.dataclass(frozen=True)
class Colour:
    """One colour as it should be when it serves. path, content: of the file that makes its unit."""

    name: str
    unit: str
    path: str
    content: str
    port: int
    checks: Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Deployment:
    """One service as the caller wants it.

    release: the version of which the serving colour has to be, "" for a service without a release.
    watch: paths whose change needs a new start. drain: for how many seconds the old colour may finish what it has begun.
    checks: what has to pass once the requests are led over, before the old colour goes.
    predecessor: unit and path of the one unit that the service had before it took turns, "" for none.
    """

    name: str
    colours: Mapping[str, Colour]
    switch: Mapping[str, Any]
    release: str = ""
    watch: Tuple[str, ...] = ()
    drain: float = 30.0
    predecessor: Tuple[str, str] = ("", "")
    checks: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Seen:
    """One colour as it is. written: what the file of its unit holds, None without one. release: what its link leads to, "" without one."""

    written: Optional[str] = None
    release: str = ""
    active: bool = False
    enabled: bool = False
    since: Optional[float] = None


@dataclasses.dataclass(frozen=True)
class Steps:
    """What has to happen. live: the colour that serves now, "" for none. target: the one to start, prove and switch to, "" for none.

    settle: the switch has to be written again, for the colour that stays. retire: colours of which something is left that does not serve.
    enable: the colour that stays has to start at boot. succeed: the unit from before there were colours has to go.
    """

    live: str = ""
    target: str = ""
    reason: str = ""
    settle: bool = False
    enable: bool = False
    retire: Tuple[str, ...] = ()
    succeed: bool = False

    @property
    def changed(self) -> bool:
        return bool(self.target or self.settle or self.enable or self.retire or self.succeed)


def wanted(services: Mapping[str, Any]) -> List[Deployment]:
    """Check the option `services`. Raises BadInput."""
    return [_deployment(str(name), options) for name, options in services.items()]


def _deployment(name: str, options: Any) -> Deployment:
    where = "services[%r]" % name
    if not isinstance(options, Mapping):
        raise bad_input(where, options, "a mapping of %s" % ", ".join(OPTIONS), "See ansible-doc groundwork.fleet.blue_green.")
    refuse_unknown_options(where, options, OPTIONS)
    given = options.get("colours")
    if not isinstance(given, Mapping) or sorted(given) != sorted(COLOURS):
        raise bad_input(where + ".colours", given, "blue and green", "Write {blue: {...}, green: {...}}.")
    colours = {colour: _colour("%s.colours.%s" % (where, colour), colour, given[colour]) for colour in COLOURS}
    if len({one.port for one in colours.values()}) != len(COLOURS):
        raise bad_input(where + ".colours", colours["blue"].port, "two different ports", "Give each colour a port of its own.")
    return Deployment(
        name=name,
        colours=colours,
        switch=_switch(where + ".switch", options.get("switch")),
        release=str(options.get("release") or ""),
        watch=tuple(str(path) for path in options.get("watch") or ()),
        drain=_seconds(where + ".drain_seconds", options.get("drain_seconds", 30)),
        checks=options.get("checks") or {},
        predecessor=_predecessor(where + ".predecessor", options.get("predecessor")),
    )


def _predecessor(where: str, given: Any) -> Tuple[str, str]:
    if given is None:
        return "", ""
    if not isinstance(given, Mapping) or sorted(given) != ["path", "unit"] or not unit_input.NAME.match(str(given["unit"])):
        raise bad_input(where, given, "unit and path", "Write {unit: orders.service, path: /etc/systemd/system/orders.service}.")
    return str(given["unit"]), str(given["path"])


def _seconds(where: str, value: Any) -> float:
    if isinstance(value, bool) or not re.match(r"^\d+(\.\d+)?$", str(value)):
        raise bad_input(where, value, "seconds, 0 or more", "Write it without a unit.")
    return float(value)


def _colour(where: str, name: str, given: Any) -> Colour:
    if not isinstance(given, Mapping):
        raise bad_input(where, given, "a mapping of %s" % ", ".join(COLOUR_OPTIONS), "Give unit, path, content and port.")
    refuse_unknown_options(where, given, COLOUR_OPTIONS)
    texts: Dict[str, str] = {}
    for key in ("unit", "path", "content"):
        value = given.get(key)
        if not isinstance(value, str) or not value:
            raise bad_input("%s.%s" % (where, key), value, "a text", "Give it.")
        texts[key] = value
    if not unit_input.NAME.match(texts["unit"]):
        raise bad_input(where + ".unit", texts["unit"], "a unit name with its type", "Write orders@blue.service.")
    port = given.get("port")
    if isinstance(port, bool) or not str(port).isdecimal() or not 1 <= int(str(port)) <= 65535:
        raise bad_input(where + ".port", port, "a port from 1 to 65535", "Write port: 8081.")
    return Colour(name=name, port=int(str(port)), checks=given.get("checks") or {}, **texts)


def _switch(where: str, given: Any) -> Mapping[str, Any]:
    if not isinstance(given, Mapping) or len(given) != 1 or next(iter(given)) not in SWITCHES:
        raise bad_input(where, given, "one of %s" % ", ".join(sorted(SWITCHES)), "Write {nginx: {...}}.")
    kind = next(iter(given))
    options = given[kind] or {}
    for key in options:
        if key not in SWITCHES[kind]:
            raise unknown_name("option", "%s.%s" % (where, kind), str(key), SWITCHES[kind])
    for key in SWITCHES[kind]:
        if not options.get(key) and key != "state_file":
            raise bad_input("%s.%s.%s" % (where, kind, key), options.get(key), "a value", "Give it.")
    return {"kind": kind, **options}


def other(colour: str) -> str:
    """Return the colour that is not this one."""
    return COLOURS[1 - COLOURS.index(colour)]


def port_served(content: str, ports: Mapping[str, int]) -> str:
    """Return the colour to whose port the file of a switch leads, "" where it leads to neither or to both."""
    led = [colour for colour, port in ports.items() if re.search(r":%d\b" % port, content)]
    return led[0] if len(led) == 1 else ""


def haproxy_served(text: str) -> str:
    """Return the colour that a backend of HAProxy sends requests to, from what `show servers state BACKEND` says; "" for none or both."""
    lines = [line for line in text.splitlines() if line.strip()]
    header = next((line.lstrip("# ").split() for line in lines if line.startswith("#")), [])
    led = []
    for line in lines:
        row = dict(zip(header, line.split()))
        of_colour = row.get("srv_name") in COLOURS and not line.startswith("#")
        if of_colour and row.get("srv_op_state") == HAPROXY_RUNNING and not int(row.get("srv_admin_state", "0")) & HAPROXY_OUT:
            led.append(row["srv_name"])
    return led[0] if len(led) == 1 else ""


def haproxy_sessions(text: str, backend: str, server: str) -> Optional[int]:
    """Return how many sessions a server of HAProxy has, from what `show stat` says; None where it does not list that server."""
    lines = text.splitlines()
    header = lines[0].lstrip("# ").split(",") if lines else []
    for line in lines[1:]:
        row = dict(zip(header, line.split(",")))
        if row.get("pxname") == backend and row.get("svname") == server and row.get("scur", "").isdigit():
            return int(row["scur"])
    return None


def live_colour(served: str, seen: Mapping[str, Seen]) -> str:
    """Return the colour that serves: the one that the switch leads to; where it does not tell, the one that runs."""
    if served and seen[served].written is not None:
        return served
    for held in (lambda one: one.active and one.enabled, lambda one: one.active, lambda one: one.written is not None):
        found = [colour for colour in COLOURS if held(seen[colour])]
        if len(found) == 1:
            return found[0]
    return ""


def decide(
    deployment: Deployment,
    seen: Mapping[str, Seen],
    served: str,
    settled: Mapping[str, bool],
    changed_files: Sequence[str],
    times: Mapping[str, float],
    now: float,
) -> Steps:
    """Decide what has to happen to one service.

    served: the colour that the switch leads to, "" where it does not tell. settled: colour to whether the switch is all that it should be
    for it. times: the newest change of each watched path, by the clock; now: the same clock.
    """
    live = live_colour(served, seen)
    if not live:
        leftover = tuple(colour for colour in COLOURS if left(seen[colour]) and colour != "blue")
        return Steps("", "blue", "nothing serves yet", retire=leftover)
    why = outdated(deployment, deployment.colours[live], seen[live], changed_files, times, now)
    if why:
        return Steps(live, other(live), why, retire=(live,))
    idle = other(live)
    return Steps(
        live, settle=not settled[live] or served != live, enable=not seen[live].enabled, retire=(idle,) if left(seen[idle]) else ()
    )


def left(seen: Seen) -> bool:
    """Tell whether anything of a colour is on the host."""
    return seen.active or seen.enabled or seen.written is not None or bool(seen.release)


def outdated(
    deployment: Deployment, colour: Colour, seen: Seen, changed_files: Sequence[str], times: Mapping[str, float], now: float
) -> str:
    """Say why the colour that serves has to be replaced, "" where it is as it should be."""
    if deployment.release != seen.release:
        return "release %s in place of %s" % (deployment.release, seen.release or "none")
    if seen.written != colour.content:
        return "%s changed" % colour.path
    if not seen.active:
        return "%s does not run" % colour.unit
    return systemd.reason(colour.unit, deployment.watch, changed_files, times, seen.since, now) or ""


def described(deployment: Deployment, colour: str, release: str, why: str = "") -> str:
    """Lay out as text for a diff which colour of a service serves. why: what for it changes."""
    words = [word for word in (colour or "nothing", release, "(%s)" % why if why else "") if word]
    return "%s: %s\n" % (deployment.name, " ".join(words))
