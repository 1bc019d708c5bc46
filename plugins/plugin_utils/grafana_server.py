# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grafana on a monitoring host, from the vendor's package: configuration, provisioning, unit and proofs. Decides, touches nothing.

Sections and keys of grafana.ini, and the form of the files that provision, are those of the vendor's manual ("Configure Grafana",
"Provision Grafana", version 11).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import unit_text
from ansible_collections.groundwork.fleet.plugins.plugin_utils.dashboards import DATA_SOURCE
from ansible_collections.groundwork.fleet.plugins.plugin_utils.monitoring_proofs import own_address

PACKAGE = "grafana"
OWNER = "monitoring_grafana"  # of its package, so that it goes without the others
UNIT = "groundwork-grafana.service"  # the package's own unit never runs
STATE = "groundwork-grafana"
#: systemd keeps the state of an account that comes and goes below private, behind a link (systemd.exec(5)).
STATES = {f"/var/lib/{STATE}": {"absent": True}, f"/var/lib/private/{STATE}": {"absent": True}}
PROGRAM = "/usr/share/grafana/bin/grafana"
HOME = "/usr/share/grafana"
CREDENTIALS = f"/run/credentials/{UNIT}"
ADMIN = "admin"
FOLDER = "Fleet"
INI = "grafana.ini"
#: It may do nothing that the collection's other services may not, and asks nobody outside.
SETTINGS: dict[str, dict[str, Any]] = {
    "log": {"mode": "console", "level": "warn"},
    "analytics": {
        "reporting_enabled": False,
        "check_for_updates": False,
        "check_for_plugin_updates": False,
        "feedback_links_enabled": False,
    },
    "news": {"news_feed_enabled": False},
    "plugins": {"preinstall_disabled": True, "plugin_admin_enabled": False},
    "security": {"cookie_secure": True, "cookie_samesite": "strict", "strict_transport_security": True, "disable_gravatar": True},
    "users": {"allow_sign_up": False},
    "auth.anonymous": {"enabled": False},
    "snapshots": {"external_enabled": False},
    # Prometheus judges, Alertmanager tells.
    "unified_alerting": {"enabled": False},
}


def ini_value(where: str, value: Any) -> str:
    """Return a value as grafana.ini has it. Raises BadInput for what cannot stand in one line."""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    if "\n" in text or '"""' in text:
        raise bad_input(where, text, "a text of one line", "Write it without line breaks.", secret=True)
    return f'"""{text}"""' if set(text) & set("#;`\"'") or text != text.strip() else text


