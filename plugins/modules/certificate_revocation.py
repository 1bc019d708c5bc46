# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of an action plugin: everything happens on the controller in plugins/action/certificate_revocation.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_revocation
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Revoke certificates of the internal authority
description:
  - Remembers in the directory of M(groundwork.fleet.certificate) that certificates are revoked. That module makes the revocation list of
    it and gives a host that was revoked new certificates.
  - What has expired needs no revocation.
options:
  directory:
    description: Directory on the controller, that of M(groundwork.fleet.certificate).
    type: path
    required: true
  host:
    description: The inventory name of a host, which need not be in the inventory any more. All its valid certificates are revoked.
    type: str
    default: ""
  serial:
    description: The serial number of one certificate, in hexadecimal, with or without colons.
    type: str
    default: ""
  reason:
    description: Why, in words. It is kept with the certificate.
    type: str
    default: asked for
attributes:
  check_mode:
    support: full
    description: Changes nothing in O(directory).
  diff_mode:
    support: full
    description: Shows what is revoked.
"""

EXAMPLES = r"""
- name: Revoke what a stolen host has
  groundwork.fleet.certificate_revocation:
    directory: "{{ inventory_dir }}/.groundwork/pki"
    host: web-3
    reason: stolen
"""

RETURN = r"""
revoked:
  description: What was not revoked before.
  returned: success
  type: list
  elements: dict
  contains:
    host: {description: Whose it is., type: str, returned: success}
    name: {description: Name of the certificate., type: str, returned: success}
    serial: {description: Serial number in hexadecimal., type: str, returned: success}
    not_after: {description: When it would have ended., type: str, returned: success}
    revoked: {description: When it was revoked., type: str, returned: success}
    reason: {description: Why., type: str, returned: success}
"""
