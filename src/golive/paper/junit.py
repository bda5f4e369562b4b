"""Results as JUnit XML, as pipelines show them. What is not known is skipped, never passed."""

from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

CONTROL = {code: None for code in range(32) if chr(code) not in "\t\n\r"}  # what XML 1.0 does not take


@dataclass(frozen=True, kw_only=True)
class Case:
    """One thing that was tried; it passed unless `failure` or `skipped` says otherwise."""

    name: str
    out: str = ""
    failure: str = ""
    skipped: str = ""


def suite(name: str, classname: str, cases: Iterable[Case], *, timestamp: str = "", seconds: float = 0.0) -> str:
    """One suite in one document."""
    found = list(cases)
    failures, skipped = sum(bool(one.failure) for one in found), sum(_is_skipped(one) for one in found)
    counts = f'tests="{len(found)}" failures="{failures}" skipped="{skipped}" errors="0" time="{seconds:.3f}"'
    when = f" timestamp={_quoted(timestamp)}" if timestamp else ""
    inside = "\n".join(_case(one, classname) for one in found)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<testsuites>\n<testsuite name={_quoted(name)}{when} {counts}>\n{inside}\n</testsuite>\n</testsuites>\n"
    )


def _is_skipped(case: Case) -> bool:
    return bool(case.skipped) and not case.failure


def _case(case: Case, classname: str) -> str:
    inside = ""
    if case.failure:
        inside = f"<failure message={_quoted(case.failure)}/>"
    elif case.skipped:
        inside = f"<skipped message={_quoted(case.skipped)}/>"
    if case.out:
        inside += f"<system-out>{escape(case.out.translate(CONTROL))}</system-out>"
    return f"<testcase classname={_quoted(classname)} name={_quoted(case.name)}>{inside}</testcase>"


def _quoted(text: str) -> str:
    return quoteattr(text.translate(CONTROL))
