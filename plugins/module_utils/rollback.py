# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps that are one deployment: where one fails, what they changed is taken back, also what an interrupted run before had changed.

Old secrets are held in memory for as long as that takes, so only the process that replaced one can bring it back.
A record beside the journal tells which changes are not proven yet. It is written before the host is first changed and goes when all steps
have ended well or everything is back. What a killed run left in it is of the next deployment: that proves it or takes it back as well.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, field
from typing import Any, Dict, List, Mapping, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal
from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import replace_durably
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

SUFFIX = ".unproven"


@dataclass
class Record:
    """What is not proven. changes: ids of the journal. run, since: while a step is at work, whose changes after `since` count too.

    hooks: name of a service to what has to follow its deployment, `after_deploy` and `undrain`.
    """

    changes: List[str] = field(default_factory=list)
    run: str = ""
    since: Optional[str] = None
    hooks: Dict[str, Dict[str, Any]] = field(default_factory=dict)


def path_of(journal: str, name: str = "") -> str:
    """Return where the record is. name: of the deployment, empty for that of services."""
    return journal + SUFFIX + ("-" + name if name else "")


def read(journal: str = change_journal.JOURNAL, name: str = "") -> Optional[Record]:
    """Return the record, None where everything is proven."""
    try:
        with open(path_of(journal, name), encoding="utf-8") as stream:
            return Record(**json.load(stream))
    except FileNotFoundError:
        return None


def write(record: Record, journal: str = change_journal.JOURNAL, name: str = "") -> None:
    """Write the record, durably."""
    os.makedirs(journal, mode=0o700, exist_ok=True)
    replace_durably(path_of(journal, name), json.dumps(asdict(record)).encode(), 0o600)


def forget(journal: str = change_journal.JOURNAL, name: str = "") -> None:
    """Drop the record: everything is proven, or back."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path_of(journal, name))


def changes_of(record: Record, journal: str = change_journal.JOURNAL) -> List[str]:
    """Return the ids of the changes that are not proven and still in the journal, newest first."""
    found = {one for one in record.changes if os.path.exists(os.path.join(journal, one, "manifest.json"))}
    for one in change_journal.newer_than(record.since, journal) if record.since is not None else []:
        with contextlib.suppress(BadInput):  # cut off before it had begun
            if change_journal.read(one, journal)["run"] == record.run:
                found.add(one)
    return sorted(found, reverse=True)


def unproven(journal: str = change_journal.JOURNAL) -> List[str]:
    """Return the units that an interrupted run has touched, and nobody has watched since."""
    record = read(journal)
    found = []
    for one in changes_of(record, journal) if record else []:
        with contextlib.suppress(BadInput):
            found += [effect["unit"] for effect in change_journal.read(one, journal)["effects"] if "unit" in effect]
    return sorted(set(found))


class Deployment:
    """The deployment that one call makes, where it asks for that (`wanted`)."""

    def __init__(self, payload: Mapping[str, Any], journal: str = change_journal.JOURNAL) -> None:
        self.journal = journal
        self.wanted = bool(payload.get("rollback"))
        self.run, self.name = str(payload.get("run", "")), str(payload.get("deployment", ""))
        self.record = read(journal, self.name) if self.wanted else None

    def __call__(self) -> None:
        """Called by a step before its first modification of the host."""
        if self.wanted:
            change_journal.hold_secrets(True)
            self.record = self._with_hooks() or Record()
            newest = next(iter(change_journal.newer_than("", self.journal)), "")
            self.record.changes = list(reversed(changes_of(self.record, self.journal)))
            self.record.run, self.record.since = self.run, newest
            write(self.record, self.journal, self.name)

    def step_ended(self, failed: bool) -> None:
        """Take in what a step changed; from here on other changes of this run are none of the deployment."""
        self.record = self._with_hooks()
        if self.record is not None and self.record.since is not None and not failed:
            self.record.changes, self.record.since = list(reversed(changes_of(self.record, self.journal))), None
            write(self.record, self.journal, self.name)

    def _with_hooks(self) -> Optional[Record]:
        """Return the record with the hooks that a step has noted in it."""
        noted = read(self.journal, self.name) if self.record is not None else None
        if self.record is not None and noted is not None:
            self.record.hooks = noted.hooks
        return self.record

    def proven(self) -> None:
        """Every step has ended well, or the last that proves it: what was changed so far stays."""
        change_journal.hold_secrets(False)
        if self.record is not None:
            forget(self.journal, self.name)
            self.record = None

    def take_back(self) -> str:
        """Take everything back. Returns what there is to tell, empty where nothing had been changed."""
        if self.record is None:
            return ""
        from ansible_collections.groundwork.fleet.plugins.module_utils import deploy_hooks, undo  # pylint: disable=import-outside-toplevel

        self.record = self._with_hooks() or self.record
        changes, text = changes_of(self.record, self.journal), ""
        if changes:
            try:
                done = undo.undo(changes, self.run, force=True, journal=self.journal)
            except (BadInput, OSError) as error:
                return "What was changed could not be taken back: %s. The next run tries again." % error
            text = told(done.paths, done.units, done.errors + done.lost)
        change_journal.hold_secrets(False)
        drained = [name for name, hooks in self.record.hooks.items() if hooks.get("undrain")]
        errors = deploy_hooks.take_in(self.record.hooks)
        forget(self.journal, self.name)
        if drained and not errors:
            text += " In service again: %s." % ", ".join(drained)
        return (text + (" But it stays out of service: %s" % "; ".join(errors) if errors else "")).strip()


def told(paths: List[str], units: List[str], errors: List[str]) -> str:
    """Say what was taken back."""
    what = ["%s %s" % (title, ", ".join(names)) for title, names in (("the files", paths), ("the units", units)) if names]
    text = "What this deployment had changed is as it was before: %s." % ("; ".join(what) or "nothing was left of it")
    return text + (" But: %s." % "; ".join(errors) if errors else "")
