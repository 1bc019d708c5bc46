# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import release as releases_util
from ansible_collections.groundwork.fleet.plugins.module_utils import release_archive, undo
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.release import Release
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import release

from lab import releases as lab_releases


@pytest.fixture
def archive(tmp_path):
    (tmp_path / "source" / "bin").mkdir(parents=True)
    (tmp_path / "source" / "bin" / "run").write_text("x")
    digest = lab_releases.build(tmp_path / "source", tmp_path / "a.tar")
    return str(tmp_path / "a.tar"), digest


def test_a_wrong_checksum_is_refused_with_both(archive):
    path, digest = archive
    with pytest.raises(BadInput) as error:
        release.verify(Release("orders", "1", "/a", "0" * 64), path)
    assert digest in str(error.value)
    assert "releases['orders'].sha256" in str(error.value)


def test_install_puts_it_in_place_and_notes_the_checksum(archive, tmp_path):
    path, digest = archive
    release.install(Release("orders", "1", "/a", digest), str(tmp_path / "opt"), path)
    directory = tmp_path / "opt" / "orders" / "releases"
    assert (directory / "1" / "bin" / "run").read_text() == "x"
    assert (directory / ".1.sha256").read_text().strip() == digest
    assert sorted(os.listdir(directory)) == [".1.sha256", "1"]


def test_install_replaces_what_has_another_checksum(archive, tmp_path):
    path, digest = archive
    old = tmp_path / "opt" / "orders" / "releases" / "1"
    old.mkdir(parents=True)
    (old / "old").write_text("x")
    release.install(Release("orders", "1", "/a", digest), str(tmp_path / "opt"), path)
    assert os.listdir(old) == ["bin"]


def test_removal_leaves_what_is_not_its_own(tmp_path):
    top = tmp_path / "orders"
    (top / "releases" / "1").mkdir(parents=True)
    (top / "current").symlink_to("releases/1")
    (top / "data").write_text("x")
    release.remove_release(str(tmp_path), "orders")
    assert os.listdir(top) == ["data"]
    (top / "data").unlink()
    release.remove_release(str(tmp_path), "orders")
    assert not top.exists()


def test_an_address_that_does_not_answer_is_named(tmp_path, monkeypatch):
    def refuse(*_arguments, **_options):
        raise OSError("no route")

    monkeypatch.setattr(release, "open_url", refuse)
    with pytest.raises(BadInput, match=r"releases\['orders'\]\.url: https://x could not be fetched: no route"):
        release.fetch("releases['orders'].url", "https://x", str(tmp_path))


class Module:
    def __init__(self, base, tmpdir):
        self.params = {"base": str(base)}
        self.tmpdir = str(tmpdir)

    def about_to_change(self):
        pass


@pytest.fixture
def installed(archive, tmp_path):
    """Return the directory of a release that was installed from another archive, and the steps to replace it."""
    directory = tmp_path / "opt" / "orders" / "releases"
    (directory / "1").mkdir(parents=True)
    (directory / "1" / "old").write_text("x")
    return directory


