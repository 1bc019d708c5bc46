# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of all backends share: how a user's reference is resolved, and how it is refused without a trace of the value."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secrets
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import parse

VALUE = "correct horse battery staple"


class Use:
    """One entry of fleet_secret_backends, used as the core uses it."""

    def __init__(self, kind: str, inventory: Path, /, **options: Any) -> None:
        self.options = secrets.configured({kind: {"backend": kind, **options}})[kind]
        self.kind = kind
        self.backend = secrets.backend(kind, "test")
        self.settings = secrets.Settings(self.options, str(inventory))

    def fetch(self, rest: str) -> bytes:
        return self.backend.fetch(self.reference(rest), self.settings)

    def store(self, rest: str, value: bytes) -> None:
        self.backend.store(self.reference(rest), value, self.settings)

    def replace(self, rest: str, value: bytes) -> None:
        self.backend.replace(self.reference(rest), value, self.settings)

    def changed_at(self, rest: str) -> Any:
        return self.backend.changed_at(self.reference(rest), self.settings)

    def reference(self, rest: str) -> Any:
        return parse("secret://%s/%s" % (self.kind, rest))

    def refused(self, rest: str, kind: type[Exception] = Exception, act: str = "fetch") -> str:
        """Return what a user reads of a failure; never a value, also not by way of a cause."""
        reference = self.reference(rest)
        arguments = (reference, self.settings) if act == "fetch" else (reference, VALUE.encode(), self.settings)
        with pytest.raises(kind) as caught:
            getattr(self.backend, act)(*arguments)
        error = caught.value
        told = str(error) if isinstance(error, (secrets.SecretError, BadInput)) else self.backend.explain(error)
        assert VALUE not in told
        assert not isinstance(error, secrets.SecretError) or error.__cause__ is None
        assert "\n" not in told
        return told


@pytest.fixture
def use(tmp_path: Path) -> Callable[..., Use]:
    """Return what makes a backend with the options given, beside an inventory in tmp_path."""
    return lambda kind, **options: Use(kind, tmp_path, **options)


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], str]:
    """Return what writes a program of a few lines of sh and gives its path."""

    def make(body: str) -> str:
        path = tmp_path / "program"
        path.write_text("#!/bin/sh\n%s\n" % body)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    return make
