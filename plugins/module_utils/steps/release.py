# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install release archives side by side and switch between them."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from typing import Any, Dict, List, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import (
    change_journal,
    file_set,
    file_swap,
    release_archive,
    release_signature,
)
from ansible_collections.groundwork.fleet.plugins.module_utils import release as releases_util
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    "releases": {"type": "dict", "required": True},
    "base": {"type": "path", "default": "/opt"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "phase": {"type": "str", "choices": list(releases_util.PHASES), "default": "all"},
    "run": {"type": "str", "default": ""},
    # Filled by the action plugin: archives that the controller has, by name, once they are on the host.
    "transferred": {"type": "dict", "default": {}},
}
JOURNAL = change_journal.JOURNAL


def open_url(url: str) -> Any:
    """Return the stream of a download. TLS and all of HTTP are slow to import, so they come where something is fetched."""
    from ansible.module_utils import urls  # pylint: disable=import-outside-toplevel

    return urls.open_url(url, timeout=60, follow_redirects="safe")


def fetch(where: str, url: str, directory: str) -> str:
    """Download an archive or a signature; returns its path."""
    handle, path = tempfile.mkstemp(dir=directory, prefix="release-")
    try:
        with os.fdopen(handle, "wb") as stream:
            shutil.copyfileobj(open_url(url), stream)
    except Exception as error:  # urllib raises a dozen unrelated types; all of them mean the same here
        raise BadInput(
            "%s: %s could not be fetched: %s. Nothing was installed; check that this host reaches it." % (where, url, error)
        ) from error
    return path


