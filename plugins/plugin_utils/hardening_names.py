# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names the inventory may use in `hardening_login_defs` and `hardening_modules_blocked`: no program says a word about a wrong one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name

MODULE = re.compile(r"[A-Za-z0-9_-]+")
#: What shadow 4.8 to 4.17 (Debian 12 and 13, Ubuntu, RHEL 9 and 10) and login(1) of util-linux know: login.defs(5), lib/getdef.c of shadow.
NAMES = """
ALWAYS_SET_PATH BCRYPT_MAX_ROUNDS BCRYPT_MIN_ROUNDS CHFN_AUTH CHFN_RESTRICT CHSH_AUTH CONSOLE CONSOLE_GROUPS CRACKLIB_DICTPATH CREATE_HOME
DEFAULT_HOME ENCRYPT_METHOD ENVIRON_FILE ENV_HZ ENV_PATH ENV_ROOTPATH ENV_SUPATH ENV_TZ ERASECHAR FAILLOG_ENAB FAIL_DELAY FAKE_SHELL
FORCE_SHADOW FTMP_FILE GID_MAX GID_MIN GRANT_AUX_GROUP_SUBIDS HMAC_CRYPTO_ALGO HOME_MODE HUSHLOGIN_FILE ISSUE_FILE KILLCHAR LASTLOG_ENAB
LASTLOG_UID_MAX LOGIN_ENV_SAFELIST LOGIN_KEEP_USERNAME LOGIN_PLAIN_PROMPT LOGIN_RETRIES LOGIN_SHELL_FALLBACK LOGIN_STRING LOGIN_TIMEOUT
LOG_OK_LOGINS LOG_UNKFAIL_ENAB MAIL_CHECK_ENAB MAIL_DIR MAIL_FILE MAX_MEMBERS_PER_GROUP MD5_CRYPT_ENAB MOTD_FILE MOTD_FIRSTONLY
NOLOGINS_FILE NONEXISTENT NO_PASSWORD_CONSOLE OBSCURE_CHECKS_ENAB PASS_ALWAYS_WARN PASS_CHANGE_TRIES PASS_MAX_DAYS PASS_MAX_LEN
PASS_MIN_DAYS PASS_MIN_LEN PASS_WARN_AGE PORTTIME_CHECKS_ENAB PREVENT_NO_AUTH QUOTAS_ENAB SHA_CRYPT_MAX_ROUNDS SHA_CRYPT_MIN_ROUNDS
SUB_GID_COUNT SUB_GID_MAX SUB_GID_MIN SUB_UID_COUNT SUB_UID_MAX SUB_UID_MIN SULOG_FILE SU_NAME SU_WHEEL_ONLY SYSLOG_SG_ENAB SYSLOG_SU_ENAB
SYS_GID_MAX SYS_GID_MIN SYS_UID_MAX SYS_UID_MIN TCB_AUTH_GROUP TCB_SYMLINKS TTYGROUP TTYPERM TTYTYPE_FILE UID_MAX UID_MIN ULIMIT UMASK
USERDEL_CMD USERGROUPS_ENAB USE_TCB YESCRYPT_COST_FACTOR
"""
LOGIN_DEFS = frozenset(NAMES.split())


def refuse_unknown(overrides: Mapping[str, Mapping[str, Any]], further: Iterable[str] = ()) -> None:
    """Raise BadInput for a name that no login.defs(5) has and for what is not the name of a kernel module.

    overrides: facet to the mapping of the role's variable. further: names of login.defs that controls write.
    """
    known = LOGIN_DEFS | set(further)
    for name in overrides.get("login_defs", {}):
        if name not in known:
            raise unknown_name("name of login.defs(5)", "hardening_login_defs", str(name), known)
    for name in overrides.get("modules_blocked", {}):
        if not MODULE.fullmatch(str(name)):
            expected = "names of kernel modules, of letters, digits, _ and -"
            raise bad_input(
                "hardening_modules_blocked", name, expected, "See lsmod or modinfo on the host; a path or .ko is no part of it."
            )
