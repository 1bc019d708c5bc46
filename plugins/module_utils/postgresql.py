# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL cluster of a Debian host: where it is, what its files say of it, and how it is asked."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import processes
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

SOCKETS = "/run/postgresql"
ACCOUNT = "postgres"
QUERY_SECONDS = 60.0
SLOT_PREFIX = "groundwork_"
FENCES = "/var/lib/groundwork/fenced"
#: An object that somebody made has a number of at least this (FirstNormalObjectId, src/include/access/transam.h).
FIRST_OBJECT = 16384

#: Statements of a session that carries verifiers of passwords: none of them reaches the server's log.
UNLOGGED = (
    "SET log_statement = 'none'; SET log_min_duration_statement = -1; SET log_min_error_statement = 'panic'; "
    "SET log_duration = off; SET log_parser_stats = off;\n"
)


class Cluster(NamedTuple):
    """One cluster. version: the major version ("15"). name: that of the cluster ("main"). port: of its socket."""

    version: str
    name: str
    port: int

    @property
    def data(self) -> str:
        """The directory of its data."""
        return "/var/lib/postgresql/%s/%s" % (self.version, self.name)

    @property
    def configuration(self) -> str:
        """The directory of its configuration."""
        return "/etc/postgresql/%s/%s" % (self.version, self.name)

    @property
    def unit(self) -> str:
        """Its unit."""
        return "postgresql@%s-%s.service" % (self.version, self.name)

    @property
    def fence(self) -> str:
        """The file that says that this cluster must not run as a primary any more."""
        return "%s/postgresql-%s-%s" % (FENCES, self.version, self.name)

    @property
    def is_standby(self) -> bool:
        """Whether it starts as a standby."""
        return os.path.exists(self.data + "/standby.signal")

    def program(self, name: str) -> str:
        """Return where a program of its version is."""
        return "/usr/lib/postgresql/%s/bin/%s" % (self.version, name)


def checked(version: str, name: str, port: int) -> Cluster:
    """Return the cluster. Raises BadInput for what cannot be one."""
    if not re.fullmatch(r"\d{2}", version):
        raise bad_input("version", version, "a major version of PostgreSQL", "Write two digits in quotes, like '17'.")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise bad_input("cluster", name, "a name of small letters, digits and '_'", "The distribution's own is main.")
    if not 1 <= port <= 65535:
        raise bad_input("port", port, "a port from 1 to 65535", "The usual one is 5432.")
    return Cluster(version, name, port)


def as_account(command: Sequence[str]) -> List[str]:
    """Return a command that runs as the account of the server."""
    return ["runuser", "-u", ACCOUNT, "--", *command]


def environment() -> Dict[str, str]:
    """Return the environment of its programs: nothing of the caller's that they would listen to, messages in English."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "PGAPPNAME": "groundwork", "PGCONNECT_TIMEOUT": "10"}


def run(command: Sequence[str], text: str = "", seconds: float = QUERY_SECONDS) -> Tuple[int, str, str]:
    """Run a program of PostgreSQL as its account; `text` is what it reads. Returns exit status, output and errors."""
    try:
        done = processes.run(
            as_account(command),
            input=text,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=environment(),
            cwd="/",
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return 124, "", "%s did not end within %g s" % (os.path.basename(command[0]), seconds)
    except OSError as error:
        return 127, "", "%s: %s" % (error.filename or command[0], error.strerror)
    return done.returncode, done.stdout, done.stderr


def psql(connection: str) -> List[str]:
    """Return psql for a script on its input, over this connection (keywords of libpq)."""
    return ["psql", "-XAtqw", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=terse", "-d", connection, "-f", "-"]


def local(cluster: Cluster, database: str) -> str:
    """Return the connection of the superuser over the socket."""
    return "host=%s port=%d user=%s dbname=%s" % (SOCKETS, cluster.port, ACCOUNT, keyword(database))


def keyword(value: str) -> str:
    """Return a value as one of a connection of libpq."""
    return "'%s'" % value.replace("\\", "\\\\").replace("'", "\\'")


def execute(cluster: Cluster, script: str, database: str = "postgres") -> str:
    """Run a script in a database and return what it says. Raises BadInput with what the server said; the script is in no error."""
    code, output, errors = run(psql(local(cluster, database)), UNLOGGED + script)
    if code:
        said = (errors.strip() or "exit status %d" % code).replace("psql:<stdin>:", "line ")
        raise BadInput("PostgreSQL %s/%s, database %s: %s" % (cluster.version, cluster.name, database, said))
    return output


def answer(cluster: Cluster, query: str, database: str = "postgres") -> Any:
    """Return the one JSON value of a query. Raises BadInput."""
    return json.loads(execute(cluster, query, database))


def parsed_control(text: str) -> Dict[str, str]:
    """Return what pg_controldata tells, by its words."""
    return {key.strip(): value.strip() for key, _colon, value in (line.partition(":") for line in text.splitlines())}


def control(cluster: Cluster) -> Dict[str, str]:
    """Return the control data of the cluster; empty where it has none."""
    if not os.path.exists(cluster.data + "/global/pg_control"):
        return {}
    code, output, errors = run([cluster.program("pg_controldata"), cluster.data])
    if code:
        raise BadInput("pg_controldata %s failed: %s" % (cluster.data, errors.strip()))
    return parsed_control(output)


def is_fresh(found: Dict[str, str]) -> bool:
    """Return whether a cluster is as its package made it: shut down, and nobody ever made an object in it.

    found: its control data, empty where there is no cluster at all.
    """
    number = found.get("Latest checkpoint's NextOID", "")
    return not found or (found.get("Database cluster state") == "shut down" and number.isdecimal() and int(number) < FIRST_OBJECT)


def position(lsn: str) -> int:
    """Return a place in the write-ahead log ("0/3000148") as a number of bytes."""
    high, _slash, low = lsn.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def identifier(name: str) -> str:
    """Return a name as SQL takes it."""
    return '"%s"' % name.replace('"', '""')


def literal(text: str) -> str:
    """Return a text as SQL takes it, whatever standard_conforming_strings says."""
    quoted = "'%s'" % text.replace("'", "''")
    return " E" + quoted.replace("\\", "\\\\") if "\\" in text else quoted


def slot(member: str) -> str:
    """Return the name of the replication slot of a member; PostgreSQL takes small letters, digits and '_' there."""
    return SLOT_PREFIX + re.sub(r"[^a-z0-9_]", "_", member.lower())


def systemctl(module: StepModule, *arguments: str) -> None:
    """Tell systemd something that has to work. Raises BadInput with what it says."""
    code, _output, errors = module.run_command([module.get_bin_path("systemctl", required=True), *arguments])
    if code:
        raise BadInput("systemctl %s failed: %s" % (" ".join(arguments), errors.strip()))


def is_running(cluster: Cluster) -> bool:
    """Return whether the server of the cluster runs: whether somebody answers behind its socket's lock."""
    try:
        with open("%s/.s.PGSQL.%d.lock" % (SOCKETS, cluster.port), encoding="ascii") as stream:
            os.kill(int(stream.readline()), 0)
    except (OSError, ValueError):
        return False
    return True


def stop(module: StepModule, cluster: Cluster) -> None:
    """Stop the server of a cluster. A unit that is masked already cannot be named to systemd where it does not run."""
    if is_running(cluster):
        systemctl(module, "stop", cluster.unit)
