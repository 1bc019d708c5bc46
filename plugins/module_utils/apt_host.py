# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host side of the packages module: runs apt's programs, keeps the records, keeps new services from starting."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import (
    apt,
    config_questions,
    lock_holder,
    package_lists,
    processes,
    service_policy,
)
from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import replace_durably

RECORDS = "/var/lib/groundwork/packages.json"
LOCK = "/run/groundwork-packages.lock"
STATES = "/var/lib/apt/extended_states"
POLICY = "/usr/sbin/policy-rc.d"
KEPT_POLICY = POLICY + ".groundwork"
MARKER = "groundwork.fleet.packages: no service starts during this transaction"
QUERY = "${Package}\\t${Architecture}\\t${db:Status-Abbrev}\\t${Version}\\n"
ENVIRONMENT = {
    "DEBIAN_FRONTEND": "noninteractive", "DEBIAN_PRIORITY": "critical",
    "APT_LISTCHANGES_FRONTEND": "none", "APT_LISTBUGS_FRONTEND": "none", "NEEDRESTART_SUSPEND": "1",
    "LC_ALL": "C", "LANGUAGE": "C", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
}  # fmt: skip


CANNOT_REPAIR = (
    "dpkg was interrupted, and apt cannot finish %s: %s. Add the repository that has it, or remove it on the host: "
    "dpkg --remove --force-remove-reinstreq NAME"
)


class AptError(Exception):
    """A program of apt or dpkg failed. Its text is the whole message for the user."""


class Ran(NamedTuple):
    """What a program answered."""

    code: int
    out: str
    err: str


