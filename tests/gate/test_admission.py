"""Who may go where: the same build must have succeeded in every environment that is required."""

from datetime import UTC, datetime

import pytest

from golive.gate.admission import admit
from golive.release.past import Past, Settled
from golive.release.revision import Revision

BUILD, OTHER = Revision(digest="a" * 64), Revision(digest="b" * 64)
NOW = datetime(2026, 1, 5, tzinfo=UTC)


def past(*settled: tuple[Revision, str], line: tuple[Revision, ...] = ()) -> Past:
    ends = tuple(
        Settled(
            id=str(n),
            kind="deploy",
            new=new,
            old=None,
            outcome=outcome,
            because="",
            began_at=NOW,
            at=NOW,
            by="ann",
        )
        for n, (new, outcome) in enumerate(settled)
    )
    return Past(environment="staging", settled=ends, line=line)


CASES = {
    "never deployed": (past(), False, "has not succeeded in staging"),
    "another build succeeded": (past((OTHER, "succeeded"), line=(OTHER,)), False, "has not succeeded"),
    "it failed": (past((BUILD, "rolled_back")), False, "where it ended as rolled_back"),
    "it succeeded": (past((BUILD, "succeeded"), line=(BUILD,)), True, "it succeeded in staging"),
    "succeeded, then rolled back": (
        past((BUILD, "succeeded"), line=(OTHER,)),
        False,
        "was rolled back in staging",
    ),
    "succeeded before a newer one": (past((BUILD, "succeeded"), line=(BUILD, OTHER)), True, "it succeeded"),
}


@pytest.mark.parametrize(("before", "admitted", "words"), CASES.values(), ids=CASES)
def test_a_build_goes_on_only_after_it_succeeded(before, admitted, words):
    decision = admit(BUILD, ("staging",), {"staging": before})
    assert (decision.admitted, words in decision.because) == (admitted, True), decision


def test_settings_of_the_environment_do_not_matter():
    elsewhere = Revision(digest=BUILD.digest, settings="c" * 64)
    before = past((elsewhere, "succeeded"), line=(elsewhere,))
    assert admit(BUILD, ("staging",), {"staging": before}).admitted


def test_nothing_required_is_admitted():
    assert admit(BUILD, (), {}).admitted
