"""What a folder was recognised as."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from golive.spec.crosschecks import FILL_IN


@dataclass(frozen=True, kw_only=True)
class Found:
    """An application, as far as its folder tells. Empty `run`: how it is started is not known."""

    what: str  # "a FastAPI application"
    because: str  # "main.py: app = FastAPI(…)"
    build: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    health: str = ""  # the path that answers 200 when it is healthy; "" when none was found
    instances: int = 0  # how many copies another file asks for; 0 when none does
    secrets: tuple[str, ...] = ()  # variables that other files read from secrets
    notes: tuple[str, ...] = ()  # what the reader should know before the first deploy


def left_open(hint: str) -> str:
    """A value that nobody but the operator knows."""
    return f"{FILL_IN}: {hint}"
