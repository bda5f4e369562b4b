"""Proofs that are in the records already: what deploys and rollbacks left behind. Pure.

Each has its negative control as well: the same reading, done on records of the opposite, must refute.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from golive.errors import Failure
from golive.evidence.canonical import seal
from golive.evidence.claim import Answer, Control, Proof
from golive.evidence.record import Actor, Artifact, Draft, Json, Record
from golive.evidence.shape import NO_DIGEST, tampered
from golive.gate.admission import admit
from golive.release.past import Settled, fold
from golive.release.timing import way_back_ms

LOAD = "perf.measured"

Read = Callable[[Artifact], bytes]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What is read: all records, the environment, those that come before it, and its files."""

    records: Sequence[Record]
    environment: str
    requires: tuple[str, ...]
    read: Read


Found = tuple[Answer, str, Record] | None  # answer, reason, the record that it rests on
Reading = Callable[[Scene], Found]


def proofs(scene: Scene) -> Iterator[Proof]:
    """A proof for every derived claim about which the records say anything."""
    for claim, reading in READINGS.items():
        found = reading(scene)
        if found:
            answer, because, record = found
            yield Proof(
                claim=claim,
                environment=scene.environment,
                answer=answer,
                because=because,
                control=control(claim),
                inputs=_inputs(scene, record),
                at=record.draft.at,
                seq=record.seq,
                artifacts=_files(scene, record),
            )


def control(claim: str) -> Control:
    """The reading on records of the opposite: red when it refutes them, as it must."""
    found = READINGS[claim](_opposite())
    return "red" if found and found[0] == "refuted" else "green"


def _deployed(scene: Scene) -> Found:
    last = _last(scene)
    if last is None:
        return None
    settled, end = last
    answer: Answer = "proven" if settled.outcome == "succeeded" else "refuted"
    return answer, f"{settled.new.name}: {settled.outcome.replace('_', ' ')}, {settled.because}", end


def _staging_passed(scene: Scene) -> Found:
    last = _last(scene)
    if last is None:
        return None
    settled, end = last
    pasts = {name: fold(scene.records, name) for name in scene.requires}
    decision = admit(settled.new, scene.requires, pasts)
    return ("proven" if decision.admitted else "refuted"), decision.because, end


def _deploy_recorded(scene: Scene) -> Found:
    last = _last(scene)
    if last is None:
        return None
    settled, end = last
    files = [a for r in _of(scene, settled.id) for a in r.draft.artifacts]
    names = {a.path.rpartition("/")[2].partition(".")[0] for a in files}
    lacking = sorted({"config", "ticket"} - names)
    if lacking:
        return "refuted", f"not kept: {', '.join(lacking)}", end
    try:
        for file in files:
            scene.read(file)
    except Failure as failure:
        return "refuted", str(failure), end
    return "proven", f"{len(files)} files, each as it was recorded", end


def _smoke_passed(scene: Scene) -> Found:
    return _steps(scene, "smoke ", wanted=2, word="smoke tests passed")


def _bytes_verified(scene: Scene) -> Found:
    return _steps(scene, "prepare ", wanted=1, word="digests checked before the start")


def _signed_off(scene: Scene) -> Found:
    last = _last(scene)
    if last is None:
        return None
    settled, end = last
    wanted = next(r for r in _of(scene, settled.id) if r.draft.type == "rollout.wanted")
    nonce = str(wanted.draft.body.get("approval", ""))
    if not nonce:
        return "refuted", "nobody was asked to sign for it", end
    words = [r for r in scene.records if r.draft.type == "signoff.received" and r.draft.body.get("nonce") == nonce]
    newest = {str(r.draft.body["person"]): str(r.draft.body["decision"]) for r in words}
    rejecting = sorted(person for person, decision in newest.items() if decision == "reject")
    if rejecting:
        return "refuted", f"rejected by {', '.join(rejecting)}", words[-1]
    found = _steps(scene, "confirm ", wanted=1, word="confirmed right before first traffic")
    return found or ("refuted", "the quorum was not confirmed before first traffic", end)


def _rollback_rehearsed(scene: Scene) -> Found:
    """The newest way back, here or in an environment that comes before."""
    found = [way for name in (*scene.requires, scene.environment) for way in _ways_back(scene, name)]
    return max(found, key=lambda way: way[2].seq, default=None)


def _ways_back(scene: Scene, environment: str) -> Iterator[tuple[Answer, str, Record]]:
    """Those that failed, and those that took traffic back in a known time.

    What was given up before any traffic was on it showed no way back, nor did a first release that failed.
    """
    own = [r for r in scene.records if r.draft.environment == environment]
    for settled in fold(own, environment).settled:
        if settled.kind != "rollback" and settled.outcome not in ("rolled_back", "needs_human"):
            continue
        end = next(r for r in _of(scene, settled.id) if _settles(r))
        word = f"{settled.outcome.replace('_', ' ')} in {environment}"
        if settled.outcome != ("succeeded" if settled.kind == "rollback" else "rolled_back"):
            yield "refuted", f"{word}: {settled.because}", end
            continue
        took = way_back_ms(own, settled.id)
        if took is not None:
            yield "proven", f"{word}, {took} ms from the decision to no traffic on it", end


def _load_kept(scene: Scene) -> Found:
    """The newest load, here or in an environment that comes before; which build it was on, its inputs say."""
    places = (*scene.requires, scene.environment)
    loads = [r for r in scene.records if r.draft.type == LOAD and r.draft.environment in places]
    if not loads:
        return None
    last, said = loads[-1], loads[-1].draft.body
    told = f"scenario {said.get('scenario')} in {last.draft.environment}: {said.get('because')}"
    return ("proven" if last.draft.result == "ok" else "refuted"), told, last


