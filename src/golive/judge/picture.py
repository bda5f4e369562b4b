"""Placeholder."""

from golive.judge.story import Story


def svg(story: Story) -> str:
    return "<svg xmlns='http://www.w3.org/2000/svg'/>"
