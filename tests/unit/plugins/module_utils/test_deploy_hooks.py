# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import getpass

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import deploy_hooks
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput


def hook(*argv, **options):
    return deploy_hooks.checked("x", {"argv": list(argv), "user": getpass.getuser(), **options})


def test_a_hook_has_defaults():
    assert deploy_hooks.checked("x", {"argv": ["a", 1]}) == {"argv": ["a", "1"], "user": "root", "timeout": 300.0}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["a"], "x is"),
        ({"argv": "a b"}, "x.argv is 'a b'"),
        ({"argv": []}, "x.argv"),
        ({"argv": ["a"], "timeout": "5m"}, "x.timeout is '5m'"),
        ({"argv": ["a"], "usr": "b"}, "Did you mean 'user'"),
    ],
)
def test_what_is_no_hook_is_refused(given, told):
    with pytest.raises(BadInput) as error:
        deploy_hooks.checked("x", given)
    assert told in str(error.value)


def test_a_hook_runs_without_a_shell(tmp_path):
    deploy_hooks.run("x", hook("touch", str(tmp_path / "a b; c")))
    assert (tmp_path / "a b; c").exists()


def test_a_hook_that_fails_says_what_it_said_last():
    with pytest.raises(BadInput) as error:
        deploy_hooks.run("services.orders.hooks.drain", hook("ls", "/nowhere"))
    assert str(error.value).startswith("services.orders.hooks.drain: ls /nowhere failed, exit status 2.\n  ")
    assert "No such file" in str(error.value)


def test_a_hook_that_takes_too_long_is_ended():
    with pytest.raises(BadInput, match=r"exit status 124.*\n.*did not end within 0\.2 s"):
        deploy_hooks.run("x", hook("sleep", "9", timeout=0.2))


@pytest.mark.parametrize(("given", "told"), [({"user": "nobody-of-that-name"}, "no such user"), ({}, "No such file")])
def test_a_hook_that_cannot_run_is_named(given, told):
    with pytest.raises(BadInput, match="x: no-such-program could not be run: .*%s" % told):
        deploy_hooks.run("x", hook("no-such-program", **given))


def test_who_was_drained_is_taken_in_again_whatever_the_others_do(tmp_path):
    hooks = {"a": {"undrain": hook("false")}, "b": {"undrain": hook("touch", str(tmp_path / "b"))}, "c": {"after_deploy": hook("false")}}
    errors = deploy_hooks.take_in(hooks)
    assert len(errors) == 1 and errors[0].startswith("services.a.hooks.undrain: false failed")
    assert (tmp_path / "b").exists()


SECRETS = {"credentials": {"token": "/etc/s/token", "db": "/etc/s/db"}, "environment_file": "/etc/s/@environment"}


@pytest.mark.parametrize("encrypted", [True, False])
def test_systemd_hands_the_secrets_of_the_service_to_its_hook(encrypted, monkeypatch, tmp_path):
    program = tmp_path / "systemd-run"
    program.write_text('#!/bin/sh\nprintf "%%s\\n" "$@" > %s/said\nexit 3\n' % tmp_path)
    program.chmod(0o755)
    monkeypatch.setattr(deploy_hooks, "located", lambda name: str(program) if name == "systemd-run" else None)
    with pytest.raises(BadInput, match=r"x: bin/migrate all failed, exit status 3"):
        deploy_hooks.run("x", hook("bin/migrate", "all", timeout=5, encrypted=encrypted, **SECRETS))
    said = (tmp_path / "said").read_text().splitlines()
    load = "LoadCredentialEncrypted" if encrypted else "LoadCredential"
    assert said[said.index("--") :] == ["--", "bin/migrate", "all"]
    assert {"--property=%s=token:/etc/s/token" % load, "--property=%s=db:/etc/s/db" % load} <= set(said)
    assert {"--property=EnvironmentFile=/etc/s/@environment", "--property=RuntimeMaxSec=5", "--wait", "--pipe"} <= set(said)
    assert "--property=User=" + getpass.getuser() in said


def test_a_host_that_cannot_hand_secrets_over_is_told(monkeypatch):
    monkeypatch.setattr(deploy_hooks, "located", lambda _name: None)
    with pytest.raises(BadInput, match="could not be run: it gets the secrets of its service by systemd-run"):
        deploy_hooks.run("x", hook("true", **SECRETS))
    with pytest.raises(BadInput, match=r"x\.credentials is 'a'; expected a mapping"):
        hook("true", credentials="a")
