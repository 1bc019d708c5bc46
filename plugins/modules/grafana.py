#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: grafana
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Bring dashboards to a Grafana that exists already
description:
  - Makes a folder, a data source and the catalogue's dashboards by the HTTP API of Grafana, and takes away what is not wanted any more.
    What other people have made is left alone, in the folder too.
  - Ends with Grafana asking its data source, and fails where it gets no answer.
  - Runs on the controller only and connects to no host.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - groundwork.fleet.attributes.controller
options:
  url:
    description: The address of Grafana, with the path where it has one. HTTPS, but for Grafana on the controller itself.
    type: str
    required: true
  token:
    description:
      - The token of a service account, best as a reference C(secret://…). Its role is V(Editor); V(Admin) where a data source is made.
    type: str
    required: true
  ca:
    description: The file with the authority of Grafana's certificate. Without it the controller's own authorities count.
    type: path
  timeout:
    description: How many seconds an answer may take.
    type: float
    default: 30.0
  folder:
    description: The title of the folder. Its uid is C(groundwork).
    type: str
    default: Fleet
  data_source:
    description:
      - The uid of a Prometheus that Grafana knows. Or a mapping that describes one to make, with C(url), and as it needs them C(name),
        C(username) and C(password), C(ca), C(certificate) and C(key) (PEM, or the path of a file on the controller).
      - Required with O(state=present).
    type: raw
  dashboards:
    description: The dashboards of the catalogue.
    type: dict
    default: {}
  exporters:
    description: The exporters of the catalogue. A dashboard that some of them name is brought only where one of these runs.
    type: dict
    default: {}
  targets:
    description: What is scraped, as P(groundwork.fleet.scrape_targets#filter) gives it.
    type: list
    elements: dict
    default: []
  state:
    description: With V(absent) the dashboards, the data source and the folder go; a folder with others' dashboards stays.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    support: full
    description: Asks, and changes nothing.
  diff_mode:
    support: full
    description: Shows every document as it was and as it is to be, without secrets.
seealso:
  - plugin: groundwork.fleet.catalogue
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Bring the fleet's dashboards to the company's Grafana
  groundwork.fleet.grafana:
    url: https://grafana.example.org
    token: secret://production/grafana#token
    data_source: prometheus-of-the-fleet
    dashboards: "{{ lookup('groundwork.fleet.catalogue', 'dashboards') }}"
    exporters: "{{ lookup('groundwork.fleet.catalogue', 'exporters') }}"
    targets: "{{ targets }}"
"""

RETURN = r"""
changes:
  description: What differed, such as C(folder), C(data source) and C(dashboard host).
  returned: success
  type: list
  elements: str
  sample: [dashboard host]
"""
