# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No line is lost, counted by numbers, whatever dies, is cut off, filled up or rotated; and few are doubled, as the documentation says.

Each case writes at least 100,000 lines into two files and the journal at once. Two outputs more are there all the time: one that is
dead, and a file on the host, which both must not be disturbed by what happens to the first.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

import log_flows
import log_lab
import pytest
import ssh_lab
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_plan
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import opentelemetry_collector as opentelemetry_collector_engine
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import rsyslog
from log_lab import (
    EITHER_RECEIVED,
    FLEET,
    RECEIVE,
    RECEIVED,
    RECEIVER,
    SECOND_NAME,
    SECOND_PORT,
    SECOND_RECEIVED,
    STATE,
    TLS,
    LogLab,
)

from lab import opentelemetry_collector
from tests.unit.plugins.plugin_utils.log_engines import test_rsyslog

OUTAGE, MINUTE = 6.0, 60.0  # seconds
SOURCES = {"one": 40_000, "two": 40_000, "journal": 20_000}
RATE = 10_000  # lines a second and source
#: What docs/logs.md promises: doubled of one source at most, for each unclean end of the collector and of a sender.
COLLECTOR, SENDER = rsyslog.COLLECTED_AGAIN + rsyslog.NOTED, 2 * rsyslog.SENT_AGAIN + rsyslog.NOTED
TRUNCATED = 3 * RATE  # what is read in a second or two, on a machine that has other things to do too
#: Of the collector of OpenTelemetry: what it reads again after an end as it should be, and after one that is not, when it sends again
#: what it held and reads what it found in one look at a file; it looks four times a second.
COLLECTOR_ENGINE = "opentelemetry-collector"
CHANGED, KILLED = 256, opentelemetry_collector_engine.SENT_AGAIN + RATE
SEND = "groundwork-log-sender-log_server_receive.service"
COLLECT = "groundwork-log-collector.service"
OUTPUTS = {
    "dead": {"type": "relp", "host": RECEIVER, "port": 2599, "name": "receive", "disk": "24m"},
    "second": {"type": "relp", "host": RECEIVER, "port": SECOND_PORT, "name": SECOND_NAME},
    "copy": {"type": "file", "path": "/var/log/lab/copy.txt"},
}


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LogLab]:
    with ssh_lab.raised(FLEET, tmp_path_factory.mktemp("logs")) as lab:
        yield LogLab(lab, {"outputs": OUTPUTS})


def prove(hosts: LogLab, wanted: list[tuple[str, int, int]], bound: int, seconds: float = 60, folder: str = RECEIVED) -> None:
    """See that all lines have arrived, and at most `bound` of each source twice. folder: of the log server."""
    found = hosts.settled(wanted, seconds, folder)
    assert not any(one["lost"] for one in found.values()), f"{found}\n{hosts.traces(found)}\n{hosts.state_of()}"
    assert all(one["doubled"] <= bound for one in found.values()), found


@pytest.mark.parametrize("host", ["ship", "receive"])
def test_flows_make_of_lines_what_they_should(hosts: LogLab, host: str) -> None:
    """With the rsyslogd of either distribution: fields come out, what has none arrives whole, and what is left out is counted."""
    found, counted = log_flows.run(hosts, host)
    for name, lines in log_flows.LINES.items():
        assert len(found[name]) == len(lines), f"{name}: a line is missing or one too many: {found[name]}"
        for (line, fields), got in zip(lines, found[name], strict=True):
            assert (fields is None) == ("fields" not in got), f"{name}: {line}: {got}"
            assert fields is None or fields.items() <= got["fields"].items(), f"{name}: {line}: {got}"
            if not re.search("password|@example", line):
                assert got["message"] == line.replace("\n", "\\n"), "an LF within a message is written as imfile does"
        assert counted.get(f"unparsed:{name}:{name}:") == log_flows.UNPARSED[name], counted
    assert [one["fields"]["Level"] for one in found["selected"]] == ["info"], "names of fields are told apart by case"
    assert "hunter2" not in str(found) and "ana@example" not in str({name: found[name] for name in log_flows.LINES})
    assert found["bytes"][0]["message"].startswith("caf") and found["bytes"][0]["environment"] == 'a"b'
    assert len(found["limit"]) == log_flows.LIMIT and counted["limited:limit:limit:"] == log_flows.MANY - log_flows.LIMIT
    assert len(found["sample"]) + counted["sampled:sample:limit:"] == log_flows.MANY and 60 < len(found["sample"]) < 150


