# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring the host's PAM stack to declared profiles, by the means of the distribution, and put back what was there."""

from __future__ import annotations

import glob
import json
import os
import stat
import tempfile
from typing import Any, Dict, List, Mapping, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, file_diff, file_set, pam_composition, pam_texts
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

MEMORY = "/var/lib/groundwork"
MODULES = ("/usr/lib/*/security", "/lib/*/security", "/usr/lib64/security", "/lib64/security", "/usr/lib/security", "/lib/security")
JOURNAL = change_journal.JOURNAL

ARGUMENTS: Dict[str, Any] = {
    "owner": {"type": "str", "required": True},
    "profiles": {"type": "dict", "default": {}},
    "user": {"type": "str", "default": ""},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "run": {"type": "str", "default": ""},
}

Texts = Dict[str, str]
Memory = Dict[str, Any]  # profiles: names; arguments: pam_texts.Arguments with what was there; lines: pam_texts.Lines


def recall(path: str) -> Memory:
    """Return what an owner did to the stack."""
    try:
        with open(path, encoding="utf-8") as stream:
            found: Memory = json.load(stream)
            return found
    except FileNotFoundError:
        return {"profiles": [], "arguments": {}, "lines": {}}


def record_path(owner: str) -> str:
    """Return where that stands."""
    return os.path.join(MEMORY, "pam.%s.json" % owner)


def record_of(path: str, memory: Memory) -> file_set.Entry:
    """Return the record as one of the files of a change: what takes the change back brings the record back too."""
    if not any(memory.values()):
        return file_set.Entry(path, "absent", internal=True)
    return file_set.Entry(path, "file", 0o600, content=json.dumps(memory, indent=1, sort_keys=True).encode(), internal=True)


def has_module(name: str) -> bool:
    """Tell whether the host has a PAM module, given by its name or its path."""
    return os.path.exists(name) if name.startswith("/") else any(glob.glob(os.path.join(place, name)) for place in MODULES)


def service_path(name: str) -> str:
    """Return where a service is declared."""
    return os.path.join(pam_composition.SERVICES, name)


def profile_path(name: str) -> str:
    """Return where a profile of ours stands."""
    return os.path.join(pam_composition.PROFILES, pam_composition.PREFIX + name)


def put_back(texts: Texts, memory: Memory, wanted: pam_texts.Wanted) -> None:
    """Take out of the texts what the owner did to them and does not want any more."""
    for service, modules in memory["arguments"].items():
        for module, before in modules.items():
            left = {name: word for name, word in before.items() if name not in wanted.arguments.get(service, {}).get(module, {})}
            path = service_path(service)
            if path in texts:
                texts[path] = pam_texts.argued(texts[path], module, left)[0]
    for service, kinds in memory["lines"].items():
        for kind, lines in kinds.items():
            path = service_path(service)
            if path in texts:
                texts[path] = pam_texts.without_lines(texts[path], kind, lines)


def put(texts: Texts, memory: Memory, wanted: pam_texts.Wanted) -> Memory:
    """Set arguments and lines in the texts. Returns what to remember. A service that the host does not have is left out."""
    kept: Memory = {"profiles": sorted(wanted.profiles), "arguments": {}, "lines": {}}
    for service, modules in wanted.arguments.items():
        for module, words in modules.items():
            text, before = pam_texts.argued(texts.get(service_path(service), ""), module, words)
            before.update(memory["arguments"].get(service, {}).get(module, {}))
            if before:
                texts[service_path(service)] = text
                kept["arguments"].setdefault(service, {})[module] = {name: before[name] for name in words if name in before}
    for service, kinds in wanted.lines.items():
        for kind, lines in kinds.items():
            if service_path(service) in texts:
                texts[service_path(service)] = pam_texts.with_lines(texts[service_path(service)], kind, lines)
                kept["lines"].setdefault(service, {})[kind] = lines
    return kept


def lacking(texts: Texts, wanted: pam_texts.Wanted) -> List[str]:
    """Return the lines of profiles that stand in no stack."""
    return pam_texts.lacking({kind: texts.get(service_path("common-" + kind), "") for kind in pam_texts.TYPES}, wanted.stacks)


def entries_of(before: Texts, after: Mapping[str, str]) -> List[file_set.Entry]:
    """Return what differs as a set of files; modes and owners stay, a new file is readable by everybody."""
    found = []
    for path in sorted({*before, *after}):
        if path not in after:
            found.append(file_set.Entry(path, "absent"))
        elif before.get(path) != after[path]:
            content = after[path].encode("utf-8", "surrogateescape")
            if path in before:
                info = os.stat(path)
                owner, group = file_diff.name_of("user", info.st_uid), file_diff.name_of("group", info.st_gid)
                found.append(file_set.Entry(path, "file", stat.S_IMODE(info.st_mode), owner, group, content))
            else:
                found.append(file_set.Entry(path, "file", 0o644, "root", "root", content))
    return found


