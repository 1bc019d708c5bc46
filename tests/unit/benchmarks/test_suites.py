# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The suites: their variables, their judgement of a run, and what their figures say. Nothing is measured here."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
import yaml

from benchmarks import __main__ as program
from benchmarks import commands, files, fleet, hosts, report, roles, services
from benchmarks.measure import Measured
from benchmarks.suite import Options

RECAP = """
TASK [groundwork.fleet.hardening : Write the configuration] ***
changed: [host-1]
ok: [host-2]

TASK [Prove it] ***
ok: [host-1]

PLAY RECAP ***
host-1                     : ok=7    changed=1    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0
host-2                     : ok=6    changed=0    unreachable=1    failed=2    skipped=1    rescued=0    ignored=0
"""
CALM = "host-1 : ok=7    changed=0    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0\n"


def run(output: str) -> Measured:
    return Measured(1.0, 1.0, 0, 0, output)


def test_recap_is_added_up() -> None:
    assert commands.recap(RECAP) == commands.Recap(hosts=2, ok=13, changed=1, failed=3)
    assert commands.recap(f"\x1b[0;32m{CALM}\x1b[0m") == commands.Recap(1, 7, 0, 0)
    assert commands.recap("nothing") == commands.Recap(0, 0, 0, 0)


def test_a_run_with_a_change_is_refused_with_the_task() -> None:
    arm = commands.Arm("all roles", ())
    commands.unchanged(arm, run(CALM))
    with pytest.raises(commands.BenchmarkError, match=r"all roles: 2 hosts, 1 changes, 3 failures.*hardening : Write the configuration"):
        commands.unchanged(arm, run(RECAP))


def test_a_run_that_reached_no_host_is_refused() -> None:
    with pytest.raises(commands.BenchmarkError, match="0 hosts"):
        commands.unchanged(commands.Arm("all roles", ()), run("PLAY RECAP ***\n"))


def test_a_measured_command_has_nothing_of_the_callers_ansible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_STRATEGY", "free")
    monkeypatch.setenv("PYTHONPATH", "somewhere")
    found = commands.environment(peers=False, extra={"ANSIBLE_FORKS": "5"})
    assert {"ANSIBLE_STRATEGY", "PYTHONPATH"}.isdisjoint(found)
    assert found["ANSIBLE_FORKS"] == "5"


def test_requirements_are_exact() -> None:
    lines = [line for line in commands.REQUIREMENTS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert {line.split("==")[0] for line in lines} >= {"ansible-core", "mitogen", "pyinfra"}
    assert all("==" in line and "/" not in line for line in lines)


def test_all_arms_write_the_same_files() -> None:
    ours, loop = files.inputs(files.OURS, 3, 7), files.inputs(files.LOOP, 3, 7)
    assert ours["bench_site"] == loop["bench_site"]
    assert [Path(path).name for path in ours["bench_set"]] == [f"{one['name']}.conf" for one in loop["bench_files"]]
    assert [options["vars"]["bench_file"] for options in ours["bench_set"].values()] == loop["bench_files"]
    assert len({files.directory(arm) for arm in files.ARMS}) == len(files.ARMS)


def test_a_revision_changes_the_first_line() -> None:
    assert files.inputs(files.LOOP, 1, 1)["bench_site"]["revision"] != files.inputs(files.LOOP, 1, 2)["bench_site"]["revision"]
    assert "bench_site.revision" in files.TEMPLATE.read_text(encoding="utf-8").splitlines()[0]


def times(size: int, changed: bool = False) -> files.Times:
    wall = {files.OURS: [2.0, 2.5], files.LOOP: [14.0, 13.0], files.MITOGEN: [6.0, 6.0], files.PYINFRA: [3.0, 3.0]}
    empty = {"empty play": [1.0, 1.0], "empty play under mitogen": [3.0, 3.0], "empty pyinfra deploy": [0.5, 0.5]}
    return files.Times(size, changed, wall | empty, {name: [1.0, 1.0] for name in wall | empty})


def test_files_table_compares_whole_and_alone() -> None:
    table = files.table(times(20))
    assert table.title == "20 files, unchanged"
    assert table.rows[1] == (
        "loop of template",
        "13.5 s (13.0 to 14.0)",
        "6.10x (5.20 to 7.00)",
        "12.5 s (12.0 to 13.0)",
        "10.5x (8.00 to 13.0)",
        "1.00 s (1.00 to 1.00)",
    )
    assert len(table.rows) == len(files.ARMS) + 3
    assert files.table(times(20, changed=True)).title == "20 files, every one changed"


def test_files_targets_are_about_unchanged_files_alone() -> None:
    told = files.verdicts([times(20), times(100, changed=True)])
    assert [one.met for one in told] == [True, True, None]
    assert [one.met for one in files.verdicts([times(20), times(100)])] == [True, True, False]


def test_recorded_figures_stand_in_and_say_so() -> None:
    section = roles.section({roles.TWO: [8.0], roles.ALL: [20.0]}, {roles.TWO: [4.0], roles.ALL: [9.0]}, Options(rounds=1))
    rows = section.tables[0].rows
    assert rows[2][0].endswith("recorded, not measured here")
    assert rows[-1][1:3] == ("67.0 s", "8.38x")
    assert section.verdicts[0].met is True


def test_measured_peers_take_their_place() -> None:
    wall = {roles.TWO: [8.0], roles.ALL: [20.0], roles.DEVSEC: [40.0], roles.PROMETHEUS: [8.0]}
    options = Options(rounds=1, devsec=Path("devsec"), prometheus=Path("prometheus"))
    section = roles.section(wall, {name: [1.0] for name in wall}, options)
    assert section.tables[0].rows[-1] == ("both peers", "48.0 s", "6.00x", "")
    assert section.verdicts[0].met is False
    assert (roles.hosts_needed(options), roles.hosts_needed(Options())) == (2, 1)


def test_the_source_of_another_collection_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "CACHE", tmp_path / "cache")
    source = tmp_path / "source"
    source.mkdir()
    (source / "galaxy.yml").write_text(yaml.safe_dump({"namespace": "devsec", "name": "hardening"}))
    assert (roles.linked(roles.ROLES[roles.DEVSEC], source) / "ansible_collections" / "devsec" / "hardening").resolve() == source
    with pytest.raises(commands.BenchmarkError, match=r"devsec\.hardening; expected the source of prometheus.prometheus"):
        roles.linked(roles.ROLES[roles.PROMETHEUS], source)


