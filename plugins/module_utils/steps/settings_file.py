# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set single settings in a file that belongs to someone else, and put them back later."""

from __future__ import annotations

import os
import stat
from typing import Any, Dict

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, originals, settings_lines
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

MEMORY = "/var/lib/groundwork/settings"

ARGUMENTS: Dict[str, Any] = {
    "owner": {"type": "str", "required": True},
    "path": {"type": "path", "required": True},
    "settings": {"type": "dict", "default": {}},
    "separator": {"type": "str", "default": "\t"},
    "instead_of": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "run": {"type": "str", "default": ""},
}
JOURNAL = change_journal.JOURNAL


def memory_path(owner: str, path: str) -> str:
    """Return where the original lines of a file are remembered for an owner."""
    return os.path.join(MEMORY, owner, path.strip("/").replace("/", "%2F") + ".json")


def checked(settings: Dict[str, Any]) -> Dict[str, str]:
    """Return the settings as text. Raises BadInput for a value that is no word."""
    found = {}
    for name, value in settings.items():
        if value is None:
            continue
        if not isinstance(value, (str, int)) or "\n" in str(value):
            raise bad_input("settings[%r]" % name, value, "one line of text", "Put it in quotes.")
        found[str(name)] = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    return found


def write(module: StepModule, path: str, text: str) -> str:
    """Swap the file for one with the new text, as a change of the journal; owner, mode and labels stay. Returns the change's id."""
    from ansible_collections.groundwork.fleet.plugins.module_utils import file_set, file_swap  # pylint: disable=import-outside-toplevel

    info = os.stat(path)
    entry = file_set.Entry(path, "file", stat.S_IMODE(info.st_mode), str(info.st_uid), str(info.st_gid), text.encode())
    try:
        outcome = file_swap.apply([entry], [], file_swap.Conditions(module.params["run"], JOURNAL))
    except BadInput as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg="%s: %s. It is as it was." % (error.filename or path, error.strerror))
    for note in outcome.notes:
        module.warn(note)
    return outcome.change


def run(module: StepModule) -> None:
    """Compare, remember, write."""
    path, record = module.params["path"], memory_path(module.params["owner"], module.params["path"])
    known: settings_lines.Originals = originals.recall(record)
    try:
        settings = checked(module.params["settings"]) if module.params["state"] == "present" else {}
    except BadInput as error:
        module.fail_json(msg=str(error))
    if not os.path.exists(path):
        if not module.check_mode and module.params["state"] == "absent":
            originals.remember(record, {}, MEMORY)
        module.exit_json(changed=False, change="", missing=True, restored=[])
    with open(path, encoding="utf-8") as stream:
        before = stream.read()
    after, remembered = settings_lines.desired(before, settings, known, module.params["separator"], module.params["instead_of"])
    change = ""
    if not module.check_mode:
        if after != before:
            module.about_to_change()
        with originals.kept(record, known, remembered, MEMORY):
            if after != before:
                change = write(module, path, after)
                change_journal.add_effects(originals.effects(record, known, remembered, MEMORY), change, module.params["run"], JOURNAL)
    module.exit_json(
        changed=after != before,
        change=change,
        missing=False,
        restored=sorted(set(known) - set(remembered)),
        diff={"before_header": path, "after_header": path, "before": before, "after": after},
    )
