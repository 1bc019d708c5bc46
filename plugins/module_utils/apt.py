# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What apt's programs say and what the records of owners mean. Pure: no process and no file is touched here."""

from __future__ import annotations

import fnmatch
import json
import re
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input

NAME = re.compile(r"^[a-z0-9][a-z0-9+.-]*(:[a-z0-9][a-z0-9-]*)?\Z")
VERSION = re.compile(r"^[0-9A-Za-z*?][0-9A-Za-z.+:~*?-]*\Z")
SECURITY = re.compile(r"(?:^|[/\s,])[^/\s,]+-security(?=[\s,]|$)")  # "Debian-Security:12/stable-security [amd64]"
RECORD_LISTS = ("wants", "explicit", "dependencies", "marked", "held", "displaced")


class Package(NamedTuple):
    """One line of dpkg's database. state is dpkg's status letter: i installed, c only its configuration, others unfinished."""

    version: str
    state: str
    held: bool


class Upgrade(NamedTuple):
    """What apt would put on the host: the version there now (None for a new package), the new one and where it comes from."""

    before: Optional[str]
    after: str
    origin: str


class Simulation(NamedTuple):
    """What `apt-get -s` says it would do."""

    install: Dict[str, Upgrade]
    remove: Dict[str, str]


class Release(NamedTuple):
    """What giving back one owner's packages means, before apt is asked."""

    explicit: List[str]
    dependencies: List[str]
    marked: List[str]
    held: List[str]
    displaced: List[str]


def native(name: str, architecture: str) -> str:
    """Return the name as apt shows it: without the host's own architecture."""
    base, _colon, suffix = name.partition(":")
    return base if suffix in ("", "all", "any", architecture) else name


def check_names(where: str, names: Iterable[Any]) -> None:
    """Refuse what is not a package name."""
    for name in names:
        if not isinstance(name, str) or not NAME.match(name):
            expected = "a Debian package name (lower case letters, digits, + - .)"
            raise bad_input(where, name, expected, "Write the name as `apt-cache search` shows it.")


def check_input(present: Mapping[str, Any], absent: Sequence[str], held: Sequence[str]) -> None:
    """Refuse contradictions and malformed names or versions."""
    check_names("present", present)
    check_names("absent", absent)
    check_names("held", held)
    for name, version in present.items():
        if version is not None and (not isinstance(version, str) or not VERSION.match(version)):
            remedy = "Quote the version in YAML, or leave it empty for any version."
            raise bad_input("present[%r]" % name, version, "null or a version as text, such as '1.2-3' or '1.2*'", remedy)
    for name in absent:
        if name in present:
            raise bad_input("absent", name, "a package that is not in `present`", "Take it out of one of the two.")
        if name in held:
            raise bad_input("held", name, "a package that is not in `absent`", "Take it out of one of the two.")


def parse_dpkg(text: str, architecture: str) -> Dict[str, Package]:
    """Parse `dpkg-query -W -f '${Package}\\t${Architecture}\\t${db:Status-Abbrev}\\t${Version}\\n'`."""
    packages: Dict[str, Package] = {}
    for line in text.splitlines():
        fields = line.split("\t")
        if len(fields) != 4 or len(fields[2]) < 2 or fields[2][1] == "n":
            continue
        name = native("%s:%s" % (fields[0], fields[1]), architecture)
        state = "R" if fields[2][2:3] == "R" else fields[2][1]
        packages[name] = Package(fields[3], state, fields[2][0] == "h")
    return packages


def parse_automatic(text: str, architecture: str) -> List[str]:
    """Parse apt's extended_states: the packages marked as automatically installed, also such as are gone by now."""
    found: List[str] = []
    for stanza in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in stanza.splitlines() if ": " in line)
        if fields.get("Auto-Installed") == "1" and "Package" in fields:
            found.append(native("%s:%s" % (fields["Package"], fields.get("Architecture", "")), architecture))
    return found


def installed(packages: Mapping[str, Package]) -> Dict[str, str]:
    """Return name and version of what is on the host, unfinished installations too."""
    return {name: package.version for name, package in packages.items() if package.state != "c"}


def unfinished(packages: Mapping[str, Package]) -> List[str]:
    """Return the packages that an interrupted dpkg left half way (pending triggers count)."""
    return sorted(name for name, package in packages.items() if package.state not in "ic")


def half_unpacked(packages: Mapping[str, Package]) -> List[str]:
    """Return those of them whose files are not all there: dpkg cannot configure them, they have to be unpacked again."""
    return sorted(name for name, package in packages.items() if package.state in "HR")


