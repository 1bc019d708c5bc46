# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A value that is given is as expected: what a playbook found out elsewhere, or a file of goss declares."""

from __future__ import annotations

import dataclasses
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, equal, option


@dataclasses.dataclass
class Options:
    """Options of a value check."""

    content: Any = option("the value")  # noqa: RUF009  # of the type Any nobody sees that it is a field
    expected: Any = option("what it has to be", expects=equal, fact="content")  # noqa: RUF009


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Look at what was given."""
    return Observation({"content": options.content})
