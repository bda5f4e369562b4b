"""Controls: every one that a claim names is explained, and only records that are really written show one."""

import re
from pathlib import Path

import pytest

from golive.gate.claims.catalogue import CLAIMS
from golive.gate.mapping import ALSO, CONTROLS, EVERY, claims_of, served

SOURCE = Path(__file__).parents[2] / "src" / "golive"
BY_ID = {control.id: control for control in CONTROLS}
WRITTEN = {
    word
    for path in SOURCE.rglob("*.py")
    if path.name != "mapping.py"
    for word in re.findall(r'"([a-z]+\.[a-z]+)"', path.read_text())
}


def test_each_control_is_there_once():
    assert len(BY_ID) == len(CONTROLS)


def test_every_control_that_a_claim_names_is_explained():
    assert {control for claim in CLAIMS.values() for control in claim.controls} <= BY_ID.keys()


@pytest.mark.parametrize("framework", ["ISO27001", "DORA"])
def test_every_criterion_of_a_claim_has_a_like_in_each_framework(framework):
    named = {c for claim in CLAIMS.values() for c in claim.controls if c.startswith("SOC2:")}
    assert named <= {one for one, others in ALSO.items() if any(o.startswith(framework) for o in others)}


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_a_control_has_a_number_words_of_ours_and_records_that_are_written(control):
    assert re.fullmatch(r"(SOC2|ISO27001|NIST|DORA|RTS2024/1774):[A-Z]?[\w.()-]+", control.id)
    assert control.asks[0].islower()
    assert not control.asks.endswith(".")
    assert set(control.records) - {EVERY} <= WRITTEN
    assert set(control.like) <= {one for one in BY_ID if one.startswith("SOC2:")}


def test_what_serves_a_criterion_serves_those_like_it():
    assert claims_of(BY_ID["DORA:11"]) == claims_of(BY_ID["SOC2:CC7.5"])
    assert set(claims_of(BY_ID["SOC2:CC6.8"])) < set(claims_of(BY_ID["DORA:9(4)(e)"]))


def test_without_records_nothing_was_done():
    assert all(one.newest == 0 and set(one.records.values()) == {0} for one in served(()))
