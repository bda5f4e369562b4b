"""perf.json as JUnit XML: a case for each objective, one for the load itself, one for the comparison."""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

CONTROL = {code: None for code in range(32) if chr(code) not in "\t\n\r"}  # what XML 1.0 does not take


def junit(body: Mapping[str, Any]) -> str:
    """One suite. What is not known is skipped, never passed."""
    cases = list(_cases(body))
    failures = sum("<failure" in case for case in cases)
    skipped = sum("<skipped" in case for case in cases)
    name = _quoted(f"{body['service']} {body['environment']} {body['scenario']['name']}")
    seconds = f"{body['outcome']['elapsed_s']:.3f}"
    counts = f'tests="{len(cases)}" failures="{failures}" skipped="{skipped}" errors="0" time="{seconds}"'
    inside = "\n".join(cases)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<testsuites>\n<testsuite name={name} timestamp={_quoted(body['began'])} {counts}>\n"
        f"{inside}\n</testsuite>\n</testsuites>\n"
    )


def _cases(body: Mapping[str, Any]) -> Iterator[str]:
    for one in body["objectives"]:
        title = f"{one['name']} at most {one['limit']:g} {one['unit']}"
        told = f"{one['measured']:g} {one['unit']}"
        if one["holds"] is None:
            yield _case(title, skipped="it was not measured")
        else:
            yield _case(title, out=told, failure="" if one["holds"] else f"{told}, {one['limit']:g} may be")
    outcome, slow = body["outcome"], body["generator"]["bottleneck"]
    ended = f"it was {outcome['ended']}: {outcome['because']}" if outcome["ended"] != "whole" else ""
    yield _case("the load was whole, and its generator kept up", failure=ended or slow)
    comparison = body["comparison"]
    if comparison:
        title, because = "no worse than the run before", comparison["because"]
        if comparison["answer"] == "not comparable":
            yield _case(title, skipped=because)
        else:
            yield _case(title, out=because, failure=because if comparison["answer"] == "worse" else "")


def _case(name: str, *, out: str = "", failure: str = "", skipped: str = "") -> str:
    inside = ""
    if failure:
        inside = f"<failure message={_quoted(failure)}/>"
    elif skipped:
        inside = f"<skipped message={_quoted(skipped)}/>"
    if out:
        inside += f"<system-out>{escape(out.translate(CONTROL))}</system-out>"
    return f'<testcase classname="golive.perf" name={_quoted(name)}>{inside}</testcase>'


def _quoted(text: str) -> str:
    return quoteattr(text.translate(CONTROL))
