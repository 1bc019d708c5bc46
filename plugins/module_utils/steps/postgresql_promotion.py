# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hand the writes of a replication from one PostgreSQL server to another: look, fence the one, promote the other."""

from __future__ import annotations

import os
import time
from typing import Any, Dict

from ansible_collections.groundwork.fleet.plugins.module_utils import postgresql
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.postgresql import Cluster
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    "state": {"type": "str", "choices": ["observed", "fenced", "promoted"], "required": True},
    "version": {"type": "str", "required": True},
    "cluster": {"type": "str", "default": "main"},
    "port": {"type": "int", "default": 5432},
    "successor": {"type": "str", "default": ""},
    "position": {"type": "str", "default": ""},
    "wait": {"type": "int", "default": 60},
}
LOOK = """WITH here AS (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END AS lsn)
SELECT json_build_object('recovery', pg_is_in_recovery(), 'position', (SELECT lsn FROM here)::text,
'standbys', (SELECT coalesce(json_object_agg(application_name, pg_wal_lsn_diff((SELECT lsn FROM here), replay_lsn)), '{}')
  FROM pg_stat_replication WHERE state = 'streaming'));"""
# Nobody sees the table: it is gone with the transaction that makes it.
WRITE = """BEGIN; CREATE TABLE public.groundwork_promotion (at timestamptz DEFAULT now());
INSERT INTO public.groundwork_promotion DEFAULT VALUES; DROP TABLE public.groundwork_promotion; COMMIT;"""


def look(cluster: Cluster) -> Dict[str, Any]:
    """Return what a server is: `running`, `recovery` (a standby), `position` in the log, `standbys` with how many bytes each is behind.

    Of one that does not run, `position` is that of its last checkpoint, and `clean` tells whether it was shut down.
    """
    if postgresql.is_running(cluster):
        return {"running": True, "clean": False, **postgresql.answer(cluster, LOOK)}
    found = postgresql.control(cluster)
    return {
        "running": False,
        "clean": found.get("Database cluster state", "").startswith("shut down"),
        "recovery": cluster.is_standby,
        "position": found.get("Latest checkpoint location", ""),
        "standbys": {},
    }


def fence(module: StepModule, cluster: Cluster, successor: str) -> None:
    """Keep a former primary from running: for this collection by a record, for systemd by a mask, across a reboot."""
    os.makedirs(postgresql.FENCES, mode=0o700, exist_ok=True)
    with open(cluster.fence, "w", encoding="utf-8") as stream:
        stream.write("%s took over at %s\n" % (successor, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())))
    postgresql.stop(module, cluster)
    postgresql.systemctl(module, "mask", cluster.unit)


def promote(cluster: Cluster, position: str, seconds: int) -> None:
    """Wait until a standby has all that its primary wrote, end its recovery and prove that it takes writes. Raises BadInput."""
    deadline = time.monotonic() + seconds
    found = look(cluster)
    while position and found["recovery"] and postgresql.position(found["position"]) < postgresql.position(position):
        if time.monotonic() >= deadline:
            raise BadInput(
                "The standby is at %s after %d s and its former primary ended at %s: what lies between would be lost. It was not promoted. "
                "Look for what it lacks, or start the primary again (systemctl unmask, start)." % (found["position"], seconds, position)
            )
        time.sleep(0.2)
        found = look(cluster)
    if found["recovery"]:
        said = postgresql.execute(cluster, "SELECT pg_promote(true, %d);" % seconds).strip()
        if said != "t":
            raise BadInput("pg_promote did not end the recovery within %d s; the server's log says why." % seconds)
    postgresql.execute(cluster, WRITE)


def wanted_change(state: str, found: Dict[str, Any], cluster: Cluster) -> bool:
    """Return whether something has to be done for a state."""
    if state == "fenced":
        return bool(found["running"] or not os.path.exists(cluster.fence))
    return state == "promoted" and bool(found["recovery"])


def run(module: StepModule) -> None:
    """Look, refuse what would lose data, act, look again."""
    params = module.params
    state = params["state"]
    try:
        cluster = postgresql.checked(params["version"], params["cluster"], params["port"])
        found = look(cluster)
        if state == "promoted" and not found["running"]:
            raise BadInput(
                "%s does not run; a standby is promoted while it runs. See `systemctl status %s`." % (cluster.unit, cluster.unit)
            )
        if state == "fenced" and found["recovery"]:
            raise BadInput("%s is a standby; expected the former primary. A standby needs no fence." % cluster.unit)
        changed = wanted_change(state, found, cluster)
        if changed and not module.check_mode:
            module.about_to_change()
            if state == "fenced":
                fence(module, cluster, params["successor"])
            else:
                promote(cluster, params["position"], params["wait"])
            found = look(cluster)
    except BadInput as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg="%s: %s" % (error.filename or "postgresql_promotion", error.strerror))
    module.exit_json(changed=changed, found=found, diff={"before": "", "after": "%s %s\n" % (cluster.unit, state) if changed else ""})
