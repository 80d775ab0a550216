"""Somebody who means no good: raw requests from addresses of the loopback network, each a client of its own to the shop."""

import asyncio

from async_client import read_answer

# What takes longer counts as no answer, in seconds.
PATIENCE = 20


class Stranger:
    """One client address."""

    def __init__(self, port, number):
        self._port, self.number = port, number
        self.address = f"127.0.{1 + number // 250}.{1 + number % 250}"

    async def connect(self):
        return await asyncio.open_connection("127.0.0.1", self._port, local_addr=(self.address, 0))

    async def repeat(self, requests, until):
        """Sends one request after the other, each on the connection of the last as long as it is kept; answers how many of which status."""
        statuses, connection, loop = {}, None, asyncio.get_running_loop()
        for request in requests:
            if loop.time() >= until:
                break
            status = 0
            try:
                async with asyncio.timeout(PATIENCE):
                    connection = connection or await self.connect()
                    connection[1].write(request)
                    status, _ = await read_answer(connection[0])
            except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
                if connection:
                    connection[1].close()
                connection = None
                # Whoever is turned away at the door tries again, and not without end at once.
                await asyncio.sleep(0.01)
            statuses[status] = statuses.get(status, 0) + 1
        if connection:
            connection[1].close()
        return statuses

    async def hold(self, beginning, until):
        """Sends all of a request but its end, then a byte each second, again and again; answers how often."""
        n, loop = 0, asyncio.get_running_loop()
        while loop.time() < until:
            writer = None
            try:
                async with asyncio.timeout(PATIENCE):
                    reader, writer = await self.connect()
                    writer.write(beginning)
                    await writer.drain()
                n += 1
                while loop.time() < until and not reader.at_eof():
                    writer.write(b"a")
                    await writer.drain()
                    try:
                        await asyncio.wait_for(reader.read(1024), 1)
                    except TimeoutError:
                        pass
            except (OSError, TimeoutError):
                await asyncio.sleep(0.1)
            finally:
                if writer:
                    writer.close()
        return {"held": n}


def get(target, headers=""):
    return f"GET {target} HTTP/1.1\r\nhost: 127.0.0.1\r\n{headers}\r\n".encode()


def post(target, body, headers="", length=None):
    """A request with its body; with a length of its own it is one that never ends."""
    head = f"POST {target} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {length or len(body)}\r\n{headers}\r\n"
    return head.encode() + body
