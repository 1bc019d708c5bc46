# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_files
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import parse
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import AlreadyThere, NotThere, Settings, file


def test_of_many_that_create_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "a" / "secret"
    won: list[bytes] = []
    ready = threading.Barrier(8)

    def one(value: bytes) -> None:
        ready.wait()
        try:
            secret_files.create(path, lambda: value)
        except AlreadyThere:
            return
        won.append(value)

    threads = [threading.Thread(target=one, args=(b"%d" % number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [path.read_bytes()]
    assert list(path.parent.iterdir()) == [path]
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_replaced_whole_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    with pytest.raises(NotThere):
        secret_files.replace(path, b"x")
    path.write_bytes(b"old")
    path.chmod(0o640)
    secret_files.replace(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o640)
    assert secret_files.changed_at(path) is not None
    assert secret_files.changed_at(tmp_path / "gone") is None


def test_the_backend_file_creates_and_replaces(tmp_path: Path) -> None:
    settings, reference = Settings(inventory_directory=str(tmp_path)), parse("secret://file/a/b")
    file.store(reference, b"one", settings)
    with pytest.raises(AlreadyThere):
        file.store(reference, b"two", settings)
    assert file.fetch(reference, settings) == b"one"
    file.replace(reference, b"two", settings)
    assert file.fetch(reference, settings) == b"two"
    assert file.changed_at(reference, settings) is not None
