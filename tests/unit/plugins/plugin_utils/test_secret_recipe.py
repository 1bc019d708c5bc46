# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import string

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_recipe
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_recipe import Recipe, make, public_half, recipe
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference, parse
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st


def of(options: str) -> Recipe | None:
    return recipe(parse("secret://file/a?" + options), "web_password")


def test_without_generate_nothing_is_made() -> None:
    assert recipe(parse("secret://file/a"), "x") is None
    assert of("part=public") is None


def test_defaults() -> None:
    assert of("generate=password") == Recipe("password", 32, ("letters", "digits"), "")
    assert of("generate=ssh_key") == Recipe("ssh_key", 32, ("letters", "digits"), "ed25519")


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ("generate=pasword", "Did you mean 'password'?"),
        ("generate=password&length=4", "length of web_password is '4'; expected a whole number from 12 to 4096"),
        ("generate=password&length=x", "expected a whole number"),
        ("generate=password&charset=letter", "Did you mean 'letters'?"),
        ("generate=token&charset=letters", "expected nothing beside generate=token"),
        ("generate=password&part=public", "expected generate=ssh_key or tls_key. generate=password has no such part."),
        ("generate=tls_key&algorithm=ed2551", "Did you mean 'ed25519'?"),
        ("length=32", "expected to stand beside generate"),
        ("part=private", "part of web_password is 'private'; expected a known part of a secret"),
    ],
)
def test_refused(options: str, part: str) -> None:
    with pytest.raises(BadInput) as error:
        of(options)
    assert part in str(error.value)


@given(st.integers(12, 80), st.sets(st.sampled_from(sorted(secret_recipe.CHARSETS)), min_size=1))
def test_a_password_has_its_length_and_something_of_each_set(length: int, names: set[str]) -> None:
    found = make(Recipe("password", length, tuple(names))).decode()
    assert len(found) == length
    assert set(found) <= set("".join(secret_recipe.CHARSETS[name] for name in names))
    assert all(set(found) & set(secret_recipe.CHARSETS[name]) for name in names)


def test_what_is_made_differs_each_time_and_has_its_form() -> None:
    assert len({make(Recipe(kind)) for kind in ("password", "token", "hex", "base64") for _number in range(5)}) == 20
    assert set(make(Recipe("hex", 16)).decode()) <= set(string.hexdigits)
    assert len(make(Recipe("hex", 16))) == 32


@pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa", "rsa"])
def test_ssh_keys(algorithm: str) -> None:
    private = make(Recipe("ssh_key", algorithm=algorithm))
    assert private.startswith(b"-----BEGIN OPENSSH PRIVATE KEY-----")
    assert public_half(private).split()[0] in (b"ssh-ed25519", b"ssh-rsa", b"ecdsa-sha2-nistp256")


def test_tls_keys() -> None:
    private = make(Recipe("tls_key", algorithm="ecdsa"))
    key = serialization.load_pem_private_key(private, None)
    assert public_half(private).startswith(b"-----BEGIN PUBLIC KEY-----")
    public = serialization.load_pem_public_key(public_half(private))
    assert public == key.public_key()


def test_what_is_no_key_has_no_public_half_and_is_not_shown() -> None:
    with pytest.raises(BadInput, match="no private key") as error:
        public_half(b"hunter2-correct-horse")
    assert "hunter2" not in str(error.value)


def test_a_login_takes_turns() -> None:
    wanted = Recipe("login", 20, users=("orders_a", "orders_b", "orders_c"))
    names, value = [], None
    for _number in range(4):
        value = make(wanted, value)
        names.append(secret_recipe.login(value)["username"])
        assert len(secret_recipe.login(value)["password"]) == 20
    assert names == ["orders_a", "orders_b", "orders_c", "orders_a"]
    assert secret_recipe.login(make(wanted, b"of_before:x"))["username"] == "orders_a"


def test_the_parts_of_a_login_and_what_is_masked_of_it() -> None:
    value = b"orders_a:hunter2-correct"
    text = "secret://file/a?generate=login&users=orders_a,orders_b"
    assert secret_recipe.part_of(parse(text + "&part=username"), value) == b"orders_a"
    assert secret_recipe.part_of(parse(text + "&part=password"), value) == b"hunter2-correct"
    assert secret_recipe.is_told(parse(text + "&part=username")) and not secret_recipe.is_told(parse(text + "&part=password"))
    assert secret_recipe.masked([value, b"x"]) == [value, b"hunter2-correct", b"x"]


@pytest.mark.parametrize("value", [b"hunter2-correct", b"orders a:hunter2", b"hunter2:", b"a:hunter2\nx"])
def test_what_is_no_login_is_not_shown(value: bytes) -> None:
    with pytest.raises(BadInput, match="The secret is no login") as caught:
        secret_recipe.login(value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("users", ["", "orders", "orders_a,orders_a", "orders_a,", "a,b c", "a,b'"])
def test_the_users_of_a_login_are_two_names(users: str) -> None:
    with pytest.raises(BadInput, match=r"users of x is .*; expected two or more different names"):
        recipe(SecretReference("file", "a", options={"generate": "login", "users": users}), "x")


def test_a_key_in_a_file_ends_its_last_line() -> None:
    private = make(Recipe("ssh_key", algorithm="ed25519"))
    assert secret_recipe.as_file(private.removesuffix(b"\n")) == private == secret_recipe.as_file(private)
    assert secret_recipe.as_file(b"correct horse") == b"correct horse"


def test_the_backend_does_not_see_the_options_of_the_core() -> None:
    assert str(secret_recipe.stored(parse("secret://vault/a#b?generate=hex&version=2&length=16"))) == "secret://vault/a#b?version=2"


def test_logins_are_read_line_by_line() -> None:
    assert secret_recipe.logins("a:b:c\n\nd:e") == {"a": "b:c", "d": "e"}
