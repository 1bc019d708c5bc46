# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML reports in a real browser: nothing is fetched or refused, what failed comes first, it fits, and works without scripts."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.formats import page
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import Report

from lab import browser
from tests import example_reports
from tools import screenshots

REPORTS = {"health": example_reports.health(), "audit": example_reports.audit()}
FAILED = {"health": "shop page", "audit": "sshd refuses root"}
WAYS = [(width, scheme) for width in (360, 1000, 1920) for scheme in ("light", "dark")]


@pytest.fixture(scope="module")
def tab() -> Iterator[browser.Page]:
    with browser.page() as found:
        yield found


@pytest.fixture(params=REPORTS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def show(tab: browser.Page, report: Report, folder: Path) -> Path:
    path = folder / "page.html"
    path.write_text(page.render(report), encoding="utf-8")
    tab.window(1000, 900)
    tab.open(path)
    return path


def top(tab: browser.Page, selector: str) -> float:
    return float(tab.value("document.querySelector(%r).getBoundingClientRect().top + scrollY" % selector))


def test_it_asks_nobody_for_anything(tab: browser.Page, kind: str, tmp_path: Path) -> None:
    path = show(tab, REPORTS[kind], tmp_path)
    assert tab.requests() == [path.as_uri()]
    assert tab.complaints() == []
    assert tab.value("document.title") == REPORTS[kind].title


def test_what_failed_comes_first(tab: browser.Page, kind: str, tmp_path: Path) -> None:
    show(tab, REPORTS[kind], tmp_path)
    assert top(tab, "#unexamined") < top(tab, ".finding.fail") < top(tab, "#hosts") < top(tab, "#passed")
    assert FAILED[kind] in tab.value("document.querySelector('.finding.fail h3').innerText")
    colours = [tab.value("getComputedStyle(document.querySelector('.numbers .%s')).borderLeftColor" % one) for one in ("fail", "pass")]
    assert colours[0] != colours[1]


def test_it_fits_every_window_in_light_and_dark(tab: browser.Page, kind: str, tmp_path: Path) -> None:
    show(tab, REPORTS[kind], tmp_path)
    grounds = set()
    for width, scheme in WAYS:
        tab.window(width, 800, scheme)
        assert tab.value("document.documentElement.scrollWidth") <= width, "%d pixels are too narrow" % width
        grounds.add(tab.value("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2


def test_the_filter(tab: browser.Page, kind: str, tmp_path: Path) -> None:
    show(tab, REPORTS[kind], tmp_path)
    typed = "dispatchEvent(new KeyboardEvent('keydown', {key: '/'})); document.activeElement.id"
    assert tab.value(typed) == "filter"
    tab.value("filter.value = 'web-1'; filter.dispatchEvent(new Event('input')); new Promise((done) => setTimeout(done, 400))")
    hosts = "[...document.querySelectorAll('.hosts > .entry')].filter((one) => one.checkVisibility())"
    assert tab.value(hosts + ".map((one) => one.querySelector('.host').textContent)") == ["web-1"]
    assert tab.value("document.querySelector('.finding.fail').checkVisibility()")
    tab.value("filter.value = 'no such thing'; filter.dispatchEvent(new Event('input')); new Promise((done) => setTimeout(done, 400))")
    assert not tab.value("document.querySelector('.finding.fail').checkVisibility()")


def test_it_is_complete_without_scripts(tab: browser.Page, kind: str, tmp_path: Path) -> None:
    tab.ask("Emulation.setScriptExecutionDisabled", value=True)
    try:
        show(tab, REPORTS[kind], tmp_path)
        assert not tab.value("document.querySelector('.filter').checkVisibility()")
        assert FAILED[kind] in tab.value("document.body.innerText")
    finally:
        tab.ask("Emulation.setScriptExecutionDisabled", value=False)


def test_no_text_of_a_host_runs(tab: browser.Page, tmp_path: Path) -> None:
    report = REPORTS["health"]
    evil = '</pre><img src=x onerror="window.hit = 1"><script>window.hit = 1</script>'
    items = [dataclasses.replace(item, id=evil + item.id, message=evil) for item in report.hosts[2].items]
    path = show(tab, dataclasses.replace(report, hosts=(dataclasses.replace(report.hosts[2], host=evil, items=tuple(items)),)), tmp_path)
    assert tab.value("window.hit") is None
    assert evil in tab.value("document.body.innerText")
    assert tab.requests() == [path.as_uri()]


def test_the_screenshot_of_the_documentation(tab: browser.Page, tmp_path: Path) -> None:
    """It is what the page is like today: as large as taken anew, and small enough for a repository."""
    show(tab, REPORTS["health"], tmp_path)
    tab.window(*screenshots.SIZE)
    for image in (screenshots.HEALTH.read_bytes(), tab.screenshot()):
        assert struct.unpack(">II", image[16:24]) == screenshots.SIZE
        assert 20_000 < len(image) < 150_000
    assert "health.png" in (screenshots.ROOT / "docs" / "health.md").read_text(encoding="utf-8")
