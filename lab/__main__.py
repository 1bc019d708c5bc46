# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m lab images | up | down`: make the images, bring a fleet up, take it away."""

from __future__ import annotations

import argparse
import sys
from http import HTTPStatus

import docker

from lab import engine, fleet, images, releases
from lab.console import ROOT, LabError, say


def images_removed(client: docker.DockerClient) -> None:
    """Remove the lab's images."""
    for image in client.images.list(name=images.REPOSITORY):
        say(f"removing the image {', '.join(image.tags)}")
        try:
            client.images.remove(image.id)
        except docker.errors.APIError as error:
            if error.status_code != HTTPStatus.CONFLICT:
                raise
            say(f"{image.tags[0] if image.tags else image.short_id} stays: containers of somebody else use it")


def main() -> int:
    """Run one command of the lab and return its exit code."""
    parser = argparse.ArgumentParser(prog="lab", description=__doc__)
    parser.add_argument("command", choices=["images", "up", "down"])
    parser.add_argument("--fleet", default="staging", help="folder below inventories/ (default: staging)")
    parser.add_argument("--image", action="append", default=[], help="with images: this one, may be repeated (default: those of Debian)")
    parser.add_argument("--keep-images", action="store_true", help="with down: leave the images")
    arguments = parser.parse_args()
    try:
        if arguments.command == "down":
            client = engine.client()
            if client is None:
                say("no engine is running: starting it to remove the fleet")
                client = engine.ready()
            fleet.down(client, fleet.read(arguments.fleet))
            if not arguments.keep_images:
                images_removed(client)
            return 0
        client = engine.ready()
        if arguments.command == "images":
            images.ensure(client, arguments.image)
        else:
            fleet.up(client, fleet.read(arguments.fleet))
        releases.build(ROOT / "lab" / "releases" / "hello", ROOT / ".cache" / "releases" / "hello-1.0.0.tar")
    except LabError as error:
        sys.stderr.write(f"lab: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
