#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replace a service on one host without losing a request."""

from __future__ import annotations

DOCUMENTATION = r"""
module: blue_green
short_description: Replace a service on one host without losing a request
version_added: 0.1.0
author: groundwork.fleet contributors (@groundwork)
description:
  - Each service has two colours, blue and green, each with a unit and a port of its own. One of them serves.
  - Where the one that serves is not what it should be, the other one is written and started, has to pass its checks, gets the requests,
    and only then the old one finishes what it has begun and is stopped. At rest there is one colour and no trace of the other.
  - What fails before the requests are led over takes the new colour away and leaves the old one untouched.
  - nginx leads by a file with the upstream and a reload; the module waits until no worker of the old configuration takes connections.
    HAProxy leads by the states of the servers C(blue) and C(green) of a backend, set on its socket.
  - Of several services none has another colour serve before all are proven. Where one fails, all of them go on as before.
  - After an interrupted run the colour that the switch leads to is the one that serves; the other one is taken away.
extends_documentation_fragment:
  - groundwork.fleet.step
options:
  services:
    description:
      - Name to a mapping of C(colours), C(switch), C(release), C(checks), C(watch), C(drain_seconds) and
        C(predecessor).
      - C(colours) has V(blue) and V(green), each with C(unit), C(path) and C(content) of the file that makes the unit, C(port) and
        C(checks) in the form of M(groundwork.fleet.health_check), which the colour has to pass before it gets requests.
      - "C(switch) is V({nginx: {path, contents, unit}}), C(contents) being the file for each colour, or
        V({haproxy: {backend, socket, state_file}})."
      - C(release) is the version below C(<base>/<name>/releases) that the link C(<base>/<name>/<colour>) leads to.
      - C(checks) of the service as a whole have to pass once the requests are led over; otherwise they are led back.
      - C(watch) are paths whose change needs a new start, C(drain_seconds) (default V(30)) the most that an old colour gets to finish.
      - C(predecessor), V({unit, path}), is the one unit that the service had before it had colours; it goes once a colour serves.
    type: dict
    required: true
  base:
    description: The directory of the releases.
    type: path
    default: /opt
  timeout:
    description: How long all checks of one colour may take together.
    type: str
    default: 5m
  sources:
    description: The source of each check type in use. The action plugin fills it in.
    type: dict
    default: {}
  changed_files:
    description: Paths that were changed before. M(groundwork.fleet.converge) fills it in.
    type: list
    elements: str
    default: []
  change:
    description: Filled in by M(groundwork.fleet.converge), the change of the journal to which what is done to units belongs.
    type: str
    default: ""
attributes:
  check_mode:
    description: Exact; no colour is started.
    support: full
  diff_mode:
    description: Shows which colour and release serve before and after, and why.
    support: full
"""

EXAMPLES = r"""
- name: Deploy the release that the step before has unpacked
  groundwork.fleet.blue_green:
    services:
      orders:
        release: "2.4.1"
        colours:
          blue:
            unit: orders@blue.service
            path: /etc/systemd/system/orders@blue.service
            content: "{{ lookup('ansible.builtin.template', 'orders.service.j2', template_vars={'colour': 'blue', 'port': 8081}) }}"
            port: 8081
            checks: {page: {http: {url: "http://127.0.0.1:8081/healthz"}, retries: 15, delay: 1s, stable_for: 10s}}
          green:
            unit: orders@green.service
            path: /etc/systemd/system/orders@green.service
            content: "{{ lookup('ansible.builtin.template', 'orders.service.j2', template_vars={'colour': 'green', 'port': 8082}) }}"
            port: 8082
            checks: {page: {http: {url: "http://127.0.0.1:8082/healthz"}, retries: 15, delay: 1s, stable_for: 10s}}
        switch:
          nginx:
            path: /etc/nginx/conf.d/00-orders.conf
            contents: {blue: "upstream orders { server 127.0.0.1:8081; }\n", green: "upstream orders { server 127.0.0.1:8082; }\n"}
            unit: nginx.service
"""

RETURN = r"""
live:
  description: Name of the service to the colour that serves.
  type: dict
  returned: always
deployed:
  description: Names of the services whose requests were to be led to a new colour.
  type: list
  elements: str
  returned: always
change:
  description: The last change in the journal, empty where nothing changed.
  type: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import blue_green


def main() -> None:
    standalone(AnsibleModule, blue_green)


if __name__ == "__main__":
    main()
