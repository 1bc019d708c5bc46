# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab over SSH: `./run staging`, then the plain command as the README gives it. A lab that is up already is used and stays up."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import docker
import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.formats import textfile

from lab import prometheus
from tests import example_reports
from tests.integration import monitoring_faults as faults
from tests.integration import planted_secret, remote_calls
from tools import dashboards

ROOT = Path(__file__).resolve().parents[2]
HOSTS = {"web-1", "db-1", "ops-1"}
RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)
KEPT = ROOT / ".cache" / "lab" / "remote-calls.txt"
PLAIN = [str(Path(sys.executable).parent / "ansible-playbook"), "site.yml", "-i", "inventories/staging"]
DRIFT = [PLAIN[0], "playbooks/drift.yml", *PLAIN[2:], "--check"]


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "ANSIBLE_CONFIG"} | {"ANSIBLE_NOCOLOR": "1"} | variables
    return subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def recap(done: subprocess.CompletedProcess[str]) -> dict[str, tuple[int, int, int]]:
    """Return changed, unreachable and failed per host."""
    found = RECAP.findall(done.stdout)
    assert found, done.stdout + done.stderr
    return {host: (int(changed), int(unreachable), int(failed)) for host, _ok, changed, unreachable, failed in found}


@pytest.fixture(scope="module")
def engine() -> docker.DockerClient:
    return docker.from_env(timeout=120)


@pytest.fixture(scope="module", autouse=True)
def staging(engine: docker.DockerClient) -> Iterator[subprocess.CompletedProcess[str]]:
    was_up = bool(engine.containers.list(filters={"label": "groundwork.fleet=staging"}))
    yield run("./run", "staging")
    if not was_up:
        assert run(sys.executable, "-m", "lab", "down", "--keep-images").returncode == 0
        assert not engine.containers.list(all=True, filters={"label": "groundwork.fleet=staging"})
        assert not engine.networks.list(filters={"label": "groundwork.fleet=staging"})


@dataclass
class Unchanged:
    """A run that finds nothing to change, and the remote calls it made."""

    done: subprocess.CompletedProcess[str]
    calls: list[remote_calls.Call]


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Unchanged:
    record = tmp_path_factory.mktemp("calls") / "calls"
    callbacks = {"ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callbacks"), "ANSIBLE_CALLBACKS_ENABLED": "remote_calls"}
    done = run(*PLAIN, **callbacks, GROUNDWORK_CALLS=str(record))
    calls = remote_calls.parsed(record.read_text(encoding="utf-8"))
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(remote_calls.table(calls) + "\n", encoding="utf-8")
    return Unchanged(done, calls)


def test_staging_converges_without_a_failure(staging: subprocess.CompletedProcess[str]) -> None:
    assert staging.returncode == 0, staging.stdout[-6000:] + staging.stderr[-2000:]
    assert {host: result[1:] for host, result in recap(staging).items()} == dict.fromkeys(HOSTS, (0, 0))


def test_the_plain_command_changes_nothing(unchanged: Unchanged) -> None:
    assert recap(unchanged.done) == dict.fromkeys(HOSTS, (0, 0, 0)), unchanged.done.stdout[-6000:]
    assert unchanged.done.returncode == 0


def test_a_role_costs_three_remote_calls_at_most(unchanged: Unchanged) -> None:
    table = remote_calls.table(unchanged.calls)
    print(table)
    assert {call.host for call in unchanged.calls} == HOSTS
    assert not remote_calls.violations(unchanged.calls), "\n".join([*remote_calls.violations(unchanged.calls), table])


@pytest.fixture(scope="module")
def examined() -> subprocess.CompletedProcess[str]:
    """Run the whole site in check mode, and have it counted what it would change."""
    return run(*DRIFT, "--diff")


