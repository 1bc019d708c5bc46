# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place that starts a program on a host."""

from __future__ import annotations

import subprocess
from typing import Any, Sequence


def run(command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[Any]:
    """Run a program without a shell and return what it answers, be it a failure; `options` are those of subprocess.run.

    Not AnsibleModule.run_command: that one knows no time limit and needs a module, which health checks and apt's host side are not.
    """
    return subprocess.run(list(command), check=False, **options)  # pylint: disable=ansible-bad-function