def test_sizes_below_the_smaller_forks_are_not_run_twice() -> None:
    assert hosts.arms(Options()) == [(20, 1), (20, 5), (20, 20), (5, 5), (5, 20)]


def test_hosts_verdicts() -> None:
    found = {
        (20, 1): hosts.Figures([10.0], [5.0], [80.0]),
        (20, 5): hosts.Figures([20.0], [9.0], [120.0]),
        (20, 20): hosts.Figures([90.0], [30.0], [270.0]),
        (5, 20): hosts.Figures([80.0], [30.0], [140.0]),
    }
    assert [one.met for one in hosts.verdicts(found)] == [True, True, False, None]
    assert hosts.growth(found, 20) == [pytest.approx(10.0)]
    assert [row[:3] for row in hosts.section(found).tables[0].rows][2] == ("20", "20", "90.0 s")


def test_the_fleet_has_addresses_of_its_own() -> None:
    described = fleet.fleet_of(20)
    assert str(described.subnet) == str(fleet.SUBNET)
    assert len({host.address for host in described.hosts}) == 20
    staging = yaml.safe_load((program.ROOT / "inventories" / "staging" / "hosts.yml").read_text(encoding="utf-8"))
    assert all(not one["ansible_host"].startswith(str(fleet.SUBNET)[:8] + ".9.") for one in staging["all"]["hosts"].values())
    assert list(fleet.inventory_of(described)["all"]["children"]["time_servers"]["hosts"]) == ["host-1"]


def test_digest_does_not_look_at_times() -> None:
    assert fleet.digest({"a": "sum 0644 0 0 111"}) == fleet.digest({"a": "sum 0644 0 0 222"})
    assert fleet.digest({"a": "sum 0644 0 0 111"}) != fleet.digest({"a": "sum 0600 0 0 111"})
    assert fleet.digest({"a": "sum 0644 0 0 111"}) != fleet.digest({"b": "sum 0644 0 0 111"})


def test_options() -> None:
    assert program.whole_numbers("20,100") == (20, 100)
    for wrong in ("", "20,x", "0"):
        with pytest.raises(argparse.ArgumentTypeError, match="expected whole numbers"):
            program.whole_numbers(wrong)
    with pytest.raises(argparse.ArgumentTypeError, match="expected the folder of a collection's source"):
        program.folder("tests/unit/benchmarks")


def test_every_suite_is_a_module_with_the_same_parts() -> None:
    assert list(program.SUITES) == ["files", "roles", "services", "exporters", "hosts", "health", "secrets", "logs"]
    for module in program.SUITES.values():
        assert callable(module.run)
        assert module.hosts_needed(Options()) >= 1


def test_the_page_names_no_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(program, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(program, "PAGE", program.ROOT / ".cache" / "bench" / "page-of-a-test.md")
    program.PAGE.parent.mkdir(parents=True, exist_ok=True)
    program.saved(report.Section("files", "Sets of files", ("One host.",), (), ()))
    program.write()
    text = program.PAGE.read_text(encoding="utf-8")
    program.PAGE.unlink()
    assert "## Sets of files" in text
    assert "./run bench hosts --write" in text
    assert str(program.ROOT) not in text


def test_six_services_each_with_a_port_of_its_own(tmp_path: Path) -> None:
    declared = services.declared(tmp_path / "hello.tar", "0" * 64)
    assert len(declared) == 6
    ports = [one["ports"][0]["port"] for one in declared.values() if "ports" in one]
    assert len(set(ports)) == len(ports) == 4


def test_the_ratio_to_a_ping_and_the_calls_are_judged() -> None:
    call = [services.remote_calls.Call("host-1", "packages", "Bring the packages to their state", execution=str(one)) for one in range(5)]
    wall = {services.OURS: [3.0, 5.0, 3.4], services.PEER: [2.0, 2.0, 2.0]}
    for calls, met in ((4, True), (5, False)):
        found = services.section(wall, wall, {services.OURS: call[:calls] * 2, services.PEER: call[:2]})
        assert [verdict.met for verdict in found.verdicts] == [True, met], "the median of the ratios is 1.7"
    slow = {**wall, services.OURS: [5.0, 5.0, 5.0]}
    assert services.section(slow, slow, {services.OURS: [], services.PEER: []}).verdicts[0].met is False
