# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts that are in none of the cheap subsets of ansible.builtin.setup, as its collectors are."""

from __future__ import annotations

import glob
import os
import re
from typing import Any, Dict, List, Optional, Set

from ansible.module_utils.facts.collector import BaseFactCollector
from ansible_collections.groundwork.fleet.plugins.module_utils.program_paths import located

MEMINFO = "/proc/meminfo"
UNITS = "/etc/systemd/system/groundwork-*.*"  # of the administrator (systemd.unit(5))


def memory_mb(meminfo: str) -> Optional[int]:
    """Return MemTotal of such a text as /proc/meminfo in MiB, None where it has none."""
    found = re.search(r"^MemTotal:\s*(\d+) kB$", meminfo, re.MULTILINE)
    return int(found.group(1)) // 1024 if found else None


def unit_files(pattern: str = UNITS) -> List[str]:
    """Return the paths of the units of this collection."""
    return sorted(path for path in glob.glob(pattern) if os.path.isfile(path))


class MemoryCollector(BaseFactCollector):
    """How much memory the host has."""

    name = "groundwork_memory"
    _fact_ids: Set[str] = {"memtotal_mb"}

    def collect(self, module: Any = None, collected_facts: Any = None) -> Dict[str, Any]:
        """Return the fact, nothing where the host does not tell."""
        try:
            with open(MEMINFO, encoding="ascii", errors="replace") as stream:
                found = memory_mb(stream.read())
        except OSError:
            return {}
        return {} if found is None else {"memtotal_mb": found}


class CredentialsCollector(BaseFactCollector):
    """Whether the host can encrypt the secrets of services."""

    name = "groundwork_credentials"
    _fact_ids: Set[str] = {"systemd_creds"}

    def collect(self, module: Any = None, collected_facts: Any = None) -> Dict[str, Any]:
        """Return the fact."""
        return {"systemd_creds": located("systemd-creds") is not None}


COLLECTORS = (MemoryCollector, CredentialsCollector)
SUBSETS = tuple(one.name for one in COLLECTORS)
