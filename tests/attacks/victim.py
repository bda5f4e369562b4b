"""A real evidence folder to attack: real controller, ledger, files and keys of people, on a simulated target."""

import asyncio
import dataclasses
import hashlib
import itertools
import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from golive.assembly.rehearsal import forecast
from golive.controller import desk as at
from golive.controller import rollouts
from golive.controller.approvals import RecordedApprovals
from golive.controller.outside import Outside
from golive.controller.sealing import Seal
from golive.controller.site import Site
from golive.drivers.artifacts import ArtifactStore
from golive.drivers.ledgers.checkpoints import CheckpointFiles
from golive.drivers.ledgers.sqlite import SqliteLedger
from golive.drivers.simulated.builder import SimulatedBuilder
from golive.drivers.simulated.clock import SimulatedClock
from golive.drivers.simulated.edges import SimulatedCommands, SimulatedProber, SimulatedSamples
from golive.drivers.simulated.router import SimulatedRouter
from golive.drivers.simulated.target import SimulatedTarget
from golive.drivers.simulated.world import World
from golive.errors import Failure
from golive.evidence.chain import follow
from golive.evidence.ledger import Head, Holder
from golive.evidence.manifest import manifest
from golive.evidence.record import Actor
from golive.evidence.redaction import Redactor
from golive.evidence.shape import NO_DIGEST
from golive.evidence.signing import dsse
from golive.evidence.signing.keys import PublicKey
from golive.evidence.tree import note
from golive.evidence.tree.checkpoint import Checkpoint, origin_of
from golive.evidence.tree.merkle import leaf, root
from golive.gate.approval.signoffs import signed
from golive.gate.trust.values import Key, Person, Policy, Quorum, Roster
from golive.gate.trust.versions import endorsed, policy_statement, roster_statement
from golive.release.revision import Revision
from golive.release.snapshot import Checkout, Machine
from golive.spec.parse import parse

SPEC = b"""service: shop
owner: team
revision:
  run: [app]
judge: {unproven: objectives}
environments:
  production:
    target: {kind: local}
    instances: 2
    strategy: {kind: canary, weights: [10, 50], soak: 5s}
"""
RECORDS = "operations/records.jsonl"
FIRST, SECOND = Revision(digest="a" * 64), Revision(digest="b" * 64)


