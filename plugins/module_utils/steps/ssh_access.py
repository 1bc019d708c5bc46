# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse a configuration of sshd that would lock the connecting user out."""

from __future__ import annotations

import glob
import grp
import os
import pwd
import tempfile
from typing import Any, Dict

from ansible_collections.groundwork.fleet.plugins.module_utils import ssh_access
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str", "required": True},
    "user": {"type": "str", "default": ""},
    "address": {"type": "str", "default": ""},
    "port": {"type": "int", "default": 22},
    "config": {"type": "path", "default": "/etc/ssh/sshd_config"},
}


def read(path: str) -> str:
    """Return the text of a file, empty where it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def staged_config(module: StepModule, directory: str) -> str:
    """Write the configuration as it will be, outside of its place, and return its path."""
    main_path, drop_in = module.params["config"], module.params["path"]
    main, staged = read(main_path), os.path.join(directory, "drop-in.conf")
    with open(staged, "w", encoding="utf-8") as stream:
        stream.write(module.params["content"])
    words = [line.split()[1:] for line in main.splitlines() if line.split()[:1] and line.split()[0].lower() == "include"]
    included = {pattern: sorted(glob.glob(pattern)) for patterns in words for pattern in patterns}
    try:
        text = ssh_access.with_staged(main, drop_in, staged, included)
    except ValueError as error:
        remedy = "Add 'Include %s/*.conf' as its first line." % os.path.dirname(drop_in)
        module.fail_json(msg="%s would not be read: %s. %s" % (drop_in, error, remedy))
    path = os.path.join(directory, "sshd_config")
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)
    return path


def run(module: StepModule) -> None:
    """Let sshd itself say who would be admitted."""
    name = module.params["user"] or os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        module.fail_json(msg=str(bad_input("user", name, "a user of the host", "Set ansible_user to the user that connects.")))
    sshd = module.get_bin_path("sshd", required=True, opt_dirs=["/usr/sbin"])
    address = module.params["address"]
    who = "user=%s,host=%s,addr=%s" % (name, address or "localhost", address or "127.0.0.1")
    _code, before, _errors = module.run_command([sshd, "-T", "-f", module.params["config"], "-C", who])
    with tempfile.TemporaryDirectory(prefix="groundwork-") as directory:
        config = staged_config(module, directory)
        code, report, errors = module.run_command([sshd, "-T", "-f", config, "-C", who])
    if code != 0:
        module.fail_json(msg="sshd refuses the new configuration; nothing was changed. It says: %s" % errors.strip())
    files = ssh_access.key_files(report, name, account.pw_dir, account.pw_uid)
    person = ssh_access.Person(
        name=name,
        uid=account.pw_uid,
        groups=[grp.getgrgid(number).gr_name for number in os.getgrouplist(name, account.pw_gid)],
        has_key=any(ssh_access.holds_key(read(path)) for path in files),
        address=address,
    )
    reasons = ssh_access.reasons(report, person) + ssh_access.port_reasons(before, report, module.params["port"])
    if reasons:
        module.fail_json(
            msg="hardening_sshd would lock out %r, the user of this connection: %s. Nothing was changed. "
            "Connect as a user who stays admitted (role users), or set the option in hardening_sshd." % (name, "; ".join(reasons))
        )
    module.exit_json(changed=False, user=name)
