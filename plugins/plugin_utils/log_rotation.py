# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of inputs that nothing else rotates: `rotate` of an input becomes an entry of logrotate(8)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import log_space
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, refuse_unknown_options
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_options import mapping, words
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_types import Input, Rotation

FILE = "/etc/logrotate.d/groundwork-logs"
#: logrotate's own names; how often at most.
EVERY = ("hourly", "daily", "weekly", "monthly")
OPTIONS = ("every", "size", "keep", "reload", "truncate")
MOST = 1000  # old files


def parsed(where: str, value: Any) -> Rotation:
    """Return how the files of an input are rotated. where: the option. value: `{}` for the defaults. Raises BadInput."""
    given = mapping(where, value)
    refuse_unknown_options(where, given, OPTIONS)
    every = str(given.get("every", "daily"))
    words(f"{where}.every", every, EVERY, "time")
    keep = given.get("keep", 7)
    if isinstance(keep, bool) or not isinstance(keep, int) or not 0 <= keep <= MOST:
        raise bad_input(f"{where}.keep", keep, f"how many old files stay, 0 to {MOST}", "Write 7.")
    unit, truncate = str(given.get("reload") or ""), given.get("truncate", False)
    if not isinstance(truncate, bool):
        raise bad_input(f"{where}.truncate", truncate, "true or false", "Write true where the program cannot open its file anew.")
    if unit and not re.fullmatch(r"[A-Za-z0-9:_.\\@-]+\.service", unit):
        raise bad_input(f"{where}.reload", unit, "the name of a service of systemd", "Write orders.service.")
    if bool(unit) == truncate:
        remedy = "Name the unit that opens its files anew when it is reloaded, or have the files copied and truncated."
        raise bad_input(where, dict(given), "either reload or truncate: true", remedy)
    return Rotation(every, log_space.size(given.get("size", "100m"), f"{where}.size"), keep, unit)


def _stanza(one: Input, rotation: Rotation) -> str:
    how = ["copytruncate"]
    if rotation.reload:
        how = ["sharedscripts", "postrotate", f"    systemctl try-reload-or-restart {rotation.reload}", "endscript"]
    options = [
        rotation.every,
        f"maxsize {rotation.size}",
        f"rotate {rotation.keep}",
        "compress",
        "delaycompress",
        "missingok",
        "notifempty",
        *how,
    ]
    head = "%s {" % " ".join('"%s"' % path for path in one.paths)
    return "\n".join([f"# fleet_logs.inputs.{one.name}.rotate", head, *("    " + line for line in options), "}"]) + "\n"


def files(inputs: Iterable[Input]) -> dict[str, Mapping[str, Any]]:
    """Return the file of logrotate as the module files takes it; it goes where no input declares a rotation."""
    found = [_stanza(one, one.rotation) for one in inputs if one.rotation]
    return {FILE: {"content": "# Written by groundwork.fleet, role log_shipping.\n" + "\n".join(found)} if found else {"absent": True}}


def validate(inputs: Iterable[Input]) -> list[str]:
    """Return what judges the file before it is put there."""
    return ["logrotate --debug {%s}" % FILE] if any(one.rotation for one in inputs) else []
