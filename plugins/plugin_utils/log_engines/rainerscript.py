# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How rsyslog's configuration language, RainerScript, writes texts and parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def quoted(text: object, expression: bool = False) -> str:
    """Return a text as RainerScript writes it. expression: it stands in one, where $ would begin a variable."""
    value = re.sub(r"[\x00-\x1f\x7f]", " ", str(text)).replace("\\", "\\\\").replace('"', '\\"')
    return '"%s"' % (value.replace("$", "\\$") if expression else value)


def constant(text: str) -> str:
    """Return a part of a template that is this text. There rsyslog resolves escapes twice (seen with 8.2302 and 8.2504)."""
    return "constant(value=%s)" % quoted(text.replace("\\", "\\\\"))


def parameters(values: Mapping[str, Any]) -> str:
    """Return parameters of an object; those that are null are left out."""
    parts = []
    for name, value in values.items():
        if value is not None:
            parts.append("%s=%s" % (name, "[%s]" % ", ".join(map(quoted, value)) if isinstance(value, (list, tuple)) else quoted(value)))
    return " ".join(parts)
