"""A verdict: pass, fail, or inconclusive, always with its reason."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Then = Literal["", "ask", "fail"]


class Answer(StrEnum):
    """INCONCLUSIVE is not a pass: it holds, and in the end it fails."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One decision. `because` is one line for a person; `requests` is what it rests on (the candidate's).

    `then` says what follows when it is still INCONCLUSIVE in the end; "": what the objectives say.
    """

    answer: Answer
    because: str
    requests: int = 0
    errors: int = 0
    then: Then = ""
