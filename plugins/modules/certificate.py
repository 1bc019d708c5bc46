# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of an action plugin: everything happens on the controller in plugins/action/certificate.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Issue the host's TLS certificates on the controller
description:
  - Keeps in a directory of the controller a root (EC P-256, twenty years), an intermediate that it signed, and for each host certificates
    of the intermediate, for server and client use, with the intermediate behind them in one file.
  - A certificate is renewed when a third of its life remains, when the host's names or addresses changed, when it was revoked, or when the
    authority is another one.
  - The one authority (C(ca.crt)) of earlier releases goes on issuing until every host trusts the root, and is trusted until no host has a
    certificate of it. That takes two further runs over all hosts; none of them loses its connections.
  - Needs the Python package C(cryptography) on the controller and nothing on the host.
  - The answer holds paths on the controller and metadata, never a key.
options:
  directory:
    description: Directory on the controller. It is created with mode 0700 and keeps itself out of git. It has to be given.
    type: path
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
    description: How long a new certificate is valid, in days; at most half of O(intermediate_days).
    type: int
    default: 90
  certificates:
    description:
      - "Further certificates: C(name), C(names), C(addresses), C(days), and C(certificate), C(key), C(chain) of one that the site brings
        along, each a path on the controller or PEM text."
      - The other options of C(certificates_wanted) of the role C(certificates) are checked and otherwise left to the role.
      - One that the site brings along is refused unless its key belongs to it, its names cover those asked for, its chain holds and it is
        valid.
    type: list
    elements: dict
    default: []
  renewed_since:
    description:
      - A moment in ISO 8601. A certificate that was issued before it is replaced, together with its key.
      - The same moment in a later run replaces nothing twice, so a run that was broken off goes on.
    type: str
    default: ""
  authority_name:
    description: Begin of the common name of a new root and intermediate.
    type: str
    default: groundwork.fleet
  root_key:
    description: The root's private key, PEM. By default the file C(root.key), which is made where there is no root.
    type: str
    default: ""
  intermediate_key:
    description: The intermediate's private key, PEM. By default the file C(intermediate.key), which is made where there is no intermediate.
    type: str
    default: ""
  intermediate_days:
    description: How long a new intermediate is valid, in days.
    type: int
    default: 1825
  list_days:
    description: How long a new revocation list is valid, in days.
    type: int
    default: 90
  members:
    description: The hosts of the fleet. Others that have a certificate are not waited for. Empty means that nobody is known to have left.
    type: list
    elements: str
    default: []
  revoke_removed:
    description: Whether the certificates of hosts that are not among O(members) are revoked.
    type: bool
    default: false
  request:
    description: All other options as one mapping; what stands beside it does not count.
    type: dict
    default: {}
  record:
    description: Only remember that the host has what an earlier task with the same options answered.
    type: bool
    default: false
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
  description: Path on the controller of what the host trusts, the root and, while a host needs it, the former authority.
  returned: success
  type: str
root_certificate:
  description: Path of the root alone.
  returned: success
  type: str
former_certificate:
  description: Path of the former authority, null where it is not trusted any more.
  returned: success
  type: str
revocation_list:
  description: Path of the revocation lists of all authorities, in one file.
  returned: success
  type: str
authority_created:
  description: Whether the root is new.
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
  description: Why the host's certificate is new, null where it is not.
  returned: success
  type: str
done:
  description: What was made or, in check mode, would be made, in words.
  returned: success
  type: list
  elements: str
waits_for:
  description: Hosts that have to trust the root before a certificate of it is handed out.
  returned: success
  type: list
  elements: str
recorded:
  description: Whether it is remembered that the host has all of this. It is only asked for while a former authority is trusted.
  returned: success
  type: bool
authority:
  description: RV(leaf)'s metadata for the authority, and C(body_line), a line of its PEM text by which it is found in a bundle.
  returned: success
  type: dict
leaves:
  description: RV(leaf) of each certificate, by name.
  returned: success
  type: dict
leaf:
  description: The host's certificate.
  returned: success
  type: dict
  contains:
    certificate: {description: Path on the controller., type: str, returned: success}
    chain: {description: Path of its issuers alone., type: str, returned: success}
    key: {description: Path of its key., type: str, returned: success}
    reason: {description: Why it is new., type: str, returned: success}
    names: {description: Names and addresses it is for., type: list, returned: success}
    issuer: {description: Common name of who issued it., type: str, returned: success}
    serial: {description: Serial number in hexadecimal., type: str, returned: success}
    not_before: {description: Valid from., type: str, returned: success}
    not_after: {description: Valid until., type: str, returned: success}
    fingerprint: {description: SHA-256 fingerprint., type: str, returned: success}
"""
