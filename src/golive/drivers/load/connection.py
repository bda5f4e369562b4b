"""One keep-alive HTTP/1.1 connection; parsing is httptools' work."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

import httptools


@dataclass
class Sent:
    """A request on its way."""

    due: float  # loop time at which it was to leave
    content: bytes
    again: bool = False  # it was sent once before, on a connection that had just died


class Owner(Protocol):
    """Who hears how requests ended."""

    def answered(self, sent: Sent, code: int, revision: str, connection: "Connection") -> None: ...

    def broke(self, sent: Sent, connection: "Connection", *, untouched: bool, cause: str) -> None: ...

    def gone(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """Sends one request at a time and tells its owner how it ended."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.sent: Sent | None = None
        self.reused = False
        self._transport: asyncio.Transport | None = None
        self._touched = False  # a byte of the present answer has come
        self._revision = ""
        self._parser = httptools.HttpResponseParser(self)

    def send(self, sent: Sent) -> None:
        assert self._transport
        self.sent, self._touched, self._revision = sent, False, ""
        self._transport.write(sent.content)

    def close(self) -> None:
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._touched = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._break(f"garbage: {error}")
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.owner.gone(self)
        self._break(type(exc).__name__ if exc else "closed by the server")

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"x-golive-revision":
            self._revision = value.decode("latin-1")

    def on_message_complete(self) -> None:
        sent, self.sent = self.sent, None
        code, keeps = self._parser.get_status_code(), self._parser.should_keep_alive()
        self._parser = httptools.HttpResponseParser(self)
        self.reused = True
        if not keeps:
            self.owner.gone(self)
        if sent:
            self.owner.answered(sent, code, self._revision, self)
        if not keeps:
            self.close()

    def _break(self, cause: str) -> None:
        sent, self.sent = self.sent, None
        if sent:
            self.owner.broke(sent, self, untouched=not self._touched, cause=cause)
