# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import container_images
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

DIGEST = "a" * 64
REFERENCE = "registry.example.org/shop@sha256:" + DIGEST


def test_an_image_is_known_on_the_host_by_its_service_and_digest():
    image = container_images.wanted({"shop": {"image": REFERENCE}})[0]
    assert (image.digest, image.tag, image.engine) == (DIGEST, "localhost/groundwork/shop:" + "a" * 12, "podman")


def test_every_digest_of_an_image_counts():
    podman = {"Id": "1" * 64, "Digest": "sha256:" + "2" * 64, "RepoDigests": ["localhost/shop@sha256:" + "3" * 64]}
    assert container_images.digests(podman) == {"1" * 64, "2" * 64, "3" * 64}
    assert container_images.digests({"Id": "sha256:" + "1" * 64, "RepoDigests": None}) == {"1" * 64}
    assert container_images.digests({}) == set()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Getting image source signatures\nLoaded image: localhost/shop:latest\n", ["localhost/shop:latest"]),
        ("Loaded image(s): a:1, b:2\n", ["a:1", "b:2"]),
        ("Loaded image ID: sha256:%s\n" % DIGEST, ["sha256:" + DIGEST]),
        ("", []),
    ],
)
def test_what_was_loaded_is_read_from_what_the_engine_says(text, names):
    assert container_images.loaded(text) == names


def test_what_inspect_says_is_read_or_nothing():
    assert container_images.inspected('[{"Id": "1"}]') == {"Id": "1"}
    assert container_images.inspected("Error: no such image") == container_images.inspected("[]") == {}


def test_the_image_before_stays():
    assert container_images.surplus(["c", "b", "a"], "c") == ["a"]
    assert container_images.surplus(["c", "b", "a"], "a") == ["b"]
    assert container_images.surplus(["c"], "c") == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"image": "shop:1"}, "images['shop'].image is 'shop:1'"),
        ({"image": REFERENCE, "engine": "lxc"}, "images['shop'].engine"),
        ({"image": REFERENCE, "archive": {"url": "ftp://x", "sha256": DIGEST}}, "images['shop'].archive.url"),
        ({"image": REFERENCE, "archive": {"url": "/x"}}, "images['shop'].archive.sha256"),
        ({"image": REFERENCE, "archive": {"ulr": "/x"}}, "Did you mean 'url'?"),
        ({"image": REFERENCE, "archive": "/x"}, "images['shop'].archive"),
        ({"imgae": REFERENCE}, "Did you mean 'image'?"),
        ({"state": "gone"}, "images['shop'].state"),
        ("x", "images['shop']"),
    ],
)
def test_wrong_input_is_refused_by_name(options, message):
    with pytest.raises(BadInput) as error:
        container_images.wanted({"shop": options})
    assert message in str(error.value)


def test_what_goes_needs_no_image():
    assert container_images.wanted({"shop": {}}, "absent")[0].state == "absent"
