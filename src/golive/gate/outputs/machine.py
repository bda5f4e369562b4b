"""A gate's decision for other tools: JUnit XML and SARIF 2.1.0. An open claim is a failure, never a skip."""

import json
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from golive import __version__
from golive.evidence.claim import Verdict
from golive.gate.decision import LETS_PASS, GateDecision

SARIF = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
WHOLE = {"startLine": 1}  # a claim is about no line; readers that annotate files look for one
LEVELS = {Verdict.REFUTED: "error", Verdict.UNPROVEN: "warning", Verdict.STALE: "warning", Verdict.WAIVED: "note"}


def junit(decision: GateDecision) -> str:
    """One case for each claim."""
    suite = ElementTree.Element(
        "testsuite",
        name=f"golive {decision.phase} gate: {decision.environment}",
        tests=str(len(decision.judged)),
        failures=str(len(decision.open)),
        timestamp=decision.at.strftime("%Y-%m-%dT%H:%M:%S"),
    )
    for one in decision.judged:
        case = ElementTree.SubElement(suite, "testcase", classname=one.claim.phase, name=one.claim.id)
        if one.verdict not in LETS_PASS:
            failure = ElementTree.SubElement(case, "failure", type=str(one.verdict), message=clean(one.because))
            failure.text = clean(f"{one.claim.statement}\n{one.because}\nnext: {one.next}")
        elif one.verdict is Verdict.WAIVED:
            ElementTree.SubElement(case, "system-out").text = clean(one.because)
    return xml(suite)


def sarif(decision: GateDecision) -> str:
    """A result for each claim that is not proven. Environments are told apart, so that none replaces another."""
    told = [one for one in decision.judged if one.verdict in LEVELS]
    rules = [
        {
            "id": one.claim.id,
            "shortDescription": {"text": one.claim.statement},
            "help": {"text": f"exercise: {one.claim.exercise}\ncontrol: {one.claim.control}"},
            "properties": {"tags": list(dict.fromkeys(one.claim.controls))},
        }
        for one in told
    ]
    results = [
        {
            "ruleId": one.claim.id,
            "ruleIndex": place,
            "level": LEVELS[one.verdict],
            "message": {"text": f"{one.verdict}: {one.because}" + (f"; next: {one.next}" if one.next else "")},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": "golive.yaml"}, "region": WHOLE}}],
            "partialFingerprints": {"claim/v1": f"{decision.environment}/{one.claim.id}"},
        }
        for place, one in enumerate(told)
    ]
    return sarif_log(rules, results, f"golive-gate/{decision.environment}/{decision.phase}/")


def sarif_log(
    rules: Sequence[Mapping[str, object]], results: Sequence[Mapping[str, object]], told_apart: str
) -> str:
    """A log of one run of golive. What is `told_apart` by its id does not replace another's results."""
    driver = {"name": "golive", "version": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "automationDetails": {"id": told_apart}, "results": results}
    return json.dumps({"$schema": SARIF, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def xml(element: ElementTree.Element) -> str:
    """An element and what is in it as a file."""
    ElementTree.indent(element)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(element, encoding="unicode")}\n'


def clean(words: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(c if c in "\n\t" or c.isprintable() else "�" for c in words)
