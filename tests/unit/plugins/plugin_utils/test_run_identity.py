# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import getpass
import multiprocessing
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ansible import constants
from ansible_collections.groundwork.fleet.plugins.plugin_utils import run_identity

SHAPE = r".+@.+, \S+ \d+ since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \(run [0-9a-f]{6}\)"


@pytest.fixture(autouse=True)
def local_tmp(tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    return tmp_path


def _worker(queue):
    queue.put((run_identity.run_identity(), run_identity.run_token("guard web-1")))


def test_all_forked_workers_of_a_process_are_one_run(local_tmp):
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    workers = [context.Process(target=_worker, args=(queue,)) for _number in range(8)]
    for worker in workers:
        worker.start()
    answers = {queue.get(timeout=20) for _worker_of in workers}
    for worker in workers:
        worker.join()
    assert len(answers) == 1
    identity, token = answers.pop()
    assert re.fullmatch(SHAPE, identity) and " %d since" % os.getpid() in identity
    assert run_identity.run_identity() == identity and len(token) == 64
    assert [path.name for path in local_tmp.iterdir()] == [run_identity.FILE]
    assert (local_tmp / run_identity.FILE).stat().st_mode & 0o777 == 0o600


def test_two_processes_are_two_runs():
    script = "\n".join(
        [
            "from ansible.utils.collection_loader import _collection_finder as finder",
            "finder._AnsibleCollectionFinder(paths=[%r])._install()" % str(Path(__file__).resolve().parents[4] / "collections"),
            "from ansible_collections.groundwork.fleet.plugins.plugin_utils import run_identity as one",
            "print(one.run_identity(), one.run_token('x'))",
        ]
    )
    said = [subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout for _turn in range(2)]
    assert said[0] != said[1] and said[0].split()[-1] != said[1].split()[-1]


def test_a_token_is_for_one_purpose():
    assert run_identity.run_token("guard web-1") != run_identity.run_token("guard web-2")


def test_a_job_of_awx_is_named_and_a_uid_without_a_name_is_none_the_less_somebody(monkeypatch):
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr(getpass, "getuser", lambda: (_ for _ in ()).throw(KeyError("uid")))
    said = run_identity.described({"AWX_HOST": "https://awx", "JOB_ID": "17"}, os.getpid(), "abc123")
    assert said.startswith("uid %d@" % os.getuid()) and ", AWX job 17, " in said


def test_where_there_is_no_proc_the_first_asking_counts():
    assert re.fullmatch(SHAPE, run_identity.described({}, 2**22 + 1, "abc123"))
