# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of a public authority (ACME, RFC 8555): what certbot needs on a host, and when it runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import unit_text
from ansible_collections.groundwork.fleet.plugins.plugin_utils.certificate_items import Item

HOME = "/etc/groundwork/acme"
STATE = "/var/lib/groundwork/acme"
CLIENT = "certbot"
PROGRAM = "/usr/local/sbin/groundwork-acme"
UNITS = "/etc/systemd/system"
SERVICE, TIMER = "groundwork-acme.service", "groundwork-acme.timer"
PRODUCTION = "https://acme-v02.api.letsencrypt.org/directory"
STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory"
UNITS_TAKE = 30  # seconds, where no authority makes a host wait
SECONDS_FOR_EACH = 180
OPTIONS = ("directory", "staging", "contact", "agree_to_terms", "eab_key_id", "eab_hmac_key", "dns_hook", "trust")
CONTACT = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
#: certbot loads foreign code, binds port 80, and hands keys to their owners.
SANDBOX = {
    "CapabilityBoundingSet": "CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_NET_BIND_SERVICE",
    "MemoryDenyWriteExecute": None,
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX AF_NETLINK",
    "TimeoutStartSec": "30min",
}


def problems(settings: Mapping[str, Any], items: Sequence[Item]) -> Iterator[str]:
    """Say what is wrong with `certificates_acme`; it is only asked for where a certificate wants it."""
    where = "certificates_acme"
    for option in settings:
        if option not in OPTIONS:
            yield str(unknown_name("option", where, str(option), OPTIONS))
    if not items:
        return
    names = ", ".join(item.name for item in items)
    contact = settings.get("contact")
    if not isinstance(contact, str) or not CONTACT.fullmatch(contact):
        yield str(bad_input(f"{where}.contact", contact, "a mail address, for the certificates %s" % names, "The authority writes to it."))
    if settings.get("agree_to_terms") is not True:
        remedy = "Read the terms of the authority, then write agree_to_terms: true."
        yield str(bad_input(f"{where}.agree_to_terms", settings.get("agree_to_terms"), "true", remedy))
    directory = settings.get("directory")
    if directory is not None and (not isinstance(directory, str) or not re.fullmatch(r"https://[^\s/]+/\S*", directory)):
        yield str(
            bad_input(f"{where}.directory", directory, "the https:// address of an ACME directory", f"Let's Encrypt has {PRODUCTION}.")
        )
    if directory is not None and settings.get("staging"):
        yield str(bad_input(f"{where}.staging", True, "nothing beside directory", "It stands for the staging directory of Let's Encrypt."))
    if bool(settings.get("eab_key_id")) != bool(settings.get("eab_hmac_key")):
        remedy = "The authority gives both; write the second as a reference secret://…."
        yield str(bad_input(where, "one of the two", "eab_key_id together with eab_hmac_key", remedy))
    dns = [item.name for item in items if item.acme.get("challenge") == "dns"]
    if dns and not settings.get("dns_hook"):
        remedy = "Give the path of a program on the controller."
        yield str(bad_input(f"{where}.dns_hook", None, "the hook that writes DNS records, for %s" % ", ".join(dns), remedy))


def checked(settings: Mapping[str, Any], items: Sequence[Item]) -> None:
    """Raise one BadInput with every problem, a line each."""
    found = list(problems(settings, items))
    if found:
        raise BadInput("\n".join(found))


