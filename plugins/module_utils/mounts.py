# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of mounted file systems: what is missing of them, and how to take them off again. Nothing here mounts anything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name

OPPOSITES = {"nodev": "dev", "nosuid": "suid", "noexec": "exec"}
DEFAULTS = {"hidepid": ("off", "0"), "gid": ("0",)}  # of /proc, proc(5): the first stands for it when it is restored
SAME = {"hidepid=2": "hidepid=invisible", "hidepid=1": "hidepid=noaccess", "hidepid=4": "hidepid=ptraceable"}
KEPT = ("ro", "noatime", "nodiratime", "relatime", "nosymfollow", *OPPOSITES)  # a remount drops those that it does not name, mount(8)
OPTION = re.compile(r"^[a-z_]+(=[A-Za-z0-9_.-]+)?$")


@dataclass
class Plan:
    """remount: path to the options to remount it with. remembered: path to the options that take off what was added."""

    remount: Dict[str, List[str]]
    remembered: Dict[str, List[str]]
    absent: List[str]


def wanted(mounts: Mapping[str, Any]) -> Dict[str, List[str]]:
    """Check the option `mounts`. Raises BadInput for a path or an option that cannot be."""
    found = {}
    for path, given in mounts.items():
        if given is None:
            continue
        where = "mounts[%r]" % path
        if not str(path).startswith("/") or "/../" in str(path) + "/":
            raise bad_input(where, path, "an absolute path", "Start it with '/'.")
        if not isinstance(given, Mapping) or not isinstance(given.get("options"), list) or not given["options"]:
            raise bad_input(where, given, "a mapping with a list of options", "Write {options: [nodev, nosuid]}.")
        for option in given["options"]:
            if not OPTION.match(str(option)):
                raise bad_input(where + ".options", option, "an option of mount(8)", "Write one option for each entry.")
            name = str(option).partition("=")[0]
            if name not in OPPOSITES and name not in DEFAULTS:
                raise unknown_name("option that can be taken back", where + ".options", name, [*OPPOSITES, *DEFAULTS])
        found[str(path).rstrip("/") or "/"] = [str(option) for option in given["options"]]
    return found


def parse(mountinfo: str) -> Dict[str, List[str]]:
    """Return path to options of what is mounted, from /proc/self/mountinfo (proc(5)); the last mount of a path covers the others."""
    found = {}
    for line in mountinfo.splitlines():
        fields, _dash, rest = line.partition(" - ")
        words = fields.split(" ")
        if len(words) < 6:
            continue
        path = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), words[4])
        found[path] = [*words[5].split(","), *rest.split(" ")[2].split(",")] if rest.count(" ") >= 2 else words[5].split(",")
    return found


def missing(options: List[str], has: List[str]) -> List[str]:
    """Return those of `options` that are not in effect."""
    known = {SAME.get(option, option) for option in has}
    return [option for option in options if SAME.get(option, option) not in known]


def without(option: str, has: List[str]) -> str:
    """Return the option that takes this one off again: its opposite, or the value that it had."""
    name = option.partition("=")[0]
    if name in OPPOSITES:
        return OPPOSITES[name]
    before = next((one for one in has if one.startswith(name + "=")), "")
    return before or "%s=%s" % (name, DEFAULTS[name][0])


def plan(options: Mapping[str, List[str]], mounted: Mapping[str, List[str]], known: Mapping[str, List[str]]) -> Plan:
    """Decide. options: path to what it has to have. mounted: path to what it has. known: path to what takes earlier additions off."""
    found = Plan({}, {}, [])
    for path in [*options, *(path for path in known if path not in options)]:
        if path not in mounted:
            found.absent += [path] if path in options else []
            continue
        add = missing(options.get(path, []), mounted[path])
        needed = {_name(without(option, mounted[path])) for option in options.get(path, [])}
        give_back = [option for option in known.get(path, []) if _name(option) not in needed]
        if add or give_back:
            found.remount[path] = [*give_back, *add]
        off = [option for option in known.get(path, []) if option not in give_back]
        known_names = {_name(option) for option in off}
        off += [option for option in (without(one, mounted[path]) for one in add) if _name(option) not in known_names]
        if off:
            found.remembered[path] = off
    return found


def _name(option: str) -> str:
    return option.partition("=")[0]


def effects(remount: Mapping[str, List[str]], mounted: Mapping[str, List[str]]) -> List[Dict[str, Any]]:
    """Return what takes a plan back, in the form of the journal."""
    return [
        {
            "undo": command(path, mounted[path], [_back(option, mounted[path]) for option in options]),
            "what": "the mount options of %s" % path,
        }
        for path, options in remount.items()
    ]


def _back(option: str, has: List[str]) -> str:
    """Return what takes one remount option back: nodev for dev as well as dev for nodev."""
    names = {opposite: name for name, opposite in OPPOSITES.items()}
    return names[option] if option in names else without(option, has)


def command(path: str, has: List[str], options: List[str]) -> List[str]:
    """Return the program that sets options of a mounted file system and leaves its other ones."""
    gone = {name for name, opposite in OPPOSITES.items() if opposite in options}
    kept = [option for option in dict.fromkeys(has) if option in KEPT and option not in gone and option not in options]
    return ["mount", "-o", ",".join(["remount", *kept, *options]), path]


def described(mounted: Mapping[str, List[str]], remount: Mapping[str, List[str]]) -> Tuple[str, str]:
    """Lay the mounts out before and after, for a diff."""
    before, after = [], []
    for path, options in sorted(remount.items()):
        shown = [option for option in mounted[path] if _name(option) in (*OPPOSITES, *DEFAULTS)]
        gone = {name for name, opposite in OPPOSITES.items() if opposite in options}
        gone |= {_name(option) for option in options if "=" in option}
        added = [option for option in options if option not in OPPOSITES.values()]
        before.append("%s %s\n" % (path, ",".join(shown) or "defaults"))
        after.append("%s %s\n" % (path, ",".join([*(one for one in shown if _name(one) not in gone), *added]) or "defaults"))
    return "".join(before), "".join(after)
