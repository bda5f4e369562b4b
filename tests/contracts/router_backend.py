"""A tiny instance for router tests: `python router_backend.py PORT NAME`. Answers with its name.

/health → 200, or 503 between /sicken and /heal · /slow → after 0.5 s · /bad → 500 · anything else → 200.
"""

import asyncio
import sys

PORT, NAME = int(sys.argv[1]), sys.argv[2]
SICK: list[bool] = []


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = next(
                (int(x[15:]) for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:")), 0
            )
            await reader.readexactly(length)
            code = await answer(head.split(b" ", 2)[1])
            body = f"{NAME} {PORT}".encode()
            writer.write(b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n%s" % (code, len(body), body))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def answer(path: bytes) -> int:
    if path == b"/slow":
        await asyncio.sleep(0.5)
    if path == b"/sicken":
        SICK.append(True)
    if path == b"/heal":
        SICK.clear()
    return 500 if path == b"/bad" else 503 if path == b"/health" and SICK else 200


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", PORT)
    print("ready", flush=True)
    await server.serve_forever()


asyncio.run(main())
