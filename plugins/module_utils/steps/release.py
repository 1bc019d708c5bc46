# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install release archives side by side and switch between them."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from typing import Any, Dict, List

from ansible.module_utils.urls import open_url
from ansible_collections.groundwork.fleet.plugins.module_utils import release as releases_util
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    "releases": {"type": "dict", "required": True},
    "base": {"type": "path", "default": "/opt"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    # Filled by the action plugin: archives that the controller has, by name, once they are on the host.
    "transferred": {"type": "dict", "default": {}},
}


def fetch(release: releases_util.Release, directory: str) -> str:
    """Download the archive of a release; returns its path."""
    handle, path = tempfile.mkstemp(dir=directory, prefix="release-")
    try:
        with os.fdopen(handle, "wb") as stream:
            shutil.copyfileobj(open_url(release.url, timeout=60, follow_redirects="safe"), stream)
    except Exception as error:  # urllib raises a dozen unrelated types; all of them mean the same here
        raise BadInput(
            "releases[%r].url: %s could not be fetched: %s. Nothing was installed; check that this host reaches it."
            % (release.name, release.url, error)
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
        raise bad_input("releases[%r].sha256" % release.name, release.sha256, "the checksum of the archive", remedy)


def install(release: releases_util.Release, base: str, archive: str) -> None:
    """Unpack beside the destination, then put it in place."""
    directory = os.path.join(releases_util.home(base, release.name), "releases")
    final = os.path.join(directory, release.version)
    mark = releases_util.mark_of(base, release.name, release.version)
    staged = os.path.join(directory, "." + release.version + releases_util.PARTIAL)
    os.makedirs(staged, mode=0o755)
    releases_util.unpack(archive, staged, release.strip)
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


def carry_out(module: StepModule, release: releases_util.Release, steps: releases_util.Steps, transferred: Dict[str, str]) -> None:
    """Take the steps of one release."""
    base = module.params["base"]
    top = releases_util.home(base, release.name)
    installed = releases_util.observe(base, release.name)
    for path in installed.leftovers:
        remove(path)
    if steps.remove:
        remove_release(base, release.name)
        return
    if steps.unpack:
        archive = transferred[release.name] if release.name in transferred else fetch(release, module.tmpdir)
        try:
            verify(release, archive)
            install(release, base, archive)
        except BaseException:
            put_back(releases_util.observe(base, release.name))
            remove(os.path.join(top, "releases", "." + release.version + releases_util.PARTIAL))
            for directory in (os.path.join(top, "releases"), top):
                if os.path.isdir(directory) and not os.listdir(directory):
                    os.rmdir(directory)
            raise
    if steps.switch:
        link = os.path.join(top, "current")
        os.symlink(os.path.join("releases", release.version), link + releases_util.PARTIAL)
        os.replace(link + releases_util.PARTIAL, link)
    prune(base, release.name, list(steps.prune))


def run(module: StepModule) -> None:
    """Observe, decide, carry out."""
    result: Dict[str, Any] = {"changed": False, "installed": [], "removed": [], "pruned": [], "changed_files": [], "needed": []}
    os.umask(0o022)
    base, transferred = module.params["base"], module.params["transferred"]
    before, after, todo = "", "", []
    try:
        for release in releases_util.wanted_releases(module.params["releases"], module.params["state"]):
            installed = releases_util.observe(base, release.name)
            if installed.interrupted and not module.check_mode:
                put_back(installed)
                installed = releases_util.observe(base, release.name)
            steps = releases_util.decide(release, installed)
            before += releases_util.described(release, installed)
            after += releases_util.described(release, installed, steps)
            todo.append((release, steps))
            top = releases_util.home(base, release.name)
            if steps.unpack and not release.remote and release.name not in transferred:
                result["needed"].append(release.name)
            if steps.unpack:
                result["installed"].append(release.name)
            result["changed_files"] += releases_util.changed_files(base, release, steps)
            if steps.remove:
                result["removed"].append(release.name)
            result["pruned"] += [os.path.join(top, "releases", version) for version in steps.prune]
        result["changed"] = any(steps.changed for _release, steps in todo)
        result["diff"] = {"before": before, "after": after}
        if not module.check_mode and not result["needed"]:
            if result["changed"]:
                module.about_to_change()
            for release, steps in todo:
                carry_out(module, release, steps, transferred)
    except BadInput as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        remedy = "Run again once it is mended; half-finished work is removed then."
        module.fail_json(msg="%s: %s. %s" % (error.filename or base, error.strerror, remedy))
    module.exit_json(**result)
