# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines as programs write them, what flows have to make of them, and an rsyslogd that is asked for it."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_model
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import Setting, rsyslog
from log_lab import LogLab, entries

PLACE = "/root/flows"
#: Format to lines with their fields; None where a line is not of the format.
LINES: dict[str, list[tuple[str, dict[str, Any] | None]]] = {
    "json": [
        (r'{"level":"error","msg":"a \"b\" \\ \u00e4 ü","n":5,"in":{"a":[1,null]},"t":true}', None),
        ('  {"Level":"info"} ', {"Level": "info"}),
        ("{}", {}),
        ('{"broken": ', None),
        ('{"a":1} behind', None),
        ("[1,2]", None),
        ("plain", None),
        ('{"mail":"ana@example.org"}', {"mail": "[redacted]"}),
        ('{"msg":"in","password":"hunter2"}', None),
    ],
    "logfmt": [
        (r'level=info msg="say \"hi\", ü" path=/x?a=b', {"level": "info", "msg": 'say "hi", ü', "path": "/x?a=b"}),
        ('at=2026-11-26T10:00:00Z caller=main.go:1 empty= none="" flag', {"at": "2026-11-26T10:00:00Z", "caller": "main.go:1"}),
        ("plain text = nothing", None),
        ('msg="not ended', None),
        (" ".join(f"f{number}=x" for number in range(65)), None),
        ("a=1  password=hunter2", None),
    ],
    "combined": [
        ('2001:db8::1 - ana b [26/Nov/2026:10:00:00 +0000] "GET /a?b=c HTTP/2.0" 200 12 "-" "Mozilla/5.0 (X11)"', {"user": "ana b"}),
        (r'::1 - - [26/Nov/2026:10:00:00 +0000] "GET /\"x\" HTTP/1.1" 400 - "https://x/" "a \"b\""', {"request": 'GET /"x" HTTP/1.1'}),
        (r'::1 - - [26/Nov/2026:10:00:00 +0000] "\x16\x03\x22" 400 0 "-" "-"', {"request": r"\x16\x03\x22", "remote": "::1"}),
        ('192.0.2.1 - - [26/Nov/2026:10:00:00 +0000] "" 400 0 "" ""', {"request": "", "agent": ""}),
        ('192.0.2.1 - - [26/Nov/2026:10:00:00 +0000] "GET / HTTP/1.0" 200 5', {"bytes": "5", "status": "200"}),
        ('192.0.2.1 - - [26/Nov/2026:10:00:00 +0000] "GET / HTTP/1.0" 200 5 "r" "a" 0.003', {"agent": "a", "rest": "0.003"}),
        ("2026/11/26 10:00:00 [error] 1#1: upstream timed out", None),
    ],
    "postgresql": [
        ("2026-11-26 10:00:00.123 UTC [42] LOG:  ready", {"level": "LOG", "message": "ready", "pid": "42", "zone": "UTC"}),
        ('2026-11-26 10:00:00.123 +03 [4] ana@shop ERROR:  relation "x" ü', {"user": "ana", "database": "shop", "level": "ERROR"}),
        (
            "2026-11-26 10:00:00.123 UTC [4] ana@shop STATEMENT:  select *\n\tfrom x\n\twhere a = 'b'",
            {"level": "STATEMENT", "message": "select *\\n\tfrom x\\n\twhere a = 'b'"},
        ),
        ("2026-11-26 10:00:00.123 UTC [4] a b c", None),
    ],
    "regex": [
        ('10 GET /x?a="b" ü', {"n": "10", "verb": "GET", "rest": '/x?a="b" ü'}),
        ("7  $5 \\1", {"n": "7", "verb": "", "rest": "$5 \\1"}),
        ("x GET /", None),
    ],
}
LINES["json"][0] = (LINES["json"][0][0], {"level": "error", "msg": 'a "b" \\ ä ü', "n": 5, "in": {"a": [1, None]}, "t": True})
#: Of those that have no fields: how many never were of the format. The others lost them to a redaction.
UNPARSED = {"json": 4, "logfmt": 3, "combined": 1, "postgresql": 1, "regex": 1}
OWN = {"matches": "^([0-9]+) ([A-Z]*) (.*)$", "fields": ["n", "verb", "rest"]}
#: Lines of which a flow lets fewer pass.
MANY, LIMIT, SAMPLE = 400, 50, 4


def declared() -> dict[str, Any]:
    """Return an input, a flow and an output for each format, and for a limit and a sample."""
    found: dict[str, Any] = {"inputs": {"journal": None}, "flows": {}, "outputs": {}}
    for name in (*LINES, "limit", "sample", "selected", "bytes"):
        file = "json" if name == "selected" else "limit" if name == "sample" else name
        found["inputs"][file] = {"paths": [f"{PLACE}/{file}.log"]}
        found["outputs"][name] = {"type": "elasticsearch", "servers": ["https://nowhere:9200"]}
        found["flows"][name] = {"inputs": [file], "outputs": [name]}
        if name in LINES:
            found["flows"][name] |= {"parse": OWN if name == "regex" else name, "redact": ["secrets", "mail"]}
    found["inputs"]["postgresql"]["multiline"] = {"start": "^[0-9]{4}-"}
    found["flows"]["limit"]["rate_limit"] = {"lines": LIMIT, "seconds": 3600}
    found["flows"]["sample"]["sample"] = SAMPLE
    found["flows"]["selected"] |= {"parse": "json", "select": {"fields": {"Level": "^info$"}}}
    return found


def run(hosts: LogLab, host: str) -> tuple[dict[str, list[dict[str, Any]]], dict[str, int]]:
    """Have the rsyslogd of a host take the lines; return what it wrote for each output, and what it counted."""
    logs = log_model.parsed(declared(), [], [], entries(), "rsyslog")
    hosts.on(host, f"rm -rf {PLACE}; mkdir -p {PLACE}/collect " + " ".join(f"{PLACE}/{name}/segments" for name in logs.outputs))
    files = {f"{PLACE}/{name}.log": "".join(line + "\n" for line, _fields in lines) for name, lines in LINES.items()}
    files[f"{PLACE}/limit.log"] = "".join(f"line {number}\n" for number in range(MANY))
    collect = rsyslog.collector(logs, Setting("h", PLACE, "/tls", "Debian", {"environment": 'a"b'}))
    hosts.send(host, {**files, f"{PLACE}/collect.conf": collect})
    hosts.on(host, rf"printf 'caf\351 \377\n' > {PLACE}/bytes.log")  # Latin 1, which is not UTF-8
    # 12 s: imfile ends a message of several lines after 5 s, statistics are written every 10 s.
    hosts.on(host, f"timeout 12 rsyslogd -n -iNONE -f {PLACE}/collect.conf; true")
    found = {}
    for name in logs.outputs:
        found[name] = [json.loads(line) for line in hosts.on(host, f"cat {PLACE}/{name}/segments/*.log").splitlines()]
    stats = hosts.on(host, f"grep -F dynstats.bucket {PLACE}/collect/stats | tail -1")
    return found, json.loads(stats[stats.index("{") :])["values"]
