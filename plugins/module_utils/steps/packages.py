# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring packages to what an owner asks for, and give them back."""

from __future__ import annotations

import contextlib
import shutil
from typing import Any, Dict, List, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import apt, apt_host, package_lists, package_owners
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, nearest
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    "owner": {"type": "str", "required": True},
    "present": {"type": "dict", "default": {}},
    "absent": {"type": "list", "elements": "str", "default": []},
    "held": {"type": "list", "elements": "str", "default": []},
    "others": {"type": "list", "elements": "str", "default": []},
    "others_present": {"type": "dict"},
    "upgrade": {"type": "str", "choices": ["none", "security", "all"], "default": "none"},
    "refresh": {"type": "int", "default": 86400},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "install_recommends": {"type": "bool", "default": False},
    "lock_timeout": {"type": "int", "default": 300},
    "config_files": {"type": "str", "choices": ["keep", "replace"], "default": "keep"},
}


class Run:
    """One run of the module: what it was asked, what it found and what it changed."""

    def __init__(self, module: StepModule) -> None:
        options = module.params
        self.module = module
        self.host = apt_host.Apt(options["lock_timeout"], options["install_recommends"], options["config_files"])
        architecture = self.host.architecture
        self.owner: str = options["owner"]
        versions = {apt.native(str(name), architecture): version for name, version in options["present"].items()}
        own: Dict[str, Any] = {name: None if version == "*" else version for name, version in versions.items()}
        self.absent: List[str] = [apt.native(name, architecture) for name in options["absent"]]
        self.held: List[str] = [apt.native(name, architecture) for name in options["held"]]
        apt.check_input(own, self.absent, self.held)
        others = package_owners.checked(options["others_present"] or {}, architecture)
        self.wishes: Dict[str, Dict[str, Optional[str]]] = {self.owner: own, **others}
        package_owners.contradictions(others, self.absent)
        self.present = package_owners.together(self.wishes)
        self.check: bool = module.check_mode
        self.records = apt_host.read_records()
        self.refreshed = self.repaired = False
        self.database: Dict[str, apt.Package] = {}
        self.marked: List[str] = []
        self.missing: List[str] = []
        self.unknown: List[str] = []

    def save(self) -> None:
        """Keep the records, except in check mode."""
        if not self.check:
            apt_host.write_records(self.records)

    def asks(self) -> List[str]:
        """Return the owners of which the controller has to say what they want, before anything is done."""
        self.database = self.host.packages()
        here = apt.installed(self.database)
        incomplete = not all(apt.satisfied(name, version, here) for name, version in self.present.items())
        return package_owners.asked(self.module.params, self.records, incomplete)

    def mark(self, how: str, names: List[str]) -> None:
        """Set a mark and report it."""
        self.marked += ["%s %s" % (how, name) for name in sorted(names)]
        if names and not self.check:
            self.module.about_to_change()
            self.host.mark(how, sorted(names))

    def repair(self) -> None:
        """Finish an interrupted dpkg."""
        if not self.check:
            apt_host.restore_policy()
        self.database = self.database or self.host.packages()
        self.repaired = self.host.journal_is_open() or bool(apt.unfinished(self.database))
        if self.repaired and not self.check:
            self.module.about_to_change()
            self.repaired = self.host.repair()
            self.database = self.host.packages()

    def refresh(self, reason: str) -> None:
        """Fetch the lists. Old lists are good enough where the network is away; missing ones are not."""
        try:
            self.records["refreshed"] = self.host.refresh()
        except apt_host.AptError as error:
            if reason != "age":
                raise
            text = "The package lists are older than %d s and could not be fetched; going on with them. %s"
            self.module.warn(text % (self.module.params["refresh"], error))
        else:
            self.refreshed = True
            self.save()

    def without_unknown(self, missing: List[str]) -> List[str]:
        """Return those of `missing` that the lists know, after fetching the lists where that may help."""
        reason = self.host.stale(self.module.params["refresh"], self.records["refreshed"])
        if reason and not self.check:
            self.refresh(reason)
        unknown = self.host.unknown(missing)
        if unknown and self.check:
            self.module.warn("Not in the present package lists, so check mode cannot tell their versions: %s" % ", ".join(unknown))
        elif unknown and not self.refreshed:
            self.refresh("unknown")
            unknown = self.host.unknown(missing)
        if unknown and not self.check:
            close = nearest(unknown[0], self.host.all_names())
            remedy = "Did you mean %r?" % close if close else "Check the name, or add its repository (packages_repositories)."
            names = ", ".join("%r (for %s)" % (name, ", ".join(package_owners.wanted_by(self.wishes, name))) for name in unknown)
            raise apt_host.AptError("present names %s, which no repository of this host offers. %s" % (names, remedy))
        return [name for name in missing if name not in unknown]

    def plan(self, here: Dict[str, str]) -> List[str]:
        """Return apt-get's arguments for the one transaction; empty where nothing is missing."""
        options = self.module.params
        missing = self.missing = sorted(name for name, version in self.present.items() if not apt.satisfied(name, version, here))
        wanted: List[str] = []
        if missing or options["upgrade"] != "none":
            wanted = self.without_unknown(missing)
        self.unknown = [name for name in missing if name not in wanted]
        arguments = self.named(wanted)
        arguments += [name for name in self.upgrades(options["upgrade"]) if name not in self.present or not self.present[name]]
        arguments += [name + "-" for name in self.absent if name in here]
        return command(arguments)

    def upgrades(self, mode: str) -> List[str]:
        """Return what is to be upgraded. Where nothing has changed since apt had nothing to offer, it is not asked again."""
        if mode == "none":
            return []
        seen = {"upgrade": mode, "state": package_lists.state()}
        if self.records["settled"] == seen:
            return []
        pending, refusal = self.host.simulate(["--with-new-pkgs", "upgrade"])
        if refusal:
            raise apt_host.AptError("apt-get upgrade refuses: %s" % refusal)
        found = apt.upgrades(pending, mode)
        self.records["settled"] = {} if found else seen
        return found

    def named(self, names: Sequence[str]) -> List[str]:
        """Return packages as apt-get takes them, with the version that is wanted."""
        return ["%s=%s" % (name, self.present[name]) if self.present[name] else name for name in names]

    def shares(self, simulation: apt.Simulation, arguments: List[str]) -> Dict[str, package_owners.Share]:
        """Return whose doing the transaction is. Asks apt once for each owner, where several have something missing."""
        missing = {owner: [name for name in self.missing if name in present] for owner, present in self.wishes.items()}
        if not any(missing[owner] for owner in missing if owner != self.owner):
            return {self.owner: package_owners.Share(set(simulation.install), set(simulation.remove))}
        others = {part for owner, names in missing.items() if owner != self.owner for part in self.named(names)}
        own = [part for part in arguments[arguments.index("install") + 1 :] if part not in others - set(self.named(missing[self.owner]))]
        parts = {self.owner: own, **{owner: self.named(names) for owner, names in missing.items() if owner != self.owner}}
        found = {owner: self.host.simulate(command(part))[0] for owner, part in parts.items() if part}
        return {owner: package_owners.Share(set(one.install), set(one.remove)) for owner, one in found.items()}

    def culprit(self) -> str:
        """Return which owner's wish apt refuses, where several have one."""
        for owner, present in self.wishes.items():
            names = self.named([name for name in self.missing if name in present])
            refusal = self.host.simulate(command(names))[1] if names and len(self.wishes) > 1 else ""
            if refusal:
                return " It is about what %r asks for (%s): %s" % (owner, ", ".join(names), refusal)
        return ""

    def agreed(self, arguments: List[str], packages: Dict[str, apt.Package]) -> apt.Simulation:
        """Let apt simulate the plan and refuse one that breaks a wish."""
        simulation, refusal = self.host.simulate(arguments)
        if refusal and not self.check and not self.refreshed:
            self.refresh("refused")
            simulation, refusal = self.host.simulate(arguments)
        if refusal and self.check and self.missing:  # a repository that is not written yet, or lists too old
            self.module.warn("With the present package lists apt-get refuses: %s" % refusal)
            self.unknown = self.missing
            return apt.Simulation({}, {})
        if refusal:
            wanted = {name: self.present[name] for name in self.missing if self.present[name]}
            versions = package_lists.without_version(wanted, self.host.must(["apt-cache", "madison", *wanted]).out) if wanted else ""
            raise apt_host.AptError("apt-get refuses the transaction: %s.%s%s" % (refusal.rstrip("."), versions, self.culprit()))
        for name, owner in apt.protected(simulation, self.records, self.owner, self.absent, self.present):
            remedy = "Take it out of that owner's packages, or change what %r asks for." % self.owner
            raise apt_host.AptError("%s would be removed, but owner %r wants it. %s" % (name, owner, remedy))
        for name in apt.held_changes(simulation, packages, [*self.present, *self.absent]):
            raise apt_host.AptError("%s is held and would be changed. Name it in present or absent, or release it: apt-mark unhold." % name)
        for name in self.absent:
            if name in simulation.install:
                raise apt_host.AptError("absent lists %r, but a package in present depends on it. Take it out of one of the two." % name)
        return simulation

    def converge(self) -> Dict[str, Any]:
        """Bring the host to what the owner asks for."""
        packages = self.database or self.host.packages()
        before = apt.installed(packages)
        apt.forget_gone(self.records, packages)
        automatic = set(self.host.automatic()) & set(before)
        arguments = self.plan(before)
        simulation = self.agreed(arguments, packages) if arguments else apt.Simulation({}, {})
        shares = self.shares(simulation, arguments) if arguments else {}
        expected = {name: version for name, version in before.items() if name not in simulation.remove}
        expected.update({name: item.after for name, item in simulation.install.items()})
        expected.update({name: self.present[name] or "(unknown)" for name in self.unknown})
        fresh = [name for name in expected if name not in before]
        gone = [name for name in simulation.remove if name not in self.absent]
        package_owners.record(self.records, self.wishes, fresh, gone, shares)
        entry = apt.owner_entry(self.records, self.owner)
        apt.drop(entry, "wants", self.absent)
        self.records["joined"] = sorted(set(self.records["joined"]) | set(self.wishes) - {self.owner})
        if (simulation.install or simulation.remove) and not self.check:
            self.save()
            self.module.about_to_change()
            try:
                self.host.transaction(arguments)
            finally:
                packages = self.host.packages()
                apt.forget_gone(self.records, packages)
                expected = apt.installed(packages)
                self.save()
        if not self.check:
            lost = automatic & set(expected) - set(self.host.automatic()) - set(self.present)
            self.host.mark("auto", sorted(lost))
        manual = [name for name in self.present if name in before and name in automatic]
        for name in manual:
            apt.add(self.records["owners"][package_owners.wanted_by(self.wishes, name)[0]], "marked", [name])
        self.mark("manual", manual)
        hold = [name for name in self.held if not (name in packages and packages[name].held)]
        lacking = [name for name in hold if name not in expected]
        if lacking:
            raise apt_host.AptError("held names %r, which is not installed. Add it to present, or take it out of held." % lacking[0])
        apt.add(entry, "held", hold)
        self.mark("hold", hold)
        return self.result(before, expected)

    def give_back(self) -> Dict[str, Any]:
        """Purge what the owner caused and forget it."""
        packages = self.database or self.host.packages()
        before = apt.installed(packages)
        self.records["joined"] = [name for name in self.records["joined"] if name != self.owner]
        if self.owner not in self.records["owners"]:
            return self.result(before, before)
        apt.forget_gone(self.records, packages)
        release = apt.plan_release(self.records, self.owner, packages)
        self.mark("unhold", release.held)
        purge = self.host.purgeable(release, before)
        kept = [name for name in release.explicit if name in before and name not in purge]
        if kept:
            self.module.warn("Stays on the host because other packages need it: %s" % ", ".join(kept))
        arguments = ["purge"] + purge + [name + "+" for name in release.displaced]
        simulation, refusal = self.host.simulate(arguments)
        if release.displaced and (refusal or not set(simulation.remove) <= set(purge)):
            self.module.warn("Could not bring back what was removed for %s: %s. %s" % (self.owner, ", ".join(release.displaced), refusal))
            arguments = ["purge"] + purge
            simulation, refusal = self.host.simulate(arguments)
        if refusal:
            raise apt_host.AptError("apt-get refuses to give back the packages of %r: %s" % (self.owner, refusal))
        after = {name: version for name, version in before.items() if name not in simulation.remove}
        after.update({name: item.after for name, item in simulation.install.items()})
        if len(arguments) > 1 and not self.check:
            self.module.about_to_change()
            self.host.transaction(arguments)
            after = apt.installed(self.host.packages())
        self.mark("auto", [name for name in kept + release.marked if name in after])
        apt.hand_over(self.records, self.owner, purge)
        self.save()
        return dict(self.result(before, after), changed=True)

    def result(self, before: Dict[str, str], after: Dict[str, str]) -> Dict[str, Any]:
        """Return the module's answer."""
        found: Dict[str, Any] = dict(apt.changes(before, after))
        names = [name for kind in found.values() for name in kind]
        changed = bool(names or self.marked or self.repaired)
        found["diff"] = {"before_header": "packages", "after_header": "packages"}
        found["diff"].update(before=apt.as_text(names, before), after=apt.as_text(names, after))
        told = {"marked": self.marked, "repaired": self.repaired, "refreshed": self.refreshed, "config_files": self.host.decided}
        return dict(found, changed=changed, **told)


