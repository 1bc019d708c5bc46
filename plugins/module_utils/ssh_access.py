# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a user still gets in by SSH under a given effective configuration of sshd."""

from __future__ import annotations

import fnmatch
import ipaddress
import os
import re
from dataclasses import dataclass, field
from typing import Dict, Iterable, List, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import nearest

SAID = re.compile(r"^(?P<path>.+?):? line (?P<line>\d+): (?P<why>.+)$")
UNKNOWN = "Bad configuration option"
HARMLESS = ("Deprecated option", "Unsupported option")  # sshd says so and goes on
ROOT_WITH_KEY = ("yes", "without-password", "prohibit-password")


@dataclass(frozen=True)
class Person:
    """Who connects. groups: names of all groups. has_key: an authorized key is installed. address: of the client, where known."""

    name: str
    uid: int
    groups: Sequence[str] = field(default_factory=list)
    has_key: bool = True
    address: str = ""


def effective(report: str) -> Dict[str, List[str]]:
    """Return what `sshd -T` printed: lower-case name to the words of all its lines."""
    found: Dict[str, List[str]] = {}
    for line in report.splitlines():
        words = line.split()
        if words:
            found.setdefault(words[0].lower(), []).extend(words[1:])
    return found


def address_matches(pattern: str, address: str) -> bool:
    """Tell whether an address fits a pattern or a block; an unknown address fits everything."""
    if not address:
        return True
    if "/" in pattern:
        try:
            return ipaddress.ip_address(address) in ipaddress.ip_network(pattern, strict=False)
        except ValueError:
            return False
    return fnmatch.fnmatchcase(address, pattern)


def user_listed(patterns: Sequence[str], person: Person) -> bool:
    """Tell whether AllowUsers or DenyUsers names this person; a pattern with ! that fits decides against it."""
    listed = False
    for pattern in patterns:
        negated = pattern.startswith("!")
        name, _at, host = pattern.lstrip("!").partition("@")
        if fnmatch.fnmatchcase(person.name, name) and (not host or address_matches(host, person.address)):
            if negated:
                return False
            listed = True
    return listed


def group_listed(patterns: Sequence[str], person: Person) -> bool:
    """Tell whether AllowGroups or DenyGroups names a group of this person."""
    return any(fnmatch.fnmatchcase(group, pattern) for group in person.groups for pattern in patterns)


def excluded_by_list(config: Dict[str, List[str]], person: Person) -> List[str]:
    """Return why the lists of users and groups keep this person out."""
    reasons = []
    for name in ("allowusers", "denyusers"):
        patterns = config.get(name, [])
        if patterns and user_listed(patterns, person) == (name == "denyusers"):
            reasons.append("%s is '%s'" % ("AllowUsers" if name == "allowusers" else "DenyUsers", " ".join(patterns)))
    for name in ("allowgroups", "denygroups"):
        patterns = config.get(name, [])
        if patterns and group_listed(patterns, person) == (name == "denygroups"):
            reasons.append(
                "%s is '%s' and the user's groups are '%s'"
                % ("AllowGroups" if name == "allowgroups" else "DenyGroups", " ".join(patterns), " ".join(person.groups))
            )
    return reasons


def first_word(config: Dict[str, List[str]], name: str, default: str = "") -> str:
    """Return the first word of an option in lower case."""
    return (config.get(name) or [default])[0].lower()


def password_suffices(report: str, person: Person) -> bool:
    """Tell whether this person may log in with a password alone, so that nothing can be said about keys."""
    config = effective(report)
    password = any(first_word(config, name) == "yes" for name in ("passwordauthentication", "kbdinteractiveauthentication"))
    methods = config.get("authenticationmethods", [])
    if any("publickey" in method for method in methods):
        password = password and any("publickey" not in method and method != "any" for method in methods)
    if person.uid == 0:
        return password and first_word(config, "permitrootlogin", "prohibit-password") == "yes"
    return password


