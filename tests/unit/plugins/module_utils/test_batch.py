# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
import os
import types
import zlib
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import batch, guard, guard_record, rollback
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput


class Answered(Exception):
    def __init__(self, failed: bool, answer: dict[str, Any]) -> None:
        super().__init__()
        self.failed, self.answer = failed, answer


class Host:
    """The AnsibleModule of the call."""

    def __init__(self, check_mode: bool = False) -> None:
        self.check_mode, self.tmpdir, self.warnings = check_mode, "/nowhere", []

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def get_bin_path(self, name: str, opt_dirs: Any = None) -> str | None:
        return None if name == "missing" else "/bin/" + name

    def run_command(self, command: list[str]) -> tuple[int, str, str]:
        return 0, " ".join(command), ""

    def exit_json(self, **answer: Any) -> None:
        raise Answered(False, answer)

    def fail_json(self, **answer: Any) -> None:
        raise Answered(True, answer)


ARGUMENTS = {"value": {"type": "int", "default": 0}, "changed_files": {"type": "list", "elements": "str", "default": []}}


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Put steps made for the test in the place of the files; a kind's function gets the module."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(batch, "load_step", lambda kind: types.SimpleNamespace(ARGUMENTS=ARGUMENTS, run=found[kind]))
    return found


def run(*steps: dict[str, Any], host: Host | None = None, arming: Any = None, **more: Any) -> dict[str, Any]:
    """Return what the module answers; a step may leave out what it does not need."""
    whole = [{"id": step["kind"], "options": {}, **step} for step in steps]
    with pytest.raises(Answered) as answered:
        batch.run(host or Host(), {"steps": whole, **more}, arming or batch.Arming({}, str))
    return {**answered.value.answer, "failed": answered.value.failed}


class Telling(batch.Arming):
    """Says that it was told, and can be over."""

    def __init__(self, tell: Any) -> None:
        super().__init__({}, str)
        self.tell, self.over = tell, False

    def __call__(self) -> None:
        self.tell()

    def refuse_decided(self) -> None:
        if self.over:
            raise BadInput("the time was over")


def answering(**answer: Any) -> Any:
    return lambda module: module.exit_json(**answer)


def test_steps_run_in_the_order_of_the_list_and_their_results_stand_by_id(kinds: dict[str, Any]) -> None:
    ran: list[str] = []
    for kind in ("a", "b"):
        kinds[kind] = lambda module, kind=kind: (ran.append(kind), module.exit_json(changed=kind == "a", value=module.params["value"]))
    answer = run({"kind": "b", "options": {"value": "3"}}, {"kind": "a"}, {"kind": "b", "id": "again"})
    assert ran == ["b", "a", "b"] and list(answer["results"]) == ["b", "a", "again"]
    assert answer["results"]["b"] == {"changed": False, "value": 3}
    assert answer["changed"] and not answer["failed"]


def test_the_first_failure_ends_the_list_with_its_own_message(kinds: dict[str, Any]) -> None:
    kinds["a"] = answering(changed=True)
    kinds["b"] = lambda module: module.fail_json(msg="sshd refuses line 3", checks={"x": 1})
    kinds["c"] = lambda module: pytest.fail("ran after a failure")
    answer = run({"kind": "a"}, {"kind": "b", "id": "proof"}, {"kind": "c"})
    assert answer["failed"] and answer["msg"] == "sshd refuses line 3" and answer["step"] == "proof"
    assert answer["changed"] and list(answer["results"]) == ["a", "proof"]
    assert answer["results"]["proof"]["checks"] == {"x": 1} and answer["results"]["proof"]["failed"]


def test_what_breaks_off_is_a_failure_that_keeps_the_results(kinds: dict[str, Any]) -> None:
    kinds["a"] = answering(changed=True)
    kinds["b"] = lambda module: 1 / 0
    answer = run({"kind": "a"}, {"kind": "b"})
    assert answer["failed"] and answer["changed"] and "ZeroDivisionError" in answer["msg"] and "Traceback" in answer["exception"]
    kinds["c"] = lambda module: None
    assert "gave no answer" in run({"kind": "c"})["msg"]


