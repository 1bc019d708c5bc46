# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that are planted in the staging fleet on every way that they take, and the search for them in all that runs leave."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import subprocess
import threading
import time
import urllib.parse
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SHORTEST = 12  # characters of a form: what is shorter may stand somewhere by chance
OF_EVERY_KEY = ("-----", "b3BlbnNzaC1rZXktdjE")  # the frame of PEM, and how a key of OpenSSH begins without a passphrase
PACKED = re.compile(rb"eJ[A-Za-z0-9+/]{40,}={0,2}")  # base64 of what zlib packed, as this collection sends sets of files

PASSWORD = "Pl4nted/s3cret+with&signs\"and'quotes%"
WEBHOOK = "https://hooks.invalid/services/T0k3nOfTheWebhook?sig=a%2Fb&x=1"
#: Made by the run itself, by name of the reference's file.
GENERATED = {
    "token": "?generate=token&length=48",
    "made": "?generate=password&length=40&charset=letters,digits,symbols",
    "ssh_key": "?generate=ssh_key",
}


def texts(value: bytes) -> Iterator[str]:
    """Yield a secret and, where it has several lines, each that tells something."""
    text = value.decode()
    lines = [line for line in text.splitlines() if len(line) >= SHORTEST and not line.startswith(OF_EVERY_KEY)]
    yield from lines if len(text.splitlines()) > 1 else [text.strip()]


def forms(value: bytes) -> set[bytes]:
    """Return what gives a secret away: plain, escaped in JSON, for a URL, and base64 wherever it begins in what is encoded."""
    found = set()
    for text in texts(value):
        found |= {text, urllib.parse.quote(text, safe=""), urllib.parse.quote(text), urllib.parse.quote_plus(text)}
        found |= {json.dumps(text)[1:-1], json.dumps(json.dumps(text)[1:-1])[1:-1]}
        for offset in range(3):
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                # The characters at both ends have bits of what stands beside it.
                found.add(encode(bytes(offset) + text.encode()).decode()[2 * bool(offset) + (offset == 2) : -4])
    return {form.encode() for form in found if len(form) >= SHORTEST}


def unpacked(content: bytes) -> bytes:
    """Return content followed by what is packed in it."""
    more = []
    for one in PACKED.findall(content):
        with contextlib.suppress(zlib.error, ValueError):
            more.append(zlib.decompress(base64.b64decode(one + b"=" * (-len(one) % 4))))
    return b"\n".join([content, *more])