class Apt:
    """One host's apt."""

    config_files = config_questions.KEEP  # what becomes of those that were changed on the host: keep, replace

    def __init__(self, lock_timeout: int, recommends: bool, config_files: str = config_questions.KEEP) -> None:
        self.lock_timeout = lock_timeout
        self.config_files = config_files
        self.decided: Dict[str, str] = {}
        self.options = [
            "-q", "-y", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=%d" % lock_timeout,
            "-o", "APT::Install-Recommends=%s" % ("true" if recommends else "false"),
            "-o", "APT::Get::AutomaticRemove=false",
        ]  # fmt: skip
        for option in config_questions.OPTIONS[config_files]:
            self.options += ["-o", "Dpkg::Options::=%s" % option]
        self.architecture = self.run(["dpkg", "--print-architecture"]).out.strip()

    def run(self, command: Sequence[str], **more: str) -> Ran:
        """Run a program, `more` added to its environment; its answer may be a failure."""
        environment = dict(os.environ, **ENVIRONMENT, **config_questions.ENVIRONMENT[self.config_files], **more)
        done = processes.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, close_fds=True)
        return Ran(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))

    def must(self, command: Sequence[str]) -> Ran:
        """Run a program that has to succeed; wait while another one holds a lock."""
        deadline = time.monotonic() + self.lock_timeout
        while True:
            ran = self.run(command)
            if ran.code == 0:
                return ran
            if not apt.lock_is_taken(ran.err) or time.monotonic() >= deadline:
                shown = " ".join(part for part in command if not part.startswith(("-o", "Dpkg::", "DPkg::", "APT::")))
                holder = lock_holder.told(ran.err) if apt.lock_is_taken(ran.err) else ""
                waited = " Waited for %d s." % self.lock_timeout if holder else ""
                raise AptError("`%s` failed: %s%s%s" % (shown, apt.error_lines(ran.err or ran.out), holder, waited))
            time.sleep(1)

    def packages(self) -> Dict[str, apt.Package]:
        """Return dpkg's database."""
        return apt.parse_dpkg(self.must(["dpkg-query", "-W", "-f", QUERY]).out, self.architecture)

    def automatic(self) -> List[str]:
        """Return the packages marked as automatically installed. Not from `apt-mark`: that one reads all lists first, for half a second."""
        try:
            with open(STATES, encoding="utf-8") as file:
                return apt.parse_automatic(file.read(), self.architecture)
        except FileNotFoundError:
            return []

    def unknown(self, names: Sequence[str]) -> List[str]:
        """Return those names that the lists cannot install: neither a candidate nor, for a virtual name, a provider."""
        found = apt.parse_policy(self.must(["apt-cache", "policy", *names]).out) if names else {}
        candidates = {apt.native(name, self.architecture): candidate for name, candidate in found.items()}
        doubtful = [name for name in names if candidates.get(name) is None]
        return [name for name in doubtful if name not in candidates or self.simulate(["install", name])[1]]

    def all_names(self) -> List[str]:
        """Return every name in the lists."""
        return self.must(["apt-cache", "pkgnames"]).out.split()

    def simulate(self, arguments: Sequence[str], **more: str) -> Tuple[apt.Simulation, str]:
        """Ask apt what it would do; the text is its refusal, empty where it agrees."""
        ran = self.run(["apt-get", "-s"] + self.options + list(arguments), **more)
        return apt.parse_simulation(ran.out), "" if ran.code == 0 else apt.error_lines(ran.err or ran.out)

    def transaction(self, arguments: Sequence[str]) -> None:
        """Let apt do it: no new service is started, none goes on running whose package went."""
        before = self.abandoned()
        with self.no_new_services():
            ran = self.must(["apt-get", *self.options, *arguments])
        self.decided.update(config_questions.decided(ran.out + "\n" + ran.err))
        left = self.abandoned() - before
        if left:
            self.must(["systemctl", "stop", *sorted(left)])

    def mark(self, how: str, names: Sequence[str]) -> None:
        """Set a mark: auto, manual, hold, unhold."""
        if names:
            self.must(["apt-mark", "-o", "DPkg::Lock::Timeout=%d" % self.lock_timeout, how] + list(names))

    # Lists

    def stale(self, maximum: int, stamp: Dict[str, Any]) -> Optional[str]:
        """Return why the lists must be fetched, or None."""
        digest, newest = package_lists.sources()
        return apt.lists_are_stale(time.time(), maximum, self.lists_at(), stamp, digest, newest)

    @staticmethod
    def lists_at() -> Optional[float]:
        """Return when the lists last changed; None where there are none."""
        return package_lists.changed_at()

    def refresh(self) -> Dict[str, Any]:
        """Fetch the lists; return the record of it."""
        self.must(["apt-get", "-q", "-o", "APT::Update::Error-Mode=any", "update"])
        return {"at": int(time.time()), "sources": package_lists.sources()[0]}

    # Repair

    @staticmethod
    def journal_is_open() -> bool:
        """Tell whether dpkg was killed while it wrote its database."""
        try:
            return any(name.isdigit() for name in os.listdir("/var/lib/dpkg/updates"))
        except OSError:
            return False

    def needs_repair(self) -> bool:
        """Tell whether an interrupted dpkg left something half way."""
        return self.journal_is_open() or bool(apt.unfinished(self.packages()))

    def repair(self) -> bool:
        """Finish what an interrupted dpkg left; tell whether there was anything."""
        restore_policy()
        deadline = time.monotonic() + self.lock_timeout
        repaired = False
        while self.needs_repair():
            with self.no_new_services():
                ran = self.run(["dpkg", "--configure", "-a"] + config_questions.OPTIONS[self.config_files])
            if ran.code == 0 and not apt.unfinished(self.packages()):
                return True
            if apt.lock_is_taken(ran.err) and time.monotonic() < deadline:
                time.sleep(1)
                continue
            if apt.lock_is_taken(ran.err):
                told = (self.lock_timeout, apt.error_lines(ran.err), lock_holder.told(ran.err))
                raise AptError("dpkg is locked for more than %d s: %s.%s" % told)
            self.complete()
            repaired = True
            left = apt.unfinished(self.packages())
            if left:
                raise AptError(CANNOT_REPAIR % (", ".join(left), apt.error_lines(ran.err) or "dpkg says nothing"))
        return repaired

    def complete(self) -> None:
        """Let apt finish what dpkg alone cannot: missing dependencies come, what was half unpacked is unpacked again."""
        half = apt.half_unpacked(self.packages())
        arguments = ["--fix-broken", "--allow-change-held-packages", *(["--reinstall"] if half else []), "install", *half]
        try:
            self.transaction(arguments)
        except AptError:
            self.refresh()  # the version that was half unpacked may have been superseded
            self.transaction(arguments)

    # Services

    def active_units(self) -> List[str]:
        """Return the units that run now."""
        if not shutil.which("systemctl"):
            return []
        wanted = ["--type=service,socket,timer,path", "--state=active,activating,reloading"]
        ran = self.run(["systemctl", "list-units", "--plain", "--no-legend", "--no-pager", "--full", *wanted])
        return [line.split()[0] for line in ran.out.splitlines() if line.strip()]

    def abandoned(self) -> Set[str]:
        """Return the services that run although their unit is gone."""
        if not shutil.which("systemctl"):
            return set()
        command = ["systemctl", "list-units", "--plain", "--no-legend", "--no-pager", "--full", "--type=service", "--state=active"]
        lines = [line.split() for line in self.run(command).out.splitlines()]
        return {fields[0] for fields in lines if len(fields) > 1 and fields[1] == "not-found"}

    @contextlib.contextmanager
    def no_new_services(self) -> Iterator[None]:
        """Hold back starts by package scripts; the host's own policy-rc.d comes back afterwards."""
        restore_policy()
        previous = None
        if os.path.lexists(POLICY):
            shutil.copy2(POLICY, KEPT_POLICY, follow_symlinks=False)
            previous = KEPT_POLICY
        try:
            replace_durably(POLICY, service_policy.script(MARKER, self.active_units(), previous).encode(), 0o755)
            yield
        finally:
            restore_policy()

    # Marks tried out on a copy

    def removable(self, as_automatic: Sequence[str]) -> List[str]:
        """Return what would be autoremovable if `as_automatic` were marked automatic; nothing on the host changes."""
        with tempfile.TemporaryDirectory(prefix="groundwork-") as directory:
            copy = os.path.join(directory, "extended_states")
            if os.path.exists(STATES):
                shutil.copyfile(STATES, copy)
            else:
                replace_durably(copy, b"", 0o600)
            tried = ["-o", "Dir::State::extended_states=%s" % copy]
            if as_automatic:
                self.must(["apt-mark"] + tried + ["auto"] + list(as_automatic))
            # A package may declare itself never removable (postgresql-common does, APT::NeverAutoRemove); what this module
            # installed it may take back. Such lists add up, so only leaving out their folder empties them.
            configuration = os.path.join(directory, "apt.conf")
            replace_durably(configuration, b'Dir::Etc::parts "/dev/null";\n', 0o600)
            simulation, refusal = self.simulate(
                tried
                + ["-o", "APT::AutoRemove::RecommendsImportant=false", "-o", "APT::AutoRemove::SuggestsImportant=false", "autoremove"],
                APT_CONFIG=configuration,
            )
            if refusal:
                raise AptError("apt-get autoremove refuses: %s" % refusal)
            return sorted(simulation.remove)

    def losses(self, purge: Sequence[str]) -> Set[str]:
        """Return what would go besides `purge` if that were purged."""
        return set(self.simulate(["purge"] + list(purge))[0].remove) - set(purge)

    def purgeable(self, release: apt.Release, before: Mapping[str, str]) -> List[str]:
        """Return what of a release can go without taking anything else along."""
        free = set(self.removable([name for name in release.explicit + release.marked if name in before]))
        purge = [name for name in release.explicit + release.dependencies if name in free or name not in before]
        for name in release.explicit:  # such as a kernel, which apt never calls autoremovable
            if name not in purge and not self.losses(purge + [name]):
                purge.append(name)
        while purge and self.losses(purge):
            fewer = [name for name in purge if self.losses([name]) <= set(purge)]
            purge = fewer if len(fewer) < len(purge) else []
        return purge


