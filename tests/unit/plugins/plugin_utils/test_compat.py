# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.groundwork.fleet.plugins.plugin_utils import compat


def test_trust_keeps_values_and_shape() -> None:
    value = {"a": "{{ x }}", "b": [1, "y", ("z", None)], "c": {"d": True}}
    assert compat.trust(value) == {"a": "{{ x }}", "b": [1, "y", ["z", None]], "c": {"d": True}}


@pytest.mark.skipif(not compat.HAS_DATA_TAGGING, reason="ansible-core 2.18 trusts every string")
def test_trust_reaches_every_string() -> None:
    from ansible.template import is_trusted_as_template

    trusted = compat.trust({"a": [{"b": "{{ x }}"}]})
    assert is_trusted_as_template(trusted["a"][0]["b"])
    assert not is_trusted_as_template("{{ x }}")


def test_a_marked_filter_stays_a_function() -> None:
    @compat.accept_lazy_markers
    def double(value: int) -> int:
        return value * 2

    assert double(2) == 4


def test_who_wrote_a_text_is_known() -> None:
    assert compat.is_trusted(compat.trust("secret://file/db"))
    assert not compat.is_trusted(wrap_var("secret://file/db"))


def test_the_core_is_told_where_it_has_its_secrets_api() -> None:
    compat.tell_core(["Told-To-The-Core"])
    try:
        from ansible.module_utils.secrets import mask_secrets
    except ImportError:
        return
    assert mask_secrets("x Told-To-The-Core y") == "x $REDACTED$ y"
