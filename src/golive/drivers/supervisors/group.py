"""A launched program and everything in its process group: is it alive, tell it to stop, end it."""

import contextlib
import os
import signal
from dataclasses import dataclass

from golive.drivers.supervisors.launch import birth


@dataclass(frozen=True)
class Group:
    """`pid` is the leader's, and the group's number."""

    pid: int
    birth: str  # of the leader; the same pid with another birth is somebody else

    def leads(self) -> bool:
        """The leader is alive, and is the one that was launched."""
        return bool(self.birth) and birth(self.pid) == self.birth

    def lives(self) -> bool:
        """The leader or a child of its group is alive."""
        if self.leads():
            return True
        if self.pid <= 1:  # nobody was launched; and to the kernel 0 is our own group, 1 (negated) everybody
            return False
        if birth(self.pid):  # the number was given to somebody else, so the group had ended
            return False
        return self._signal(0) and any(birth(pid) for pid in _members(self.pid))

    def ask_to_stop(self) -> None:
        """SIGTERM to all of them."""
        if self.lives():
            self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to all of them."""
        if self.lives():
            self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> bool:
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True


def _members(group: int) -> list[int]:
    """Processes of the group; those that ended but were not collected by their parent are among them."""
    import psutil

    found = []
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getpgid(pid) == group:
                found.append(pid)
    return found
