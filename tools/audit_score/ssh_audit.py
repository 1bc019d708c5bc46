# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ssh-audit says of a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lab.console import LabError

KINDS = {"kex": "key exchange", "key": "host key", "enc": "cipher", "mac": "MAC"}


def _told(document: dict[str, Any]) -> Iterator[str]:
    for kind, name in KINDS.items():
        for one in document[kind]:
            for grade in ("fail", "warn"):
                for text in one["notes"].get(grade, []):
                    yield f"{name} {one['algorithm']}: {text}"
    for one in document.get("cves", []):
        yield f"{one['name']}: {one['description']}"


def warnings(text: str) -> tuple[str, ...]:
    """Return each failure and warning of a JSON report. Raises LabError where it is none: ssh-audit could not connect."""
    try:
        return tuple(_told(json.loads(text)))
    except (ValueError, KeyError, TypeError):
        first = text.strip().splitlines()[:1] or ["no output"]
        raise LabError(f"ssh-audit gave no report: {first[0]}; expected JSON of a server that answers") from None
