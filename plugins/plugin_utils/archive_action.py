# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action of a module that takes archives: it hands the host those that the controller has, but only those it lacks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name


class Archive(Protocol):
    """What one entry says of its archive. url: an address, or a path on the controller. sha256: of the archive, 64 hexadecimal digits."""

    @property
    def name(self) -> str:
        """Return the name of the entry."""

    @property
    def url(self) -> str:
        """Return where the archive is."""

    @property
    def sha256(self) -> str:
        """Return its checksum."""


class ArchiveAction(ActionBase):
    """Asks the host what it lacks, sends that, and lets the module install it.

    MODULE: its name. PARAMETER: its option with the entries. INSIDE: where in an entry url and sha256 stand.
    """

    TRANSFERS_FILES = False  # a directory for them is made where there are any
    _requires_connection = True
    MODULE = ""
    PARAMETER = ""
    INSIDE = ""
    ARGUMENTS: Sequence[str] = ()

    def wanted(self, given: Mapping[str, Any], state: str) -> Sequence[Archive]:
        """Return the entries. Raises BadInput."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what the module answers."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        try:
            arguments = self.prepare(self._task.args, variables)
            answer = self._module(arguments, variables)
            given = None if self._task.check_mode or answer.get("failed") else self.provide(answer, variables)
            if given is not None:
                answer = self._module({**arguments, **given}, variables)
        except BadInput as error:
            raise AnsibleActionFail(str(error)) from error
        answer["needed"] = []
        result.update(answer)
        return result

    def prepare(self, arguments: Mapping[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Return the module's arguments. Raises BadInput."""
        for name in arguments:
            if name not in self.ARGUMENTS:
                raise unknown_name("option", self.MODULE, name, self.ARGUMENTS)
        given = arguments.get(self.PARAMETER)
        if not isinstance(given, dict):
            raise bad_input(self.PARAMETER, given, "a mapping from name to options", f"See ansible-doc {self.MODULE}.")
        self._wanted = self.wanted(given, str(arguments.get("state", "present")))
        return dict(arguments)

    def provide(self, answer: Mapping[str, Any], variables: dict[str, Any]) -> dict[str, Any] | None:
        """Send the archives that the host lacks; returns the arguments that name them, None where it lacks none. Raises BadInput."""
        archives = {one.name: self._verified(one) for one in self._wanted if one.name in answer.get("needed", [])}
        return {"transferred": self._sent(archives)} if archives else None

    def _module(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._execute_module(module_name=self.MODULE, module_args=arguments, task_vars=variables)
        return answer

    def _verified(self, archive: Archive) -> Path:
        """Return the archive's path on the controller. Raises BadInput before anything is sent."""
        where = getattr(archive, "place", "") or f"{self.PARAMETER}[{archive.name!r}]{self.INSIDE}"
        path = Path(self._loader.path_dwim(archive.url.removeprefix("file://")))
        if not path.is_file():
            raise bad_input(f"{where}.url", archive.url, f"a file of the controller ({path})", "Correct the path, or use https://.")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != archive.sha256:
            remedy = f"{path} has {found}; nothing was installed. Correct the checksum only if you trust that archive."
            raise bad_input(f"{where}.sha256", archive.sha256, "the checksum of the archive", remedy)
        return path

    def _sent(self, archives: dict[str, Path]) -> dict[str, str]:
        shell = self._connection._shell
        if shell.tmpdir is None:
            self._make_tmp_path()
        sent = {name: self._transfer_file(str(path), shell.join_path(shell.tmpdir, f"release-{name}")) for name, path in archives.items()}
        self._fixup_perms2((shell.tmpdir, *sent.values()))
        return sent
