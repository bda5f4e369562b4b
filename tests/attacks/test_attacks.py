"""Everything that somebody may do to an evidence folder, and that `golive evidence verify` finds it.

The table is the specification: each line is an attack, what it needs (only the folder, or the log's stolen key as
well), and a word of the finding. The last tables hold what cannot be found from the folder alone: a kept head or a
kept roster finds it, and without them the answer says that it is not proven.
"""

import base64
import dataclasses
import json
import shutil
from collections.abc import Callable

import pytest

from golive.assembly.views import verified
from golive.cli.evidence import _unproven
from golive.errors import Exit, Failure
from golive.evidence.ledger import Head
from golive.evidence.signing import dsse
from golive.gate.trust.values import Policy, Quorum, Roster
from golive.gate.trust.versions import endorsed, policy_statement, roster_statement
from victim import ANN, BOB, EVE, LOG, Story, Victim, person, with_payload, with_signatures


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("story")
    Story(folder).play()
    return folder / "evidence"


@pytest.fixture
def victim(whole, tmp_path):
    evidence = tmp_path / "evidence"
    shutil.copytree(whole, evidence)
    found, audit = verified(evidence, None)
    return Victim(evidence=evidence, pin=found.head, first_roster=audit.roster_digest)


def findings(victim: Victim, **kept: object) -> str:
    """Every finding as text; "" when all of it holds."""
    failure = trouble(victim, **kept)
    return "\n".join(failure.lines()) if failure else ""


def trouble(victim: Victim, **kept: object) -> Failure | None:
    try:
        verified(victim.evidence, kept.get("pin"), str(kept.get("roster", "")))
    except Failure as failure:
        return failure
    return None


def test_the_folder_holds_before_anybody_touches_it(victim):
    assert findings(victim, pin=victim.pin, roster=victim.first_roster) == ""


# ── only the folder


def a_flipped_byte(v: Victim) -> None:
    lines = v.lines()
    lines[11] = lines[11].replace(b"prepare", b"prepbre")
    v.write(lines)


def a_line_taken_out(v: Victim) -> None:
    v.write(v.lines()[:10] + v.lines()[11:])


def a_line_doubled(v: Victim) -> None:
    v.write(v.lines()[:11] + v.lines()[10:])


def two_lines_swapped(v: Victim) -> None:
    lines = v.lines()
    lines[10], lines[11] = lines[11], lines[10]
    v.write(lines)


def the_end_cut_off(v: Victim) -> None:
    v.write(v.lines()[:-3])


def the_last_newline_cut_off(v: Victim) -> None:
    v.write(v.lines(), end=b"")


def half_a_line_added(v: Victim) -> None:
    v.path.write_bytes(v.path.read_bytes() + v.lines()[-1][:40])


def an_old_line_played_again(v: Victim) -> None:
    v.write([*v.lines(), v.lines()[6]])


def everything_emptied(v: Victim) -> None:
    v.path.write_bytes(b"")


def the_records_deleted(v: Victim) -> None:
    v.path.unlink()


def keys_in_another_order(v: Victim) -> None:
    lines = v.lines()
    lines[3] = json.dumps(dict(reversed(json.loads(lines[3]).items())), separators=(",", ":")).encode()
    v.write(lines)


def a_key_twice(v: Victim) -> None:
    lines = v.lines()
    lines[3] = lines[3].replace(b'{"actor"', b'{"v":1,"actor"')
    v.write(lines)


def an_unknown_key(v: Victim) -> None:
    lines = v.lines()
    lines[3] = lines[3].replace(b',"v":1}', b',"v":1,"w":1}')
    v.write(lines)


def another_version(v: Victim) -> None:
    v.write([line.replace(b'"v":1}', b'"v":2}') for line in v.lines()])


def a_float(v: Victim) -> None:
    lines = v.lines()
    lines[19] = lines[19].replace(b'"weight":100', b'"weight":100.0')
    v.write(lines)


