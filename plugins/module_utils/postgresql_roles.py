# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles of PostgreSQL that log in on behalf of an owner: which are to be, what differs, and the statements that bring it about.

A login is a member of its owner and acts as it (`ALTER ROLE … SET role`), so what it makes belongs to the owner and stays when the login is
locked. Passwords reach the server as SCRAM verifiers only (RFC 5803, as `pg_authid.rolpassword` has them): no log of the server has one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import scram
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,62}")
MARK = "groundwork.fleet: a login of "  # the comment of a role that this made
#: One row of JSON with all roles. pg_shdepend has what a role owns or was granted, so why it cannot be dropped.
OBSERVE = """SELECT coalesce(json_agg(json_build_object(
  'name', rolname, 'login', rolcanlogin, 'superuser', rolsuper, 'verifier', rolpassword,
  'comment', shobj_description(a.oid, 'pg_authid'),
  'owners', (SELECT coalesce(json_agg(g.rolname), '[]') FROM pg_auth_members m JOIN pg_authid g ON g.oid = m.roleid WHERE m.member = a.oid),
  'acts_as', (SELECT setconfig FROM pg_db_role_setting WHERE setrole = a.oid AND setdatabase = 0),
  'owns', EXISTS (SELECT 1 FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = a.oid)
)), '[]') FROM pg_authid a WHERE rolname !~ '^pg_';
"""
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s;"


@dataclass(frozen=True)
class Role:
    """A role as the server has it."""

    name: str
    login: bool = False
    superuser: bool = False
    verifier: str = field(default="", repr=False)
    comment: str = ""
    owners: List[str] = field(default_factory=list)
    acts_as: List[str] = field(default_factory=list)
    owns: bool = False

    @property
    def owner(self) -> str:
        """Return whose login it is by its comment, empty where this did not make it."""
        return self.comment[len(MARK) :] if self.comment.startswith(MARK) else ""


@dataclass
class Change:
    """What is to be done with one role, in words and as statements; `ends`: its sessions are ended afterwards."""

    name: str
    words: str
    statements: List[str] = field(default_factory=list, repr=False)
    ends: bool = False


def observed(text: str) -> Dict[str, Role]:
    """Return name to role of what the server answered to OBSERVE."""
    return {row["name"]: Role(**{key: value for key, value in row.items() if value is not None}) for row in json.loads(text)}


def wanted(owners: Dict[str, Any], option: str = "owners") -> Dict[str, Dict[str, str]]:
    """Return owner to its logins, name to password. option: what holds the owners. Raises BadInput; no password is shown."""
    found: Dict[str, Dict[str, str]] = {}
    for owner, options in owners.items():
        where = "%s[%r]" % (option, owner)
        if not NAME.fullmatch(str(owner)):
            raise bad_input("a name in %s" % option, owner, "the name of a role", "Use letters, digits, _, - and ., at most 63.")
        if options is None:
            continue
        if not isinstance(options, dict) or list(options) != ["logins"]:
            shown = sorted(options) if isinstance(options, dict) else "no mapping"
            raise bad_input("the options of %s" % where, shown, "logins and nothing else", "Write {logins: secret://…&rotation=accepted}.")
        found[owner] = _logins(str(options["logins"]), where + ".logins", owner)
    names = [name for logins in found.values() for name in logins]
    for name in names:
        if names.count(name) > 1 or name in owners:
            raise bad_input(option, name, "a login of one owner, that is no owner itself", "Give each owner names of its own.")
    return found


def _logins(text: str, where: str, owner: str) -> Dict[str, str]:
    found: Dict[str, str] = {}
    for line in text.splitlines():
        name, colon, password = line.partition(":")
        if not colon or not NAME.fullmatch(name):
            remedy = "Give a reference with generate=login&users=%s_a,%s_b&rotation=accepted." % (owner, owner)
            raise bad_input(where, "", "logins, a line USER:PASSWORD each", remedy, secret=True)
        if not password:
            raise bad_input("the password of %s in %s" % (name, where), "", "a password", "Write USER:PASSWORD.", secret=True)
        if found.get(name, password) != password:
            raise bad_input(where, name, "one password for a login", "Only users that take turns can have two passwords at once.")
        found[name] = password
    if not found:
        raise bad_input(where, "", "at least one login", "Give a reference with generate=login.", secret=True)
    return found