@pytest.mark.parametrize("host", ["ship", "receive"])
def test_rsyslog_takes_all_that_may_be_declared(hosts: LogLab, host: str) -> None:
    for number, text in enumerate(test_rsyslog.rendered(test_rsyslog.EVERYTHING).texts.values()):
        hosts.send(host, {f"/root/{number}.conf": text.replace("/s/", "/root/").replace("/tls/", f"{TLS}/")})
        hosts.on(host, f"mkdir -p /root/collect /root/copy/state /root/log_server_ops_1/state; rsyslogd -N1 -f /root/{number}.conf")


def test_nothing_happens(hosts: LogLab) -> None:
    """Nothing is doubled, and a restart as it should be doubles nothing either."""
    wanted = hosts.write(SOURCES, RATE)
    time.sleep(1)
    hosts.on("ship", f"systemctl restart {COLLECT}")
    prove(hosts, wanted, 0)
    hosts.on("ship", f"systemctl restart {COLLECT} {SEND}")
    prove(hosts, wanted, 0)


def test_one_receiver_is_killed_and_another_one_is_cut_off_for_a_minute(hosts: LogLab) -> None:
    """Both at once, for they wait more than they work; the tests afterwards begin with the queues of both empty."""
    wanted = hosts.write(SOURCES, RATE)
    time.sleep(1.5)
    hosts.kill_for_good("receive", RECEIVE)
    rule = f"table inet cut {{ chain in {{ type filter hook input priority -10; tcp dport {SECOND_PORT} drop; }}; }}"
    hosts.on("receive", f"echo '{rule}' | nft -f -")
    time.sleep(MINUTE)
    for folder in (RECEIVED, SECOND_RECEIVED):
        assert all(one["lost"] for one in hosts.counted(wanted, folder).values()), f"{folder}: nothing was held back"
    hosts.on("receive", f"nft delete table inet cut; systemctl reset-failed {RECEIVE}; systemctl start {RECEIVE}")
    prove(hosts, wanted, SENDER, 150)
    prove(hosts, wanted, SENDER, 150, SECOND_RECEIVED)


def test_lines_go_to_the_next_log_server_and_back_to_the_first(hosts: LogLab) -> None:
    """One output, two servers whose certificates have different names: what one did not acknowledge is in the files of the other."""
    servers = [*log_lab.SERVERS, {"host": RECEIVER, "port": SECOND_PORT, "name": SECOND_NAME}]
    one = {"log_servers": {"servers": "first_available"}, "dead": OUTPUTS["dead"], "copy": OUTPUTS["copy"]}
    before, hosts.plan = hosts.plan, hosts.planned({"outputs": one}, servers)
    told = hosts.plan["files"][log_plan.CONFIGURATION]
    told["content"] = re.sub(r'"back": [0-9.]+', '"back": 3', told["content"])  # seconds; a minute would only be waited for

    def uses(name: str) -> bool:
        said = hosts.on("ship", f"{log_plan.PROGRAM} {log_plan.CONFIGURATION} servers")
        return bool(json.loads(said) == {"log_servers": name})

    try:
        hosts.install()
        hosts.lab.until(lambda: uses("receive"), 40)
        wanted = hosts.write(SOURCES, RATE)
        time.sleep(1.5)
        hosts.kill_for_good("receive", RECEIVE)
        hosts.lab.until(lambda: uses(SECOND_NAME), 40)
        prove(hosts, wanted, SENDER, 60, EITHER_RECEIVED)
        assert all(one["lost"] for one in hosts.counted(wanted).values()), "nothing was left to the second server"
        doubled = hosts.counted(wanted, EITHER_RECEIVED)
        hosts.on("receive", f"systemctl reset-failed {RECEIVE}; systemctl start {RECEIVE}")
        hosts.lab.until(lambda: uses("receive"), 40)
        more = hosts.write({"one": 1000, "two": 1000}, RATE)
        prove(hosts, more, 0)
        assert hosts.counted(wanted, EITHER_RECEIVED) == doubled, "to turn back doubles nothing where all was acknowledged"
    finally:
        hosts.plan = before
        hosts.install()