READINGS: Mapping[str, Reading] = {
    "deployed": _deployed,
    "staging-passed": _staging_passed,
    "deploy-recorded": _deploy_recorded,
    "smoke-passed": _smoke_passed,
    "bytes-verified": _bytes_verified,
    "signed-off": _signed_off,
    "rollback-rehearsed": _rollback_rehearsed,
    "load-within-objectives": _load_kept,
}


def _last(scene: Scene) -> tuple[Settled, Record] | None:
    """The newest deploy that has settled, and the record of its end."""
    deploys = [s for s in fold(scene.records, scene.environment).settled if s.kind == "deploy"]
    if not deploys:
        return None
    return deploys[-1], next(r for r in _of(scene, deploys[-1].id) if _settles(r))


def _of(scene: Scene, rollout: str) -> list[Record]:
    return [r for r in scene.records if r.draft.rollout == rollout]


def _settles(record: Record) -> bool:
    return record.draft.type == "rollout.settled"


def _steps(scene: Scene, prefix: str, *, wanted: int, word: str) -> Found:
    """Whether the newest deploy has at least `wanted` steps of a kind, and the last of each ended well."""
    last = _last(scene)
    if last is None:
        return None
    settled, _ = last
    ended = [
        r
        for r in _of(scene, settled.id)
        if r.draft.type == "step.ended" and str(r.draft.body.get("key", "")).startswith(prefix)
    ]
    newest = {str(r.draft.body["key"]): r for r in ended}
    if not newest:
        return None
    bad = [r for r in newest.values() if r.draft.result != "ok" or r.draft.body.get("answer") == "fail"]
    if bad:
        return "refuted", str(bad[0].draft.body.get("because", "")) or f"{bad[0].draft.body['key']} failed", bad[0]
    if len(newest) < wanted:
        return "refuted", f"{len(newest)} of {wanted}: {', '.join(newest)}", ended[-1]
    return "proven", f"{len(newest)} {word}", ended[-1]


def _inputs(scene: Scene, record: Record) -> dict[str, str]:
    """Artifact, configuration and policy of the rollout that a record belongs to; a load says them itself."""
    if record.draft.type == LOAD:
        told = record.draft.body
        return {"artifact": str(told.get("revision", "")), "config": str(told.get("config_digest", ""))}
    wanted = [r for r in _of(scene, record.draft.rollout) if r.draft.type == "rollout.wanted"]
    asked = {
        str(r.draft.body["nonce"]): r.draft.body for r in scene.records if r.draft.type == "approval.requested"
    }
    if not wanted:
        wanted = [r for r in scene.records if r.draft.body.get("approval") == record.draft.body.get("nonce", "-")]
    if not wanted:
        return {}
    body = wanted[-1].draft.body
    new = body["new"]
    found = {"artifact": str(new["digest"]) if isinstance(new, dict) else "", "config": str(body["spec_digest"])}
    request = asked.get(str(body.get("approval", "")))
    return {**found, "policy": str(request["policy"])} if request else found


def _files(scene: Scene, record: Record) -> tuple[Artifact, ...]:
    if not record.draft.rollout:
        return record.draft.artifacts
    return tuple(a for r in _of(scene, record.draft.rollout) for a in r.draft.artifacts) or record.draft.artifacts


# ── the opposite: a deploy that failed in every way, and a rollback that needed a person

_NOON = datetime(2000, 1, 1, 12, tzinfo=UTC)


def _opposite() -> Scene:
    new: Json = {"digest": "a" * 64, "settings": ""}
    wish: dict[str, Json] = {"kind": "deploy", "new": new, "old": None, "approval": "n", "spec_digest": "b" * 64}
    records: list[Record] = []
    planted: tuple[tuple[str, str, str, Mapping[str, Json]], ...] = (
        ("rollout.wanted", "bad", "", wish),
        *(_step(key) for key in ("prepare a", "smoke before a", "smoke after a", "confirm a")),
        ("signoff.received", "", "", {"nonce": "n", "person": "ann", "decision": "reject"}),
        ("rollout.settled", "bad", "", {"outcome": "rolled_back", "because": "planted"}),
        ("rollout.wanted", "back", "", {**wish, "kind": "rollback"}),
        ("rollout.settled", "back", "", {"outcome": "needs_human", "because": "planted"}),
        (LOAD, "", "failed", {"scenario": "planted", "because": "planted"}),
    )
    for kind, rollout, result, body in planted:
        records.append(_planted(records, kind, rollout, result, body))
    return Scene(records=records, environment="planted", requires=("planted",), read=_unreadable)


def _step(key: str) -> tuple[str, str, str, dict[str, Json]]:
    return "step.ended", "bad", "failed", {"key": key, "because": "planted", "answer": "fail"}


def _planted(before: list[Record], kind: str, rollout: str, result: str, body: Mapping[str, Json]) -> Record:
    seq = len(before) + 1
    draft = Draft(
        id=f"planted-{seq}",
        at=_NOON,
        mono_ns=seq,
        boot="planted",
        type=kind,
        environment="planted",
        rollout=rollout,
        actor=Actor(id="golive", kind="system"),
        result="failed" if result == "failed" else "",
        body=body,
    )
    return seal(draft, seq=seq, prev=before[-1].digest if before else NO_DIGEST)


def _unreadable(artifact: Artifact) -> bytes:
    raise tampered(artifact.path, "planted")
