# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role `certificates` puts on a host: files, the units that take them in, and the proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import acme, certificate_items, textfile_timer
from ansible_collections.groundwork.fleet.plugins.plugin_utils.certificate_items import Item

STATUS = textfile_timer.Program("groundwork-certificate-status", "When the certificates of this host end", "groundwork_certificates.prom")


def items_of(settings: Mapping[str, Any]) -> list[Item]:
    """Return the certificates beside the host's own. Raises BadInput."""
    return certificate_items.checked([*settings["services"], *settings["wanted"]])


def certificates_plan(settings: Mapping[str, Any], issued: Mapping[str, Any], host: str, programs: Mapping[str, str]) -> dict[str, Any]:
    """Return what stands on the host.

    `files` and `leaves`: the second ones, which vary, are of an owner of their own, so that what is not asked for any more goes.
    `units`, `timeout` (seconds that they may take), `gone` (to be stopped before their files go), `checks`, and `trust`: `checks`
    of the trust store and `former`, its second file.
    settings: the role's settings with `platform` and `fleet`. issued: what groundwork.fleet.certificate answered. host: its inventory name.
    programs: the texts of `certificate_status` and `acme_renewal`. Raises BadInput for certificates that are declared wrong.
    """
    folder, items = str(settings["fleet"]["tls_directory"]), items_of(settings)
    told, trust = replace(STATUS, options=("--directory", folder)), _trust(settings, issued)
    status = textfile_timer.plan(told, programs["certificate_status"], str(settings["textfile_directory"] or ""), [f"{folder}/host.crt"])
    public = acme.acme_plan(settings["acme"], [item for item in items if item.issuer == "acme"], folder, programs["acme_renewal"])
    leaves: dict[str, Any] = {**status["files"], **trust["leaves"], **public["files"]}
    units = _host_units(folder, settings["units"])
    checks = {
        "pair": {"certificate": _pair(folder, "host", host)},
        "key": {"file": {"path": f"{folder}/host.key", "mode": "0600", "exists": True}},
    }
    for item in items:
        leaves.update(_files(folder, item, issued["leaves"][item.name]))
        if item.issuer == "acme":
            continue  # groundwork-acme has its service take it in
        if item.issuer == "internal":
            checks[f"pair of {item.name}"] = {"certificate": _pair(folder, item.name, host)}
        _add_unit(units, item, folder)
    return {
        "files": {**_host_files(folder, issued), **trust["files"]},
        "leaves": leaves,
        "units": {**units, **public["units"], **status["units"]},
        "gone": {**status["gone"], **public["gone"]},
        "timeout": public["timeout"],
        "checks": checks,
        "trust": {"checks": trust["checks"], "former": trust["former"]},
    }


def packages(settings: Mapping[str, Any]) -> dict[str, None]:
    """Return the packages that the host needs. Raises BadInput for certificates that are declared wrong."""
    names = [acme.CLIENT] if any(item.issuer == "acme" for item in items_of(settings)) else []
    return dict.fromkeys([*names, *([settings["platform"]["trust"]["package"]] if settings["trust_system"] else [])])


def _host_units(folder: str, units: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the units that take the host's own certificate in, by `reload` or `restart`. Raises BadInput."""
    found: dict[str, dict[str, Any]] = {}
    for unit, how in units.items():
        if how not in ("reload", "restart"):
            raise bad_input(f"certificates_units.{unit}", how, "reload or restart", "Say how the unit takes a new certificate in.")
        found[unit] = {f"{how}_on": [f"{folder}/{name}" for name in ("host.crt", "host.key", "ca.crt")]}
    return found


def _host_files(folder: str, issued: Mapping[str, Any]) -> dict[str, Any]:
    return {
        folder.rpartition("/")[0]: {"directory": True},
        folder: {"directory": True},
        f"{folder}/ca.crt": {"source": issued["authority_certificate"]},
        f"{folder}/crl.pem": {"source": issued["revocation_list"]},
        f"{folder}/host.crt": {"source": issued["certificate"]},
        f"{folder}/host.key": {"source": issued["key"], "mode": "0600", "secret": True},
    }


def _files(folder: str, item: Item, leaf: Mapping[str, Any]) -> dict[str, Any]:
    """Return the files of a certificate. Of a public authority ours stand in its place until groundwork-acme replaces them."""
    own = {"owner": item.owner, "group": item.group, "patient": True}
    once = {"once": True} if item.issuer == "acme" else {}
    return {
        f"{folder}/{item.name}.crt": {"source": leaf["certificate"], "mode": "0644", **once},
        f"{folder}/{item.name}.chain.crt": {"source": leaf["chain"], "mode": "0644", **once},
        f"{folder}/{item.name}.key": {"source": leaf["key"], "mode": item.key_mode, "secret": True, **own, **once},
    }


def _add_unit(units: dict[str, dict[str, Any]], item: Item, folder: str) -> None:
    own = [f"{folder}/{item.name}.crt", f"{folder}/{item.name}.key", f"{folder}/ca.crt"]
    # The list is made anew every month: no reason to restart anything.
    for unit, how, paths in ((item.reload, "reload_on", [*own, f"{folder}/crl.pem"]), (item.restart, "restart_on", own)):
        if unit:
            watched = units.setdefault(unit, {}).setdefault(how, [])
            watched += [path for path in paths if path not in watched]


def _pair(folder: str, name: str, host: str) -> dict[str, str]:
    return {"certificate": f"{folder}/{name}.crt", "key": f"{folder}/{name}.key", "ca": f"{folder}/ca.crt", "name": host}


def _trust(settings: Mapping[str, Any], issued: Mapping[str, Any]) -> dict[str, Any]:
    """Return the trust store's files; of each only one certificate is taken, so the former authority has one of its own."""
    place = settings["platform"]["trust"]
    former = place["path"].replace(".crt", "-former.crt")
    if not settings["trust_system"]:
        return {"files": {}, "leaves": {}, "checks": {}, "former": former}
    return {
        "files": {place["path"]: {"source": issued["root_certificate"]}},
        "leaves": {former: {"source": issued["former_certificate"]}} if issued["former_certificate"] else {},
        "checks": {"trust": {"file": {"path": place["bundle"], "contains": issued["authority"]["body_line"]}}},
        "former": former,
    }


def removal(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `units` to stop and the `files` to take away, but those of `leaves`, which their owner takes away."""
    folder = str(settings["fleet"]["tls_directory"])
    files: dict[str, Any] = {folder.rpartition("/")[0]: {"directory": True}, folder: {"directory": True}}
    paths = [f"{folder}/{name}" for name in ("ca.crt", "crl.pem", "host.crt", "host.key")] + [settings["platform"]["trust"]["path"]]
    told, public = textfile_timer.removal(STATUS, str(settings["textfile_directory"] or "")), acme.removal()
    # What is declared absent would stay in a removal; what certbot wrote goes.
    gone = {path: {"content": ""} for path in [*paths, *told["files"]]}
    return {"units": {**told["units"], **public["units"]}, "files": {**files, **gone}, "state": public["files"]}
