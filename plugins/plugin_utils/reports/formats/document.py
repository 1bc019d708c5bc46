# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as JSON, with everything that the other formats tell; `host_document` is one host of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import HostReport, Item, Report

ENDING = "json"
FORMAT = 1  # raised when something that is there changes its meaning or goes


def render(report: Report) -> str:
    """Return the whole fleet as one JSON document."""
    described = _described(report, report.hosts)
    return _text({**_head(report, described), "hosts": {host.host: _host(host, described) for host in report.hosts}})


def host_document(report: Report, host: HostReport) -> str:
    """Return one host of `report` as a JSON document of the same form."""
    described = _described(report, (host,))
    one = Report(report.kind, report.title, report.generated, (host,), report.details, report.properties, report.version)
    return _text({**_head(one, described), "hosts": {host.host: _host(host, described)}})


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=True, indent=1) + "\n"


def _head(report: Report, described: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "kind": report.kind,
        "title": report.title,
        "generated": report.stamp,
        "version": report.version,
        "properties": dict(report.properties),
        "score": report.score,
        "counts": report.counts,
        "items": described,
    }


def _described(report: Report, hosts: tuple[HostReport, ...]) -> dict[str, dict[str, Any]]:
    """Return what holds for an item on every host. Where hosts have different titles for one id, that of the first."""
    found: dict[str, dict[str, Any]] = {}
    for host in hosts:
        for item in host.items:
            if item.id in found:
                continue
            detail = report.detail(item.id)
            references = {standard: list(numbers) for standard, numbers in detail.references.items()}
            told = {
                "level": detail.level,
                "rationale": detail.rationale,
                "mend": detail.mend,
                "references": references,
                "risk": list(detail.risk),
            }
            found[item.id] = {"title": item.title, "group": item.group} | {key: value for key, value in told.items() if value}
    return dict(sorted(found.items()))


def _host(host: HostReport, described: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "score": host.score,
        "counts": host.counts,
        "problem": host.problem,
        "properties": dict(host.properties),
        "items": [_item(item, described[item.id]) for item in host.items],
    }


def _item(item: Item, described: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"id": item.id, "status": item.status}
    told |= {key: value for key, value in {"title": item.title, "group": item.group}.items() if value != described[key]}
    told |= {"message": item.message} if item.message else {}
    told |= {"seconds": round(item.seconds, 3)} if item.seconds else {}
    told |= {"waiver": item.waiver.mapping()} if item.waiver else {}
    return told | ({"properties": dict(item.properties)} if item.properties else {})
