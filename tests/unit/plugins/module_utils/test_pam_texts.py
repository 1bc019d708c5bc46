# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import pam_texts
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

AUTH = """# the stack
auth\t[success=1 default=ignore]\tpam_unix.so nullok
auth\trequisite\t\t\tpam_deny.so
auth\trequired\t\t\tpam_permit.so
"""
SU = """auth       sufficient pam_rootok.so
# auth required pam_wheel.so
@include common-auth
@include common-account
session required pam_limits.so"""


def test_a_profile_of_pam_auth_update() -> None:
    parts = {
        "priority": 512,
        "password": ["requisite pam_pwhistory.so use_authtok"],
        "password_initial": ["requisite pam_pwhistory.so"],
        "session": ["optional pam_umask.so"],
    }
    assert pam_texts.profile_text("history", parts).splitlines() == [
        "Name: groundwork.fleet: history",
        "Default: yes",
        "Priority: 512",
        "Password-Type: Primary",
        "Password:",
        "\trequisite pam_pwhistory.so use_authtok",
        "Password-Initial:",
        "\trequisite pam_pwhistory.so",
        "Session-Type: Additional",
        "Session:",
        "\toptional pam_umask.so",
    ]
    assert "Auth-Type: Additional" in pam_texts.profile_text("last", {"auth": ["required pam_x.so"], "additional": True})
    assert not pam_texts.profile_text("arguments-only", {"arguments": {"common-auth": {"pam_unix.so": {"nullok": False}}}})


def test_profiles_come_together() -> None:
    found = pam_texts.wanted(
        {
            "a": {"auth": ["required pam_a.so"], "arguments": {"common-auth": {"pam_unix.so": {"nullok": False}}}},
            "b": {
                "arguments": {"common-auth": {"pam_unix.so": {"rounds": 5, "debug": True}}},
                "lines": {"su": {"auth": ["required pam_w.so"]}},
            },
            "c": {"lines": {"su": {"auth": ["required pam_v.so"]}}},
            "off": None,
        }
    )
    assert list(found.profiles) == ["a"]
    assert found.stacks == {"auth": [[["required pam_a.so"]]]}
    assert found.arguments == {"common-auth": {"pam_unix.so": {"nullok": "", "rounds": "rounds=5", "debug": "debug"}}}
    assert found.lines == {"su": {"auth": ["required pam_w.so", "required pam_v.so"]}}


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ({"Bad Name": {}}, "small letters"),
        ({"a": ["auth"]}, "a mapping of parts"),
        ({"a": {"auht": []}}, "Did you mean 'auth'?"),
        ({"a": {"auth": ["required pam_a.so\nauth sufficient pam_permit.so"]}}, "profiles['a'].auth"),
        ({"a": {"auth": ["always pam_a.so"]}}, "required pam_faillock.so preauth"),
        ({"a": {"auth": "required pam_a"}}, "a control, a module"),
        ({"a": {"priority": "high"}}, "an integer"),
        ({"a": {"auth_initial": ["required pam_a.so"]}}, "auth beside it"),
        ({"a": {"arguments": {"../shadow": {}}}}, "a mapping of names"),
        ({"a": {"arguments": {"su": {"pam_unix.so": {"x y": True}}}}}, "a mapping of names"),
        ({"a": {"arguments": {"su": {"pam_unix.so": {"x": "a b"}}}}}, "one word"),
        ({"a": {"lines": {"su": {"login": ["required pam_a.so"]}}}}, "a mapping of names"),
    ],
)
def test_what_pam_would_not_take_is_refused(declared: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInput) as refused:
        pam_texts.wanted(declared)
    assert told in str(refused.value)


def test_arguments_are_set_and_put_back_to_the_byte() -> None:
    text = "account\t[success=1]\tpam_unix.so \nauth required /lib/pam_unix.so nullok rounds=5 # why\nauth required pam_unix2.so\n"
    after, before = pam_texts.argued(text, "pam_unix.so", {"nullok": "", "rounds": "rounds=9", "debug": "debug"})
    assert before == {"nullok": "", "rounds": "", "debug": ""}
    assert after == (
        "account\t[success=1]\tpam_unix.so rounds=9 debug \n"
        "auth required /lib/pam_unix.so rounds=9 debug # why\nauth required pam_unix2.so\n"
    )
    assert pam_texts.argued(after, "pam_unix.so", {"nullok": "", "rounds": "rounds=9", "debug": "debug"})[0] == after
    gone = pam_texts.argued(AUTH, "pam_unix.so", {"nullok": ""})
    assert gone == (AUTH.replace(" nullok", ""), {"nullok": "nullok"})
    assert pam_texts.argued(gone[0], "pam_unix.so", gone[1])[0] == AUTH
    assert pam_texts.argued(AUTH, "pam_none.so", {"nullok": ""}) == (AUTH, {})


def test_lines_stand_before_what_the_service_includes_and_go_again() -> None:
    lines = ["required pam_wheel.so group=root"]
    after = pam_texts.with_lines(SU, "auth", lines)
    assert after.splitlines()[2:4] == ["auth\trequired pam_wheel.so group=root", "@include common-auth"]
    assert pam_texts.with_lines(after, "auth", lines) == after
    assert pam_texts.without_lines(after, "auth", lines) == SU
    assert pam_texts.with_lines(SU, "session", ["optional pam_x.so"]).endswith("pam_limits.so\nsession\toptional pam_x.so\n")
    assert pam_texts.with_lines("", "auth", lines) == "auth\trequired pam_wheel.so group=root\n"
    substack = "auth required pam_env.so\nauth substack system-auth\nauth include postlogin\n"
    assert pam_texts.with_lines(substack, "auth", lines).splitlines()[1] == "auth\trequired pam_wheel.so group=root"


def test_what_stands_in_a_stack() -> None:
    assert pam_texts.stands(AUTH, "[success=end default=ignore] pam_unix.so")
    assert not pam_texts.stands(AUTH, "[success=end default=ignore] pam_unix.so try_first_pass")
    stacks = {"auth": [[["required pam_unix.so", "required pam_x.so"], ["required pam_unix.so nullok"]], [["required pam_y.so"]]]}
    assert pam_texts.lacking({"auth": AUTH}, stacks) == ["required pam_y.so"]
    assert pam_texts.lacking({}, {"auth": [[["required pam_x.so"]]]}) == ["required pam_x.so"]


def test_modules_and_jumps_that_lead_nowhere() -> None:
    texts = {"su": SU, "b": "-auth optional pam_absent.so\nauth required /x/pam_y.so\n"}
    assert pam_texts.missing_modules(texts, lambda name: name == "pam_rootok.so") == [("b", "/x/pam_y.so"), ("su", "pam_limits.so")]
    assert pam_texts.unsafe_jumps(AUTH) is None
    assert pam_texts.unsafe_jumps(AUTH.replace("success=1", "success=3")) == "auth\t[success=3 default=ignore]\tpam_unix.so nullok"
