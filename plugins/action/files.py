# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import lookup_loader
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import file_entries
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import HAS_DATA_TAGGING

if TYPE_CHECKING:
    from collections.abc import Mapping

ARGUMENTS = ("files", "validate", "state")


class ActionModule(ActionBase):
    """Renders a set of files on the controller and hands the module the whole set."""

    TRANSFERS_FILES = False
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        try:
            arguments = self.prepare(self._task.args, variables)
        except BadInput as error:
            raise AnsibleActionFail(str(error)) from error
        result.update(self._execute_module(module_name="groundwork.fleet.files", module_args=arguments, task_vars=variables))
        return result

    def prepare(self, arguments: Mapping[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Return the module's arguments: everything rendered and packed. Raises BadInput."""
        return {
            "files": file_entries.packed(self._entries(arguments, variables)),
            "validate": arguments.get("validate", []),
            "state": arguments.get("state", "present"),
        }

    def _entries(self, arguments: Mapping[str, Any], variables: dict[str, Any]) -> list[dict[str, Any]]:
        for name in arguments:
            if name not in ARGUMENTS:
                raise unknown_name("option", "groundwork.fleet.files", name, ARGUMENTS)
        files = arguments.get("files")
        if not isinstance(files, dict):
            raise bad_input("files", files, "a mapping from path to options", "See ansible-doc groundwork.fleet.files.")
        removing = arguments.get("state") == "absent"
        entries = []
        for path, options in files.items():
            file_entries.checked_path(path)
            if not isinstance(options, dict):
                raise bad_input(f"files[{path!r}]", options, "a mapping of options", "See ansible-doc groundwork.fleet.files.")
            # What is going to be removed need not be rendered: its variables may be gone already.
            content = b"" if removing else self._content(path, options, variables)
            entries.append(file_entries.entry(path, options, content))
        return entries

    def _content(self, path: str, options: dict[str, Any], variables: dict[str, Any]) -> bytes:
        kind = file_entries.kind_of(path, options)
        if kind == "content":
            return str(options["content"]).encode()
        if kind == "source":
            # _find_needle and get_real_file take relative paths of the role and decrypt what ansible-vault encrypted.
            with open(self._loader.get_real_file(self._find_needle("files", options["source"])), "rb") as stream:
                return stream.read()
        if kind == "template":
            return self._rendered(options["template"], options.get("vars") or {}, variables)
        return b""

    def _rendered(self, template: str, extra: dict[str, Any], variables: dict[str, Any]) -> bytes:
        lookup = lookup_loader.get("ansible.builtin.template", loader=self._loader, templar=self._templar)
        # ansible-core 2.18 would turn text that looks like JSON into a mapping; newer ones deprecate the option against it.
        as_text = {} if HAS_DATA_TAGGING else {"convert_data": False}
        text = lookup.run([template], variables, template_vars=extra, **as_text)[0]
        return ("" if text is None else str(text)).encode()
