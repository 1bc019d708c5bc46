# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of the lab that can be rebooted, with a repository of their own; and runs of the playbook `patch` on them."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from typing import Any

from ssh_lab import PROGRAMS, ROOT, Lab, fleets

FLEET = fleets.Fleet(
    "patch",
    (
        fleets.Host("patch-1", "10.157.10.11", "debian-12"),
        fleets.Host("patch-2", "10.157.10.12", "debian-13"),
        fleets.Host("patch-3", "10.157.10.13", "debian-13"),
    ),
)
HOSTS = [host.name for host in FLEET.hosts]
BUILDER = ROOT / "molecule" / "packages" / "files" / "build_repository.py"
SOURCES = "deb [trusted=yes] file:/srv/groundwork-lab ./\n"
PORT = 8099
#: name, version, depends, files, scripts; see BUILDER.
Package = tuple[str, str, str, dict[str, str], dict[str, str]]


def web(version: str, serves: str | None, reboot: bool = False) -> Package:
    """Return a package with a service that says its version to whoever asks it. serves: None for one that cannot start."""
    page = "from http.server import *\nclass Page(BaseHTTPRequestHandler):\n  def do_GET(self):\n    self.send_response(200)\n"
    page += f"    self.end_headers()\n    self.wfile.write(b'{serves}')\nHTTPServer(('127.0.0.1', {PORT}), Page).serve_forever()\n"
    unit = "[Unit]\nDescription=Lab web\n[Service]\nExecStart=/usr/bin/python3 /usr/share/groundwork-web/page.py\n"
    postinst = (
        "#!/bin/sh\nset -e\n. /usr/share/debconf/confmodule\ndb_input critical groundwork-web/question || true\ndb_go || true\ndb_stop\n"
    )
    postinst += (
        "systemctl daemon-reload\nsystemctl enable groundwork-web.service\ndeb-systemd-invoke restart groundwork-web.service || true\n"
    )
    if reboot:
        postinst += "touch /run/reboot-required\necho groundwork-web >> /run/reboot-required.pkgs\n"
    files = {
        "/usr/share/groundwork-web/page.py": page if serves else "raise SystemExit('the new version does not start')\n",
        "/lib/systemd/system/groundwork-web.service": unit + "[Install]\nWantedBy=multi-user.target\n",
    }
    template = "Template: groundwork-web/question\nType: string\nDescription: A question that nobody may be asked\n"
    return "groundwork-web", version, "debconf, init-system-helpers, python3", files, {"postinst": postinst, "templates": template}


def big() -> Package:
    """Return a package that takes seconds to unpack."""
    return "groundwork-big", "1", "", {"/usr/share/groundwork-big/zeros": "0" * 150_000_000}, {}


def slow() -> Package:
    """Return a package whose configuration takes minutes as long as /run/slow is there, and says that it has begun."""
    postinst = "#!/bin/sh\ntouch /run/configuring\n[ ! -e /run/slow ] || sleep 300\n"
    return "groundwork-slow", "1", "", {"/usr/share/groundwork-slow/data": "data\n"}, {"postinst": postinst}


class PatchLab:
    """The hosts, what their repository offers, and runs of the playbook."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.reports = lab.directory / "reports"
        for host in HOSTS:
            # A container ends with a reboot; the engine starts it again, with another process 1.
            lab.container(host).update(restart_policy={"Name": "always"})
            lab.on(host, "find", "/etc/apt/sources.list.d", "/etc/apt/sources.list", "-type", "f", "-delete")
            self.send(host, "/etc/apt/sources.list.d/lab.list", SOURCES)

    def send(self, host: str, path: str, text: str) -> None:
        """Write a file on a host."""
        stream, content = io.BytesIO(), text.encode()
        with tarfile.open(fileobj=stream, mode="w") as archive:
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(content), 0o755
            archive.addfile(entry, io.BytesIO(content))
        self.lab.container(host).put_archive("/", stream.getvalue())

    def offer(self, *packages: Package, hosts: list[str] | None = None) -> None:
        """Add packages to the repository of each host, and have apt know it."""
        for host in hosts or HOSTS:
            self.send(host, "/root/build.py", BUILDER.read_text(encoding="utf-8"))
            self.send(host, "/root/packages.json", json.dumps(packages))
            done = self.lab.container(host).exec_run(["sh", "-c", "python3 /root/build.py /root/packages.json && apt-get -q update"])
            assert done.exit_code == 0, done.output.decode()

    def install(self, *names: str) -> None:
        """Install packages by hand, as somebody may have done before the fleet was managed."""
        for host in HOSTS:
            command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "install", *names]
            done = self.lab.container(host).exec_run(command)
            assert done.exit_code == 0, done.output.decode()

    def version(self, host: str, name: str = "groundwork-web") -> str:
        """Return the version and the state of a package on a host."""
        return self.lab.on(host, "dpkg-query", "-W", "-f", "${Version} ${db:Status-Status}", name)

    def serves(self, host: str) -> str:
        """Return what the service answers."""
        ask = f"import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:{PORT}', timeout=3).read().decode(), end='')"
        return self.lab.on(host, "python3", "-c", ask)

    def boots(self, host: str) -> int:
        """Return how often a host has rebooted."""
        container = self.lab.container(host)
        container.reload()
        return int(container.attrs["RestartCount"])

    def command(self, **variables: Any) -> list[str]:
        """Return the command that patches the fleet, one host after the other."""
        given: dict[str, Any] = {
            "patch_waves": [1],
            "patch_directory": str(self.reports),
            "patch_reboot_timeout": 60,
            "patch_health_attempts": 2,
            "patch_drain_commands": [["touch", "/var/lib/drained"]],
            "patch_undrain_commands": [["rm", "/var/lib/drained"]],
            "health_checks": {"web": {"http": {"url": f"http://127.0.0.1:{PORT}/"}}},
        }
        path = self.lab.directory / "variables.json"
        path.write_text(json.dumps(given | variables), encoding="utf-8")
        return [str(PROGRAMS / "ansible-playbook"), "playbooks/patch.yml", "-i", str(self.lab.inventory), "-e", f"@{path}"]

    def patch(self, **variables: Any) -> tuple[int, str]:
        """Patch the fleet; return the exit code and what was said."""
        process: subprocess.Popen[str] = self.lab.start(self.command(**variables))
        said = process.communicate(timeout=240)[0]
        return process.returncode, said

    def outcomes(self) -> dict[str, str]:
        """Return how the last run ended on each host, with its reason."""
        report = json.loads((self.reports / "patch.json").read_text(encoding="utf-8"))
        told = {host: {item["id"]: item.get("message", "") for item in found["items"]} for host, found in report["hosts"].items()}
        return {host: items.get("run", "") for host, items in told.items()}

    def drained(self) -> list[str]:
        """Return the hosts that are out of service."""
        return [host for host in HOSTS if self.lab.is_there(host, "/var/lib/drained")]
