# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import subprocess
import sys

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import processes


def test_a_failure_is_an_answer() -> None:
    done = processes.run([sys.executable, "-c", "import sys; print('no'); sys.exit(3)"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (3, "no\n")


def test_no_shell_reads_the_arguments() -> None:
    done = processes.run([sys.executable, "-c", "import sys; print(sys.argv[1])", "$HOME; `id` *"], capture_output=True, text=True)
    assert done.stdout == "$HOME; `id` *\n"


def test_it_ends_in_time() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        processes.run([sys.executable, "-c", "import time; time.sleep(60)"], timeout=0.2)
