# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One process that keeps the secrets of a run for all of its workers, in memory, behind a socket of this user.

The first process of the run that needs a secret starts it: it listens before it is forked, so nobody waits or comes too early. It ends
with the main process of the run, after it has given back what was lent. Who finds it gone starts another one. The socket is in the
run's local temporary directory (ansible-core makes it with mode 0700), and both sides ask the kernel who the other one is.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import fcntl
import json
import logging
import multiprocessing
import os
import selectors
import signal
import socket
import struct
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NoReturn

from ansible import constants
from ansible.utils.display import Display
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_keeper import Age, Answer, Context, Keeper

SOCKET, LOCK = "groundwork-secrets", "groundwork-secrets.lock"
LONGEST_ADDRESS = 100  # bytes; sun_path of unix(7) has 108, 104 elsewhere
LARGEST = 64 * 1024 * 1024  # bytes of one message
_NOT_DUMPABLE = (4, 0, 0, 0, 0)  # PR_SET_DUMPABLE of prctl(2): no core file, and no look into the memory by other programs of the user


class Refused(Exception):
    """Who is on the other side is not this user."""


def send(connection: socket.socket, message: Any) -> None:
    """Send a message as its length and JSON."""
    content = json.dumps(message).encode()
    connection.sendall(struct.pack("!I", len(content)) + content)


def receive(connection: socket.socket) -> Any:
    """Return a message. Raises ConnectionError where the other side has gone."""
    (length,) = struct.unpack("!I", _exactly(connection, 4))
    if length > LARGEST:
        raise ConnectionError("a message of %s bytes" % length)
    return json.loads(_exactly(connection, length))


def _exactly(connection: socket.socket, count: int) -> bytes:
    content = bytearray()
    while len(content) < count:
        piece = connection.recv(min(count - len(content), 1 << 20))
        if not piece:
            raise ConnectionError("the other side has gone")
        content += piece
    return bytes(content)