def command(arguments: Sequence[str]) -> List[str]:
    """Return apt-get's command for these packages; empty without any."""
    if not arguments:
        return []
    named = any("=" in part or part.endswith("-") for part in arguments)  # a hold yields to who names the package
    allowed = ["--allow-downgrades", "--allow-change-held-packages"] if named else []
    return ["--purge", *allowed, "install", *dict.fromkeys(arguments)]


def without_apt(module: StepModule) -> None:
    """Answer on a host of rpm, refuse any other."""
    if not shutil.which("rpm"):
        raise BadInput(
            "This host has neither apt-get nor rpm. Expected Debian 12, 13, Ubuntu 22.04, 24.04, or RHEL 9 and what is built of it."
        )
    from ansible_collections.groundwork.fleet.plugins.module_utils import rpm_packages  # pylint: disable=import-outside-toplevel

    rpm_packages.run(module)


def run(module: StepModule) -> None:
    """Plan, let apt simulate, carry out."""
    try:
        if not shutil.which("apt-get"):
            without_apt(module)
        with contextlib.nullcontext() if module.check_mode else apt_host.only_one(module.params["lock_timeout"]):
            run = Run(module)
            if module.params["others"] and not module.check_mode and module.params["state"] == "present":
                needed = run.asks()
                if needed:
                    module.exit_json(changed=False, needed=needed)
            run.repair()
            result = run.give_back() if module.params["state"] == "absent" else run.converge()
            run.save()
    except (BadInput, apt_host.AptError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)
