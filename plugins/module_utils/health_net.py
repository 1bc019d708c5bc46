# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What check types that talk to a server share: connections that end with their deadline, TLS, secrets, HTTP.

Not http.client: it does not know when all of it has to end, and takes four times as long to import as to use.
"""

from __future__ import annotations

import os
import socket
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, shared

MOST = 4 * 1024 * 1024  # bytes of an answer that are read
_MOST_HEAD = 256 * 1024


class Silent(OSError):
    """The server took the connection and did not answer in time."""


class Refused(Exception):
    """The server answered that it does not want to: its own words, without a secret."""


class Tls(NamedTuple):
    """How to talk TLS: paths on the host of the authority, the client certificate and its key."""

    ca: Optional[str] = None
    certificate: Optional[str] = None
    key: Optional[str] = None
    name: Optional[str] = None  # that the certificate has to be for, by default the host
    verify: bool = True

    def context(self, protocols: Tuple[str, ...] = (), seconds: float = 60.0) -> Any:
        """Return the ssl.SSLContext, the same for all checks that talk TLS alike: each would hold a megabyte of authorities.

        protocols: names for ALPN. seconds: how long another check may take to make it. Files that were replaced are read anew.
        """
        files = [path for path in (self.ca, self.certificate, self.key) if path]
        words = [*files, *protocols, self.verify, *map(_version, files)]
        return shared(
            "\0".join(["reading %s" % (files or ["the authorities"])[0], *map(str, words)]), lambda: self._made(protocols), seconds
        )

    def _made(self, protocols: Tuple[str, ...]) -> Any:
        import ssl  # pylint: disable=import-outside-toplevel

        if self.verify:
            context = ssl.create_default_context(cafile=self.ca)
        else:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if self.certificate:
            context.load_cert_chain(self.certificate, self.key)
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context


def _version(path: str) -> str:
    """Return what changes when a file is replaced; empty where there is none, whoever reads it tells so."""
    try:
        status = os.stat(path)
    except OSError:
        return ""
    return "%d %d" % (status.st_ino, status.st_mtime_ns)


def secret(path: Optional[str]) -> str:
    """Return the first line of the file with a secret; a name without a folder is a credential of the unit. Empty for None."""
    if not path:
        return ""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    with open(path if path.startswith("/") or not folder else os.path.join(folder, path), encoding="utf-8") as stream:
        return stream.readline().rstrip("\r\n")


def told(error: Exception) -> str:
    """Return an error of a connection as a note."""
    if isinstance(error, (Silent, Refused)):
        return str(error)
    if isinstance(error, socket.timeout):
        return "TimeoutError: timed out"
    return "%s: %s" % (type(error).__name__, error)


class Stream:
    """A connection; whatever is done on it ends with the deadline."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self.connection = connection
        self.deadline = deadline
        self._rest = b""

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_error: object) -> None:
        self.connection.close()

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self.connection.settimeout(self.deadline.left())
        self.connection.sendall(data)

    def more(self) -> bytes:
        """Return what comes next, empty at the end. Raises Silent."""
        if self._rest:
            found, self._rest = self._rest, b""
            return found
        if self.deadline.passed():
            raise Silent("it accepted the connection and did not answer within %.1f s" % self.deadline.seconds)
        self.connection.settimeout(self.deadline.left())
        try:
            return self.connection.recv(65536)
        except socket.timeout:
            raise Silent("it accepted the connection and did not answer within %.1f s: timed out" % self.deadline.seconds) from None

    def exactly(self, count: int) -> bytes:
        """Return that many bytes. Raises ConnectionError where there are fewer, and where more than MOST are asked for."""
        if count > MOST:
            raise ConnectionError("the answer claims to have %d bytes" % count)
        found, self._rest = self._rest, b""
        while len(found) < count:
            part = self.more()
            if not part:
                raise ConnectionError("the connection was closed within the answer")
            found += part
        found, self._rest = found[:count], found[count:]
        return found

    def until(self, end: bytes, most: int = _MOST_HEAD) -> bytes:
        """Return what comes before `end`, which is consumed."""
        found = b""
        while end not in found:
            part = self.more()
            if not part:
                raise ConnectionError("the connection was closed %s" % ("within the answer" if found else "without an answer"))
            found += part
            if len(found) > most and end not in found:
                raise ConnectionError("the answer is no end of %r within %d bytes" % (end, most))
        found, self._rest = found.split(end, 1)
        return found

    def line(self) -> str:
        """Return one line."""
        return self.until(b"\n").rstrip(b"\r").decode("utf-8", "replace")

    def rest(self) -> bytes:
        """Return everything until the end, at most MOST bytes."""
        parts: List[bytes] = []
        size = 0
        for part in iter(self.more, b""):
            parts.append(part)
            size += len(part)
            if size >= MOST:
                break
        return b"".join(parts)[:MOST]

    def secure(self, tls: Tls, host: str, protocols: Tuple[str, ...] = ()) -> None:
        """Go on in TLS."""
        context = tls.context(protocols, self.deadline.left())
        self.connection.settimeout(self.deadline.left())
        try:
            self.connection = context.wrap_socket(self.connection, server_hostname=tls.name or host)
        except socket.timeout:
            raise Silent("it accepted the connection and did not answer the TLS greeting within %.1f s" % self.deadline.seconds) from None


