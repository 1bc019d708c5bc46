# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hand the host the archives that the controller has, but only those it lacks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.groundwork.fleet.plugins.module_utils import release as releases_util
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name

ARGUMENTS = ("releases", "base", "state", "phase", "run")


class ActionModule(ActionBase):
    """Asks the host what it lacks, sends that, and lets the module install it."""

    TRANSFERS_FILES = False  # a directory for them is made where there are any
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
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
            if name not in ARGUMENTS:
                raise unknown_name("option", "groundwork.fleet.release", name, ARGUMENTS)
        given = arguments.get("releases")
        if not isinstance(given, dict):
            raise bad_input("releases", given, "a mapping from name to options", "See ansible-doc groundwork.fleet.release.")
        self._wanted = releases_util.wanted_releases(given, str(arguments.get("state", "present")))
        return dict(arguments)

    def provide(self, answer: Mapping[str, Any], variables: dict[str, Any]) -> dict[str, Any] | None:
        """Send the archives that the host lacks; returns the arguments that name them, None where it lacks none. Raises BadInput."""
        archives = {one.name: self._verified(one) for one in self._wanted if one.name in answer.get("needed", [])}
        return {"transferred": self._sent(archives)} if archives else None

    def _module(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._execute_module(module_name="groundwork.fleet.release", module_args=arguments, task_vars=variables)
        return answer

    def _verified(self, release: releases_util.Release) -> Path:
        """Return the archive's path on the controller. Raises BadInput before anything is sent."""
        where = f"releases[{release.name!r}]"
        path = Path(self._loader.path_dwim(release.local_path))
        if not path.is_file():
            raise bad_input(f"{where}.url", release.url, f"a file of the controller ({path})", "Correct the path, or use https://.")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != release.sha256:
            remedy = f"{path} has {found}; nothing was installed. Correct the checksum only if you trust that archive."
            raise bad_input(f"{where}.sha256", release.sha256, "the checksum of the archive", remedy)
        return path

    def _sent(self, archives: dict[str, Path]) -> dict[str, str]:
        shell = self._connection._shell
        if shell.tmpdir is None:
            self._make_tmp_path()
        sent = {name: self._transfer_file(str(path), shell.join_path(shell.tmpdir, f"release-{name}")) for name, path in archives.items()}
        self._fixup_perms2((shell.tmpdir, *sent.values()))
        return sent
