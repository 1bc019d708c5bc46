# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is taken from a goss file says of this machine what goss itself says of it.

goss is built from the sources of its release (lab/goss.py); its published examples lie among them. A file of our own has what the
examples lack: each kind of resource, once as it is here and once as it is not.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.plugin_utils import goss_file, health_program

from lab import goss

EXAMPLES = ("examples/goss_awesome_gomega.yaml", "integration-tests/goss/*/goss-expected.yaml")
KINDS = {"kernelparam": "kernel-param"}
SKIPPED, FAILED = 2, 1
SYSTEMD = Path("/run/systemd/system").is_dir()


def own() -> dict[str, Any]:
    """Return resources that hold here, each with one that does not."""
    passwd = Path("/etc/passwd").stat()
    account = {"exists": True, "uid": 0, "gid": 0, "groups": ["root"], "home": "/root"}
    return {
        "file": {
            "/etc/passwd": {
                "exists": True,
                "filetype": "file",
                "mode": "0644",
                "owner": "root",
                "contents": ["/^root:.*:0:0:/", "!no such"],
            },
            "/etc/passwd#ill": {"exists": True, "mode": "0600"},
            "/etc/passwd#content": {"exists": True, "contents": ["no such account"]},
            "/etc/passwd#size": {"exists": True, "size": {"ge": passwd.st_size}},
            "/etc/passwd#larger": {"exists": True, "size": {"gt": passwd.st_size}},
            "/tmp": {"exists": True, "filetype": "directory"},
            "/dev/null": {"exists": True, "filetype": "character-device"},
            "/proc/self/exe": {"exists": True, "filetype": "symlink"},
            "/nowhere": {"exists": False},
            "/nowhere#ill": {"exists": True},
        },
        "command": {
            "echo one; echo two": {"exit-status": 0, "stdout": ["one", "/^t.o$/", "!three"]},
            "echo three": {"exit-status": 0, "stdout": ["two"]},
            "exit 3": {"exit-status": {"or": [2, 3]}},
            "echo 15": {"exit-status": 0, "stdout": {"match-regexp": r"\d{2}"}},
            "echo bad >&2; false": {"exit-status": 1, "stderr": ["bad"], "stdout": {"have-len": 0}},
            "echo x": {"exit-status": 0, "stdout": {"contain-element": {"have-prefix": "y"}}},
            "no-such-program": {"exit-status": 127, "stderr": ["not found"]},
        },
        "user": {"root": account, "root#ill": {**account, "uid": 1}, "no-such-user": {"exists": False}},
        "group": {"root": {"exists": True, "gid": 0}, "root#ill": {"exists": True, "gid": 1}},
        "addr": {"tcp://127.0.0.1:1": {"reachable": False}, "tcp://127.0.0.1:2": {"reachable": True}},
        "port": {"tcp:1": {"listening": False}, "tcp:2": {"listening": True}, "tcp6:1": {"listening": False}},
        "process": {"no-such-process": {"running": False}, "no-such": {"running": True}},
        "kernel-param": {"kernel.ostype": {"value": "Linux"}},
        "interface": {
            "lo": {"exists": True, "addrs": {"contain-element": {"have-prefix": "127."}}},
            "lo#ill": {"exists": True, "mtu": 1},
            "none0": {"exists": False},
        },
        "mount": {"/proc": {"exists": True, "opts": ["rw"]}, "/nowhere": {"exists": True}},
        "dns": {"localhost": {"resolvable": True, "addrs": ["127.0.0.1"]}},
        "http": {"http://127.0.0.1:1/": {"status": 200, "timeout": 1000}},
        "package": {"no-such-package": {"installed": False}, "no-such": {"installed": True}},
        **({"service": {"no-such": {"enabled": False, "running": False}}} if SYSTEMD else {}),
    }


def goss_says(path: Path) -> dict[str, bool]:
    """Return kind and name of each resource to whether all of it is as expected; what it skips is not in it."""
    done = subprocess.run(
        [str(goss.binary()), "-g", str(path), "validate", "--format", "json"], capture_output=True, text=True, check=False
    )
    verdicts: dict[str, bool] = {}
    for one in json.loads(done.stdout)["results"]:
        kind = one["resource-type"].lower()
        name = f"{KINDS.get(kind, kind)} {one['resource-id']}"
        if one["result"] != SKIPPED:
            verdicts[name] = verdicts.get(name, True) and one["result"] != FAILED
    return verdicts


def we_say(converted: goss_file.Converted, folder: Path) -> dict[str, bool]:
    """Return the same from our own program for hosts, as a host runs it."""
    program, declaration = folder / "groundwork-health", folder / "health.json"
    program.write_text(health_program.host_program(health_program.types_used(converted.checks), cache=str(folder)), encoding="utf-8")
    declaration.write_text(json.dumps({"timeout": "60s", "checks": converted.checks}), encoding="utf-8")
    command = [sys.executable, "-IS", str(program), "--declaration", str(declaration), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1, 2), done.stderr
    verdicts: dict[str, bool] = {}
    for name, result in json.loads(done.stdout)["checks"].items():
        resource = name.removeprefix("goss ").removesuffix(" usage")
        verdicts[resource] = verdicts.get(resource, True) and result["status"] != "failed"
    return verdicts


def compared(path: Path, folder: Path) -> tuple[dict[str, bool], dict[str, bool]]:
    """Return what goss and we say of the resources that were taken whole."""
    converted = goss_file.read(str(path))
    ours, theirs = we_say(converted, folder), goss_says(path)
    partly = {name.partition(": ")[0] for name in converted.left_out}
    service = () if SYSTEMD else ("service ",)
    whole = [name for name in ours if name not in partly and name in theirs and not name.startswith(service)]
    return {name: ours[name] for name in whole}, {name: theirs[name] for name in whole}


@pytest.mark.parametrize("pattern", EXAMPLES)
def test_the_published_examples_end_alike(pattern: str, tmp_path: Path) -> None:
    paths = goss.published(pattern)
    assert paths
    for path in paths:
        ours, theirs = compared(path, tmp_path)
        assert ours == theirs, path


def documents() -> list[dict[str, Any]]:
    """Return the resources as goss files: what stands there twice (`NAME#again`) has a file of its own."""
    found: dict[str, dict[str, Any]] = {}
    for kind, resources in own().items():
        for key, attributes in resources.items():
            name, _mark, again = key.partition("#")
            found.setdefault(again, {}).setdefault(kind, {})[name] = attributes
    return list(found.values())


def test_each_kind_of_resource_ends_alike(tmp_path: Path) -> None:
    verdicts: list[bool] = []
    for document in documents():
        path = tmp_path / "goss.yaml"
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        assert goss_file.read(str(path)).left_out == {}
        ours, theirs = compared(path, tmp_path)
        assert ours == theirs
        verdicts += ours.values()
    assert len(verdicts) == sum(map(len, own().values()))
    assert {True, False} == set(verdicts)
