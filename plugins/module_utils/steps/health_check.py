# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out whether a host serves what it should."""

from __future__ import annotations

from typing import Any, Dict

from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_input, health_run
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    "checks": {"type": "dict", "required": True},
    "timeout": {"type": "str", "default": "60s"},
    "fail": {"type": "bool", "default": True},
    "sources": {"type": "dict", "default": {}, "no_log": True},
}


def run(module: StepModule) -> None:
    """Parse, run, report."""
    sources = module.params["sources"]
    try:
        total = health_input.seconds(module.params["timeout"], "timeout")
        checks = health_input.parse(module.params["checks"], sources, lambda name: health.load_type(name, sources[name]), total)
    except BadInput as error:
        module.fail_json(msg=str(error))
    results = health_run.run(checks, total)
    failed = [name for name, result in results.items() if result["status"] == "failed"]
    message = health_run.report(results)
    if failed and module.params["fail"]:
        module.fail_json(msg=message, checks=results, failed_checks=failed)
    module.exit_json(changed=False, msg=message or "all %d checks passed" % len(results), checks=results, failed_checks=failed)
