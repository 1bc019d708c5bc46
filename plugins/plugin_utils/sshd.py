# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of sshd: from a mapping to lines of sshd_config, and what `sshd -T` says against the mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input

KEYWORD = re.compile(r"^[A-Za-z][A-Za-z0-9]*$")
COMMA_SEPARATED = ("algorithms", "ciphers", "macs")
# Options of which every file adds some; of all others the first file wins.
CUMULATIVE = ("acceptenv", "allowgroups", "allowusers", "denygroups", "denyusers", "hostkey", "listenaddress", "port", "setenv")
# Options of which a line takes one value only.
ONE_A_LINE = ("hostkey", "listenaddress", "port")
# Options that apply to the whole file or that open a block: they have no place in a mapping.
REFUSED = ("match", "include")
DURATION = re.compile(r"^(?:\d+[smhdw])+$", re.IGNORECASE)
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
LEAVE_IT = "Set it to null to leave the option to the distribution."
SYNONYMS = {"without-password": "prohibit-password"}


def values_of(where: str, value: Any) -> list[str]:
    """Return the values of an option as sshd writes them. Raises BadInput for a mapping or a value that spans lines."""
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in values_of(where, item)]
    if not isinstance(value, (str, int)) or not str(value).strip() or re.search(r"[\r\n]", str(value)):
        raise bad_input(where, value, "a word, a number, a boolean or a list of these", LEAVE_IT)
    return [str(value).strip()]


def lines(options: Mapping[str, Any]) -> list[str]:
    """Return the options as lines of sshd_config, ordered by name; those that are null are left out.

    Lists are joined by commas where sshd wants that (Ciphers, MACs, ...Algorithms), spread over lines (Port) or joined by blanks.
    """
    written = []
    for name, value in sorted(options.items(), key=lambda item: item[0].lower()):
        where = f"hardening_sshd[{name!r}]"
        if not KEYWORD.match(name) or name.lower() in REFUSED:
            remedy = "See sshd_config(5); Match blocks go into a file of their own."
            raise bad_input("hardening_sshd", name, "an option that holds for all connections", remedy)
        if value is None:
            continue
        values = values_of(where, value)
        if not values:
            raise bad_input(where, value, "at least one value", LEAVE_IT)
        if name.lower() in ONE_A_LINE:
            written += [f"{name} {one}" for one in values]
            continue
        separator = "," if name.lower().endswith(COMMA_SEPARATED) else " "
        written.append(f"{name} {separator.join(values)}")
    return written


def normalised(value: str) -> str:
    """Return a value in the form in which `sshd -T` prints it: durations in seconds, one name for each meaning."""
    text = value.strip().strip('"')
    if DURATION.match(text):
        return str(sum(int(number) * SECONDS[unit.lower()] for number, unit in re.findall(r"(\d+)([a-zA-Z])", text)))
    return SYNONYMS.get(text.lower(), text)


def effective(report: str) -> dict[str, str]:
    """Return what `sshd -T` printed, by lower-case name; the values of an option that it prints several times are joined."""
    found: dict[str, str] = {}
    for line in report.splitlines():
        name, _blank, value = line.strip().partition(" ")
        if name:
            found[name.lower()] = f"{found[name.lower()]} {value}" if name.lower() in found else value
    return found


def differences(options: Mapping[str, Any], report: str) -> list[str]:
    """Compare the options with what `sshd -T` printed. Return one sentence per difference."""
    seen = effective(report)
    found = []
    for line in lines(options):
        name, _blank, wanted = line.partition(" ")
        actual = seen.get(name.lower())
        now, asked = normalised(actual or "").split(), normalised(wanted).split()
        if not set(asked) <= set(now) if name.lower() in CUMULATIVE else now != asked:
            found.append(f"{name} is {actual!r} in effect, expected {wanted!r}")
    return found