def line_ends_of_another_system(v: Victim) -> None:
    v.path.write_bytes(v.path.read_bytes().replace(b"\n", b"\r\n"))


def a_byte_order_mark(v: Victim) -> None:
    v.path.write_bytes(b"\xef\xbb\xbf" + v.path.read_bytes())


def a_file_changed(v: Victim) -> None:
    path = v.file_of(v.find("rollout.settled")) if v.records()[v.find("rollout.settled")]["artifacts"] else None
    path = path or v.file_of(v.find("rollout.wanted"))
    path.write_bytes(path.read_bytes()[:-1] + b"!")


def a_file_cut(v: Victim) -> None:
    path = v.file_of(v.find("ticket.closed"))
    path.write_bytes(path.read_bytes()[:-1])


def a_file_deleted(v: Victim) -> None:
    v.file_of(v.find("ticket.closed")).unlink()


def a_file_made_a_link(v: Victim) -> None:
    path = v.file_of(v.find("ticket.closed"))
    path.rename(v.evidence.parent / "elsewhere")
    path.symlink_to(v.evidence.parent / "elsewhere")


def the_records_made_a_link(v: Victim) -> None:
    v.path.rename(v.evidence.parent / "elsewhere")
    v.path.symlink_to(v.evidence.parent / "elsewhere")


def a_folder_made_a_link(v: Victim) -> None:
    folder = v.file_of(v.find("ticket.closed")).parent
    folder.rename(v.evidence.parent / "elsewhere")
    folder.symlink_to(v.evidence.parent / "elsewhere")


def two_files_exchanged(v: Victim) -> None:
    one, two = v.file_of(v.find("ticket.closed", 0)), v.file_of(v.find("ticket.closed", 1))
    a, b = one.read_bytes(), two.read_bytes()
    one.write_bytes(b)
    two.write_bytes(a)


def two_sign_offs_exchanged(v: Victim) -> None:
    one, two = v.file_of(v.find("signoff.received", -2)), v.file_of(v.find("signoff.received", -1))
    a, b = one.read_bytes(), two.read_bytes()
    one.write_bytes(b)
    two.write_bytes(a)


def newest_head(v: Victim) -> bytes:
    return (v.evidence / "operations/checkpoint").read_bytes()


def set_heads(v: Victim, content: bytes) -> None:
    (v.evidence / "operations/checkpoint").write_bytes(content)
    (v.evidence / f"operations/checkpoints/{len(v.lines())}").write_bytes(content)


def a_head_with_another_root(v: Victim) -> None:
    lines = newest_head(v).split(b"\n")
    lines[2] = base64.b64encode(bytes(32))
    set_heads(v, b"\n".join(lines))


def a_head_of_more_records(v: Victim) -> None:
    size = len(v.lines())
    set_heads(v, newest_head(v).replace(b"\n%d\n" % size, b"\n%d\n" % (size + 1)))


def a_head_signed_by_a_stranger(v: Victim) -> None:
    v.sign_anew(EVE)


def a_head_without_signature(v: Victim) -> None:
    set_heads(v, newest_head(v).split(b"\n\n")[0] + b"\n\n")


def a_head_with_another_algorithm(v: Victim) -> None:
    text, _, signature = newest_head(v).decode().rpartition(" ")
    raw = bytearray(base64.b64decode(signature))
    raw[:4] = b"\x00\x00\x00\x00"
    set_heads(v, f"{text} {base64.b64encode(raw).decode()}\n".encode())


def a_head_that_was_never_published(v: Victim) -> None:
    (v.evidence / f"operations/checkpoints/{len(v.lines())}").unlink()


def a_head_with_a_line_more(v: Victim) -> None:
    set_heads(v, newest_head(v).replace(b"\n\n", b"\nmore\n\n"))


def a_manifest_that_says_something_else(v: Victim) -> None:
    path = v.evidence / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"phase": 6', b'"phase": 5', 1))


