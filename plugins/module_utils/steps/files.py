# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a whole set of files. Where nothing differs, only the comparison is loaded and run."""

from __future__ import annotations

import base64
import json
import os
import zlib
from dataclasses import replace
from typing import Any, Dict, List

from ansible_collections.groundwork.fleet.plugins.module_utils import (
    change_journal,
    file_originals,
    file_purge,
    file_set,
    originals,
    secret_paths,
)
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    # The action plugin packs the mapping into one text: secrets stand in no parameter that Ansible shows.
    "files": {"type": "raw", "required": True, "no_log": True},
    "validate": {"type": "list", "elements": "str", "default": []},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "owner": {"type": "str", "default": ""},
    "prune": {"type": "dict", "default": {}},
    "transferred": {"type": "dict", "default": {}},
    "run": {"type": "str", "default": ""},
    "keep_changes": {"type": "int", "default": change_journal.KEPT},
    "keep_days": {"type": "int", "default": change_journal.KEPT_DAYS},
}
JOURNAL = change_journal.JOURNAL
MANAGED = file_purge.MANAGED


def unpacked(payload: str) -> List[file_set.Entry]:
    """Return the entries that the action plugin packed."""
    entries: List[Dict[str, Any]] = json.loads(zlib.decompress(base64.b64decode(payload)))
    return [file_set.Entry(**{**entry, "content": base64.b64decode(entry.get("content", ""))}) for entry in entries]


def wanted(module: StepModule, replaced: file_originals.Originals) -> List[file_set.Entry]:
    """Return the set as it is to be on this host."""
    sent: Dict[str, str] = module.params["transferred"]
    entries = [replace(entry, source=sent[entry.sha256]) if entry.sha256 in sent else entry for entry in unpacked(module.params["files"])]
    entries = [file_set.owned(entry) for entry in entries]
    if module.params["owner"]:
        entries = file_originals.completed([] if module.params["state"] == "absent" else entries, replaced)
    elif module.params["state"] == "absent":
        entries = file_set.removal(entries)
    entries = file_purge.pruned(entries, module.params["prune"], module.params["state"] == "absent", MANAGED)
    if any(entry.credential for entry in entries):
        from ansible_collections.groundwork.fleet.plugins.module_utils import credentials  # pylint: disable=import-outside-toplevel

        entries = [credentials.sealed(entry, module.check_mode) for entry in entries]
    return secret_paths.marked(file_purge.expanded(entries, MANAGED), JOURNAL)


def answer_of(found: List[file_set.Change]) -> Dict[str, Any]:
    """Return what changes, as the module answers."""
    from ansible_collections.groundwork.fleet.plugins.module_utils.file_diff import diff_of  # pylint: disable=import-outside-toplevel

    shown = [change for change in found if not change.entry.internal]
    return {
        "changed": bool(shown),
        "changed_files": sorted(change.entry.path for change in shown),
        "diff": [diff_of(change) for change in shown],
    }


def remembered_first(memory: str, entries: List[file_set.Entry], replaced: file_originals.Originals) -> None:
    """Remember what the set replaces before anything is written: a run that is cut off has forgotten nothing."""
    newly = file_originals.newly(entries, replaced)
    if newly:
        replaced.update(newly)
        originals.remember(memory, replaced, file_originals.MEMORY)


def forget(memory: str, replaced: file_originals.Originals, module: StepModule, change: str) -> None:
    """Drop the originals that are back in their places."""
    declared = {entry.path for entry in unpacked(module.params["files"])} if module.params["state"] == "present" else set()
    kept = {path: original for path, original in replaced.items() if path in declared}
    if kept != replaced:
        if change:
            told = originals.effects(memory, replaced, kept, file_originals.MEMORY)
            change_journal.add_effects(told, change, module.params["run"], JOURNAL)
        originals.remember(memory, kept, file_originals.MEMORY)


def rehearsed(module: StepModule, found: List[file_set.Change], entries: List[file_set.Entry], validators: List[str]) -> List[str]:
    """Judge a set without writing it. Returns the validators that could not run yet."""
    from ansible_collections.groundwork.fleet.plugins.module_utils import file_validators  # pylint: disable=import-outside-toplevel

    file_set.refuse_impossible(found, entries, module.check_mode)
    return file_validators.rehearse(found, entries, validators)


def carried_out(module: StepModule, entries: List[file_set.Entry], validators: List[str]) -> Dict[str, Any]:
    """Put a set in place."""
    from ansible_collections.groundwork.fleet.plugins.module_utils import file_swap  # pylint: disable=import-outside-toplevel

    params = module.params
    conditions = file_swap.Conditions(params["run"], JOURNAL, kept=params["keep_changes"], days=params["keep_days"])
    outcome = file_swap.apply(entries, validators, conditions)
    for note in outcome.notes:
        module.warn(note)
    return dict(answer_of(outcome.found), change=outcome.change)


def foreseen(module: StepModule, changed_files: List[str]) -> List[str]:  # noqa: ARG001  # the form of all
    """Return the paths that would change."""
    memory = file_originals.memory_path(module.params["owner"]) if module.params["owner"] else ""
    found = file_set.changes(wanted(module, originals.recall(memory) if memory else {}))
    return [change.entry.path for change in found if not change.entry.internal]


def run(module: StepModule) -> None:
    """Compare, and where something differs: stage, validate, journal and swap."""
    result: Dict[str, Any] = {
        "changed": False,
        "changed_files": [],
        "change": "",
        "skipped_validators": [],
        "diff": [],
        "needed": [],
        "waiting": [],
    }
    try:
        memory = file_originals.memory_path(module.params["owner"]) if module.params["owner"] else ""
        replaced = originals.recall(memory) if memory else {}
        entries = wanted(module, replaced)
        if memory and not module.check_mode:
            remembered_first(memory, entries, replaced)
        result["waiting"] = sorted(entry.path for entry in entries if entry.patient)
        found = file_set.changes(entries)
        validators = module.params["validate"] if module.params["state"] == "present" else []
        if module.check_mode:
            if found:
                result.update(answer_of(found), skipped_validators=rehearsed(module, found, entries, validators))
        elif file_set.lacking(found):
            file_set.refuse_impossible(found, entries, check_mode=False)
            result.update(answer_of(found), needed=file_set.lacking(found))
        elif file_set.withheld(entries) and change_journal.pending(JOURNAL):
            result.update(needed=file_set.withheld(entries))  # what is taken back first may make any of them differ
        elif found or change_journal.pending(JOURNAL):
            if any(entry.internal for entry in entries):
                os.makedirs(MANAGED, mode=0o700, exist_ok=True)
            file_set.refuse_impossible(found, entries, check_mode=False)
            # What an interrupted change left is taken back first, and then there may be more to do than was found.
            if any(not change.entry.internal for change in found) or change_journal.pending(JOURNAL):
                module.about_to_change()
            result.update(carried_out(module, entries, validators))
        if memory and not module.check_mode and not result["needed"]:
            forget(memory, replaced, module, result["change"])
    except BadInput as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg="%s: %s. Every path of the set is as it was." % (error.filename or "files", error.strerror))
    module.exit_json(**result)
