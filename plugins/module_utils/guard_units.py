# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a guard works without Ansible: units of systemd, and one archive with the code that takes changes back. See guard.py."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import io
import os
import subprocess
import sys
import zipfile
from typing import Dict, Iterator, List, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import processes
from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import flush_directory, replace_durably
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.guard_record import Places

OURS = "ansible_collections.groundwork.fleet.plugins.module_utils."
SEEDS = (OURS + "guard", OURS + "undo")
SERVICE, BOOT, TIMER = "groundwork-guard.service", "groundwork-guard-boot.service", "groundwork-guard.timer"
LINKS = {BOOT: "sysinit.target.wants", TIMER: "timers.target.wants"}
SYSTEMCTL_SECONDS = 60

MAIN = """import sys
from ansible_collections.groundwork.fleet.plugins.module_utils import guard
sys.exit(guard.main(sys.argv[1:]))
"""

SERVICE_TEXT = """# Written by groundwork.fleet.confirm; gone as soon as the change is confirmed or taken back.
[Unit]
Description=Take back what nobody confirmed (groundwork.fleet)

[Service]
Type=oneshot
ExecStart="%(python)s" -I %(bundle)s due
TimeoutStartSec=infinity
Restart=on-failure
RestartSec=10
"""

# Before whatever lets people in or keeps them out. A second unit: the ordering would make the first one wait for itself when it
# restarts sshd at any other time.
BOOT_TEXT = """# Written by groundwork.fleet.confirm; gone as soon as the change is confirmed or taken back.
[Unit]
Description=Take back at boot what nobody confirmed (groundwork.fleet)
DefaultDependencies=no
RequiresMountsFor=%(directory)s /etc /usr
After=local-fs.target
Before=sysinit.target network-pre.target ssh.service sshd.service ssh.socket sshd.socket
Before=groundwork-firewall.service nftables.service firewalld.service
Conflicts=shutdown.target
Before=shutdown.target

[Service]
Type=oneshot
ExecStart="%(python)s" -I %(bundle)s boot
TimeoutStartSec=90

[Install]
WantedBy=sysinit.target
"""

# Monotonic: a clock that is set moves nothing. Enabled too: a boot where the unit above failed gets a second chance.
TIMER_TEXT = """# Written by groundwork.fleet.confirm; gone as soon as the change is confirmed or taken back.
[Unit]
Description=Until when the change has to be confirmed (groundwork.fleet)

[Timer]
OnActiveSec=%(timeout)ds
AccuracySec=100ms
Unit=groundwork-guard.service

[Install]
WantedBy=timers.target
"""


def texts(python: str, timeout: int, places: Places) -> Dict[str, str]:
    """Return the units, by their names."""
    words = {"python": python.replace("%", "%%"), "bundle": places.bundle, "directory": places.directory, "timeout": timeout}
    return {SERVICE: SERVICE_TEXT % words, BOOT: BOOT_TEXT % words, TIMER: TIMER_TEXT % words}


def _source(name: str) -> Optional[Tuple[str, bool]]:
    """Return the text of a Python module and whether it is a package, None where there is no such module.

    Works alike for the archive in which Ansible brings its modules and for files.
    """
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, AttributeError):
        return None
    if spec is None:
        return None
    text, reader = None, getattr(spec.loader, "get_source", None)
    if reader is not None:
        with contextlib.suppress(ImportError):
            text = reader(name)
    return text or "", spec.submodule_search_locations is not None


def _imports(text: str, name: str, package: bool) -> Iterator[str]:
    """Return what a module may import, submodules included, wherever in it the import stands."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = name.split(".") if package else name.split(".")[:-1]
                base = ".".join(parents[: len(parents) - node.level + 1] + ([node.module] if node.module else []))
            yield base
            yield from ("%s.%s" % (base, alias.name) for alias in node.names)


def sources(seeds: Tuple[str, ...] = SEEDS) -> Dict[str, str]:
    """Return path to text of every module that the seeds need beyond the standard library."""
    found: Dict[str, str] = {}
    waiting, seen = list(seeds), set(seeds)
    while waiting:
        name = waiting.pop()
        known = _source(name)
        if known is None:
            if name in seeds:
                raise BadInput("%s is missing in what Ansible brought to the host. Install the collection anew." % name)
            continue
        text, package = known
        found[name.replace(".", "/") + ("/__init__.py" if package else ".py")] = text
        wanted = list(_imports(text, name, package)) + [name.rpartition(".")[0]]
        for other in wanted:
            if other.split(".")[0] in ("ansible", "ansible_collections") and other not in seen:
                seen.add(other)
                waiting.append(other)
    return found


def bundled(seeds: Tuple[str, ...] = SEEDS) -> bytes:
    """Return the archive that Python runs. The same sources make the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, text in sorted({**sources(seeds), "__main__.py": MAIN}.items()):
            archive.writestr(zipfile.ZipInfo(path), text)
    return stream.getvalue()


def systemctl(*words: str) -> None:
    """Run systemctl. Raises BadInput with what it said where it failed."""
    try:
        done = processes.run(["systemctl", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SYSTEMCTL_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BadInput("systemctl %s: %s. A guard needs a host that systemd runs." % (" ".join(words), error)) from None
    if done.returncode != 0:
        said = done.stdout.decode("utf-8", "replace").strip()
        raise BadInput("systemctl %s failed: %s. A guard needs a host that systemd runs." % (" ".join(words), said))


def start(timeout: int, places: Places) -> None:
    """Write and enable the units and start the time, anew where it runs."""
    for name, text in texts(sys.executable, timeout, places).items():
        replace_durably(os.path.join(places.units, name), text.encode(), 0o644)
    for name, folder in LINKS.items():
        directory = os.path.join(places.units, folder)
        os.makedirs(directory, exist_ok=True)
        link = os.path.join(directory, name)
        if not os.path.lexists(link):
            os.symlink("../" + name, link)
        flush_directory(directory)
    systemctl("daemon-reload")
    systemctl("restart", TIMER)


def _unlink(path: str) -> bool:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True


def stop(places: Places) -> None:
    """Stop the time and remove what was written. The archive goes last: as long as a unit stands it can run it."""
    unit_files: List[str] = [os.path.join(places.units, name) for name in (SERVICE, BOOT, TIMER)]
    if os.path.exists(unit_files[2]):
        with contextlib.suppress(BadInput):
            systemctl("stop", TIMER)
    removed = False
    for name, folder in LINKS.items():
        directory = os.path.join(places.units, folder)
        if _unlink(os.path.join(directory, name)):
            removed = True
            with contextlib.suppress(OSError):
                os.rmdir(directory)
    for path in unit_files:
        removed = _unlink(path) or removed
    if removed:
        flush_directory(places.units)
        with contextlib.suppress(BadInput):
            systemctl("daemon-reload")
    _unlink(places.marker)
    _unlink(places.bundle)
    with contextlib.suppress(OSError):
        os.rmdir(places.directory)


@contextlib.contextmanager
def not_waiting_for_units() -> Iterator[None]:
    """Let systemctl queue what it is asked to do. At boot the units to act on wait for ours: to wait for them would be for ever."""
    plain = processes.run

    def queued(command: List[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        words = list(command)
        acting = {"start", "stop", "restart", "reload", "try-restart", "reload-or-restart", "try-reload-or-restart", "isolate"}
        if words and os.path.basename(words[0]) == "systemctl" and acting & set(words):
            words.insert(1, "--no-block")
        return plain(words, **options)

    processes.run = queued  # type: ignore[assignment]
    try:
        yield
    finally:
        processes.run = plain
