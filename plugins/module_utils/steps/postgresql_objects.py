# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have the declared roles, databases and replication slots of a PostgreSQL server."""

from __future__ import annotations

import time
from typing import Any, Dict, List

from ansible_collections.groundwork.fleet.plugins.module_utils import postgresql, postgresql_objects
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    "version": {"type": "str", "required": True},
    "cluster": {"type": "str", "default": "main"},
    "port": {"type": "int", "default": 5432},
    # Roles carry passwords. The step travels in the packed list of converge, and what is said to the server is shown without them.
    "roles": {"type": "dict", "default": {}, "no_log": False},
    "databases": {"type": "dict", "default": {}},
    "replication": {"type": "dict", "default": {}},
    "wait": {"type": "int", "default": 60},
}
STREAMING = "SELECT coalesce((SELECT json_build_object('status', status) FROM pg_stat_wal_receiver), '{}');"


def declared(params: Dict[str, Any]) -> Dict[str, Any]:
    """Return roles, databases and slots, with the role of the standbys where there are some."""
    replication = params["replication"]
    roles = {str(name): options or {} for name, options in params["roles"].items()}
    roles[postgresql_objects.HEALTH_ROLE] = {"login": True}
    slots: List[str] = []
    if replication.get("role") == "primary":
        name = replication.get("user") or "replicator"
        roles[name] = {"login": True, "replication": True, "reads_files": True, "password": replication.get("password")}
        slots = [postgresql.slot(str(one)) for one in replication.get("members") or {} if one != replication.get("name")]
    databases = {str(name): options or {} for name, options in params["databases"].items()}
    return {"roles": roles, "databases": databases, "slots": slots}


def follow(cluster: postgresql.Cluster, seconds: int) -> None:
    """Wait until a standby streams from its primary. Raises BadInput where it does not."""
    deadline = time.monotonic() + seconds
    while postgresql.answer(cluster, STREAMING).get("status") != "streaming":
        if time.monotonic() >= deadline:
            raise BadInput(
                "PostgreSQL %s/%s is a standby, but does not stream from its primary after %d s. Its log below /var/log/postgresql says "
                "why: the primary is down, refuses its login, or is another cluster." % (cluster.version, cluster.name, seconds)
            )
        time.sleep(0.5)


def run(module: StepModule) -> None:
    """Observe, decide, say."""
    params = module.params
    try:
        cluster = postgresql.checked(params["version"], params["cluster"], params["port"])
        wanted = declared(params)
        if module.check_mode and not postgresql.is_running(cluster):
            found: Dict[str, Any] = {"recovery": params["replication"].get("role") == "standby"}  # it is not there yet
        else:
            found = postgresql.answer(cluster, postgresql_objects.OBSERVE)
        if params["replication"].get("role") == "standby":
            if not found["recovery"]:
                raise BadInput(
                    "PostgreSQL %s/%s is declared a standby and takes writes: its replication was ended by hand. Declare it the primary, "
                    "or give its data up (docs/postgresql.md, Rejoin)." % (cluster.version, cluster.name)
                )
            if not module.check_mode:
                follow(cluster, params["wait"])
            module.exit_json(changed=False, statements=[], diff={"before": "", "after": ""})
        has = found.get("databases") or {}
        asked = [name for name, one in wanted["databases"].items() if name in has and one.get("extensions")]
        extensions = {name: postgresql.answer(cluster, postgresql_objects.EXTENSIONS, name) for name in asked}
        said = postgresql_objects.statements(wanted, found, extensions)
        if said and not module.check_mode:
            module.about_to_change()
            for statement in said:
                postgresql.execute(cluster, statement.sql + "\n", statement.database)
    except BadInput as error:
        module.fail_json(msg=str(error))
    shown = [statement.shown for statement in said]
    module.exit_json(changed=bool(said), statements=shown, diff={"before": "", "after": "".join(line + "\n" for line in shown)})
