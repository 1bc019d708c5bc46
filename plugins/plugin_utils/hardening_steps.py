# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the facets of a plan to the steps of one converge call."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import mount_unit, sshd
from ansible_collections.groundwork.fleet.plugins.plugin_utils.control_plan import LOGIN_DEFS, Check
from ansible_collections.groundwork.fleet.plugins.plugin_utils.controls import Control
from ansible_collections.groundwork.fleet.plugins.plugin_utils.layers import merge_layers

OWNER = "hardening"
HEAD = "# groundwork.fleet: role hardening\n"
SSHD = "/etc/ssh/sshd_config.d/10-groundwork.conf"
# The last name wins: after 99-sysctl.conf and 99-protect-links.conf.
SYSCTL = "/etc/sysctl.d/99-zz-groundwork.conf"
MODPROBE = "/etc/modprobe.d/groundwork.conf"
SUDOERS = "/etc/sudoers.d/"
DROP_IN = "50-groundwork-sandbox.conf"
UNITS = "/etc/systemd/system"
MOUNTS = "50-groundwork-mounts.conf"
AUDIT = "audit"
AUDIT_TIMEOUT = "120s"

Step = dict[str, Any]
Facets = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Connection:
    """How the controller reaches the host. ssh: whether by SSH; user, port: of that connection. unit: the one that runs sshd, if any."""

    ssh: bool = False
    user: str = ""
    port: int = 22
    unit: str = ""


def sandbox_path(unit: str) -> str:
    """Return the drop-in that sandboxes a unit."""
    return f"{UNITS}/{unit}.d/{DROP_IN}"


def sandbox_text(directives: Mapping[str, Any]) -> str:
    """Return a drop-in of systemd.exec(5): booleans as yes and no, a list as one line each."""
    lines = []
    for name, value in directives.items():
        for one in value if isinstance(value, list) else [value]:
            lines.append(f"{name}={('yes' if one else 'no') if isinstance(one, bool) else one}\n")
    return HEAD + "[Service]\n" + "".join(lines)


def sshd_text(options: Mapping[str, Any]) -> str:
    """Return the drop-in of sshd."""
    return HEAD + "".join(f"{line}\n" for line in sshd.lines(options))


def files(facets: Facets) -> dict[str, dict[str, Any]]:
    """Return the set of files that the facets ask for."""
    found: dict[str, dict[str, Any]] = {path: dict(entry) for path, entry in facets.get("files", {}).items()}
    if facets.get("sshd"):
        found[SSHD] = {"content": sshd_text(facets["sshd"]), "mode": "0600"}
    if facets.get("sysctl"):
        settings = "".join(f"-{name} = {_value(value)}\n" for name, value in sorted(facets["sysctl"].items()))
        found[SYSCTL] = {"content": HEAD.rstrip() + ". A minus: a kernel without this setting is no error.\n" + settings}
    blocked = sorted(name for name, value in facets.get("modules_blocked", {}).items() if value)
    if blocked:
        found[MODPROBE] = {"content": HEAD + "".join(f"install {name} /bin/false\nblacklist {name}\n" for name in blocked)}
    for unit, directives in facets.get("sandbox", {}).items():
        path = sandbox_path(unit)
        found[path.rpartition("/")[0]] = {"directory": True}
        found[path] = {"content": sandbox_text(directives)}
    if facets.get("mounts"):
        directory = f"{UNITS}/{mount_unit.UNIT}.d"
        found[directory] = {"directory": True}
        found[f"{directory}/{MOUNTS}"] = {"content": HEAD + mount_unit.text(facets["mounts"])}
    return found