def acme_plan(settings: Mapping[str, Any], items: Sequence[Item], folder: str, program: str) -> dict[str, Any]:
    """Return `files`, `units`, `timeout` (seconds that these may take) and `gone` (units to stop before their files go).

    Where nothing asks for ACME all but `gone` is empty.

    settings: `certificates_acme`. folder: where services look for their certificates. program: the text of groundwork-acme.
    Raises BadInput.
    """
    checked(settings, items)
    if not items:
        return {"files": {}, "units": {}, "gone": removal()["units"], "timeout": UNITS_TAKE}
    listed = {
        "home": HOME,
        "state": STATE,
        "folder": folder,
        "trust": settings.get("trust") or "",
        "certificates": [_entry(item) for item in items],
    }
    texts = {f"{UNITS}/{SERVICE}": _service(folder, items), f"{UNITS}/{TIMER}": _timer()}
    files: dict[str, Any] = {
        HOME: {"directory": True, "mode": "0700"},
        f"{HOME}/cli.ini": {"content": configuration(settings), "mode": "0600", "secret": True},
        f"{HOME}/certificates.json": {"content": json.dumps(listed, indent=1, sort_keys=True) + "\n", "mode": "0600"},
        PROGRAM: {"content": program, "mode": "0755"},
        **{path: {"content": text} for path, text in texts.items()},
    }
    if settings.get("dns_hook"):
        files[f"{HOME}/hook"] = {"source": settings["dns_hook"], "mode": "0700"}
    return {
        "files": files,
        "units": {
            SERVICE: {"state": "started", "restart_on": [path for path in files if path != HOME]},
            TIMER: {"state": "started", "enabled": True, "restart_on": [f"{UNITS}/{TIMER}"]},
        },
        "gone": {},
        "timeout": SECONDS_FOR_EACH * len(items),
    }


def removal() -> dict[str, Any]:
    """Return the units to stop, and what certbot wrote: account, keys and certificates."""
    units = {TIMER: {"state": "stopped", "enabled": False}, SERVICE: {"state": "stopped"}}
    return {"units": units, "files": {STATE: {"absent": True}}}


def configuration(settings: Mapping[str, Any]) -> str:
    """Return certbot's configuration; nothing of it stands on a command line."""
    server = settings.get("directory") or (STAGING if settings.get("staging") else PRODUCTION)
    values = {
        "config-dir": STATE,
        "work-dir": f"{STATE}/work",
        "logs-dir": f"{STATE}/logs",
        "max-log-backups": 10,
        "server": server,
        "email": settings["contact"],
        "agree-tos": "true",
        "no-eff-email": "true",
        "key-type": "ecdsa",
    }
    if settings.get("eab_key_id"):
        values.update({"eab-kid": settings["eab_key_id"], "eab-hmac-key": settings["eab_hmac_key"]})
    return "# Written by groundwork.fleet.\n" + "".join(f"{key} = {value}\n" for key, value in values.items())


def _entry(item: Item) -> dict[str, Any]:
    return {
        "name": item.name,
        "names": list(item.names),
        "challenge": item.acme.get("challenge", "http"),
        "webroot": item.acme.get("webroot") or "",
        "port": item.acme.get("port") or 80,
        "owner": item.owner,
        "group": item.group,
        "key_mode": item.key_mode,
        "reload": item.reload,
        "restart": item.restart,
    }


def _service(folder: str, items: Sequence[Item]) -> str:
    webroots = sorted({str(item.acme["webroot"]) for item in items if item.acme.get("webroot")})
    own = {**SANDBOX, "ReadWritePaths": " ".join([folder, STATE.rpartition("/")[0], *(f"-{path}" for path in webroots)])}
    argv = [PROGRAM, f"{HOME}/certificates.json"]
    sections = unit_text.timed(unit_text.service("Certificates of a public authority", argv, user="root", oneshot=True, service=own))
    sections["Service"]["StateDirectory"] = "groundwork/acme"
    sections["Service"]["StateDirectoryMode"] = "0700"
    sections["Unit"] = {**sections["Unit"], "Wants": "network-online.target", "After": "network-online.target"}
    return unit_text.lay_out(sections)


def _timer() -> str:
    # Twice a day at a time of each host's own, as the authorities ask.
    times = {"OnCalendar": "00/12:00", "RandomizedDelaySec": "12h", "FixedRandomDelay": "true", "Persistent": "true", "Unit": SERVICE}
    return unit_text.lay_out(unit_text.timer("Certificates of a public authority, twice a day", times))
