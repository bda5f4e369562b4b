"""A small HTTP/1.1 server: keep-alive, pipelining in order, and a stop that loses no request that has begun.

Standard library only. It reads requests with a `content-length` body (no chunked ones), up to 64 KiB.
"""

import asyncio
import contextlib
import json
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

MOST_BYTES = 64 * 1024
LINGER_S = 0.2  # after SIGTERM: for requests that are already on their way on kept connections
JSON_TYPE = "application/json"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a client asks. `closes`: it wants the connection closed after the answer."""

    method: str
    path: str
    body: bytes
    closes: bool


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the client gets, `delay_s` seconds later."""

    code: int = 200
    body: bytes = b""
    content_type: str = JSON_TYPE
    delay_s: float = 0.0


Respond = Callable[[Request], Answer]


class Malformed(ValueError):
    """These bytes are no request that this server reads."""


def in_json(value: object, *, code: int = 200, delay_s: float = 0.0) -> Answer:
    """`value` as an answer."""
    return Answer(code=code, body=json.dumps(value).encode() + b"\n", delay_s=delay_s)


def take(buffer: bytearray) -> Request | None:
    """Remove the first whole request from `buffer`; None while it is not all there."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0 and len(buffer) <= MOST_BYTES:
        return None
    first, *lines = bytes(buffer[: max(end, 0)]).decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = headers.get("content-length", "0")
    method, path, version = (*first.split(" "), "", "", "")[:3]
    if not version.startswith("HTTP/1.") or not length.isdigit() or "transfer-encoding" in headers:
        raise Malformed(first)
    if int(length) > MOST_BYTES:
        raise Malformed("the body is too long")
    start, stop = end + 4, end + 4 + int(length)
    if len(buffer) < stop:
        return None
    body = bytes(buffer[start:stop])
    del buffer[:stop]
    asked = headers.get("connection", "keep-alive" if version == "HTTP/1.1" else "close")
    return Request(method=method, path=path, body=body, closes=asked.lower() == "close")


def to_bytes(answer: Answer, *, closes: bool) -> bytes:
    """The answer as it goes over the wire."""
    head = (
        f"HTTP/1.1 {answer.code} {HTTPStatus(answer.code).phrase}\r\n"
        f"content-type: {answer.content_type}\r\ncontent-length: {len(answer.body)}\r\n"
    )
    return (head + ("connection: close\r\n\r\n" if closes else "\r\n")).encode() + answer.body


@dataclass(eq=False)
class Server:
    """The open connections, and whether it is time to end."""

    respond: Respond
    stopping: bool = False
    connections: set["Connection"] = field(default_factory=set)
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, port: int) -> None:
        """Serve on 127.0.0.1 until SIGTERM or SIGINT, then answer what was begun and return."""
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ended.set)
        listener = await loop.create_server(lambda: Connection(self), "127.0.0.1", port, backlog=1024)
        await ended.wait()
        listener.close()
        self.stopping = True
        await asyncio.sleep(LINGER_S)
        while any(connection.is_answering for connection in self.connections):
            self.answered.clear()
            await self.answered.wait()
        for connection in list(self.connections):
            connection.close()


@dataclass(eq=False)
class Connection(asyncio.Protocol):
    """One client's connection: requests are answered one after the other."""

    server: Server
    is_answering: bool = False
    _buffer: bytearray = field(default_factory=bytearray)
    _transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_answering = False
        self._transport = None
        self.server.connections.discard(self)
        self.server.answered.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._next()

    def close(self) -> None:
        """Close when what was written has been sent."""
        if self._transport:
            self._transport.close()

    def _next(self) -> None:
        """Answer the next whole request, unless one is being answered."""
        if self.is_answering or not self._transport or self._transport.is_closing():
            return
        try:
            request = take(self._buffer)
        except Malformed as error:
            self._send(in_json({"error": f"not a request: {error}"}, code=400), closes=True)
            return
        if not request:
            return
        answer = self.server.respond(request)
        self.is_answering = True
        if answer.delay_s:
            loop = asyncio.get_running_loop()
            loop.call_later(answer.delay_s, self._send, answer, request.closes)
        else:
            self._send(answer, closes=request.closes)

    def _send(self, answer: Answer, closes: bool) -> None:
        self.is_answering = False
        self.server.answered.set()
        if not self._transport:  # the client has left
            return
        closes = closes or self.server.stopping
        self._transport.write(to_bytes(answer, closes=closes))
        if closes:
            self._transport.close()
        elif self._buffer:
            asyncio.get_running_loop().call_soon(self._next)


def serve(respond: Respond, port: int) -> None:
    """Serve `respond` until SIGTERM."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(Server(respond).run(port))
