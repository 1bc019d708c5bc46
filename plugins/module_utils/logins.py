# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who can log in to a host, and how: from its accounts, what sshd says for each, and what the host remembers of logins."""

from __future__ import annotations

import datetime
import re
import struct
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import ssh_access
from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import HUMANS, NO_LOGIN, User
from ansible_collections.groundwork.fleet.plugins.module_utils.account_keys import Key

LASTLOG = struct.Struct("=i32s256s")  # lastlog(8): time, line, host; one for each uid
ACCEPTED = re.compile(r"^(\d+)\.\d+ \S+ \S+: Accepted (\S+) for (\S+) from (\S+) port \d+ ssh2(?:: \S+ (SHA256:\S+))?")
RULE = re.compile(r"^\s+(\(.*)$")


def kind_of(user: User) -> str:
    """Return what an account is: `root`, a `person` or of the `system`."""
    return "root" if user.uid == 0 else "person" if user.uid in HUMANS else "system"


def day_of(days: Optional[int]) -> str:
    """Return a day of shadow(5) as YYYY-MM-DD, empty for none."""
    return "" if days is None else (datetime.date(1970, 1, 1) + datetime.timedelta(days=days)).isoformat()


def moment(seconds: float) -> str:
    """Return a time as ISO 8601 in UTC, empty for none."""
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds > 0 else ""


def lastlog_time(data: bytes) -> int:
    """Return the time of a record of lastlog(8) in seconds since 1970, 0 for never."""
    return int(LASTLOG.unpack(data)[0]) if len(data) == LASTLOG.size else 0


def use_of(name: str, fingerprint: str) -> str:
    """Return under which name `accepted` has the use of a key by an account: two accounts may have the same key."""
    return "%s %s" % (name, fingerprint)


def accepted(journal: str) -> Dict[str, Dict[str, Any]]:
    """Return the last login of each name, and with each of its keys (`use_of`), that the journal has: `at` (seconds), `from` and `by`.

    journal: lines of `journalctl --output=short-unix`, in any order.
    """
    found: Dict[str, Dict[str, Any]] = {}
    for line in journal.splitlines():
        match = ACCEPTED.match(line)
        if match:
            at, how, name, address, fingerprint = match.groups()
            for key in (name, use_of(name, fingerprint)) if fingerprint else (name,):
                if int(at) >= found.get(key, {"at": 0})["at"]:
                    found[key] = {"at": int(at), "from": address, "by": how}
    return found


def sudo_rules(listing: str) -> List[str]:
    """Return the rules that `sudo -l -U name` printed, one for each line."""
    return [" ".join(match.group(1).split()) for match in map(RULE.match, listing.splitlines()) if match]


def key_facts(key: Key, name: str, today: str, used: Mapping[str, Mapping[str, Any]]) -> Dict[str, Any]:
    """Return a key of an account as the report has it. used: what `accepted` gave."""
    return {
        "type": key.kind,
        "fingerprint": key.fingerprint,
        "owner": key.comment,
        "expires": key.expires,
        "expired": bool(key.expires) and key.expires <= today,
        "options": sorted(name for name in key.options if name != "expiry-time"),
        "last_used": moment(used.get(use_of(name, key.fingerprint), {"at": 0})["at"]),
    }


def barred(user: User, today: str) -> str:
    """Return why nobody can use an account, whatever they know or have; empty where somebody can."""
    if user.shell.rpartition("/")[2] in NO_LOGIN:
        return "its shell is %s" % user.shell
    if not user.shell_starts:
        return "its shell %s does not exist or is not executable" % user.shell
    expires = day_of(user.expires)
    return "it has expired on %s" % expires if expires and expires <= today else ""


def by_ssh(user: User, kind: str, keys: Sequence[Mapping[str, Any]], report: str, groups: Sequence[str]) -> List[str]:
    """Return the ways in by SSH. kind: of the password. report: what `sshd -T -C user=…` printed, empty where the host has no sshd."""
    config = ssh_access.effective(report)
    person = ssh_access.Person(user.name, user.uid, groups)
    permitted = ssh_access.first_word(config, "permitrootlogin", "prohibit-password")
    if not config or ssh_access.excluded_by_list(config, person) or (user.uid == 0 and permitted not in ssh_access.ROOT_WITH_KEY):
        return []
    ways = []
    # Without PAM sshd itself takes a locked password for a locked account.
    open_to_keys = not user.locked or ssh_access.first_word(config, "usepam", "no") == "yes"
    if open_to_keys and ssh_access.first_word(config, "pubkeyauthentication", "yes") == "yes":
        ways += ["key %s" % key["fingerprint"] for key in keys if not key["expired"]]
        for name, what in (("authorizedkeyscommand", "keys of a command"), ("trustedusercakeys", "certificates")):
            if ssh_access.first_word(config, name, "none") != "none":
                ways.append(what)
    if kind == "set" and not user.locked and ssh_access.password_suffices(report, person):
        ways.append("password by SSH")
    methods = [method for method in config.get("authenticationmethods", []) if method != "any"]
    return ["%s (AuthenticationMethods %s)" % (way, " ".join(methods)) for way in ways] if methods else ways


def at_the_console(user: User, kind: str) -> List[str]:
    """Return the ways in at a console. kind: of the password."""
    if user.locked or kind == "none":
        return []
    return ["password at the console" if kind == "set" else "no password at the console"]


def account_facts(
    user: User, password: str, keys: Iterable[Key], report: str, groups: Sequence[str], used: Mapping[str, Mapping[str, Any]], today: str
) -> Dict[str, Any]:
    """Return everything about one account but its sudo rules and what only files of the host know of its last login.

    password: its kind in shadow(5). groups: names of all its groups. today: YYYY-MM-DD.
    """
    facts = [key_facts(key, user.name, today, used) for key in keys]
    why_not = barred(user, today)
    ways = [] if why_not else by_ssh(user, password, facts, report, groups) + at_the_console(user, password)
    last = used.get(user.name, {"at": 0})
    return {
        "name": user.name,
        "uid": user.uid,
        "kind": kind_of(user),
        "shell": user.shell,
        "ways": ways,
        "barred": why_not,
        "keys": facts,
        "password": "locked" if user.locked else password,
        "expires": day_of(user.expires),
        "groups": list(groups),
        "sudo": [],
        "last_login": moment(last["at"]),
        "last_login_from": last.get("from", ""),
    }
