# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let exactly the declared logins into PostgreSQL on behalf of their owners, and lock those that are no longer declared."""

from __future__ import annotations

from typing import Any, Dict, List

from ansible_collections.groundwork.fleet.plugins.module_utils import postgresql_roles, processes
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

SECONDS = 60  # for psql; a statement on a role waits for nothing but another one on the same role

ARGUMENTS: Dict[str, Any] = {
    "owners": {"type": "dict", "default": {}, "no_log": True},
    "port": {"type": "int", "default": 5432},
    "account": {"type": "str", "default": "postgres"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def asked(module: StepModule, statements: str) -> str:
    """Return what the server answers. Fails the step where it does not run or refuses."""
    command = ["runuser", "-u", module.params["account"], "--", "psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1"]
    command += ["-p", str(module.params["port"]), "-d", "postgres", "-f", "-"]
    try:
        done = processes.run(command, input=statements, capture_output=True, encoding="utf-8", errors="replace", timeout=SECONDS, cwd="/")
    except OSError as error:
        module.fail_json(msg="runuser cannot be started: %s." % error.strerror)
    except Exception as error:  # pylint: disable=broad-except  # subprocess.TimeoutExpired quotes what was asked
        module.fail_json(msg="psql failed (%s): expected an answer of the server within %d s." % (type(error).__name__, SECONDS))
    if done.returncode:
        remedy = "Expected a server on port %s that lets the account %s in (peer); the service postgresql of the catalogue is one."
        text = "psql failed: %s. " + remedy
        module.fail_json(msg=text % (postgresql_roles.told(done.stderr), module.params["port"], module.params["account"]))
    return str(done.stdout)


def changes_of(module: StepModule, roles: Dict[str, postgresql_roles.Role]) -> List[postgresql_roles.Change]:
    """Return what is to be done. Fails the step for wrong input."""
    try:
        if module.params["state"] == "absent":
            return postgresql_roles.removal(roles)
        return postgresql_roles.plan(postgresql_roles.wanted(module.params["owners"]), roles)
    except BadInput as error:
        module.fail_json(msg=str(error))


def run(module: StepModule) -> None:
    """Observe, plan, change, and see that it is so."""
    absent = module.params["state"] == "absent"
    if module.get_bin_path("psql") is None and (module.check_mode or absent):
        changes = changes_of(module, {})  # the server comes with this run, or is gone
        module.exit_json(changed=bool(changes), roles={one.name: one.words for one in changes})
    roles = postgresql_roles.observed(asked(module, postgresql_roles.OBSERVE))
    changes = changes_of(module, roles)
    if changes and not module.check_mode:
        module.about_to_change()
        asked(module, postgresql_roles.script(changes))
        left = changes_of(module, postgresql_roles.observed(asked(module, postgresql_roles.OBSERVE)))
        if left:
            module.fail_json(msg="The server took the statements, and it is not so: %s." % ", ".join(one.name for one in left))
    lines = ["%s %s\n" % (one.name, one.words) for one in changes]
    module.exit_json(changed=bool(changes), roles={one.name: one.words for one in changes}, diff={"before": "", "after": "".join(lines)})
