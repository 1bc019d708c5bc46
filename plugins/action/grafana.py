# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring the fleet's dashboards to a Grafana that exists already, from the controller."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import dashboards, grafana_api
from ansible_collections.groundwork.fleet.plugins.plugin_utils.controller_action import ControllerAction
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_values import SecretValues

ARGUMENTS: dict[str, dict[str, Any]] = {
    "url": {"type": "str", "required": True},
    "token": {"type": "str", "required": True, "no_log": True},
    "ca": {"type": "path"},
    "timeout": {"type": "float", "default": 30.0},
    "folder": {"type": "str", "default": "Fleet"},
    "data_source": {"type": "raw"},
    "dashboards": {"type": "dict", "default": {}},
    "exporters": {"type": "dict", "default": {}},
    "targets": {"type": "list", "elements": "dict", "default": []},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


class ActionModule(ControllerAction):
    """The action of this file."""

    _VALID_ARGS = frozenset(ARGUMENTS)

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what differed."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            secrets = SecretValues(self._loader, self._templar, task_vars or {}, self._task.check_mode)
            # By itself, for references of what is to be absent are left alone, and the token is needed for that too.
            own = {key: secrets.resolved(value, f"grafana.{key}") for key, value in self._task.args.items()}
            self._task.args = own
            _validation, given = self.validate_argument_spec(ARGUMENTS)
            url = grafana_api.checked_url(given["url"])
            ask = grafana_api.client(url, given["token"], given["ca"], given["timeout"])
            wanted = self._wanted(given) if given["state"] == "present" else None
            found = grafana_api.changes(ask, wanted) if wanted else grafana_api.removals(ask)
            if not self._task.check_mode:
                grafana_api.carry_out(ask, found)
                if wanted:
                    grafana_api.prove(ask, wanted.source_uid)
        except (BadInput, grafana_api.GrafanaError) as error:
            raise AnsibleActionFail(str(error)) from None
        result.update(changed=bool(found), changes=[one.what for one in found])
        result["diff"] = [{"before_header": one.what, "after_header": one.what, **self._shown(one)} for one in found]
        return result

    def _wanted(self, given: dict[str, Any]) -> grafana_api.Wanted:
        source = given["data_source"]
        made: dict[str, Any] = {}
        if isinstance(source, dict):
            made = grafana_api.data_source(source, given["token"].encode(), self._text)
        elif not isinstance(source, str) or not source:
            remedy = "Name the uid of a Prometheus that Grafana knows, or describe one: {url: https://…}."
            raise bad_input("data_source", source, "a uid, or a mapping with the url of a Prometheus", remedy)
        uid = dashboards.DATA_SOURCE if made else str(source)
        documents = dashboards.documents(given["dashboards"], given["exporters"], given["targets"], uid)
        return grafana_api.Wanted(given["folder"], documents, uid, made, given["token"].encode())

    def _text(self, path: str) -> str:
        try:
            return Path(path).expanduser().read_text(encoding="utf-8")
        except OSError as error:
            remedy = "Name the path of a file on the controller, or give the PEM text itself."
            raise bad_input("data_source", path, f"a file that can be read ({error.strerror})", remedy) from None

    @staticmethod
    def _shown(change: grafana_api.Change) -> dict[str, str]:
        def text(value: Any) -> str:
            return "" if value is None else json.dumps(value, indent=1, sort_keys=True, default=str) + "\n"

        return {"before": text(change.before), "after": text(change.after)}
