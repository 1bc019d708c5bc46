# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The head of the program: light stand-ins that do what the real ones do, and byte code that only root can have left."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_start

REAL = {path.stem: health.load_type(path.stem, path.read_text()).options for path in health.check_types().values()}
PREFIX = health_start.PACKAGE + "."
TEXTS = {PREFIX + "checks." + path.stem: path.read_text() for path in health.check_types().values()}


def light(name: str) -> Any:
    """Return the options of a check type as the program makes them."""
    source = TEXTS[PREFIX + "checks." + name]
    inside: dict[str, Any] = {"__builtins__": health_start.Texts(TEXTS, "").builtins, "__name__": "light_" + name}
    exec(compile(source, name, "exec", dont_inherit=True), inside)
    return inside["Options"]


@pytest.fixture(autouse=True)
def _light_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `option` make light fields, as it does where health.py is loaded by the program."""
    monkeypatch.setattr(health, "dataclasses", health_start.LIGHT["dataclasses"])


@pytest.mark.parametrize("name", REAL)
def test_light_options_are_like_the_real_ones(name: str) -> None:
    made, real = light(name), REAL[name]
    told = lambda options, missing: [  # noqa: E731
        (one.name, one.type, one.default if one.default is not missing else "", one.metadata["help"]) for one in options
    ]
    assert told(health_start.fields(made), health_start.MISSING) == told(dataclasses.fields(real), dataclasses.MISSING)
    required = {
        one.name: "x" for one in dataclasses.fields(real)
        if one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
    }  # fmt: skip
    assert made(**required).__dict__ == real(**required).__dict__
    if required:
        with pytest.raises(TypeError):
            made()
    with pytest.raises(TypeError):
        made(**required, nothing=1)


def test_light_dataclasses() -> None:
    @health_start.dataclass(frozen=True)
    class Made:
        a: int
        b: list = health_start.Field(default_factory=lambda: [1])  # type: ignore[type-arg]

    assert Made(1) == Made(1, [1])
    assert Made(1) != Made(2)
    assert health_start.replace(Made(1), a=3).__dict__ == {"a": 3, "b": [1]}
    assert Made(1).b is not Made(1).b


def test_light_named_tuples() -> None:
    class Light(health_start.NamedTuple):
        a: int
        b: str = "x"

        @property
        def both(self) -> str:
            return "%s%s" % (self.a, self.b)

    class Real(NamedTuple):
        a: int
        b: str = "x"

    assert tuple(Light(1)) == tuple(Real(1))  # type: ignore[call-arg]
    assert Light(1)._replace(b="y").both == "1y"  # type: ignore[call-arg, attr-defined]
    assert Light._fields == Real._fields  # type: ignore[attr-defined]


def test_byte_code_is_kept_for_the_next_start(tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "health-1.bin"
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "health-old.bin").write_text("")
    first = health_start.Texts({"a": "x = 1"}, str(cache))
    first.read_cache()
    if os.geteuid():
        assert not cache.exists(), "only root leaves a file that root reads"
        return
    assert [path.name for path in cache.parent.iterdir()] == ["health-1.bin"]
    second = health_start.Texts({"a": "x = 1"}, str(cache))
    second.read_cache()
    assert second.codes.keys() == {"a"}


@pytest.mark.parametrize("harm", [lambda path: path.chmod(0o666), lambda path: os.chown(path, 12345, 0)], ids=["mode", "owner"])
def test_byte_code_that_another_user_could_have_written_is_not_run(tmp_path: Path, harm: Any) -> None:
    if os.geteuid():
        pytest.skip("only root can make such files")
    cache = tmp_path / "health-1.bin"
    health_start.Texts({"a": "x = 1"}, str(cache)).read_cache()
    harm(cache)
    again = health_start.Texts({"a": "x = 1"}, str(cache))
    again.read_cache()
    assert again.codes == {}


def test_a_broken_cache_is_made_anew(tmp_path: Path) -> None:
    cache = tmp_path / "health-1.bin"
    cache.write_bytes(b"\x00rubbish")
    texts = health_start.Texts({"a": "x = 1"}, str(cache))
    texts.read_cache()
    assert texts.codes.keys() == ({"a"} if os.geteuid() == 0 else set())


def test_light_typing_casts() -> None:
    assert health_start.LIGHT["typing"].cast(health_start.LIGHT["typing"].IO[bytes], 5) == 5
