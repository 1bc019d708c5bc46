# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as JSON, with everything that the other formats tell. It can be read again."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import STATUSES, Detail, HostReport, Item, Report
from ansible_collections.groundwork.fleet.plugins.plugin_utils.waivers import from_mapping

ENDING = "json"
FORMAT = 1  # raised when something that is there changes its meaning or goes


def render(report: Report) -> str:
    """Return the JSON document."""
    described = _described(report)
    hosts = {host.host: _host(host, described) for host in report.hosts}
    return json.dumps({**_head(report, described), "hosts": hosts}, ensure_ascii=True, indent=1) + "\n"


def parsed(text: str) -> Report:
    """Return the report that `render` has written. Raises ValueError for a text that is none, or one of another format."""
    try:
        told = json.loads(text)
        if told["format"] != FORMAT:
            raise ValueError("format %r, expected %d" % (told["format"], FORMAT))
        return Report(
            told["kind"],
            told["title"],
            datetime.datetime.strptime(told["generated"], "%Y-%m-%dT%H:%M:%S%z"),
            tuple(_host_of(host, one, told["items"]) for host, one in told["hosts"].items()),
            {name: _detail_of(one) for name, one in told["items"].items()},
            told["properties"],
            told["version"],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no report: %r" % error) from error


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


def _described(report: Report) -> dict[str, dict[str, Any]]:
    """Return what holds for an item on every host. Where hosts have different titles for one id, that of the first."""
    found: dict[str, dict[str, Any]] = {}
    for host in report.hosts:
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


def _host_of(name: str, told: Mapping[str, Any], described: Mapping[str, Mapping[str, Any]]) -> HostReport:
    items = tuple(_item_of(one, described[one["id"]]) for one in told["items"])
    return HostReport(name, items, told["problem"], told["properties"])


def _item_of(told: Mapping[str, Any], described: Mapping[str, Any]) -> Item:
    """Return one item. Its texts are the same on many hosts, so each is kept once."""
    if told["status"] not in STATUSES:
        raise ValueError("status %r" % told["status"])
    return Item(
        id=sys.intern(told["id"]),
        title=sys.intern(told.get("title", described["title"])),
        status=told["status"],
        message=sys.intern(told.get("message", "")),
        seconds=told.get("seconds", 0.0),
        group=sys.intern(told.get("group", described["group"])),
        waiver=from_mapping(told["waiver"]) if "waiver" in told else None,
        properties=told.get("properties", {}),
    )


def _detail_of(told: Mapping[str, Any]) -> Detail:
    references = {standard: tuple(numbers) for standard, numbers in told.get("references", {}).items()}
    return Detail(told.get("level", ""), told.get("rationale", ""), told.get("mend", ""), references, tuple(told.get("risk", ())))
