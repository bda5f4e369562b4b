"""Writing records: who, when and for which rollout are filled in here, once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from golive.controller.outside import Clock
from golive.evidence.ledger import Lease, Ledger
from golive.evidence.record import Actor, Artifact, Draft, Json, Record, Result

FREE_TEXT = frozenset({"because", "text", "why", "tracker"})  # what people, programs and logs said


@dataclass(frozen=True, kw_only=True)
class Journal:
    """The pen of one actor on one environment; with a lease it is the controller's."""

    ledger: Ledger
    clock: Clock
    actor: Actor
    environment: str
    redact: Callable[[str], str]
    lease: Lease | None = None

    def append(
        self,
        type: str,
        *,
        rollout: str = "",
        body: Mapping[str, Json] | None = None,
        result: Result = "",
        cause: tuple[int, ...] = (),
        artifacts: tuple[Artifact, ...] = (),
        parent: int | None = None,
    ) -> Record:
        """Append one record; it is durable on return. Raises `HeadMoved` when `parent` is not the newest."""
        draft = Draft(
            id=self.clock.new_id(),
            at=self.clock.now(),
            mono_ns=self.clock.mono_ns(),
            boot=self.clock.boot,
            type=type,
            environment=self.environment,
            rollout=rollout,
            epoch=self.lease.epoch if self.lease else 0,
            actor=self.actor,
            cause=cause,
            result=result,
            body={key: self._told(key, value) for key, value in (body or {}).items()},
            artifacts=artifacts,
        )
        return self.ledger.append(draft, parent=parent, lease=self.lease)

    def _told(self, key: str, value: Json) -> Json:
        """Free text without secrets; what the fold reads (keys, names, weights) stays as it is."""
        match value:
            case str() if key in FREE_TEXT:
                return self.redact(value)
            case list():
                return [self._told(key, item) for item in value]
            case dict():
                return {inner: self._told(inner, item) for inner, item in value.items()}
        return value