def quoted(name: str) -> str:
    """Return a name as SQL has it."""
    return '"%s"' % name.replace('"', '""')


def literal(text: str) -> str:
    """Return a text as SQL has it; the server's standard_conforming_strings is on."""
    return "'%s'" % text.replace("'", "''")


def plan(logins: Dict[str, Dict[str, str]], roles: Dict[str, Role]) -> List[Change]:
    """Return what is to be done: new owners, logins that are wanted, and those that are no longer. Raises BadInput."""
    changes = []
    for owner, wanted_logins in logins.items():
        if owner not in roles:
            changes.append(Change(owner, "an owner that nobody logs in as", ["CREATE ROLE %s NOLOGIN;" % quoted(owner)]))
        for name, password in wanted_logins.items():
            changes += _login(name, password, owner, roles.get(name))
    kept = {name for wanted_logins in logins.values() for name in wanted_logins}
    for role in roles.values():
        if role.owner and role.name not in kept and (role.login or role.verifier):
            changes.append(locked(role))
    return changes


def _login(name: str, password: str, owner: str, role: Optional[Role]) -> List[Change]:
    if role is not None and role.superuser:
        raise BadInput(
            "The login %s is a superuser of this server; expected one that has the rights of %s only. Take other names." % (name, owner)
        )
    if role is not None and role.owner not in ("", owner):
        raise BadInput("The login %s is one of %s; expected one of %s. Give each owner names of its own." % (name, role.owner, owner))
    statements, words = ([] if role else ["CREATE ROLE %s;" % quoted(name)]), []
    if role is None or not role.login:
        statements.append("ALTER ROLE %s LOGIN;" % quoted(name))
        words.append("may log in")
    if role is None or not scram.fits(password, role.verifier):
        statements.append("ALTER ROLE %s PASSWORD %s;" % (quoted(name), literal(scram.verifier(password))))
        words.append("has a new password")
    if role is None or owner not in role.owners:
        statements.append("GRANT %s TO %s;" % (quoted(owner), quoted(name)))
        words.append("is a member of %s" % owner)
    if role is None or "role=%s" % owner not in role.acts_as:
        statements.append("ALTER ROLE %s SET role = %s;" % (quoted(name), literal(owner)))
        words.append("acts as %s" % owner)
    if role is None or role.owner != owner:
        statements.append("COMMENT ON ROLE %s IS %s;" % (quoted(name), literal(MARK + owner)))
    return [Change(name, ", ".join(words) or "is marked", statements)] if statements else []


def locked(role: Role) -> Change:
    """Return what keeps a login out; its sessions end."""
    return Change(role.name, "is locked", ["ALTER ROLE %s NOLOGIN PASSWORD NULL;" % quoted(role.name)], ends=True)


def removal(roles: Dict[str, Role]) -> List[Change]:
    """Return what takes all logins away again; one that owns something is only locked, and owners stay: what they own is data."""
    changes = []
    for role in roles.values():
        if role.owner and not role.owns:
            changes.append(Change(role.name, "is dropped", ["DROP ROLE %s;" % quoted(role.name)], ends=True))
        elif role.owner and (role.login or role.verifier):
            changes.append(locked(role))
    going = {change.name for change in changes}
    for owner in sorted({role.owner for role in roles.values() if role.owner}):
        members = {role.name for role in roles.values() if owner in role.owners}
        if owner in roles and not roles[owner].login and not roles[owner].owns and members <= going:
            changes.append(Change(owner, "is dropped", ["DROP ROLE %s;" % quoted(owner)], ends=True))
    return changes


def script(changes: List[Change]) -> str:
    """Return the statements: first those who come in, then nobody who is out gets a new session, then their old ones end."""
    coming = [line for one in changes if not one.ends for line in one.statements]
    going = [one for one in changes if one.ends]
    out = ["ALTER ROLE %s NOLOGIN;" % quoted(one.name) for one in going]
    ends = [END % literal(one.name) for one in going]
    last = [line for one in going for line in one.statements]
    return "\n".join(["BEGIN;", *coming, *out, "COMMIT;", *ends, "BEGIN;", *last, "COMMIT;", ""])


def told(errors: str) -> str:
    """Return what psql complains of, without a verifier that it may quote."""
    lines = [line for line in errors.splitlines() if "SCRAM-SHA-256" not in line]
    return " ".join(lines).strip() or "it says nothing"
