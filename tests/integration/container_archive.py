# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image that needs no registry: its programs are those of the host, mounted at /usr; of its own it has a page, and a program.

The form is that of `docker save` (image specification v1.2 of Docker), which Docker and Podman load alike.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

EPOCH = 1_767_225_600  # the start of 2026, UTC
LINKS = {"bin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib64", "sbin": "usr/sbin"}
DIRECTORIES = ("proc", "sys", "dev", "etc", "run", "run/secrets", "tmp", "usr", "www", "app")


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = len(content), EPOCH, 0o644
    archive.addfile(member, io.BytesIO(content))


def _layer(page: str, program: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in DIRECTORIES:
            member = tarfile.TarInfo(name)
            member.type, member.mode, member.mtime = tarfile.DIRTYPE, 0o755, EPOCH
            archive.addfile(member)
        for name, target in LINKS.items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.mtime = tarfile.SYMTYPE, target, EPOCH
            archive.addfile(member)
        _add(archive, "www/index.html", page.encode() + b"\n")
        _add(archive, "app/serve", program.encode())
    return buffer.getvalue()


def build(path: Path, page: str, program: str = "") -> dict[str, str]:
    """Write the archive of an image with this page, and this program as /app/serve. Returns its id and the checksum of the archive."""
    layer = _layer(page, program)
    config = {
        "architecture": "amd64",
        "os": "linux",
        "created": "2026-01-01T00:00:00Z",
        "config": {"Env": ["PATH=/usr/bin:/bin"], "Cmd": ["python3", "-m", "http.server", "8090", "--directory", "/www"]},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]},
    }
    text = json.dumps(config, sort_keys=True).encode()
    digest = hashlib.sha256(text).hexdigest()
    manifest = [{"Config": f"{digest}.json", "RepoTags": ["localhost/shop:latest"], "Layers": ["layer.tar"]}]
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        _add(archive, f"{digest}.json", text)
        _add(archive, "layer.tar", layer)
        _add(archive, "manifest.json", json.dumps(manifest).encode())
    return {"id": digest, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
