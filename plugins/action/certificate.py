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
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority, pki_store

ARGUMENTS = {
    "directory": {"type": "path", "required": True},
    "names": {"type": "list", "elements": "str", "default": []},
    "addresses": {"type": "list", "elements": "str", "default": []},
    "lifetime_days": {"type": "int", "default": 90},
    "renewed_since": {"type": "str", "default": ""},
    "authority_name": {"type": "str", "default": "groundwork.fleet internal authority"},
}


class ActionModule(ActionBase):
    """Issue or renew the host's certificate on the controller. Answers with paths and metadata, never with a key."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec(argument_spec=ARGUMENTS)
        host = (task_vars or {})["inventory_hostname"]
        try:
            authority.require_library()
            subject = authority.host_subject(host, args["names"], args["addresses"])
            since = authority.moment_since(args["renewed_since"], "renewed_since", datetime.now(UTC))
            wanted = pki_store.Wanted(subject, args["lifetime_days"], args["authority_name"], since)
            issued = _issued(Path(args["directory"]), wanted, bool(self._task.check_mode))
        except BadInput as error:
            raise AnsibleActionFail(str(error)) from error
        authority_certificate = issued.authority_certificate.read_bytes()
        return {
            "changed": issued.reason is not None,
            "reason": issued.reason,
            "authority_created": issued.authority_created,
            "authority_certificate": str(issued.authority_certificate),
            "certificate": str(issued.certificate),
            "key": str(issued.key),
            "authority": {**authority.metadata(authority_certificate), "body_line": authority.body_line(authority_certificate)},
            "leaf": authority.metadata(issued.certificate.read_bytes()),
        }


def _issued(directory: Path, wanted: pki_store.Wanted, check_mode: bool) -> pki_store.Issued:
    if wanted.days < 1:
        raise BadInput(f"lifetime_days is {wanted.days}; expected at least 1. Give the days that a certificate is to be valid.")
    now = datetime.now(UTC)
    if not check_mode:
        return pki_store.issue(directory, wanted, now)
    # Ansible removes its local temporary directory at the end of the run.
    scratch = Path(tempfile.mkdtemp(prefix="groundwork-pki-", dir=constants.DEFAULT_LOCAL_TMP))
    return pki_store.foresee(directory, scratch, wanted, now)