def _value(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def settings(facets: Facets) -> dict[str, dict[str, Any]]:
    """Return path to `values` and `separator` of the files in which single settings are set."""
    found = {path: {"separator": "\t", **options} for path, options in facets.get("settings", {}).items()}
    if facets.get("login_defs"):
        found[LOGIN_DEFS] = {"separator": "\t", "values": dict(facets["login_defs"])}
    return found


def known_facets(known: Iterable[Control]) -> dict[str, dict[str, Any]]:
    """Return all that any control may write: what a lower level, or the role's absence, has to take away."""
    found: dict[str, dict[str, Any]] = {}
    for one in known:
        for facet, values in one.writes.items():
            found.setdefault(facet, {}).update(values)
    return found


def access(facets: Facets, connection: Connection) -> list[Step]:
    """Return the proof that the user of the connection would still get in and become root; before anything is changed."""
    entries = facets.get("files", {}).items()
    drop_ins = {path: entry["content"] for path, entry in entries if path.startswith(SUDOERS) and "content" in entry}
    if not connection.ssh or not (facets.get("sshd") or drop_ins):
        return []
    options: dict[str, Any] = {"user": connection.user, "port": connection.port, "sudoers": drop_ins}
    if facets.get("sshd"):
        options.update(path=SSHD, content=sshd_text(facets["sshd"]))
    return [{"ssh_access": options}]


def present(facets: Facets, every: Facets, checks: Mapping[str, Check], connection: Connection) -> list[Step]:
    """Return the steps that bring the facets into effect and observe all controls.

    every: known_facets. checks: the plan's. What stands in `every` and not in `facets` is taken back.
    """
    wanted = files(facets)
    steps: list[Step] = access(facets, connection)
    steps.append({"packages": {"owner": OWNER, "present": dict(facets.get("packages", {}))}})
    validate = [f"sshd -t -f {{{SSHD}}}"] if SSHD in wanted else []
    validate += [f"visudo -c -f {{{path}}}" for path in sorted(wanted) if path.startswith(SUDOERS)]
    steps += leaving(every, facets.get("units_on", {})) + leftovers(every, facets.get("leftovers", {}))
    steps.append({"files": {"files": wanted, "validate": validate, "owner": OWNER}})
    chosen = settings(facets)
    for path, options in {**settings(every), **chosen}.items():
        values = chosen.get(path, {}).get("values", {})
        setting = {"owner": OWNER, "path": path, "settings": dict(values), "separator": options["separator"]}
        if "instead_of" in options:
            setting["instead_of"] = options["instead_of"]
        steps.append({"settings_file": setting, "id": f"settings {path}"})
    steps.append({"kernel_settings": {"owner": OWNER, "settings": dict(facets.get("sysctl", {}))}})
    for facet in ("permissions", "mounts", "units_off", "password_ages"):
        if every.get(facet):
            steps.append({facet: {"owner": OWNER, facet: dict(facets.get(facet, {}))}})
    if every.get("pam"):
        steps.append({"pam": {"owner": OWNER, "profiles": dict(facets.get("pam", {})), "user": connection.user}})
    steps += sudo_group(facets, every, connection)
    running = {unit: {"state": "started", "enabled": True} for unit in facets.get("units_on", {})}
    steps.append({"units": {"units": merge_layers([units(every, connection), running])}})
    steps.append({"health_check": {"checks": dict(checks), "fail": False, "timeout": AUDIT_TIMEOUT}, "id": AUDIT, "skip_in_check": True})
    return steps


def sudo_group(facets: Facets, every: Facets, connection: Connection) -> list[Step]:
    """Return the step that gives sudo to a group, or back to everybody; the name whose value is true is the group."""
    if not every.get("sudo_group"):
        return []
    groups = [name for name, value in facets.get("sudo_group", {}).items() if value]
    if not groups:
        return [{"sudo_group": {"owner": OWNER, "state": "absent"}}]
    return [{"sudo_group": {"owner": OWNER, "group": groups[-1], "user": connection.user}}]


def units(facets: Facets, connection: Connection) -> dict[str, dict[str, Any]]:
    """Return the units that take changed files in: where they run, they restart."""
    found: dict[str, dict[str, Any]] = {unit: {"restart_on": [sandbox_path(unit)]} for unit in facets.get("sandbox", {})}
    for unit, paths in facets.get("units_on", {}).items():
        found.setdefault(unit, {}).setdefault("restart_on", []).extend(paths or [])
    if connection.unit:
        found[connection.unit] = {**found.get(connection.unit, {}), "reload_on": [SSHD]}
    return found


def leaving(every: Facets, wanted: Container[str]) -> list[Step]:
    """Return the step that stops the units whose files are the role's own and that are not wanted any more, while their files are there."""
    own = [unit for unit in every.get("units_on", {}) if f"{UNITS}/{unit}" in every.get("files", {}) and unit not in wanted]
    return [{"units": {"units": {unit: {"state": "stopped", "enabled": False} for unit in own}}, "id": "units that leave"}] if own else []


def leftovers(every: Facets, wanted: Container[str]) -> list[Step]:
    """Return the step that removes what programs of controls wrote themselves, where the controls are not wanted any more."""
    gone = {path: {"absent": True} for path in every.get("leftovers", {}) if path not in wanted}
    return [{"files": {"files": gone}, "id": "leftovers"}] if gone else []


def absent(every: Facets, connection: Connection) -> list[Step]:
    """Return the steps that take everything away that any level writes; what was there before comes back."""
    steps: list[Step] = [
        {facet: {"owner": OWNER, "state": "absent"}}
        for facet in ("sudo_group", "units_off", "pam", "password_ages", "mounts", "permissions")
        if every.get(facet)
    ]
    for path, options in settings(every).items():
        setting = {"owner": OWNER, "path": path, "separator": options["separator"], "state": "absent"}
        steps.append({"settings_file": setting, "id": f"settings {path}"})
    steps += leaving(every, ()) + leftovers(every, ())
    steps.append({"files": {"files": {}, "owner": OWNER, "state": "absent"}})
    steps.append({"kernel_settings": {"owner": OWNER, "state": "absent"}})
    steps.append({"units": {"units": units(every, connection)}})
    steps.append({"packages": {"owner": OWNER, "state": "absent"}})
    return steps
