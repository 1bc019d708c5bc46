# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible import constants
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.groundwork.fleet.plugins.module_utils import file_content
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import file_entries, secret_recipe
from ansible_collections.groundwork.fleet.plugins.plugin_utils.run_identity import run_identity
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_output import MASKS, register
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import is_reference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_values import SecretValues, refuse_embedded
from ansible_collections.groundwork.fleet.plugins.plugin_utils.template_errors import explained
from ansible_collections.groundwork.fleet.plugins.plugin_utils.template_render import Renderer

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ARGUMENTS = ("files", "validate", "state", "owner", "prune")
LIMITS = {"fleet_journal_changes": "keep_changes", "fleet_journal_days": "keep_days"}


class ActionModule(ActionBase):
    """Renders a set of files on the controller and hands the module the whole set; large content follows where the host lacks it."""

    TRANSFERS_FILES = False  # a directory for large content is made where there is any
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        try:
            arguments = self.prepare(self._task.args, variables)
            answer = self._execute_module(module_name="groundwork.fleet.files", module_args=arguments, task_vars=variables)
            if answer.get("needed") and not answer.get("failed"):
                more = self.provide(answer, variables)
                answer = self._execute_module(module_name="groundwork.fleet.files", module_args={**arguments, **more}, task_vars=variables)
        except BadInput as error:
            raise AnsibleActionFail(str(error)) from None
        finally:
            self._forget()
        result.update(answer, needed=[])
        return result

    def prepare(self, arguments: Mapping[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Return the module's arguments: everything rendered and packed. Raises BadInput."""
        self._secrets = SecretValues(self._loader, self._templar, variables, self._task.check_mode)
        self._renderer = Renderer(self._loader, self._templar, self._secrets.variables(variables))
        self._key = secrets.token_hex(32)  # of this set and this run: a digest that is seen somewhere tells nothing
        self._large: dict[str, Path] = {}
        self._temporary: list[Path] = []
        limits = {option: int(self._templar.template(variables[name])) for name, option in LIMITS.items() if name in variables}
        self._entered = self._entries(arguments)
        return {
            "files": file_entries.packed(self._withholding(arguments)),
            "validate": arguments.get("validate", []),
            "state": arguments.get("state", "present"),
            "owner": str(arguments.get("owner") or ""),
            "prune": arguments.get("prune") or {},
            "run": run_identity(),
            **limits,
        }

    def _withholding(self, arguments: Mapping[str, Any], needed: Collection[str] = ()) -> list[dict[str, Any]]:
        """Return the entries, secrets only where they are needed. In check mode nothing is asked back, and a removal needs none."""
        if self._task.check_mode or arguments.get("state") == "absent":
            return self._entered
        sent = [file_entries.withheld(one, self._key) for one in self._entered]
        return [whole if one.get("key") and one["sha256"] in needed else one for whole, one in zip(self._entered, sent, strict=True)]

    def provide(self, answer: Mapping[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments with the content that the host lacks: secrets in the set, large content by where it lies there now."""
        files = file_entries.packed(self._withholding({}, answer["needed"]))
        large = [digest for digest in answer["needed"] if digest in self._large]
        return {"files": files, "transferred": self._transferred(large) if large else {}}

    def _transferred(self, needed: list[str]) -> dict[str, str]:
        shell = self._connection._shell
        if shell.tmpdir is None:
            self._make_tmp_path()
        sent = {
            digest: self._transfer_file(str(self._large[digest]), shell.join_path(shell.tmpdir, f"content-{digest[:16]}"))
            for digest in needed
        }
        self._fixup_perms2((shell.tmpdir, *sent.values()))
        return sent

    def _forget(self) -> None:
        for path in getattr(self, "_temporary", []):
            path.unlink(missing_ok=True)

    def _entries(self, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
        for name in arguments:
            if name not in ARGUMENTS:
                raise unknown_name("option", "groundwork.fleet.files", name, ARGUMENTS)
        removing = arguments.get("state") == "absent"
        entries = []
        for path, options in file_entries.one_set(arguments.get("files")).items():
            # What is going to be removed need not be rendered: its variables may be gone already.
            content = b"" if removing else self._content(path, options)
            entries.append(self._entry(path, options, content))
        file_entries.refuse_below_no_directory(entries)
        return entries

    def _entry(self, path: str, options: dict[str, Any], content: bytes | file_entries.LargeContent) -> dict[str, Any]:
        """Return the entry of a file; one with a secret of this run in it is shown to nobody, whatever it was called."""
        if is_reference(options.get("content")):
            options = {**options, "secret": True}
        found = file_entries.entry(path, options, content)
        if found.get("secret") and isinstance(content, bytes) and file_entries.one_word(content):
            register([content.strip()])  # a password that came another way, by ansible-vault for example
        if isinstance(content, bytes) and found["kind"] == "file" and MASKS.holds(content):
            found["secret"] = True
            if options.get("mode") is None:  # whoever says nothing of it has not thought of a secret in there
                found["mode"] = file_entries.SECRET_MODE
        return found

    def _content(self, path: str, options: dict[str, Any]) -> bytes | file_entries.LargeContent:
        kind = file_entries.kind_of(path, options)
        if kind == "source":
            return self._source(path, str(options["source"]))
        if kind == "content":
            return self._text(self._given(f"files[{path!r}].content", options["content"]))
        if kind == "template":
            return self._text(
                self._rendered(path, str(options["template"]), self._secrets.variables(options.get("vars") or {}, rendered=True))
            )
        return b""

    def _given(self, where: str, content: Any) -> bytes:
        """Return content as it is given, that of a reference as its backend has it."""
        if is_reference(content):
            return secret_recipe.as_file(self._secrets.values([(where, str(content))])[0])
        text = file_entries.encoded(where, content)
        if b"secret://" in text:
            refuse_embedded(str(content), where, self._secrets.context.backends)
        return secret_recipe.as_file(text) if MASKS.holds(text) else text

    def _source(self, path: str, name: str) -> bytes | file_entries.LargeContent:
        try:
            # _find_needle and get_real_file take relative paths of the role and decrypt what ansible-vault encrypted.
            local = Path(self._loader.get_real_file(self._find_needle("files", name)))
        except AnsibleError as error:
            remedy = "Put it into the role's files/, or give its path."
            raise bad_input(f"files[{path!r}].source", name, f"a file of the controller ({error})", remedy) from None
        if local.is_dir():
            raise bad_input(f"files[{path!r}].source", name, "a file, not a directory", "Name each of its files.")
        if local.stat().st_size <= file_content.LARGE:
            return local.read_bytes()
        return self._large_content(local)

    def _text(self, content: bytes) -> bytes | file_entries.LargeContent:
        if len(content) <= file_content.LARGE:
            return content
        descriptor, name = tempfile.mkstemp(dir=constants.DEFAULT_LOCAL_TMP)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        self._temporary.append(Path(name))
        return self._large_content(Path(name))

    def _large_content(self, local: Path) -> file_entries.LargeContent:
        found = file_entries.LargeContent(local.stat().st_size, file_content.digest(str(local.resolve())))
        self._large[found.sha256] = local
        return found

    def _rendered(self, path: str, template: str, extra: dict[str, Any]) -> bytes:
        where, found = f"files[{path!r}].template", ""
        try:
            found = self._find_needle("templates", template)
            text = self._renderer.render(template, found, path, extra)
        except UnicodeDecodeError as error:
            raise bad_input(where, template, "a text in UTF-8", "Ship binary content with `source`.") from error
        except AnsibleError as error:
            raise BadInput(explained(where, template, error, source_text(found))) from None
        return file_entries.encoded(where, text)


def source_text(path: str) -> str:
    """Return the text of a template for an error, empty where it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
