# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every operation is killed between any two of its steps, as by kill -9; then the world goes on: the time is over, or the host boots."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import guard, guard_record, guard_units
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.guard_record import BeingTakenBack, Places, TakenBack


class Host:
    """A host in a directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("changes", "units"):
            (root / name).mkdir()
        self.places = Places(*(str(root / name) for name in ("guard", "run", "units", "changes")))
        self.change("000001-before")

    def change(self, name):
        (self.root / "changes" / name).mkdir()
        (self.root / "changes" / name / "manifest.json").write_text("{}")

    def undo(self, changes, run, journal):
        with (self.root / "undone").open("a") as stream:
            stream.write("%s\n" % " ".join(changes))
        return {"paths": ["/etc/%s" % name for name in changes], "units": [], "errors": []}

    def undone(self):
        path = self.root / "undone"
        return sorted(set(path.read_text().splitlines())) if path.exists() else []

    def boot(self):
        if os.path.exists(self.places.marker):
            os.unlink(self.places.marker)

    def time_is_over(self):
        record = guard_record.read(self.places)
        if record is not None:
            guard_record.write(replace(record, deadline=time.monotonic() - 1), self.places)

    def restore(self, step=guard._no_step, **options):
        return guard.restore(places=self.places, undo=self.undo, step=step, **options)

    def arm(self, run="ana", token="token", timeout=60, step=guard._no_step):
        return guard.arm(run, timeout, token, self.places, step)

    def confirm(self, run="ana", token="token", step=guard._no_step):
        return guard.confirm(token, run, self.places, step)

    def left(self):
        """Return what stands of a guard, the outcome of the last one excepted."""
        found = [*(self.root / "units").rglob("*guard*"), *(self.root / "guard").glob("*"), self.root / "run" / "guard"]
        return sorted(path.name for path in found if os.path.lexists(path) and path.name != "last.json")


@pytest.fixture
def host(tmp_path, monkeypatch):
    monkeypatch.setattr(guard_units, "systemctl", lambda *words: None)
    monkeypatch.setattr(guard_units, "bundled", lambda: b"archive")
    return Host(tmp_path)


def killed_at(number, monkeypatch, operation):
    """Run an operation in a child that dies, as by kill -9, at its n-th step. Returns whether it came to that."""
    child = os.fork()
    if child == 0:
        seen = 0

        def step(*name):
            nonlocal seen
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            guard_units.systemctl = step
            real = guard_units.replace_durably
            guard_units.replace_durably = lambda *words: (step(), real(*words))
            operation(step)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def each_kill(monkeypatch, tmp_path, prepare, operation):
    """Yield a fresh host for every step at which the operation was killed."""
    for number in range(1, 100):
        (root := tmp_path / str(number)).mkdir()
        host = Host(root)
        prepare(host)
        if not killed_at(number, monkeypatch, lambda step, host=host: operation(host, step)):
            assert number > 1
            return
        yield host
    raise AssertionError("it never ends")


def test_a_confirmed_change_stays_and_nothing_is_left(host):
    assert host.arm() == "token"
    assert guard.status(host.places)["state"] == "armed" and guard.status(host.places)["holder"] == "ana"
    host.change("000002-new")
    assert host.confirm() is True
    assert host.left() == [] and not os.path.exists(host.places.directory)
    host.time_is_over()
    host.boot()
    assert host.restore() == {} and host.undone() == []
    assert host.confirm() is False


@pytest.mark.parametrize("end", ["time_is_over", "boot"])
def test_what_nobody_confirms_is_taken_back_newest_first(host, end):
    host.arm()
    host.change("000002-new")
    host.change("000003-newer")
    assert host.restore() == {} and host.undone() == []
    getattr(host, end)()
    with pytest.raises(BeingTakenBack):
        host.confirm()
    assert host.restore()["changes"] == ["000003-newer", "000002-new"]
    assert host.undone() == ["000003-newer 000002-new"] and host.left() == []
    with pytest.raises(TakenBack, match="Nothing more was changed"):
        guard.refuse_foreign("ana", host.places)
    with pytest.raises(TakenBack, match=r"Restored: /etc/000003-newer, /etc/000002-new\."):
        host.confirm()
    assert host.confirm() is False  # told once
    assert guard.status(host.places)["last"]["reported"]
    host.arm()


def test_arming_again_after_it_was_taken_back_tells_first(host):
    host.arm()
    host.time_is_over()
    with pytest.raises(BeingTakenBack):
        host.arm()
    host.restore()
    with pytest.raises(TakenBack):
        host.arm()
    assert host.left() == []


def test_arming_again_gives_more_time_and_keeps_the_begin(host):
    host.arm(timeout=20)
    host.change("000002-new")
    host.arm(timeout=600)
    assert guard.status(host.places)["left"] > 500
    host.arm(timeout=15)
    assert guard.status(host.places)["left"] > 500
    host.boot()
    assert host.restore()["changes"] == ["000002-new"]


def test_two_runs_do_not_touch_each_others_guard(host):
    host.arm()
    for run, token in (("ben", "token"), ("ben", "other"), ("ana", "guessed")):
        with pytest.raises(BadInput, match="only the run that armed can confirm"):
            host.confirm(run, token)
    with pytest.raises(BadInput, match=r"ana armed a guard at .* s left to confirm it\. Wait until then"):
        host.arm("ben", "other")
    with pytest.raises(BadInput, match="token"):
        host.arm("ana", "guessed")
    assert host.confirm()


@pytest.mark.parametrize("timeout", [14, 0, -1, 3601])
def test_a_time_that_makes_no_sense_is_refused(host, timeout):
    with pytest.raises(BadInput, match="timeout is %s; expected 15 to 3600 seconds" % timeout):
        host.arm(timeout=timeout)


def test_a_host_without_systemd_is_refused_and_left_as_it_was(host, monkeypatch):
    def refused(*words):
        raise BadInput("systemctl failed")

    monkeypatch.setattr(guard_units, "systemctl", refused)
    with pytest.raises(BadInput):
        host.arm()
    assert host.left() == [] and guard.status(host.places)["state"] == "disarmed"


def test_a_token_is_made_where_none_is_given(host):
    assert len(guard.arm("ana", 60, "", host.places)) == 64


def test_an_undo_that_fails_is_tried_again(host):
    host.arm()
    host.change("000002-new")
    host.time_is_over()
    with pytest.raises(OSError, match="disk"):
        guard.restore(places=host.places, undo=lambda *words: (_ for _ in ()).throw(OSError("disk")))
    host.change("000003-undo")  # what the first attempt has written itself
    assert guard.status(host.places)["state"] == "restoring"
    assert host.restore()["changes"] == ["000002-new"]


def test_a_change_that_is_under_way_is_waited_for(host, monkeypatch):
    waited = []
    plain = guard.change_journal.locked

    def busy(journal):
        if not waited:
            waited.append(1)
            host.change("000002-slow")
            raise BadInput("Another run changes files of this host")
        return plain(journal)

    host.arm()
    (host.root / "changes" / "000003-killed-before-it-began").mkdir()
    host.time_is_over()
    monkeypatch.setattr(guard.change_journal, "locked", busy)
    assert host.restore()["changes"] == ["000002-slow"]


@pytest.mark.parametrize("end", ["time_is_over", "boot"])
def test_arm_killed_anywhere_restores_nothing_foreign(tmp_path, monkeypatch, end):
    monkeypatch.setattr(guard_units, "bundled", lambda: b"archive")
    monkeypatch.setattr(guard_units, "systemctl", lambda *words: None)
    for host in each_kill(monkeypatch, tmp_path, lambda host: None, lambda host, step: host.arm(step=step)):
        armed = guard_record.read(host.places) is not None
        if not armed:
            host.change("000002-somebody")  # nothing keeps another run from changing
        getattr(host, end)()
        host.restore()
        assert host.undone() == [] and host.left() == []
        host.arm("ben", "other")
        assert host.confirm("ben", "other")


def test_extending_killed_anywhere_takes_back_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(guard_units, "bundled", lambda: b"archive")
    monkeypatch.setattr(guard_units, "systemctl", lambda *words: None)

    def prepare(host):
        host.arm()
        host.change("000002-new")

    for host in each_kill(monkeypatch, tmp_path, prepare, lambda host, step: host.arm(timeout=90, step=step)):
        host.time_is_over()
        host.restore()
        assert host.undone() == ["000002-new"] and host.left() == []


@pytest.mark.parametrize("end", ["time_is_over", "boot"])
def test_confirm_killed_anywhere_restores_nothing_once_it_is_confirmed(tmp_path, monkeypatch, end):
    monkeypatch.setattr(guard_units, "bundled", lambda: b"archive")
    monkeypatch.setattr(guard_units, "systemctl", lambda *words: None)

    def prepare(host):
        host.arm()
        host.change("000002-new")

    for host in each_kill(monkeypatch, tmp_path, prepare, lambda host, step: host.confirm(step=step)):
        confirmed = guard_record.read(host.places) is None
        getattr(host, end)()
        host.restore()
        assert host.undone() == ([] if confirmed else ["000002-new"]) and host.left() == []


def test_restore_killed_anywhere_is_finished_with_the_same_list(tmp_path, monkeypatch):
    monkeypatch.setattr(guard_units, "bundled", lambda: b"archive")
    monkeypatch.setattr(guard_units, "systemctl", lambda *words: None)

    def prepare(host):
        host.arm()
        host.change("000002-new")
        host.time_is_over()

    for host in each_kill(monkeypatch, tmp_path, prepare, lambda host, step: host.restore(step)):
        with pytest.raises(TakenBack):
            guard.refuse_foreign("ana", host.places)
        host.boot()
        host.restore()
        assert host.undone() == ["000002-new"] and host.left() == []
        with pytest.raises(TakenBack, match="Restored: /etc/000002-new"):
            host.confirm()


def test_what_the_units_and_people_ask_for(host, monkeypatch, capsys):
    monkeypatch.setattr(guard, "_undo", host.undo)
    assert guard.main(["due"], host.places) == 0
    host.arm()
    assert guard.main(["status"], host.places) == 0 and "holder: ana" in capsys.readouterr().out
    assert guard.main(["boot"], host.places) == 0 and "nothing to take back" in capsys.readouterr().out
    assert guard.main(["disarm"], host.places) == 0 and "the change is kept" in capsys.readouterr().out
    assert host.left() == []
    assert guard.main(["restore"], host.places) == 0 and "nothing is armed" in capsys.readouterr().out
    host.arm()
    monkeypatch.setattr(guard.time, "sleep", lambda seconds: host.time_is_over())
    assert guard.main(["due"], host.places) == 0 and "was taken back at" in capsys.readouterr().out
    assert guard.main([], host.places) == 2 and guard.main(["nonsense"], host.places) == 2


def test_what_cannot_be_done_fails_so_that_systemd_tries_again(host, capsys):
    Path(host.places.directory).mkdir()
    Path(host.places.armed).write_text("{")
    assert guard.main(["due"], host.places) == 1 and "damaged" in capsys.readouterr().out


def test_what_is_being_taken_back_cannot_be_kept(host, capsys):
    host.arm()
    guard_record.write(replace(guard_record.read(host.places), reason="it was late"), host.places)
    assert guard.main(["disarm"], host.places) == 1 and "because it was late" in capsys.readouterr().out


def test_what_fails_is_tried_again_for_a_while(host, monkeypatch):
    slept, answers = (
        [],
        [{"paths": ["/etc/a"], "errors": ["held"]}, {"paths": ["/etc/b"], "units": ["x"], "errors": [], "lost": ["secret"]}],
    )
    monkeypatch.setattr(guard.time, "sleep", slept.append)
    host.arm()
    host.change("000002-new")
    host.time_is_over()
    outcome = guard.restore(places=host.places, undo=lambda *words: answers.pop(0))
    assert slept == [2] and outcome["paths"] == ["/etc/a", "/etc/b"] and outcome["units"] == ["x"] and outcome["errors"] == ["secret"]
    host.arm("ben")
    host.change("000003-new")
    host.time_is_over()
    outcome = guard.restore(places=host.places, undo=lambda *words: {"paths": [], "errors": ["disk full"]})
    assert slept == [2, *guard.RETRIES] and outcome["errors"] == ["disk full"] and host.left() == []


def test_only_the_process_that_takes_back_may_change(host):
    host.arm()
    host.change("000002-new")
    host.time_is_over()

    def undo(changes, run, journal):
        guard.refuse_foreign(run, host.places)
        return host.undo(changes, run, journal)

    assert guard.restore(places=host.places, undo=undo)["errors"] == []
    with pytest.raises(TakenBack):
        guard.refuse_foreign("ana", host.places)


def test_the_engine_takes_back_and_units_come_last(host, monkeypatch, tmp_path):
    """Files and the reload of their unit are two changes: undone newest first, the unit would read the bad file once more."""
    from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, file_swap, undo_effects
    from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry

    path = tmp_path / "sshd_config"
    path.write_text("good")
    seen = []
    monkeypatch.setattr(undo_effects, "_run", lambda command, errors: seen.append((command[1], path.read_text())) or "")
    host.arm()
    with guard_record.taking_back():  # stands for the run that armed: the engine looks for the marker in the real /run
        file_swap.apply([Entry(str(path), "file", 0o644, content=b"bad")], [], file_swap.Conditions(run="ana", journal=host.places.journal))
        effect = {"unit": "ssh.service", "before": {"active": True, "enabled": "enabled"}, "did": ["reload"]}
        change_journal.add_effects([effect], "", "ana", host.places.journal)
    host.time_is_over()
    outcome = guard.restore(places=host.places)
    assert path.read_text() == "good" and seen[-1] == ("reload-or-restart", "good")
    assert outcome["paths"] == [str(path)] and outcome["units"] == ["ssh.service"] and outcome["errors"] == []
    assert "ssh.service" in guard_record.told(outcome)


def test_a_change_that_was_killed_is_taken_back_too(host, tmp_path):
    from ansible_collections.groundwork.fleet.plugins.module_utils import file_swap
    from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry

    path = tmp_path / "sshd_config"
    path.write_text("good")

    def dies(name):
        if name.startswith("swapped"):
            os.kill(os.getpid(), signal.SIGKILL)

    host.arm()
    if os.fork() == 0:
        conditions = file_swap.Conditions(run="ana", journal=host.places.journal, step=dies)
        with guard_record.taking_back():
            file_swap.apply([Entry(str(path), "file", 0o644, content=b"bad")], [], conditions)
        os._exit(0)
    os.wait()
    assert path.read_text() == "bad"
    host.time_is_over()
    assert guard.restore(places=host.places)["errors"] == [] and path.read_text() == "good"
