# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The resources of a goss file as health checks: one function for each kind. See goss_file.py for how a file is read."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.groundwork.fleet.plugins.plugin_utils import goss_matchers as matchers
from ansible_collections.groundwork.fleet.plugins.plugin_utils.goss_matchers import LeftOut

#: Attributes that say nothing of what is expected.
ABOUT = ("meta", "skip", "title")
FILE_TYPES = {"symlink": "link", "character-device": "character device", "block-device": "block device", "fifo": "pipe"}
NAMES_IN_ANSWERS = ("CNAME", "MX", "NS", "PTR", "SRV")
EITHER = {"any": [True, False]}

Attributes = Mapping[str, Any]
Taken = dict[str, Any]


class Resource:
    """One resource of a goss file: what is taken of it, and why the rest is not."""

    def __init__(self, name: str, attributes: Attributes) -> None:
        """Begin with nothing taken. name: the key, which most attributes default to."""
        self.name = name
        self.checks: list[tuple[str, Taken]] = []
        self.left_out: dict[str, str] = {}
        self._attributes = {key: value for key, value in attributes.items() if key not in ABOUT}

    def raw(self, name: str, default: Any = None) -> Any:
        """Return an attribute that is no expectation."""
        return self._attributes.pop(name, default)

    def take(self, options: Taken, option: str, attribute: str, how: Callable[[Any], Any]) -> None:
        """Put an attribute's expectation under an option of the check, or say why that cannot be."""
        wanted = self._attributes.pop(attribute, None)
        if wanted is None or wanted == []:
            return
        try:
            expectation = how(wanted)
        except LeftOut as reason:
            self.left_out[attribute] = str(reason)
            return
        options[option] = {"all": [options[option], expectation]} if option in options else expectation

    def add(self, kind: str, options: Taken, suffix: str = "", timeout: Any = None) -> None:
        """Add a check. timeout: in milliseconds, as goss has it."""
        check: Taken = {kind: options}
        if timeout:
            check["timeout"] = float(timeout) / 1000
        self.checks.append((suffix, check))

    def finish(self) -> None:
        """Say of every attribute that nobody took that there is nothing for it."""
        for attribute in self._attributes:
            self.left_out[attribute] = "there is nothing for this attribute"


def _addr(one: Resource) -> None:
    address = urlsplit(str(one.raw("address", one.name)))
    reachable = bool(one.raw("reachable", True))
    if address.scheme != "tcp" or not address.hostname or not address.port:
        raise LeftOut("only tcp://HOST:PORT can be reached or not: a datagram is sent whether somebody is there or not")
    one.add("tcp", {"host": address.hostname, "port": address.port, "open": reachable}, timeout=one.raw("timeout", 500))


def _command(one: Resource) -> None:
    options: Taken = {"argv": ["sh", "-c", _shell_word(one.raw("exec", one.name))]}
    one.take(options, "exit", "exit-status", matchers.single)
    one.take(options, "contains", "stdout", matchers.lines)
    one.take(options, "errors", "stderr", matchers.lines)
    one.add("command", options, timeout=one.raw("timeout", 10000))


def _shell_word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _dns(one: Resource) -> None:
    name, server, timeout = str(one.raw("resolve", one.name)), one.raw("server"), one.raw("timeout", 500)
    resolvable = bool(one.raw("resolvable", one.raw("resolveable", True)))
    kind, colon, rest = name.partition(":")
    typed = bool(colon) and kind.isupper() and kind.isalpha()
    if not server:
        if typed:
            raise LeftOut("a type of record needs `server`")
        _resolved(one, name, resolvable, timeout)
        return
    addresses = one.raw("addrs") or []
    six = bool(addresses) and isinstance(addresses, list) and all(":" in str(address) for address in addresses)
    kind, name = (kind, rest) if typed else ("AAAA" if six else "A", name)
    host, _colon, port = str(server).partition(":") if str(server).count(":") == 1 else (str(server), "", "")
    options: Taken = {"name": ipaddress.ip_address(name).reverse_pointer if kind == "PTR" else name, "type": kind, "server": host}
    if port:
        options["port"] = int(port)
    if not resolvable:
        options.update(count={"equals": 0}, code={"not": {"equals": "?"}})
    if addresses:
        one = _with(one, "addrs", [str(address).rstrip(".") for address in addresses] if kind in NAMES_IN_ANSWERS else addresses)
        one.take(options, "answers", "addrs", matchers.elements)
    one.add("dns", options, timeout=timeout)


