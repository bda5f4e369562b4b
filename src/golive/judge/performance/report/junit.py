"""perf.json as JUnit XML: a case for each objective, one for the load itself, one for the comparison."""

from collections.abc import Iterator, Mapping
from typing import Any

from golive.paper.junit import Case, suite


def junit(body: Mapping[str, Any]) -> str:
    """One suite."""
    name = f"{body['service']} {body['environment']} {body['scenario']['name']}"
    seconds = body["outcome"]["elapsed_s"]
    return suite(name, "golive.perf", _cases(body), timestamp=body["began"], seconds=seconds)


def _cases(body: Mapping[str, Any]) -> Iterator[Case]:
    for one in body["objectives"]:
        title = f"{one['name']} at most {one['limit']:g} {one['unit']}"
        told = f"{one['measured']:g} {one['unit']}"
        if one["holds"] is None:
            yield Case(name=title, skipped="it was not measured")
        else:
            yield Case(name=title, out=told, failure="" if one["holds"] else f"{told}, {one['limit']:g} may be")
    outcome, slow = body["outcome"], body["generator"]["bottleneck"]
    ended = f"it was {outcome['ended']}: {outcome['because']}" if outcome["ended"] != "whole" else ""
    yield Case(name="the load was whole, and its generator kept up", failure=ended or slow)
    comparison = body["comparison"]
    if comparison:
        title, because = "no worse than the run before", comparison["because"]
        if comparison["answer"] == "not comparable":
            yield Case(name=title, skipped=because)
        else:
            yield Case(name=title, out=because, failure=because if comparison["answer"] == "worse" else "")
