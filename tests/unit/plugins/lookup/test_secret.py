# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar

VALUE = "pass{{ phrase }}"


def look_up(directory: Path, *terms: str, backends: Any = None, **options: Any) -> list[str]:
    variables: dict[str, Any] = {"inventory_dir": str(directory)}
    if backends is not None:
        variables["fleet_secret_backends"] = backends
    loader = DataLoader()
    one = lookup_loader.get("groundwork.fleet.secret", loader=loader, templar=Templar(loader=loader, variables=variables))
    found: list[str] = one.run(list(terms), variables=variables, **options)
    return found


@pytest.fixture(name="inventory")
def _inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".groundwork" / "secrets").mkdir(parents=True)
    (tmp_path / ".groundwork" / "secrets" / "db").write_text(VALUE + "\n")
    (tmp_path / ".groundwork" / "secrets" / "key").write_bytes(b"\xff\x00")
    monkeypatch.setenv("FLEET_TOKEN", "token")
    return tmp_path


def test_secrets_in_the_order_of_the_references(inventory: Path) -> None:
    assert look_up(inventory, "secret://env/FLEET_TOKEN", "secret://file/db") == ["token", VALUE]


def test_a_backend_under_a_name_of_ones_own(inventory: Path) -> None:
    assert look_up(inventory, "secret://ci/TOKEN", backends={"ci": {"backend": "env", "prefix": "FLEET_"}}) == ["token"]


def test_a_secret_that_is_no_text(inventory: Path) -> None:
    assert look_up(inventory, "secret://file/key", base64=True) == [base64.b64encode(b"\xff\x00").decode()]
    with pytest.raises(AnsibleError, match=r"expected a reference to UTF-8 text\. Ask for it with base64=true"):
        look_up(inventory, "secret://file/key")


@pytest.mark.parametrize("term", ["secret://file/gone", "secret://nope/x", "file/db", "secret://file/db#x"])
def test_errors_name_the_reference_and_no_value(inventory: Path, term: str) -> None:
    with pytest.raises(AnsibleError) as error:
        look_up(inventory, term)
    assert "secret is %r; expected" % term in str(error.value)
    assert "phrase" not in str(error.value)
