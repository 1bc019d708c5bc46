# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give a release its virtual environment, from the wheels that it brings: nothing is fetched."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import Any, Dict, List

from ansible_collections.groundwork.fleet.plugins.module_utils import processes
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    "release": {"type": "path", "required": True},
    "wheels": {"type": "str", "default": "wheels"},
    "python": {"type": "path", "default": "/usr/bin/python3"},
}
NAME = "venv"
MARK = ".groundwork"  # what the environment was made of; it is written last
SECONDS = 600.0


def wheels_of(release: str, folder: str) -> List[str]:
    """Return the wheels of a release. Raises BadInput where it has none."""
    directory = os.path.join(release, folder)
    found = sorted(name for name in os.listdir(directory) if name.endswith(".whl")) if os.path.isdir(directory) else []
    if not found:
        raise BadInput(
            "%s has no wheels; expected the application and all it needs as *.whl in the folder %r of the archive." % (release, folder)
        )
    return [os.path.join(directory, name) for name in found]


def told(*command: str) -> str:
    """Run a program that has to succeed, and return what it says. Raises BadInput."""
    code, output = processes.answer(command, SECONDS, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PIP_CONFIG_FILE": os.devnull})
    if code:
        raise BadInput("%s failed: %s" % (" ".join(command[:4]), " ".join(output.split()[-60:])))
    return output.strip()


def identity(wheels: List[str], python: str) -> str:
    """Return what an environment is made of: the interpreter's version and a digest of each wheel."""
    lines = [told(python, "-c", "import sys; print(sys.version)")]
    for path in wheels:
        with open(path, "rb") as stream:
            lines.append("%s %s" % (hashlib.sha256(stream.read()).hexdigest(), os.path.basename(path)))
    return "\n".join(lines) + "\n"


def made_of(environment: str) -> str:
    """Return what an environment was made of, empty where it is not there or not complete."""
    try:
        with open(os.path.join(environment, MARK), encoding="utf-8") as stream:
            return stream.read()
    except OSError:
        return ""


def make(environment: str, wheels: List[str], python: str, wanted: str) -> None:
    """Make the environment anew; where that fails there is none, and no half one."""
    shutil.rmtree(environment, ignore_errors=True)
    try:
        told(python, "-m", "venv", environment)
        told(environment + "/bin/python", "-m", "pip", "install", "--quiet", "--no-index", "--no-cache-dir", "--no-deps", *wheels)
        told(environment + "/bin/python", "-m", "pip", "check")
    except BadInput:
        shutil.rmtree(environment, ignore_errors=True)
        raise
    with open(os.path.join(environment, MARK), "w", encoding="utf-8") as stream:
        stream.write(wanted)


def run(module: StepModule) -> None:
    """Compare, and make it where it is not what the wheels make."""
    params = module.params
    release = os.path.realpath(params["release"])
    environment = os.path.join(release, NAME)
    changed = True
    try:
        if os.path.isdir(release) or not module.check_mode:
            wheels = wheels_of(release, params["wheels"])
            wanted = identity(wheels, params["python"])
            changed = made_of(environment) != wanted
            if changed and not module.check_mode:
                module.about_to_change()
                make(environment, wheels, params["python"], wanted)
    except BadInput as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg="%s: %s" % (error.filename or environment, error.strerror))
    module.exit_json(changed=changed, environment=environment, diff={"before": "", "after": environment + "\n" if changed else ""})
