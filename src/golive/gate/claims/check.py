"""The seam between a claim and what proves it: an exercise, and the fault under which it must turn red."""

from typing import Protocol

from golive.evidence.claim import Exercised


class Check(Protocol):
    """Proves one claim. World checks are in `drivers.checks`, those that only read records in `derived`."""

    @property
    def claim(self) -> str:
        """The id of the claim that it proves."""
        ...

    async def exercise(self) -> Exercised:
        """Do what proves the claim, on the real thing. A `Failure` of the outside is an answer: refuted."""
        ...

    async def control(self, scratch: str) -> Exercised:
        """Plant the opposite fault in a stand-in below the folder `scratch`, and run the same exercise on it.

        Must answer `refuted`, else the check proves nothing. Touches nothing outside `scratch`.
        """
        ...
