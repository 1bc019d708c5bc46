# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of the lab's hosts that are made with `docker build` from a distribution's official base image."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, BuildError, DockerException, ImageNotFound

from lab.console import CACHE, ROOT, LabError, say

DOCKERFILES = ROOT / "lab" / "dockerfiles"
BOOT_UNIT_NAME = "groundwork-lab-boot.service"
#: The name of the base image to take instead of the official one, as a mirror has it; `{base}` in it stands for the official name.
VARIABLE = "GROUNDWORK_LAB_BASE"
PLACEHOLDER = "{base}"
#: How lines begin that the builder itself adds to what a step printed.
OF_THE_BUILDER = ("The command ", "Removing intermediate ", "Step ", " ---> ")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Distribution:
    """What an image begins with. base: the official image. packager: apt or dnf, the Dockerfile. installed, downloaded: packages."""

    base: str
    packager: str
    installed: tuple[str, ...]
    downloaded: tuple[str, ...]

    @property
    def dockerfile(self) -> str:
        return (DOCKERFILES / self.packager).read_text(encoding="utf-8")


def chosen_base(official: str, environment: Mapping[str, str], alone: bool) -> str:
    """Return the base image to take.

    official: its name in the public registry. alone: whether this is the only image that is made now.
    Raises LabError where GROUNDWORK_LAB_BASE names one base for several distributions.
    """
    given = environment.get(VARIABLE, "")
    if not given:
        return official
    if PLACEHOLDER not in given and not alone:
        raise LabError(
            f"{VARIABLE} is {given!r}; expected a name with {PLACEHOLDER}, which stands for {official}, since several images are made. "
            f"Write registry.example.org/{PLACEHOLDER}, or ask for one image at a time"
        )
    return given.replace(PLACEHOLDER, official)


def available(engine: docker.DockerClient, base: str) -> None:
    """See that the engine has the base image; pull it where it has not. Raises LabError with what to do."""
    try:
        engine.images.get(base)
    except ImageNotFound:
        say(f"pulling the base image {base}")
        try:
            engine.images.pull(base)
        except DockerException as error:
            reason = getattr(error, "explanation", None) or str(error)
            raise LabError(
                f"the base image {base} cannot be pulled: {reason}. Set {VARIABLE} to a mirror that has it "
                f"(registry.example.org/{PLACEHOLDER}), or give the engine an image of that name (docker load, docker import)"
            ) from None


def build(
    engine: docker.DockerClient, image: str, base: str, distribution: Distribution, boot_unit: str, login: str, labels: dict[str, str]
) -> None:
    """Make an image with `docker build`. Raises LabError with the last line of the failed step; all of it is in the lab's log."""
    available(engine, base)
    say(f"building the image {image} from {base} (one to three minutes)")
    log = CACHE / f"image-{image.rpartition(':')[2]}.log"
    with tempfile.TemporaryDirectory(prefix="groundwork-lab-") as name:
        directory = Path(name)
        (directory / "Dockerfile").write_text(distribution.dockerfile, encoding="utf-8")
        (directory / BOOT_UNIT_NAME).write_text(boot_unit, encoding="ascii")
        arguments = {"INSTALLED": " ".join(distribution.installed), "DOWNLOADED": " ".join(distribution.downloaded), "LOGIN": login}
        try:
            _image, told = engine.images.build(
                path=name, tag=image, buildargs={"BASE": base, **arguments}, labels=labels, rm=True, forcerm=True, use_config_proxy=True
            )
        except BuildError as error:
            lines = said(error.build_log)
            log.write_text("".join(lines), encoding="utf-8")
            last = [line for line in lines if not line.startswith(OF_THE_BUILDER)][-1:] or [str(error.msg)]
            raise LabError(f"docker build {image} failed: {last[0].strip()} (all of it in {log.relative_to(ROOT)})") from None
        except APIError as error:
            raise LabError(f"docker build {image} failed: {error.explanation or error}") from None
    log.write_text("".join(said(told)), encoding="utf-8")
    say(f"built {image}")


def said(messages: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the lines that a build printed, without the colours of what went to its standard error."""
    text = "".join(str(message.get("stream") or message.get("error") or "") for message in messages)
    return [line for line in COLOUR.sub("", text).splitlines(keepends=True) if line.strip()]