def demand_apt(module: Any) -> None:
    """End the step where the host has no apt. module: a StepModule; not its type, since programs without Ansible import this file."""
    if not shutil.which("apt-get"):
        module.fail_json(msg="This host has no apt-get: platform not supported yet. Expected Debian 12, 13 or Ubuntu 22.04, 24.04.")


def restore_policy() -> None:
    """Take our policy-rc.d away, also one that a killed run left; put the host's own back."""
    try:
        with open(POLICY, encoding="utf-8", errors="replace") as file:
            ours = MARKER in file.read()
    except FileNotFoundError:
        ours = not os.path.islink(POLICY)
    if ours and os.path.lexists(KEPT_POLICY):
        os.rename(KEPT_POLICY, POLICY)
    elif ours and os.path.exists(POLICY):
        os.unlink(POLICY)
    elif os.path.lexists(KEPT_POLICY):
        os.unlink(KEPT_POLICY)


def read_records() -> Dict[str, Any]:
    """Read the records of owners."""
    try:
        with open(RECORDS, encoding="utf-8") as file:
            return apt.load_records(file.read())
    except FileNotFoundError:
        return apt.load_records("")
    except ValueError as error:
        remedy = "Restore it from a backup, or remove it: then nothing counts as installed by an owner."
        raise AptError("%s is damaged (%s). %s" % (RECORDS, error, remedy)) from error


def write_records(records: Dict[str, Any]) -> None:
    """Write the records where they changed; without owners there is no file."""
    text = apt.dump_records(records)
    if not text:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(RECORDS)
        with contextlib.suppress(OSError):
            os.rmdir(os.path.dirname(RECORDS))
        return
    try:
        with open(RECORDS, encoding="utf-8") as file:
            if file.read() == text:
                return
    except FileNotFoundError:
        os.makedirs(os.path.dirname(RECORDS), mode=0o755, exist_ok=True)
    replace_durably(RECORDS, text.encode(), 0o600)


@contextlib.contextmanager
def only_one(timeout: int) -> Iterator[None]:
    """Let one run of this module at a time change the host."""
    deadline = time.monotonic() + timeout
    with open(LOCK, "a+", encoding="utf-8") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    file.seek(0)
                    number = file.read().strip()
                    holder = ": %s" % lock_holder.described(int(number)) if number.isdigit() else ""
                    told = (LOCK, timeout, holder)
                    raise AptError("another run of groundwork.fleet.packages holds %s for more than %d s%s" % told) from None
                time.sleep(0.5)
        file.truncate(0)
        file.write("%d\n" % os.getpid())
        file.flush()
        yield
