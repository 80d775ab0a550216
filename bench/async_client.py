"""Many requests at once from one thread; connections are kept and taken again."""

import asyncio
import re

# Stripe waits about as long for an acknowledgement, in seconds.
PATIENCE = 20
# What no right answer came to took longer than anything else.
NEVER = float(PATIENCE)
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


async def read_answer(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    if CHUNKED.search(head):
        parts = []
        while size := int(await reader.readline(), 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readexactly(2)
        return int(head[9:12]), b"".join(parts)
    length = LENGTH.search(head)
    return int(head[9:12]), await reader.readexactly(int(length.group(1)) if length else 0)


class AsyncClient:
    def __init__(self, port):
        self._port, self._idle = port, []

    async def send(self, method, path, body=b"", headers=None):
        """Status and body of the answer; status 0 where none came, which is not tried again here."""
        lines = [f"{method} {path} HTTP/1.1", f"host: 127.0.0.1:{self._port}", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._ask("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        except (OSError, EOFError, TimeoutError):
            return 0, b""

    async def _ask(self, request):
        reader, writer = await self._connection()
        try:
            writer.write(request)
            answer = await read_answer(reader)
        except BaseException:
            writer.close()
            raise
        self._idle.append((reader, writer))
        return answer

    async def _connection(self):
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self._port)

    async def get(self, path, headers=None):
        return await self.send("GET", path, headers=headers)

    def close(self):
        for _, writer in self._idle:
            writer.close()
