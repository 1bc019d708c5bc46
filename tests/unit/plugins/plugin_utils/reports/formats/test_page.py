# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import dataclasses
import datetime
import hashlib
import itertools
import re
from html.parser import HTMLParser

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.formats import page
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import Detail, HostReport, Item, Report
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.text import writable
from ansible_collections.groundwork.fleet.plugins.plugin_utils.waivers import Waiver
from hypothesis import given, settings
from hypothesis import strategies as st

VOID = {"meta", "input", "link", "img", "br", "hr"}
FETCHING = {"src", "srcset", "action", "formaction", "data", "poster", "background", "cite", "manifest", "ping", "style"}


class Parsed(HTMLParser):
    """The page as a parser sees it: elements that close, texts by element, all attributes."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == [], "elements that nothing closes"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str, name: str = "") -> list[dict[str, str | None]]:
        return [attributes for one, attributes in self.elements if one == tag and name in (attributes.get("class") or "").split(" ") + [""]]

    @property
    def text(self) -> str:
        return " ".join(" ".join(data for tag, data in self.texts if tag not in ("style", "script")).split())


def safe(parsed: Parsed) -> None:
    """Hold that a page has our own script and style only, asks nobody for anything and runs nothing from an attribute."""
    assert len(parsed.all("script")) == len(parsed.all("style")) == 1
    for tag, attributes in parsed.elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "form", "image", "use", "foreignobject")
        for name, value in attributes.items():
            assert name not in FETCHING and not name.startswith("on"), (tag, name)
            assert not name.endswith("href") or re.fullmatch(r"#[a-z0-9]+", value or ""), value


def test_the_page_tells_what_a_person_asks(report: Report) -> None:
    parsed = Parsed(page.render(report))
    safe(parsed)
    for told in (
        "Audit of staging inventory staging level strict made 2026-11-25 22:40 UTC groundwork.fleet 0.1.0",
        "75 of 100",
        "1 failed 1 control",
        "2 waived 1 waiver, 1 ending soon",
        "2 not applicable 1 reason",
        "3 hosts 1 host not examined",
        "Nothing is known about this host. Connection timed out ops-1",
        "baseline sshd can lock out 1 of 2 hosts sshd refuses root sshd-root-login",
        "Why it matters Whoever gets in as root leaves no name behind. Observed PermitRootLogin is yes web-1",
        "How to mend it Log in as yourself. References ANSSI BP-028 R33",
        "console ends in 6 days , on 2026-12-01 The <console> needs it. Owner ana & ben Covers sshd shows a banner sshd-banner web-1 db-1",
        "container 1 control auditd watches sudo auditd-rules on 2 hosts",
        "files are private umask accounts 2 of 2",
        "Everything that was observed stands in audit.json beside this page.",
    ):
        assert told in parsed.text
    assert "Made by" not in parsed.text
    by_run = dataclasses.replace(report, properties={"run": "ana@controller", "level": "high"})
    assert "Audit of staging level high made 2026" in Parsed(page.render(by_run)).text
    assert "beside this page. Made by ana@controller." in Parsed(page.render(by_run)).text
    assert len(parsed.all("article", "fail")) == 1
    assert len(parsed.all("article", "waived")) == 1
    assert [one.get("class") for one in parsed.all("details", "entry")][:3] == ["entry unexamined", "entry poor", "entry good"]


def test_links_lead_to_a_finding_and_headings_are_in_order(report: Report) -> None:
    parsed = Parsed(page.render(report))
    ids = [attributes["id"] for _tag, attributes in parsed.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for attributes in parsed.all("a")]
    assert "#i1" in links
    assert {str(link)[1:] for link in links} <= {str(one) for one in ids}
    assert {attributes["aria-labelledby"] for attributes in parsed.all("section") if "aria-labelledby" in attributes} <= set(ids)
    levels = [int(tag[1]) for tag, _attributes in parsed.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert parsed.all("html")[0]["lang"] == "en"
    assert all(attributes.get("aria-label") for attributes in parsed.all("svg"))


def test_the_policy_allows_our_own_script_and_style_by_their_hash(report: Report) -> None:
    text = page.render(report)
    (policy,) = [one["content"] for one in Parsed(text).all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    assert str(policy).startswith("default-src 'none'; ")
    assert "unsafe" not in str(policy)
    for tag in ("style", "script"):
        (inside,) = re.findall("<%s>(.*?)</%s>" % (tag, tag), text, re.DOTALL)
        assert "'sha256-%s'" % base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode() in str(policy)
        assert not re.search(r"https?:|//[a-z]|url\(|@import", inside.replace("// The page", ""))


EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'</style></title>{{ 7 * 7 }}{% raw %}&lt;`x`"


def evil(text: str) -> Report:
    waiver = Waiver(text, text, text, datetime.date(2026, 12, 1))
    items = (
        Item(text + "1", text, "fail", text, group=text),
        Item(text + "2", text, "waived", text, group=text, waiver=waiver),
        Item(text + "3", text, "skipped", text, group=text + "b"),
        Item(text + "4", text, "warn", text),
        Item(text + "5", text, "pass", text),
    )
    detail = Detail(text, text, text, {text: (text,)}, (text,))
    hosts = (HostReport(text, items, properties={text: text}), HostReport(text + "2", problem=text or "x"))
    details = {item.id: detail for item in items}
    return Report("audit", text, datetime.datetime(2026, 11, 25, tzinfo=datetime.UTC), hosts, details, {text: text}, text)


def test_no_text_of_a_host_becomes_markup() -> None:
    text = page.render(evil(EVIL))
    parsed = Parsed(text)
    safe(parsed)
    assert "<script>alert" not in text
    assert "49" not in parsed.text.replace(EVIL, "")
    assert parsed.text.count("<script>alert(1)</script>") > 20


PIECES = [*"<>&\"'`=/{}%#!-\n\r\0 ", "<script>", "</style>", "<!--", "-->", "]]>", "&#x3c;", "javascript:", "ä"]
ODD = st.lists(st.sampled_from(PIECES)).map("".join)


@given(st.one_of(ODD, st.text()))
@settings(max_examples=40)
def test_any_text_gives_the_same_elements(text: str) -> None:
    plain, odd = (Parsed(page.render(evil("x" + one))) for one in ("", text))
    safe(odd)
    shapes = [[tag for tag, _attributes in parsed.elements if tag != "code"] for parsed in (plain, odd)]
    assert shapes[0] == shapes[1]
    if "\r" not in text:
        assert sum(data == writable("x" + text) for _tag, data in odd.texts) > 10


def test_code_in_a_sentence() -> None:
    assert page.prose("run `a <b>` and `c`") == "run <code>a &lt;b&gt;</code> and <code>c</code>"
    assert page.prose("one ` alone <") == "one ` alone &lt;"


@pytest.mark.parametrize(
    ("score", "wanted"), [(None, "none"), (100, "good"), (90, "good"), (89, "fair"), (70, "fair"), (69, "poor"), (0, "poor")]
)
def test_grades(score: int | None, wanted: str) -> None:
    assert page.grade(score) == wanted


def test_counts_and_names() -> None:
    assert [page.plural(1, "host"), page.plural(0, "host"), page.plural(3000, "host")] == ["1 host", "0 hosts", "3,000 hosts"]
    assert [page.standard("cis_debian_12"), page.standard("my_own")] == ["CIS Debian 12", "my own"]
    assert len(page.clipped("x" * 5000)) == page.LONGEST_MESSAGE + 1


def test_where_nothing_failed_the_page_says_so(report: Report) -> None:
    assert "Nothing failed." in Parsed(page.render(dataclasses.replace(report, hosts=report.hosts[1:2]))).text
    assert "Nothing was judged." in Parsed(page.render(dataclasses.replace(report, hosts=report.hosts[2:]))).text


def test_a_large_fleet_gives_a_page_that_a_browser_can_show() -> None:
    def host(number: int) -> HostReport:
        items = (Item("c%03d" % one, "control %d" % one, "fail" if one % 3 else "pass", "value is %d" % (number % 7)) for one in range(60))
        return HostReport("host-%04d.example.org" % number, tuple(items))

    fleet = Report("audit", "t", datetime.datetime(2026, 11, 25, tzinfo=datetime.UTC), tuple(host(number) for number in range(1000)))
    text = page.render(fleet)
    assert len(text) < 4_000_000
    parsed = Parsed(text)
    assert len(parsed.all("article", "fail")) == 40
    assert len(parsed.all("details", "entry")) == 1000 + 1
    assert "Its findings stand in hosts/host-0999.example.org.audit.json beside this page." in parsed.text
    assert "143 hosts" in parsed.text and "and 93 more hosts" in parsed.text


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(one * 2 for one in digits) if len(digits) == 3 else digits
    parts = [int(digits[number : number + 2], 16) / 255 for number in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_text_can_be_read_in_light_and_dark_and_on_paper() -> None:
    blocks = re.findall(r":root \{(.*?)\}", (page.FILES / "page.css").read_text(encoding="utf-8"), re.DOTALL)
    themes = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", block)) for block in blocks]
    assert len(themes) == 3
    pairs = "ink/paper soft/paper soft/page soft/inset ink/inset warn/warn-soft warn/paper fail/paper pass/paper pass/pass-soft link/paper"
    for theme in ({**themes[0], **one} for one in themes):
        for text, ground in (pair.split("/") for pair in (pairs + " ink/fail-soft paper/ink").split()):
            darker, lighter = sorted((luminance(theme[text]), luminance(theme[ground])))
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, "%s on %s: WCAG 2.2 AA asks for 4.5" % (text, ground)
