# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import file_content, file_swap
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import files
from ansible_collections.groundwork.fleet.plugins.plugin_utils import file_entries


@pytest.fixture
def write(run_step, tmp_path, monkeypatch):
    """Return what runs the module: `write({path: options}, state=..., check_mode=...)`."""
    monkeypatch.setattr(files, "JOURNAL", str(tmp_path / "journal"))
    monkeypatch.setattr(files, "MANAGED", str(tmp_path / "managed"))

    def run(wanted: dict[Path, dict[str, Any]], **more: Any) -> dict[str, Any]:
        mine = {"owner": str(tmp_path.stat().st_uid), "group": str(tmp_path.stat().st_gid)}
        entries = []
        for path, options in wanted.items():
            given = options if "link" in options else {**mine, **options}
            entries.append(file_entries.entry(str(path), given, str(options.get("content", "")).encode()))
        return run_step(files, files=file_entries.packed(entries), **more)

    return run


def test_a_set_is_written_once(write, tmp_path: Path) -> None:
    wanted = {tmp_path / "d": {"directory": True}, tmp_path / "d" / "a": {"content": "one\n"}, tmp_path / "l": {"link": "/nowhere"}}
    answer = write(wanted)
    assert answer["changed"] and answer["changed_files"] == sorted(map(str, wanted))
    assert (tmp_path / "d" / "a").read_text() == "one\n"
    assert [path.name for path in (tmp_path / "journal").iterdir()] == [answer["change"]]
    again = write(wanted)
    assert (again["changed"], again["changed_files"], again["change"], again["diff"]) == (False, [], "", [])


def test_check_mode_tells_the_same_and_writes_nothing(write, tmp_path: Path) -> None:
    wanted = {tmp_path / "no" / "a": {"content": "one\n"}}
    answer = write(wanted, check_mode=True, validate=["no-such-program-anywhere {%s}" % (tmp_path / "no" / "a")])
    assert answer["changed"] and answer["changed_files"] == [str(tmp_path / "no" / "a")]
    assert answer["diff"][0]["after"] == "one\n"
    assert len(answer["skipped_validators"]) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_refusing_validator_fails_and_changes_nothing(write, tmp_path: Path) -> None:
    answer = write({tmp_path / "a": {"content": "one\n"}}, validate=["grep -q two {%s}" % (tmp_path / "a")])
    assert answer["failed"] and "nothing was changed" in answer["msg"]
    assert not (tmp_path / "a").exists()


def test_a_missing_parent_fails_with_the_remedy(write, tmp_path: Path) -> None:
    answer = write({tmp_path / "no" / "a": {"content": "one\n"}})
    assert answer["failed"] and "Add %s: {directory: true}." % (tmp_path / "no") in answer["msg"]