@dataclass
class Search:
    """Knows the secrets by name and finds them."""

    secrets: Mapping[str, bytes]
    _patterns: dict[str, re.Pattern[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the patterns."""
        self._patterns = {name: re.compile(b"|".join(map(re.escape, sorted(forms(value))))) for name, value in self.secrets.items()}

    def names(self, content: bytes) -> list[str]:
        """Return the names of the secrets that are in content."""
        whole = unpacked(content)
        return [name for name, pattern in self._patterns.items() if pattern.search(whole)]

    def lines(self) -> bytes:
        """Return all forms, one in a line, as grep takes them."""
        return b"\n".join(sorted({form for value in self.secrets.values() for form in forms(value)})) + b"\n"

    def below(self, *places: Path) -> dict[str, list[str]]:
        """Return the files of the controller with secrets in them."""
        found = {}
        for path in (one for place in places for one in ([place] if place.is_file() else place.rglob("*"))):
            with contextlib.suppress(OSError):
                if path.is_file() and not path.is_symlink():
                    found[str(path)] = self.names(path.read_bytes())
        return {path: names for path, names in found.items() if names}


class Processes(threading.Thread):
    """Looks at arguments and environments of all processes of this machine, those in the lab's containers too, while runs go on."""

    def __init__(self, search: Callable[[], Search], allowed: bytes) -> None:
        """Begin with nothing. allowed: the variable of an environment that is given a secret on purpose."""
        super().__init__(daemon=True)
        self.looked, self.found = 0, []  # type: ignore[var-annotated]
        self._search, self._allowed = search, allowed
        self._ended = threading.Event()

    def __enter__(self) -> Processes:
        """Begin."""
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """End."""
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Look again and again; a process that is looked at once is not looked at again."""
        known: set[tuple[str, bytes]] = set()
        while not self._ended.wait(0.05):
            for entry in os.listdir("/proc"):
                if entry.isdecimal() and int(entry) != os.getpid():
                    self._look(entry, known)

    def _look(self, entry: str, known: set[tuple[str, bytes]]) -> None:
        with contextlib.suppress(OSError):
            arguments = Path(f"/proc/{entry}/cmdline").read_bytes()
            if not arguments or (entry, arguments) in known:
                return
            known.add((entry, arguments))
            environment = Path(f"/proc/{entry}/environ").read_bytes().split(b"\0")
            self.looked += 1
            names = self._search().names(b"\0".join([arguments, *(one for one in environment if not one.startswith(self._allowed + b"="))]))
            if names:
                self.found.append((names, arguments[:80]))


def on_host(container: str, *command: str, given: bytes = b"") -> bytes:
    """Return what a command prints on a host of the lab. given: its stdin, where patterns are seen by nobody."""
    done = subprocess.run(["docker", "exec", "-i", container, *command], input=given, capture_output=True, check=False)
    assert done.returncode in (0, 1, 2), done.stderr  # grep: 1 for nothing, 2 for a file that went meanwhile
    return done.stdout


def files_of(container: str, search: Search) -> list[str]:
    """Return the files of a host with a secret in them."""
    places = ["/etc", "/home", "/opt", "/root", "/run", "/srv", "/tmp", "/usr/local", "/var"]
    return sorted(on_host(container, "grep", "-rlaF", "-s", "-f", "-", *places, given=search.lines()).decode().splitlines())


def journal_of(container: str, since: float) -> bytes:
    """Return all fields of the journal of a host from a moment on."""
    return on_host(container, "journalctl", "--all", "--no-pager", "-o", "export", "--since", f"@{int(since)}")


def on_hosts(search: Search, containers: Iterable[str], since: float) -> dict[str, list[str]]:
    """Return by host the files with a secret in them, and `journal`."""
    found = {}
    for container in containers:
        journal = ["journal"] if search.names(journal_of(container, since)) else []
        found[container.rpartition("-staging-")[2]] = files_of(container, search) + journal
    return found


def now() -> float:
    """Return the time in seconds, a little earlier: clocks of hosts are whole seconds."""
    return time.time() - 1


def inventory(secrets: Path, own: Path) -> dict[str, Any]:
    """Return the source of inventory that plants the secrets beside the staging fleet. own: the folder of templates of the test."""
    password, webhook = "secret://planted/password", "secret://planted/webhook"
    made = {name: f"secret://planted/{name}{options}" for name, options in GENERATED.items()}
    service = {
        "catalogue": "hello",
        "release": {
            "url": "{{ lab_releases }}/hello-1.0.0.tar",
            "version": "1.0.0",
            "sha256": "{{ fleet_services_group.hello.release.sha256 }}",
        },
        "exec": "bin/hello --port 8093",
        "ports": [{"port": 8093, "from": ["any"]}],
        "health": [{"http": {"url": "http://127.0.0.1:8093/healthz", "status": 200}}],
        "secrets": {"password": password, "token": made["token"]},
        "environment": {"PLANTED": "secret://planted/password"},
        "files": {
            "/etc/planted/template.conf": {"template": str(own / "planted.j2"), "vars": {"own": made["made"]}},
            "/etc/planted/key": {"content": made["ssh_key"], "secret": True},
        },
    }
    variables = {
        "fleet_allowed_variables": ["planted_*"],
        "fleet_secret_backends": {"planted": {"backend": "file", "directory": str(secrets)}},
    }
    web = {**variables, "fleet_services_host": {"planted": service}, "planted_variable": password, "planted_made": made["made"]}
    ops = {**variables, "monitoring_receivers": {"default": {"webhook": webhook}}}
    return {"all": {"vars": variables, "hosts": {"web-1": web, "ops-1": ops}}}


TEMPLATE = "password = {{ planted_variable }}\nown = {{ own }}\n"
#: A module of which nobody thought that it is given a secret, and that fails with it.
MODULE = """
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({"value": {"type": "str"}})
raise RuntimeError("cannot work with " + module.params["value"])
"""
NOT_JOURNALED = ["/etc/planted/by_copy", "/etc/planted/by_template"]  # of ansible.builtin: undo knows nothing of them
DELIVERED = {
    "web-1": [
        "/etc/groundwork/credentials/planted/@environment",
        *NOT_JOURNALED,
        "/etc/planted/key",
        "/etc/planted/template.conf",
        "/run/credentials/planted.service/password",
        "/run/credentials/planted.service/token",
    ],
    "ops-1": ["/etc/groundwork/monitoring/alertmanager.yml"],
    "db-1": [],
}


def failing_play() -> list[dict[str, Any]]:
    """Return the play after the site: tasks of other collections that are given secrets, and fail with them in their hands."""
    value = "{{ planted_variable }}"
    basic = "Basic {{ ('user:' ~ planted_variable) | b64encode }}"
    refused = "/etc/planted/refused"
    template = {"src": "planted.j2", "dest": "/etc/planted/by_template", "mode": "0600"}
    answers = {"http": {"url": "http://127.0.0.1:8093/healthz", "contains": value}}
    tasks: list[dict[str, Any]] = [
        {"name": "by copy", "ansible.builtin.copy": {"content": value + "\n", "dest": "/etc/planted/by_copy", "mode": "0600"}},
        {"name": "by template", "ansible.builtin.template": template, "vars": {"own": "{{ planted_made }}"}},
        {"name": "said", "ansible.builtin.debug": {"msg": [value, "{{ planted_made | b64encode }}", "{{ planted_variable | urlencode }}"]}},
        {"name": "fact", "ansible.builtin.set_fact": {"planted_fact": value, "cacheable": True}},
        {"name": "uri", "ansible.builtin.uri": {"url": "http://127.0.0.1:1/", "url_username": "x", "url_password": value}},
        {"name": "header", "ansible.builtin.uri": {"url": "http://127.0.0.1:1/", "headers": {"Authorization": basic}}},
        {"name": "line", "ansible.builtin.lineinfile": {"path": "/etc/planted/none", "line": "password=" + value}},
        {"name": "stdin", "ansible.builtin.command": {"argv": ["sh", "-c", "cat; cat >&2; exit 3"], "stdin": value}},
        {"name": "environment", "ansible.builtin.command": "sh -c 'echo $PLANTED; exit 3'", "environment": {"PLANTED": value}},
        {"name": "assert", "ansible.builtin.assert": {"that": "planted_variable == 'x'", "fail_msg": "was " + value}},
        {"name": "rendering", "ansible.builtin.debug": {"msg": "{{ planted_variable | from_json }}"}},
        {"name": "traceback", "raises": {"value": value}},
        {"name": "health", "groundwork.fleet.health_check": {"checks": {"planted": answers}}},
        {"name": "files", "groundwork.fleet.files": {"files": {"/etc/planted/wrong": {"content": "x", "mode": value}}}},
        {"name": "validated", "groundwork.fleet.files": {"files": {refused: {"content": value}}, "validate": ["cat {%s} /none" % refused]}},
    ]  # fmt: skip
    return [{"hosts": "web-1", "gather_facts": False, "tasks": [{**task, "ignore_errors": True} for task in tasks]}]