def test_the_shipper_is_killed(hosts: LogLab) -> None:
    wanted = hosts.write(SOURCES, RATE)
    for _number in range(2):
        time.sleep(1.2)
        hosts.kill("ship", SEND)
        hosts.leave_notes("log_server_receive")
        hosts.kill("ship", COLLECT)
    prove(hosts, wanted, 2 * (COLLECTOR + SENDER))


def test_the_host_is_rebooted_while_the_receiver_is_away(hosts: LogLab) -> None:
    """What was in flight when the receiver died is far behind what is read last when the host dies too."""
    wanted = hosts.write(SOURCES, RATE)
    time.sleep(1.5)
    hosts.kill_for_good("receive", RECEIVE)
    while hosts.writing():
        time.sleep(0.3)
    container = hosts.lab.container("ship")
    container.kill()
    container.start()
    hosts.lab.until(lambda: hosts.on("ship", f"systemctl is-active {COLLECT} {SEND} || true").split() == ["active"] * 2, 60)
    hosts.on("receive", f"systemctl reset-failed {RECEIVE}; systemctl start {RECEIVE}")
    prove(hosts, wanted, COLLECTOR + 2 * SENDER)


def test_the_disk_of_the_receiver_is_full(hosts: LogLab) -> None:
    stop, start = f"systemctl stop {RECEIVE}", f"systemctl start {RECEIVE}"
    hosts.on(
        "receive", f"{stop}; mkdir -p /var/tmp/logs; mv {RECEIVED}/* /var/tmp/logs; mount -t tmpfs -o size=12m lab {RECEIVED}; {start}"
    )
    wanted = hosts.write(SOURCES, RATE)
    time.sleep(OUTAGE)
    assert any(one["lost"] for one in hosts.counted(wanted).values())
    hosts.on("receive", f"mount -o remount,size=300m {RECEIVED}")
    prove(hosts, wanted, SENDER)
    hosts.on("receive", f"{stop}; umount {RECEIVED}; mv /var/tmp/logs/* {RECEIVED}; {start}")


def test_the_certificate_ends_and_is_renewed(hosts: LogLab) -> None:
    hosts.certify("ship", ended=True)
    hosts.on("ship", f"systemctl restart {SEND}")
    wanted = hosts.write(SOURCES, RATE)
    time.sleep(OUTAGE)
    assert all(one["lost"] == count for one, (_name, _first, count) in zip(hosts.counted(wanted).values(), wanted, strict=True))
    hosts.certify("ship")
    hosts.on("ship", f"systemctl restart {SEND}")
    prove(hosts, wanted, 2 * SENDER)


def test_files_are_rotated_under_the_writer(hosts: LogLab) -> None:
    wanted = hosts.write({"one": 60_000, "two": 60_000}, RATE, "rotate")
    time.sleep(1)
    hosts.kill("ship", COLLECT)
    prove(hosts, wanted, COLLECTOR)


