# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lays out who can log in where, as text, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import unknown_name

FORMATS = ("table", "csv", "json")
COLUMNS = ("host", "account", "kind", "way", "owner", "expires", "key last used", "sudo", "last login")

Accounts = Iterable[Mapping[str, Any]]


def rows(hosts: Mapping[str, Accounts]) -> list[dict[str, str]]:
    """Return one row for each way in. hosts: host to the accounts that the module logins answered."""
    found = []
    for host, accounts in sorted(hosts.items()):
        for account in accounts:
            keys = {f"key {key['fingerprint']}": key for key in account["keys"]}
            for way in account["ways"] or [f"none: {account['barred'] or 'no key, no password'}"]:
                key = keys.get(way.partition(" (")[0], {})
                found.append(
                    {
                        "host": host,
                        "account": account["name"],
                        "kind": account["kind"],
                        "way": way,
                        "owner": key.get("owner", ""),
                        "expires": key.get("expires", "") or account["expires"],
                        "key last used": key.get("last_used", ""),
                        "sudo": "; ".join(account["sudo"]),
                        "last login": account["last_login"],
                    }
                )
    return found


def table(lines: Sequence[Mapping[str, str]]) -> str:
    """Return rows as a table of text. What a row repeats of the one above is left out in the first columns."""
    width = {name: max(len(name), *(len(line[name]) for line in lines)) if lines else len(name) for name in COLUMNS}
    texts = ["  ".join(name.ljust(width[name]) for name in COLUMNS).rstrip()]
    before: tuple[str, ...] = ()
    for line in lines:
        same = (line["host"], line["account"]) == before
        before = (line["host"], line["account"])
        shown = {**line, "host": "", "account": "", "kind": "", "sudo": "", "last login": ""} if same else line
        texts.append("  ".join(shown[name].ljust(width[name]) for name in COLUMNS).rstrip())
    return "\n".join(texts) + "\n"


def report(hosts: Mapping[str, Accounts], kind: str = "table") -> str:
    """Return the report as `table`, `csv` (one line for each way in) or `json` (everything). Raises BadInput for another kind."""
    if kind not in FORMATS:
        raise unknown_name("format", "login_report", kind, FORMATS)
    if kind == "json":
        return json.dumps({host: list(accounts) for host, accounts in sorted(hosts.items())}, indent=2) + "\n"
    if kind == "table":
        return table(rows(hosts))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows(hosts):
        # What a spreadsheet would take for a formula is text: an owner is whatever somebody wrote into a key.
        writer.writerow({name: "'" + value if value.startswith(("=", "+", "-", "@")) else value for name, value in row.items()})
    return stream.getvalue()
