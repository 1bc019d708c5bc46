# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

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


def test_an_answer_has_all_that_was_said_and_knows_what_took_too_long() -> None:
    text = "import sys; print('out', flush=True); print('err', file=sys.stderr); sys.exit(3)"
    assert processes.answer([sys.executable, "-c", text], 20) == (3, "out\nerr\n")
    code, said = processes.answer([sys.executable, "-c", "import time; time.sleep(60)"], 0.2)
    assert code == 124 and "did not end within 0.2 s" in said


def test_what_runs_beside_is_killed_with_its_children(tmp_path: Path) -> None:
    child = "import time; time.sleep(60)"
    text = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {child!r}]).pid, flush=True); {child}"
    log = tmp_path / "log"
    with processes.background([sys.executable, "-c", text], str(log)) as process:
        while not log.read_text().strip():
            time.sleep(0.02)
    assert process.returncode == -9
    status = Path(f"/proc/{log.read_text().strip()}/stat")
    for _attempt in range(100):
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.02)
    else:
        pytest.fail("the child still runs")