def test_check_with_diff_reports_no_change(examined: subprocess.CompletedProcess[str]) -> None:
    assert recap(examined) == dict.fromkeys(HOSTS, (0, 0, 0)), examined.stdout[-6000:]
    assert "--- before" not in examined.stdout
    assert re.search(r"^\d+ checks on 3 hosts: \d+ ok$", examined.stdout, re.MULTILINE), examined.stdout[-6000:]


def test_half_a_lab_is_picked_up(engine: docker.DockerClient) -> None:
    engine.containers.get("groundwork-staging-web-1").kill()
    engine.containers.get("groundwork-staging-db-1").stop()
    (ROOT / ".cache" / "lab" / "staging" / "known_hosts").unlink()
    done = run(sys.executable, "-m", "lab", "up")
    assert done.returncode == 0, done.stderr
    pinged = run(str(Path(sys.executable).parent / "ansible"), "all", "-i", "inventories/staging", "-m", "ansible.builtin.ping")
    assert pinged.stdout.count("SUCCESS") == len(HOSTS), pinged.stdout + pinged.stderr


def test_a_restarted_host_serves_again_without_help() -> None:
    done = run(*PLAIN, "--limit", "web-1", "--tags", "health")
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.usefixtures("examined")
def test_no_panel_of_a_dashboard_is_without_data(engine: docker.DockerClient) -> None:
    monitoring = engine.containers.get(prometheus.MONITORING)
    # A node exporter on the controller tells of audits; the lab has none.
    path = "/var/lib/prometheus/node-exporter/audit.prom"
    write = f"import pathlib; pathlib.Path({path!r}).write_text({textfile.render(example_reports.audit())!r})"
    assert monitoring.exec_run(["python3", "-c", write]).exit_code == 0
    for host in HOSTS:  # what their timers do every few minutes or hours
        units = ["groundwork-patch-status.service", "groundwork-certificate-status.service"]
        assert engine.containers.get(f"groundwork-staging-{host}").exec_run(["systemctl", "start", *units]).exit_code == 0
    dump = ["systemctl", "start", "postgres_dump.service", "groundwork-exporter-backup.service"]
    assert engine.containers.get("groundwork-staging-db-1").exec_run(dump).exit_code == 0
    # Once a day; the metrics of the log server, which tell of it, are told every minute.
    verify = "systemctl start groundwork-log-verify.service || { journalctl -n 20 --no-pager -u groundwork-log-verify.service; exit 1; }"
    verified = monitoring.exec_run(["sh", "-c", verify])
    assert verified.exit_code == 0, verified.output.decode()
    ask, known = prometheus.on_host(monitoring), dashboards.entries()
    end = time.monotonic() + 90
    while (found := dashboards.problems(ask, known, dashboards.WITHOUT_DATA)) and time.monotonic() < end:
        time.sleep(5)
    monitoring.exec_run(["rm", path])
    assert not found, "\n".join(found)


class Sshd:
    """The configuration that the role hardening writes on web-1, and runs that change it and take that back."""

    path = "/etc/ssh/sshd_config.d/10-groundwork.conf"

    def __init__(self, engine: docker.DockerClient) -> None:
        self.container = engine.containers.get("groundwork-staging-web-1")

    def on_host(self, *command: str) -> str:
        code, output = self.container.exec_run(list(command))
        assert code == 0, output
        return str(output.decode())

    @property
    def text(self) -> str:
        return self.on_host("cat", self.path)

    def change(self) -> None:
        done = run(*PLAIN, "--limit", "web-1", "--tags", "hardening", "-e", '{"hardening_sshd": {"LoginGraceTime": 41}}')
        assert recap(done)["web-1"][0] > 0, done.stdout[-4000:]
        assert done.returncode == 0, done.stdout[-4000:]
        assert "LoginGraceTime 41" in self.text

    def take_back(self, *extra: str) -> subprocess.CompletedProcess[str]:
        playbook = [PLAIN[0], "playbooks/undo.yml", *PLAIN[2:]]
        return run(*playbook, "--limit", "web-1", "-e", "change=last_run", *extra)


