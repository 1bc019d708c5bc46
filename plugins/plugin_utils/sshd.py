# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of sshd: from a mapping to lines of sshd_config. What is in effect is the check type `sshd`'s matter."""

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
LEAVE_IT = "Set it to null to leave the option to the distribution."


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
