# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program of systemd has a setting: what its configuration file and all drop-ins say together."""

from __future__ import annotations

import dataclasses
import os
import shutil
from typing import Dict, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, one_of, option, shared_output


@dataclasses.dataclass
class Options:
    """Options of a systemd_setting check."""

    file: str = option("the configuration file below /etc, such as systemd/journald.conf")
    name: str = option("the setting's name")
    value: Sequence[str] = option("its value, or a list of accepted ones", expects=one_of)


def _settings(text: str) -> Dict[str, str]:
    found: Dict[str, str] = {}
    for line in text.splitlines():
        name, is_setting, value = line.strip().partition("=")
        if is_setting and not name.startswith(("#", ";", "[")):
            found[name.strip()] = value.strip()  # the last one counts
    return found


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask systemd-analyze for the files in the order in which they are read."""
    if not shutil.which("systemd-analyze"):
        return Observation({}, not_applicable="systemd-analyze is not installed")
    text = shared_output(["systemd-analyze", "cat-config", "--no-pager", options.file], deadline.left())
    settings = _settings(text)
    if not settings and not os.path.exists(os.path.join("/etc", options.file)) and not text.startswith("# /"):
        return Observation({}, not_applicable="there is no %s" % options.file)
    return Observation(
        {"value": settings[options.name]} if options.name in settings else {}, note="%s of %s" % (options.name, options.file)
    )
