"""One HTTP/1.1 connection: a request at a time, answers parsed by httptools."""

import asyncio
import os
from dataclasses import dataclass, field
from typing import Protocol

import httptools

REVISION = b"x-golive-revision"
FINAL_CODE = 200  # those below announce another answer


@dataclass(eq=False, slots=True)
class Exchange:
    """One request on its way. `is_over` once it was counted: whatever comes later is nobody's."""

    due_ns: int  # on the monotonic clock
    path: str
    request: bytes
    retried: bool = False
    is_over: bool = False
    connection: "Connection | None" = None


@dataclass(frozen=True, slots=True)
class Death:
    """How a connection ended under a request."""

    cause: str
    is_stale: bool  # a kept connection, and not one byte of the answer: the server had closed it


class Listener(Protocol):
    """Who hears what becomes of the requests."""

    def answered(self, exchange: Exchange, code: int, revision: str) -> None: ...
    def died(self, exchange: Exchange, death: Death) -> None: ...
    def rest(self, connection: "Connection") -> None: ...
    def closed(self, connection: "Connection") -> None: ...


@dataclass(eq=False)
class Connection(asyncio.Protocol):
    """Sends one exchange after the other. Bytes that nobody asked for close it."""

    listener: Listener
    exchange: Exchange | None = None
    _transport: asyncio.Transport | None = None
    _served: int = 0
    _revision: str = ""
    _began: bool = False  # the first byte of this answer has come
    _is_measured: bool = False  # its header says where the answer ends
    _until_close: bool = False  # its header is whole and does not: the answer ends with the connection
    _parser: "httptools.HttpResponseParser" = field(init=False)

    def send(self, exchange: Exchange) -> None:
        """Send the request; the listener hears of its end."""
        assert self._transport
        self.exchange, exchange.connection = exchange, self
        self._began, self._until_close = False, False
        self._transport.write(exchange.request)

    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def abort(self) -> None:
        """Drop it, and the exchange on it, without a word."""
        self.exchange = None
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._parser = httptools.HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        if not self.exchange:
            self.abort()
            return
        self._began = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._die(f"no HTTP: {error}")
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self.exchange and self._until_close and not exc:
            self._finish()
        self._die(_cause(exc, self._began))
        self.listener.closed(self)

    def on_message_begin(self) -> None:
        self._is_measured, self._revision = False, ""

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name == REVISION:
            self._revision = value.decode("latin-1")
        elif name in (b"content-length", b"transfer-encoding"):
            self._is_measured = True

    def on_headers_complete(self) -> None:
        self._until_close = not self._is_measured and self._code() >= FINAL_CODE

    def on_message_complete(self) -> None:
        if self._code() < FINAL_CODE:
            return
        keeps = self._parser.should_keep_alive()
        self._finish()
        if keeps and self.is_open():
            self.listener.rest(self)
        elif self._transport:
            self._transport.close()

    def _code(self) -> int:
        return int(self._parser.get_status_code())

    def _finish(self) -> None:
        exchange, self.exchange = self.exchange, None
        self._served += 1
        if exchange:
            self.listener.answered(exchange, self._code(), self._revision)

    def _die(self, cause: str) -> None:
        exchange, self.exchange = self.exchange, None
        if exchange:
            self.listener.died(exchange, Death(cause, is_stale=self._served > 0 and not self._began))


def _cause(error: Exception | None, began: bool) -> str:
    where = "in mid-answer" if began else "before the answer"
    if isinstance(error, OSError) and error.errno:
        return f"{os.strerror(error.errno).lower()} {where}"
    return f"closed {where}"
