# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority, pki_store, revocation

ARGUMENTS = {
    "directory": {"type": "path", "required": True},
    "host": {"type": "str", "default": ""},
    "serial": {"type": "str", "default": ""},
    "reason": {"type": "str", "default": "asked for"},
}


class ActionModule(ActionBase):
    """Revoke certificates of the internal authority on the controller; the next run of the role hands out the list."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec(argument_spec=ARGUMENTS)
        scratch = Path(tempfile.mkdtemp(prefix="groundwork-pki-", dir=constants.DEFAULT_LOCAL_TMP)) if self._task.check_mode else None
        try:
            authority.require_library()
            with pki_store.opened(Path(args["directory"]), scratch) as place:
                gone = revocation.revoke(place, args["host"], args["serial"], args["reason"], datetime.now(UTC))
        except BadInput as error:
            raise AnsibleActionFail(str(error)) from error
        told = [f"{entry['name']} of {entry['host']}, serial {entry['serial']}, valid until {entry['not_after'][:10]}" for entry in gone]
        return {
            "changed": bool(gone),
            "revoked": gone,
            "msg": "; ".join(told) or "it is revoked already",
            "diff": {"before": "", "after": "".join(f"revoked: {line}\n" for line in told)},
        }
