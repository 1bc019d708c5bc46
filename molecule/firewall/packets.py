# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send real packets through the firewall of a host, from a network namespace on it that is a foreign host to the firewall.

setup, teardown                 the namespace, its addresses, and who listens on the host and in it
send '[[FROM, TO, PORT], …]'    what becomes of connections, one word each: open, refused, unreachable, silent; u in front of PORT: UDP
flood FROM TO PORT COUNT        how many of COUNT connections at once come about
session NAME FROM TO PORT       start a connection that is used ten times a second until it breaks
alive NAME                      whether it goes on
"""

from __future__ import annotations

import errno
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SPACE, HOST_SIDE, SIDE = "outside", "outside0", "inside0"
HOST = ["192.0.2.1/24", "198.51.100.1/24", "2001:db8::1/64", "2001:db9::1/64"]
FOREIGN = ["192.0.2.10/24", "192.0.2.20/24", "198.51.100.10/24", "198.51.100.66/24"]
FOREIGN += ["2001:db8::10/64", "2001:db8::20/64", "2001:db9::10/64", "2001:db9::66/64"]
TCP, UDP = [8443, 8444, 8445, 8446, 9100, 9102, 9103], [5353]
OUTCOMES = {errno.ECONNREFUSED: "refused", errno.EHOSTUNREACH: "unreachable", errno.EACCES: "unreachable"}
STATE = Path("/run/packets")


def run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def inside(*words: str) -> list[str]:
    return ["ip", "netns", "exec", SPACE, *words]


def family_of(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def background(name: str, *words: str) -> None:
    run("systemd-run", "--quiet", "--collect", f"--unit=packets-{name}", *words)


def wait(done: Callable[[], bool], seconds: float = 30) -> bool:
    """Wait until something is so, at most for some seconds, and tell whether it is: the machine may be busy."""
    until = time.monotonic() + seconds
    while not (so := done()) and time.monotonic() < until:
        time.sleep(0.2)
    return so


def setup() -> None:
    STATE.mkdir(exist_ok=True)
    # The engine closes /proc/sys and switches IPv6 off where its network has none.
    run("mount", "-o", "remount,rw", "/proc/sys")
    Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("0", encoding="ascii")
    run("ip", "netns", "add", SPACE)
    run("ip", "link", "add", HOST_SIDE, "type", "veth", "peer", "name", SIDE, "netns", SPACE)
    for words, link, addresses in (([], HOST_SIDE, HOST), (inside(), SIDE, FOREIGN)):
        for address in addresses:
            run(*words, "ip", "address", "add", address, "dev", link, *(["nodad"] if ":" in address else []))
        run(*words, "ip", "link", "set", link, "up")
    run(*inside("ip", "link", "set", "lo", "up"))
    Path(STATE / "packets.py").write_bytes(Path(__file__).read_bytes())
    background("host", sys.executable, str(STATE / "packets.py"), "serve")
    background("foreign", *inside(sys.executable, str(STATE / "packets.py"), "serve"))
    wait(lambda: outcome("", "::1", str(TCP[-1])) == "open")


def teardown() -> None:
    subprocess.run(["systemctl", "stop", "packets-*"], check=False)
    subprocess.run(["ip", "netns", "delete", SPACE], check=False)
    # The interface goes with the namespace, a moment later: the next test shall not meet it.
    subprocess.run(["ip", "link", "delete", HOST_SIDE], check=False, capture_output=True)
    Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1", encoding="ascii")
    subprocess.run(["mount", "-o", "remount,ro", "/proc/sys"], check=False, capture_output=True)
    subprocess.run(["rm", "-rf", str(STATE)], check=False)


def echo(connection: socket.socket) -> None:
    try:
        while data := connection.recv(100):
            connection.sendall(data)
    except OSError:
        pass
    connection.close()


def listen(port: int) -> None:
    with socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=500) as server:
        while True:
            threading.Thread(target=echo, args=(server.accept()[0],), daemon=True).start()


def answer(port: int) -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as server:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        server.bind(("::", port))
        while True:
            data, peer = server.recvfrom(100)
            server.sendto(data, peer)


def serve() -> None:
    for target, ports in ((listen, TCP), (answer, UDP)):
        for port in ports:
            threading.Thread(target=target, args=(port,), daemon=True).start()
    threading.Event().wait()


def outcome(source: str, target: str, port: str, patience: float = 8) -> str:
    """Return what becomes of one connection or datagram."""
    kind = socket.SOCK_DGRAM if port.startswith("u") else socket.SOCK_STREAM
    with socket.socket(family_of(target), kind) as one:
        one.settimeout(patience)
        if source:
            one.bind((source, 0))
        try:
            one.connect((target, int(port.lstrip("u"))))
            if port != "22":  # sshd itself sends some of many away
                one.sendall(b"x")
                one.recv(1)
        except TimeoutError:
            return "silent"
        except OSError as error:
            return OUTCOMES.get(error.errno or 0, str(error))
        return "open"


def send(asked: str) -> None:
    """Print the outcomes. A connection to an address of the host is made from outside, any other from the host."""
    own = {address.partition("/")[0] for address in HOST}
    wanted = json.loads(asked)
    outside = [one for one in wanted if one[1] in own]
    if outside and len(sys.argv) == 3:
        said = run(*inside(sys.executable, __file__, "send", json.dumps(outside), "here"))
        answers = iter(json.loads(said))
    with ThreadPoolExecutor(16) as pool:
        local = [None if one in outside and len(sys.argv) == 3 else pool.submit(outcome, one[0], one[1], str(one[2])) for one in wanted]
    print(json.dumps([next(answers) if one is None else one.result() for one in local]))


def flood(source: str, target: str, port: str, count: str) -> None:
    if len(sys.argv) == 6:
        print(run(*inside(sys.executable, __file__, "flood", source, target, port, count, "here")).strip())
        return
    with ThreadPoolExecutor(int(count)) as pool:
        found = list(pool.map(lambda _number: outcome(source, target, port, 2), range(int(count))))
    print(found.count("open"))


def session(name: str, source: str, target: str, port: str) -> None:
    background(f"session-{name}", *inside(sys.executable, str(STATE / "packets.py"), "use", name, source, target, port))
    wait((STATE / name).exists)
    alive(name)


def use(name: str, source: str, target: str, port: str) -> None:
    with socket.socket(family_of(target)) as one:
        one.bind((source, 0))
        one.settimeout(30)
        one.connect((target, int(port)))
        number = 0
        while True:
            one.sendall(b"x")
            if one.recv(1) != b"x":
                sys.exit("the peer has closed the connection")
            number += 1
            (STATE / name).write_text(str(number), encoding="ascii")
            time.sleep(0.1)


def alive(name: str) -> None:
    """Exit with an error where the session does not go on."""
    before = exchanges(name)
    if not wait(lambda: exchanges(name) >= before + 5):
        sys.exit(f"the session {name} stands still after {before} exchanges")
    print(before)


def exchanges(name: str) -> int:
    return int((STATE / name).read_text(encoding="ascii") or 0)


if __name__ == "__main__":
    globals()[sys.argv[1]](*(word for word in sys.argv[2:] if word != "here"))
