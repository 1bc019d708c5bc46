# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import json

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import container_images

from .conftest import FakeModule

ID = "b" * 64
REFERENCE = "localhost/shop@sha256:" + ID
TAG = "localhost/groundwork/shop:" + "b" * 12

#: An engine that keeps its images in a file: name to id.
ENGINE = """#!/usr/bin/env python3
import json, sys
path = {store!r}
images = json.load(open(path))
words = sys.argv[1:]
code = 0
if words[:2] == ["image", "inspect"]:
    found = images.get(words[2]) or (words[2] if words[2] in images.values() else None)
    tags = [name for name, one in images.items() if one == found and "@" not in name]
    print(json.dumps([{{"Id": found, "RepoTags": tags}}]) if found else "[]")
    code = 0 if found else 1
elif words[0] == "pull":
    code = 0 if "shop@" in words[-1] else 125
    images[words[-1]] = words[-1].rpartition(":")[2]
    print("Error: manifest unknown" if code else "")
elif words[0] == "load":
    images["localhost/shop:latest"] = open(words[-1]).read()
    print("Loaded image: localhost/shop:latest")
elif words[0] == "tag":
    images[words[2]] = images[words[1]]
elif words[:2] == ["image", "rm"]:
    images.pop(words[2], None)
elif words[0] == "images":
    print("\\n".join(name for name in reversed(list(images)) if name.startswith("localhost/groundwork/shop:")))
json.dump(images, open(path, "w"))
sys.exit(code)
"""


@pytest.fixture
def host(tmp_path, run_step):
    """A host with podman; `host.images` are those that it has, `host()` runs the step."""
    store = tmp_path / "images.json"
    store.write_text("{}")
    program = tmp_path / "podman"
    program.write_text(ENGINE.format(store=str(store)))
    program.chmod(0o755)

    class Module(FakeModule):
        def get_bin_path(self, name, required=False, opt_dirs=()):
            return str(program) if name == "podman" else None

    def run(check_mode=False, state="present", **options):
        return run_step(container_images, check_mode, Module, images={"shop": {"image": REFERENCE, **options}}, state=state)

    run.images = lambda: json.loads(store.read_text())
    run.put = lambda images: store.write_text(json.dumps(images))
    run.directory = tmp_path
    return run


def archive(host, content):
    path = host.directory / "shop.tar"
    path.write_text(content)
    return {"url": "https://example.org/shop.tar", "sha256": hashlib.sha256(content.encode()).hexdigest()}, str(path)


def test_an_image_is_pulled_by_its_digest_and_named(host):
    found = host()
    assert found["changed"] and found["brought"] == ["shop"]
    assert host.images()[TAG] == ID
    assert found["diff"] == {"before": "", "after": "shop: %s\n" % REFERENCE}
    assert not host()["changed"]


def test_one_that_cannot_be_pulled_changes_nothing(host):
    found = host(image="localhost/other@sha256:" + ID)
    assert "could not be pulled: Error: manifest unknown. Nothing was changed" in found["msg"]
    assert TAG not in host.images()


def test_an_archive_is_loaded_and_leaves_no_name_but_ours(host, monkeypatch):
    options, path = archive(host, ID)
    monkeypatch.setattr(container_images.release_step, "fetch", lambda *_given: path)
    assert host(archive=options)["brought"] == ["shop"]
    assert host.images() == {TAG: ID}


def test_an_archive_with_another_image_is_refused_and_forgotten(host, monkeypatch):
    options, path = archive(host, "c" * 64)
    monkeypatch.setattr(container_images.release_step, "fetch", lambda *_given: path)
    found = host(archive=options)
    assert "images['shop'].image is %s; the archive has %s" % (REFERENCE, "c" * 64) in found["msg"]
    assert host.images() == {}


def test_an_archive_with_another_checksum_is_not_loaded(host, monkeypatch):
    options, path = archive(host, ID)
    monkeypatch.setattr(container_images.release_step, "fetch", lambda *_given: path)
    assert "sha256" in host(archive={**options, "sha256": "0" * 64})["msg"]
    assert host.images() == {}


def test_an_archive_of_the_controller_is_asked_for(host):
    found = host(archive={"url": "/shop.tar", "sha256": "0" * 64})
    assert found["needed"] == ["shop"] and host.images() == {}


def test_check_mode_brings_nothing(host):
    assert host(check_mode=True)["changed"]
    assert host.images() == {}


def test_a_name_that_means_another_image_is_set_right(host):
    host.put({TAG: "c" * 64})
    assert host()["changed"]
    assert host.images()[TAG] == ID


def test_only_the_image_before_stays(host):
    host.put({"localhost/groundwork/shop:%d" % number: str(number) * 64 for number in range(3)})
    host()
    assert host()["removed"] == ["localhost/groundwork/shop:1", "localhost/groundwork/shop:0"]
    assert not host()["changed"]


def test_removal_takes_them_all(host):
    host()
    found = host(state="absent")
    assert found["changed"] and found["removed"] == [TAG]
    assert TAG not in host.images()
    assert not host(state="absent")["changed"]


def test_a_host_without_the_engine_is_told(host):
    assert "has no docker" in host(engine="docker")["msg"]
    assert host(check_mode=True, engine="docker")["changed"]
