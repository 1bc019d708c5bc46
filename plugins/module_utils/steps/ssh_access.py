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

from ansible_collections.groundwork.fleet.plugins.module_utils import ssh_access, ssh_trial, sshd_trial, sudo_trial
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    "path": {"type": "path", "default": ""},
    "content": {"type": "str", "default": ""},
    "user": {"type": "str", "default": ""},
    "address": {"type": "str", "default": ""},
    "port": {"type": "int", "default": 22},
    "config": {"type": "path", "default": "/etc/ssh/sshd_config"},
    "sudoers": {"type": "dict", "default": {}},
    "what": {"type": "str", "default": "hardening_sshd"},
    "trial": {"type": "bool", "default": True},
}

STAGED = "drop-in.conf"
OTHER_USER = "Connect as a user who stays admitted (role users), or %s."


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
    main, staged = read(main_path), os.path.join(directory, STAGED)
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


def sudo_verdict(module: StepModule, name: str) -> ssh_trial.Verdict:
    """Let sudo itself say whether the user keeps the rights of this run; nothing is asked where no drop-in changes."""
    files = module.params["sudoers"]
    if not module.params["trial"] or os.environ.get("SUDO_USER", "") != name or not sudo_trial.changes(files):
        return ssh_trial.Verdict()
    return sudo_trial.attempt(name, files)


def sshd_verdict(module: StepModule, name: str, account: pwd.struct_passwd) -> ssh_trial.Verdict:
    """Let sshd itself say who would be admitted: its configuration first, then a second one that is asked."""
    sshd = module.get_bin_path("sshd", required=True, opt_dirs=["/usr/sbin"])
    address, connection = module.params["address"], sshd_trial.connection()
    who = ssh_trial.criteria(name, address, connection)
    _code, before, _errors = module.run_command([sshd, "-T", "-f", module.params["config"], "-C", who])
    with tempfile.TemporaryDirectory(prefix="groundwork-") as directory:
        config = staged_config(module, directory)
        code, report, errors = module.run_command([sshd, "-T", "-f", config, "-C", who])
    if code != 0:
        refuse_lines(module, errors, os.path.join(directory, STAGED), before)
    keys = "".join(read(path) for path in ssh_access.key_files(report, name, account.pw_dir, account.pw_uid))
    person = ssh_access.Person(
        name=name,
        uid=account.pw_uid,
        groups=[grp.getgrgid(number).gr_name for number in os.getgrouplist(name, account.pw_gid)],
        has_key=ssh_access.holds_key(keys),
        address=address or connection.address,
    )
    reasons, closed = ssh_access.reasons(report, person), ssh_access.port_reasons(before, report, module.params["port"])
    if closed and not reasons:
        remedy = ssh_access.port_remedy(report, module.params["port"], module.params["what"])
        refuse(module, name, module.params["what"], "; ".join(closed), remedy)
    reasons += closed
    if reasons or before == report or not module.params["trial"]:
        return ssh_trial.Verdict("; ".join(reasons))
    used = sshd_trial.used_key(name, connection)
    if not used and ssh_access.password_suffices(report, person):
        return ssh_trial.Verdict()
    return sshd_trial.attempt(sshd, report, name, keys, used)


def refuse_lines(module: StepModule, errors: str, staged: str, before: str) -> None:
    """Fail the step for what sshd does not take. errors: what it printed. staged: the drop-in that it read. before: what is in effect."""
    what = module.params["what"]
    found = ssh_access.refused_lines(errors, staged, module.params["content"], what, ssh_access.effective(before))
    if found:
        remedy = "Mend it there, or set it to null to leave the option to the distribution. Nothing was changed."
        module.fail_json(msg="%s %s" % (" ".join(found), remedy))
    module.fail_json(msg="sshd refuses the new configuration; nothing was changed. It says: %s" % errors.strip())


def refuse(module: StepModule, name: str, what: str, reason: str, remedy: str) -> None:
    """Fail the step, before anything is changed."""
    module.fail_json(msg="%s would lock out %r, the user of this connection: %s. Nothing was changed. %s" % (what, name, reason, remedy))


def run(module: StepModule) -> None:
    """Refuse what would lock the user out, and say what is proven."""
    name = module.params["user"] or os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        module.fail_json(msg=str(bad_input("user", name, "a user of the host", "Set ansible_user to the user that connects.")))
    verdict = ssh_trial.Verdict()
    if module.params["path"]:
        verdict = sshd_verdict(module, name, account)
    if verdict.refusal:
        refuse(module, name, module.params["what"], verdict.refusal, OTHER_USER % ("set the option in %s" % module.params["what"]))
    verdict = verdict.joined(sudo_verdict(module, name))
    if verdict.refusal:
        refuse(module, name, "sudo", verdict.refusal, OTHER_USER % "leave out what writes these files")
    for sentence in verdict.unproven:
        module.warn("Before the change: %s. The new connection after it decides." % sentence)
    module.exit_json(changed=False, user=name, proven=verdict.proven, unproven=verdict.unproven)