@pytest.fixture
def sshd(engine: docker.DockerClient) -> Sshd:
    return Sshd(engine)


def test_a_change_is_taken_back(sshd: Sshd) -> None:
    before = sshd.text
    sshd.change()
    foreseen = sshd.take_back("--check", "--diff")
    assert foreseen.returncode == 0 and "-LoginGraceTime 41" in foreseen.stdout, foreseen.stdout[-4000:] + foreseen.stderr
    assert "LoginGraceTime 41" in sshd.text
    done = sshd.take_back()
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert sshd.text == before
    assert sshd.on_host("systemctl", "is-active", "ssh.service").strip() == "active"
    unchanged = run(*PLAIN, "--limit", "web-1", "--tags", "hardening")
    assert recap(unchanged) == {"web-1": (0, 0, 0)}, unchanged.stdout[-4000:]


def test_a_change_that_somebody_edited_since_is_taken_back_only_by_force(sshd: Sshd) -> None:
    before = sshd.text
    sshd.change()
    written = sshd.on_host("sha256sum", sshd.path)[:12]
    sshd.on_host("sh", "-c", "echo '# by hand' >> %s" % sshd.path)
    edited = sshd.on_host("sha256sum", sshd.path)[:12]
    differs = run(*DRIFT, "--limit", "web-1", "--tags", "hardening", COLUMNS="200")
    assert differs.returncode != 0
    assert re.search("FAILED +web-1 +hardening +.*%s" % sshd.path, differs.stdout), differs.stdout[-4000:] + differs.stderr
    refused = sshd.take_back()
    shown = re.sub(r"\s+", " ", refused.stdout + refused.stderr)
    assert refused.returncode != 0
    assert "Nothing was taken back" in shown and sshd.path in shown and written in shown and edited in shown, shown[-4000:]
    assert sshd.text.endswith("# by hand\n")
    forced = sshd.take_back("-e", "force=true")
    assert forced.returncode == 0, forced.stdout[-4000:] + forced.stderr
    assert sshd.text == before
    assert sshd.on_host("systemctl", "is-active", "ssh.service").strip() == "active"


def test_a_lock_out_by_address_is_foreseen_from_the_sandbox_of_sshd() -> None:
    variables = ["-e", json.dumps({"hardening_sshd": {"AllowUsers": "deploy@192.0.2.1"}})]
    done = run(*PLAIN, "--tags", "hardening", "--limit", "web-1", "--check", *variables)
    assert recap(done)["web-1"][2] == 1, done.stdout[-4000:]
    assert "would lock out 'deploy'" in done.stdout and "192.0.2.1" in done.stdout
    assert "which key opened this connection is not known" not in done.stdout + done.stderr


def test_an_unreachable_host_costs_the_others_nothing() -> None:
    done = run(*PLAIN, "--tags", "health", "-e", '{"ansible_ssh_timeout": 3}', "-i", "tests/integration/unreachable.yml")
    results = recap(done)
    assert done.returncode != 0
    assert {host: results[host] for host in HOSTS} == dict.fromkeys(HOSTS, (0, 0, 0)), done.stdout[-4000:]
    assert sum(results["gone-1"][1:]) == 1
    assert "127.0.0.9" in done.stdout + done.stderr


def on(engine: docker.DockerClient, host: str, *command: str) -> tuple[int, str]:
    """Run a command on a host and return its exit status and what it printed."""
    code, output = engine.containers.get("groundwork-staging-%s" % host).exec_run(list(command))
    return int(code), str(output.decode())


