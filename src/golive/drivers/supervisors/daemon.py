"""supervisord itself: started once, detached from whoever starts it, found again, ended."""

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from golive.drivers.supervisors import launch, rotate
from golive.drivers.supervisors.place import Place
from golive.drivers.supervisors.rpc import Fault, NotRunning, call, order
from golive.errors import Failure

START_PATIENCE = 30.0  # seconds
END_PATIENCE = 15.0  # seconds, once all programs have stopped
INHERITED = ("PATH", "HOME", "LANG", "PYTHONPATH")  # programs get an environment of their own


@dataclass(frozen=True)
class Daemon:
    """The supervisord of a place. Every method is called with the place locked, except `answers`."""

    place: Place

    def answers(self) -> bool:
        """A supervisord listens, and is not about to end."""
        try:
            return call(self.place.socket, "getState", fine=(Fault.SHUTTING_DOWN,)) is not None
        except NotRunning:
            return False

    def ensure(self) -> None:
        """It runs; without programs when it was started just now.

        A stale socket or pid is put out of the way. A supervisord that lives but cannot be reached (its
        socket was deleted) is killed; its programs live on, see `launch`.
        """
        if self.answers():
            return
        self._end_unreachable()
        self.place.socket.unlink(missing_ok=True)
        self.place.write_ini(())
        self._start()
        pid = int(order(self.place.socket, "getPID"))
        launch.write_private(self._record, {"pid": pid, "birth": launch.birth(pid)})

    def shutdown(self) -> None:
        """It has ended; its programs were stopped before."""
        with contextlib.suppress(NotRunning):
            call(self.place.socket, "shutdown", fine=(Fault.SHUTTING_DOWN,))
        self._end_unreachable(patience=END_PATIENCE)
        self.place.socket.unlink(missing_ok=True)
        self._record.unlink(missing_ok=True)
        if self.place.socket.parent != self.place.folder:
            with contextlib.suppress(OSError):
                self.place.socket.parent.rmdir()

    @property
    def _record(self) -> Path:
        return self.place.folder / "daemon.run"

    def _end_unreachable(self, patience: float = END_PATIENCE) -> None:
        """Wait for the supervisord that was started last to end, and kill it when it does not."""
        record = launch.read_json(self._record)
        pid, born = record.get("pid", 0), record.get("birth", "")
        deadline = time.monotonic() + (patience if self.place.socket.exists() else 0)
        while born and launch.birth(pid) == born:
            if time.monotonic() > deadline:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)

    def _start(self) -> None:
        """Returns when it listens: supervisord opens its socket before it leaves for the background."""
        said = self.place.folder / "supervisord.out"
        command = [sys.executable, "-P", "-m", "supervisor.supervisord", "-c", "supervisord.conf"]
        try:
            with said.open("wb") as out:
                ended = subprocess.run(
                    command,
                    cwd=self.place.folder,
                    env=self._environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,
                    timeout=START_PATIENCE,
                )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise self._unstartable(str(error)) from error
        if ended.returncode:
            raise self._unstartable(said.read_text(encoding="utf-8", errors="replace").strip()[-500:])

    def _environment(self) -> dict[str, str]:
        """Paths reach supervisord through variables: in its file, `%` and `;` in them would be syntax."""
        kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
        python = [sys.executable, "-I", "-S"]
        return kept | {
            "GOLIVE_SOCKET": str(self.place.socket),
            "GOLIVE_LAUNCH": shlex.join([*python, str(Path(launch.__file__))]),
            "GOLIVE_ROTATE": shlex.join([*python, str(Path(rotate.__file__))]),
        }

    def _unstartable(self, why: str) -> Failure:
        return Failure(
            where=str(self.place.folder),
            what="supervisord does not start",
            why=why or "it ended without a word",
            next="check that it is installed: golive doctor; its log is supervisord.log in that folder",
        )
