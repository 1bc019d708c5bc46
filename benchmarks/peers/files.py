# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run by pyinfra, not by the benchmarks: one `files.template` for each file, with the same template and variables as the other arms."""

from __future__ import annotations

import json
from pathlib import Path

from pyinfra import host  # type: ignore[import-not-found]
from pyinfra.operations import files  # type: ignore[import-not-found]

inputs = json.loads(Path(host.data.inputs).read_text(encoding="utf-8"))
for one in inputs["bench_files"]:
    files.template(
        name=f"Write {one['name']}",
        src=inputs["bench_template"],
        dest=f"{inputs['bench_directory']}/{one['name']}.conf",
        user="root",
        group="root",
        mode="0644",
        create_remote_dir=False,
        jinja_env_kwargs={"trim_blocks": True},
        bench_file=one,
        bench_site=inputs["bench_site"],
        _sudo=True,
    )
