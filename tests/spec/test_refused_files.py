"""Every file of `refused/` is refused with the text beside it: where, what, why, next."""

from pathlib import Path

import pytest
import yaml

from golive.errors import Exit, Failure
from golive.spec import yaml12
from golive.spec.parse import parse

FOLDER = Path(__file__).parent / "refused"
CASES = sorted(FOLDER.glob("*.yaml"))
SECRET_CASES = [case for case in CASES if case.stem.startswith("secret")]


def refusal(case: Path) -> Failure:
    with pytest.raises(Failure) as caught:
        parse(case.read_bytes(), name="golive.yaml")
    return caught.value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_refusal_says_where_what_why_and_next(case: Path) -> None:
    expected = case.with_suffix(".txt").read_text(encoding="utf-8")
    assert "\n".join(refusal(case).lines()) + "\n" == expected, "see tests/spec/refused/renew.py"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_part_of_a_refusal_is_a_usage_error_with_a_place_and_a_next_step(case: Path) -> None:
    failure = refusal(case)
    for one in (failure, *failure.also):
        assert one.code == Exit.USAGE
        assert one.where.startswith("golive.yaml:")
        assert one.next
    assert not any(one.also for one in failure.also)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_faults_come_in_the_order_of_the_file(case: Path) -> None:
    failure = refusal(case)
    places = [tuple(map(int, one.where.split(":")[1:3])) for one in (failure, *failure.also)]
    assert places == sorted(places)


@pytest.mark.parametrize("case", SECRET_CASES, ids=lambda case: case.stem)
def test_what_may_be_a_secret_is_never_repeated(case: Path) -> None:
    assert b"hunter" in case.read_bytes() or case.stem in ("secret-two-sources", "secret-no-source")
    assert "hunter" not in str(refusal(case).as_json())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_without_libyaml_the_same_files_are_refused_at_the_same_key(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_libyaml = refusal(case).where
    monkeypatch.setattr(yaml12, "Parser", yaml.SafeLoader)
    assert refusal(case).where.split(":")[0::3] == with_libyaml.split(":")[0::3]


def test_no_golden_is_left_over() -> None:
    assert {case.stem for case in CASES} == {golden.stem for golden in FOLDER.glob("*.txt")}
    assert len(CASES) >= 120


def test_after_fifty_faults_the_rest_is_only_announced() -> None:
    text = "".join(f"key{number}: 1\n" for number in range(200))
    with pytest.raises(Failure) as caught:
        parse(text.encode(), name="golive.yaml")
    assert len(caught.value.also) == 50
    assert caught.value.also[-1].what == "there is more; mend these first"
