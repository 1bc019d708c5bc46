# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The formats that a flow may parse, as rules of liblognorm (its configuration format version 2) and regular expressions."""

from __future__ import annotations

_QUOTED = '%%{"name": "%s", "type": "string", "quoting.mode": "required", "quoting.escape.mode": "backslash"}%%'
_USER = '%{"name": "user", "type": "string-to", "extradata": " ["}%'
_REQUEST = f"%remote:word% %ident:word% {_USER} [%time:char-to:]%] {_QUOTED % 'request'} %status:number% %bytes:word%"
_BROWSER = f"{_QUOTED % 'referer'} {_QUOTED % 'agent'}"
_LEVEL = "%level:alpha%:%-:whitespace%%message:rest%"
_BEGIN = "%date:word% %time:word% %zone:word% [%pid:number%]"

#: Format to rules of liblognorm, of which the first that fits counts.
RULES: dict[str, list[str]] = {
    # What stands behind the browser is the site's own.
    "combined": [f"rule=:{_REQUEST} {_BROWSER}", f"rule=:{_REQUEST}", f"rule=:{_REQUEST} {_BROWSER} %rest:rest%"],
    "postgresql": [f"rule=:{_BEGIN} %user:char-to:@%@%database:word% {_LEVEL}", f"rule=:{_BEGIN} {_LEVEL}"],
}

#: A pair of logfmt with the spaces behind it: 1 is the name, 3 the value, which may be left out; with quotes where it has any.
LOGFMT_PAIR = r"""^([^] ="{},[]+)(=("([^"\\]|\\.)*"|[^ "]*))?([ ]+|$)"""
#: A line with more pairs than that is not taken apart, for it is done by recursion.
LOGFMT_FIELDS = 64
