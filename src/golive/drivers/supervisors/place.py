"""The folder of one supervisord, and what is in it.

supervisord.conf   written by us from programs/, read by supervisord; no word of an operator is in it
supervisord.log    what supervisord did; .pid, .out: its pid, and what it said before it had a log
daemon.run         pid and birth of the supervisord that was started last
control.sock       XML-RPC; elsewhere when the path is too long for a socket
programs/NAME.json what to run, secrets included: 0600, removed with the program
programs/NAME.run  who runs it (see `launch`)
lock               held while programs or supervisord come and go
"""

import fcntl
import hashlib
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from golive.drivers.supervision import Program
from golive.drivers.supervisors.launch import read_json, write_private
from golive.errors import Exit, Failure

LONGEST_SOCKET = 90  # bytes; sun_path takes 104 to 108, and supervisord binds NAME.PID first
SHORT_ROOT = Path("/tmp")  # not TMPDIR, which differs from shell to shell
NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
LOCK_PATIENCE = 60.0  # seconds; nobody holds it longer than supervisord takes to start
BACKSTOP = timedelta(hours=1)  # golive ends a drain; supervisord does when golive was killed meanwhile
QUICK = timedelta(seconds=5)  # a program that ends sooner counts as an attempt that failed

_HEAD = """\
[supervisord]
logfile=supervisord.log
logfile_maxbytes=1MB
logfile_backups=1
pidfile=supervisord.pid
minfds=64
minprocs=1
umask=022
[unix_http_server]
file=%(ENV_GOLIVE_SOCKET)s
chmod=0700
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[program:_rotate]
command=%(ENV_GOLIVE_ROTATE)s
autostart=true
autorestart=true
stdout_logfile=NONE
stderr_logfile=NONE
"""
_PROGRAM = """\
[program:{name}]
command=%(ENV_GOLIVE_LAUNCH)s programs/{name}.json
autostart=false
autorestart=true
startsecs={quick}
startretries={retries}
stopsignal=TERM
stopwaitsecs={backstop}
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile=NONE
"""


@dataclass(frozen=True)
class Place:
    """The folder, 0700; made on first use."""

    folder: Path

    @property
    def programs(self) -> Path:
        return self.folder / "programs"

    @property
    def journal(self) -> Path:
        """What supervisord did; the only place where exit codes are."""
        return self.folder / "supervisord.log"

    @property
    def socket(self) -> Path:
        beside = self.folder / "control.sock"
        if len(os.fsencode(beside)) <= LONGEST_SOCKET:
            return beside
        name = hashlib.sha256(os.fsencode(self.folder.resolve())).hexdigest()[:16]
        return SHORT_ROOT / f"golive-{os.getuid()}-{name}" / "control.sock"

    def make(self) -> None:
        """Make the folders. Raises `Failure` when somebody else owns the one in /tmp, or it is a link."""
        self.programs.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        short = self.socket.parent
        if short != self.folder:
            short.mkdir(mode=0o700, exist_ok=True)
            _refuse_foreign(short)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone with the folder: two commands that start the same environment take turns."""
        try:
            self.make()
            descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                _lock(descriptor, self.folder)
                yield
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def json_of(self, name: str) -> Path:
        return self.programs / f"{_checked(name)}.json"

    def run_of(self, name: str) -> Path:
        return self.programs / f"{_checked(name)}.run"

    def names(self) -> list[str]:
        """Programs that have a file, whether or not they run."""
        return sorted({path.stem for path in self.programs.glob("*.json")})

    def add(self, program: Program) -> None:
        """Write the program's file."""
        Path(program.log).parent.mkdir(parents=True, exist_ok=True)
        self.run_of(program.name).unlink(missing_ok=True)
        write_private(self.json_of(program.name), _content(program))

    def forget(self, name: str) -> None:
        """Remove the program's files, with the secrets that are in them."""
        self.json_of(name).unlink(missing_ok=True)
        self.run_of(name).unlink(missing_ok=True)

    def write_ini(self, names: Iterable[str]) -> None:
        """Write supervisord's file anew, for these programs."""
        sections = [_section(name, read_json(self.json_of(name))) for name in sorted(names)]
        new = self.folder / "supervisord.conf.new"
        new.write_text(_HEAD + "".join(sections), encoding="ascii")
        new.replace(self.folder / "supervisord.conf")

    def drain_of(self, name: str) -> timedelta:
        """The drain that the program was added with."""
        return timedelta(milliseconds=int(read_json(self.json_of(name)).get("drain_ms", 0)))


def _content(program: Program) -> dict[str, object]:
    return {
        "command": list(program.command),
        "folder": program.folder,
        "env": dict(program.env),
        "log": program.log,
        "drain_ms": program.drain // timedelta(milliseconds=1),
        "restarts": program.restarts,
        "note": program.note,
    }


def _section(name: str, program: dict[str, object]) -> str:
    drain = timedelta(milliseconds=int(str(program.get("drain_ms", 0))))
    return _PROGRAM.format(
        name=name,
        quick=int(QUICK.total_seconds()),
        retries=max(0, int(str(program.get("restarts", 1))) - 1),
        backstop=int((drain + BACKSTOP).total_seconds()),
    )


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise Failure(
            where=f"program {name!r}",
            what="its name cannot be that of a program",
            why="names are 1 to 64 of a-z, 0-9, '.' and '-', and do not begin with '.' or '-'",
            code=Exit.USAGE,
        )
    return name


def _refuse_foreign(short: Path) -> None:
    found = short.lstat()
    if short.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise Failure(
            where=str(short),
            what="the folder for the supervisor's socket is not ours alone",
            why="whoever can write there could start programs in your name",
            next=f"look who made it, then remove it: rm -r {short}",
            code=Exit.REFUSED,
        )


def _unwritable(folder: Path, error: OSError) -> Failure:
    return Failure(
        where=str(error.filename or folder),
        what="the supervisor's folder cannot be used",
        why=error.strerror or str(error),
        next="make room, or mend the rights of the folder, then try again",
    )


def _lock(descriptor: int, folder: Path) -> None:
    deadline = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Failure(
                    where=f"{folder}/lock",
                    what="another golive command holds the supervisor",
                    why=f"it did not let go within {LOCK_PATIENCE:g} s",
                    next="see what it is doing: golive status",
                    code=Exit.REFUSED,
                ) from None
            time.sleep(0.01)