FOLDER_ONLY = {
    a_manifest_that_says_something_else: "the manifest is not what the records say",
    a_flipped_byte: "the digest of line 12",
    a_line_taken_out: "numbers rise by one",
    a_line_doubled: "numbers rise by one",
    two_lines_swapped: "numbers rise by one",
    the_end_cut_off: "records were cut off the end",
    the_last_newline_cut_off: "the last line is not complete",
    half_a_line_added: "the last line is not complete",
    an_old_line_played_again: "numbers rise by one",
    everything_emptied: "there are no records here",
    the_records_deleted: "there are no records here",
    keys_in_another_order: "canonical",
    a_key_twice: "twice",
    an_unknown_key: "unknown key",
    another_version: "is not allowed here",
    a_float: "canonical",
    line_ends_of_another_system: "canonical",
    a_byte_order_mark: "canonical",
    a_file_changed: "this file was changed",
    a_file_cut: "this file was changed",
    a_file_deleted: "this file is missing",
    a_file_made_a_link: "this file is missing",
    a_folder_made_a_link: "this file is missing",
    the_records_made_a_link: "this is no plain file",
    two_files_exchanged: "this file was changed",
    two_sign_offs_exchanged: "this file was changed",
    a_head_with_another_root: "its root is not that of these records",
    a_head_of_more_records: "records were cut off the end",
    a_head_signed_by_a_stranger: "not signed with the log's key",
    a_head_without_signature: "not a signed note",
    a_head_with_another_algorithm: "not signed with the log's key",
    a_head_that_was_never_published: "not among those that were published",
    a_head_with_a_line_more: "not in its one form",
}


# ── with the log's stolen key: everything is chained and signed anew


def edited(kind: str, nth: int, **data: object) -> Callable[[Victim], None]:
    def attack(v: Victim) -> None:
        records = v.records()
        records[v.find(kind, nth)]["data"] |= data
        v.rewrite(records)

    return attack


def without(kind: str, nth: int = -1, **data: str) -> Callable[[Victim], None]:
    def attack(v: Victim) -> None:
        records = v.records()
        del records[v.find(kind, nth, **data)]
        v.rewrite(records)

    return attack


def a_record_slipped_in_before_a_sign_off(v: Victim) -> None:
    records = v.records()
    place = v.find("approval.requested")
    extra = {**records[place], "id": "extra", "type": "note", "artifacts": [], "data": {}, "seq": 10_000}
    v.rewrite([*records[:place], extra, *records[place:]])


def back_dated(v: Victim) -> None:
    records = v.records()
    for record in records[: v.find("signoff.received", 0)]:
        record["ts"] = "2020-01-01T00:00:00.000Z"
    v.rewrite(records)


def a_clock_set_back(v: Victim) -> None:
    records = v.records()
    records[-2]["ts"] = "2020-01-01T00:00:00.000Z"
    v.rewrite(records)


def a_time_within_the_boot_set_back(v: Victim) -> None:
    records = v.records()
    records[-1]["mono_ns"] = "1"
    v.rewrite(records)


def an_epoch_set_back(v: Victim) -> None:
    records = v.records()
    records[-3]["epoch"] = 1
    v.rewrite(records)


def an_outcome_without_an_intent(v: Victim) -> None:
    without("step.began", -1)(v)


def another_build_in_the_wish(v: Victim) -> None:
    edited("rollout.wanted", -1, new={"digest": "c" * 64, "settings": ""})(v)


def no_request_named_in_the_wish(v: Victim) -> None:
    edited("rollout.wanted", -1, approval="")(v)


def the_approval_of_the_release_before(v: Victim) -> None:
    nonce = v.records()[v.find("rollout.wanted", 0)]["data"]["approval"]
    edited("rollout.wanted", -1, approval=nonce)(v)


