"""A server for load tests that does whatever the test says, connection by connection."""

import asyncio
import contextlib
from contextlib import asynccontextmanager

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nX-Golive-Revision: abc\r\n\r\nok"


@asynccontextmanager
async def server(talk, **more):
    """`talk(reader, writer, number)` serves connection `number`, counted from 0."""
    numbers = iter(range(10**9))
    writers = []

    async def serve(reader, writer):
        writers.append(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await talk(reader, writer, next(numbers))
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, **more)
    try:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    finally:
        listener.close()
        for writer in writers:
            writer.transport.abort()


async def request(reader):
    return (await reader.readuntil(b"\r\n\r\n")).decode()


def answering(answer):
    async def talk(reader, writer, number):
        while True:
            await request(reader)
            writer.write(answer)

    return talk
