# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this run would change."""

from __future__ import annotations

DOCUMENTATION = r"""
name: drift
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: What the plays before this one would change
description:
  - Gives what the callback P(groundwork.fleet.drift#callback) has kept of the plays of this run that have ended.
    The run is one with C(--check).
  - The playbook C(groundwork.fleet.drift) shows it, writes the reports and leaves the metrics.
options:
  _terms:
    description: The hosts to tell of, as C(ansible_play_hosts_all).
    type: list
    elements: str
  there:
    description: Those of them that are still in the run, as C(ansible_play_hosts). The others could not be examined.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show what would change
  groundwork.fleet.health_report:
    results: "{{ lookup('groundwork.fleet.drift', *ansible_play_hosts_all, there=ansible_play_hosts).results }}"
    kind: drift
    title: Drift
  run_once: true
"""

RETURN = r"""
_value:
  description:
    - C(results), host name to an answer as M(groundwork.fleet.health_check) gives it, with a check for each role that fails where
      the role would change something; C(metrics), host name to what the node exporter passes on.
  type: list
  elements: dict
"""

import time
from typing import Any

from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import drift


class LookupModule(LookupBase):
    """The lookup of this file."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Return one mapping in a list."""
        self.set_options(var_options=variables, direct=kwargs)
        hosts = [str(host) for host in terms]
        try:
            record = drift.read(constants.DEFAULT_LOCAL_TMP, bool((variables or {}).get("ansible_check_mode")))
        except BadInput as error:
            raise AnsibleLookupError(str(error)) from error
        now = time.time()
        return [
            {
                "results": drift.answers(record, hosts, self.get_option("there")),
                "metrics": {host: drift.to_textfile(record, host, now) for host in hosts},
            }
        ]