def deployed_by_an_approver(v: Victim) -> None:
    records = v.records()
    records[v.find("rollout.wanted")]["actor"]["id"] = "ann"
    v.rewrite(records)


def deployed_after_the_sign_offs_expired(v: Victim) -> None:
    records = v.records()
    for record in records[v.find("rollout.wanted") :]:
        record["ts"] = "2027-01-01T00:00:00.000Z"
    v.rewrite(records)


def the_sign_off_of_bob_replaced(by: Callable[[Victim, dsse.Envelope], bytes]) -> Callable[[Victim], None]:
    def attack(v: Victim) -> None:
        place = v.find("signoff.received", -1)
        v.replace(place, by(v, v.envelope(place)))

    return attack


def forged(*hands: object, **predicate: object) -> Callable[[Victim], None]:
    return the_sign_off_of_bob_replaced(lambda v, e: with_payload(e, *hands, **predicate))  # type: ignore[arg-type]


def anns_twice(v: Victim, _: dsse.Envelope) -> bytes:
    return v.file_of(v.find("signoff.received", -2)).read_bytes()


def anns_key_under_bobs_id(_: Victim, envelope: dsse.Envelope) -> bytes:
    stolen = dsse.Signature(key_id=BOB.public.id, bytes=ANN.sign(envelope.signed_bytes))
    return with_signatures(envelope, stolen)


def one_signature_under_two_ids(v: Victim, _: dsse.Envelope) -> bytes:
    anns = v.envelope(v.find("signoff.received", -2))
    (own,) = anns.signatures
    return with_signatures(anns, own, dataclasses.replace(own, key_id=BOB.public.id))


def another_payload_type(_: Victim, envelope: dsse.Envelope) -> bytes:
    return dataclasses.replace(envelope, payload_type="text/plain").encoded()


def base64_with_stray_bits(_: Victim, envelope: dsse.Envelope) -> bytes:
    text = envelope.encoded().decode()
    sig = json.loads(text)["signatures"][0]["sig"]
    return text.replace(sig, sig[:-3] + chr(ord(sig[-3]) + 1) + sig[-2:]).encode()


def spaces_in_the_envelope(_: Victim, envelope: dsse.Envelope) -> bytes:
    return json.dumps(json.loads(envelope.encoded())).encode()


def a_roster_that_few_signed(v: Victim) -> None:
    eve = person("eve", EVE, "lead", "sre")
    three = Roster(version=2, threshold=1, persons={"ann": person("ann", ANN, "lead"), "eve": eve})
    v.replace(v.find("roster.published", 1), endorsed(roster_statement(three), EVE).encoded())


def a_roster_in_which_two_share_a_key(v: Victim) -> None:
    shared = {"ann": person("ann", ANN, "lead"), "bob": person("bob", ANN, "sre")}
    two = Roster(version=2, threshold=1, persons=shared)
    v.replace(v.find("roster.published", 1), endorsed(roster_statement(two), ANN).encoded())


def a_policy_that_asks_for_one(v: Victim) -> None:
    easy = Policy(version=1, quorums={"production": Quorum(persons=1, distinct_roles=1)})
    v.replace(v.find("policy.published"), endorsed(policy_statement(easy), EVE).encoded())


def a_credential_in_a_file(v: Victim) -> None:
    v.replace(v.find("ticket.closed"), b"token ghp_" + b"a" * 36 + b"\n")


def an_attestation_by_a_stranger(v: Victim) -> None:
    place = v.find("attestation.made")
    v.replace(place, with_payload(v.envelope(place), EVE, outcome="rolled_back"))


def a_request_that_says_something_else(v: Victim) -> None:
    place = v.find("approval.requested")
    body = json.loads(v.file_of(place).read_bytes())
    body["proposal"]["artifact"] = "c" * 64
    v.replace(place, json.dumps(body).encode())


def another_specification(v: Victim) -> None:
    place = v.find("rollout.wanted")
    content = v.file_of(place).read_bytes().replace(b"weights: [10, 50]", b"weights: [50]")
    v.replace(place, content)


