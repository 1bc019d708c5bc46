# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alertmanager's configuration: who gets which alert, by what means, and which alert keeps another quiet. Decides, touches nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name

NOBODY = "nobody"  # the receiver of alerts that nobody asked for
WATCHDOG = "watchdog"  # the dead man's switch: it gets a sign of life, and has to cry when none comes
ROUTE_KEYS = (
    *("receiver", "matchers", "severity", "team", "service", "continue", "group_by", "group_wait", "group_interval"),
    *("repeat_interval", "mute_time_intervals", "active_time_intervals"),
)
SUGAR = ("severity", "team", "service")  # a key of a route that stands for a matcher of the label of that name
INHIBIT_KEYS = ("source", "target", "equal")
MAIL_KEYS = ("server", "from", "username", "password", "tls", "hello")
GROUPING = {"group_by": ["alertname", "host"], "group_wait": "10s", "group_interval": "1m", "repeat_interval": "4h"}
#: A host that is away says nothing new by each of its exporters; who is woken by a critical alert of a service needs no warning of it.
INHIBITIONS: list[dict[str, Any]] = [
    {"source": ['alertname="target_down"', 'job="node"'], "target": ['alertname!="watchdog"', 'job!="node"'], "equal": ["host"]},
    {"source": ['severity="critical"', 'service!=""'], "target": ['severity="warning"'], "equal": ["host", "service"]},
]
MAIL_TEXT = (
    "{{ range .Alerts }}{{ .Status }}: {{ .Annotations.summary }}\n{{ .Annotations.runbook_url }}\n"
    "{{ range .Labels.SortedPairs }}{{ .Name }}={{ .Value }} {{ end }}\n\n{{ end }}"
)
TITLE = "{{ .Status }}: {{ .CommonLabels.alertname }} {{ .CommonLabels.host }}"
TEXT = "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ .Annotations.runbook_url }}\n{{ end }}"

Options = Mapping[str, Any]
#: What of Alertmanager's configuration is secret, and what a copy without secrets has in its place: an address may hold a token.
HIDDEN = {
    **dict.fromkeys(("password", "credentials", "smtp_auth_password", "api_key", "routing_key"), "hidden"),
    **dict.fromkeys(("url", "api_url"), "https://hidden.example/"),
}


def _needed(where: str, options: Options, key: str, expected: str) -> str:
    value = options.get(key)
    if not isinstance(value, str) or not value:
        raise bad_input(f"{where}.{key}", value, expected, "Write it as text, a secret as secret://….", secret=bool(value))
    return value


def _address(where: str, value: object) -> str:
    if not str(value or "").startswith(("http://", "https://")):
        raise bad_input(where, value, "an http:// or https:// address", "Write https://….", secret=bool(value))
    return str(value)


def _webhook(where: str, given: object) -> dict[str, Any]:
    options: Options = given if isinstance(given, Mapping) else {"url": given}
    found: dict[str, Any] = {"url": _address(where, options.get("url")), "send_resolved": True}
    if options.get("password"):
        found["http_config"] = {"basic_auth": {"username": str(options.get("username", "")), "password": options["password"]}}
    if options.get("bearer_token"):
        found["http_config"] = {"authorization": {"credentials": options["bearer_token"]}}
    return found


def _mail(where: str, given: object) -> dict[str, Any]:
    options: Options = given if isinstance(given, Mapping) else {"to": given}
    return {
        "to": _needed(where, options, "to", "an address"),
        "send_resolved": True,
        "headers": {"Subject": TITLE},
        "text": MAIL_TEXT,
        "html": "",
    }


def _slack(where: str, given: object) -> dict[str, Any]:
    options: Options = given if isinstance(given, Mapping) else {"url": given}
    found = {"api_url": _address(f"{where}.url", options.get("url")), "send_resolved": True, "title": TITLE, "text": TEXT}
    return {**found, **({"channel": str(options["channel"])} if options.get("channel") else {})}


def _pagerduty(where: str, given: object) -> dict[str, Any]:
    options: Options = given if isinstance(given, Mapping) else {"key": given}
    return {
        "routing_key": _needed(where, options, "key", "the key of an integration (Events API v2)"),
        "send_resolved": True,
        "description": TITLE,
    }


def _opsgenie(where: str, given: object) -> dict[str, Any]:
    options: Options = given if isinstance(given, Mapping) else {"key": given}
    priority = '{{ if eq .CommonLabels.severity "critical" }}P1{{ else }}P3{{ end }}'
    found: dict[str, Any] = {"api_key": _needed(where, options, "key", "the key of an API integration"), "send_resolved": True}
    found.update(message=TITLE, description=TEXT, priority=priority)
    return {**found, **({"api_url": _address(f"{where}.url", options["url"])} if options.get("url") else {})}


#: What a receiver may name: Alertmanager's list, and what makes an item of it.
MEANS: dict[str, tuple[str, Callable[[str, object], dict[str, Any]]]] = {
    "mail": ("email_configs", _mail),
    "opsgenie": ("opsgenie_configs", _opsgenie),
    "pagerduty": ("pagerduty_configs", _pagerduty),
    "slack": ("slack_configs", _slack),
    "webhook": ("webhook_configs", _webhook),
}


