# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be said to a PostgreSQL server so that it has the declared roles, databases and slots. Decides, touches nothing."""

from __future__ import annotations

from typing import Any, Iterable, Iterator, List, Mapping, NamedTuple, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import scram
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.module_utils.postgresql import SLOT_PREFIX, identifier, literal

#: Attribute of a role to its column of pg_authid.
ATTRIBUTES = {"login": "rolcanlogin", "createdb": "rolcreatedb", "createrole": "rolcreaterole", "replication": "rolreplication"}
ATTRIBUTES["bypassrls"] = "rolbypassrls"
ROLE_KEYS = (*ATTRIBUTES, "password", "member_of", "connection_limit", "state", "reads_files")
DATABASE_KEYS = ("owner", "encoding", "locale", "extensions", "connect", "public_connect", "state", "drop")
STATES = ("present", "absent")
RESERVED = ("postgres", "public", "none", "current_user", "current_role", "session_user")
NOT_DROPPED = ("postgres", "template0", "template1")
HEALTH_ROLE = "groundwork_health"  # it may log in and nothing else; root is it by pg_ident.conf
#: What pg_rewind calls (its documentation names them); a role that may stream all files may as well read them.
READS_FILES = (
    "pg_ls_dir(text, boolean, boolean)",
    "pg_stat_file(text, boolean)",
    "pg_read_binary_file(text)",
    "pg_read_binary_file(text, bigint, bigint, boolean)",
)

_CONNECT = "aclexplode(coalesce(datacl, acldefault('d', datdba))) WHERE privilege_type = 'CONNECT'"
OBSERVE = """SELECT json_build_object('recovery', pg_is_in_recovery(),
'roles', (SELECT json_object_agg(rolname, json_build_object({attributes}, 'superuser', rolsuper,
  'connection_limit', rolconnlimit, 'password', coalesce(rolpassword, ''),
  'member_of', (SELECT coalesce(json_agg(g.rolname), '[]') FROM pg_auth_members JOIN pg_roles g ON g.oid = roleid WHERE member = r.oid),
  'reads_files', (SELECT bool_and(has_function_privilege(r.oid, f, 'EXECUTE')) FROM unnest(ARRAY[{functions}]) f))) FROM pg_authid r),
'databases', (SELECT json_object_agg(datname, json_build_object('owner', o.rolname, 'encoding', pg_encoding_to_char(encoding),
  'public_connect', EXISTS (SELECT FROM {connect} AND grantee = 0),
  'connect', (SELECT coalesce(json_agg(c.rolname), '[]') FROM pg_roles c WHERE c.oid IN (SELECT grantee FROM {connect}))))
  FROM pg_database JOIN pg_roles o ON o.oid = datdba),
'slots', (SELECT coalesce(json_object_agg(slot_name, active), '{{}}') FROM pg_replication_slots WHERE slot_type = 'physical'));""".format(  # noqa: S608  # made of constants of this file
    attributes=", ".join("'%s', %s" % pair for pair in ATTRIBUTES.items()),
    functions=", ".join("'%s'::regprocedure::oid" % one for one in READS_FILES),
    connect=_CONNECT,
)
EXTENSIONS = "SELECT coalesce(json_agg(extname), '[]') FROM pg_extension;"


class Statement(NamedTuple):
    """One statement, the database it is for, and how it is shown: without a verifier."""

    sql: str
    shown: str
    database: str = "postgres"


def _said(sql: str, database: str = "postgres") -> Statement:
    return Statement(sql, sql, database)


def refuse_wrong(roles: Mapping[str, Any], databases: Mapping[str, Any]) -> None:
    """Raise BadInput for what cannot be a role or a database, or must not go."""
    for name, options in roles.items():
        where = "roles.%s" % name
        _refuse_keys(where, options, ROLE_KEYS)
        if name in RESERVED or name.startswith("pg_"):
            raise bad_input(where, name, "a role of your own", "PostgreSQL keeps this name for itself.")
    for name, options in databases.items():
        where = "databases.%s" % name
        _refuse_keys(where, options, DATABASE_KEYS)
        if options.get("state") == "absent" and name in NOT_DROPPED:
            raise bad_input("%s.state" % where, "absent", "present", "The server needs this database.")
        if options.get("state") == "absent" and not options.get("drop"):
            remedy = "Write drop: true beside it: the database and all that is in it are gone for good. Make a dump before."
            raise bad_input("%s.state" % where, "absent", "drop: true with it", remedy)


def _refuse_keys(where: str, options: object, known: Iterable[str]) -> None:
    if not isinstance(options, dict):
        raise bad_input(where, options, "a mapping", "Write {} for the defaults.")
    for key in options:
        if key not in known:
            raise unknown_name("key", "a key of %s" % where, str(key), known)
    if options.get("state", "present") not in STATES:
        raise bad_input("%s.state" % where, options["state"], "present or absent", "Leave it out to have it.")