def reasons(report: str, person: Person) -> List[str]:
    """Return why this person could not log in with the configuration that `sshd -T -C user=...` printed; none where it can."""
    config = effective(report)

    def first(name: str, default: str = "") -> str:
        return first_word(config, name, default)

    found = excluded_by_list(config, person)
    if person.uid == 0:
        permitted = first("permitrootlogin", "prohibit-password")
        if permitted not in ROOT_WITH_KEY:
            found.append("PermitRootLogin is '%s'" % permitted)
    if password_suffices(report, person):
        return found
    if first("pubkeyauthentication", "yes") != "yes":
        found.append("neither keys nor passwords are accepted")
    elif not person.has_key and first("authorizedkeyscommand", "none") == "none" and first("trustedusercakeys", "none") == "none":
        found.append("passwords are not accepted and the user has no authorized key")
    return found


def port_reasons(before: str, after: str, port: int) -> List[str]:
    """Return why the port of the connection would be closed: sshd listens on it now (`before`) and would not any more (`after`).

    A port on which it does not listen now is one that somebody forwards; nothing can be said about it.
    """
    now, then = effective(before).get("port", []), effective(after).get("port", [])
    if str(port) in now and str(port) not in then:
        return ["Port is '%s' and the connection uses %d" % (" ".join(then), port)]
    return []


def port_remedy(after: str, port: int, what: str) -> str:
    """Return how to move sshd to another port without closing that of the connection. after: as of `port_reasons`. what: the variable."""
    then = effective(after).get("port", [])
    both = ", ".join([str(port), *then])
    remedy = (
        "Keep both ports for a while: Port: [%s] in %s, with firewall_ssh_ports: [%s]. Then set ansible_port: %s, and then take %d out."
    )
    return remedy % (both, what, both, then[0] if then else "N", port)


def refused_lines(errors: str, staged: str, content: str, what: str, known: Iterable[str] = ()) -> List[str]:
    """Return what sshd has against the lines of the drop-in, with the option that each of them sets; none where it speaks of other files.

    errors: what sshd printed. staged: the path under which it read the drop-in, content: what stands there. what: the variable.
    known: options of this sshd, for the nearest name.
    """
    lines, names, found = content.splitlines(), list(known), []
    for match in map(SAID.match, errors.splitlines()):
        if not match or match.group("path") != staged or not 0 < int(match.group("line")) <= len(lines):
            continue
        name, _blank, value = lines[int(match.group("line")) - 1].strip().partition(" ")
        why = match.group("why").strip().rstrip(".")
        if why.startswith(HARMLESS):
            continue
        close = nearest(name.lower(), names) if why.startswith(UNKNOWN) else None
        hint = " Did you mean %r?" % close if close else ""
        found.append("%s[%r] is %r; sshd of this host refuses it: %s.%s" % (what, name, value, why, hint))
    return found


def key_files(report: str, name: str, home: str, uid: int) -> List[str]:
    """Return the paths of AuthorizedKeysFile for a user."""
    paths = []
    for pattern in effective(report).get("authorizedkeysfile", []):
        path = pattern.replace("%%", "\0").replace("%u", name).replace("%h", home).replace("%U", str(uid)).replace("\0", "%")
        if path != "none":
            paths.append(os.path.join(home, path))
    return paths


def holds_key(text: str) -> bool:
    """Tell whether the text of an authorized_keys file has a line that is not empty or a comment."""
    return any(line.strip() and not line.strip().startswith("#") for line in text.splitlines())


def with_staged(main: str, drop_in: str, staged: str, included: Dict[str, List[str]]) -> str:
    """Return sshd_config in which `staged` stands where `drop_in` will be read.

    included: for each pattern of an Include line, the files it finds now. Raises ValueError where no Include finds `drop_in`.
    """
    lines, placed = [], False
    for line in main.splitlines():
        words = line.split()
        if len(words) < 2 or words[0].lower() != "include":
            lines.append(line)
            continue
        for pattern in words[1:]:
            files = set(included.get(pattern, []))
            if fnmatch.fnmatchcase(drop_in, pattern):
                files.add(drop_in)
                placed = True
            lines += ["Include %s" % (staged if path == drop_in else path) for path in sorted(files)]
    if not placed:
        raise ValueError("no Include line of sshd_config finds %s" % drop_in)
    return "\n".join(lines) + "\n"
