# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows the health of a fleet in the terminal, writes its report, and fails where a check failed. Runs on the controller."""

from __future__ import annotations

import datetime
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import audit, health_report, health_results, health_view, settings
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports import formats

WIDTH_WITHOUT_TERMINAL = 120


def terminal_width() -> int:
    """Return how many columns the terminal has; in a pipe, those that a log shows."""
    return shutil.get_terminal_size((WIDTH_WITHOUT_TERMINAL, 24)).columns


def written(folder: str, texts: Mapping[str, str]) -> list[str]:
    """Write the files of a report, each at once or not at all, and return their paths."""
    target = Path(os.path.abspath(os.path.expanduser(folder)))
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            staged = target / f".{name}.new"
            staged.write_text(text, encoding="utf-8")
            staged.replace(target / name)
    except OSError as error:
        raise bad_input("directory", folder, "a folder that can be written to", "%s." % error) from error
    return [str(target / name) for name in texts]


class ActionModule(ActionBase):
    """The action of this file."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False
    _VALID_ARGS = frozenset(("directory", "every", "fail", "formats", "kind", "results", "title", "warnings", "width"))

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Show, write, judge."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _checked, given = self.validate_argument_spec(
            {
                "results": {"type": "dict", "required": True},
                "directory": {"type": "str", "default": ""},
                "formats": {"type": "list", "elements": "str", "default": list(health_report.FORMATS)},
                "kind": {"type": "str", "choices": list(health_report.KINDS), "default": health_report.KIND},
                "title": {"type": "str", "default": "Health"},
                "every": {"type": "bool", "default": False},
                "width": {"type": "int", "default": 0},
                "warnings": {"type": "bool", "default": True},
                "fail": {"type": "bool", "default": True},
            }
        )
        try:
            return {**result, **self._reported(given)}
        except BadInput as error:
            raise AnsibleActionFail(str(error)) from error

    def _reported(self, given: Mapping[str, Any]) -> dict[str, Any]:
        results = given["results"]
        view = health_view.table(health_results.lines_of(results), given["width"] or terminal_width(), given["every"])
        files: list[str] = []
        if given["directory"]:
            now, version = datetime.datetime.now(datetime.UTC), audit.collection_version(settings.COLLECTION)
            report = health_report.report_of(results, now, given["title"], version=version, kind=given["kind"])
            texts = formats.rendered(report, given["formats"])
            files = [] if self._task.check_mode else written(given["directory"], texts)
        Display().display(f"\n{view}\n")
        for path in files:
            Display().display(path)
        summary = health_results.summary(results)
        failed_hosts = health_results.unhealthy_hosts(results, given["warnings"])
        answer: dict[str, Any] = {
            "changed": False,
            "summary": summary,
            "failed_hosts": failed_hosts,
            "files": files,
            "view": view.splitlines(),
        }
        if given["fail"] and not health_results.is_healthy(results, given["warnings"]):
            answer.update(failed=True, msg=view.splitlines()[-1])
        return answer
