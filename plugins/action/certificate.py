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
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import (
    authority,
    certificate_items,
    own_certificate,
    pki,
    pki_store,
    settings,
)
from ansible_collections.groundwork.fleet.plugins.plugin_utils.private_files import write_atomically

ARGUMENTS: dict[str, dict[str, Any]] = {
    "directory": {"type": "path"},
    "names": {"type": "list", "elements": "str", "default": []},
    "addresses": {"type": "list", "elements": "str", "default": []},
    "lifetime_days": {"type": "int", "default": 90},
    "certificates": {"type": "list", "elements": "dict", "default": []},
    "authority_name": {"type": "str", "default": "groundwork.fleet"},
    "root_key": {"type": "str", "default": "", "no_log": True},
    "intermediate_key": {"type": "str", "default": "", "no_log": True},
    "intermediate_days": {"type": "int", "default": 1825},
    "list_days": {"type": "int", "default": 90},
    "members": {"type": "list", "elements": "str", "default": []},
    "revoke_removed": {"type": "bool", "default": False},
    "record": {"type": "bool", "default": False},
    "renewed_since": {"type": "str", "default": ""},
}
REQUEST: dict[str, dict[str, Any]] = {"request": {"type": "dict", "default": {}, "no_log": True}}


class ActionModule(ActionBase):
    """Issue or renew the host's certificates on the controller. Answers with paths and metadata, never with a key."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _validation, given = self.validate_argument_spec(argument_spec={**ARGUMENTS, **REQUEST})
        host, check_mode, now = (task_vars or {})["inventory_hostname"], bool(self._task.check_mode), datetime.now(UTC)
        # Ansible removes its local temporary directory at the end of the run.
        scratch = Path(tempfile.mkdtemp(prefix="groundwork-pki-", dir=constants.DEFAULT_LOCAL_TMP))
        try:
            authority.require_library()
            args = arguments(given)
            items = certificate_items.checked(args["certificates"])
            own = {item.name: self._own(item, scratch, now) for item in items if item.issuer == "own"}
            asked = wanted(host, args, items, authority.moment_since(args["renewed_since"], "renewed_since", now))
            outcome = pki.issue(Path(args["directory"]), asked, now, scratch if check_mode else None)
            trusted, leaf = outcome.authorities.read_bytes(), outcome.leaves[pki_store.HOST].certificate.read_bytes()
            if args["record"]:
                if not check_mode and not outcome.recorded:
                    pki.record(Path(args["directory"]), host, pki.record_of(trusted, leaf))
                return {"changed": False}
        except BadInput as error:
            raise AnsibleActionFail(str(error)) from error
        return answer(outcome, own, trusted)

    def _own(self, item: certificate_items.Item, scratch: Path, now: datetime) -> pki_store.Issued:
        """Judge what the site brings along, and lay it down for the step that sends it."""

        def read(path: str) -> bytes:
            return Path(self._loader.path_dwim(path)).read_bytes()

        made = own_certificate.checked(item.name, own_certificate.loaded(item.name, item.own, read), [*item.names, *item.addresses], now)
        stem = scratch / f"own-{item.name}"
        found = pki_store.Issued(stem.with_suffix(".crt"), stem.with_suffix(".chain"), stem.with_suffix(".key"), None)
        for path, content in ((found.certificate, made.certificate), (found.issuers, made.issuers), (found.key, made.key)):
            write_atomically(path, content, 0o600)
        return found


def arguments(given: dict[str, Any]) -> dict[str, Any]:
    """Return the options, those of `request` where there is one. Raises BadInput."""
    args = settings.coerced(ARGUMENTS, given["request"]) if given["request"] else given
    if not args["directory"]:
        raise bad_input(
            "directory", None, "a directory of the controller", "It keeps the authority; for the role it is certificates_directory."
        )
    return args


def wanted(host: str, args: dict[str, Any], items: list[certificate_items.Item], since: datetime | None) -> pki_store.Wanted:
    """Return what the host should have of the internal authority. since: what was issued before is replaced. Raises BadInput."""
    subject = authority.host_subject(host, args["names"], args["addresses"])
    leaves = [pki_store.Leaf(pki_store.HOST, subject, args["lifetime_days"])]
    for item in items:
        if item.issuer != "own":  # one of a public authority has ours until that has answered
            own = authority.host_subject(host, item.names, item.addresses)
            first = item.names[0] if item.names else host
            every = authority.Subject(first, subject.names | own.names, subject.addresses | own.addresses)
            leaves.append(pki_store.Leaf(item.name, every, item.days or args["lifetime_days"]))
    return pki_store.Wanted(
        host=host,
        leaves=tuple(leaves),
        authority_name=args["authority_name"],
        root_key=args["root_key"].encode() or None,
        intermediate_key=args["intermediate_key"].encode() or None,
        intermediate_days=args["intermediate_days"],
        list_days=args["list_days"],
        members=frozenset(args["members"]) if args["members"] else None,
        revoke_removed=args["revoke_removed"],
        since=since,
    )


def answer(outcome: pki_store.Outcome, own: dict[str, pki_store.Issued], trusted: bytes) -> dict[str, Any]:
    """Return what the task answers."""
    leaves = {name: _told(issued) for name, issued in {**outcome.leaves, **own}.items()}
    renewed = [f"certificate {name}: new, {issued.reason}" for name, issued in outcome.leaves.items() if issued.reason]
    warnings = list(outcome.warnings)
    if outcome.waits_for:
        warnings.append(
            "The former authority goes on issuing until these hosts trust the new root: %s. Run the site for them, then once more."
            % ", ".join(outcome.waits_for)
        )
    host = leaves[pki_store.HOST]
    return {
        "changed": bool(outcome.done or renewed),
        "done": outcome.done + renewed,
        "msg": "; ".join(outcome.done + renewed) or "every certificate serves",
        "diff": {"before": "", "after": "".join(f"{line}\n" for line in outcome.done + renewed)},
        "warnings": warnings,
        "waits_for": list(outcome.waits_for),
        "recorded": outcome.recorded,
        "reason": host["reason"],
        "authority_created": outcome.created,
        "authority_certificate": str(outcome.authorities),
        "root_certificate": str(outcome.root),
        "former_certificate": str(outcome.former) if outcome.former else None,
        "revocation_list": str(outcome.revoked),
        "certificate": host["certificate"],
        "key": host["key"],
        "leaves": leaves,
        "authority": {**authority.metadata(trusted), "body_line": authority.body_line(trusted)},
        "leaf": host,
    }


def _told(issued: pki_store.Issued) -> dict[str, Any]:
    return {
        "certificate": str(issued.certificate),
        "chain": str(issued.issuers),
        "key": str(issued.key),
        "reason": issued.reason,
        **authority.metadata(issued.certificate.read_bytes()),
    }
