# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tells metrics by a text that `node` passes on: a command, or a program of module_utils/collectors with the options it was given."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import collectors
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import exporter_entry, health_program, service_options
from ansible_collections.groundwork.fleet.plugins.plugin_utils.step_list import plain

PROGRAMS = "/usr/local/sbin"


def known_programs() -> list[str]:
    """Return the names of the programs that there are: the files of module_utils/collectors."""
    return sorted(path.stem for path in Path(collectors.__file__).parent.glob("*.py") if path.stem != "__init__")


def program_path(name: str) -> str:
    """Return where the program of a collector is on the host. name: that of the exporter."""
    return f"{PROGRAMS}/{exporter_entry.PREFIX}{name}"


def files_of(instance: exporter_entry.Instance, directory: str) -> dict[str, dict[str, Any]]:
    """Return the files of a collector that is a program of ours: itself, and its options in `directory`. Raises BadInput."""
    program = instance.entry["collect"].get("program")
    if not program:
        return {}
    known = known_programs()
    if program not in known:
        raise unknown_name("program of a collector", f"{instance.place}: collect.program", str(program), known)
    options = service_options.completed(instance.entry.get("option_spec") or {}, exporter_entry.own_options(instance.options))
    return {
        program_path(instance.name): {"content": health_program.plain_program(f"collectors.{program}"), "mode": "0755"},
        f"{directory}/{instance.name}.json": {"content": json.dumps(plain(options), indent=1, sort_keys=True) + "\n"},
    }


def command(instance: exporter_entry.Instance, files: Mapping[str, Any], text: str) -> list[str]:
    """Return the command that prints the metrics. files: as `files_of` gives them. text: where what it printed last is. Raises BadInput."""
    if files:
        return [*files, text]
    template = instance.entry["collect"]["command"]
    return shlex.split(exporter_entry.rendered(instance, "collect.command", template, {"options": instance.plain_options()}))
