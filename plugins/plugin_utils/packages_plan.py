# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role packages puts on a host beside packages and repositories: when upgrades come and what follows. Touches nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import layers, unit_text

PROGRAM = "/usr/local/sbin/groundwork-patch-status"
SERVICE, TIMER = "groundwork-patch-status.service", "groundwork-patch-status.timer"
TEXTFILE = "groundwork_patch.prom"
UNITS = "/etc/systemd/system"
UPGRADE_TIMER = "apt-daily-upgrade.timer"
WINDOW = f"{UNITS}/{UPGRADE_TIMER}.d/50-groundwork.conf"
NEEDRESTART = "/etc/needrestart/conf.d/50-groundwork.conf"
PROXY = "/etc/apt/apt.conf.d/51groundwork-proxy"
PREFERENCES = "/etc/apt/preferences.d/50-groundwork"
MIRROR = "/etc/apt/sources.list.d/groundwork-mirror.sources"
MIRROR_FIELDS = ("uri", "security", "suites", "components", "check_valid_until")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WINDOW_TEXT = re.compile(r"(?:(?P<days>[A-Za-z,]+) )?(?P<start>[0-2]\d:[0-5]\d)-(?P<end>[0-2]\d:[0-5]\d)")
DAY = 24 * 60  # minutes

#: It looks at everything and changes nothing but its file, as the health checks (plugin_utils/health_plan.py).
SANDBOX: dict[str, object] = {
    "CapabilityBoundingSet": "CAP_DAC_OVERRIDE CAP_SYS_PTRACE",
    "IOSchedulingClass": "idle",
    "Nice": "10",
    "PrivateNetwork": "yes",
    "RestrictAddressFamilies": "AF_UNIX",
    "SystemCallFilter": "@system-service\n~@privileged @resources",
    "TimeoutStartSec": "300",
}


def minutes(where: str, text: str) -> int:
    """Return a time of day in minutes since midnight. Raises BadInput."""
    hour, minute = (int(part) for part in text.split(":"))
    if hour > 23:
        raise bad_input(where, text, "a time of day from 00:00 to 23:59", "Write it as HH:MM.")
    return hour * 60 + minute


def window(text: str, where: str = "packages_upgrade_window") -> dict[str, str]:
    """Return the settings of the timer that begins at the start and waits at random until the end (systemd.timer(5)). Raises BadInput.

    text: `02:00-05:00`, or with days `Sat,Sun 22:00-04:00`, in the host's own time zone; one that ends earlier than it starts ends on the
    next day.
    """
    match = WINDOW_TEXT.fullmatch(text.strip())
    if not match:
        raise bad_input(where, text, "a time like 02:00-05:00 or Sat,Sun 22:00-04:00", "Put it in quotes.")
    days = [day.capitalize() for day in (match["days"] or "").split(",") if day]
    for day in days:
        if day not in DAYS:
            raise unknown_name("day of the week", where, day, DAYS)
    start, end = minutes(where, match["start"]), minutes(where, match["end"])
    if start == end:
        raise bad_input(where, text, "an end that differs from its start", "Leave the variable empty for any time.")
    calendar = "%s*-*-* %s:00" % (",".join(days) + " " if days else "", match["start"])
    # An empty setting takes the distribution's times away; without Persistent nothing is made up for at boot, outside of the window.
    return {"OnCalendar": f"\n{calendar}", "RandomizedDelaySec": "%dmin" % ((end - start) % DAY), "Persistent": "no"}


def proxy(address: str, where: str = "packages_proxy") -> str:
    """Return apt's configuration for a proxy. Raises BadInput."""
    parts = urlsplit(address)
    if parts.username or parts.password:
        remedy = "Everybody on the host can read apt's configuration. Allow the hosts by address, or write /etc/apt/auth.conf.d yourself."
        raise bad_input(where, address, "an address without a password", remedy, secret=True)
    if parts.scheme not in ("http", "https", "socks5h") or not parts.hostname or re.search(r'[\s"\\]', address):
        raise bad_input(where, address, "an address such as http://proxy.example.org:3128", "Give its scheme and host.")
    lines = ['Acquire::%s::Proxy "%s";' % (scheme, address) for scheme in ("http", "https")]
    return "\n".join(["// Written by groundwork.fleet.packages; edit packages_proxy instead.", *lines]) + "\n"


