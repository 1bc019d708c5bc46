# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of liblognorm for the formats that a flow may parse (its configuration format version 2)."""

from __future__ import annotations

_REQUEST = '%remote:word% %ident:word% %user:word% [%time:char-to:]%] "%request:char-to:"%" %status:number% %bytes:word%'

#: Format to rules, of which the first that fits counts. JSON has a module of its own.
RULES: dict[str, list[str]] = {
    "logfmt": ["rule=:%.:name-value-list%"],
    "combined": [f'rule=:{_REQUEST} "%referer:char-to:"%" "%agent:char-to:"%"', f"rule=:{_REQUEST}"],
    "postgresql": [
        "rule=:%date:word% %time:word% %zone:word% [%pid:number%] %user:char-to:@%@%database:word% %level:char-to:\\x3a%:  %message:rest%",
        "rule=:%date:word% %time:word% %zone:word% [%pid:number%] %level:char-to:\\x3a%:  %message:rest%",
    ],
}
