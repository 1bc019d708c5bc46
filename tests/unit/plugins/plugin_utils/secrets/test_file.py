# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import Settings, configured, file, resolve

VALUE = "correct horse battery staple"


def refused(text: str, settings: Settings) -> str:
    """Return the message about a reference; it never has the value in it."""
    with pytest.raises(BadInput) as error:
        resolve(text, "users_password", configured(None), settings)
    assert VALUE not in str(error.value)
    assert error.value.__cause__ is None
    return str(error.value)


@pytest.fixture(name="inventory")
def _inventory(tmp_path: Path) -> Settings:
    (tmp_path / ".groundwork" / "secrets" / "db").mkdir(parents=True)
    (tmp_path / ".groundwork" / "secrets" / "db" / "password").write_text(VALUE + "\n")
    return Settings(inventory_directory=str(tmp_path))


def test_file_beside_the_inventory_loses_one_newline(inventory: Settings) -> None:
    assert resolve("secret://file/db/password", "x", configured(None), inventory) == VALUE.encode()


def test_file_in_a_directory_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\x00\xff\n\n")
    declared = {"keys": {"backend": "file", "directory": str(tmp_path)}}
    assert resolve("secret://keys/key", "x", configured(declared), Settings()) == b"\x00\xff\n"


def test_file_errors(inventory: Settings, tmp_path: Path) -> None:
    assert "No such file or directory. Create the file" in refused("secret://file/db/gone", inventory)
    assert "leave #field out" in refused("secret://file/db/password#field", inventory)
    assert "Is a directory" in refused("secret://file/db", inventory)
    (tmp_path / ".groundwork" / "secrets" / "empty").write_text("\n")
    assert "is empty" in refused("secret://file/empty", inventory)


def test_file_does_not_follow_a_link_out_of_its_directory(inventory: Settings, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text(VALUE)
    (tmp_path / ".groundwork" / "secrets" / "link").symlink_to(tmp_path / "outside")
    assert "leads out of the directory" in refused("secret://file/link", inventory)


def test_explain_shows_no_value() -> None:
    assert "ValueError" in file.explain(ValueError(VALUE))
    assert VALUE not in file.explain(ValueError(VALUE))
