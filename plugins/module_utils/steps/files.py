# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a whole set of files."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any, Dict, List

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, file_set, file_swap
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    # The action plugin packs the mapping into one text: secrets stand in no parameter that Ansible shows.
    "files": {"type": "raw", "required": True, "no_log": True},
    "validate": {"type": "list", "elements": "str", "default": []},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def unpacked(payload: str) -> List[file_set.Entry]:
    """Return the entries that the action plugin packed."""
    entries: List[Dict[str, Any]] = json.loads(zlib.decompress(base64.b64decode(payload)))
    return [file_set.Entry(**{**entry, "content": base64.b64decode(entry.get("content", ""))}) for entry in entries]


def run(module: StepModule) -> None:
    """Compare, stage, validate, journal and swap."""
    entries = unpacked(module.params["files"])
    if module.params["state"] == "absent":
        entries = file_set.removal(entries)
    result: Dict[str, Any] = {"changed": False, "changed_files": [], "change": "", "skipped_validators": [], "diff": []}
    try:
        if not module.check_mode:
            file_swap.collect(entries)
        found = file_set.changes(entries)
        if found:
            file_set.refuse_impossible(found, module.check_mode)
            validators = module.params["validate"] if module.params["state"] == "present" else []
            result["changed"] = True
            result["changed_files"] = sorted(change.entry.path for change in found)
            result["diff"] = [file_set.diff_of(change) for change in found]
            if module.check_mode:
                result["skipped_validators"] = file_swap.rehearse(found, entries, validators)
            else:
                module.about_to_change()
                result["change"] = change_journal.new_change_id()
                for left in file_swap.apply(found, entries, validators, result["change"]):
                    module.warn("%s was removed but could not be taken away for good; the next run tries again." % left)
    except BadInput as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg="%s: %s. Every path of the set is as it was." % (error.filename or "files", error.strerror))
    module.exit_json(**result)