@dataclass(frozen=True)
class Hand:
    """A signer whose key comes from a word."""

    word: str

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(self.word.encode()).digest())

    @property
    def public(self) -> PublicKey:
        return PublicKey(self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


ANN, BOB, EVE, LOG = Hand("ann"), Hand("bob"), Hand("eve"), Hand("log")


def person(name: str, hand: Hand, *roles: str, **more: Any) -> Person:
    plain = {
        "id": name,
        "name": name,
        "kind": "human",
        "roles": frozenset(roles),
        "keys": (Key(public=hand.public),),
        "accounts": frozenset({name}),
    }
    return Person(**{**plain, **more})


@dataclass
class Story:
    """Plays what happens before an attack: a first release, a second one; ann and bob sign for both."""

    folder: Path
    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        self.ledger = SqliteLedger(self.folder / ".golive", self.folder / "evidence")
        self.store = ArtifactStore(self.folder / "evidence", Redactor({}))
        self.clock = SimulatedClock(self.world, itertools.count())
        self.spec = parse(SPEC, name="golive.yaml")

    def play(self) -> None:
        ann, bob = person("ann", ANN, "lead"), person("bob", BOB, "sre")
        one = Roster(version=1, threshold=1, persons={"ann": ann})
        two = Roster(version=2, threshold=2, persons={"ann": ann, "bob": bob})
        at.publish_roster(self.desk(), endorsed(roster_statement(one), ANN))
        at.publish_roster(self.desk(), endorsed(endorsed(roster_statement(two), ANN), BOB))
        policy = Policy(version=1, quorums={"production": Quorum()})
        at.publish_policy(self.desk(), endorsed(endorsed(policy_statement(policy), ANN), BOB))
        for revision in (FIRST, SECOND):
            self.release(revision)
        self.seal()
        self.ledger.close()

    def release(self, revision: Revision) -> None:
        try:
            self.deploy(revision)
        except at.Failure:
            self.seal()
        for hand in (ANN, BOB):
            desk = self.desk()
            request = at.open_request(desk, "production")
            at.receive(desk, signed(at.sign_for(desk, request, hand.public, decision="approve", role=None), hand))
        assert self.deploy(revision).outcome == "succeeded"
        self.seal()

    def deploy(self, revision: Revision) -> Any:
        return asyncio.run(rollouts.deploy(self.site(revision), why="", watch=lambda m: None, if_approved=True))

    def seal(self) -> None:
        checkpoints = CheckpointFiles(self.folder / ".golive", self.folder / "evidence")
        seal = Seal(ledger=self.ledger, checkpoints=checkpoints, clock=self.clock, signer=LOG, service="shop")
        head = seal.put()
        (self.folder / "evidence" / "manifest.json").write_bytes(manifest(self.ledger.read()[: head.size]))

    def desk(self) -> at.Desk:
        actor = Actor(id="carl")
        return at.Desk(ledger=self.ledger, artifacts=self.store, clock=self.clock, actor=actor, owns_log=True)

    def site(self, revision: Revision) -> Site:
        target = SimulatedTarget(self.world)
        approvals = RecordedApprovals(ledger=self.ledger, artifacts=self.store, clock=self.clock, deployer="carl")
        outside = Outside(
            target=target,
            logs=target,
            redact=lambda text: text,
            router=SimulatedRouter(self.world),
            prober=SimulatedProber(),
            samples=SimulatedSamples(self.world),
            clock=self.clock,
            commands=SimulatedCommands(self.world),
            artifacts=self.store,
            approvals=approvals,
            ledger=self.ledger,
        )
        return Site(
            spec=self.spec,
            spec_text=SPEC,
            environment="production",
            outside=outside,
            builder=SimulatedBuilder(revision),
            actor=Actor(id="carl"),
            holder=Holder(actor="carl", where="pid 1 on laptop", since=self.world.now),
            checkout=Checkout(commit="c0ffee", branch="main", dirty=()),
            history=lambda since: (),
            machine=Machine(system="Linux", python="3.11", tools={}),
            forecast=forecast,
            signer=LOG,
            shutdown=_nothing,
            retire=lambda keep: None,
        )


async def _nothing() -> None:
    return None


@dataclass
class Victim:
    """The evidence folder alone, in the attacker's hands."""

    evidence: Path
    pin: Head
    first_roster: str

    @property
    def path(self) -> Path:
        return self.evidence / RECORDS

    def lines(self) -> list[bytes]:
        return self.path.read_bytes().splitlines()

    def write(self, lines: list[bytes], end: bytes = b"\n") -> None:
        self.path.write_bytes(b"\n".join(lines) + end)

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines()]

    def find(self, kind: str, nth: int = -1, **data: str) -> int:
        """The place of a record in the list, by its type and what its data holds."""
        found = [
            i
            for i, r in enumerate(self.records())
            if r["type"] == kind and all(str(r["data"].get(k, "")).startswith(v) for k, v in data.items())
        ]
        return found[nth]

    def rewrite(self, records: list[dict[str, Any]], key: Hand = LOG) -> None:
        """What a thief of the log's key does: chain everything anew, drop the old heads, sign a new one."""
        lines, prev, moved = [], NO_DIGEST, {}
        for seq, record in enumerate(records, 1):
            moved[record["seq"]] = seq
            causes = [moved[c] for c in record["cause"] if c in moved]
            line = rfc8785.dumps({**record, "seq": seq, "prev": prev, "cause": causes})
            lines.append(line)
            prev = hashlib.sha256(line).hexdigest()
        self.write(lines)
        self.sign_anew(key)

    def sign_anew(self, key: Hand = LOG) -> None:
        lines = self.lines()
        name = origin_of(hashlib.sha256(lines[0]).hexdigest())
        head = Checkpoint(origin=name, size=len(lines), root=root([leaf(line) for line in lines]))
        content = note.sign(head.text(), name, key).encoded()
        for old in (self.evidence / "operations/checkpoints").iterdir():
            old.unlink()
        (self.evidence / f"operations/checkpoints/{len(lines)}").write_bytes(content)
        (self.evidence / "operations/checkpoint").write_bytes(content)
        records = follow(lines)
        with suppress(Failure):  # an attack may leave a chain that cannot be followed
            (self.evidence / "manifest.json").write_bytes(manifest(records))

    def file_of(self, place: int) -> Path:
        return self.evidence / self.records()[place]["artifacts"][0]["path"]

    def replace(self, place: int, content: bytes, key: Hand = LOG) -> None:
        """Exchange the first file of a record, and everything that vouches for it."""
        records = self.records()
        kept = records[place]["artifacts"][0]
        (self.evidence / kept["path"]).write_bytes(content)
        kept |= {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        self.rewrite(records, key)

    def envelope(self, place: int) -> dsse.Envelope:
        return dsse.read(self.file_of(place).read_bytes(), "envelope")


def with_payload(envelope: dsse.Envelope, *hands: Hand, **predicate: Any) -> bytes:
    """The envelope with another predicate, signed by `hands`."""
    body = json.loads(envelope.payload)
    body["predicate"] |= predicate
    return dsse.sign(envelope.payload_type, rfc8785.dumps(body), hands).encoded()


def with_signatures(envelope: dsse.Envelope, *signatures: dsse.Signature) -> bytes:
    return dataclasses.replace(envelope, signatures=signatures).encoded()
