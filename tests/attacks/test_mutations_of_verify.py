"""The test of the tests: each check of the verification is taken out once, and its finding must be missed."""

import shutil
from collections.abc import Iterator

import pytest

import test_attacks as attacks
from golive.assembly.views import verified
from golive.evidence import manifest, verification
from golive.evidence.signing.keys import PublicKey
from golive.evidence.tree import heads, note
from golive.gate import audit
from golive.gate.approval import quorum
from golive.gate.trust import versions
from golive.release import replay
from victim import Story, Victim


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("story")
    Story(folder).play()
    return folder / "evidence"


@pytest.fixture
def victim(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "evidence")
    found, checked = verified(tmp_path / "evidence", None)
    return Victim(evidence=tmp_path / "evidence", pin=found.head, first_roster=checked.roster_digest)


def nothing(*_: object, **__: object) -> Iterator[object]:
    return iter(())


def no_heads(patch):
    patch.setattr(heads.Heads, "findings", nothing)


def any_signature_on_a_head(patch):
    patch.setattr(note.Note, "is_signed_by", lambda *_: True)


def files_are_not_read(patch):
    patch.setattr(verification._Check, "_of_artifact", nothing)


def credentials_are_let_in(patch):
    patch.setattr("golive.drivers.artifacts.frozenset", lambda *_: frozenset(), raising=False)


def the_manifest_is_not_compared(patch):
    patch.setattr(manifest.Listed, "faults", nothing)


def nothing_is_replayed(patch):
    patch.setattr(replay.Replay, "take", lambda *_: ())


def deploys_are_not_held_against_sign_offs(patch):
    patch.setattr(audit.Audit, "_allowed", nothing)


def attestations_are_not_checked(patch):
    patch.setattr(audit.Audit, "rest", nothing)


def any_key_may_sign(patch):
    patch.setattr(PublicKey, "verifies", lambda *_: True)


def deployers_may_approve(patch):
    patch.setattr(quorum, "_too_close", nothing)


def what_is_about_another_counts(patch):
    patch.setattr(quorum, "_about_another", nothing)


def faults_of_sign_offs_are_not_looked_for(patch):
    patch.setattr(quorum, "_faults", nothing)


def nothing_is_missing(patch):
    patch.setattr(quorum, "_missing", lambda *_: ())


def few_may_sign_a_roster(patch):
    patch.setattr(versions, "lacking_signatures", lambda *_: 0)


def persons_may_share_a_key(patch):
    patch.setattr(versions, "fault_in", lambda *_: "")


STOLEN = attacks.STOLEN_KEY
MUTATIONS = [
    (no_heads, attacks.the_end_cut_off, "records were cut off the end"),
    (any_signature_on_a_head, attacks.a_head_signed_by_a_stranger, "not signed with the log's key"),
    (files_are_not_read, attacks.a_file_cut, "this file was changed"),
    (credentials_are_let_in, attacks.a_credential_in_a_file, "there is a credential in this file"),
    (the_manifest_is_not_compared, attacks.a_manifest_that_says_something_else, "the manifest is not"),
    (nothing_is_replayed, STOLEN["a PASS taken out"][0], "without a PASS"),
    (deploys_are_not_held_against_sign_offs, attacks.deployed_by_an_approver, "without a quorum"),
    (attestations_are_not_checked, attacks.an_attestation_by_a_stranger, "not signed with the log's key"),
    (any_key_may_sign, STOLEN["signed by a stranger"][0], "a key of theirs"),
    (deployers_may_approve, attacks.deployed_by_an_approver, "ann: deploys it"),
    (what_is_about_another_counts, STOLEN["for another plan"][0], "another plan"),
    (faults_of_sign_offs_are_not_looked_for, STOLEN["expired before the deploy"][0], "it has expired"),
    (nothing_is_missing, STOLEN["ann's sign-off as bob's"][0], "1 more person"),
    (few_may_sign_a_roster, attacks.a_policy_that_asks_for_one, "not signed by enough people"),
    (persons_may_share_a_key, attacks.a_roster_in_which_two_share_a_key, "have the same key"),
]


@pytest.mark.parametrize(("mutation", "attack", "word"), MUTATIONS, ids=[m.__name__ for m, _, _ in MUTATIONS])
def test_an_attack_is_found_by_the_check_that_is_meant_for_it(victim, monkeypatch, mutation, attack, word):
    attack(victim)
    assert word in attacks.findings(victim)
    mutation(monkeypatch)
    assert word not in attacks.findings(victim)
