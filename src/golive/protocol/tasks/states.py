"""The states of a task and which may follow which, as data; and the words that files in the wild use for them."""

from typing import Literal, get_args

State = Literal["pending", "in_progress", "blocked", "completed", "cancelled"]
STATES: tuple[State, ...] = get_args(State)

MAY_FOLLOW: dict[State, tuple[State, ...]] = {
    "pending": ("in_progress", "blocked", "cancelled"),
    "in_progress": ("completed", "blocked", "pending", "cancelled"),
    "blocked": ("in_progress", "pending", "cancelled"),
    "completed": ("in_progress",),  # taken up again
    "cancelled": ("pending",),
}
NEEDS_A_REASON = frozenset({"completed", "cancelled"})  # leaving these is unusual: a note says why
SETTLED = frozenset({"completed", "cancelled"})  # a dependency in one of these holds nothing back

SYNONYMS: dict[str, State] = {
    "todo": "pending",
    "to_do": "pending",
    "open": "pending",
    "new": "pending",
    "planned": "pending",
    "ready": "pending",
    "backlog": "pending",
    "not_started": "pending",
    "doing": "in_progress",
    "started": "in_progress",
    "active": "in_progress",
    "ongoing": "in_progress",
    "wip": "in_progress",
    "review": "in_progress",
    "in_review": "in_progress",
    "on_hold": "blocked",
    "waiting": "blocked",
    "halted": "blocked",
    "done": "completed",
    "complete": "completed",
    "finished": "completed",
    "closed": "completed",
    "resolved": "completed",
    "canceled": "cancelled",
    "dropped": "cancelled",
    "abandoned": "cancelled",
    "wont_do": "cancelled",
    "wontfix": "cancelled",
}


def state_of(word: str) -> State | None:
    """The state that a word means; None when it is unknown. A task without one is pending."""
    plain = "_".join(word.strip().casefold().replace("-", " ").replace("_", " ").replace("'", "").split())
    if not plain:
        return "pending"
    return next((state for state in STATES if state == plain), SYNONYMS.get(plain))


def may_follow(before: State, after: State) -> bool:
    return after in MAY_FOLLOW[before]
