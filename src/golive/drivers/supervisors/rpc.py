"""One question to a supervisord: XML-RPC over its unix socket, bounded in time."""

import http.client
import socket
import xmlrpc.client
from enum import IntEnum
from pathlib import Path
from typing import Any

from golive.errors import Failure

PATIENCE = 10.0  # seconds, for one question


class Fault(IntEnum):
    """Answers of supervisord that we expect (supervisor.xmlrpc.Faults)."""

    SHUTTING_DOWN = 6
    BAD_NAME = 10
    SPAWN_ERROR = 50
    ALREADY_STARTED = 60
    NOT_RUNNING = 70
    ALREADY_ADDED = 90
    STILL_RUNNING = 91


class NotRunning(Exception):
    """Nobody listens on the socket."""


def call(address: Path, method: str, *arguments: str | bool, fine: tuple[Fault, ...] = ()) -> Any:
    """Call `method` and return its answer; None when supervisord answers with one of the faults in `fine`.

    Raises `NotRunning`, and `Failure` for any other fault or when no answer comes in time.
    """
    line = _Line(address)
    try:
        body = xmlrpc.client.dumps(arguments, f"supervisor.{method}").encode()
        line.request("POST", "/RPC2", body, {"Content-Type": "text/xml"})
        return xmlrpc.client.loads(line.getresponse().read())[0][0]
    except xmlrpc.client.Fault as fault:
        if fault.faultCode in fine:
            return None
        raise _refused(address, method, fault.faultString) from fault
    except (FileNotFoundError, ConnectionError, http.client.HTTPException) as error:
        raise NotRunning(str(error)) from error
    except OSError as error:
        raise _silent(address, error) from error
    finally:
        line.close()


def order(address: Path, method: str, *arguments: str | bool, fine: tuple[Fault, ...] = ()) -> Any:
    """The same, where it must be running: that nobody listens is a `Failure` too."""
    try:
        return call(address, method, *arguments, fine=fine)
    except NotRunning as error:
        raise _refused(address, method, f"it ended meanwhile: {error}") from error


class _Line(http.client.HTTPConnection):
    def __init__(self, address: Path) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(str(self._address))


def _refused(address: Path, method: str, why: str) -> Failure:
    return Failure(
        where=str(address),
        what=f"the supervisor did not do it ({method})",
        why=why,
        next="try again; its log is supervisord.log in the folder of the environment's supervisor",
    )


def _silent(address: Path, error: OSError) -> Failure:
    return Failure(
        where=str(address),
        what="the supervisor does not answer",
        why=str(error) or f"no answer within {PATIENCE:g} s",
        next="see what it waits for (supervisord.log); instances go on serving when you end it with kill -9",
    )
