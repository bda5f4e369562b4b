"""`golive judge`: why a verdict was given, what others would have said, and how calm a service is."""

import click

from golive.cli.chapter import Chapter

PARTS = {
    "explain": "Why a rollout was promoted or rolled back, as a picture",
    "replay": "Judge a recorded watch again, beside the rules of other tools",
    "calibrate": "Learn how much the instances of one revision differ, from placebo canaries",
    "advise": "How long a canary takes to decide with today's traffic",
}


class Judging(Chapter):
    """A module `cli/judging/explain.py` holds the click command `explain`."""

    package = "golive.cli.judging"
    contents = PARTS


@click.group(cls=Judging)
def judge() -> None:
    """Why a verdict was given, what others would have said, and how calm a service is.

    Example: golive judge explain
    """