def role_statements(name: str, wanted: Mapping[str, Any], found: Optional[Mapping[str, Any]]) -> Iterator[Statement]:
    """Yield what makes or changes a role: no right that is not declared, a password only where it is not the one that is kept."""
    quoted = identifier(name)
    has = {"superuser": False, "connection_limit": -1, **dict.fromkeys(ATTRIBUTES, False), **(found or {})}
    attributes = {"superuser": False, **{key: bool(wanted.get(key)) for key in ATTRIBUTES}}
    words = [("" if value else "NO") + key.upper() for key, value in attributes.items() if not found or bool(has[key]) != value]
    limit = wanted.get("connection_limit")
    limit = -1 if limit is None else int(limit)
    if limit != has["connection_limit"]:
        words.append("CONNECTION LIMIT %d" % limit)
    if words:
        yield _said("%s ROLE %s %s;" % ("ALTER" if found else "CREATE", quoted, " ".join(words)))
    password = wanted.get("password")
    if password and not scram.fits(str(password), str((found or {}).get("password", ""))):
        text = "ALTER ROLE %s PASSWORD %s;"
        yield Statement(text % (quoted, literal(scram.verifier(str(password)))), text % (quoted, "(hidden)"))
    if wanted.get("reads_files") and not has.get("reads_files"):
        for function in READS_FILES:
            yield _said("GRANT EXECUTE ON FUNCTION pg_catalog.%s TO %s;" % (function, quoted))


def membership_statements(name: str, wanted: Mapping[str, Any], found: Optional[Mapping[str, Any]]) -> Iterator[Statement]:
    """Yield what makes a role a member of exactly the declared ones; without `member_of` nothing is changed."""
    groups = wanted.get("member_of")
    has = list((found or {}).get("member_of", []))
    for group in groups or ():
        if group not in has:
            yield _said("GRANT %s TO %s;" % (identifier(group), identifier(name)))
    if groups is not None:
        for group in (one for one in has if one not in groups):
            yield _said("REVOKE %s FROM %s;" % (identifier(group), identifier(name)))


def database_statements(
    name: str, wanted: Mapping[str, Any], found: Optional[Mapping[str, Any]], extensions: Iterable[str] = ()
) -> Iterator[Statement]:
    """Yield what makes or changes a database. extensions: those that it has. Raises BadInput for an encoding that is another one."""
    quoted, owner = identifier(name), wanted.get("owner") or "postgres"
    encoding = wanted.get("encoding") or "UTF8"
    if not found:
        words = ["OWNER %s" % identifier(owner), "TEMPLATE template0", "ENCODING %s" % literal(encoding)]
        words += ["LOCALE %s" % literal(wanted["locale"])] if wanted.get("locale") else []
        yield _said("CREATE DATABASE %s %s;" % (quoted, " ".join(words)))
    elif str(found["encoding"]).replace("-", "") != encoding.upper().replace("-", ""):
        remedy = (
            "The encoding of a database cannot be changed: dump it, drop it and restore it into a new one, or declare %s."
            % found["encoding"]
        )
        raise bad_input(
            "databases.%s.encoding" % name, encoding, "the encoding of the database on the host, %s" % found["encoding"], remedy
        )
    elif found["owner"] != owner:
        yield _said("ALTER DATABASE %s OWNER TO %s;" % (quoted, identifier(owner)))
    public = bool(wanted.get("public_connect"))
    if public != (bool(found["public_connect"]) if found else True):
        rights = "CONNECT, TEMPORARY ON DATABASE %s" % quoted
        yield _said("GRANT %s TO PUBLIC;" % rights if public else "REVOKE %s FROM PUBLIC;" % rights)
    yield from _connect_statements(name, owner, wanted.get("connect"), (found or {}).get("connect", []))
    for extension in wanted.get("extensions") or ():
        if extension not in extensions:
            yield _said("CREATE EXTENSION %s CASCADE;" % identifier(extension), name)


def _connect_statements(name: str, owner: str, wanted: Optional[List[str]], has: Iterable[str]) -> Iterator[Statement]:
    for role in wanted or ():
        if role not in has and role != owner:
            yield _said("GRANT CONNECT ON DATABASE %s TO %s;" % (identifier(name), identifier(role)))
    for role in has if wanted is not None else ():
        if role not in (wanted or ()) and role != owner:
            yield _said("REVOKE CONNECT ON DATABASE %s FROM %s;" % (identifier(name), identifier(role)))


def slot_statements(wanted: Iterable[str], found: Mapping[str, bool]) -> Iterator[Statement]:
    """Yield what makes the slots of the standbys, and takes away those of standbys that are gone: they would keep all of the log.

    found: name of each physical slot to whether it is in use; a slot in use stays.
    """
    names = list(wanted)
    for name in names:
        if name not in found:
            yield _said("SELECT pg_create_physical_replication_slot(%s, true);" % literal(name))
    for name, active in found.items():
        if name.startswith(SLOT_PREFIX) and name not in names and not active:
            yield _said("SELECT pg_drop_replication_slot(%s);" % literal(name))


def statements(declared: Mapping[str, Any], found: Mapping[str, Any], extensions: Mapping[str, Iterable[str]]) -> List[Statement]:
    """Return all that has to be said, in an order in which each finds what it names.

    declared: roles, databases, slots. found: the answer to OBSERVE. extensions: those of each declared database that exists.
    """
    roles, databases = declared["roles"], declared["databases"]
    refuse_wrong(roles, databases)
    has_roles, has_databases = found.get("roles") or {}, found.get("databases") or {}
    said: List[Statement] = []
    present = {name: options for name, options in roles.items() if options.get("state") != "absent"}
    for name, options in databases.items():
        if options.get("state") == "absent" and name in has_databases:
            said.append(_said("DROP DATABASE %s;" % identifier(name)))
    for name, options in present.items():
        said += role_statements(name, options, has_roles.get(name))
    for name, options in present.items():
        said += membership_statements(name, options, has_roles.get(name))
    for name, options in databases.items():
        if options.get("state") != "absent":
            said += database_statements(name, options, has_databases.get(name), extensions.get(name, ()))
    said += slot_statements(declared["slots"], found.get("slots") or {})
    said += [_said("DROP ROLE %s;" % identifier(name)) for name in roles if name not in present and name in has_roles]
    return said
