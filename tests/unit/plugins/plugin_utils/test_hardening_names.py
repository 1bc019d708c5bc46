# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.hardening_names import refuse_unknown


@pytest.mark.parametrize("value", [1, None])
def test_an_unknown_name_of_login_defs_is_refused_with_the_nearest(value: Any) -> None:
    with pytest.raises(BadInput, match=r"hardening_login_defs is 'PASS_MAX_DAY'; .*login\.defs\(5\)\. Did you mean 'PASS_MAX_DAYS'\?"):
        refuse_unknown({"login_defs": {"UMASK": "027", "PASS_MAX_DAY": value}})


@pytest.mark.parametrize(
    "name", ["PASS_MAX_DAYS", "HMAC_CRYPTO_ALGO", "CREATE_HOME", "YESCRYPT_COST_FACTOR", "USERGROUPS_ENAB", "OF_A_CONTROL"]
)
def test_what_some_distribution_or_a_control_knows_is_taken(name: str) -> None:
    refuse_unknown({"login_defs": {name: 1}}, ["OF_A_CONTROL"])
    refuse_unknown({})


@pytest.mark.parametrize("name", ["../x", "/lib/x", "udf.ko", "a b", "", "udf\ninstall x"])
def test_what_is_not_the_name_of_a_module_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match=r"hardening_modules_blocked is .*names of kernel modules"):
        refuse_unknown({"modules_blocked": {"udf": True, name: True}})


def test_names_of_modules() -> None:
    refuse_unknown({"modules_blocked": {"usb-storage": True, "ip_tables": False, "8021q": None}})
