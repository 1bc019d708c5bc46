#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have container images on a host, known by their digest."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container_images
short_description: Have container images on a host, known by their digest
version_added: 0.1.0
author: groundwork.fleet contributors (@groundwork)
description:
  - Pulls each image by its digest, or loads it from an archive, and names it C(localhost/groundwork/<name>:<first 12 digits>), the name
    under which a unit runs it. Pulling comes before any unit is touched, so no service waits for a registry.
  - The digest is compared with what the engine knows of the image (its id, its manifest, where it came from) on every run.
  - Two images of a name stay, the one that is wanted and the one before it.
options:
  images:
    description:
      - Name to a mapping of C(image) (V(name@sha256:…), a tag alone is refused), C(engine) (V(podman), the default, or V(docker)),
        C(archive) and C(state).
      - C(archive) is a mapping of C(url) and C(sha256). V(https://) is fetched by the host, a path or V(file://) is on the controller and
        is sent where the host lacks the image. The digest of C(image) may be that of the manifest or the id of the image there.
    type: dict
    required: true
  state:
    description: V(absent) removes all images of every name, from Podman and from Docker.
    type: str
    choices: [present, absent]
    default: present
  timeout:
    description: Seconds for a pull or a load.
    type: int
    default: 600
  transferred:
    description: Filled in by the action plugin, the archives it sent, name to path on the host. Not for playbooks.
    type: dict
    default: {}
attributes:
  check_mode:
    description: Exact; nothing is pulled, an archive of the controller is verified.
    support: full
  diff_mode:
    description: Shows the images before and after.
    support: full
"""

EXAMPLES = r"""
- name: Have the image of the shop
  groundwork.fleet.container_images:
    images:
      shop:
        image: registry.example.org/shop@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
"""

RETURN = r"""
brought:
  description: Names of the images that were pulled or loaded.
  type: list
  elements: str
  returned: always
removed:
  description: Names of images that were removed.
  type: list
  elements: str
  returned: always
needed:
  description: Names whose archive the controller has to send first. Empty when called as a task.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import container_images


def main() -> None:
    standalone(AnsibleModule, container_images)


if __name__ == "__main__":
    main()
