"""Secrets that the specification names: each can be read where it is said to be."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from golive.drivers.checks.faults import every
from golive.evidence.claim import Exercised
from golive.spec.values import SecretRef


@dataclass(frozen=True, kw_only=True)
class SecretsResolvable:
    """Reads every secret, and forgets it."""

    root: Path
    environ: Mapping[str, str]
    refs: Mapping[str, SecretRef]
    claim: str = "secrets-resolvable"

    async def exercise(self) -> Exercised:
        missing = [fault for name, ref in self.refs.items() if (fault := self._fault(name, ref))]
        if missing:
            return Exercised(answer="refuted", because="; ".join(missing), next="set it, then golive ready again")
        if not self.refs:
            return Exercised(answer="proven", because="the specification names no secret")
        return Exercised(answer="proven", because=f"{len(self.refs)} secrets can be read")

    async def control(self, scratch: str) -> Exercised:
        """A variable that is not set, a file that is not there, one that is empty, one that others may read."""
        here = Path(scratch)
        for name, content, mode in (("empty", "", 0o600), ("open", "planted", 0o644)):
            (here / name).write_text(content)
            (here / name).chmod(mode)
        planted = [SecretRef(source="env", name="PLANTED")]
        planted += [SecretRef(source="file", name=name) for name in ("no-such-file", "empty", "open")]
        poor = replace(self, root=here, environ={})
        return await every({ref.name: replace(poor, refs={"PLANTED": ref}).exercise() for ref in planted})

    def _fault(self, name: str, ref: SecretRef) -> str:
        if ref.source == "env":
            return "" if self.environ.get(ref.name) else f"{name}: the variable {ref.name} is not set"
        path = self.root / ref.name
        try:
            empty = not path.read_bytes().strip()
            mode = path.stat().st_mode & 0o077
        except OSError as error:
            return f"{name}: {ref.name}: {error.strerror}"
        if mode:
            return f"{name}: {ref.name} may be read by others; chmod 600 {ref.name}"
        return f"{name}: {ref.name} is empty" if empty else ""
