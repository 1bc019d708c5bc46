# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out whether a host serves what it should."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Mapping

from ansible_collections.groundwork.fleet.plugins.module_utils import (
    health,
    health_input,
    health_maintenance,
    health_net,
    health_result,
    health_run,
    kernel_sockets,
    newest_file,
    reboot,
)
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    "checks": {"type": "dict", "required": True},
    "timeout": {"type": "str", "default": "60s"},
    "fail": {"type": "bool", "default": True},
    "before": {"type": "dict"},
    "compare": {"type": "str", "choices": ["before"]},
    "maintenance": {"type": "list", "elements": "dict", "default": []},
    "sources": {"type": "dict", "default": {}, "no_log": True},
}
#: The check types import them; that they stand here is what makes Ansible send them along.
TRAVELS = (health_net, kernel_sockets, newest_file, reboot)
_earlier: List[health_result.Results] = []  # what the steps before this one found in the same call


def _before(params: Mapping[str, Any]) -> Any:
    if params["before"] is not None or params["compare"] is None:
        return params["before"]
    if not _earlier:
        remedy = "Give `before` the `checks` of an earlier run, or let a health_check step stand before this one in the same list."
        raise bad_input("compare", params["compare"], "something to compare with", remedy)
    return _earlier[-1]


def run(module: StepModule) -> None:
    """Parse, run, report."""
    sources = module.params["sources"]
    try:
        total = health_input.seconds(module.params["timeout"], "timeout")
        checks = health_input.parse(module.params["checks"], sources, lambda name: health.load_type(name, sources[name]), total)
        windows = health_maintenance.windows(module.params["maintenance"])
        before = _before(module.params)
    except BadInput as error:
        module.fail_json(msg=str(error))
    found = health_run.run(checks, total)
    _earlier.append(found)
    results = health_result.excuse(found, before, health_maintenance.reasons(windows, found, time.time()))
    names = {status: [name for name, result in results.items() if result["status"] == status] for status in health_result.STATUSES}
    failed = names["failed"]
    message = health_result.report(results)
    answer = {"checks": results, "failed_checks": failed, "warning_checks": names["warning"], "skipped_checks": names["skipped"]}
    if failed and module.params["fail"]:
        module.fail_json(msg=message, **answer)
    module.exit_json(changed=False, msg=message or health_result.summary(results), **answer)
