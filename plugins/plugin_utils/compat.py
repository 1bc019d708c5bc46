# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where ansible-core 2.18 and 2.19+ (data tagging, lazy templates) differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])


def _as_it_is(value: Any) -> Any:
    return value


try:
    from ansible.template import accept_lazy_markers as _accept_lazy_markers
    from ansible.template import is_trusted_as_template as _is_trusted_as_template
    from ansible.template import trust_as_template as _trust_as_template
except ImportError:  # ansible-core 2.18: no lazy containers, every plain string is a template
    HAS_DATA_TAGGING = False
    _accept_lazy_markers = _as_it_is
    _trust_as_template = _as_it_is

    def _is_trusted_as_template(value: object) -> bool:
        return not getattr(value, "__UNSAFE__", False)
else:
    HAS_DATA_TAGGING = True

try:
    from ansible.module_utils.secrets import register_secrets as _register_secrets
except ImportError:  # before ansible-core 2.22

    def _register_secrets(_values: Iterable[str]) -> None:
        return


def tell_core(secrets: Iterable[str]) -> None:
    """Have ansible-core itself mask these texts, where it has its Secrets API (2.22)."""
    _register_secrets(secrets)


def accept_lazy_markers(function: _F) -> _F:
    """Let a filter see undefined values inside of the containers that it is given (2.18: it always does)."""
    marked: _F = _accept_lazy_markers(function)
    return marked


def trust(value: Any, having: str = "") -> Any:
    """Return `value` with every string in it trusted as a template (2.18: all are). having: only strings that have this in them."""
    if isinstance(value, dict):
        return {key: trust(one, having) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [trust(one, having) for one in value]
    return _trust_as_template(value) if isinstance(value, str) and having in value else value


def is_trusted(value: str) -> bool:
    """Tell whether a text came from who writes inventories and playbooks; what a host answered did not, however it was passed on."""
    return bool(_is_trusted_as_template(value))
