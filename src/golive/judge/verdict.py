"""A verdict: pass, fail, or inconclusive, always with its reason."""

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """INCONCLUSIVE is not a pass: it holds, and in the end it fails."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One decision. `because` is one line for a person; `requests` is what it rests on (the candidate's)."""

    answer: Answer
    because: str
    requests: int = 0
    errors: int = 0
