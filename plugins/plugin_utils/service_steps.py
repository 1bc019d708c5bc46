# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps of a service's own: what a catalogue entry has done beside packages, files and units, by modules of the collection.

`steps: [{postgresql_objects: {…}, at: after_start, skip_in_check: true}]`: one module with its options, `at` before_start or after_start.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_options, services, step_list

if TYPE_CHECKING:
    from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_declared import Service

MOMENTS = ("before_start", "after_start")
SETTINGS = ("at", "skip_in_check")


def declared(service: Service) -> dict[str, list[dict[str, Any]]]:
    """Return the steps of a service for `converge`, by the moment at which they are taken."""
    found: dict[str, list[dict[str, Any]]] = {moment: [] for moment in MOMENTS}
    keys = _keys(service)
    if keys:
        found["before_start"].append({"key_owners": {"keys": keys}, "id": "%s-keys" % service.name})
    given = service.given.get("steps") or []
    if not isinstance(given, (list, tuple)):
        raise bad_input("%s.steps" % service.where, given, "a list of mappings", "Write [{observe: {commands: {…}}}].")
    for number, item in enumerate(given):
        where = "%s.steps[%d]" % (service.where, number)
        if not isinstance(item, Mapping):
            raise bad_input(where, item, "a mapping", "Write {observe: {commands: {…}}}.")
        for key in item:
            if key not in SETTINGS and key not in step_list.kinds():
                raise unknown_name("step or setting", where, str(key), [*step_list.kinds(), *SETTINGS])
        kinds = [str(key) for key in item if key not in SETTINGS]
        if len(kinds) != 1:
            raise bad_input(where, sorted(map(str, item)), "exactly one step", "Give each step an item of its own.")
        moment = str(item.get("at", "after_start"))
        if moment not in MOMENTS:
            raise unknown_name("moment", "%s.at" % where, moment, MOMENTS)
        options = service_options.filled(item[kinds[0]], {**service.options, "service": service.name})
        step = {kinds[0]: options, "id": "%s-%d-%s" % (service.name, number, kinds[0])}
        found[moment].append({**step, "skip_in_check": bool(item.get("skip_in_check", False))})
    return found


def _keys(service: Service) -> dict[str, dict[str, Any]]:
    """Return the keys of the service's certificates that are not root's, path to owner and group."""
    directory = service.options.get("tls_directory", "/etc/groundwork/tls")
    items = services.facet_items(service.name, service.given, "certificates")
    owned = [item for item in items if item.get("owner") or item.get("group")]
    return {"%s/%s.key" % (directory, item.get("name")): {"owner": item.get("owner"), "group": item.get("group")} for item in owned}