def test_wrong_options_fail_the_step(kinds: dict[str, Any]) -> None:
    kinds["a"] = answering(changed=False)
    assert "valeu" in run({"kind": "a", "options": {"valeu": 1}})["msg"]


def test_units_learn_which_files_changed_before_them(kinds: dict[str, Any]) -> None:
    kinds["files"] = lambda module: module.exit_json(changed=True, changed_files=["/etc/%d" % module.params["value"]], change="id-1")
    kinds["units"] = lambda module: module.exit_json(changed=False, seen=module.params["changed_files"])
    answer = run(
        {"kind": "files", "options": {"value": 1}},
        {"kind": "files", "id": "more", "options": {"value": 2}},
        {"kind": "units", "options": {"changed_files": ["/etc/0", "/etc/1"]}},
        {"kind": "files", "id": "late", "options": {"value": 3}},
    )
    assert answer["results"]["units"]["seen"] == ["/etc/0", "/etc/1", "/etc/2"]
    assert answer["changed_files"] == ["/etc/1", "/etc/2", "/etc/3"] and answer["change"] == "id-1"


def test_diffs_stand_in_order_and_once(kinds: dict[str, Any]) -> None:
    kinds["a"] = answering(changed=True, diff=[{"before": "1", "after": "2"}, {"before": "", "after": "3"}])
    kinds["b"] = answering(changed=False, diff={"before": "same", "after": "same"})
    kinds["c"] = answering(changed=True, diff={"before": "", "after": "4"})
    answer = run({"kind": "a"}, {"kind": "b"}, {"kind": "c"})
    assert [diff["after"] for diff in answer["diff"]] == ["2", "3", "4"]
    assert all("diff" not in result for result in answer["results"].values())


def test_a_proof_is_left_out_in_check_mode_only(kinds: dict[str, Any]) -> None:
    kinds["a"] = answering(changed=False, proved=True)
    step = {"kind": "a", "skip_in_check": True}
    assert run(step, host=Host(check_mode=True))["results"] == {"a": {"changed": False, "skipped": True}}
    assert run(step)["results"]["a"]["proved"]


def needing(module: Any) -> None:
    lacks = [] if module.params["value"] else ["archive"]
    module.exit_json(changed=True, changed_files=["/opt/current"], needed=lacks, diff={"before": "", "after": "x"})


def test_a_step_that_lacks_something_ends_the_call_before_its_work_counts(kinds: dict[str, Any]) -> None:
    kinds["a"], kinds["release"] = answering(changed=False, changed_files=["/etc/a"]), needing
    kinds["units"] = lambda module: module.exit_json(changed=False, seen=module.params["changed_files"])
    steps = [{"kind": "a"}, {"kind": "release"}, {"kind": "units"}]
    first = run(*steps)
    assert first["resume"] == 1 and first["pending"]["needed"] == ["archive"] and list(first["results"]) == ["a"] and not first["changed"]
    steps[1]["options"] = {"value": 1}
    kinds["a"] = lambda module: pytest.fail("ran a second time")
    second = run(*steps, start=1, earlier=first)
    assert "resume" not in second and list(second["results"]) == ["a", "release", "units"] and second["changed"]
    assert second["results"]["units"]["seen"] == ["/etc/a", "/opt/current"] and len(second["diff"]) == 1


def test_in_check_mode_nothing_is_asked_for(kinds: dict[str, Any]) -> None:
    kinds["release"] = needing
    answer = run({"kind": "release"}, host=Host(check_mode=True))
    assert answer["changed"] and "resume" not in answer and "needed" not in answer["results"]["release"]


def test_the_guard_is_told_once_for_each_step_that_changes_something(kinds: dict[str, Any]) -> None:
    told: list[int] = []
    kinds["a"] = lambda module: (module.about_to_change(), module.about_to_change(), module.exit_json(changed=True))
    kinds["b"] = answering(changed=False)
    run({"kind": "a"}, {"kind": "b"}, arming=Telling(lambda: told.append(1)))
    assert told == [1]


