"""The pipeline: whether a push to the repository's remote would be taken, without sending anything."""

import shlex
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from golive.drivers.checks.faults import every
from golive.errors import Failure
from golive.evidence.claim import Exercised
from golive.release.commands import Commands, Ran

TIMEOUT = timedelta(minutes=1)
BRANCH = "refs/heads/golive-permission-probe"  # nobody has it, so that no push is refused as not up to date
# nobody is asked for a password: the command has no terminal, and no window may open for one
_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "SSH_ASKPASS_REQUIRE": "never", "LC_ALL": "C"}


@dataclass(frozen=True, kw_only=True)
class PipelinePermitted:
    """Tries `git push --dry-run` of what is checked out. `deploy_key`: the file of the pipeline's own key."""

    root: Path
    commands: Commands
    remote: str
    deploy_key: Path | None = None
    claim: str = "ci-permitted"

    async def exercise(self) -> Exercised:
        try:
            return await self._nothing_to_push() or await self._pushed()
        except Failure as failure:
            return Exercised(answer="nothing", because=f"git: {failure.why}", next="apt install git")

    async def control(self, scratch: str) -> Exercised:
        """A remote that is not there; and, in place of a deploy key, none, and one that others may read."""
        planted = {
            "a remote that is not there": replace(self, remote=str(Path(scratch) / "no-such-repository.git"))
        }
        if self.deploy_key:
            opened = Path(scratch) / "open-key"
            opened.write_text("planted")
            opened.chmod(0o644)
            planted["a key that is not there"] = replace(self, deploy_key=Path(scratch) / "no-such-key")
            planted["a key that others may read"] = replace(self, deploy_key=opened)
        return await every({fault: pipeline._pushed() for fault, pipeline in planted.items()})

    async def _nothing_to_push(self) -> Exercised | None:
        if (await self._git("rev-parse", "--git-dir")).exit_code != 0:
            return _nothing("git knows nothing of this folder", "git init, git add, git commit")
        if self.remote not in (await self._git("remote")).output.decode(errors="replace").split():
            return _nothing(f"git has no remote {self.remote} here", f"git remote add {self.remote} ADDRESS")
        if (await self._git("rev-parse", "--verify", "--quiet", "HEAD")).exit_code != 0:
            return _nothing("nothing is committed here yet", "git add, git commit")
        return None

    async def _pushed(self) -> Exercised:
        if self.deploy_key and (fault := _fault_of_key(self.deploy_key)):
            return Exercised(
                answer="refuted", because=fault, next=f"chmod 600 {shlex.quote(str(self.deploy_key))}"
            )
        ran = await self._git("push", "--dry-run", "--no-verify", "--", self.remote, f"HEAD:{BRANCH}")
        if ran.exit_code == 0:
            return Exercised(answer="proven", because=f"{self.remote} would take a push")
        said = ran.output.decode(errors="replace").strip().splitlines()[-1:] or [f"exit {ran.exit_code}"]
        why = said[0][:200] if ran.exit_code is not None else f"no answer within {TIMEOUT.total_seconds():g} s"
        return Exercised(
            answer="refuted",
            because=f"{self.remote} would not take a push: {why}",
            next="give the pipeline's key the right to push, or mend the remote's address",
        )

    async def _git(self, *arguments: str) -> Ran:
        env = dict(_QUIET)
        if self.deploy_key:
            key = shlex.quote(str(self.deploy_key))
            env["GIT_SSH_COMMAND"] = f"ssh -i {key} -oIdentitiesOnly=yes -oBatchMode=yes"
        return await self.commands.run(("git", *arguments), env=env, stdin=b"", timeout=TIMEOUT)


def _nothing(because: str, next: str) -> Exercised:
    return Exercised(answer="nothing", because=because, next=next)


def _fault_of_key(key: Path) -> str:
    try:
        mode = key.stat().st_mode & 0o077
    except OSError as error:
        return f"the deploy key {key.name}: {error.strerror}"
    return f"the deploy key {key.name} may be read by others" if mode else ""