def test_files_are_truncated_under_the_writer(hosts: LogLab) -> None:
    """What was there when the file was copied arrives; what no copy has is counted."""
    counted = f"cat {STATE}/collect/truncated.json 2>/dev/null || true"
    hosts.on(
        "ship", f"systemctl kill --kill-who=main --signal=STOP {COLLECT}; python3 /root/write.py gone 0 2000 100000 /var/log/lab/one.log"
    )
    time.sleep(2)  # the keeper sees lines that nobody reads
    hosts.on("ship", f": >/var/log/lab/one.log; systemctl kill --kill-who=main --signal=CONT {COLLECT}")
    wanted = hosts.write({"one": 60_000, "two": 60_000}, RATE, "truncate")
    prove(hosts, wanted, TRUNCATED)
    hosts.lab.until(lambda: '"service_one"' in hosts.on("ship", counted), 60)
    lost = hosts.on("ship", counted)
    hosts.on("ship", ": >/var/log/lab/one.log; : >/var/log/lab/two.log")
    wanted = hosts.write({"one": 1000, "two": 1000}, RATE)
    prove(hosts, wanted, 0)
    assert hosts.on("ship", counted) == lost, "all was read when the files were truncated the second time"


def test_outputs_fail_alone(hosts: LogLab) -> None:
    """All that was written in the cases before is in the file, though one output never took a line; what that cost is counted."""
    wanted = [(name, 0, count) for name, count in hosts.next.items()]
    found = hosts.copied(wanted)
    assert not any(one["lost"] for one in found.values()), found
    hosts.on("ship", "timeout 20 /usr/local/sbin/groundwork-log-spool /etc/groundwork/logs/spool.json once")
    metrics = dict(
        line.rsplit(" ", 1) for line in hosts.on("ship", "cat /var/lib/metrics/groundwork_logs.prom").splitlines() if line[0] != "#"
    )
    assert float(metrics['groundwork_logs_dropped_lines_total{output="dead"}']) > 0
    assert float(metrics['groundwork_logs_dropped_lines_total{output="log_server_receive"}']) == 0
    assert float(metrics['groundwork_logs_sent_lines_total{output="copy"}']) > 0
    truncated = {name: float(metrics[f'groundwork_logs_truncated_unread_bytes_total{{input="service_{name}"}}']) for name in ("one", "two")}
    assert truncated["one"] > 100_000 and truncated["two"] == 0
    size = int(hosts.on("ship", f"cat {STATE}/dead/segments/*.log | wc -c"))
    assert size < 150 << 20, "bounded but for what the newest segments hold"


def test_the_engine_is_changed_there_and_back_and_killed_between(hosts: LogLab) -> None:
    """The other engine goes on where the one before stopped, while lines are written; that it is killed loses none either.

    Its outputs have no file on the host, so this comes after what counts there. One of them is dead here too.
    """
    hosts.place("ship", opentelemetry_collector.binary(), log_lab.PROGRAM)
    syslog, dead = {"type": "syslog_tls", "port": 6514}, {"type": "otlp", "endpoint": "http://127.0.0.1:9", "disk": "24m"}
    wanted = hosts.write(SOURCES, RATE)
    time.sleep(1.5)
    hosts.plan = hosts.planned({"outputs": {"log_servers": syslog, "dead": dead}}, log_lab.SERVERS, COLLECTOR_ENGINE)
    hosts.install()
    prove(hosts, wanted, CHANGED)
    wanted = hosts.write(SOURCES, RATE)
    time.sleep(1.5)
    hosts.kill("ship", COLLECT)
    prove(hosts, wanted, KILLED)
    wanted = hosts.write(SOURCES, RATE)
    time.sleep(1.5)
    hosts.plan = hosts.planned({"outputs": OUTPUTS}, log_lab.SERVERS)
    hosts.install()
    prove(hosts, wanted, CHANGED)
    known = hosts.on("ship", "systemctl is-active groundwork-log-drain.service || true").strip()
    assert known == "active", "what waits for the dead output of the collector is still sent: %s" % known