def peer(connection: socket.socket) -> int | None:
    """Return the uid of the other side, None where the system does not tell: the directory keeps others out there."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return None
    _pid, uid, _gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, option, struct.calcsize("3i")))
    return int(uid)


def refuse_others(connection: socket.socket) -> None:
    """Raise Refused where the other side is another user."""
    if peer(connection) not in (None, os.geteuid()):
        raise Refused("the other side of the socket is another user")


@contextlib.contextmanager
def address(directory: str) -> Iterator[str]:
    """Give the address of the socket in a directory; one that is too long for a socket goes by way of a descriptor."""
    path = os.path.join(directory, SOCKET)
    if len(os.fsencode(path)) <= LONGEST_ADDRESS:
        yield path
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield "/proc/self/fd/%d/%s" % (descriptor, SOCKET)
    finally:
        os.close(descriptor)


def connect(directory: str) -> socket.socket:
    """Return a connection to the broker of a run. Raises OSError where there is none, Refused where it is another user's."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with address(directory) as path:
            connection.connect(path)
        refuse_others(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@dataclass(frozen=True)
class Run:
    """One run: where its sockets are, and the process whose end is its end."""

    directory: str
    main: int

    @classmethod
    def current(cls) -> Run:
        """Return the run that this process belongs to."""
        parent = multiprocessing.parent_process()
        return cls(constants.DEFAULT_LOCAL_TMP, (parent.pid if parent else None) or os.getpid())


def connected(run: Run, keeper: Keeper) -> socket.socket:
    """Return a connection to the run's broker; start it with `keeper` where there is none."""
    with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
        return connect(run.directory)
    descriptor = os.open(os.path.join(run.directory, LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
            return connect(run.directory)  # somebody was quicker
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(run.directory, SOCKET))  # of one that was killed
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            with address(run.directory) as path:
                listener.bind(path)
            listener.listen(512)
            _fork(listener, run, keeper)
        return connect(run.directory)
    finally:
        os.close(descriptor)


def _fork(listener: socket.socket, run: Run, keeper: Keeper) -> None:
    """Start the broker as a grandchild that nobody has to wait for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads: the child uses none of their locks
        child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        os.setsid()  # Ctrl-C is for the run; the broker sees it end and gives back what was lent
        if os.fork() == 0:
            _become_broker(listener, run, keeper)
    finally:
        os._exit(0)


def _become_broker(listener: socket.socket, run: Run, keeper: Keeper) -> NoReturn:
    """Let go of everything that was inherited but the listener, then serve until the run ends."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _let_go({listener.fileno()})
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(*_NOT_DUMPABLE)
        serve(listener, run.main, keeper)
        keeper.close()
    finally:
        os._exit(0)


def _let_go(keep: set[int]) -> None:
    """Put /dev/null in the place of every open file: what still writes to one of their numbers does no harm, and no pipe is held open."""
    null = os.open(os.devnull, os.O_RDWR)
    try:
        numbers = [int(name) for name in os.listdir("/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd")]
    except OSError:
        numbers = [0, 1, 2]
    for number in numbers:
        if number != null and number not in keep:
            with contextlib.suppress(OSError):
                os.dup2(null, number)
    sys.stdin, sys.stdout, sys.stderr = (open(os.devnull, mode, encoding="utf-8") for mode in ("r", "w", "w"))  # noqa: SIM115
    logging.disable(logging.CRITICAL)
    display = Display()
    display._final_q = None  # it would send to a queue that belongs to the worker
    display._lock = threading.RLock()  # another thread may have held it when this process was forked


def serve(listener: socket.socket, main: int, keeper: Keeper) -> None:
    """Answer everybody of this user until the process `main` has ended."""
    listener.setblocking(False)
    with selectors.DefaultSelector() as selector, contextlib.ExitStack() as stack:
        selector.register(listener, selectors.EVENT_READ)
        watched = _watched(main)
        if watched is not None:
            stack.callback(os.close, watched)
            selector.register(watched, selectors.EVENT_READ)
        while True:
            ready = {key.fd for key, _events in selector.select(None if watched is not None else 1.0)}
            if watched in ready or (watched is None and not _alive(main)):
                return
            if listener.fileno() in ready:
                with contextlib.suppress(OSError):
                    connection, _address = listener.accept()
                    connection.setblocking(True)
                    threading.Thread(target=_converse, args=(connection, keeper), daemon=True).start()


def _watched(main: int) -> int | None:
    """Return a descriptor that becomes readable when a process ends (pidfd_open(2)), None where the system has none."""
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(main)
    except OSError:
        return None


def _alive(main: int) -> bool:
    try:
        os.kill(main, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _converse(connection: socket.socket, keeper: Keeper) -> None:
    """Answer one worker until it goes."""
    with connection, contextlib.suppress(ConnectionError, OSError, ValueError, Refused):
        refuse_others(connection)
        while True:
            question = receive(connection)
            send(connection, {"pid": os.getpid(), "answers": _performed(keeper, question)})


def _performed(keeper: Keeper, question: Mapping[str, Any]) -> list[dict[str, Any]]:
    context = Context(question["backends"], question["inventory"])
    if question["action"] == "replace":
        return [asdict(keeper.replace(question["texts"][0], base64.b64decode(question["value"]), context))]
    if question["action"] == "ages":
        return [asdict(age) for age in keeper.ages(question["texts"], context)]
    if question["action"] == "refresh":
        return [_written(answer) for answer in keeper.refresh(question["texts"], context)]
    return [_written(answer) for answer in keeper.ask(question["texts"], context, question["check_mode"])]


def _written(answer: Answer) -> dict[str, Any]:
    value = None if answer.value is None else base64.b64encode(answer.value).decode()
    return {**asdict(answer), "value": value}


def _read(answer: dict[str, Any]) -> Answer:
    return Answer(**{**answer, "value": None if answer["value"] is None else base64.b64decode(answer["value"])})


class Client:
    """Asks the broker of the run, over one connection for each process."""

    def __init__(self) -> None:
        self._connection: socket.socket | None = None
        self._owner: tuple[int, str] = (0, "")
        self._lock = threading.Lock()
        self.broker = 0  # the process that answered last

    def ask(self, texts: Sequence[str], context: Context, check_mode: bool, keeper: Keeper) -> list[Answer]:
        """Return an answer to each reference. keeper: what a broker that has to be started keeps them with."""
        return [_read(one) for one in self._exchange("ask", texts, context, keeper, check_mode=check_mode)]

    def ages(self, texts: Sequence[str], context: Context, keeper: Keeper) -> list[Age]:
        """Return when each secret got its value."""
        return [Age(**one) for one in self._exchange("ages", texts, context, keeper)]

    def refresh(self, texts: Sequence[str], context: Context, keeper: Keeper) -> list[Answer]:
        """Return what the stores have now, and have the broker keep that."""
        return [_read(one) for one in self._exchange("refresh", texts, context, keeper)]

    def replace(self, text: str, value: bytes, context: Context, keeper: Keeper) -> Age:
        """Write a new version of a secret that is there, and have the broker forget the old one."""
        return Age(**self._exchange("replace", [text], context, keeper, value=base64.b64encode(value).decode())[0])

    def _exchange(self, action: str, texts: Sequence[str], context: Context, keeper: Keeper, **more: Any) -> list[dict[str, Any]]:
        question = {"action": action, "texts": list(texts), "backends": context.backends, "inventory": context.inventory, **more}
        with self._lock:
            for attempt in range(3):
                try:
                    connection = self._connected(keeper)
                    send(connection, question)
                    answer = receive(connection)
                    self.broker = answer["pid"]
                    answers: list[dict[str, Any]] = answer["answers"]
                    return answers
                except (ConnectionError, BrokenPipeError):
                    self._drop()  # it was killed, so the next attempt starts another one
                    if attempt == 2:
                        raise
        raise AssertionError("the last attempt returns or raises")

    def stop(self) -> None:
        """End the broker that answered last, before its run ends: for tests and measurements."""
        self._drop()
        if self.broker:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.broker, signal.SIGTERM)
            self.broker = 0

    def _connected(self, keeper: Keeper) -> socket.socket:
        run = Run.current()
        owner = (os.getpid(), run.directory)
        if self._connection is None or self._owner != owner:
            self._drop()  # a worker inherits the main process's, which is not for two
            self._connection, self._owner = connected(run, keeper), owner
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
