# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report keeps of a host that was patched, or only looked at."""

from __future__ import annotations

DOCUMENTATION = r"""
name: patch_result
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: What a patch report keeps of a host
description:
  - Judges what M(groundwork.fleet.patch_status) found, in the form that M(groundwork.fleet.audit_result) keeps.
positional: _input, outcome, run
options:
  _input:
    description: The answer of M(groundwork.fleet.patch_status).
    type: dict
    required: true
  outcome:
    description: How a run ended on the host. Empty where there was none.
    type: str
    choices: ["", nothing to do, waiting, would be patched, begun, patched, back, failed]
    default: ""
  run:
    description:
      - What there is to say about it, a text or a list of texts. An answer of M(groundwork.fleet.patch_run) is put in words.
    type: raw
    default: []
"""

EXAMPLES = r"""
- name: Keep what was found
  groundwork.fleet.audit_result:
    kind: patch
    directory: "{{ inventory_dir }}/.groundwork/patch"
    results: "{{ (status | groundwork.fleet.patch_result).results }}"
    properties: "{{ (status | groundwork.fleet.patch_result).properties }}"
"""

RETURN = r"""
_value:
  description: C(results) and C(properties), the options of M(groundwork.fleet.audit_result).
  type: dict
"""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import patch_plan, patch_report
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


def words(run: Any) -> str:
    """Return what there is to say about a run as one text."""
    if isinstance(run, Mapping):
        return patch_plan.returned(run) if "restored" in run else patch_plan.changed(run)
    return "; ".join(text for text in map(words, run) if text) if isinstance(run, list) else str(run)


@refusing
def patch_result(status: Any, outcome: str = "", run: Any = "") -> dict[str, Any]:
    """Return what audit_result keeps of the host."""
    return patch_report.host_result(status, outcome, words(run), datetime.datetime.now(datetime.UTC))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"patch_result": patch_result}
