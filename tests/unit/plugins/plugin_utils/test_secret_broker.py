# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_broker, secrets
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_broker import Client, Run
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_keeper import Answer, Context, Keeper

ASKED = ["secret://file/db"]


@pytest.fixture(name="context")
def _context(tmp_path: Path) -> Context:
    (tmp_path / ".groundwork/secrets").mkdir(parents=True)
    (tmp_path / ".groundwork/secrets/db").write_text("first")
    return Context(secrets.configured(None), str(tmp_path))


@pytest.fixture(name="clients")
def _clients() -> Iterator[list[Client]]:
    """The clients of a test; their brokers end with it."""
    clients: list[Client] = [Client() for _number in range(8)]
    yield clients
    for client in clients:
        client.stop()


def ask(client: Client, context: Context) -> bytes | None:
    return client.ask(ASKED, context, False, Keeper())[0].value


def change(context: Context) -> None:
    Path(str(context.inventory), ".groundwork/secrets/db").write_text("second")


def ended(process: int) -> bool:
    """Tell whether a process ends within five seconds."""
    for _number in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_all_share_one_broker_and_one_fetch(clients: list[Client], context: Context) -> None:
    with ThreadPoolExecutor(len(clients)) as pool:
        assert set(pool.map(lambda client: ask(client, context), clients)) == {b"first"}
    assert len({client.broker for client in clients}) == 1
    assert clients[0].broker not in (0, os.getpid())
    change(context)
    assert ask(clients[1], context) == b"first"


def test_a_new_version_is_what_all_get_then(clients: list[Client], context: Context) -> None:
    assert ask(clients[0], context) == b"first"
    assert clients[1].ages(ASKED, context, Keeper())[0].replaces
    assert clients[1].replace(ASKED[0], b"third", context, Keeper()).refusal == ""
    assert ask(clients[0], context) == b"third"
    change(context)  # by another run
    assert clients[1].refresh(ASKED, context, Keeper())[0].value == b"second"
    assert ask(clients[0], context) == b"second"


def test_a_killed_broker_is_replaced_and_asks_anew(clients: list[Client], context: Context) -> None:
    client = clients[0]
    ask(client, context)
    first = client.broker
    os.kill(first, signal.SIGKILL)
    assert ended(first)
    change(context)
    assert ask(client, context) == b"second"
    assert client.broker != first


def test_the_broker_ends_with_the_main_process_of_the_run(clients: list[Client], context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    main = subprocess.Popen(["sleep", "60"])
    run = Run(Run.current().directory, main.pid)
    monkeypatch.setattr(Run, "current", classmethod(lambda _cls: run))
    assert ask(clients[0], context) == b"first"
    main.kill()
    main.wait()
    broker, clients[0].broker = clients[0].broker, 0
    assert ended(broker)


def test_nothing_of_a_secret_in_arguments_environment_or_on_disk(clients: list[Client], context: Context) -> None:
    Path(str(context.inventory), ".groundwork/secrets/db").write_text("hunter2-" + "correct-horse")
    ask(clients[0], context)
    for name in ("cmdline", "environ"):
        assert b"hunter2-correct-horse" not in Path("/proc", str(clients[0].broker), name).read_bytes()
    for path in Path(Run.current().directory).iterdir():
        assert not path.is_file() or b"hunter2" not in path.read_bytes()


def test_it_holds_nothing_open_that_it_inherited(clients: list[Client], context: Context, tmp_path: Path) -> None:
    with open(tmp_path / "log", "w") as log:
        os.set_inheritable(log.fileno(), True)
        ask(clients[0], context)
        held = [os.readlink(path) for path in Path("/proc", str(clients[0].broker), "fd").iterdir()]
    assert str(tmp_path / "log") not in held
    assert not [path for path in held if path.startswith("pipe:")]


def test_others_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = socket.socketpair()
    with one, other:
        secret_broker.refuse_others(one)
        monkeypatch.setattr(os, "geteuid", lambda: 4711)
        with pytest.raises(secret_broker.Refused):
            secret_broker.refuse_others(one)


def test_a_directory_that_is_too_deep_for_a_socket(clients: list[Client], context: Context, tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    run = Run(str(deep), os.getpid())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Run, "current", classmethod(lambda _cls: run))
        assert ask(clients[0], context) == b"first"


def test_messages_cut_off_and_oversized() -> None:
    one, other = socket.socketpair()
    with one, other:
        secret_broker.send(one, {"a": "ä" * 1000})
        assert secret_broker.receive(other) == {"a": "ä" * 1000}
        one.sendall(b"\xff\xff\xff\xff")
        with pytest.raises(ConnectionError):
            secret_broker.receive(other)
        one.close()
        with pytest.raises(ConnectionError):
            secret_broker.receive(other)


def test_refusals_travel(clients: list[Client], context: Context) -> None:
    [answer] = clients[0].ask(["secret://file/gone"], context, False, Keeper())
    assert answer.value is None
    assert "gone: No such file or directory" in answer.refusal
    assert isinstance(answer, Answer)


def test_without_pidfd_it_looks_every_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0groundwork-test-%d" % os.getpid())
        listener.listen()
        secret_broker.serve(listener, gone.pid, Keeper())