def receiver(name: str, given: object, mail: Options) -> dict[str, Any]:
    """Return one receiver: `{webhook: …, mail: …}`; each means may be a list. Raises BadInput."""
    where = f"monitoring_receivers.{name}"
    if not isinstance(given, Mapping) or not given:
        raise bad_input(where, given, f"a mapping with {', '.join(sorted(MEANS))}", "Write {webhook: https://…}.", secret=bool(given))
    found: dict[str, Any] = {"name": name}
    for means, value in given.items():
        if means not in MEANS:
            raise unknown_name("means of a receiver", where, str(means), MEANS)
        if means == "mail" and not mail.get("server"):
            raise bad_input(
                "monitoring_mail.server", mail.get("server"), f"HOST:PORT of a mail server, for {where}", "Set monitoring_mail."
            )
        key, make = MEANS[means]
        many = value if isinstance(value, (list, tuple)) else [value]
        found[key] = [make(f"{where}.{means}", one) for one in many]
    return found


def route(number: int, given: Options, receivers: Mapping[str, Any]) -> dict[str, Any]:
    """Return one route. Raises BadInput."""
    where = f"monitoring_routes[{number}]"
    for key in given:
        if key not in ROUTE_KEYS:
            raise unknown_name("key of a route", where, str(key), ROUTE_KEYS)
    if given.get("receiver") not in receivers:
        raise unknown_name("receiver", f"{where}.receiver", str(given.get("receiver")), receivers)
    matchers = list(given.get("matchers") or []) + [f'{label}="{given[label]}"' for label in SUGAR if given.get(label)]
    rest = {key: value for key, value in given.items() if key not in (*SUGAR, "matchers", "receiver")}
    return {"receiver": given["receiver"], "matchers": matchers, **rest}


def inhibition(number: int, given: Options) -> dict[str, Any]:
    """Return one rule by which an alert keeps another quiet. Raises BadInput."""
    where = f"monitoring_inhibitions[{number}]"
    for key in given:
        if key not in INHIBIT_KEYS:
            raise unknown_name("key of an inhibition", where, str(key), INHIBIT_KEYS)
    for key in ("source", "target"):
        if not given.get(key):
            raise bad_input(f"{where}.{key}", given.get(key), "a list of matchers", "Write ['severity=\"critical\"'].")
    return {"source_matchers": list(given["source"]), "target_matchers": list(given["target"]), "equal": list(given.get("equal") or [])}


def mail_settings(mail: Options) -> dict[str, Any]:
    """Return what all mails share, as Alertmanager's section `global` has it. Raises BadInput."""
    for key in mail:
        if key not in MAIL_KEYS:
            raise unknown_name("key", "monitoring_mail", str(key), MAIL_KEYS)
    if not mail:
        return {}
    server = _needed("monitoring_mail", mail, "server", "HOST:PORT of a mail server")
    found: dict[str, Any] = {"smtp_smarthost": server, "smtp_from": _needed("monitoring_mail", mail, "from", "an address")}
    found["smtp_require_tls"] = bool(mail.get("tls", True))
    names = {"username": "smtp_auth_username", "password": "smtp_auth_password", "hello": "smtp_hello"}
    return {**found, **{theirs: str(mail[ours]) for ours, theirs in names.items() if mail.get(ours)}}


def alertmanager_config(
    receivers: Mapping[str, Any], routes: Iterable[Options], mail: Options | None = None, inhibitions: Iterable[Options] | None = None
) -> dict[str, Any]:
    """Return alertmanager.yml; what no route takes goes to the receiver `default`, or to nobody.

    receivers: name to means. routes: the first that matches wins. inhibitions: None for INHIBITIONS. Raises BadInput.
    """
    mail = mail or {}
    found: list[dict[str, Any]] = [{"name": NOBODY}, *(receiver(str(name), given, mail) for name, given in receivers.items())]
    alive: dict[str, Any] = {"receiver": WATCHDOG if WATCHDOG in receivers else NOBODY, "matchers": ['alertname="watchdog"']}
    if WATCHDOG in receivers:
        alive.update(group_wait="0s", group_interval="1m", repeat_interval="5m")
    children = [alive, *(route(number, given, receivers) for number, given in enumerate(routes))]
    top = {"receiver": "default" if "default" in receivers else NOBODY, **GROUPING, "routes": children}
    rules = [inhibition(number, one) for number, one in enumerate(INHIBITIONS if inhibitions is None else inhibitions)]
    shared = mail_settings(mail)
    return {**({"global": shared} if shared else {}), "route": top, "receivers": found, "inhibit_rules": rules}


def without_secrets(config: Any) -> Any:
    """Return a copy of a configuration, or of a part of it, that anybody may see: what refuses it may be quoted."""
    if isinstance(config, Mapping):
        return {key: HIDDEN[key] if key in HIDDEN else without_secrets(value) for key, value in config.items()}
    return [without_secrets(one) for one in config] if isinstance(config, (list, tuple)) else config