def preferences(settings: Mapping[str, Any]) -> str:
    """Return apt's preferences that keep every upgrade at the versions of the baseline; empty where it names none.

    A priority above 1000 is what makes a version the candidate whatever else is there, or installed (apt_preferences(5)). A held package
    is left to its hold, which reports say.
    """
    baseline = layers.merge_layers([settings["baseline"], settings["baseline_group"], settings["baseline_host"]], "packages_baseline")
    versions = {name: str(version) for name, version in baseline.items() if version not in ("*", "") and name not in settings["held"]}
    stanzas = ["Package: %s\nPin: version %s\nPin-Priority: 1001\n" % one for one in sorted(versions.items())]
    return "\n".join(["# Written by groundwork.fleet.packages; edit packages_baseline instead.", *stanzas]) if stanzas else ""


def _address(where: str, value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"(https?|file|copy):/[\x21-\x7e]+", value):
        raise bad_input(where, value, "an address such as https://mirror.example.org/debian", "Give its scheme.")
    return value.rstrip("/")


def mirror(declared: object, platform: Mapping[str, Any], codename: str, where: str = "packages_mirror") -> dict[str, Any]:
    """Return the files that put a mirror (or a snapshot) in the place of the distribution's own servers; none where none is declared.

    platform: `sources`, `keyring`, `components`, `security_suffix` of the role's platform file. Raises BadInput.
    """
    if not isinstance(declared, Mapping):
        raise bad_input(where, declared, "a mapping with uri", "Write {uri: https://mirror.example.org/debian}.")
    if not declared:
        return {}
    for field in declared:
        if field not in MIRROR_FIELDS:
            raise unknown_name("field", where, str(field), MIRROR_FIELDS)
    uri = _address(f"{where}.uri", declared.get("uri"))
    security = _address(f"{where}.security", declared.get("security", uri + platform["security_suffix"]))
    components = declared.get("components") or platform["components"]
    suites = declared.get("suites") or ["", "-updates"]
    for field, words in (("components", components), ("suites", suites)):
        if not isinstance(words, list) or not all(isinstance(word, str) and re.fullmatch(r"[A-Za-z0-9._/-]*", word) for word in words):
            raise bad_input(f"{where}.{field}", words, "a list of words", "Suites are what follows the name of the release, as -updates.")
    both = [(uri, [codename + suite for suite in suites]), (security, [f"{codename}-security"])]
    text = "\n".join(_stanza(one, names, components, platform["keyring"], declared.get("check_valid_until", True)) for one, names in both)
    head = "# Written by groundwork.fleet.packages; edit packages_mirror instead.\n"
    return {MIRROR: {"content": head + text}, **{path: {"absent": True} for path in platform["own_sources"]}}


def _stanza(uri: str, suites: list[str], components: list[str], keyring: str, check_valid_until: bool) -> str:
    lines = ["Types: deb", f"URIs: {uri}", f"Suites: {' '.join(suites)}", f"Components: {' '.join(components)}", f"Signed-By: {keyring}"]
    # A snapshot is as old as it is; the signature is checked all the same.
    return "\n".join(lines + ([] if check_valid_until else ["Check-Valid-Until: no"])) + "\n"


def status_units(folder: str) -> dict[str, str]:
    """Return path to text of the units that write the metrics of this host into a folder every hour."""
    own = {**SANDBOX, "ReadWritePaths": f"-{folder} -/var/cache/apt"}
    argv = [PROGRAM, "--textfile", f"{folder}/{TEXTFILE}"]
    service = unit_text.timed(unit_text.service("How well patched this host is", argv, user="root", oneshot=True, service=own))
    service["Unit"]["ConditionPathIsDirectory"] = folder  # the exporter that reads it comes later in the first run
    times = {"OnActiveSec": "2min", "OnCalendar": "hourly", "RandomizedDelaySec": "10min", "Unit": SERVICE}
    timer = unit_text.timer("How well patched this host is, every hour", times)
    return {f"{UNITS}/{SERVICE}": unit_text.lay_out(service), f"{UNITS}/{TIMER}": unit_text.lay_out(timer)}