def services_of(texts: Texts) -> Dict[str, str]:
    """Return the texts of the services by name."""
    return {os.path.basename(path): text for path, text in texts.items() if path.startswith(pam_composition.SERVICES + "/")}


def prove(module: StepModule, before: Texts, texts: Texts) -> None:
    """Refuse a stack that PAM cannot run, or that keeps out who is let in now. Nothing is in place yet."""
    from ansible_collections.groundwork.fleet.plugins.module_utils import pam_proof  # pylint: disable=import-outside-toplevel

    services = services_of(texts)
    # What the distribution itself asks for and does not bring (pam_lastlog.so in Ubuntu 24.04) is as it was.
    usual = pam_texts.missing_modules(services_of(before), has_module)
    missing = [one for one in pam_texts.missing_modules(services, has_module) if one not in usual]
    if missing:
        raise BadInput("%s needs %s, which this host does not have. Nothing was changed. Install its package first." % missing[0])
    for service, text in services.items():
        jump = pam_texts.unsafe_jumps(text)
        if jump:
            raise BadInput("%s would jump beyond its end: %r. Nothing was changed." % (service_path(service), jump))
    user = module.params["user"] or os.environ.get("SUDO_USER") or "root"
    questions = [pam_proof.Question(service, user) for service in ("sshd", "sudo", "login")]
    questions += [pam_proof.Question("su", "root", authenticate=True), pam_proof.Question("cron", "root")]
    with tempfile.TemporaryDirectory(prefix="groundwork-") as directory:
        pam_composition.stage(directory, texts)
        refused = pam_proof.refused(questions, directory + pam_composition.SERVICES)
    if refused:
        text = "The service %s of PAM would keep %s out, who is let in now. Nothing was changed. Leave out what shuts the account out."
        raise BadInput(text % (refused.service, refused.user))


def apply(module: StepModule, entries: List[file_set.Entry]) -> str:
    """Swap the files as one change of the journal. Returns its id."""
    from ansible_collections.groundwork.fleet.plugins.module_utils import file_swap  # pylint: disable=import-outside-toplevel

    outcome = file_swap.apply(entries, [], file_swap.Conditions(module.params["run"], JOURNAL))
    for note in outcome.notes:
        module.warn(note)
    return outcome.change


def desired(before: Texts, memory: Memory, wanted: pam_texts.Wanted) -> Tuple[Texts, Memory]:
    """Return the texts as they are to be, and what to remember."""
    texts = dict(before)
    put_back(texts, memory, wanted)
    removed = [name for name in memory["profiles"] if name not in wanted.profiles]
    for name in removed:
        texts.pop(profile_path(name), None)
    for name, text in wanted.profiles.items():
        texts[profile_path(name)] = text
    same_profiles = all(before.get(profile_path(name)) == text for name, text in wanted.profiles.items())
    if removed or not same_profiles or lacking(texts, wanted):
        with tempfile.TemporaryDirectory(prefix="groundwork-") as directory:
            texts = pam_composition.composed(texts, wanted.profiles, removed, directory)
        left = lacking(texts, wanted)
        if left:
            remedy = "Run 'pam-auth-update --force' once, and look at what it replaces."
            raise bad_input("/etc/pam.d/common-*", left[0], "that pam-auth-update writes this line", remedy)
    return texts, put(texts, memory, wanted)


def run(module: StepModule) -> None:
    """Compose, compare, prove, write."""
    record = record_path(module.params["owner"])
    memory = recall(record)
    before: Texts = {}
    for directory in (pam_composition.SERVICES, pam_composition.PROFILES, pam_composition.RECORDS):
        before.update(pam_composition.read_directory(directory))
    change = ""
    try:
        wanted = pam_texts.wanted(module.params["profiles"] if module.params["state"] == "present" else {})
        after, kept = desired(before, memory, wanted)
        entries = entries_of(before, after)
        changes = [file_set.Change(entry, file_set.observe(entry.path)) for entry in entries]
        if entries and not module.check_mode:
            prove(module, before, after)
            module.about_to_change()
        if not module.check_mode and (entries or kept != memory):
            os.makedirs(MEMORY, mode=0o700, exist_ok=True)
            change = apply(module, [*entries, record_of(record, kept)])
    except BadInput as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg="%s: %s. PAM is as it was." % (error.filename or "PAM", error.strerror))
    module.exit_json(
        changed=bool(entries),
        changed_files=sorted(entry.path for entry in entries),
        change=change,
        diff=[file_diff.diff_of(one) for one in changes],
    )
