#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install release archives."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release
short_description: Install release archives side by side and switch between them
version_added: 0.1.0
author: groundwork.fleet contributors (@groundwork)
description:
  - Unpacks each archive into C(/opt/<name>/releases/<version>) and points C(/opt/<name>/current) to it, in one step. The link is a change
    of the journal, so M(groundwork.fleet.undo) takes it back.
  - The checksum is verified before anything is unpacked. An archive that fails it, or that holds a path which would leave the
    directory, a device or a link to the outside, installs nothing.
  - Everything belongs to root; of the modes in the archive only the executable bit counts.
  - What an interrupted run left half unpacked is removed by the next one; a version that it had moved away is put back first.
extends_documentation_fragment:
  - groundwork.fleet.step
options:
  releases:
    description:
      - Name to a mapping of C(version), C(url), C(sha256), C(strip) (leading path components to drop, default V(0)), C(keep)
        (versions that stay, the current one among them, default V(3)), C(binary), C(signature), C(installed), C(link), C(place) (what
        errors call it, by default as this option does) and C(state).
      - C(link), by default V(true), points C(current) to the version; V(false) leaves that to M(groundwork.fleet.blue_green). The versions
        that its colours run are never pruned.
      - An archive is a tar, plain or by gzip, bzip2, xz or zstd (by the host's program C(zstd)), or a zip. With C(binary) the release is
        one program, which is called as C(binary) says, or as the release with V(true).
      - C(signature), a mapping of C(url) (of a detached OpenPGP signature, that the host fetches) and C(key) (the armoured public key), is
        verified beside the checksum, by C(gpgv) or C(sqv), of which Debian has one in every installation.
      - C(installed), V(true), fetches nothing and needs no address, the version has to be on the host; without C(version) it is the one
        that was installed before the current one.
      - C(url) with V(https://) or V(http://) is fetched by the host. V(file://) or a path is on the controller, and is sent to the
        host only when the release is not there yet.
    type: dict
    required: true
  base:
    description: The directory the releases are installed in.
    type: path
    default: /opt
  state:
    description: V(absent) removes every release named, whatever its own C(state).
    type: str
    choices: [present, absent]
    default: present
  phase:
    description:
      - V(install) fetches and unpacks, V(switch) puts the version into use, V(prune) drops those that are more than C(keep); V(all) does
        the three. Apart where something has to happen in between, so that the version before is there until the new one is proven.
    type: str
    choices: [all, install, switch, prune]
    default: all
  transferred:
    description: Filled in by the action plugin, the archives it sent, name to path on the host. Not for playbooks.
    type: dict
    default: {}
attributes:
  check_mode:
    description: Exact; an archive that the host fetches itself is not fetched, one of the controller is verified.
    support: full
  diff_mode:
    description: Shows versions and the current one before and after.
    support: full
"""

EXAMPLES = r"""
- name: Install a release
  groundwork.fleet.release:
    releases:
      orders:
        version: 2.4.1
        url: https://downloads.example.org/orders-2.4.1.tar.gz
        sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
        strip: 1
"""

RETURN = r"""
installed:
  description: Names of the releases that were unpacked.
  type: list
  elements: str
  returned: always
removed:
  description: Names of the releases that were removed.
  type: list
  elements: str
  returned: always
pruned:
  description: Directories of old versions that were removed.
  type: list
  elements: str
  returned: always
changed_files:
  description:
    - The C(current) links that changed, or the checksum files of versions without C(link), for C(changed_files) of
      M(groundwork.fleet.units).
  type: list
  elements: str
  returned: always
switched:
  description: Name to C(before) and C(after), the versions, of the releases that were put into use.
  type: dict
  returned: always
change:
  description: The id of the last change in the journal, empty where no release was installed or put into use.
  type: str
  returned: always
needed:
  description: Names whose archive the controller has to send first. Empty when called as a task.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import release


def main() -> None:
    standalone(AnsibleModule, release)


if __name__ == "__main__":
    main()