def packages_plan(settings: Mapping[str, Any], program: str, codename: str) -> dict[str, Any]:
    """Return `files`, `mirror` (files of an owner of its own), `units`, `gone` (units to stop before their files go) and `present`.

    settings: the role's settings with `platform`. program: the text of groundwork-patch-status. codename: of the release. Raises BadInput.
    """
    upgrades, folder = bool(settings["security_upgrades"]), str(settings["textfile_directory"] or "")
    restarts = upgrades and bool(settings["restart_services"])
    timer = {"Timer": window(settings["upgrade_window"])} if upgrades and settings["upgrade_window"] else {}
    texts: dict[str, str] = {}
    if timer:
        texts[WINDOW] = unit_text.lay_out(timer)
    if settings["proxy"]:
        texts[PROXY] = proxy(settings["proxy"])
    if pins := preferences(settings):
        texts[PREFERENCES] = pins
    if restarts:
        texts[NEEDRESTART] = needrestart()
    if folder:
        texts.update(status_units(folder))
    files: dict[str, Any] = {path: {"absent": True} for path in written() if path not in texts}
    files.update({path: {"content": text} for path, text in texts.items()})
    files[PROGRAM] = {"content": program, "mode": "0755"}
    folders = [WINDOW.rpartition("/")[0]] if timer else []
    if restarts:  # written before the package comes
        folders += ["/etc/needrestart", NEEDRESTART.rpartition("/")[0]]
    files.update({path: {"directory": True} for path in folders})
    watched = [PROGRAM, f"{UNITS}/{SERVICE}", f"{UNITS}/{TIMER}"]
    units: dict[str, Any] = dict(settings["platform"]["automatic"]["units"]) if upgrades else {}
    if UPGRADE_TIMER in units:
        units[UPGRADE_TIMER] = {**units[UPGRADE_TIMER], "restart_on": [WINDOW]}
    if folder:
        units[TIMER] = {"state": "started", "enabled": True, "restart_on": watched}
    return {
        "files": files,
        "mirror": mirror(settings["mirror"], settings["platform"], codename),
        "units": units,
        "gone": {} if folder else {TIMER: {"state": "stopped", "enabled": False}},
        "present": {**(settings["platform"]["automatic"]["packages"] if upgrades else {}), **({"needrestart": "*"} if restarts else {})},
        "removal": removal(folder),
    }


def needrestart() -> str:
    """Return needrestart's configuration: it restarts what runs on old libraries by itself, and never asks (needrestart(1))."""
    lines = ["$nrconf{restart} = 'a';", "$nrconf{kernelhints} = -1;", "$nrconf{ucodehints} = 0;"]
    return "\n".join(["# Written by groundwork.fleet.packages.", *lines]) + "\n"


def written() -> list[str]:
    """Return every path that a plan may write, but the program."""
    return [WINDOW, PROXY, PREFERENCES, NEEDRESTART, f"{UNITS}/{SERVICE}", f"{UNITS}/{TIMER}"]


def removal(folder: str) -> dict[str, Any]:
    """Return the units and files to take away, whatever was asked for before. Directories go where nothing else is in them."""
    paths = [*written(), PROGRAM, *([f"{folder}/{TEXTFILE}"] if folder else [])]
    files: dict[str, Any] = {path: {"content": ""} for path in paths}
    files.update({path.rpartition("/")[0]: {"directory": True} for path in (WINDOW, NEEDRESTART)})
    files["/etc/needrestart"] = {"directory": True}
    return {"files": files, "units": {TIMER: {"state": "stopped", "enabled": False}, SERVICE: {"state": "stopped"}}}
