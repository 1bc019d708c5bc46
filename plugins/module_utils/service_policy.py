# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy-rc.d that keeps packages from starting services while a transaction runs (Debian's invoke-rc.d(8))."""

from __future__ import annotations

import re
from typing import Iterable, Optional


def script(marker: str, active: Iterable[str], previous: Optional[str]) -> str:
    """Return the temporary policy-rc.d: no start of anything that did not run before; `previous` has the last word."""
    units = sorted(unit for unit in active if re.match(r"^[A-Za-z0-9:_.\\@-]+$", unit))
    patterns = "|".join("'%s'" % unit for unit in units) or "''"
    allowed = 'exec %s "$@"' % previous if previous else "exit 0"
    return """#!/bin/sh
# %s
# Temporary: removed when the package transaction ends.
saved="$*"
[ "$1" = --quiet ] && shift
unit="$1"
action="$2"
case "$unit" in *.*) ;; *) unit="$unit.service" ;; esac
allowed() { set -- $saved; %s; }
case "$action" in stop|force-stop) allowed ;; esac
case "$unit" in %s) allowed ;; esac
systemctl is-active --quiet "$unit" 2>/dev/null && allowed
exit 101
""" % (marker, allowed, patterns)
