# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web page answers as expected."""

from __future__ import annotations

import dataclasses
import time
from typing import Any, Dict, Mapping, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import health_net
from ansible_collections.groundwork.fleet.plugins.module_utils.health import (
    TLS_VERSIONS,
    Deadline,
    Observation,
    at_most,
    contains,
    each_named,
    equal,
    one_of,
    option,
    program_output,
)


@dataclasses.dataclass
class Options:
    """Options of an http check."""

    url: str = option("the address, http:// or https://")
    method: str = option("the request's method", "GET")
    headers: Optional[Mapping[str, str]] = option("headers to send; one with a secret has its own file, header_file", None)
    header_file: Optional[str] = option("path on the host of a file with one more header, a line `Name: value` that stays secret", None)
    body: Optional[str] = option("what to send", None)
    unix_socket: Optional[str] = option("path of the socket to connect to instead of the host of the address", None)
    status: Sequence[int] = option("the status, or a list of accepted ones", [200], expects=one_of)
    contains: Optional[str] = option("a text the answer has to contain", None, expects=contains, fact="content")
    json: Optional[Mapping[str, Any]] = option("values in the answer's JSON by their paths, like items[0].name", None, expects=each_named)
    answer_headers: Optional[Mapping[str, str]] = option("headers of the answer by their names", None, expects=each_named, fact="header")
    redirect: Optional[str] = option("where the answer redirects to", None, expects=equal)
    tls_version: Optional[Sequence[str]] = option(
        "the version of TLS, or a list of accepted ones (TLSv1.3)", None, expects=one_of, choices=TLS_VERSIONS
    )
    milliseconds: Optional[int] = option("how many milliseconds the whole answer may take", None, expects=at_most)
    ca: Optional[str] = option("path on the host of the authority that the server's certificate is held against", None)
    certificate: Optional[str] = option("path on the host of the client certificate", None)
    key: Optional[str] = option("path on the host of the client certificate's key", None)
    verify: bool = option("whether the server's certificate has to be good", True)
    server_name: Optional[str] = option("the name that the server's certificate has to be for, by default that of the address", None)
    timeout: float = option("how long one answer of the server may take", 10.0)
    unit: Optional[str] = option("the unit whose last lines of the journal the message of a failure has", None)


_LINES = 10


def observe(options: Options, deadline: Deadline) -> Observation:
    """Send one request; a redirection is an answer, it is not followed."""

    def journal() -> str:
        command = ["journalctl", "--no-pager", "--quiet", "-o", "cat", "-n", str(_LINES), "-u", options.unit or ""]
        return program_output(command, 4) if options.unit else ""

    headers = dict(options.headers or {})
    if options.header_file:
        name, _colon, value = health_net.secret(options.header_file).partition(":")
        headers[name.strip()] = value.strip()
    tls = health_net.Tls(options.ca, options.certificate, options.key, options.server_name, options.verify)
    limit, body = Deadline(options.timeout, deadline), (options.body or "").encode("utf-8")
    started = time.monotonic()
    try:
        answer = health_net.http(options.url, limit, tls, options.method, headers, body, options.unix_socket)
    except OSError as error:
        return Observation({}, note=health_net.told(error), detail=journal)
    content = answer.body.decode("utf-8", "replace")
    facts: Dict[str, Any] = {"status": answer.status, "content": content, "milliseconds": int((time.monotonic() - started) * 1000)}
    facts.update(
        {"header %s" % name: answer.headers[name.lower()] for name in options.answer_headers or {} if name.lower() in answer.headers}
    )
    if "location" in answer.headers:
        facts["redirect"] = answer.headers["location"]
    if answer.tls:
        facts["tls_version"] = answer.tls
    note = " ".join(filter(None, [answer.reason, answer.headers.get("location")]))
    if options.json:
        try:
            facts.update(health_net.json_facts(content, options.json))
        except ValueError:
            note = (note + ", the answer is not JSON").lstrip(", ")
    return Observation(facts, note=note, detail=journal)
