# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a step sees of the module that runs it, be it a module of its own or one that runs a whole list of steps."""

from __future__ import annotations

import os
from typing import Any, Dict, List, NoReturn, Optional, Protocol, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import session_sandbox

# sudo may give a stricter one (control sudo_umask), under which what programs such as apt create would be closed to those who need it.
USUAL_UMASK = 0o022


class StepModule(Protocol):
    """What a step uses of AnsibleModule, and `about_to_change`."""

    params: Dict[str, Any]
    check_mode: bool

    @property
    def tmpdir(self) -> str:
        """Return a directory that goes when the module ends."""

    def run_command(self, args: List[str]) -> Tuple[int, str, str]:
        """Run a program without a shell; returns exit status, output and errors."""

    def get_bin_path(self, arg: str, required: bool = False, opt_dirs: Optional[List[str]] = None) -> Any:
        """Return where a program stands, None where the host does not have it and it is not required."""

    def warn(self, warning: str) -> None:
        """Say something to the user."""

    def about_to_change(self) -> None:
        """Called before the first modification of the host, at least once."""

    def fail_json(self, msg: Any, **answer: Any) -> NoReturn:
        """End the step: it failed."""

    def exit_json(self, **answer: Any) -> NoReturn:
        """End the step with its answer."""


class Step(Protocol):
    """A file of steps/."""

    ARGUMENTS: Dict[str, Any]

    def run(self, module: StepModule) -> None:
        """Do it."""


def nothing() -> None:
    """Stands where nobody wants to know that the host is about to change."""


def standalone(module_class: Any, step: Any) -> None:
    """Run a step as a module of its own; `module_class` is AnsibleModule."""
    session_sandbox.leave()
    module = module_class(argument_spec=step.ARGUMENTS, supports_check_mode=True)
    os.umask(USUAL_UMASK)
    module.about_to_change = nothing
    step.run(module)
