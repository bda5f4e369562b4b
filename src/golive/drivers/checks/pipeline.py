"""The pipeline: whether a push to the repository's remote would be taken, without sending anything."""

import os
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from golive.evidence.claim import Exercised

SECONDS = 60
_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": "ssh -oBatchMode=yes"}


@dataclass(frozen=True, kw_only=True)
class PipelinePermitted:
    """Tries `git push --dry-run` of what is checked out, to a branch that nobody has."""

    root: Path
    remote: str = "origin"
    claim: str = "ci-permitted"

    async def exercise(self) -> Exercised:
        known = self._git("remote").stdout.decode().split()
        if self.remote not in known:
            return Exercised(
                answer="nothing",
                because=f"git has no remote {self.remote} here",
                next=f"git remote add {self.remote} ADDRESS",
            )
        return self._pushed(self.remote)

    async def control(self, scratch: str) -> Exercised:
        return replace(self)._pushed(str(Path(scratch) / "no-such-repository.git"))

    def _pushed(self, remote: str) -> Exercised:
        try:
            ran = self._git("push", "--dry-run", "--", remote, "HEAD:refs/heads/golive-permission-probe")
        except subprocess.TimeoutExpired:
            return Exercised(answer="refuted", because=f"{self.remote} did not answer within {SECONDS} s")
        if ran.returncode == 0:
            return Exercised(answer="proven", because=f"{self.remote} would take a push")
        said = ran.stderr.decode(errors="replace").strip().splitlines()[-1:] or [f"exit {ran.returncode}"]
        return Exercised(
            answer="refuted",
            because=f"{self.remote} would not take a push: {said[0][:200]}",
            next="give the pipeline's key the right to push, or mend the remote's address",
        )

    def _git(self, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        env = {**os.environ, **_QUIET}
        command = ["git", "-C", str(self.root), *arguments]
        return subprocess.run(command, capture_output=True, timeout=SECONDS, env=env, check=False)
