# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`./run audit-score`: measure a host of the lab by Lynis, OpenSCAP, systemd-analyze and ssh-audit, before and after the roles."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

import yaml

from lab import engine
from lab.console import ROOT, LabError, say
from tools.audit_score import auditors, hosts, report, score

PAGE = ROOT / "docs" / "audit-score.md"
CONTROLS = ROOT / "catalogue" / "controls"
ACCEPTED = Path(__file__).parent / "accepted.yml"
LEVELS = ("baseline", "strict", "high")
IMAGES = ("debian-12", "debian-13")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    told = argparse.ArgumentParser(prog="./run audit-score", description=__doc__)
    told.add_argument("--host-image", choices=IMAGES, default="debian-12", help="which host (default: debian-12)")
    told.add_argument("--level", choices=LEVELS, default="strict", help="hardening_level (default: strict, which the targets are about)")
    told.add_argument("--write", action="store_true", help="write docs/audit-score.md from this run")
    told.add_argument("--keep", action="store_true", help="leave the hosts up to be looked at; --down takes them away")
    told.add_argument("--down", action="store_true", help="only take the hosts away")
    return told


def reasons(path: Path = ACCEPTED) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return why what is left is left: rule to reason, and test of Lynis to reason. Raises LabError where one is empty."""
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    for part in ("openscap", "lynis"):
        for name, reason in said[part].items():
            if not isinstance(reason, str) or not reason.strip():
                raise LabError(f"{path.name}: {part}.{name} is {reason!r}; expected the reason why it stays")
    return said["openscap"], said["lynis"]


def references(directory: Path = CONTROLS) -> dict[str, str]:
    """Return the rules of OpenSCAP's content that the catalogue's controls refer to, each with its control."""
    told = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(directory.glob("*.yml"))}
    return {rule: control for control, entry in told.items() for rule in entry.get("references", {}).get("scap", [])}


def introduction(image: str, level: str) -> tuple[str, ...]:
    """Return what stands above the figures: how they came about, and what they cannot say."""
    packaged, tags = ", ".join(hosts.PACKAGED), ", ".join(hosts.TAGS)
    return (
        "Written by `./run audit-score --write`; do not edit. Reasons stand in `tools/audit_score/accepted.yml`: a failed rule "
        "without one fails the command.",
        f"Measured on {time.strftime('%Y-%m-%d')} on a fresh host of the lab ({image}, a systemd container): minimal Debian with sshd, and "
        f"{packaged} as packaged. Before: nothing else. After: `site.yml` with `hardening_level: {level}` ({tags}); a second host is "
        "its source of time and its log server. The auditors are Debian's lynis and openscap, the content "
        f"`{auditors.CONTENT}` (profile ANSSI BP-028 enhanced), `systemd-analyze security`, and the ssh-audit that "
        "`tools/audit_score/requirements.txt` pins, from outside and without its test of the rate of connections. No test is skipped, "
        "no profile tailored.",
        "What a container cannot show: OpenSCAP finds most rules not applicable (no kernel, boot loader, partitions, auditd or "
        "AppArmor of its own), so they prove nothing here, neither before nor after. Lynis takes points off for settings of the kernel, "
        "auditd, AppArmor and USB, which the role reports as `not applicable: container`. On a machine of one's own these are set; how "
        "they score there has not been measured. The settings of the network are the container's own: the lab mounts them writable, as "
        "they are on a host.",
        "A high index is not the aim: each auditor sees what it knows. `playbooks/audit.yml` tells what is in effect.",
    )


def measured(arguments: argparse.Namespace) -> int:
    """Measure, converge, measure again and tell; return 1 where a target of `strict` is missed."""
    accepted, losses = reasons()
    with hosts.running(arguments.host_image, arguments.level, arguments.keep) as site:
        auditors.install(site.audited)
        before = auditors.measure(site.audited, arguments.host_image)
        say(f"playing site.yml with hardening_level: {arguments.level} (output in .cache/audit-score/site.log)")
        site.converge()
        after = auditors.measure(site.audited, arguments.host_image, known=before.units)
    found = score.verdicts(before, after, accepted, references())
    sys.stdout.write(f"\n{report.table(found)}\n\n{report.details(after, accepted)}\n")
    missed = [one for one in found if one.met is False]
    if arguments.write:
        if score.unexplained(after, accepted):
            raise LabError(f"docs/audit-score.md is not written: no reason for {', '.join(score.unexplained(after, accepted))}")
        text = report.page(found, after, accepted, introduction(arguments.host_image, arguments.level), losses)
        PAGE.write_text(text, encoding="utf-8")
        say(f"wrote {PAGE.relative_to(ROOT)}")
    for one in missed:
        sys.stderr.write(f"audit-score: missed: {one.name}: {one.after}; expected {one.target}\n")
    return 1 if missed and arguments.level != "baseline" else 0


def _ended(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run what was asked for and return the exit code."""
    arguments = parser().parse_args()
    signal.signal(signal.SIGTERM, _ended)
    try:
        if arguments.down:
            hosts.remove(engine.ready())
            return 0
        return measured(arguments)
    except LabError as error:
        sys.stderr.write(f"audit-score: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("audit-score: interrupted\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