STOLEN_KEY = {
    "an edit before a sign-off": (edited("lease.taken", 0, where="pid 2 on laptop"), "is not of this log"),
    "a record taken out before a sign-off": (without("lease.taken", 0), "is not of this log"),
    "a record slipped in before a sign-off": (a_record_slipped_in_before_a_sign_off, "is not of this log"),
    "back-dated": (back_dated, "is not of this log"),
    "a clock set back": (a_clock_set_back, "ts falls"),
    "a time within the boot set back": (a_time_within_the_boot_set_back, "mono_ns falls"),
    "an epoch set back": (an_epoch_set_back, "its controller was replaced"),
    "an outcome without an intent": (an_outcome_without_an_intent, "an outcome without an open intent"),
    "an intent without an outcome": (without("step.ended", -2), "another one is open"),
    "another build in the wish": (another_build_in_the_wish, "what was deployed is not what was approved"),
    "no request named in the wish": (no_request_named_in_the_wish, "deployed without an approval"),
    "the approval of the release before": (the_approval_of_the_release_before, "used twice"),
    "a request that was never made": (edited("rollout.wanted", -1, approval="none"), "was never made"),
    "deployed by an approver": (deployed_by_an_approver, "ann: deploys it"),
    "deployed after the sign-offs expired": (deployed_after_the_sign_offs_expired, "it has expired"),
    "the second sign-off taken out": (without("signoff.received", -1), "deployed without a quorum"),
    "the policy taken out": (without("policy.published"), "deployed without a quorum"),
    "the look at the approval taken out": (
        lambda v: (without("step.ended", -1, key="confirm")(v), without("step.began", -1, key="confirm")(v)),
        "first traffic without a look at the approval",
    ),
    "a PASS taken out": (
        lambda v: (without("step.ended", -1, key="judge 50")(v), without("step.began", -1, key="judge 50")(v)),
        "without a PASS",
    ),
    "a verdict edited": (edited("step.ended", -1, key="judge 50"), "a step ends as another one"),
    "an outcome edited": (edited("rollout.settled", -1, outcome="rolled_back"), "rolled back, with 100 %"),
    "ann's sign-off as bob's": (the_sign_off_of_bob_replaced(anns_twice), "1 more person"),
    "ann's key under bob's id": (the_sign_off_of_bob_replaced(anns_key_under_bobs_id), "a key of theirs"),
    "one signature under two ids": (the_sign_off_of_bob_replaced(one_signature_under_two_ids), "1 more person"),
    "signed by a stranger": (forged(EVE), "a key of theirs"),
    "signed by the log": (forged(LOG), "a key of theirs"),
    "a stranger's name": (forged(BOB, person="eve"), "not in the roster"),
    "a role that bob does not hold": (forged(BOB, role="lead"), "does not hold the role"),
    "for another environment": (forged(BOB, environment="staging"), "another environment"),
    "for another request": (forged(BOB, gate="id-4"), "another request"),
    "for another plan": (forged(BOB, planDigest="c" * 64), "another plan"),
    "for another configuration": (forged(BOB, configDigest="c" * 64), "another configuration"),
    "for another policy": (forged(BOB, policyDigest="c" * 64), "another policy"),
    "expired before the deploy": (forged(BOB, notAfter="2020-01-01T00:00:00.000Z"), "it has expired"),
    "dated in the future": (
        forged(BOB, signedAt="2030-01-01T00:00:00.000Z", notAfter="2030-01-01T01:00:00.000Z"),
        "dated in the future",
    ),
    "held longer than allowed": (forged(BOB, notAfter="2030-01-01T00:00:00.000Z"), "longer than the policy"),
    "a reject that was hidden": (forged(BOB, decision="reject"), "rejected by bob"),
    "an abstention that was counted": (forged(BOB, decision="abstain"), "1 more person"),
    "seen on another log": (
        forged(BOB, logHead={"origin": "x", "size": 3, "digest": "c" * 64}),
        "is not of this log",
    ),
    "another payload type": (the_sign_off_of_bob_replaced(another_payload_type), "1 more person"),
    "base64 with stray bits": (the_sign_off_of_bob_replaced(base64_with_stray_bits), "1 more person"),
    "spaces in the envelope": (the_sign_off_of_bob_replaced(spaces_in_the_envelope), "1 more person"),
    "a roster that few signed": (a_roster_that_few_signed, "not signed by enough people"),
    "a roster in which two share a key": (a_roster_in_which_two_share_a_key, "have the same key"),
    "a roster version taken out": (without("roster.published", 0), "version 1 is expected"),
    "a policy that asks for one": (a_policy_that_asks_for_one, "not signed by enough people"),
    "a credential in a file": (a_credential_in_a_file, "there is a credential in this file"),
    "an attestation by a stranger": (an_attestation_by_a_stranger, "not signed with the log's key"),
    "a request that says something else": (a_request_that_says_something_else, "not the one that its record"),
    "another specification": (another_specification, "is not what was approved"),
}


