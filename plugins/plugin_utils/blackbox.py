# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health checks as modules of Prometheus' blackbox exporter, with the targets that go with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_probes
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_probes import LeftOut

TOOL = "the blackbox exporter"
HTTP = (
    *("answer_headers", "body", "ca", "certificate", "contains", "headers", "key", "method"),
    *("server_name", "status", "timeout", "tls_version", "url", "verify"),
)
VERSIONS = {"TLSv1.2": "TLS12", "TLSv1.3": "TLS13"}

Options = Mapping[str, Any]


def blackbox(checks: object) -> dict[str, Any]:
    """Return `modules` (as in blackbox.yml), `targets` (check to module and target), `left_out` (check to reason) and `notes`.

    `notes` (check to text) tell what of a check the exporter cannot see. Raises BadInput for what `health_check` would refuse.
    """
    made, left_out, notes = health_probes.each(checks, MAKERS, TOOL)
    modules = {module_name(name): module for name, (module, _target) in made.items()}
    targets = {name: {"module": module_name(name), "target": target} for name, (_module, target) in made.items()}
    return {"modules": modules, "targets": targets, "left_out": left_out, "notes": notes}


def module_name(check: str) -> str:
    """Return the name of a check's module: it stands in an address, so it has no blanks."""
    return "_".join(check.replace("/", " ").split())


def _module(prober: str, name: str, check: Options, options: Options, settings: Mapping[str, Any]) -> dict[str, Any]:
    return {"prober": prober, "timeout": "%gs" % health_probes.seconds_of(check, options, name), prober: dict(settings)}


def _tls(options: Options) -> dict[str, Any]:
    names = {"ca": "ca_file", "certificate": "cert_file", "key": "key_file", "server_name": "server_name"}
    found: dict[str, Any] = {theirs: options[ours] for ours, theirs in names.items() if options.get(ours)}
    if options.get("verify") is False:
        found["insecure_skip_verify"] = True
    wanted = options.get("tls_version")
    versions = sorted(wanted if isinstance(wanted, list) else [wanted]) if wanted else []
    if versions:
        if versions not in (["TLSv1.3"], ["TLSv1.2", "TLSv1.3"]):
            raise LeftOut("the blackbox exporter knows a lowest version of TLS only")
        found["min_version"] = VERSIONS[versions[0]]
    return found


def _http(name: str, check: Options, options: Options) -> tuple[dict[str, Any], str]:
    health_probes.refuse(options, HTTP, TOOL)
    settings: dict[str, Any] = {
        "method": options.get("method") or "GET",
        "follow_redirects": False,  # a redirection is an answer, as for the check
        "valid_status_codes": health_probes.statuses(options.get("status") or [200]),
    }
    for key in ("headers", "body"):
        if options.get(key):
            settings[key] = options[key]
    there, missing = health_probes.patterns(options["contains"]) if options.get("contains") is not None else ([], [])
    if there:
        settings["fail_if_body_not_matches_regexp"] = there
    if missing:
        settings["fail_if_body_matches_regexp"] = missing
    headers = []
    for header, expectation in (options.get("answer_headers") or {}).items():
        wanted, unwanted = health_probes.patterns({"equals": expectation} if isinstance(expectation, str) else expectation)
        if unwanted:
            raise LeftOut("there is nothing for a header that must not be so")
        headers += [{"header": str(header), "regexp": pattern} for pattern in wanted]
    if headers:
        settings["fail_if_header_not_matches"] = headers
    tls = _tls(options)
    if tls:
        settings["tls_config"] = tls
    return _module("http", name, check, options, settings), str(options.get("url"))


def _place(options: Options) -> str:
    host = str(options.get("host") or "127.0.0.1")
    return f"[{host}]:{options['port']}" if ":" in host else f"{host}:{options['port']}"


def _tcp(name: str, check: Options, options: Options) -> tuple[dict[str, Any], str]:
    health_probes.refuse(options, ("host", "open", "port"), TOOL)
    if options.get("open") is False:
        raise LeftOut("there is nothing for a port that must be closed")
    return _module("tcp", name, check, options, {}), _place(options)


def _grpc(name: str, check: Options, options: Options) -> tuple[dict[str, Any], str]:
    health_probes.refuse(options, ("ca", "certificate", "host", "key", "port", "service", "tls"), TOOL)
    settings: dict[str, Any] = {"service": str(options.get("service") or "")}
    tls = _tls(options)
    if tls or options.get("tls"):
        settings.update(tls=True, **({"tls_config": tls} if tls else {}))
    return _module("grpc", name, check, options, settings), _place(options)


def _dns(name: str, check: Options, options: Options) -> tuple[dict[str, Any], str]:
    health_probes.refuse(options, ("name", "port", "server", "type"), TOOL)
    if not options.get("server"):
        raise LeftOut("the blackbox exporter asks a server by its address; the check names none")
    kind = str(options.get("type") or "A").upper()
    settings: dict[str, Any] = {"query_name": str(options.get("name")), "query_type": kind, "valid_rcodes": ["NOERROR"]}
    # The check wants a record of the type, too: what the server answers stands in the exporter as "name TTL IN TYPE data".
    settings["validate_answer_rrs"] = {"fail_if_none_matches_regexp": [rf"\sIN\s{kind}\s"]}
    return _module("dns", name, check, options, settings), _place({"host": options["server"], "port": options.get("port") or 53})


#: What makes a module, by the type of the check.
MAKERS = {"http": _http, "tcp": _tcp, "grpc_health": _grpc, "dns": _dns}
