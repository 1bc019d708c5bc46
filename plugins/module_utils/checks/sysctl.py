# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The running kernel has a setting."""

from __future__ import annotations

import dataclasses
import os
from typing import Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, one_of, option

ROOT = "/proc/sys"


@dataclasses.dataclass
class Options:
    """Options of a sysctl check."""

    name: str = option("the setting's name, as in sysctl.d(5)")
    value: Sequence[str] = option("its value, or a list of accepted ones; words are separated by single blanks", expects=one_of)


def _path(name: str) -> str:
    """As in sysctl(8), the first separator decides whether dots or slashes part the words."""
    slash, dot = name.find("/"), name.find(".")
    return os.path.join(ROOT, name if slash >= 0 and (dot < 0 or slash < dot) else name.translate(str.maketrans("./", "/.")))


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Read the live value. One that nobody can write, as in a container, is not the host's fault."""
    path = _path(options.name)
    try:
        with open(path, encoding="utf-8") as stream:
            value = " ".join(stream.read().split())
    except (FileNotFoundError, NotADirectoryError):
        return Observation({}, not_applicable="unknown to this kernel")
    except PermissionError:
        return Observation({}, not_applicable="container")
    if value not in options.value and (not os.access(path, os.W_OK) or os.statvfs(path).f_flag & os.ST_RDONLY):
        return Observation({"value": value}, not_applicable="container")
    return Observation({"value": value})
