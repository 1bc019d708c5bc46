# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_ottl
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_types import PARSERS, SEVERITIES, Flow, Input, Select


def test_quoting() -> None:
    assert log_ottl.quoted('a"b\\d\n') == '"a\\"b\\\\d\\n"'


def test_conditions() -> None:
    select = Select(("shop", "web*"), "warning", ("auth", "local0"), 'say "no"', {"level": "^err"})
    assert log_ottl.condition(select) == (
        '(resource.attributes["service.name"] == "shop" or attributes["unit"] == "shop.service"'
        ' or IsMatch(resource.attributes["service.name"], "^web.*$")) and severity_number >= 13'
        ' and (attributes["facility"] == 4 or attributes["facility"] == 16) and IsMatch(body, "say \\"no\\"")'
        ' and IsMatch(attributes["fields"]["level"], "^err")'
    )
    assert log_ottl.condition(Select()) == ""


def test_the_worse_the_larger() -> None:
    numbers = [log_ottl.NUMBERS[name] for name in SEVERITIES]
    assert numbers == sorted(numbers, reverse=True) and len(set(numbers)) == len(numbers)
    assert (log_ottl.CODES["kern"], log_ottl.CODES["ftp"], log_ottl.CODES["local0"], log_ottl.CODES["local7"]) == (0, 11, 16, 23)


@pytest.mark.parametrize("form", PARSERS)
def test_each_format_gives_fields(form: str) -> None:
    assert all('set(attributes["fields"], ' in one for one in log_ottl.parse(Flow("f", (), (), parse=form)))


@pytest.mark.parametrize(
    ("form", "line", "fields"),
    [
        ("combined", '1.2.3.4 - ana [26/Nov/2026:10:38:06 +0000] "GET / HTTP/1.1" 200 12 "-" "curl"', {"status": "200", "agent": "curl"}),
        ("combined", '1.2.3.4 - - [26/Nov/2026:10:38:06 +0000] "GET / HTTP/1.1" 200 -', {"bytes": "-", "agent": None}),
        ("postgresql", "2026-11-26 10:38:06.1 UTC [12] shop@db ERROR:  bad", {"level": "ERROR", "user": "shop", "message": "bad"}),
        ("postgresql", "2026-11-26 10:38:06.1 UTC [12] LOG:  checkpoint", {"level": "LOG", "user": None, "pid": "12"}),
    ],
)
def test_lines_as_they_are_in_the_wild(form: str, line: str, fields: dict[str, str]) -> None:
    found = re.match(log_ottl._FORMATS[form], line)
    assert found and {name: found[name] for name in fields} == fields


@pytest.mark.parametrize(
    ("pattern", "names", "named"),
    [
        ("^(a|b) x=([^ ]+)$", ["one", "two"], "^(?P<one>a|b) x=(?P<two>[^ ]+)$"),
        (r"\((a)[(]", ["one"], r"\((?P<one>a)[(]"),
        ("[]()]([[:alpha:](]+)", ["one"], "[]()](?P<one>[[:alpha:](]+)"),
        ("[^](]((b)c)", ["one", "two"], "[^](](?P<one>(?P<two>b)c)"),
    ],
)
def test_groups_get_names(pattern: str, names: list[str], named: str) -> None:
    assert log_ottl.named_groups(pattern, names) == named
    flow = Flow("f", (), (), parse="regex", parse_matches=pattern, parse_fields=tuple(names))
    assert log_ottl.quoted(named) in log_ottl.parse(flow)[0]


def test_records_of_each_input_get_one_form() -> None:
    files = list(log_ottl.from_input(Input("a", "files", ("/a",), "a", "err", "daemon")))
    assert 'set(attributes["facility"], 3)' in files and "set(severity_number, 17)" in files and 'set(severity_text, "err")' in files
    assert list(log_ottl.from_input(Input("journal", "journal")))[-1] == 'set(body, body["MESSAGE"])'
    assert 'keep_keys(attributes, ["facility", "pid"])' in list(log_ottl.from_input(Input("n", "syslog", transport="udp", port=514)))


def test_forms_of_outputs() -> None:
    document = list(log_ottl.document("web-1", {"group": "web"}, True))
    assert 'set(cache["host"], "web-1")' in document and 'set(cache["group"], "web")' in document and document[-1] == "set(body, cache)"
    assert not any("fields" in one for one in log_ottl.document("a", {}, False))
    assert 'set(attributes["structured_data"]["groundwork@1"]["group"], "web")' in list(log_ottl.syslog("a", {"group": "web"}, 1))
    assert list(log_ottl.resource("a", {})) == ['set(resource.attributes["host.name"], "a")']
    assert log_ottl.redact(["a$"]) == ['replace_pattern(body, "a$", "[redacted]")']
