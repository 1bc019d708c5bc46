# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have the data of a PostgreSQL cluster as its place in the replication demands, before it starts."""

from __future__ import annotations

import os
import shutil
import time
from typing import Any, Dict, NamedTuple

from ansible_collections.groundwork.fleet.plugins.module_utils import postgresql
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.postgresql import Cluster, keyword
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    "version": {"type": "str", "required": True},
    "cluster": {"type": "str", "default": "main"},
    "port": {"type": "int", "default": 5432},
    "replication": {"type": "dict", "default": {}},
    "ca": {"type": "path", "default": ""},
}
WAIT = 300  # seconds for the primary to come up and let in
REMEDY = "See docs/postgresql.md, Rejoin."


class Source(NamedTuple):
    """The primary of a standby. connection: keywords of libpq without a database. slot: that of the standby there."""

    connection: str
    slot: str
    wait: float


def source_of(params: Dict[str, Any], cluster: Cluster) -> Source:
    """Return where a standby takes its data from."""
    replication = params["replication"]
    words = {
        "host": str(replication["primary"]),
        "port": str(replication.get("primary_port") or cluster.port),
        "user": replication.get("user") or "replicator",
        "passfile": cluster.configuration + "/groundwork.pgpass",
        "sslmode": "verify-full",
        "sslrootcert": params["ca"],
    }
    connection = " ".join("%s=%s" % (key, keyword(value)) for key, value in words.items())
    return Source(
        connection, postgresql.slot(str(replication.get("name"))), float(WAIT if replication.get("wait") is None else replication["wait"])
    )


def await_slot(source: Source) -> None:
    """Wait until the primary lets this standby in and keeps a slot for it. Raises BadInput with what it said last."""
    deadline = time.monotonic() + source.wait
    query = "SELECT slot_name FROM pg_replication_slots;\n"
    while True:
        code, output, errors = postgresql.run(postgresql.psql(source.connection + " dbname=postgres"), query)
        if code == 0 and source.slot in output.splitlines():
            return
        if time.monotonic() >= deadline:
            said = errors.strip() or "it has no replication slot %s; is replication.name among its replication.members?" % source.slot
            raise BadInput("The primary does not let this standby in after %g s: %s" % (source.wait, said))
        time.sleep(1)


def base_backup(cluster: Cluster, source: Source) -> str:
    """Take a base backup and put it in the place of the data, which is kept beside where it is not fresh. Returns where, or nothing."""
    await_slot(source)
    incoming = cluster.data + ".incoming"
    shutil.rmtree(incoming, ignore_errors=True)
    command = ["pg_basebackup", "--pgdata", incoming, "--dbname", source.connection, "--wal-method", "stream", "--slot", source.slot]
    code, _output, errors = postgresql.run(
        [cluster.program(command[0]), *command[1:], "--checkpoint", "fast", "--no-password"], seconds=86400
    )
    if code:
        raise BadInput("pg_basebackup failed, the data of this host is as it was: %s" % errors.strip())
    mark_standby(incoming)
    fresh = postgresql.is_fresh(postgresql.control(cluster))
    aside = "%s.replaced-%s" % (cluster.data, time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()))
    if os.path.exists(cluster.data):
        os.rename(cluster.data, aside)
    os.rename(incoming, cluster.data)
    if fresh:
        shutil.rmtree(aside, ignore_errors=True)
    return "" if fresh else aside


def rewind(cluster: Cluster, source: Source) -> None:
    """Take back what this cluster wrote after its former standby was promoted, and fetch what it has missed."""
    await_slot(source)
    command = [cluster.program("pg_rewind"), "--target-pgdata", cluster.data, "--source-server", source.connection + " dbname=postgres"]
    if int(cluster.version) >= 15:  # for a cluster that was not shut down cleanly; its configuration is not among its data
        command += ["--config-file", cluster.configuration + "/postgresql.conf"]
    code, output, errors = postgresql.run(command, seconds=86400)
    if code:
        said = (errors.strip() or output.strip()).splitlines()[-3:]
        raise BadInput("pg_rewind failed: %s. Take replication.rejoin: base_backup instead." % " ".join(said))
    mark_standby(cluster.data)


def mark_standby(directory: str) -> None:
    """Have a cluster start as a standby; its connection is in its configuration."""
    path = directory + "/standby.signal"
    with open(path, "w", encoding="ascii"):
        pass
    shutil.chown(path, postgresql.ACCOUNT, postgresql.ACCOUNT)
    os.chmod(path, 0o600)


def let_in(module: StepModule, cluster: Cluster) -> None:
    """Take the fence of a former primary away, now that it is a standby."""
    if os.path.exists(cluster.fence):
        postgresql.systemctl(module, "unmask", cluster.unit)
        os.unlink(cluster.fence)
        if not os.listdir(postgresql.FENCES):
            os.rmdir(postgresql.FENCES)


def refuse_primary(cluster: Cluster) -> None:
    """Raise BadInput where a cluster must not be run as one that takes writes."""
    if os.path.exists(cluster.fence):
        with open(cluster.fence, encoding="utf-8") as stream:
            reason = stream.read().strip()
        raise BadInput(
            "PostgreSQL %s/%s must not run as a primary: %s. Declare it a standby of that host. %s"
            % (cluster.version, cluster.name, reason, REMEDY)
        )
    if cluster.is_standby:
        raise BadInput(
            "PostgreSQL %s/%s is a standby and is declared to take writes. Promote it by the playbook groundwork.fleet.promote_postgresql, "
            "which sees to the old primary first." % (cluster.version, cluster.name)
        )


def way_of(cluster: Cluster, rejoin: str) -> str:
    """Return how a cluster becomes a standby: base_backup, rewind, or nothing where it is one. Raises BadInput for data of its own."""
    found = postgresql.control(cluster)
    if cluster.is_standby and found:
        return ""
    if postgresql.is_fresh(found):
        return "base_backup"
    if rejoin not in ("rewind", "base_backup"):
        raise BadInput(
            "%s has data of its own and is declared a standby, so it would be lost. Where it may go, run with replication.rejoin: rewind "
            "(a former primary of this fleet) or base_backup (anything else; the old directory is kept beside). %s" % (cluster.data, REMEDY)
        )
    return rejoin


def run(module: StepModule) -> None:
    """See what the cluster is, and make it what it has to be."""
    params = module.params
    replication = params["replication"]
    kept, way = "", ""
    try:
        cluster = postgresql.checked(params["version"], params["cluster"], params["port"])
        if replication.get("role") != "standby":
            refuse_primary(cluster)
        elif not replication.get("primary") or not replication.get("name"):
            missing = "primary" if not replication.get("primary") else "name"
            raise BadInput("replication.%s is not set; expected that of the host. A standby needs primary and name." % missing)
        elif os.path.exists(cluster.program("pg_controldata")) or not module.check_mode:
            way = way_of(cluster, str(replication.get("rejoin") or "never"))
        else:
            way = "base_backup"
        if way and not module.check_mode:
            module.about_to_change()
            postgresql.stop(module, cluster)
            if way == "rewind":
                rewind(cluster, source_of(params, cluster))
            else:
                kept = base_backup(cluster, source_of(params, cluster))
        if replication.get("role") == "standby" and not module.check_mode:
            let_in(module, cluster)
    except BadInput as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg="%s: %s" % (error.filename or "postgresql_cluster", error.strerror))
    after = "standby of %s by %s\n" % (replication.get("primary"), way) if way else ""
    module.exit_json(changed=bool(way), way=way, kept=kept, diff={"before": "", "after": after})