@pytest.fixture(scope="class")
def ill(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.CompletedProcess[str], Path]]:
    """Yield how the playbook health ends, and its reports, where an exporter of db-1 has stopped and one host does not exist."""
    reports = tmp_path_factory.mktemp("reports")
    exporter = "groundwork-exporter-node.service"
    assert on(engine, "db-1", "systemctl", "stop", exporter)[0] == 0
    settings = {"health_report": str(reports), "ansible_ssh_timeout": 3}
    playbook = [PLAIN[0], "playbooks/health.yml", *PLAIN[2:], "-i", "tests/integration/unreachable.yml"]
    try:
        yield run(*playbook, "-e", json.dumps(settings), COLUMNS="100"), reports
    finally:
        assert on(engine, "db-1", "systemctl", "start", exporter)[0] == 0


class TestIll:
    """What the playbook health tells of a fleet in which something is wrong."""

    def test_the_health_of_the_fleet_is_a_table_and_an_exit_code(self, ill: tuple[subprocess.CompletedProcess[str], Path]) -> None:
        done, _reports = ill
        shown = done.stdout
        results = recap(done)
        assert done.returncode != 0
        assert {host: results[host][2] for host in HOSTS} == {"web-1": 0, "db-1": 1, "ops-1": 0}, shown[-4000:]
        rows = [line.strip() for line in shown.splitlines() if re.match(r"\s*(FAILED|STATUS) ", line)]
        assert [row.split()[:2] for row in rows] == [["STATUS", "HOST"], ["FAILED", "db-1"], ["FAILED", "gone-1"]], shown[-4000:]
        assert "exporter node" in rows[1] and "(host)" in rows[2]
        assert max(map(len, rows)) <= 100
        assert re.search(r"checks on 4 hosts: 2 failed, \d+ ok", shown), shown[-4000:]

    def test_the_health_of_the_fleet_is_written_in_every_format(self, ill: tuple[subprocess.CompletedProcess[str], Path]) -> None:
        _done, reports = ill
        assert sorted(path.name for path in reports.iterdir() if path.is_file()) == [
            "health.html", "health.json", "health.junit.xml", "health.nagios.txt", "health.tap",
        ]  # fmt: skip
        told = json.loads((reports / "health.json").read_text(encoding="utf-8"))
        assert set(told["hosts"]) == {*HOSTS, "gone-1"}
        assert "Connection refused" in json.dumps(told["hosts"]["gone-1"])
        suites = ElementTree.parse(reports / "health.junit.xml").getroot()
        wrong = [case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None or case.find("error") is not None]
        assert any("exporter node" in str(name) for name in wrong) and len(wrong) == 2, wrong
        assert "CRITICAL" in (reports / "health.nagios.txt").read_text(encoding="utf-8").splitlines()[0]
        assert len(re.findall("^not ok ", (reports / "health.tap").read_text(encoding="utf-8"), re.MULTILINE)) == 2
        page = (reports / "health.html").read_text(encoding="utf-8")
        assert "exporter node" in page and "gone-1" in page and "Not examined" in page


def test_only_monitoring_hosts_reach_the_health_endpoint(engine: docker.DockerClient) -> None:
    tls = {name: "/etc/groundwork/tls/%s" % file for name, file in (("ca", "ca.crt"), ("certificate", "host.crt"), ("key", "host.key"))}
    check = {"http": {"url": "https://10.157.7.11:9110/healthz", "contains": "status", **tls}, "timeout": "5s"}
    write = "printf %%s '%s' > /run/ask.json; groundwork-health --declaration /run/ask.json" % json.dumps({"checks": {"web-1": check}})
    assert on(engine, "ops-1", "sh", "-c", write)[0] == 0
    code, told = on(engine, "db-1", "sh", "-c", write)
    assert code == 2 and ("timed out" in told or "refused" in told), told


@pytest.fixture(scope="module")
def lab(engine: docker.DockerClient) -> faults.Lab:
    return faults.Lab(engine)


def test_every_target_is_scraped_over_tls_and_refuses_everybody_else(lab: faults.Lab) -> None:
    targets = lab.settled_targets()
    assert len(targets) == 7 and set(targets.values()) == {"up"}, targets
    assert all(url.startswith("https://") for url in targets), targets
    assert lab.accepted() == []


