# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host had before it was patched: the record of a run that has begun and not ended, so that another run can go on or back."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import apt, apt_host, reboot
from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import replace_durably

PATH = "/var/lib/groundwork/patch.json"
ARCHIVES = "/var/cache/apt/archives"
KEYS = {"begun": str, "versions": dict, "automatic": list, "health": dict}


class Back(NamedTuple):
    """The way back. versions: what has to have which version. gone: what the run brought. stays: why something new stays, by name."""

    versions: Dict[str, str]
    gone: List[str]
    stays: Dict[str, str]


def parse(text: str) -> Dict[str, Any]:
    """Read a record. Raises ValueError for a damaged one."""
    found = json.loads(text)
    for key, kind in KEYS.items():
        if not isinstance(found, dict) or not isinstance(found.get(key), kind):
            raise ValueError("%s is missing or no %s" % (key, kind.__name__))
    return dict(found)


def read() -> Optional[Dict[str, Any]]:
    """Return the record of the run that has not ended, None where there is none. Raises AptError."""
    try:
        with open(PATH, encoding="utf-8") as file:
            return parse(file.read())
    except FileNotFoundError:
        return None
    except ValueError as error:
        remedy = "Remove it: then the versions before that run are not known any more, and the next run begins anew."
        raise apt_host.AptError("%s is damaged (%s). %s" % (PATH, error, remedy)) from error


def write(record: Mapping[str, Any]) -> None:
    """Keep the record; its files survive a crash of the host."""
    os.makedirs(os.path.dirname(PATH), mode=0o755, exist_ok=True)
    replace_durably(PATH, (json.dumps(record, indent=1, sort_keys=True) + "\n").encode(), 0o600)


def _digest(versions: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(versions), sort_keys=True).encode()).hexdigest()


def leaving(now: Mapping[str, str]) -> Dict[str, str]:
    """Return what is noted right before a reboot: the boot that ends and a digest of the packages that it is for."""
    return {"boot": reboot.current(), "packages": _digest(now)}


def rebooted(record: Mapping[str, Any]) -> bool:
    """Return whether the host has rebooted since a reboot was noted."""
    noted = record.get("leaving") or {}
    return bool(noted) and noted.get("boot") != reboot.current()


def in_effect(record: Mapping[str, Any], now: Mapping[str, str]) -> bool:
    """Return whether the reboot that was noted has come, and no package has changed since: nobody has to reboot again."""
    return rebooted(record) and (record.get("leaving") or {}).get("packages") == _digest(now)


def forget() -> None:
    """Remove the record, and its folder where nothing else is in it."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(PATH)
    with contextlib.suppress(OSError):
        os.rmdir(os.path.dirname(PATH))


def way_back(before: Mapping[str, str], now: Mapping[str, str], running: str) -> Back:
    """Decide what leads back. before, now: installed packages with their versions. running: the release of the kernel that runs."""
    changed = apt.changes(before, now)
    versions = {name: before[name] for name in [*changed["upgraded"], *changed["removed"]]}
    stays = {name: "it is the kernel that runs" for name in changed["installed"] if running and running in name}
    return Back(versions, [name for name in changed["installed"] if name not in stays], stays)


def archive(name: str, version: str, architecture: str) -> Optional[str]:
    """Return the file of a package that apt has kept since it was installed; None where there is none."""
    base, _colon, foreign = name.partition(":")
    for suffix in (foreign or architecture, "all"):
        path = os.path.join(ARCHIVES, "%s_%s_%s.deb" % (base, version.replace(":", "%3a"), suffix))
        if os.path.isfile(path):
            return path
    return None
