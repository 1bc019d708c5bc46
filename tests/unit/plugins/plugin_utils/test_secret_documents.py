# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_documents
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import parse
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import NotThere, SecretError, Settings


def test_a_document_is_read_once_by_all_threads() -> None:
    documents, reads, ready = secret_documents.Documents(), [], threading.Barrier(4)

    def one() -> None:
        ready.wait()
        documents.get("a", lambda: reads.append(1) or "document")

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reads == [1]
    documents.forget("a")
    assert documents.get("a", lambda: "new") == "new"
    documents.clear()
    assert documents.get("a", lambda: "newer") == "newer"


def test_a_read_that_fails_is_tried_again() -> None:
    documents = secret_documents.Documents()
    with pytest.raises(OSError):
        documents.get("a", lambda: (_ for _ in ()).throw(OSError()).send(None))
    assert documents.get("a", lambda: 1) == 1


def test_a_field_is_set_in_a_document() -> None:
    reference = parse("secret://x/a#b.c")
    assert secret_documents.with_field(None, reference, b"1", "x") == b'{"b.c": "1"}'
    assert secret_documents.with_field(b'{"b": {"c": "0", "d": 1}}', reference, b"1", "x") == b'{"b": {"c": "1", "d": 1}}'
    assert secret_documents.with_field(b"anything", parse("secret://x/a"), b"\xff", "x") == b"\xff"
    with pytest.raises(SecretError, match="only be text"):
        secret_documents.with_field(None, reference, b"\xff", "x")


@pytest.mark.parametrize(("given", "number"), [("", None), ("?version=12", 12)])
def test_numbers(given: str, number: int | None) -> None:
    assert secret_documents.number(parse("secret://x/a" + given), "version") == number


@pytest.mark.parametrize("given", ["0", "-1", "x", "1.5"])
def test_what_is_no_number(given: str) -> None:
    with pytest.raises(SecretError, match="not a whole number from 1 on"):
        secret_documents.number(parse("secret://x/a?version=" + given), "version")


DOCUMENT = {"a.b": "1", "a": {"b": "2", "c": [True, 5]}, "none": None, "bytes": b"\xff"}


@pytest.mark.parametrize(("field", "value"), [("a.b", b"1"), ("a.c.0", b"true"), ("a.c.1", b"5"), ("bytes", b"\xff")])
def test_a_field_is_chosen(field: str, value: bytes) -> None:
    assert secret_documents.chosen(DOCUMENT, parse("secret://x/y#" + field), "The secret y") == value


@pytest.mark.parametrize(
    ("rest", "kind", "told"),
    [
        ("", SecretError, "Name the field: the secret y has the fields a, a.b, bytes, none."),
        ("#byte", NotThere, "The secret y has no field byte. Did you mean bytes?"),
        ("#zzz", NotThere, "The secret y has no field zzz. It has the fields a, a.b, bytes, none."),
        ("#a.c.2", NotThere, "The secret y has no field a.c.2."),
        ("#a", SecretError, "The field a is not a text. It has the fields b, c."),
        ("#none", SecretError, "The field none is not a text."),
    ],
)
def test_a_field_is_refused(rest: str, kind: type[Exception], told: str) -> None:
    with pytest.raises(kind) as error:
        secret_documents.chosen(DOCUMENT, parse("secret://x/y" + rest), "The secret y")
    assert str(error.value) == told


@pytest.mark.parametrize("content", [b"hunter2", b"[hunter2]", b"{hunter2", b"a: [hunter2", b"\xffhunter2"])
def test_what_has_no_fields_is_not_shown(content: bytes) -> None:
    with pytest.raises(SecretError, match="has no fields") as error:
        secret_documents.parsed(content, "The secret y")
    assert "hunter2" not in str(error.value)
    assert error.value.__cause__ is None


def test_what_a_batch_brought() -> None:
    settings = Settings()
    here, field, wrong, gone = (parse("secret://x/" + rest) for rest in ("a", "b#c", "b#d", "e"))
    secret_documents.documents(settings).put("a", b"1")
    secret_documents.documents(settings).put("b", b'{"c": "2"}')
    wanted = {here: "a", field: "b", wrong: "b", gone: "e"}
    assert secret_documents.already_read(wanted, settings, str) == {here: b"1", field: b"2"}