@pytest.fixture
def scrape_login(lab: faults.Lab) -> Iterator[Path]:
    """Yield an inventory in which the exporters of the monitoring host ask for a login, as they then do."""
    own = faults.inventory_with_login(ROOT / ".cache" / "with-login")
    only = ["--limit", faults.MONITOR, "--tags", "exporters,monitoring"]
    try:
        done = run(*PLAIN[:2], "-i", str(own), *only)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr
        yield own
    finally:
        done = run(*PLAIN, *only)
        shutil.rmtree(own)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr


def test_the_login_of_scrapes_is_rotated_without_a_gap(lab: faults.Lab, scrape_login: Path) -> None:
    secret = scrape_login / ".groundwork/secrets/scrape"
    old, begun = secret.read_text().strip(), time.monotonic()
    assert lab.lets_in(old) and set(lab.settled_targets().values()) == {"up"}
    rotate = [PLAIN[0], "playbooks/rotate_secrets.yml", "-i", str(scrape_login), "-e", "rotate=" + faults.LOGIN_NAME]
    done = run(*rotate)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    new = secret.read_text().strip()
    assert new.split(":")[0] != old.split(":")[0] and new not in done.stdout and old not in done.stdout
    assert lab.lets_in(new) and not lab.lets_in(old)
    time.sleep(2 * faults.USUAL_INTERVAL)  # what was scraped last with the old one would fail now
    scrapes = lab.scrapes(int(time.monotonic() - begun))
    assert "node" in scrapes, scrapes
    for job, found in scrapes.items():
        gaps = [later - earlier for (earlier, _up), (later, _also) in itertools.pairwise(found)]
        # An exporter, or Prometheus, starts anew when it gets a login: one scrape may fall into that second.
        assert [up for _moment, up in found].count(False) <= 1 and max(gaps) < 2 * faults.USUAL_INTERVAL + 5, (job, found)
        assert found[-1][1], (job, found)


@pytest.fixture(scope="class")
def faulty(lab: faults.Lab) -> Iterator[faults.Lab]:
    """Have alerts wait for as long as a test can, and go to a webhook. A host has left the inventory."""
    less = faults.inventory_without("web-1", ROOT / ".cache" / "without-web-1")
    only = ["--limit", faults.MONITOR, "--tags", "monitoring"]
    with lab.listening():
        lab.each(faults.BEFORE)
        try:
            done = run(*PLAIN[:2], "-i", str(less), *only, "-e", json.dumps(faults.SETTINGS))
            assert done.returncode == 0, done.stdout[-4000:] + done.stderr
            yield lab
        finally:
            lab.each(faults.MENDED)
            lab.each(faults.AFTER)
            done = run(*PLAIN, *only)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr


class TestFaults:
    """What goes wrong on a host is told; the fleet is as it was after it."""

    def test_faults_are_told_in_time_and_their_end_too(self, faulty: faults.Lab) -> None:
        time.sleep(4 * faults.INTERVAL)  # until it scrapes at the new interval
        faulty.kill_prometheus()
        faulty.each(faults.FAULTS)
        told = faulty.wait("firing", faults.WAIT + 2 * faults.INTERVAL + faults.SLACK)
        assert told == set(faults.FAULTS)
        faulty.each(faults.MENDED)
        assert faulty.wait("resolved", 2 * faults.INTERVAL + faults.SLACK) == set(faults.FAULTS)

    def test_a_killed_prometheus_loses_one_scrape_at_most(self, faulty: faults.Lab) -> None:
        seconds = int(time.monotonic() - faulty.killed) + 2 * faults.INTERVAL
        scraped = faulty.samples("up{job=%%22postgres%%22}[%ds]" % seconds)
        gaps = [later - earlier for earlier, later in itertools.pairwise(scraped)]
        assert len(scraped) > 3 and max(gaps) < 2 * faults.INTERVAL + faulty.down, (gaps, faulty.down)

    def test_a_host_that_left_the_inventory_is_no_target(self, faulty: faults.Lab) -> None:
        web, others = "10.157.7.11:", faulty.targets()
        assert others and not [url for url in others if web in url], others
        assert faulty.ask("/api/v1/query?query=last_over_time(up{host=%22web-1%22}[30s])")["result"] == []


