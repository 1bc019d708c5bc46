# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that judge a staged set before anything is swapped."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from typing import Dict, List

from ansible_collections.groundwork.fleet.plugins.module_utils import processes
from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import write_durably
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Change, Entry, placeholders

VALIDATOR_SECONDS = 60
UNITS = ("systemd-analyze", "verify")  # judged by unit_verify: it ends well where it ignores a line


class ValidationFailed(BadInput):
    """A validator refused the staged set; nothing was changed."""


def run_validators(validators: List[str], entries: List[Entry], located: Dict[str, str], missing_allowed: bool) -> List[str]:
    """Run each validator on the staged set. Return those skipped for want of their program (only where that is allowed).

    What follows ` # ` in one says which variables it judges, for who is to mend them.
    Raises ValidationFailed with the command and its output; a validator that takes over a minute has failed and is killed.
    """
    skipped = []
    for whole in validators:
        line, _hash, judged = whole.partition(" # ")
        mend = " Correct %s." % judged if judged else ""
        argv = []
        if tuple(shlex.split(line)[:2]) == UNITS:
            skipped += _judge_units(line, entries, located, missing_allowed)
            continue
        for word in shlex.split(line):
            for placeholder, path in placeholders(entries, located):
                word = word.replace(placeholder, path)
            argv.append(word)
        if shutil.which(argv[0]) is None and missing_allowed:
            skipped.append(whole)
            continue
        try:
            done = processes.run(
                argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=VALIDATOR_SECONDS
            )
        except FileNotFoundError:
            raise ValidationFailed("validate is %r; expected a program of the host. Install it before this task." % argv[0]) from None
        except subprocess.TimeoutExpired:
            raise ValidationFailed("The validator %r did not end within %g s; nothing was changed." % (line, VALIDATOR_SECONDS)) from None
        if done.returncode != 0 and any(entry.secret and "{%s}" % entry.path in line for entry in entries):
            raise ValidationFailed(
                "The validator %r refused the new files (exit status %d); nothing was changed.%s What it says may show a secret and is not "
                "printed: run it on the host." % (line, done.returncode, mend)
            )
        if done.returncode != 0:
            output = done.stdout.decode("utf-8", "replace").strip()
            for placeholder, path in placeholders(entries, located):
                output = output.replace(path, placeholder[1:-1])
            raise ValidationFailed("The validator %r refused the new files; nothing was changed.%s It says: %s" % (line, mend, output))
    return skipped


def _judge_units(line: str, entries: List[Entry], located: Dict[str, str], missing_allowed: bool) -> List[str]:
    """Have systemd judge the unit files that a validator names, under their own names: it knows a unit by that."""
    from ansible_collections.groundwork.fleet.plugins.module_utils import unit_verify  # pylint: disable=import-outside-toplevel

    if not unit_verify.possible() and missing_allowed:
        return [line]
    known = {"{%s}" % entry.path: entry.path for entry in entries if entry.kind == "file"}
    units = {}
    for word in shlex.split(line)[2:]:
        path = known.get(word, word)
        if os.path.exists(located.get(path, path)):
            with open(located.get(path, path), "rb") as stream:
                units[path] = stream.read()
    said = unit_verify.refused(units)
    if said:
        remedy = "Correct the directive in the declaration (systemd.directives(7) has all)."
        raise ValidationFailed("systemd refuses the new units; nothing was changed. %s\nIt says:\n%s" % (remedy, said))
    return []


def rehearse(found: List[Change], entries: List[Entry], validators: List[str]) -> List[str]:
    """Run the validators on a copy of the new files outside the destinations. Return the validators that could not run yet.

    One that needs large content which check mode does not send is among them.
    """
    unsent = {"{%s}" % change.entry.path for change in found if change.entry.size >= 0 and not change.entry.source}
    possible = [line for line in validators if not any(placeholder in line for placeholder in unsent)]
    if not possible:
        return validators
    with tempfile.TemporaryDirectory(prefix="groundwork-") as directory:
        located = {}
        for number, change in enumerate(found):
            if change.entry.kind == "file" and "{%s}" % change.entry.path not in unsent:
                located[change.entry.path] = os.path.join(directory, "%d-%s" % (number, os.path.basename(change.entry.path)))
                write_durably(located[change.entry.path], change.entry.content, 0o600)
        skipped = run_validators(possible, entries, located, missing_allowed=True)
        return skipped + [line for line in validators if line not in possible]
