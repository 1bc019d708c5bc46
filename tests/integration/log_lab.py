# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two hosts of the lab: one writes numbered lines into several sources and ships them, the other receives; and who counts them."""

from __future__ import annotations

import io
import json
import tarfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_program, log_plan
from ssh_lab import ROOT, Lab, fleets

FLEET = fleets.Fleet("logs", (fleets.Host("ship", "10.157.11.11", "debian-13"), fleets.Host("receive", "10.157.11.12", "debian-12")))
RECEIVER = FLEET.hosts[1].address
STATE = "/var/spool/rsyslog/groundwork"
PROGRAM = "/usr/local/bin/otelcol"
SERVERS = [{"host": RECEIVER, "port": 2514, "name": "receive"}]
TLS = "/etc/groundwork/tls"
RECEIVED = "/var/log/groundwork"
PACKAGES = ("rsyslog", "rsyslog-relp", "rsyslog-openssl", "openssl", "nftables")
RECEIVE = "groundwork-log-server.service"
#: Another log server on the same host, of the same configuration but for its name, and where it writes.
SECOND, SECOND_NAME, SECOND_PORT, SECOND_RECEIVED = "second-log-server.service", "second", 2515, "/var/log/second"
SECOND_TLS = "/etc/groundwork/second"
EITHER_RECEIVED = "/var/log/[gs][re][oc]*"  # a pattern for what either of them wrote
#: Writes numbered lines: NAME FIRST COUNT RATE PLACE [rotate | truncate]. PLACE is a file, or journal.
WRITER = r"""
import os, shutil, socket, sys, time
name, first, count, rate, place = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
how = sys.argv[6] if len(sys.argv) > 6 else ""
begun, part = time.monotonic(), max(1, rate // 20)
if place == "journal":
    out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    out.connect("/run/systemd/journal/socket")
for start in range(first, first + count, part):
    numbers = range(start, min(first + count, start + part))
    if place == "journal":
        for number in numbers:
            message = "%s %08d some text to make it about as long as a line is" % (name, number)
            out.send(("SYSLOG_IDENTIFIER=%s\nPRIORITY=6\nMESSAGE=%s\n" % (name, message)).encode())
    else:
        done = start - first
        if how and done and done % (60 * part) == 0:
            for old in range(8, 0, -1):
                if os.path.exists("%s.%d" % (place, old)):
                    os.rename("%s.%d" % (place, old), "%s.%d" % (place, old + 1))
            if how == "rotate":
                os.rename(place, place + ".1")
            else:
                shutil.copyfile(place, place + ".1")
                os.truncate(place, 0)
        with open(place, "a") as stream:
            text = "%s %08d GET /page?x=12345678 HTTP/1.1 200 1234 some text to make it about as long as a line is\n"
            stream.write("".join(text % (name, one) for one in numbers))
    time.sleep(max(0, begun + (start + part - first) / rate - time.monotonic()))
"""
#: Prints what of NAME FIRST COUNT is not there, and what is there more than once.
COUNTER = r"""
import collections, glob, json, re, sys
found = {}
for name, first, count in json.loads(sys.argv[1]):
    seen = collections.Counter()
    for path in glob.glob("%s/**/%s.log" % (sys.argv[2], name), recursive=True):
        with open(path, errors="replace") as stream:
            for line in stream:
                for number in re.findall(r"%s (\d{8})(?: |$)" % name, line):  # half a line may stand before it
                    seen[int(number)] += 1
    wanted = range(first, first + count)
    missing = [one for one in wanted if not seen[one]]
    doubled = sum(seen[one] - 1 for one in wanted if seen[one])
    found[name] = {"lost": len(missing), "first": missing[:1], "last": missing[-1:], "doubled": doubled}
print(json.dumps(found))
"""
#: Writes the numbered lines of one file into a file for each source.
SPLITTER = r"""
import re, sys
files = {name: open("%s/%s.log" % (sys.argv[2], name), "w") for name in ("one", "two", "journal")}
with open(sys.argv[1], errors="replace") as stream:
    for line in stream:
        for name, number in re.findall(r"(one|two|journal) (\d{8}) ", line):
            files[name].write("%s %s\n" % (name, number))
"""