def verify(release: releases_util.Release, path: str) -> None:
    """Refuse an archive that is not the one declared."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    if digest.hexdigest() != release.sha256:
        found = "%s has %s; nothing was installed." % (release.url, digest.hexdigest())
        remedy = found + " Correct the checksum only if you trust that archive."
        raise bad_input(release.where + ".sha256", release.sha256, "the checksum of the archive", remedy)


def install(release: releases_util.Release, base: str, archive: str) -> None:
    """Unpack beside the destination, then put it in place."""
    directory = os.path.join(releases_util.home(base, release.name), "releases")
    final = os.path.join(directory, release.version)
    mark = releases_util.mark_of(base, release.name, release.version)
    staged = os.path.join(directory, "." + release.version + releases_util.PARTIAL)
    os.makedirs(staged, mode=0o755)
    if release.binary:
        shutil.copyfile(archive, os.path.join(staged, release.binary))
        os.chmod(os.path.join(staged, release.binary), 0o755)  # noqa: S103  # a program, as those of an archive
    else:
        release_archive.unpack(archive, staged, release.strip)
    os.sync()
    if os.path.lexists(mark):
        os.unlink(mark)
    if os.path.lexists(final):
        old = os.path.join(directory, "." + release.version + releases_util.OLD)
        os.rename(final, old)
        os.rename(staged, final)
        shutil.rmtree(old)
    else:
        os.rename(staged, final)
    with open(mark + releases_util.PARTIAL, "w", encoding="utf-8") as stream:
        stream.write(release.sha256 + "\n")
    os.rename(mark + releases_util.PARTIAL, mark)


def remove(path: str) -> None:
    if os.path.islink(path) or os.path.isfile(path):
        os.unlink(path)
    elif os.path.isdir(path):
        shutil.rmtree(path)


def put_back(installed: releases_util.Installed) -> None:
    """Put what an interrupted run moved away back in its place, so that the service has it whatever comes next."""
    for old, final in installed.interrupted:
        os.rename(old, final)


def remove_release(base: str, name: str) -> None:
    """Remove what this module put there; the directory itself goes when nothing else is in it."""
    top = releases_util.home(base, name)
    for entry in ("current", "current" + releases_util.PARTIAL, *releases_util.COLOURS, "releases"):
        remove(os.path.join(top, entry))
    if os.path.isdir(top) and not os.listdir(top):
        os.rmdir(top)


def prune(base: str, name: str, versions: List[str]) -> None:
    directory = os.path.join(releases_util.home(base, name), "releases")
    for version in versions:
        remove(releases_util.mark_of(base, name, version))
        remove(os.path.join(directory, version))


def bring(module: StepModule, release: releases_util.Release, transferred: Dict[str, str]) -> str:
    """Fetch, verify and unpack a release, or leave nothing of it. Returns the id of the change in the journal."""
    base, where = module.params["base"], release.where
    top = releases_util.home(base, release.name)
    archive = transferred[release.name] if release.name in transferred else fetch(where + ".url", release.url, module.tmpdir)
    replaced = os.path.lexists(os.path.join(top, "releases", release.version))
    try:
        verify(release, archive)
        if release.signature:
            signature = fetch(where + ".signature.url", release.signature, module.tmpdir)
            release_signature.verify(where + ".signature", archive, signature, release.key, module.tmpdir)
        install(release, base, archive)
    except BaseException:
        put_back(releases_util.observe(base, release.name))
        remove(os.path.join(top, "releases", "." + release.version + releases_util.PARTIAL))
        for directory in (os.path.join(top, "releases"), top):
            if os.path.isdir(directory) and not os.listdir(directory):
                os.rmdir(directory)
        raise
    if replaced:
        return ""  # what it replaced is gone: the new one is better than none
    return change_journal.add_effects(unpacked_effects(top, release.version), "", module.params["run"], JOURNAL)


def unpacked_effects(top: str, version: str) -> List[Dict[str, Any]]:
    """Return how a release is taken away again, the last first: itself, then the directories that have nothing else."""
    releases = os.path.join(top, "releases")
    paths = [os.path.join(releases, version), os.path.join(releases, "." + version + releases_util.MARK)]
    what = "the installation of %s" % paths[0]
    away = ["rm", "-rf", "--", *paths]
    return [{"undo": ["rmdir", "--ignore-fail-on-non-empty", "--", releases, top], "what": what}, {"undo": away, "what": what}]


def switch(module: StepModule, release: releases_util.Release) -> str:
    """Put a release into use, in one move. Returns the id of the change in the journal."""
    link = os.path.join(releases_util.home(module.params["base"], release.name), "current")
    entry = file_set.Entry(link, "link", target=os.path.join("releases", release.version))
    outcome = file_swap.apply([entry], [], file_swap.Conditions(run=module.params["run"], journal=JOURNAL))
    for note in outcome.notes:
        module.warn(note)
    return outcome.change


def carry_out(module: StepModule, release: releases_util.Release, steps: releases_util.Steps, transferred: Dict[str, str]) -> str:
    """Take the steps of one release. Returns the id of its last change in the journal."""
    base, change = module.params["base"], ""
    for path in releases_util.observe(base, release.name).leftovers:
        remove(path)
    if steps.remove:
        remove_release(base, release.name)
        return ""
    if steps.unpack:
        change = bring(module, release, transferred)
    if steps.switch:
        change = switch(module, release)
    prune(base, release.name, list(steps.prune))
    return change


def planned(module: StepModule, result: Dict[str, Any]) -> List[Tuple[releases_util.Release, releases_util.Steps]]:
    """Return each release with what has to happen to it, and note that in the result. Raises BadInput."""
    base = module.params["base"]
    before, after, todo = "", "", []
    for wanted in releases_util.wanted_releases(module.params["releases"], module.params["state"]):
        installed = releases_util.observe(base, wanted.name)
        if installed.interrupted and not module.check_mode:
            put_back(installed)
            installed = releases_util.observe(base, wanted.name)
        release = releases_util.found_version(wanted, installed) if wanted.installed else wanted
        steps = releases_util.decide(release, installed, module.params["phase"])
        before += releases_util.described(release, installed)
        after += releases_util.described(release, installed, steps)
        todo.append((release, steps))
        note(result, release, steps, installed, base)
        if steps.unpack and not release.remote and release.name not in module.params["transferred"]:
            result["needed"].append(release.name)
    result["changed"] = any(steps.changed for _release, steps in todo)
    result["diff"] = {"before": before, "after": after}
    return todo


def note(
    result: Dict[str, Any], release: releases_util.Release, steps: releases_util.Steps, installed: releases_util.Installed, base: str
) -> None:
    """Note in the result what is to happen to one release."""
    top = releases_util.home(base, release.name)
    if steps.unpack:
        result["installed"].append(release.name)
    result["changed_files"] += releases_util.changed_files(base, release, steps, installed)
    if steps.switch:
        result["switched"][release.name] = {"before": installed.current or "", "after": release.version}
    if steps.remove:
        result["removed"].append(release.name)
    result["pruned"] += [os.path.join(top, "releases", version) for version in steps.prune]


def foreseen(module: StepModule, changed_files: List[str]) -> List[str]:  # noqa: ARG001  # the form of all
    """Return the links that would change."""
    result: Dict[str, Any] = {"installed": [], "removed": [], "pruned": [], "changed_files": [], "needed": [], "switched": {}}
    planned(module, result)
    return list(result["changed_files"])


def run(module: StepModule) -> None:
    """Observe, decide, carry out."""
    result: Dict[str, Any] = {"changed": False, "installed": [], "removed": [], "pruned": [], "changed_files": [], "needed": []}
    result.update(switched={}, change="")
    os.umask(0o022)
    try:
        todo = planned(module, result)
        if not module.check_mode and not result["needed"]:
            if result["changed"]:
                module.about_to_change()
            for release, steps in todo:
                result["change"] = carry_out(module, release, steps, module.params["transferred"]) or result["change"]
    except BadInput as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        remedy = "Run again once it is mended; half-finished work is removed then."
        module.fail_json(msg="%s: %s. %s" % (error.filename or module.params["base"], error.strerror, remedy))
    module.exit_json(**result)
