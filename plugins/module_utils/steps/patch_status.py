# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out how well patched a host is."""

from __future__ import annotations

from typing import Any, Dict

from ansible_collections.groundwork.fleet.plugins.module_utils import apt, apt_host, patch_record, patch_status
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    "refresh": {"type": "int"},
    "lock_timeout": {"type": "int", "default": 300},
}


def refreshed(module: StepModule, host: apt_host.Apt, records: Dict[str, Any]) -> bool:
    """Fetch the lists where that was asked for and they are too old; tell whether it was done."""
    maximum = module.params["refresh"]
    if maximum is None or module.check_mode or not host.stale(maximum, records["refreshed"]):
        return False
    with apt_host.only_one(module.params["lock_timeout"]):
        try:
            records["refreshed"] = host.refresh()
        except apt_host.AptError as error:
            module.warn("The package lists could not be fetched; what is pending is told from the old ones. %s" % error)
            return False
        apt_host.write_records(records)
    return True


def run(module: StepModule) -> None:
    """Look, and say what was seen."""
    apt_host.demand_apt(module)
    try:
        records = apt_host.read_records()
        host = apt_host.Apt(module.params["lock_timeout"], False)
        fetched = refreshed(module, host, records)
        status = patch_status.gather(host, records["refreshed"])
        begun = patch_record.read()
    except apt_host.AptError as error:
        module.fail_json(msg=str(error))
    run_told = None
    if begun is not None:
        rebooted = patch_record.in_effect(begun, apt.installed(host.packages()))
        run_told = {"begun": begun["begun"], "health": begun["health"], "rebooted": rebooted}
    module.exit_json(changed=False, refreshed=fetched, unfinished=run_told, **status)
