# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a filter refuses wrong input."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

Filter = TypeVar("Filter", bound=Callable[..., Any])


def refusing(function: Filter) -> Filter:
    """Have a filter's BadInput told as Ansible tells the errors of filters, with the same text."""

    @functools.wraps(function)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        try:
            return function(*arguments, **options)
        except BadInput as error:
            raise AnsibleFilterError(str(error)) from error

    return cast(Filter, wrapped)