def test_packages_do_not_start_the_time_of_the_guard(kinds: dict[str, Any]) -> None:
    told: list[str] = []
    kinds["packages"] = lambda module: (module.about_to_change(), told.append("packages"), module.exit_json(changed=True))
    kinds["a"] = lambda module: (module.about_to_change(), module.exit_json(changed=True))
    run({"kind": "packages"}, {"kind": "a"}, arming=Telling(lambda: told.append("armed")))
    assert told == ["packages", "armed"]


def test_no_step_runs_unguarded_after_the_guard_is_decided(kinds: dict[str, Any]) -> None:
    arming = Telling(lambda: None)
    kinds["a"] = lambda module: (setattr(arming, "over", True), module.exit_json(changed=True))
    answer = run({"kind": "a"}, {"kind": "b"}, arming=arming)
    assert answer["failed"] and answer["msg"] == "the time was over" and answer["step"] == "b" and list(answer["results"]) == ["a"]


def test_what_a_step_sets_for_the_process_ends_with_it(kinds: dict[str, Any]) -> None:
    before = os.umask(0o022)
    kinds["a"] = lambda module: (os.umask(0o077), module.exit_json(changed=False))
    run({"kind": "a"})
    assert os.umask(before) == 0o022


def test_a_step_has_the_usual_umask_whatever_sudo_gave(kinds: dict[str, Any]) -> None:
    before = os.umask(0o077)
    kinds["a"] = lambda module: module.exit_json(changed=False, mask=os.umask(0o022))
    answer = run({"kind": "a"})
    assert os.umask(before) == 0o077
    assert answer["results"]["a"]["mask"] == 0o022


def test_a_step_has_what_it_uses_of_a_module(kinds: dict[str, Any]) -> None:
    host = Host()

    def use(module: Any) -> None:
        module.warn("careful")
        assert (module.tmpdir, module.get_bin_path("sh"), module.get_bin_path("missing")) == ("/nowhere", "/bin/sh", None)
        assert module.run_command(["a", "b"]) == (0, "a b", "")
        module.get_bin_path("missing", required=True)

    kinds["a"] = use
    assert "This host has no missing." in run({"kind": "a"}, host=host)["msg"] and host.warnings == ["careful"]


def test_the_payload_is_unpacked() -> None:
    payload = {"steps": [], "start": 2}
    assert batch.unpacked(base64.b64encode(zlib.compress(json.dumps(payload).encode())).decode()) == payload


def test_a_kind_is_imported_by_its_name() -> None:
    assert "programs" in batch.load_step("presence").ARGUMENTS


def test_a_guard_is_armed_once_and_only_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    armed: list[Any] = []
    monkeypatch.setattr(guard, "arm", lambda *given: armed.append(given))
    told: list[str] = []
    last = {"run": "bob", "reported": False, "at": 0, "reason": "it was not confirmed", "paths": ["/etc/x"], "errors": []}
    monkeypatch.setattr(guard_record, "read_last", lambda: last)
    without = batch.Arming({"run": "ana"}, told.append)
    asked = batch.Arming({"run": "ana", "guard": {"timeout": 60, "token": "t"}}, told.append)
    for arming in (without, asked, asked):
        arming()
    assert armed == [("ana", 60, "t")] and (without.armed, asked.armed) == (False, True)
    assert len(told) == 1 and told[0].startswith("Before this run: The change was taken back") and "/etc/x" in told[0]
    assert "armed" not in batch.Batch({"steps": []}).answer(without) and batch.Batch({"steps": []}).answer(asked)["armed"]


@pytest.mark.parametrize(("found", "refused"), [("armed", False), ("gone", True), ("foreign", True), ("due", True)])
def test_a_guard_that_this_call_armed_has_to_stand(monkeypatch: pytest.MonkeyPatch, found: str, refused: bool) -> None:
    record = types.SimpleNamespace(run="bob" if found == "foreign" else "ana")
    monkeypatch.setattr(guard_record, "read", lambda: None if found == "gone" else record)
    monkeypatch.setattr(guard_record, "due_now", lambda record: "time" if found == "due" else "")
    arming = batch.Arming({"run": "ana"}, str)
    arming.refuse_decided()  # it armed nothing
    arming.armed = True
    if not refused:
        arming.refuse_decided()
        return
    with pytest.raises(BadInput, match="the rest was not done"):
        arming.refuse_decided()