@dataclass
class Planted:
    """Secrets on every way that they take through the fleet, the runs that brought them and took them back, and what was found of them."""

    search: planted_secret.Search
    processes: planted_secret.Processes
    runs: dict[str, subprocess.CompletedProcess[str]]
    outputs: Path
    hosts: dict[str, list[str]]
    afterwards: dict[str, list[str]]

    def told(self) -> dict[str, list[str]]:
        """Return what the runs said and wrote on the controller with a secret in it, by name of the output."""
        said = {f"{name} {stream}": getattr(run, stream) for name, run in self.runs.items() for stream in ("stdout", "stderr")}
        found = {name: self.search.names(text.encode()) for name, text in said.items()}
        return {name: names for name, names in found.items() if names} | self.search.below(self.outputs)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """Run the whole site as verbose as can be, tasks that fail after it; then foresee it, and take it back."""
    top = tmp_path_factory.mktemp("planted")
    secrets, outputs, own = top / "secrets", top / "outputs", top / "play"
    for folder in (secrets, outputs, own / "templates", own / "library"):
        folder.mkdir(parents=True)
    (secrets / "password").write_text(planted_secret.PASSWORD)
    (secrets / "webhook").write_text(planted_secret.WEBHOOK)
    (own / "templates" / "planted.j2").write_text(planted_secret.TEMPLATE)
    (own / "library" / "raises.py").write_text(planted_secret.MODULE)
    (own / "hosts.yml").write_text(json.dumps(planted_secret.inventory(secrets, own / "templates")))
    plays = [{"ansible.builtin.import_playbook": str(ROOT / "site.yml")}, *planted_secret.failing_play()]
    (own / "play.yml").write_text(json.dumps(plays))

    made: dict[tuple[str, ...], planted_secret.Search] = {}

    def search() -> planted_secret.Search:
        """Return what knows the secrets that there are by now: the run makes some."""
        names = tuple(sorted(os.listdir(secrets)))
        if names not in made:
            made[names] = planted_secret.Search({name: (secrets / name).read_bytes() for name in names})
        return made[names]

    def variables(name: str) -> dict[str, str]:
        callbacks = "ansible.builtin.junit,ansible.builtin.tree,remote_calls,report_json"
        return {
            "ANSIBLE_LOG_PATH": str(outputs / name / "log"),
            "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callbacks"),
            "ANSIBLE_CALLBACKS_ENABLED": callbacks,
            "ANSIBLE_CALLBACK_TREE_DIR": str(outputs / name / "tree"),
            "JUNIT_OUTPUT_DIR": str(outputs / name / "junit"),
            "GROUNDWORK_CALLS": str(outputs / name / "calls"),
            "GROUNDWORK_REPORT": str(outputs / name / "report"),
            "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(outputs / name / "facts"),
            "ANSIBLE_LOCAL_TEMP": str(outputs / "temporary"),
            "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "1",
            "ANSIBLE_DISPLAY_TRACEBACK": "always",
            "ANSIBLE_SHOW_CUSTOM_STATS": "1",
        }

    def started(name: str, playbook: str, *more: str, **also: str) -> subprocess.CompletedProcess[str]:
        (outputs / name).mkdir()
        command = [PLAIN[0], playbook, *PLAIN[2:], "-i", str(own / "hosts.yml"), "-vvvv", "--diff", *more]
        return run(*command, **variables(name), **also)

    def by_runner(name: str, playbook: str, *more: str) -> subprocess.CompletedProcess[str]:
        """Run it as AWX does, which keeps an event of every result."""
        (own / "project").mkdir()
        inventories = ("-i", str(ROOT / "inventories" / "staging"), "-i", str(own / "hosts.yml"))
        command = [str(Path(PLAIN[0]).with_name("ansible-runner")), "run", str(own), "-p", playbook, "--ident", "1"]
        words = ["--artifact-dir", str(outputs / name / "artifacts"), "--cmdline=" + shlex.join([*inventories, "-vvvv", "--diff", *more])]
        return run(*command, *words, **variables(name), ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"))

    undone = ("-e", "change=last_run", "-e", "force=true")
    begun, containers = planted_secret.now(), [f"groundwork-staging-{host}" for host in sorted(HOSTS)]
    with planted_secret.Processes(search, b"PLANTED") as processes:
        runs = {"site": started("site", str(own / "play.yml"))}
        hosts = planted_secret.on_hosts(search(), containers, begun)
        runs["check"] = by_runner("check", str(own / "play.yml"), "--check")
        planted_secret.on_host("groundwork-staging-web-1", "rm", "-f", *planted_secret.NOT_JOURNALED)
        # Of a file with a secret it is kept nowhere what it was before: where a run only changed one, it stays as it is.
        runs["undo"] = started(
            "undo", str(ROOT / "playbooks/undo.yml"), "--limit", "web-1", *undone, ANSIBLE_STDOUT_CALLBACK="ansible.posix.json"
        )
    # What a file with a secret was before is written nowhere, so that of ops-1 is not taken back but made anew.
    runs["back"] = run(*PLAIN, "--limit", "ops-1", "--tags", "monitoring")
    afterwards = planted_secret.on_hosts(search(), containers, begun)
    return Planted(search(), processes, runs, outputs, hosts, afterwards)


def test_planted_secrets_went_every_way(planted: Planted) -> None:
    site = planted.runs["site"].stdout
    assert {name: run.returncode for name, run in planted.runs.items()} == dict.fromkeys(("site", "check", "undo", "back"), 0), {
        name: run.stdout[-3000:] + run.stderr[-1000:] for name, run in planted.runs.items() if run.returncode
    }
    assert set(planted.search.secrets) == {"password", "webhook", *planted_secret.GENERATED}
    play = planted_secret.failing_play()[0]
    assert all(f"TASK [{task['name']}" in site for task in play["tasks"])
    assert site.count("...ignoring") == len(play["tasks"]) - 4, site[-6000:]
    assert "Traceback" in site and "********" in site
    wrote = {path.relative_to(planted.outputs / "site").parts[0] for path in (planted.outputs / "site").rglob("*") if path.is_file()}
    assert wrote >= {"log", "tree", "junit", "report", "facts"}
    events = list((planted.outputs / "check" / "artifacts" / "1" / "job_events").glob("*.json"))
    assert len(events) > 100 and any("********" in path.read_text() for path in events)
    assert planted.processes.looked > 500


def test_no_planted_secret_is_in_what_runs_say_and_write(planted: Planted) -> None:
    assert planted.told() == {}


def test_no_planted_secret_is_in_arguments_and_environments(planted: Planted) -> None:
    assert planted.processes.found == []


def test_planted_secrets_are_on_hosts_where_they_were_sent_and_nowhere_else(planted: Planted) -> None:
    assert planted.hosts == planted_secret.DELIVERED


def test_planted_secrets_are_gone_once_they_are_taken_back(planted: Planted) -> None:
    assert planted.afterwards == {host: [] for host in HOSTS}


def test_an_engine_that_cannot_be_had_is_one_line() -> None:
    script = """
import sys
from lab import __main__, engine
engine.client = engine._may_install = lambda: None
engine.missing_packages = lambda: ("docker.io",)
sys.argv = ["lab", "up"]
sys.exit(__main__.main())
"""
    done = run(sys.executable, "-c", script)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "docker.io" in done.stderr and "start the engine" in done.stderr
