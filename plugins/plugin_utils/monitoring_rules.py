# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the catalogue's alerts Prometheus judges, and what a site has different about them. Decides, touches nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, refuse_unknown_options, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils.step_list import plain

VARIABLE = "monitoring_alerts"
OPTIONS = ("expr", "for", "keep_firing_for", "severity", "labels", "summary")


def wanted_rules(alerts: Mapping[str, Any], exporters: Mapping[str, Any], targets: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names of the rules that say something here: of exporters only those that run somewhere."""
    running = {str(target.get("exporter")) for target in targets}
    quiet = {name for name in exporters if name not in running and not (exporters[name] or {}).get("collect")}
    return sorted(name for name in alerts if name not in quiet)


def checked(changes: Mapping[str, Any], documents: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any] | None]:
    """Return what a site has different, alert to options, None for an alert that it does not want. Raises BadInput.

    documents: all rules that there are, whether or not they are judged here.
    """
    known = {str(rule["alert"]) for document in documents for rule in _rules(document) if "alert" in rule}
    found: dict[str, dict[str, Any] | None] = {}
    for name, given in changes.items():
        where = f"{VARIABLE}.{name}"
        if name not in known:
            raise unknown_name("alert", VARIABLE, str(name), known)
        if given is not None and not isinstance(given, Mapping):
            raise bad_input(where, given, "a mapping of what is different", "Write {for: 30m, severity: warning}, or null to leave it out.")
        refuse_unknown_options(where, given or {}, OPTIONS)
        if not isinstance((given or {}).get("labels", {}), Mapping):
            raise bad_input(f"{where}.labels", (given or {})["labels"], "a mapping of labels", "Write {labels: {team: web}}.")
        found[str(name)] = None if given is None else plain(given)
    return found


def adjusted(document: Mapping[str, Any], changes: Mapping[str, Mapping[str, Any] | None], runbooks: str = "") -> dict[str, Any]:
    """Return a file of rules as it is judged here. changes: as `checked` gives them.

    runbooks: the address that is put before each `runbook_url`. A label that is null is left out.
    """
    found: dict[str, Any] = plain(document)
    for group in found.get("groups", []):
        group["rules"] = [rule for rule in group["rules"] if changes.get(rule.get("alert"), {}) is not None]
        for rule in group["rules"]:
            _change(rule, changes.get(rule.get("alert")) or {})
            annotations = rule.get("annotations", {})
            if runbooks and "runbook_url" in annotations:
                annotations["runbook_url"] = f"{runbooks.rstrip('/')}/{annotations['runbook_url']}"
    found["groups"] = [group for group in found.get("groups", []) if group["rules"]]
    return found


def _change(rule: dict[str, Any], given: Mapping[str, Any]) -> None:
    rule.update({key: str(given[key]) for key in ("expr", "for", "keep_firing_for") if key in given})
    labels = {**rule.get("labels", {}), **({"severity": given["severity"]} if "severity" in given else {}), **given.get("labels", {})}
    if labels:
        rule["labels"] = {key: str(value) for key, value in labels.items() if value is not None}
    if "summary" in given:
        rule.setdefault("annotations", {})["summary"] = str(given["summary"])


def _rules(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for group in document.get("groups", []):
        yield from group["rules"]
