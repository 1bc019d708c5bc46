# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages of a host of rpm: what is asked for is there, or the user is told what to install. Nothing is installed here yet."""

from __future__ import annotations

import fnmatch
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

QUERY = ("rpm", "-qa", "--qf", "%{NAME}\\t%{VERSION}-%{RELEASE}\\n")
# The answer of a host where nothing changes, as the documentation of the module has it.
UNCHANGED: Mapping[str, Any] = {
    "changed": False,
    "installed": {},
    "removed": {},
    "upgraded": {},
    "marked": [],
    "repaired": False,
    "refreshed": False,
    "diff": {"before": "", "after": ""},
}

ANY = (None, "", "*")
# Name to the versions that are installed: of a kernel there are several.
Installed = Mapping[str, Sequence[str]]


def parsed(text: str) -> Dict[str, List[str]]:
    """Return what the answer to QUERY says."""
    found: Dict[str, List[str]] = {}
    for line in text.splitlines():
        name, _tab, version = line.partition("\t")
        found.setdefault(name, []).append(version)
    return found


def satisfied(version: Optional[str], versions: Sequence[str]) -> bool:
    """Tell whether one of the installed versions is the one asked for: a pattern for the version, with or without its release."""
    if version in ANY:
        return bool(versions)
    return any(fnmatch.fnmatchcase(one, str(version)) or fnmatch.fnmatchcase(one.rpartition("-")[0], str(version)) for one in versions)


def refusal(options: Mapping[str, Any], installed: Installed) -> str:
    """Return what keeps a host from being as asked for, with what to do about it; empty where it is so already.

    options: `present`, `absent`, `held` and `upgrade` of the step.
    """
    wanted = sorted(options["present"].items())
    lacking = [
        name if version in ANY else "%s-%s" % (name, version) for name, version in wanted if not satisfied(version, installed.get(name, ()))
    ]
    surplus = [name for name in options["absent"] if name in installed]
    if lacking:
        return _told("present", lacking, "which this host does not have", "install")
    if surplus:
        return _told("absent", surplus, "which this host has", "remove")
    if options["held"]:
        return "held is %r. This collection holds no packages of rpm yet: leave it out and use `dnf versionlock`." % list(options["held"])
    if options["upgrade"] != "none":
        return "upgrade is %r. This collection upgrades no packages of rpm yet: leave it out and use dnf-automatic." % options["upgrade"]
    return ""


def _told(option: str, names: Sequence[str], state: str, verb: str) -> str:
    text = "%s names %s, %s. This collection changes no packages of rpm yet: run `dnf %s %s` on the host, and then this again."
    return text % (option, ", ".join(map(repr, names)), state, verb, " ".join(names))


def run(module: StepModule) -> None:
    """Compare and answer; what nobody installed here is not given back either."""
    if module.params["state"] == "present":
        code, output, errors = module.run_command(list(QUERY))
        reason = refusal(module.params, parsed(output)) if code == 0 else "rpm cannot list the packages: %s" % errors.strip()
        if reason:
            raise BadInput(reason)
    module.exit_json(**UNCHANGED)
