# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests over one HTTP connection that is kept: certificates always looked at, by a proxy where the environment names one."""

from __future__ import annotations

import base64
import email.utils
import http.client
import ssl
import urllib.request
from typing import Dict, Mapping, NamedTuple, Optional, Tuple
from urllib.parse import unquote, urlsplit

SECONDS = 30  # for which a connection may be silent
MOST = 65536  # bytes of an answer that are looked at
SYSTEM = "system"
_STALE = (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError)


class Request(NamedTuple):
    """What is sent."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


class Answer(NamedTuple):
    """What came back. headers: their names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode("utf-8", "replace")


def context(ca: str = SYSTEM, certificate: str = "", key: str = "") -> ssl.SSLContext:
    """Return the settings of TLS. ca: file of the authority, `system` for those of the host. Raises OSError, of which SSLError is one."""
    made = ssl.create_default_context(cafile=None if ca in ("", SYSTEM) else ca)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        made.load_cert_chain(certificate, key)
    return made


def proxy_for(url: str) -> str:
    """Return the proxy that the environment names for a URL, `host:port` or `user:password@host:port`, empty without one."""
    place = urlsplit(url)
    if urllib.request.proxy_bypass(place.hostname or ""):
        return ""
    found = urllib.request.getproxies_environment().get(place.scheme, "")
    return urlsplit(found if "://" in found else "http://" + found).netloc if found else ""


def login(proxy: str) -> Tuple[str, Dict[str, str]]:
    """Return `host:port` of a proxy, and the header with who logs in there where its address says so."""
    account, at, place = proxy.rpartition("@")
    coded = base64.b64encode(unquote(account).encode()).decode()
    return place, {"Proxy-Authorization": "Basic " + coded} if at else {}


def retry_after(headers: Mapping[str, str], now: float) -> Optional[float]:
    """Return for how many seconds an answer asks to wait, None where it does not say. now: seconds since 1970."""
    text = headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now) if text else None
    except (TypeError, ValueError, IndexError):
        return None


class Client:
    """Sends requests one after the other; the connection is kept between them. tls: settings for https, made by `context`."""

    def __init__(self, tls: Optional[ssl.SSLContext] = None, seconds: float = SECONDS) -> None:
        self.tls, self.seconds = tls, seconds
        self.open: Optional[Tuple[str, http.client.HTTPConnection]] = None

    def ask(self, request: Request) -> Answer:
        """Return the answer, be it a refusal. Raises OSError where none came, http.client.HTTPException for one that is none of HTTP.

        A connection that was kept may have been closed by the other end meanwhile; then the request is made once more on a new one.
        """
        place = urlsplit(request.url)
        origin = "%s://%s" % (place.scheme, place.netloc)
        kept = self.open is not None and self.open[0] == origin
        try:
            return self._asked(origin, request)
        except _STALE:
            self.close()
            if not kept:
                raise
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        try:
            return self._asked(origin, request)
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        if self.open is not None:
            self.open[1].close()
            self.open = None

    def _asked(self, origin: str, request: Request) -> Answer:
        if self.open is None or self.open[0] != origin:
            self.close()
            self.open = (origin, self._connection(origin))
        connection = self.open[1]
        place = urlsplit(request.url)
        path = (place.path or "/") + ("?" + place.query if place.query else "")
        headers = dict(request.headers)
        proxy = proxy_for(request.url)
        if place.scheme == "http" and proxy:
            path = request.url
            headers.update(login(proxy)[1])
        connection.request(request.method, path, body=request.body or None, headers=headers)
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        body = answer.read(MOST)
        if answer.read(1):  # the rest is not wanted, and the next answer stands behind it
            self.close()
        return Answer(answer.status, told, body)

    def _connection(self, origin: str) -> http.client.HTTPConnection:
        place = urlsplit(origin)
        proxy, headers = login(proxy_for(origin))
        if place.scheme == "http":
            return http.client.HTTPConnection(proxy or place.netloc, timeout=self.seconds)
        if not proxy:
            return http.client.HTTPSConnection(place.netloc, timeout=self.seconds, context=self.tls)
        made = http.client.HTTPSConnection(proxy, timeout=self.seconds, context=self.tls)
        made.set_tunnel(place.hostname or "", place.port or 443, headers)
        return made


def asked_plainly(method: str, url: str, headers: Mapping[str, str]) -> Tuple[int, str]:
    """Return status and text of a request to an address of this host or its network, past any proxy. Raises OSError."""
    place = urlsplit(url)
    secured = place.scheme == "https"
    kind = http.client.HTTPSConnection if secured else http.client.HTTPConnection
    connection = kind(place.netloc, timeout=5)
    try:
        connection.request(method, place.path + ("?" + place.query if place.query else ""), headers=dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read(MOST).decode("utf-8", "replace")
    except http.client.HTTPException as error:
        raise OSError("%s: %s" % (type(error).__name__, error)) from error
    finally:
        connection.close()