def _with(one: Resource, attribute: str, value: Any) -> Resource:
    one._attributes[attribute] = value
    return one


def _resolved(one: Resource, name: str, resolvable: bool, timeout: Any) -> None:
    """Ask as the host's programs do, its hosts file included."""
    options: Taken = {"argv": ["getent", "ahosts", name], "exit": {"equals": 0} if resolvable else {"not": {"equals": 0}}}
    addresses = one.raw("addrs") or []
    if not isinstance(addresses, list):
        one.left_out["addrs"] = "without `server` a list of addresses is taken"
    elif addresses:
        found = [{"element": {"matches": r"\A%s\s" % re.escape(str(address))}} for address in addresses]
        options["contains"] = matchers.together(found)
    one.add("command", options, timeout=max(float(timeout), 5000))


def _file(one: Resource) -> None:
    path = str(one.raw("path", one.name))
    if path.startswith("~"):
        raise LeftOut("a home directory is written out in a check: /root, /home/NAME")
    options: Taken = {"path": path, "exists": bool(one.raw("exists", True))}
    # Whether the link itself is meant, the check sees by the plain value.
    one.take(
        options, "type", "filetype", lambda wanted: FILE_TYPES.get(wanted, wanted) if isinstance(wanted, str) else matchers.text(wanted)
    )
    one.take(options, "mode", "mode", matchers.text)
    for ours, theirs in {"owner": "owner", "group": "group", "target": "linked-to", "sha256": "sha256"}.items():
        one.take(options, ours, theirs, matchers.text)
    one.take(options, "size", "size", matchers.single)
    for attribute in ("contents", "contains"):
        one.take(options, "contains", attribute, matchers.lines)
    one.add("file", options)


def _group(one: Resource) -> None:
    options: Taken = {"name": str(one.raw("groupname", one.name)), "exists": bool(one.raw("exists", True))}
    one.take(options, "gid", "gid", matchers.single)
    one.add("group", options)


def _http(one: Resource) -> None:
    options: Taken = {"url": str(one.raw("url", one.name)), "method": str(one.raw("method", "GET"))}
    one.take(options, "status", "status", matchers.single)
    if one.raw("allow-insecure"):
        options["verify"] = False
    one.raw("no-follow-redirects")
    sent = dict(line.split(":", 1) for line in one.raw("request-headers") or [] if ":" in line)
    if sent:
        options["headers"] = {key.strip(): value.strip() for key, value in sent.items()}
    for ours, theirs in {"body": "request-body", "ca": "ca-file", "certificate": "cert-file", "key": "key-file"}.items():
        value = one.raw(theirs)
        if value:
            options[ours] = str(value)
    if one.raw("username") or one.raw("password"):
        one.raw("password")
        one.left_out["username"] = "credentials stand in a file of the host: add header_file to the check"
    one.take(options, "contains", "body", matchers.lines)
    for attribute in ("headers", "header"):
        _answer_headers(one, options, one.raw(attribute) or [], attribute)
    one.add("http", options, timeout=one.raw("timeout", 5000))


def _answer_headers(one: Resource, options: Taken, wanted: Any, attribute: str) -> None:
    for line in wanted if isinstance(wanted, list) else [wanted]:
        name, colon, value = str(line).partition(":")
        if not isinstance(line, str) or not colon or not re.fullmatch(r"[A-Za-z0-9-]+", name):
            one.left_out[attribute] = f"only `Name: text` is taken of the expectations of headers, not {line!r}"
            continue
        options.setdefault("answer_headers", {})[name] = {"contains": value.strip()}


def _interface(one: Resource) -> None:
    options: Taken = {"name": str(one.raw("name", one.name)), "exists": bool(one.raw("exists", True))}
    one.take(options, "mtu", "mtu", matchers.single)
    one.take(options, "addresses", "addrs", matchers.elements)
    one.add("interface", options)