_INST = re.compile(r"^Inst (\S+)(?: \[([^\]]*)\])? \((\S+)\s*([^)]*)\)")
_REMV = re.compile(r"^(?:Remv|Purg) (\S+)(?: \[([^\]]*)\])?")


def parse_simulation(text: str) -> Simulation:
    """Parse the output of `apt-get -s`."""
    install: Dict[str, Upgrade] = {}
    remove: Dict[str, str] = {}
    for line in text.splitlines():
        match = _INST.match(line)
        if match:
            install[match.group(1)] = Upgrade(match.group(2), match.group(3), match.group(4).strip())
            continue
        match = _REMV.match(line)
        if match:
            remove[match.group(1)] = match.group(2) or ""
    return Simulation(install, remove)


def parse_policy(text: str) -> Dict[str, Optional[str]]:
    """Parse `apt-cache policy NAME…`: the candidate's version of each known name, None where it has none (virtual)."""
    known: Dict[str, Optional[str]] = {}
    name = None
    for line in text.splitlines():
        if line and not line[0].isspace() and line.endswith(":"):
            name = line[:-1]
            known[name] = None
        elif name is not None and line.startswith("  Candidate: "):
            candidate = line[len("  Candidate: ") :].strip()
            known[name] = None if candidate == "(none)" else candidate
    return known


def error_lines(text: str) -> str:
    """Return what apt or dpkg complained about, without its chatter."""
    lines = [line.strip() for line in text.splitlines() if line.startswith(("E: ", "dpkg: error", "Err:"))]
    chosen = lines or [line.strip() for line in text.splitlines() if line.strip()][-5:]
    return "; ".join(dict.fromkeys(chosen))


def lock_is_taken(text: str) -> bool:
    """Tell whether a program gave up because another one holds a lock of apt or dpkg."""
    return any(
        part in text
        for part in (
            "Could not get lock",
            "Unable to lock directory",
            "lock was locked by another process",
            "Unable to acquire the dpkg",
            "is another process using it",
            "lock is held by",
        )
    )


def satisfied(name: str, version: Optional[str], present: Mapping[str, str]) -> bool:
    """Tell whether the host already has the package in a version that was asked for."""
    return name in present and (version is None or fnmatch.fnmatchcase(present[name], version))


def upgrades(simulation: Simulation, mode: str) -> List[str]:
    """Return the installed packages that `mode` (none, security, all) wants upgraded."""
    if mode == "none":
        return []
    return sorted(
        name for name, item in simulation.install.items() if item.before is not None and (mode == "all" or SECURITY.search(item.origin))
    )


def lists_are_stale(
    now: float, maximum: int, lists_at: Optional[float], stamp: Mapping[str, Any], sources: str, sources_at: float
) -> Optional[str]:
    """Return why the package lists have to be fetched again: 'missing', 'sources', 'age', or None.

    lists_at: when the directory of lists changed (None: it is empty). stamp: the record of the last refresh.
    sources, sources_at: digest and newest change of the repository definitions.
    """
    if lists_at is None:
        return "missing"
    if stamp.get("sources"):
        if stamp["sources"] != sources:
            return "sources"
    elif sources_at > lists_at:
        return "sources"
    return "age" if now - refreshed_at(lists_at, stamp) > maximum else None


def refreshed_at(lists_at: float, stamp: Mapping[str, Any]) -> float:
    """Return when the lists were fetched: fetching what has not changed leaves their directory as it is, but not our record."""
    return max(lists_at, float(stamp.get("at", 0)))


# Records: who wanted what, and what that put on the host.


def load_records(text: str) -> Dict[str, Any]:
    """Read the records; what is missing is filled in, what is damaged is refused."""
    data = json.loads(text) if text.strip() else {}
    if not isinstance(data, dict) or not isinstance(data.get("owners", {}), dict):
        raise ValueError("not a mapping of owners")
    owners = {name: {key: sorted(set(entry.get(key, []))) for key in RECORD_LISTS} for name, entry in data.get("owners", {}).items()}
    joined = sorted(set(data.get("joined", [])))  # owners whose wishes have come in the transaction of another one
    return {
        "version": 1,
        "refreshed": dict(data.get("refreshed", {})),
        "owners": owners,
        "joined": joined,
        "settled": dict(data.get("settled", {})),
    }


def dump_records(records: Mapping[str, Any]) -> str:
    """Return the records as text, empty where no owner is left."""
    return json.dumps(records, indent=1, sort_keys=True) + "\n" if records["owners"] else ""


