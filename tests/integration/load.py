# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python3 load.py PORT RATE STOP`: ask 127.0.0.1:PORT for / at RATE requests a second until the file STOP is there, 120 s at most.

Half of the clients keep their connection, half make a new one for each request. Prints what came of it as JSON. Runs in a host of the
lab, on its Python alone. A kept connection that the server has closed is made anew before the next request. A request that meets the
closing on its way is sent once more, as RFC 9110 section 9.2.2 has clients do; how often that was is told (`again`). Anything else but a
whole answer of status 200 is lost.
"""

from __future__ import annotations

import asyncio
import collections
import json
import os
import sys
import time

CLIENTS = 16
LONGEST = 120
PATIENCE = 10


class Client:
    """One client, with a connection that it keeps or not."""

    def __init__(self, port, keeps, count):
        self.port, self.keeps, self.count = port, keeps, count
        self.connection = None

    async def ask(self):
        """Make one request and count what came of it."""
        if self.connection and self.connection[0].at_eof():
            self.drop()
        reused = self.connection is not None
        try:
            try:
                body = await asyncio.wait_for(self.exchange(), PATIENCE)
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                self.drop()
                if not reused or getattr(error, "partial", b""):
                    raise
                self.count["again"] += 1
                body = await asyncio.wait_for(self.exchange(), PATIENCE)
            self.count["answered"] += 1
            self.count["body " + body] += 1
        except Exception as error:
            self.drop()
            self.count["lost %s: %s" % (type(error).__name__, error)] += 1

    def drop(self):
        """Forget the connection."""
        if self.connection:
            self.connection[1].close()
        self.connection = None

    async def exchange(self):
        """Send a request and return the body of the answer."""
        if self.connection is None:
            self.connection = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.connection
        kept = "keep-alive" if self.keeps else "close"
        writer.write(("GET / HTTP/1.1\r\nHost: load\r\nConnection: %s\r\n\r\n" % kept).encode())
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        status = head.split()[1]
        length = int(head.partition("content-length:")[2].split()[0])
        body = await reader.readexactly(length)
        if status != "200":
            raise ValueError("status %s" % status)
        if not self.keeps or "connection: close" in head:
            self.drop()
        return body.decode().strip()


async def run(port, rate, stop):
    """Load until the file is there."""
    count = collections.Counter()
    begun = time.monotonic()

    async def work(number):
        client = Client(port, number % 2 == 0, count)
        due = begun + number / rate
        while not os.path.exists(stop) and time.monotonic() < begun + LONGEST:
            await asyncio.sleep(max(0, due - time.monotonic()))
            await client.ask()
            due += CLIENTS / rate
        client.drop()

    await asyncio.gather(*(work(number) for number in range(CLIENTS)))
    seconds = time.monotonic() - begun
    answered = count.pop("answered", 0)
    bodies = {name[5:]: value for name, value in count.items() if name.startswith("body ")}
    lost = {name[5:]: value for name, value in count.items() if name.startswith("lost ")}
    return {"answered": answered, "rate": answered / seconds, "again": count["again"], "lost": lost, "bodies": bodies}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]))))
