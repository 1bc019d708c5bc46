# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text from hosts, as documents may hold it."""

from __future__ import annotations

import re

#: What XML 1.0 cannot hold, not even escaped, and no other document needs.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str) -> str:
    """Return `text` with control characters and halves of characters replaced."""
    return UNWRITABLE.sub("\ufffd", text)