def test_whatever_happens_while_unpacking_nothing_is_left(archive, installed, tmp_path, monkeypatch):
    path, digest = archive

    def break_down(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(release_archive, "unpack", break_down)
    wanted, steps = Release("orders", "2", "/a", digest), releases_util.Steps(unpack=True)
    with pytest.raises(OSError, match="No space"):
        release.carry_out(Module(tmp_path / "opt", tmp_path), wanted, steps, {"orders": path})
    assert os.listdir(installed) == ["1"]


def test_the_version_that_was_moved_away_is_put_back(archive, installed, tmp_path, monkeypatch):
    path, digest = archive
    rename = os.rename

    def break_down(source, target):
        if source.endswith(".1.partial"):
            raise OSError(5, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(release.os, "rename", break_down)
    wanted, steps = Release("orders", "1", "/a", digest), releases_util.Steps(unpack=True)
    with pytest.raises(OSError, match="Input/output"):
        release.carry_out(Module(tmp_path / "opt", tmp_path), wanted, steps, {"orders": path})
    assert os.listdir(installed) == ["1"]
    assert os.listdir(installed / "1") == ["old"]


def test_after_a_crash_the_version_is_back_before_anything_is_fetched(installed, tmp_path, monkeypatch, capsys):
    (installed / "1").rename(installed / ".1.old.partial")
    arguments = {"releases": {"orders": {"version": "1", "url": "https://x", "sha256": "0" * 64}}, "base": str(tmp_path / "opt")}

    def refuse(*_arguments, **_options):
        assert os.listdir(installed / "1") == ["old"]
        raise OSError("no route")

    def failed(_self, msg, **_options):
        raise BadInput(msg)

    monkeypatch.setattr(release, "open_url", refuse)
    module = Module(tmp_path / "opt", tmp_path)
    module.params.update({"state": "present", "phase": "all", "run": "", "transferred": {}, **arguments})
    module.check_mode, module.fail_json = False, failed.__get__(module)
    with pytest.raises(BadInput, match="no route"):
        release.run(module)
    assert os.listdir(installed / "1") == ["old"]


@pytest.fixture
def journal(tmp_path, monkeypatch):
    monkeypatch.setattr(release, "JOURNAL", str(tmp_path / "changes"))
    return str(tmp_path / "changes")


@pytest.fixture
def deploy(run_step, tmp_path, journal):
    class Based(run_step.base):
        def __init__(self, spec):
            super().__init__(spec)
            self.params["base"] = str(tmp_path / "opt")

    return lambda **parameters: run_step(release, base=Based, **parameters)


def given(archive, version="1", **options):
    path, digest = archive
    wanted = {"orders": {"version": version, "url": "/a", "sha256": digest, **options}}
    return {"releases": wanted, "transferred": {"orders": path}}


def test_a_release_is_put_into_use_apart_and_can_be_taken_back(archive, tmp_path, journal, deploy):
    base = tmp_path / "opt"
    installed = deploy(phase="install", **given(archive))
    assert installed["changed"] and installed["changed_files"] == [] and not (base / "orders" / "current").exists()
    switched = deploy(phase="switch", **given(archive))
    assert switched["switched"] == {"orders": {"before": "", "after": "1"}}
    assert switched["changed_files"] == [str(base / "orders" / "current")]
    assert os.readlink(base / "orders" / "current") == "releases/1"
    assert not deploy(phase="all", **given(archive))["changed"]
    done = undo.undo([switched["change"], installed["change"]], journal=journal)
    assert not done.errors
    assert not (base / "orders").exists()


def test_taking_a_release_back_leaves_the_one_before(archive, tmp_path, journal, deploy):
    base = tmp_path / "opt"
    deploy(**given(archive))
    installed = deploy(phase="install", **given(archive, "2"))
    switched = deploy(phase="switch", **given(archive, "2"))
    undo.undo([switched["change"], installed["change"]], journal=journal)
    assert os.readlink(base / "orders" / "current") == "releases/1"
    assert sorted(os.listdir(base / "orders" / "releases")) == [".1.sha256", "1"]


def test_what_is_proven_is_pruned_last(archive, tmp_path, journal, deploy):
    base = tmp_path / "opt"
    deploy(**given(archive, "1", keep=1))
    for phase in ("install", "switch"):
        assert deploy(phase=phase, **given(archive, "2", keep=1))["pruned"] == []
    assert deploy(phase="prune", **given(archive, "2", keep=1))["pruned"] == [str(base / "orders" / "releases" / "1")]
    assert not deploy(phase="prune", **given(archive, "2", keep=1))["changed"]


def test_the_version_before_is_put_into_use_without_an_archive(archive, deploy):
    for version in ("1", "2"):
        deploy(**given(archive, version))
    back = deploy(releases={"orders": {"installed": True}}, phase="switch")
    assert back["switched"] == {"orders": {"before": "2", "after": "1"}} and not back["needed"]
    again = deploy(releases={"orders": {"installed": True}}, phase="switch")
    assert "releases['orders'].version is 'the one before'; expected one of those on this host: 1, 2" in again["msg"]
    named = deploy(releases={"orders": {"installed": True, "version": "2"}}, phase="switch")
    assert named["switched"] == {"orders": {"before": "1", "after": "2"}}


def test_a_release_may_be_one_program(archive, tmp_path, journal, deploy):
    deploy(**given(archive, binary=True))
    program = tmp_path / "opt" / "orders" / "current" / "orders"
    assert program.stat().st_mode & 0o777 == 0o755 and program.read_bytes() == Path(archive[0]).read_bytes()


def test_a_signature_that_does_not_fit_installs_nothing(archive, tmp_path, journal, deploy, monkeypatch):
    def refuse(where, *_paths):
        raise BadInput("%s: the archive is not signed" % where)

    monkeypatch.setattr(release, "fetch", lambda where, url, directory: url)
    monkeypatch.setattr(release.release_signature, "verify", refuse)
    signature = {"url": "https://x/a.asc", "key": "-----BEGIN PGP PUBLIC KEY BLOCK-----"}
    answer = deploy(**given(archive, signature=signature))
    assert answer["failed"] and answer["msg"] == "releases['orders'].signature: the archive is not signed"
    assert not (tmp_path / "opt" / "orders").exists()


def test_a_switch_is_foreseen_and_not_made(archive, tmp_path, deploy):
    deploy(**given(archive))
    params = {"base": str(tmp_path / "opt"), "state": "present", "phase": "switch", **given(archive, "2")}
    module = type("Module", (), {"params": params, "check_mode": False})()
    assert release.foreseen(module, []) == [str(tmp_path / "opt" / "orders" / "current")]
    assert os.readlink(tmp_path / "opt" / "orders" / "current") == "releases/1"