@pytest.mark.parametrize("attack", FOLDER_ONLY, ids=lambda attack: attack.__name__)
def test_whoever_has_only_the_folder_is_found(victim, attack):
    attack(victim)
    assert FOLDER_ONLY[attack] in findings(victim)


@pytest.mark.parametrize("name", STOLEN_KEY)
def test_whoever_has_the_logs_key_as_well_is_found(victim, name):
    attack, word = STOLEN_KEY[name]
    attack(victim)
    assert word in findings(victim)


# ── what only something kept elsewhere shows


def cut_after_the_last_sign_off(v: Victim) -> None:
    v.rewrite(v.records()[:-1])


def edited_after_the_last_sign_off(v: Victim) -> None:
    edited("ticket.closed", -1, tracker="told")(v)


def added_at_the_end(v: Victim) -> None:
    last = v.records()[-1]
    extra = {**last, "id": "extra", "type": "note", "artifacts": [], "data": {}, "cause": [], "seq": 10_000}
    v.rewrite([*v.records(), extra])


@pytest.mark.parametrize("attack", [cut_after_the_last_sign_off, edited_after_the_last_sign_off])
def test_after_the_last_sign_off_a_kept_head_finds_what_the_thief_did(victim, attack):
    attack(victim)
    assert findings(victim) == ""
    assert "pinned is" in findings(victim, pin=victim.pin)


@pytest.mark.parametrize("attack", [cut_after_the_last_sign_off, edited_after_the_last_sign_off, added_at_the_end])
def test_without_a_kept_head_it_is_said_what_is_not_proven(victim, attack):
    attack(victim)
    found, audit = verified(victim.evidence, None)
    limits = " ".join([*found.not_proven, *_unproven(audit, None, found.head.seq)])
    assert "that nobody rewrote everything" in limits
    assert "no sign-off covers them, only the log's key does" in limits


def test_a_world_made_up_whole_is_found_by_the_roster_that_was_kept(victim, tmp_path, monkeypatch):
    for name, hand in (("ANN", EVE), ("BOB", LOG)):
        monkeypatch.setattr(f"victim.{name}", hand)
    Story(tmp_path / "forged").play()
    made_up = Victim(evidence=tmp_path / "forged" / "evidence", pin=Head(seq=1, digest=""), first_roster="")
    assert findings(made_up) == ""
    assert "another first roster" in findings(made_up, roster=victim.first_roster)


def test_there_are_as_many_attacks_as_promised():
    assert len(FOLDER_ONLY) + len(STOLEN_KEY) >= 40


def test_what_is_found_ends_with_the_exit_code_for_tampering(victim):
    a_file_changed(victim)
    found = trouble(victim)
    assert found
    assert found.code == Exit.TAMPERED
