# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The auditors: where they come from, and one measurement by all of them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from lab.console import ROOT, LabError, call, say
from tools.audit_score import exposure, openscap, ssh_audit
from tools.audit_score.hosts import CACHE, PACKAGED, Host
from tools.audit_score.lynis import Loss, Report, losses_of, report_of

REQUIREMENTS = ROOT / "tools" / "audit_score" / "requirements.txt"
WORK = "/root/audit-score"
# The content for Debian 12 came after Debian 12: it is a package of Debian 13, and nothing of it is installed.
CONTENT = "ssg-debian=0.1.76-1"
CONTENT_SUITE = "trixie"
DATA_STREAM = f"{WORK}/usr/share/xml/scap/ssg/content/ssg-debian12-ds.xml"
PROFILE = "xccdf_org.ssgproject.content_profile_anssi_bp28_enhanced"
INSTALL = f"""
DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends lynis openscap-scanner
umask 077
mkdir -p {WORK}/apt/lists/partial {WORK}/apt/archives/partial
cd {WORK}
archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive {CONTENT_SUITE} main" > apt/sources.list
options="-q -o Dir::Etc::SourceList={WORK}/apt/sources.list -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists={WORK}/apt/lists"
options="$options -o Dir::Cache={WORK}/apt -o APT::Sandbox::User=root"
apt-get $options update
apt-get $options download {CONTENT}
dpkg-deb -x ssg-debian_*.deb {WORK}
rm -rf apt ssg-debian_*.deb
"""
UNITS = "find /etc/systemd/system -maxdepth 1 -type f -name '*.service' ! -name '*@.service' -printf '%f\\n'"


@dataclass(frozen=True)
class Figures:
    """What the auditors said at one time; `scan` is None where no content for the host's system exists."""

    lynis: Report
    losses: tuple[Loss, ...]
    scan: openscap.Scan | None
    exposure: Mapping[str, float]
    ssh: tuple[str, ...]
    units: frozenset[str]


def install(host: Host) -> None:
    """Install the auditors: on the host from its distribution's packages, ssh-audit beside this project. Raises LabError."""
    say("installing lynis, openscap and the content of ANSSI BP-028 on the audited host")
    host.script(INSTALL)
    stamp = CACHE / "venv" / f".{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]}"
    if not stamp.exists():
        say("installing ssh-audit into .cache/audit-score/venv")
        call([sys.executable, "-m", "venv", "--clear", str(CACHE / "venv")], "python -m venv")
        pip = [str(CACHE / "venv" / "bin" / "pip"), "install", "--quiet", "--require-hashes", "-r", str(REQUIREMENTS)]
        call(pip, "pip install of tools/audit_score/requirements.txt")
        stamp.touch()


def _lynis(host: Host) -> tuple[Report, tuple[Loss, ...]]:
    host.run(["lynis", "audit", "system", "--quick", "--quiet", "--no-colors"])
    return report_of(host.run(["cat", "/var/log/lynis-report.dat"])), losses_of(host.run(["cat", "/var/log/lynis.log"]))


def _scan(host: Host) -> openscap.Scan:
    results = f"{WORK}/results.xml"
    # 2: a rule failed, which is what is to be found out.
    host.run(["oscap", "xccdf", "eval", "--profile", PROFILE, "--results", results, DATA_STREAM], accepted=(0, 2))
    return openscap.scan_of(host.run(["cat", results]))


def _exposure(host: Host, units: frozenset[str]) -> Mapping[str, float]:
    wanted = ["ssh.service", *(f"{name}.service" for name in PACKAGED), *sorted(units)]
    return exposure.levels("".join(host.run(["systemd-analyze", "security", "--no-pager", unit], accepted=(0, 1)) for unit in wanted))


def _ssh(host: Host) -> tuple[str, ...]:
    # The rate of connections is left out: it would take the firewall's limit for a fault of sshd, and trip it.
    command = [str(CACHE / "venv" / "bin" / "ssh-audit"), "--json", "--skip-rate-test", host.address]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if not done.stdout.strip():
        raise LabError(f"ssh-audit said nothing of {host.address} ({done.stderr.strip()[-200:]}); expected a server that answers")
    return ssh_audit.warnings(done.stdout)


def measure(host: Host, image: str, known: frozenset[str] = frozenset()) -> Figures:
    """Let every auditor look at the host. `known` are units that were there before: they are not this collection's."""
    say("asking lynis, openscap, systemd-analyze and ssh-audit (about a minute)")
    units = frozenset(host.script(UNITS).split())
    report, losses = _lynis(host)
    scan = _scan(host) if image == "debian-12" else None
    return Figures(report, losses, scan, _exposure(host, units - known), _ssh(host), units)
