# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which images are made, from what, and when anew. No engine is asked."""

from __future__ import annotations

import pytest
from docker.errors import ImageNotFound

from lab import base_images, images
from lab.console import LabError


class Image:
    def __init__(self, labels):
        self.labels = labels


class Engine:
    """An engine that has images by name."""

    def __init__(self, **labels):
        self.labels = labels
        self.images = self

    def get(self, name):
        if name not in self.labels:
            raise ImageNotFound(name)
        return Image(self.labels[name])


@pytest.fixture
def made(tmp_path, monkeypatch):
    found = []
    monkeypatch.setattr(images, "CACHE", tmp_path)
    monkeypatch.setattr(images, "make", lambda _engine, recipe: found.append(recipe.tag))
    monkeypatch.delenv(base_images.VARIABLE, raising=False)
    return found


def test_without_a_name_those_of_debian_are_made(made):
    images.ensure(Engine())
    assert made == ["debian-12", "debian-13"]


def test_an_image_that_is_asked_for_is_the_only_one_that_is_made(made):
    images.ensure(Engine(), ["ubuntu-24.04", "ubuntu-24.04"])
    assert made == ["ubuntu-24.04"]


def test_an_image_of_today_is_not_made_again_and_one_of_another_recipe_is(made):
    (ubuntu,) = images.chosen(["ubuntu-22.04"], {})
    engine = Engine(**{"groundwork-lab:ubuntu-22.04": {images.LABEL: ubuntu.digest}, "groundwork-lab:rocky-9": {images.LABEL: "old"}})
    images.ensure(engine, ["ubuntu-22.04", "rocky-9"])
    assert made == ["rocky-9"]


def test_an_unknown_image_is_refused_with_the_nearest(made):
    with pytest.raises(LabError, match=r"'ubuntu-24.4' is no image of the lab; did you mean 'ubuntu-24.04'\? known: debian-12"):
        images.ensure(Engine(), ["ubuntu-24.4"])
    assert made == []


def test_what_an_image_depends_on_changes_its_digest(monkeypatch):
    (first,) = images.chosen(["rocky-9"], {})
    (mirrored,) = images.chosen(["rocky-9"], {base_images.VARIABLE: "local/rocky:9"})
    assert first.base == "rockylinux/rockylinux:9" and mirrored.base == "local/rocky:9"
    monkeypatch.setattr(base_images.Distribution, "dockerfile", "FROM scratch")
    assert len({first.digest, mirrored.digest, images.chosen(["debian-12"], {})[0].digest}) == 3
    assert images.chosen(["rocky-9"], {})[0].ingredients()["dockerfile"] == "FROM scratch"


def test_packages_of_services_are_not_fetched_where_their_scenarios_do_not_run():
    assert {"nftables", "aide", "libpam-pwquality"} <= set(images.DOWNLOADED_ELSEWHERE)
    assert not {"postgresql", "prometheus", "nginx", "rsyslog-gnutls"} & set(images.DOWNLOADED_ELSEWHERE)
