"""One HTTP/1.1 connection: a request at a time, answers parsed by httptools."""

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import httptools

from golive.drivers.load.reply import Reply

if TYPE_CHECKING:
    from golive.drivers.load.visit import Visit

REVISION = b"x-golive-revision"
COOKIE = b"set-cookie"
LENGTHS = (b"content-length", b"transfer-encoding")
NOTED = frozenset(len(name) for name in (REVISION, COOKIE, *LENGTHS))
FINAL_CODE = 200  # those below announce another answer
MOST_BYTES = 64 * 1024 * 1024  # of one answer
MOST_KEPT = 64 * 1024  # bytes of an answer that values are captured from
MOST_REVISION = 80  # characters


@dataclass(eq=False, slots=True)
class Exchange:
    """One request on its way. `is_over` once it was counted: whatever comes later is nobody's."""

    due_ns: int  # on the monotonic clock
    interval: int
    name: int
    request: bytes
    repeatable: bool = True  # it may be sent twice
    visit: "Visit | None" = None  # whose next request depends on the answer
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

    def answered(self, exchange: Exchange, reply: Reply) -> None: ...
    def died(self, exchange: Exchange, death: Death) -> None: ...
    def rest(self, connection: "Connection") -> None: ...
    def closed(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """Sends one exchange after the other. Bytes that nobody asked for close it."""

    __slots__ = (
        "_began",
        "_body",
        "_bytes",
        "_cookies",
        "_is_measured",
        "_parser",
        "_revision",
        "_served",
        "_transport",
        "_until_close",
        "exchange",
        "listener",
        "received",
    )

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.exchange: Exchange | None = None
        self.received = 0  # bytes, of all answers
        self._transport: asyncio.Transport | None = None
        self._served = 0
        self._bytes = 0  # of this answer
        self._began = False  # the first byte of this answer has come
        self._is_measured = False  # its header says where the answer ends
        self._until_close = False  # its header is whole and does not: the answer ends with the connection
        self._revision = ""
        self._cookies: list[bytes] = []
        self._body = b""

    def send(self, exchange: Exchange) -> None:
        """Send the request; the listener hears of its end."""
        self.exchange, exchange.connection = exchange, self
        self._began = self._until_close = False
        self._bytes = 0
        self._transport.write(exchange.request)  # type: ignore[union-attr]

    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def abort(self) -> None:
        """Drop it, and the exchange on it, without a word."""
        self.exchange = None
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._parser = httptools.HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        if not self.exchange:
            self.abort()
            return
        self._began = True
        self._bytes += len(data)
        self.received += len(data)
        if self._bytes > MOST_BYTES:
            self._die(f"an answer of more than {MOST_BYTES >> 20} MiB")
            self.abort()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._die("no HTTP: it changes the protocol")
            self.abort()
        except httptools.HttpParserError as error:
            self._die(f"no HTTP: {str(error)[:80]}")
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self.exchange and self._until_close and not exc:
            self._finish()
        self._die(_cause(exc, self._began))
        self.listener.closed(self)

    def on_message_begin(self) -> None:
        self._is_measured, self._revision = False, ""
        if self._cookies or self._body:
            self._cookies, self._body = [], b""

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(name) not in NOTED:
            return
        name = name.lower()
        if name in LENGTHS:
            self._is_measured = True
        elif name == REVISION:
            self._revision = value[:MOST_REVISION].decode("latin-1")
        elif name == COOKIE and self.exchange and self.exchange.visit:
            self._cookies.append(value)

    def on_headers_complete(self) -> None:
        self._until_close = not self._is_measured and self._parser.get_status_code() >= FINAL_CODE

    def on_body(self, body: bytes) -> None:
        exchange = self.exchange
        if exchange and exchange.visit and len(self._body) < MOST_KEPT:
            self._body += body

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() < FINAL_CODE:
            return
        keeps = self._parser.should_keep_alive()
        self._finish()
        if self._transport is None or self.exchange:
            return
        if keeps and not self._transport.is_closing():
            self.listener.rest(self)
        else:
            self._transport.close()

    def _finish(self) -> None:
        exchange, self.exchange = self.exchange, None
        self._served += 1
        if exchange:
            code = self._parser.get_status_code()
            self.listener.answered(exchange, Reply(code, self._revision, tuple(self._cookies), self._body))

    def _die(self, cause: str) -> None:
        exchange, self.exchange = self.exchange, None
        if exchange:
            self.listener.died(exchange, Death(cause, is_stale=self._served > 0 and not self._began))


def _cause(error: Exception | None, began: bool) -> str:
    where = "in mid-answer" if began else "before the answer"
    if isinstance(error, OSError) and error.errno:
        return f"{os.strerror(error.errno).lower()} {where}"
    return f"closed {where}"
