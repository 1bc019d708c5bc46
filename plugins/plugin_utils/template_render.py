# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Render the templates of one set of files, each with the variables that ansible.builtin.template would give it.

Not by its lookup: that one copies all variables of the host deeply for each file, and the set itself is among them, so that the time
grows with the square of the number of files. What does not change between files is made once here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from ansible.template import generate_ansible_template_vars
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import HAS_DATA_TAGGING, trust

OVERRIDES = {"trim_blocks": True}  # ansible.builtin.template's own default


def search_path(variables: dict[str, Any], basedir: str, template: str) -> list[str]:
    """Return where a template looks for what it includes, as ansible.builtin.template does."""
    places = [*variables.get("ansible_search_path", []), basedir, os.path.dirname(template)]
    return [path for place in places for path in (os.path.join(place, "templates"), place)]


def remembering(environment: Any, source: str) -> None:
    """Let an environment compile this very text once, however many files are rendered from it; any other text as ever."""
    compile_text: Callable[..., Any] = environment.from_string
    compiled: list[Any] = []

    def from_string(text: Any, *arguments: Any, **options: Any) -> Any:
        if text is not source or arguments or options:
            return compile_text(text, *arguments, **options)
        if not compiled:
            compiled.append(compile_text(text))
        return compiled[0]

    environment.from_string = from_string


class Renderer:
    """Renders templates for one host; keeps what several files share."""

    def __init__(self, loader: Any, templar: Any, variables: dict[str, Any]) -> None:
        self._loader, self._templar, self._variables = loader, templar, variables
        self._prepared: dict[str, tuple[Any, str]] = {}

    def _template(self, path: str) -> tuple[Any, str]:
        """Return the templar and the text of a template. Raises AnsibleError where it cannot be read."""
        if path not in self._prepared:
            places = search_path(self._variables, self._loader.get_basedir(), path)
            if HAS_DATA_TAGGING:
                text = trust(self._loader.get_text_file_contents(path))
                templar = self._templar.copy_with_new_env(searchpath=places)
                environment = getattr(getattr(templar, "_engine", None), "environment", None)  # no public way; without it it is only slower
                if environment is not None:
                    remembering(environment, text)
            else:
                with open(self._loader.get_real_file(path), encoding="utf-8") as stream:
                    text = stream.read()
                from ansible.template import AnsibleEnvironment

                templar = self._templar.copy_with_new_env(environment_class=AnsibleEnvironment, searchpath=places)
            self._prepared[path] = (templar, text)
        return self._prepared[path]

    def render(self, name: str, path: str, destination: str, extra: dict[str, Any]) -> str:
        """Return the text of a file. name: the template as the task calls it. extra: further variables. Raises AnsibleError."""
        templar, text = self._template(path)
        own = generate_ansible_template_vars(name, path, destination)
        if "ansible_managed" in self._variables:
            own.pop("ansible_managed", None)
        templar.available_variables = {**self._variables, **own, **extra}
        if HAS_DATA_TAGGING:
            result = templar.template(text, escape_backslashes=False, overrides=OVERRIDES)
        else:
            result = templar.do_template(text, preserve_trailing_newlines=True, escape_backslashes=False, overrides=OVERRIDES)
        return "" if result is None else str(result)
