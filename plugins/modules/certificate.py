# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of an action plugin: everything happens on the controller in plugins/action/certificate.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Issue the host's TLS certificate on the controller
description:
  - Keeps an internal certificate authority (EC P-256, ten years) and one certificate per host, for server and client use,
    in a directory of the controller.
  - A certificate is renewed when a third of its life remains, when the host's names or addresses changed, or when the
    authority is another one.
  - Needs the Python package C(cryptography) on the controller and nothing on the host.
  - The answer holds paths on the controller and metadata, never a key.
options:
  directory:
    description: Directory on the controller. It is created with mode 0700 and keeps itself out of git.
    type: path
    required: true
  names:
    description: Names besides the inventory name and V(localhost).
    type: list
    elements: str
    default: []
  addresses:
    description: Addresses besides V(127.0.0.1) and V(::1). Link-local addresses are left out.
    type: list
    elements: str
    default: []
  lifetime_days:
    description: How long a new certificate is valid, in days.
    type: int
    default: 90
  renewed_since:
    description:
      - A moment in ISO 8601. A certificate that was issued before it is replaced, together with its key.
      - The same moment in a later run replaces nothing twice, so a run that was broken off goes on.
    type: str
    default: ""
  authority_name:
    description: Common name of a new authority.
    type: str
    default: groundwork.fleet internal authority
attributes:
  check_mode:
    support: full
    description: Changes nothing in O(directory). What is missing is made in Ansible's own local temporary directory.
  diff_mode:
    support: none
    description: There is no diff of keys and certificates.
"""

EXAMPLES = r"""
- name: Issue the host's certificate
  groundwork.fleet.certificate:
    directory: "{{ inventory_dir }}/.groundwork/pki"
    names: ["{{ ansible_facts.fqdn }}"]
    addresses: ["{{ ansible_facts.default_ipv4.address }}"]
  register: issued
"""

RETURN = r"""
authority_certificate:
  description: Path of the authority's certificate on the controller.
  returned: success
  type: str
authority_created:
  description: Whether the authority is new.
  returned: success
  type: bool
certificate:
  description: Path of the host's certificate on the controller.
  returned: success
  type: str
key:
  description: Path of the host's key on the controller.
  returned: success
  type: str
reason:
  description: Why a new certificate was issued, null if it was not.
  returned: success
  type: str
authority:
  description: RV(leaf)'s metadata for the authority, and C(body_line), a line of its PEM text by which it is found in a bundle.
  returned: success
  type: dict
leaf:
  description: Metadata of the host's certificate.
  returned: success
  type: dict
  contains:
    names: {description: Names and addresses it is for., type: list, returned: success}
    not_before: {description: Valid from., type: str, returned: success}
    not_after: {description: Valid until., type: str, returned: success}
    fingerprint: {description: SHA-256 fingerprint., type: str, returned: success}
"""