def _kernel_param(one: Resource) -> None:
    options: Taken = {"name": str(one.raw("name", one.name))}
    wanted = one.raw("value")
    if not isinstance(wanted, matchers.SCALARS):
        raise LeftOut("a setting of the kernel is taken with its value")
    one.add("sysctl", {**options, "value": " ".join(str(wanted).split())})


def _mount(one: Resource) -> None:
    path, timeout = str(one.raw("mountpoint", one.name)), one.raw("timeout", 1000)
    options: Taken = {"path": path, "mounted": bool(one.raw("exists", True))}
    wanted = [value for name in ("opts", "vfs-opts") for value in one.raw(name) or []]
    if wanted:
        options["options"] = [str(value) for value in wanted]
    one.take(options, "source", "source", matchers.text)
    one.take(options, "type", "filesystem", matchers.text)
    one.add("mount", options, timeout=timeout)
    usage: Taken = {"path": path}
    one.take(usage, "percent", "usage", matchers.single)
    if "percent" in usage:
        one.add("disk", usage, "usage", timeout)


def _package(one: Resource) -> None:
    options: Taken = {"name": str(one.raw("name", one.name)), "installed": bool(one.raw("installed", True))}
    versions = one.raw("versions") or []
    if isinstance(versions, list) and len(versions) == 1 and isinstance(versions[0], matchers.SCALARS):
        options["version"] = {"equals": str(versions[0])}
    elif versions:
        one.left_out["versions"] = "one version is taken, not several nor a range"
    one.add("package", options, timeout=10000)


def _port(one: Resource) -> None:
    protocol, _colon, number = str(one.raw("port", one.name)).partition(":")
    if protocol not in ("tcp", "tcp6", "udp", "udp6") or not number.isdigit():
        raise LeftOut("a port is written tcp:22, tcp6:22, udp:53 or udp6:53")
    # goss tells sockets of IPv4 from those of IPv6, by their addresses.
    six: Taken = {"element": {"contains": ":"}}
    own: Taken = six if protocol.endswith("6") else {"element": {"not": {"contains": ":"}}}
    listening = bool(one.raw("listening", True))
    options: Taken = {"port": int(number), "protocol": protocol[:3], "listening": EITHER, "addresses": own if listening else {"not": own}}
    one.take(options, "addresses", "ip", matchers.elements)
    one.add("listening", options)


def _process(one: Resource) -> None:
    options: Taken = {"name": str(one.raw("comm", one.name))}
    if not one.raw("running", True):
        options.update(minimum=0, maximum=0)
    one.add("process", options)


def _service(one: Resource) -> None:
    name = str(one.raw("name", one.name))
    options: Taken = {"name": name if re.search(r"\.(service|socket|timer|target|mount|path)$", name) else f"{name}.service"}
    running = one.raw("running")
    options["state"] = {"matches": "."} if running is None else {"equals": "active"} if running else {"not": {"equals": "active"}}
    one.take(options, "enabled", "enabled", matchers.single)
    one.add("systemd_unit", options)


def _user(one: Resource) -> None:
    options: Taken = {"name": str(one.raw("username", one.name)), "exists": bool(one.raw("exists", True))}
    for name in ("uid", "gid"):
        one.take(options, name, name, matchers.single)
    for name in ("home", "shell"):
        one.take(options, name, name, matchers.text)
    one.take(options, "groups", "groups", matchers.elements)
    one.add("user", options)


def _matching(one: Resource) -> None:
    content, as_reader = one.raw("content"), bool(one.raw("as-reader"))
    how = matchers.lines if as_reader else matchers.elements if isinstance(content, list) else matchers.either
    options: Taken = {"content": [_text(item) for item in content] if isinstance(content, list) else _text(content)}
    one.take(options, "expected", "matches", how)
    if "expected" in options:
        one.add("value", options)


def _text(value: Any) -> Any:
    """Return a number as goss writes it; anything else as it is."""
    return "%.15g" % value if isinstance(value, (int, float)) and not isinstance(value, bool) else value


KINDS: dict[str, Callable[[Resource], None]] = {
    "addr": _addr,
    "command": _command,
    "dns": _dns,
    "file": _file,
    "group": _group,
    "http": _http,
    "interface": _interface,
    "kernel-param": _kernel_param,
    "matching": _matching,
    "mount": _mount,
    "package": _package,
    "port": _port,
    "process": _process,
    "service": _service,
    "user": _user,
}
