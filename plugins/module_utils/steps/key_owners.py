# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give keys to the accounts that packages have brought since the keys came, before what reads them starts."""

from __future__ import annotations

import grp
import os
import pwd
from typing import Any, Dict, List, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {"keys": {"type": "dict", "required": True, "no_log": False}}


def numbers(owner: str, group: str) -> Tuple[int, int]:
    """Return the numbers of owner and group. Raises KeyError where the host knows one of them not."""
    return pwd.getpwnam(owner).pw_uid, grp.getgrnam(group).gr_gid


def run(module: StepModule) -> None:
    """Compare, and give."""
    given: List[str] = []
    for path, options in module.params["keys"].items():
        owner, group = str(options.get("owner") or "root"), str(options.get("group") or "root")
        try:
            state = os.lstat(path)
            wanted = numbers(owner, group)
        except (FileNotFoundError, KeyError) as error:
            if module.check_mode:
                given.append(path)
                continue
            missing = "%s is not there" % path if isinstance(error, FileNotFoundError) else "%s:%s is unknown to this host" % (owner, group)
            module.fail_json(
                msg="%s; expected the key of a certificate and its owner. The role certificates brings the key: run it first." % missing
            )
        if (state.st_uid, state.st_gid) != wanted:
            given.append(path)
            if not module.check_mode:
                module.about_to_change()
                os.chown(path, *wanted, follow_symlinks=False)
    module.exit_json(changed=bool(given), given=given, diff={"before": "", "after": "".join("owner of %s\n" % path for path in given)})