def connect(host: str, port: int, deadline: Deadline, tls: Optional[Tls] = None) -> Stream:
    """Open a connection, in TLS where `tls` is given. A host with a slash is the path of a socket."""
    if host.startswith("/"):
        local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        local.settimeout(deadline.left())
        try:
            local.connect(host)
        except OSError:
            local.close()
            raise
        return Stream(local, deadline)
    stream = Stream(socket.create_connection((host, port), timeout=deadline.left()), deadline)
    if tls is not None:
        try:
            stream.secure(tls, host)
        except BaseException:
            stream.connection.close()
            raise
    return stream


class Answer(NamedTuple):
    """What a web server answered; the names of `headers` are in small letters."""

    status: int
    reason: str
    headers: Dict[str, str]
    body: bytes
    tls: str  # its version ("TLSv1.3"), empty without TLS


def _head(text: str) -> Tuple[int, str, Dict[str, str]]:
    first, *lines = text.split("\r\n") if "\r\n" in text else text.split("\n")
    words = first.split(" ", 2)
    if not words[0].startswith("HTTP/") or len(words) < 2 or not words[1].isdigit():
        raise ConnectionError("the answer is not HTTP")
    headers: Dict[str, str] = {}
    for line in lines:
        name, _colon, value = line.partition(":")
        key = name.strip().lower()
        headers[key] = "%s, %s" % (headers[key], value.strip()) if key in headers else value.strip()
    return int(words[1]), words[2] if len(words) > 2 else "", headers


def _body(stream: Stream, headers: Mapping[str, str]) -> bytes:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        parts: List[bytes] = []
        while sum(map(len, parts)) < MOST:
            size = int(stream.line().split(";")[0].strip() or "0", 16)
            if not size:
                break
            parts.append(stream.exactly(size))
            stream.line()
        return b"".join(parts)[:MOST]
    if headers.get("content-length", "").isdigit() and int(headers["content-length"]) <= MOST:
        return stream.exactly(int(headers["content-length"]))
    return stream.rest()


def _place(url: str) -> Tuple[bool, str, int, str]:
    """Return whether it is https, the host, the port and what to ask for."""
    from urllib.parse import urlsplit  # pylint: disable=import-outside-toplevel

    address = urlsplit(url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ValueError("%r is no http:// or https:// address" % url)
    secure = address.scheme == "https"
    target = (address.path or "/") + ("?" + address.query if address.query else "")
    return secure, address.hostname, address.port or (443 if secure else 80), target


def http(
    url: str,
    deadline: Deadline,
    tls: Tls,
    method: str = "GET",
    headers: Optional[Mapping[str, str]] = None,
    body: bytes = b"",
    unix_socket: Optional[str] = None,
) -> Answer:
    """Send one request and return the answer; a redirection is an answer, it is not followed."""
    secure, host, port, target = _place(url)
    shown_host = "[%s]" % host if ":" in host else host
    sent = {"Host": shown_host if port in (80, 443) else "%s:%d" % (shown_host, port), "User-Agent": "groundwork.fleet"}
    sent.update({"Accept": "*/*", "Connection": "close"})
    if body:
        sent["Content-Length"] = str(len(body))
    for name, value in (headers or {}).items():
        sent.pop(next((known for known in sent if known.lower() == name.lower()), name), None)
        sent[name] = value
    lines = ["%s %s HTTP/1.1" % (method, target), *("%s: %s" % item for item in sent.items())]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a line break in the request of %s" % host)
    with connect(unix_socket or host, port, deadline) as stream:
        if secure:
            stream.secure(tls, host)
        stream.send("\r\n".join([*lines, "", ""]).encode("utf-8") + body)
        status = 100
        while 100 <= status < 200:  # a server may say "wait" first
            status, reason, found = _head(stream.until(b"\r\n\r\n").decode("iso-8859-1"))
        empty = method == "HEAD" or status in (204, 304)
        version = getattr(stream.connection, "version", None)
        return Answer(status, reason, found, b"" if empty else _body(stream, found), str(version()) if version else "")


def value_at(document: Any, path: str) -> Any:
    """Return what stands at a path like a.b[0]; raises LookupError."""
    import re  # pylint: disable=import-outside-toplevel

    for part in re.findall(r"[^.\[\]]+", re.sub(r"^\$\.?", "", path)):
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def json_facts(content: str, paths: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the facts `json PATH` of a JSON text, where there is such a path. Raises ValueError."""
    import json  # pylint: disable=import-outside-toplevel

    facts: Dict[str, Any] = {}
    document = json.loads(content)
    for path in paths:
        try:
            facts["json %s" % path] = value_at(document, path)
        except (LookupError, TypeError, ValueError):
            continue
    return facts