def ini(sections: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the text of grafana.ini. Raises BadInput."""
    lines = ["# Written by groundwork.fleet."]
    for name, values in sections.items():
        lines.append(f"\n[{name}]")
        lines += [f"{key} = {ini_value(f'monitoring_grafana_settings.{name}.{key}', value)}" for key, value in values.items()]
    return "\n".join(lines) + "\n"


def sections_of(settings: Mapping[str, Any], host: str) -> dict[str, dict[str, Any]]:
    """Return the sections of grafana.ini: ours, the user's own laid over them. Raises BadInput."""
    port, domain = settings["grafana_port"], settings["grafana_domain"] or host
    own: dict[str, dict[str, Any]] = {
        "paths": {"data": f"/var/lib/{STATE}", "logs": f"/var/lib/{STATE}/log", "plugins": f"/var/lib/{STATE}/plugins"},
        "server": {
            "protocol": "https",
            "min_tls_version": "TLS1.2",
            "http_addr": settings["listen"],
            "http_port": port,
            "domain": domain,
            "root_url": f"https://{domain}:{port}/",
            "cert_file": f"{CREDENTIALS}/host.crt",
            "cert_key": f"{CREDENTIALS}/host.key",
        },
        **{name: dict(values) for name, values in SETTINGS.items()},
    }
    own["paths"]["provisioning"] = f"{settings['directory']}/provisioning"
    own["security"].update(admin_user=ADMIN, admin_password="$__file{%s/admin-password}" % CREDENTIALS)
    for name, values in settings["grafana_settings"].items():
        if not isinstance(values, Mapping):
            raise bad_input(
                f"monitoring_grafana_settings.{name}", values, "a mapping of settings", "Write {smtp: {enabled: true}}.", secret=True
            )
        own.setdefault(str(name), {}).update({str(key): value for key, value in values.items()})
    return own


def data_source(url: str) -> dict[str, Any]:
    """Return how Grafana reaches the Prometheus beside it: as the fleet's members reach each other, by certificates of both sides."""
    files = {"tlsCACert": "ca.crt", "tlsClientCert": "host.crt", "tlsClientKey": "host.key"}
    return {
        "name": "Prometheus",
        "uid": DATA_SOURCE,
        "type": "prometheus",
        "access": "proxy",
        "url": url,
        "isDefault": True,
        "editable": False,
        "jsonData": {"tlsAuth": True, "tlsAuthWithCACert": True, "httpMethod": "POST", "timeInterval": ""},
        "secureJsonData": {key: "$__file{%s/%s}" % (CREDENTIALS, file) for key, file in files.items()},
    }


def as_yaml(value: Any) -> str:
    """Return the text of a file that provisions."""
    return "# Written by groundwork.fleet.\n" + yaml.safe_dump(value, sort_keys=False, width=1000)


def administrator(settings: Mapping[str, Any]) -> str:
    """Return the administrator's password. Raises BadInput."""
    password = settings["grafana_password"]
    if not isinstance(password, str) or not password:
        remedy = "Write a reference, secret://…, for the first administrator."
        raise bad_input("monitoring_grafana_password", password, "a password", remedy, secret=bool(password))
    return password


def unit(directory: str, tls: str) -> str:
    """Return the text of the unit: an account that exists only while it runs, in the sandbox of all our services."""
    argv = [PROGRAM, "server", f"--homepath={HOME}", f"--config={CREDENTIALS}/{INI}"]
    credentials = {file: f"{tls}/{file}" for file in ("ca.crt", "host.crt", "host.key")}
    credentials.update({INI: f"{directory}/{INI}", "admin-password": f"{directory}/admin-password"})
    service = {"StateDirectory": STATE, "StateDirectoryMode": "0700"}
    return unit_text.lay_out(unit_text.service("Grafana of the fleet", argv, credentials=credentials, service=service))


def checks(settings: Mapping[str, Any], directory: str, tls: str, uids: list[str]) -> dict[str, Any]:
    """Return the proofs: it answers, lets its administrator in, reaches Prometheus, and has read the dashboards.

    uids: of the dashboards; the last one is looked for.
    """
    base = f"https://{own_address(settings['listen'])}:{settings['grafana_port']}"
    common = {"ca": f"{tls}/ca.crt", "header_file": f"{directory}/authorization"}
    patience = {"retries": 30, "delay": 2}
    answers = "grafana_lets_its_administrator_in"
    found = {
        answers: {"http": {"url": f"{base}/api/user", "status": 200, **common}, **patience},
        "grafana_reaches_prometheus": {
            "http": {"url": f"{base}/api/datasources/uid/{DATA_SOURCE}/health", "status": 200, **common},
            "requires": [answers],
            "retries": 10,
            "delay": 2,
        },
    }
    if uids:
        page = {"url": f"{base}/api/dashboards/uid/{uids[-1]}", "status": 200, **common}
        found["grafana_shows_the_dashboards"] = {"http": page, "requires": [answers], **patience}
    return found


def absent(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what takes Grafana away, as `plan` gives it."""
    path = f"{settings['platform']['unit_directory']}/{UNIT}"
    gone = {UNIT: {"state": "stopped", "enabled": False}}
    return {
        "packages": {"owner": OWNER, "state": "absent"},
        "files": {path: {"absent": True}, **STATES},
        "gone": gone,
        "units": {},
        "checks": {},
    }


def plan(settings: Mapping[str, Any], documents: Mapping[str, Mapping[str, Any]], directory: str, host: str) -> dict[str, Any]:
    """Return the options of the step `packages`, the units that stop before that, and files, units and checks of Grafana.

    settings: those of the role monitoring, with `platform` and `fleet`. documents: the dashboards by name, as `dashboards.documents` gives
    them. directory: where its files go, which the caller keeps exact. host: the inventory name. Raises BadInput.
    """
    if settings["grafana_state"] == "absent":
        return absent(settings)
    tls, path = settings["fleet"]["tls_directory"], f"{settings['platform']['unit_directory']}/{UNIT}"
    password = administrator(settings)
    header = "Authorization: Basic " + base64.b64encode(f"{ADMIN}:{password}".encode()).decode() + "\n"
    private = {"secret": True, "mode": "0400"}
    url = f"https://{own_address(settings['listen'])}:{settings['prometheus_port']}"
    provider = {
        "name": "groundwork",
        "folder": FOLDER,
        "type": "file",
        "allowUiUpdates": False,
        "options": {"path": f"{directory}/dashboards"},
    }
    folders = ("", "/dashboards", *(f"/provisioning{one}" for one in ("", "/alerting", "/dashboards", "/datasources", "/plugins")))
    sources = f"{directory}/provisioning/datasources/groundwork.yaml"
    providers = f"{directory}/provisioning/dashboards/groundwork.yaml"
    files: dict[str, Any] = {f"{directory}{folder}": {"directory": True, "purge": "*"} for folder in folders}
    files[f"{directory}/{INI}"] = {"content": ini(sections_of({**settings, "directory": directory}, host)), **private}
    files[f"{directory}/admin-password"] = {"content": password, **private}
    files[f"{directory}/authorization"] = {"content": header, **private}
    files[sources] = {"content": as_yaml({"apiVersion": 1, "datasources": [data_source(url)]})}
    files[providers] = {"content": as_yaml({"apiVersion": 1, "providers": [provider]})}
    for name, document in documents.items():
        files[f"{directory}/dashboards/{name}.json"] = {"content": json.dumps(document, indent=1) + "\n"}
    files[path] = {"content": unit(directory, tls)}
    # Dashboards it looks for by itself.
    restart_on = [path, f"{directory}/{INI}", f"{directory}/admin-password", sources, providers]
    restart_on += [f"{tls}/{file}" for file in ("ca.crt", "host.crt", "host.key")]
    return {
        "packages": {"owner": OWNER, "present": {PACKAGE: None}},
        "gone": {},
        "files": files,
        "units": {UNIT: {"state": "started", "enabled": True, "restart_on": restart_on}},
        "checks": checks(settings, directory, tls, [str(one["uid"]) for one in documents.values()]),
    }
