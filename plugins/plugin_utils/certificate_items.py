# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be asked of a certificate beside the host's own: the grammar of the facet `certificates`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority
from ansible_collections.groundwork.fleet.plugins.plugin_utils.layers import kind_of

OWN = ("certificate", "key", "chain")
OPTIONS = ("name", "names", "addresses", "days", "owner", "group", "key_mode", "reload", "restart", "issuer", *OWN, "acme", "service")
ACME_OPTIONS = ("challenge", "webroot", "port")
ISSUERS = ("internal", "own", "acme")
RESERVED = ("host", "ca", "crl")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
UNIT = re.compile(r"[A-Za-z0-9:_.@\\-]+\.(service|socket|target|path|timer)")
MODE = re.compile(r"0?[0-7]{3}")


@dataclass(frozen=True)
class Item:
    """One certificate. issuer: internal, own or acme. days: None for those of the role. key_mode: octal text.

    own: `certificate`, `key` and `chain`, each the path of a file on the controller or PEM text.
    """

    name: str
    issuer: str = "internal"
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    days: int | None = None
    owner: str = "root"
    group: str = "root"
    key_mode: str = "0600"
    reload: str = ""
    restart: str = ""
    own: Mapping[str, str] = field(default_factory=dict, repr=False)
    acme: Mapping[str, Any] = field(default_factory=dict)


def checked(declared: object, where: str = "certificates_wanted") -> list[Item]:
    """Return the certificates that are asked for. Raises one BadInput with every problem, a line each."""
    if not isinstance(declared, (list, tuple)):
        raise bad_input(where, declared, "a list of mappings", "It is %s: write [{name: web}]." % kind_of(declared))
    found: dict[str, Item] = {}
    problems: list[str] = []
    for number, options in enumerate(declared):
        place = _place(options, where, number)
        try:
            item = _item(place, options)
        except BadInput as error:
            problems.append(str(error))
            continue
        if item.name in found:
            problems.append(str(bad_input(f"{place}.name", item.name, "a name of its own", "Another certificate of the host has it.")))
        found[item.name] = item
    if problems:
        raise BadInput("\n".join(problems))
    return list(found.values())


def _place(options: Any, where: str, number: int) -> str:
    service = options.get("service") if isinstance(options, Mapping) else None
    return f"fleet_services.{service}.certificates[{options.get('name')}]" if service else f"{where}[{number}]"


def _item(where: str, options: Any) -> Item:
    if not isinstance(options, Mapping):
        raise bad_input(where, options, "a mapping", "It is %s: write {name: web}." % kind_of(options))
    problems = list(_problems(where, options))
    if problems:
        raise BadInput("\n".join(problems))
    acme = options.get("acme")
    return Item(
        name=options["name"],
        issuer=_issuer(options),
        names=tuple(options.get("names") or ()),
        addresses=tuple(options.get("addresses") or ()),
        days=options.get("days"),
        owner=str(options.get("owner") or "root"),
        group=str(options.get("group") or "root"),
        key_mode=str(options.get("key_mode") or ("0640" if options.get("group") else "0600")),
        reload=options.get("reload") or "",
        restart=options.get("restart") or "",
        own={part: options[part] for part in OWN if options.get(part)},
        acme=dict(acme) if isinstance(acme, Mapping) else {},
    )


def _issuer(options: Mapping[str, Any]) -> str:
    implied = "own" if any(options.get(part) for part in OWN) else "acme" if options.get("acme") else "internal"
    return str(options.get("issuer") or implied)


def _problems(where: str, options: Mapping[str, Any]) -> Iterator[str]:
    """Say what is wrong with one item; every problem by the name of its option."""
    for option in options:
        if option not in OPTIONS:
            yield str(unknown_name("option", where, str(option), OPTIONS))
    name = options.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name) or name in RESERVED:
        remedy = "It is that of its files; host, ca and crl are taken."
        yield str(bad_input(f"{where}.name", name, "a word of lower-case letters, digits, '-' and '_'", remedy))
    yield from _problems_of_names(where, options)
    yield from _problems_of_issuer(where, options)
    days = options.get("days")
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or days < 1):
        yield str(bad_input(f"{where}.days", days, "a whole number of at least 1", "Leave it out for certificates_lifetime_days."))
    mode = options.get("key_mode")
    if mode is not None and (not isinstance(mode, str) or not MODE.fullmatch(mode) or mode[-1] != "0"):
        yield str(bad_input(f"{where}.key_mode", mode, "a quoted octal mode without rights for others", 'Write "0640".'))
    for option in ("reload", "restart"):
        unit = options.get(option)
        if unit and (not isinstance(unit, str) or not UNIT.fullmatch(unit)):
            yield str(bad_input(f"{where}.{option}", unit, "the name of a unit with its type", "Write nginx.service."))
    if options.get("reload") and options.get("restart"):
        yield str(bad_input(f"{where}.restart", options["restart"], "not to stand beside `reload`", "Keep the one that the service needs."))


def _problems_of_names(where: str, options: Mapping[str, Any]) -> Iterator[str]:
    for option in ("names", "addresses"):
        value = options.get(option)
        if value is not None and (not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value)):
            yield str(bad_input(f"{where}.{option}", value, "a list of texts", "Write [www.example.org]."))
            return
    try:
        authority.host_subject("localhost", options.get("names") or (), options.get("addresses") or ())
    except BadInput as error:
        yield f"{where}: {error}"


def _problems_of_issuer(where: str, options: Mapping[str, Any]) -> Iterator[str]:
    issuer, given = _issuer(options), [part for part in OWN if options.get(part)]
    if issuer not in ISSUERS:
        yield str(unknown_name("issuer", f"{where}.issuer", issuer, ISSUERS))
        return
    if issuer == "own" and not {"certificate", "key"} <= set(given):
        yield str(
            bad_input(where, given or None, "certificate and key of your own", "Give paths on the controller, or secret:// references.")
        )
    if issuer != "own" and given:
        yield str(bad_input(f"{where}.{given[0]}", "********", f"nothing beside issuer: {issuer}", "Leave one of the two out."))
    if issuer == "acme":
        yield from _problems_of_acme(where, options)
    elif options.get("acme"):
        yield str(bad_input(f"{where}.acme", options["acme"], f"nothing beside issuer: {issuer}", "Leave one of the two out."))


def _problems_of_acme(where: str, options: Mapping[str, Any]) -> Iterator[str]:
    acme = options.get("acme")
    if not options.get("names"):
        yield str(bad_input(f"{where}.names", None, "the names that the certificate is for", "A public authority needs each by name."))
    if options.get("addresses") or options.get("days"):
        yield str(bad_input(where, "addresses, days", "names alone with ACME", "The authority decides on the rest."))
    if acme is not None and acme is not True and not isinstance(acme, Mapping):
        yield str(bad_input(f"{where}.acme", acme, "true or a mapping", "Write {challenge: http}."))
        return
    for option in acme if isinstance(acme, Mapping) else ():
        if option not in ACME_OPTIONS:
            yield str(unknown_name("option", f"{where}.acme", str(option), ACME_OPTIONS))
    challenge = acme.get("challenge", "http") if isinstance(acme, Mapping) else "http"
    if challenge not in ("http", "dns"):
        yield str(unknown_name("challenge", f"{where}.acme.challenge", str(challenge), ("http", "dns")))
    if challenge == "http" and any(str(name).startswith("*") for name in options.get("names") or ()):
        yield str(bad_input(f"{where}.acme.challenge", challenge, "dns for a name with *", "Only DNS-01 proves a wildcard."))