def test_an_error_of_the_system_names_the_path(write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device", "/full")

    monkeypatch.setattr(file_swap, "apply", full)
    answer = write({tmp_path / "a": {"content": "x"}})
    assert answer["msg"] == "/full: No space left on device. Every path of the set is as it was."


def test_absent_removes_the_set_and_asks_no_validator(write, tmp_path: Path) -> None:
    wanted = {tmp_path / "d": {"directory": True}, tmp_path / "d" / "a": {"content": "one\n"}}
    write(wanted)
    answer = write(wanted, state="absent", validate=["false"])
    assert answer["changed_files"] == sorted(map(str, wanted)) and not (tmp_path / "d").exists()
    assert not write(wanted, state="absent")["changed"]


def test_what_comes_and_goes_is_remembered_and_goes(write, tmp_path: Path) -> None:
    one, two, stays, data = (str(tmp_path / name) for name in ("1.conf", "2.conf", "stays.conf", "data"))
    wanted = {Path(path): {"content": path} for path in (one, two, stays)} | {Path(data): {"directory": True}}
    assert write(wanted, prune={"orders": [one, two, data]})["changed"]
    assert not write(wanted, prune={"orders": [one, two, data]})["changed"]
    less = {Path(path): {"content": path} for path in (one, stays)}
    assert not write(less, prune={"orders": [one]})["changed"]
    assert Path(two).exists()  # its instance runs until the units were seen to
    (tmp_path / "data" / "written").touch()
    rest: dict[str, Any] = {"prune": {"orders": [one]}, "state": "absent"}
    assert write({}, check_mode=True, **rest)["changed_files"] == [two]
    assert write({}, **rest)["changed_files"] == [two]
    assert not Path(two).exists() and Path(one).exists() and Path(data).is_dir()
    assert not write({}, **rest)["changed"]
    assert not write({}, prune={"carts": []}, state="absent")["changed"] and Path(one).exists()
    assert write({Path(one): {"content": ""}}, prune={"orders": []}, state="absent")["changed_files"] == [one]
    assert Path(stays).exists() and not (tmp_path / "managed").exists()


def test_what_came_to_stay_does_not_go(write, tmp_path: Path) -> None:
    one = str(tmp_path / "1.conf")
    write({Path(one): {"content": "x"}}, prune={"orders": [one]})
    write({Path(one): {"content": "x"}}, prune={"orders": []})
    assert not write({}, prune={"orders": []}, state="absent")["changed"] and Path(one).exists()


def test_what_is_no_list_of_paths_is_not_pruned(write, tmp_path: Path) -> None:
    answer = write({}, prune={"orders": ["etc/x"]})
    assert answer["failed"] and "prune.orders is ['etc/x']; expected a list of absolute paths" in answer["msg"]


def test_the_parameter_that_carries_secrets_is_never_shown() -> None:
    assert files.ARGUMENTS["files"]["no_log"] is True


def test_large_content_is_asked_for_and_then_taken(write, run_step, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"x" * (file_content.LARGE + 1)
    sent = tmp_path / "sent"
    sent.write_bytes(content)
    large = file_entries.LargeContent(len(content), file_content.digest(str(sent)))
    mine = {"owner": str(tmp_path.stat().st_uid), "group": str(tmp_path.stat().st_gid), "source": "big"}
    packed = file_entries.packed([file_entries.entry(str(tmp_path / "big"), mine, large)])
    first = run_step(files, files=packed)
    assert (first["needed"], first["changed"]) == ([large.sha256], True) and not (tmp_path / "big").exists()
    second = run_step(files, files=packed, transferred={large.sha256: str(sent)})
    assert second["changed_files"] == [str(tmp_path / "big")] and (tmp_path / "big").read_bytes() == content
    assert not run_step(files, files=packed)["changed"]


def test_a_purged_directory_loses_what_the_set_no_longer_names(write, tmp_path: Path) -> None:
    directory = tmp_path / "d"
    keep = {directory: {"directory": True, "purge": True}, directory / "a": {"content": "a"}}
    write({**keep, directory / "b": {"content": "b"}})
    (directory / "theirs").write_text("x")
    answer = write(keep)
    assert answer["changed_files"] == [str(directory / "b")]
    assert sorted(path.name for path in directory.iterdir()) == ["a", "theirs"]
    assert not write(keep)["changed"]


def test_a_record_of_the_engine_alone_is_no_change(write, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir(mode=0o755)
    answer = write({tmp_path / "d": {"directory": True, "purge": True}})
    assert (answer["changed"], answer["changed_files"], answer["diff"]) == (False, [], [])
    assert list((tmp_path / "managed").iterdir()) != []


def test_an_interrupted_change_is_taken_back_even_where_nothing_differs(write, tmp_path: Path) -> None:
    wanted = {tmp_path / "a": {"content": "a"}}
    write(wanted)
    (tmp_path / "journal.pending" / "000009-x").write_text("staging")
    answer = write(wanted)
    assert not answer["changed"] and "000009-x" in answer["warnings"][0]


@pytest.fixture
def owned(write, tmp_path: Path, monkeypatch):
    """Return what writes the set of one owner."""
    monkeypatch.setattr(files.file_originals, "MEMORY", str(tmp_path / "memory"))
    return lambda wanted, **more: write(wanted, owner="role", **more)


def test_what_an_owner_does_not_declare_any_more_is_as_it_was(owned, tmp_path: Path) -> None:
    there, link, new, directory = tmp_path / "there", tmp_path / "link", tmp_path / "d" / "new", tmp_path / "d"
    there.write_text("theirs\n")
    there.chmod(0o604)
    link.symlink_to("/nowhere")
    wanted = {directory: {"directory": True}, new: {"content": "x\n"}, there: {"content": "ours\n"}, link: {"content": "ours\n"}}
    assert owned(wanted)["changed"] and not owned(wanted)["changed"]
    assert (there.read_text(), link.read_text()) == ("ours\n", "ours\n")
    would = owned({there: {"content": "ours\n"}}, check_mode=True)
    assert would["changed_files"] == sorted(map(str, (directory, new, link))) and new.exists()
    assert owned({there: {"content": "ours\n"}})["changed_files"] == would["changed_files"]
    assert not directory.exists() and link.is_symlink() and there.read_text() == "ours\n"
    assert owned({}, state="absent")["changed"] and not owned({}, state="absent")["changed"]
    assert (there.read_text(), there.stat().st_mode & 0o777) == ("theirs\n", 0o604)
    assert not (tmp_path / "memory").exists(), "nothing is remembered any more"


def test_what_an_earlier_release_wrote_does_not_come_back(owned, tmp_path: Path) -> None:
    (tmp_path / "old").write_text("# groundwork.fleet: role hardening\nold\n")
    (tmp_path / "same").write_text("# groundwork.fleet: role hardening\nsame\n")
    wanted = {tmp_path / "old": {"content": "new\n"}, tmp_path / "same": {"content": "# groundwork.fleet: role hardening\nsame\n"}}
    assert owned(wanted)["changed_files"] == [str(tmp_path / "old")]
    assert owned({}, state="absent")["changed_files"] == sorted(map(str, wanted))
    assert not (tmp_path / "old").exists() and not (tmp_path / "same").exists()


def test_an_owner_does_not_replace_what_is_too_large_to_keep(owned, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * (file_content.LARGE + 1))
    answer = owned({tmp_path / "large": {"content": "small\n"}})
    assert answer["failed"] and "to be kept for the way back" in answer["msg"]
    assert (tmp_path / "large").stat().st_size > file_content.LARGE


def test_a_validator_that_refuses_leaves_an_owners_files_too(owned, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("theirs\n")
    answer = owned({tmp_path / "a": {"content": "one\n"}}, validate=["grep -q two {%s}" % (tmp_path / "a")])
    assert answer["failed"] and (tmp_path / "a").read_text() == "theirs\n"
    assert not owned({}, state="absent")["changed"]


KEY = "5e" * 32


@pytest.fixture
def secretly(write, run_step, tmp_path):
    """Return what runs the module as the action does with secrets: their digests first, their content where it is asked for."""

    def run(path: Path, content: str, **options: Any) -> tuple[dict[str, Any], list[str], list[str]]:
        mine = {"owner": str(tmp_path.stat().st_uid), "group": str(tmp_path.stat().st_gid), "secret": True}
        whole = file_entries.entry(str(path), {"content": content, **mine, **options}, content.encode())
        payloads = [file_entries.packed([file_entries.withheld(whole, KEY)]), file_entries.packed([whole])]
        answer = run_step(files, files=payloads[0])
        needed = answer.get("needed", [])
        return (run_step(files, files=payloads[1]) if needed else answer), needed, payloads

    return run


def test_a_secret_travels_only_where_it_is_written(secretly, tmp_path: Path) -> None:
    path = tmp_path / "a"
    answer, needed, payloads = secretly(path, "hunter2\n")
    assert answer["changed"] and path.read_text() == "hunter2\n"
    assert needed == [file_content.keyed(KEY, b"hunter2\n")]
    assert [entry.content for entry in files.unpacked(payloads[0])] == [b""]
    again, needed, _payloads = secretly(path, "hunter2\n")
    assert (again["changed"], needed) == (False, [])
    path.write_text("another one\n")
    answer, needed, _payloads = secretly(path, "hunter2\n")
    assert answer["changed"] and len(needed) == 1 and path.read_text() == "hunter2\n"
    assert "hunter2" not in str(answer)


def test_a_secret_of_which_only_the_mode_differs(secretly, tmp_path: Path) -> None:
    path = tmp_path / "a"
    secretly(path, "hunter2\n")
    path.chmod(0o640)
    answer, _needed, _payloads = secretly(path, "hunter2\n")
    assert answer["changed"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_large_secrets_on_the_host_are_compared_in_pieces(secretly, tmp_path: Path) -> None:
    path = tmp_path / "a"
    content = "x" * (file_content.LARGE + 10)
    path.write_text(content)
    path.chmod(0o600)
    answer, needed, _payloads = secretly(path, content)
    assert (answer["changed"], needed) == (False, [])


def test_secrets_are_asked_for_where_an_interrupted_change_is_taken_back_first(
    secretly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secretly(tmp_path / "a", "hunter2\n")
    monkeypatch.setattr(files.change_journal, "pending", lambda _journal: ["1"])
    monkeypatch.setattr(files, "carried_out", lambda *_arguments: {"changed": True})
    answer, needed, _payloads = secretly(tmp_path / "a", "hunter2\n")
    assert answer["changed"] and len(needed) == 1