def test_a_deployment_that_fails_is_taken_back_and_says_so(kinds: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollback.Deployment, "__init__", lambda self, payload: None)
    told: list[str] = []
    monkeypatch.setattr(rollback.Deployment, "__call__", lambda self: told.append("begun"))
    monkeypatch.setattr(rollback.Deployment, "step_ended", lambda self, failed: told.append("failed" if failed else "ended"))
    monkeypatch.setattr(rollback.Deployment, "proven", lambda self: told.append("proven"))
    monkeypatch.setattr(rollback.Deployment, "take_back", lambda self: "All is as before.")

    def switch(module: Any) -> None:
        module.about_to_change()
        module.exit_json(changed=True, switched={"orders": {"before": "1", "after": "2"}, "new": {"before": "", "after": "7"}})

    kinds.update(switch=switch, good=answering(changed=False), bad=lambda module: module.fail_json(msg="It crashed."))
    answer = run({"kind": "switch"}, {"kind": "bad"}, rollback=True)
    assert answer["failed"] and answer["rolled_back"] and told == ["begun", "ended", "failed"]
    assert answer["msg"].splitlines() == [
        "It crashed.",
        "All is as before.",
        "Release 2 of orders was taken back, 1 is in use again.",
        "Release 7 of new was taken back, there was none before.",
    ]
    told.clear()
    assert not run({"kind": "switch"}, {"kind": "good"}, rollback=True)["failed"]
    assert told == ["begun", "ended", "ended", "proven"]
    told.clear()
    assert run({"kind": "switch"}, {"kind": "good", "id": "proof", "last_proof": True}, {"kind": "bad"}, rollback=True)["failed"]
    assert told == ["begun", "ended", "ended", "proven", "failed"]
    told.clear()
    assert "rolled_back" not in run({"kind": "switch"}, {"kind": "bad"}) and told == []


def test_who_has_to_know_is_told_what_the_later_steps_are_going_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    hooks = {**ARGUMENTS, "foreseen": {"type": "list", "elements": "str", "default": []}}
    found = {
        "deploy_hooks": types.SimpleNamespace(ARGUMENTS=hooks, run=lambda module: module.exit_json(told=module.params["foreseen"])),
        "files": types.SimpleNamespace(ARGUMENTS=ARGUMENTS, run=answering(), foreseen=lambda module, changed: ["/etc/a"]),
        "units": types.SimpleNamespace(
            ARGUMENTS=ARGUMENTS, run=answering(), foreseen=lambda module, changed: asked.append(changed) or ["a.service"]
        ),
        "blind": types.SimpleNamespace(ARGUMENTS=ARGUMENTS, run=answering(changed=True, changed_files=["/etc/before"])),
    }
    monkeypatch.setattr(batch, "load_step", found.__getitem__)
    answer = run({"kind": "blind"}, {"kind": "deploy_hooks"}, {"kind": "files"}, {"kind": "blind", "id": "x"}, {"kind": "units"})
    assert answer["results"]["deploy_hooks"]["told"] == ["/etc/a", "a.service"]
    assert asked == [["/etc/before", "/etc/a"]]


def test_what_cannot_be_foreseen_fails_before_anything_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_module: Any, _changed: Any) -> list[str]:
        raise BadInput("units is wrong")

    found = {
        "deploy_hooks": types.SimpleNamespace(ARGUMENTS=ARGUMENTS, run=answering()),
        "units": types.SimpleNamespace(ARGUMENTS=ARGUMENTS, run=answering(), foreseen=refuse),
    }
    monkeypatch.setattr(batch, "load_step", found.__getitem__)
    answer = run({"kind": "deploy_hooks"}, {"kind": "units"})
    assert answer["failed"] and (answer["msg"], answer["step"]) == ("units is wrong", "deploy_hooks")
