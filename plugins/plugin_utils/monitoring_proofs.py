# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks that prove the monitoring: configurations in effect, targets scraped, an alert delivered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def own_address(listen: str) -> str:
    """Return where the host asks its own pages, as part of a URL."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
    return everywhere.get(listen, f"[{listen}]" if ":" in listen else listen)


def _pages(settings: Mapping[str, Any]) -> tuple[str, str]:
    """Return the addresses of Prometheus and Alertmanager."""
    address = own_address(settings["listen"])
    return f"https://{address}:{settings['prometheus_port']}", f"https://{address}:{settings['alertmanager_port']}"


def _pair(tls: str) -> dict[str, str]:
    return {"ca": f"{tls}/ca.crt", "certificate": f"{tls}/host.crt", "key": f"{tls}/host.key"}


def in_effect(settings: Mapping[str, Any], tls: str, mark: str) -> dict[str, Any]:
    """Return the checks that both programs have taken their configuration; where one has not, that of before comes back.

    mark: that of the configuration. Prometheus takes the rules of a configuration of which it refuses another part, so it is
    asked for both: whether it has read this one, and then whether it took all of it. Why it has not, its journal alone tells.
    """
    (url, manager), pair = _pages(settings), _pair(tls)
    units = settings["platform"]["units"]
    taken = {"contains": "\nprometheus_config_last_reload_successful 1\n", "unit": units["prometheus"]}
    return {
        "configuration_is_read": {"http": {"url": f"{url}/api/v1/rules", "contains": mark, **pair}, "retries": 15, "delay": 2},
        "configuration_is_in_effect": {
            "http": {"url": f"{url}/metrics", **taken, **pair},
            "requires": ["configuration_is_read"],
            "stable_for": "1s",
        },
        "receivers_are_in_effect": {
            "http": {
                "url": f"{manager}/metrics",
                "contains": "\nalertmanager_config_last_reload_successful 1\n",
                "unit": units["alertmanager"],
                **pair,
            },
            "retries": 15,
            "delay": 2,
        },
    }


def proofs(settings: Mapping[str, Any], targets: int, tls: str) -> dict[str, Any]:
    """Return the checks that prove it: every target is scraped, and an alert finds its way to Alertmanager over mutual TLS."""
    (url, manager), pair = _pages(settings), _pair(tls)
    patience = {"retries": 40, "delay": 2}
    # What was scraped in the last two rounds: a target that is gone does not count any more.
    up = {"query": "last_over_time(up[40s])", "minimum": 1, "series": targets}
    return {
        "every_target_is_scraped": {"prometheus": {"url": url, **up, **pair}, **patience},
        "an_alert_reaches_alertmanager": {
            "http": {"url": f"{manager}/api/v2/alerts", "contains": '"alertname":"watchdog"', **pair},
            **patience,
        },
    }
