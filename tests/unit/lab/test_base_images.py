# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a base image comes from, and what is said where it does not come or the build fails. No engine is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from docker.errors import APIError, BuildError, ImageNotFound

from lab import base_images, images
from lab.console import ROOT, LabError

DISTRIBUTION = base_images.Distribution("ubuntu:24.04", "apt", ("systemd", "sudo"), ("nftables",))


class Images:
    """The images of an engine: `here` by name; what `pull` and `build` do."""

    def __init__(self, here=(), fails=None):
        self.here, self.fails, self.built = list(here), fails, {}

    def get(self, name):
        if name not in self.here:
            raise ImageNotFound(name)

    def pull(self, name):
        if self.fails:
            raise self.fails
        self.here.append(name)

    def build(self, path, **options):
        self.built = {**options, "files": {one.name: one.read_text() for one in Path(path).iterdir()}}
        if self.fails:
            raise self.fails
        return None, iter([{"stream": "Step 1/2 : FROM x\n"}, {"stream": "\x1b[91mdone\x1b[0m\n"}])


class Engine:
    def __init__(self, **options):
        self.images = Images(**options)


@pytest.fixture
def cache(monkeypatch):
    directory = ROOT / ".cache" / "tests" / "base_images"
    directory.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(base_images, "CACHE", directory)
    return directory


def build(engine):
    base_images.build(engine, "groundwork-lab:ubuntu-24.04", "ubuntu:24.04", DISTRIBUTION, "[Unit]\n", "deploy", {"a": "b"})


@pytest.mark.parametrize(
    ("given", "alone", "base"),
    [
        ("", False, "ubuntu:24.04"),
        ("local:1", True, "local:1"),
        ("mirror.example.org/{base}", True, "mirror.example.org/ubuntu:24.04"),
        ("mirror.example.org/{base}", False, "mirror.example.org/ubuntu:24.04"),
    ],
)
def test_the_base(given, alone, base):
    assert base_images.chosen_base("ubuntu:24.04", {base_images.VARIABLE: given}, alone) == base


def test_one_base_is_not_taken_for_several_distributions():
    with pytest.raises(LabError, match=r"GROUNDWORK_LAB_BASE is 'local:1'; expected a name with \{base\}"):
        base_images.chosen_base("ubuntu:24.04", {base_images.VARIABLE: "local:1"}, False)
    with pytest.raises(LabError, match="GROUNDWORK_LAB_BASE"):
        images.chosen(["ubuntu-22.04", "debian-13", "rocky-9"], {base_images.VARIABLE: "local:1"})


def test_a_base_that_is_here_is_not_pulled():
    base_images.available(Engine(here=["ubuntu:24.04"], fails=APIError("no network")), "ubuntu:24.04")


def test_a_base_that_cannot_be_pulled_is_told_with_what_to_do():
    engine = Engine(fails=APIError("x", explanation="no such host"))
    with pytest.raises(LabError, match=r"ubuntu:24.04 cannot be pulled: no such host. Set GROUNDWORK_LAB_BASE"):
        base_images.available(engine, "ubuntu:24.04")


def test_a_build_gets_what_the_dockerfile_asks_for(cache):
    engine = Engine(here=["ubuntu:24.04"])
    build(engine)
    built = engine.images.built
    assert built["buildargs"] == {"BASE": "ubuntu:24.04", "INSTALLED": "systemd sudo", "DOWNLOADED": "nftables", "LOGIN": "deploy"}
    assert built["labels"] == {"a": "b"} and built["tag"] == "groundwork-lab:ubuntu-24.04"
    assert set(built["files"]) == {"Dockerfile", base_images.BOOT_UNIT_NAME}
    asked = [line.split()[1] for line in built["files"]["Dockerfile"].splitlines() if line.startswith("ARG ")]
    assert sorted(asked) == sorted(built["buildargs"])
    assert (cache / "image-ubuntu-24.04.log").read_text().endswith("done\n")


def test_a_build_that_fails_is_told_by_what_its_step_printed(cache):
    log = [
        {"stream": "Step 2/9 : RUN apt-get\n"},
        {"stream": "\x1b[91mE: Unable to locate package sudo\x1b[0m\n"},
        {"stream": "Removing intermediate container 1\n"},
        {"error": "The command '/bin/sh -c apt-get' returned a non-zero code: 100"},
    ]
    engine = Engine(here=["ubuntu:24.04"])
    engine.images.fails = BuildError("returned 100", iter(log))
    with pytest.raises(LabError, match=r"ubuntu-24.04 failed: E: Unable to locate package sudo \(all of it in .*image-ubuntu-24.04.log\)"):
        build(engine)
    assert "returned a non-zero code" in (cache / "image-ubuntu-24.04.log").read_text()


@pytest.mark.parametrize("recipe", images.DERIVED, ids=lambda recipe: recipe.tag)
def test_each_distribution_has_its_dockerfile(recipe):
    text = recipe.distribution.dockerfile
    assert base_images.BOOT_UNIT_NAME in text
    assert {"systemd", "dbus", "openssh-server", "python3", "sudo", "kmod", "ca-certificates"} <= set(recipe.distribution.installed)
