# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that tell what they found on a host as metrics, each a file with `collect(options, earlier, now) -> lines`.

An entry of the catalogue names it (`collect: {program: backup}`) and declares its options (`option_spec`). options: as they were given,
completed and judged on the controller. earlier: the text that the last run left, empty the first time. now: seconds since 1970.
It has the standard library and module_utils, for its text goes to the host.
"""
