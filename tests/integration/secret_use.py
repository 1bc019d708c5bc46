# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One entry of fleet_secret_backends, used as the core uses it, and what a user reads where it refuses."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secrets
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference, parse

VALUE = "correct horse battery staple"


class Use:
    """A backend with its options, for one run."""

    def __init__(self, kind: str, inventory: Path, /, **options: Any) -> None:
        self.kind, self.backend = kind, secrets.backend(kind, "test")
        self.settings = secrets.Settings(secrets.configured({kind: {"backend": kind, **options}})[kind], str(inventory))

    def reference(self, rest: str) -> SecretReference:
        return parse(f"secret://{self.kind}/{rest}")

    def fetch(self, rest: str) -> bytes:
        return self.backend.fetch(self.reference(rest), self.settings)

    def fetch_many(self, *rests: str) -> dict[SecretReference, bytes]:
        return self.backend.fetch_many([self.reference(one) for one in rests], self.settings)

    def store(self, rest: str, value: bytes) -> None:
        self.backend.store(self.reference(rest), value, self.settings)

    def replace(self, rest: str, value: bytes) -> None:
        self.backend.replace(self.reference(rest), value, self.settings)

    def changed_at(self, rest: str) -> Any:
        return self.backend.changed_at(self.reference(rest), self.settings)

    def close(self) -> None:
        self.backend.close(self.settings)

    def refused(self, rest: str, kind: type[Exception] = Exception, act: str = "fetch") -> str:
        """Return what a user reads of a failure: one line, no value."""
        reference = self.reference(rest)
        arguments = (reference, self.settings) if act == "fetch" else (reference, VALUE.encode(), self.settings)
        with pytest.raises(kind) as caught:
            getattr(self.backend, act)(*arguments)
        told = self.told(caught.value)
        assert VALUE not in told
        assert "\n" not in told
        return told

    def told(self, error: Exception) -> str:
        return str(error) if isinstance(error, (secrets.SecretError, BadInput)) else self.backend.explain(error)

    def transient(self, rest: str) -> bool:
        """Return whether what a fetch raises may be tried again."""
        with pytest.raises(Exception) as caught:  # whatever the vendor's library raises
            self.fetch(rest)
        return bool(self.backend.transient(caught.value))


def installed(program: str, package: str) -> str:
    """Return the path of a program, from its distribution's package where it is not there."""
    if shutil.which(program) is None:
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        command = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-q", "-y", "--no-install-recommends", package]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    path = shutil.which(program)
    assert path is not None, f"{package} does not bring {program}"
    return path