def owner_entry(records: Dict[str, Any], owner: str) -> Dict[str, List[str]]:
    """Return the owner's record, a new one where there is none."""
    entry: Dict[str, List[str]] = records["owners"].setdefault(owner, {key: [] for key in RECORD_LISTS})
    return entry


def add(entry: Dict[str, List[str]], key: str, names: Iterable[str]) -> None:
    """Add names to one list of a record."""
    entry[key] = sorted(set(entry[key]) | set(names))


def drop(entry: Dict[str, List[str]], key: str, names: Iterable[str]) -> None:
    """Take names out of one list of a record."""
    entry[key] = sorted(set(entry[key]) - set(names))


def wanted_by_others(records: Mapping[str, Any], owner: str, key: str = "wants") -> Dict[str, str]:
    """Return name → one other owner that wants it (or holds it)."""
    found: Dict[str, str] = {}
    for other in sorted(records["owners"], reverse=True):
        if other != owner:
            found.update(dict.fromkeys(records["owners"][other][key], other))
    return found


def forget_gone(records: Dict[str, Any], packages: Mapping[str, Package]) -> None:
    """Drop from every record the packages of which nothing is on the host any more."""
    for entry in records["owners"].values():
        for key in ("explicit", "dependencies", "marked"):
            entry[key] = [name for name in entry[key] if name in packages]


def plan_release(records: Mapping[str, Any], owner: str, packages: Mapping[str, Package]) -> Release:
    """Decide what an owner gives back: what it caused, less what other owners want."""
    entry = records["owners"].get(owner) or {key: [] for key in RECORD_LISTS}
    others = wanted_by_others(records, owner)
    holders = wanted_by_others(records, owner, "held")
    here = installed(packages)
    explicit = [name for name in entry["explicit"] if name in packages and name not in others]
    dependencies = [name for name in entry["dependencies"] if name in packages and name not in others and name not in explicit]
    return Release(
        explicit,
        dependencies,
        [name for name in entry["marked"] if name in here and name not in others],
        [name for name in entry["held"] if name in packages and name not in holders],
        [name for name in entry["displaced"] if name not in here],
    )


def hand_over(records: Dict[str, Any], owner: str, purged: Iterable[str]) -> None:
    """Forget an owner; what stays on the host because others need it becomes theirs to give back."""
    entry = records["owners"].pop(owner, None)
    if entry is None or not records["owners"]:
        return
    gone = set(purged)
    wanted = wanted_by_others(records, owner)
    holders = wanted_by_others(records, owner, "wants")
    heir = sorted(records["owners"])[0]
    for name in entry["explicit"] + entry["dependencies"]:
        if name in gone:
            continue
        if name in wanted:
            drop(records["owners"][wanted[name]], "marked", [name])
            add(records["owners"][wanted[name]], "explicit", [name])
        else:
            add(records["owners"][heir], "dependencies", [name])
    for key in ("marked", "held"):
        for name in entry[key]:
            if name in holders and name not in records["owners"][holders[name]]["explicit"]:
                add(records["owners"][holders[name]], key, [name])


def protected(
    simulation: Simulation, records: Mapping[str, Any], owner: str, absent: Iterable[str], present: Iterable[str]
) -> List[Tuple[str, str]]:
    """Return (package, owner) pairs that a plan would remove although somebody wants them."""
    wanted = wanted_by_others(records, owner)
    own: Set[str] = set(present) | set(records["owners"].get(owner, {}).get("wants", []))
    wanted.update(dict.fromkeys(own - set(absent), owner))
    return sorted((name, wanted[name]) for name in simulation.remove if name in wanted)


def held_changes(simulation: Simulation, packages: Mapping[str, Package], named: Iterable[str]) -> List[str]:
    """Return the held packages that a plan would change although nobody named them."""
    touched = (set(simulation.install) | set(simulation.remove)) - set(named)
    return sorted(name for name in touched if name in packages and packages[name].held)


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> Dict[str, Dict[str, str]]:
    """Compare two states of the host: installed, removed and upgraded (name → version; the old one where it is removed)."""
    return {
        "installed": {name: after[name] for name in sorted(after) if name not in before},
        "removed": {name: before[name] for name in sorted(before) if name not in after},
        "upgraded": {name: after[name] for name in sorted(after) if name in before and before[name] != after[name]},
    }


def as_text(names: Iterable[str], state: Mapping[str, str]) -> str:
    """Return one side of a diff."""
    return "".join("%s %s\n" % (name, state[name]) for name in sorted(names) if name in state)
