"""The one error that reaches a user: where it is, what is wrong, why it matters, what to do next.

Raise `Failure` at the place that knows all four. Catch it only where something can be done about it;
the edges (`cli`, later `server`) print it. Anything else that reaches a user is our defect and says so.
"""

from enum import IntEnum


class Exit(IntEnum):
    """What a command tells its caller. The numbers are a contract: scripts branch on them."""

    DONE = 0  # done, or proven
    FAILED = 1  # failed or refuted, and made safe (rolled back)
    USAGE = 2  # wrong usage, or a specification that cannot be used
    WAITING = 3  # unproven, stale, or waiting for a person
    REFUSED = 4  # refused by policy, approval or another controller
    TAMPERED = 5  # evidence tampered with, or incomplete
    UNSAFE = 7  # could not be made safe: act now
    INTERRUPTED = 130


class Failure(Exception):
    """One refusal or fault, in the words of the operator.

    `where` names the place (`golive.yaml:14:16: strategy.stages[0].weight`, a path, an address),
    `what` the fault, `why` the fact or limit behind it, `next` the command or edit that mends it.
    `also` holds further failures found at the same time, so that a reader sees all at once.
    """

    def __init__(
        self,
        *,
        where: str,
        what: str,
        why: str = "",
        next: str = "",
        code: Exit = Exit.FAILED,
        also: tuple["Failure", ...] = (),
    ) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what
        self.why = why
        self.next = next
        self.code = code
        self.also = also

    def lines(self) -> list[str]:
        """The failure as text, one fact a line, those of `also` after it."""
        own = [f"{self.where}: {self.what}"]
        own += [f"why:  {self.why}"] if self.why else []
        own += [f"next: {self.next}"] if self.next else []
        return own + [line for other in self.also for line in other.lines()]

    def as_json(self) -> dict[str, object]:
        """The same facts under the same names, for `--json`."""
        own: dict[str, object] = {
            "where": self.where,
            "what": self.what,
            "why": self.why,
            "next": self.next,
            "exit_code": int(self.code),
        }
        return own | ({"also": [other.as_json() for other in self.also]} if self.also else {})

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuilt, (self.where, self.what, self.why, self.next, self.code, self.also))


def _rebuilt(where: str, what: str, why: str, next: str, code: Exit, also: tuple[Failure, ...]) -> Failure:
    return Failure(where=where, what=what, why=why, next=next, code=code, also=also)