def entries() -> dict[str, Any]:
    """Return the catalogue's outputs."""
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in (ROOT / "catalogue" / "log_outputs").glob("*.yml")}


class LogLab:
    """The two hosts, what is written on one and what has arrived on the other."""

    def __init__(self, lab: Lab, logs: dict[str, Any] | None = None) -> None:
        self.lab = lab
        self.next: dict[str, int] = {}
        self.plan = self.planned(logs or {}, SERVERS)
        for host in FLEET.hosts:
            self.prepare(host.name, PACKAGES)
        self.authority()
        self.send("receive", {f"{TLS}/ca.crt": self.on("ship", f"cat {TLS}/ca.crt")})
        self.certify("ship")
        self.certify("receive")
        self.send("receive", {"/root/count.py": COUNTER})
        role = {"log_server_clients": ["ship"], "log_server_reserve": "4m"}
        task = {"name": "Receive", "ansible.builtin.include_role": {"name": "groundwork.fleet.log_server"}, "vars": role}
        code, said = lab.run("receive", [{"name": "Look", "ansible.builtin.setup": {"gather_subset": ["min"]}}, task])
        assert code == 0, said
        self.receive_twice()
        self.begin()

    @staticmethod
    def planned(logs: dict[str, Any], servers: list[dict[str, Any]], engine: str = "rsyslog") -> dict[str, Any]:
        """Return the plan for the host that ships, which writes `one` and `two`."""
        settings = {
            "engine": engine,
            "collector": {"program": PROGRAM},
            "state_directory": STATE,
            "logs": logs,
            "services": [{"service": name, "files": [f"/var/log/lab/{name}.log"]} for name in ("one", "two")],
            "servers": servers,
            "name": "ship",
            "labels": {"environment": "lab"},
            "textfile_directory": "/var/lib/metrics",
            "proof_timeout": 30,
            "fleet": {"tls_directory": TLS},
        }
        return log_plan.log_plan(settings, entries(), health_program.plain_program("log_keeper"))

    def prepare(self, host: str, packages: Iterable[str]) -> None:
        """Install packages, stop the rsyslog of the distribution, make folders."""
        self.on(host, "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy " + " ".join(packages))
        self.on(host, f"systemctl disable --now rsyslog.service syslog.socket; mkdir -p {TLS} /var/log/lab /var/lib/metrics")

    def begin(self) -> None:
        """Make ready who writes, and start what ships."""
        journald = "[Journal]\nRateLimitBurst=0\nStorage=persistent\nSystemMaxUse=512M\n"
        self.send("ship", {"/root/write.py": WRITER, "/etc/systemd/journald.conf.d/lab.conf": journald})
        self.on("ship", "systemctl restart systemd-journald")
        self.install()

    def receive_twice(self) -> None:
        """Start another log server beside the first one."""
        edits = f"s/2514/{SECOND_PORT}/; s/6514/6515/; s#{RECEIVED}/#{SECOND_RECEIVED}/#; "
        edits += f"s#{TLS}/host#{SECOND_TLS}/host#g; "
        self.certify("receive", name=SECOND_NAME, folder=SECOND_TLS)
        edits += 's#workDirectory="[^"]*"#workDirectory="/var/spool/second"#'
        make = f"mkdir -p {SECOND_RECEIVED} /var/spool/second && sed '{edits}' /etc/groundwork/log-server.conf >/etc/groundwork/second.conf"
        run = "rsyslogd -n -iNONE -f /etc/groundwork/second.conf"
        self.on("receive", f"{make} && systemd-run --quiet --unit {SECOND} --property=Type=notify --property=LimitNOFILE=16384 {run}")

    def install(self) -> None:
        """Put the files of the plan on the host and start its units."""
        files = {**self.plan["folders"], **self.plan["files"]}
        for user in self.plan["users"]:
            self.on("ship", f"id {user} >/dev/null 2>&1 || useradd --system --no-create-home {user}")
        folders = [path for path, entry in files.items() if entry.get("directory")]
        self.on("ship", "mkdir -p -m 0700 " + " ".join(folders))
        self.send("ship", {path: entry["content"] for path, entry in files.items() if "content" in entry})
        owned = [f"chown {one.get('owner', 'root')}:{one.get('group', 'root')} {path}" for path, one in files.items() if "group" in one]
        owned += [f"chmod {entry['mode']} {path}" for path, entry in files.items() if entry.get("mode")]
        links = [f"ln -sfn {entry['link']} {path}" for path, entry in files.items() if "link" in entry]
        self.on("ship", "; ".join([*owned, *links, "true"]))
        self.on("ship", "systemctl daemon-reload; systemctl enable " + " ".join(self.plan["units"]))
        self.on("ship", "systemctl restart " + " ".join(self.plan["units"]))

    def on(self, host: str, command: str, check: bool = True) -> str:
        """Run a shell's command on a host and return what it says."""
        done = self.lab.container(host).exec_run(["sh", "-c", command])
        assert not check or done.exit_code == 0, f"{command}: {done.output.decode(errors='replace')[-2000:]}"
        return str(done.output.decode(errors="replace"))

    def send(self, host: str, files: dict[str, str]) -> None:
        """Write files on a host."""
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as archive:
            for path, text in files.items():
                entry = tarfile.TarInfo(path.lstrip("/"))
                entry.size, entry.mode = len(text.encode()), 0o755
                archive.addfile(entry, io.BytesIO(text.encode()))
        self.lab.container(host).put_archive("/", stream.getvalue())

    def place(self, host: str, program: Path, path: str) -> None:
        """Put a program of this machine on a host."""
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as archive:
            archive.add(program, arcname=path.lstrip("/"))
        self.lab.container(host).put_archive("/", stream.getvalue())

    def authority(self) -> None:
        """Make the authority, on the host that ships, whose openssl can date certificates."""
        key = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /root/ca.key"
        self.on("ship", f"{key} -out {TLS}/ca.crt -subj /CN=lab -days 30")

    def certify(self, host: str, ended: bool = False, name: str = "", folder: str = TLS) -> None:
        """Give a host a certificate, or one that has ended. name: that it bears, by default that of the host."""
        name = name or host
        dates = "-not_before 20240101000000Z -not_after 20240102000000Z" if ended else "-days 30"
        key = "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout new.key -out new.csr -subj /CN=%s 2>/dev/null"
        sign = "openssl x509 -req -in new.csr -CA %s/ca.crt -CAkey ca.key -out new.crt %s -extfile new.ext 2>/dev/null"
        steps = ["cd /root", key % name, f"printf 'subjectAltName=DNS:{name}\\n' > new.ext", sign % (TLS, dates), "cat new.crt new.key"]
        pair = self.on("ship", " && ".join(steps))
        cut = pair.index("-----BEGIN PRIVATE KEY")
        self.send(host, {f"{folder}/host.crt": pair[:cut], f"{folder}/host.key": pair[cut:]})

    def write(self, sources: dict[str, int], rate: int, how: str = "") -> list[tuple[str, int, int]]:
        """Begin to write lines in the background, source to count; return what has to arrive."""
        wanted = []
        for name, count in sources.items():
            first = self.next.get(name, 0)
            self.next[name] = first + count
            place = "journal" if name == "journal" else f"/var/log/lab/{name}.log"
            mode = how if place != "journal" else ""
            program = f"python3 /root/write.py {name} {first} {count} {rate} {place} {mode}"
            command = f"touch /run/writing-{name}; {program}; rm /run/writing-{name}"
            self.lab.container("ship").exec_run(["sh", "-c", command], detach=True)
            wanted.append((name, first, count))
        return wanted

    def writing(self) -> bool:
        """Tell whether lines are still written."""
        return bool(self.on("ship", "ls /run/writing-* 2>/dev/null || true").strip())

    def counted(self, wanted: list[tuple[str, int, int]], folder: str = RECEIVED, host: str = "receive") -> dict[str, dict[str, Any]]:
        """Return what is lost and what is doubled, by source. folder: a pattern may stand for several."""
        if host != "receive":
            self.send(host, {"/root/count.py": COUNTER})
        found: dict[str, dict[str, Any]] = json.loads(self.on(host, f"python3 /root/count.py '{json.dumps(wanted)}' '{folder}'"))
        return found

    def copied(self, wanted: list[tuple[str, int, int]]) -> dict[str, dict[str, Any]]:
        """Return the same of the file that the output `copy` writes on the host that ships."""
        self.send("ship", {"/root/split.py": SPLITTER})
        self.on("ship", "mkdir -p /root/copy; python3 /root/split.py /var/log/lab/copy.txt /root/copy")
        return self.counted(wanted, "/root/copy", "ship")

    def settled(self, wanted: list[tuple[str, int, int]], seconds: float = 60, folder: str = RECEIVED) -> dict[str, dict[str, Any]]:
        """Wait until everything has arrived, at most so long; return the count. folder: of the log server."""
        end = time.monotonic() + seconds
        while self.writing() and time.monotonic() < end:
            time.sleep(0.3)
        found = self.counted(wanted, folder)
        while any(one["lost"] for one in found.values()) and time.monotonic() < end:
            time.sleep(1)
            found = self.counted(wanted, folder)
        return found

    def kill(self, host: str, unit: str) -> None:
        """Kill the main process of a unit, once it has one."""
        self.lab.until(lambda: self.on(host, f"systemctl is-active {unit} || true").strip() == "active", 20)
        self.on(host, f"systemctl kill --kill-who=main --signal=KILL {unit}")

    def leave_notes(self, output: str) -> None:
        """Leave for each segment the note of one that is gone and had its inode, as a sender that is killed does."""
        note = f'{{"filename": "{STATE}/{output}/segments/100000000.log", "prev_was_nl": 0, "curr_offs": 50000000, "strt_offs": 50000000}}'
        made = f"{STATE}/{output}/state/imfile-state:$(stat -c %i $one):ffffffffffffffff"
        self.on("ship", f"for one in {STATE}/{output}/segments/*.log; do echo '{note}' >{made}; touch -d '1 minute ago' {made}; done")

    def kill_for_good(self, host: str, unit: str) -> None:
        """Kill the main process of a unit and have systemd not bring it back."""
        self.kill(host, unit)
        self.on(host, f"systemctl stop {unit}")

    def traces(self, found: dict[str, dict[str, Any]]) -> str:
        """Tell how far the first and the last lost line of each source came, and where their neighbours are."""
        told = []
        for name, one in found.items():
            for text in sorted({f"{name} {number + step:08d} " for number in [*one["first"], *one["last"]] for step in (-1, 0, 1)}):
                said = self.on("ship", f"journalctl -q --no-pager -o cat | grep -c '{text}'", check=False).strip()
                here = self.on("ship", f"grep -rnc '{text}' {STATE} /var/log/lab | grep -v ':0$'", check=False)
                there = self.on("receive", f"grep -rnc '{text}' {RECEIVED} | grep -v ':0$'", check=False)
                told.append(f"{text}: in the journal {said}; {here}; {there}")
        return "\n".join(told)

    def state_of(self) -> str:
        """Return what may explain a failure."""
        look = f"ls -la {STATE}/*/segments {STATE}/*/state; journalctl -n 60 --no-pager -u 'groundwork-log*'"
        return self.on("ship", look, check=False)[-6000:]
