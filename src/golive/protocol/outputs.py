"""The findings of protocols as text, JSON, SARIF 2.1.0, JUnit XML, and the report of older validators.

What a document or a script says is printed without control characters: it may hold escapes for a terminal.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

from golive.gate.outputs.machine import clean, sarif_log, xml
from golive.protocol.document import Document, Finding
from golive.protocol.rule import Rule
from golive.protocol.rules import RULES
from golive.spec.fault import printable

SCHEMA_VERSION = 1
SHOWN = 400  # characters of one sentence


@dataclass(frozen=True, kw_only=True)
class Linted:
    """One protocol with what is wrong with it. `path` is as the operator gave it, with slashes."""

    path: str
    document: Document
    findings: tuple[Finding, ...]

    def count(self, severity: str) -> int:
        return sum(one.severity == severity for one in self.findings)

    @property
    def status(self) -> Literal["pass", "warning", "fail"]:
        """Notes do not count."""
        if self.count("error"):
            return "fail"
        return "warning" if self.count("warning") else "pass"


def text(protocols: Sequence[Linted]) -> str:
    """`file:line:column`, what, why, next; then one line for each file."""
    lines: list[str] = []
    for protocol in protocols:
        for one in protocol.findings:
            place = f"{_line(protocol.path)}:{one.at.line}:{one.at.column}"
            lines.append(f"{place}: {one.severity}: {_line(one.what)} [{one.rule}]")
            lines += [f"    why:  {_line(one.why)}"] if one.why else []
            lines += [f"    next: {_line(one.next)}"] if one.next else []
    lines += [f"{_line(protocol.path)}: {_summed(protocol)}" for protocol in protocols]
    return "\n".join(lines) + "\n" if lines else ""


def as_json(protocols: Sequence[Linted]) -> dict[str, object]:
    """The same facts, for `--json`."""
    return {
        "schema_version": SCHEMA_VERSION,
        "status": status(protocols),
        "protocols": [
            {
                "path": protocol.path,
                "phase": protocol.document.phase,
                "title": protocol.document.title,
                "dialect": protocol.document.dialect,
                "status": protocol.status,
                "findings": [_finding(one) for one in protocol.findings],
            }
            for protocol in protocols
        ],
    }


def sarif(protocols: Sequence[Linted]) -> str:
    """A result for each finding, and the rules that were met."""
    met = sorted({one.rule for protocol in protocols for one in protocol.findings})
    rules = [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.says},
            "fullDescription": {"text": rule.why or rule.says},
            "help": {"text": rule.next or rule.says},
            "defaultConfiguration": {"level": rule.severity},
        }
        for rule in map(_rule, met)
    ]
    results = [_result(protocol, one, met.index(one.rule)) for protocol in protocols for one in protocol.findings]
    return sarif_log(rules, results, "golive-protocol/")


def junit(protocols: Sequence[Linted]) -> str:
    """A suite for each file with a case for each rule. Errors and warnings fail a case; notes do not."""
    suites = ElementTree.Element("testsuites", name="golive protocol validate")
    for protocol in protocols:
        found: dict[str, list[Finding]] = {}
        for one in protocol.findings:
            found.setdefault(one.rule, []).append(one)
        suite = ElementTree.SubElement(suites, "testsuite", name=clean(protocol.path))
        failed = 0
        for name in (*RULES, *(name for name in found if name not in RULES)):
            case = ElementTree.SubElement(suite, "testcase", classname=clean(protocol.path), name=name)
            failed += _fill(case, protocol, found.get(name, []))
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(failed))
    return xml(suites)


def report(protocols: Sequence[Linted]) -> dict[str, object]:
    """The report with the names that older validators of such protocols gave it. Notes are left out."""
    issues = [
        {
            "severity": "critical" if one.severity == "error" else "warning",
            "type": one.rule,
            "message": f"{protocol.path}:{one.at.line}: {_line(one.what)}",
            "fix": _line(one.next),
        }
        for protocol in protocols
        for one in protocol.findings
        if one.severity != "note"
    ]
    return {
        "status": status(protocols),
        "summary": {
            "total_protocols": len(protocols),
            "validated": sum(protocol.status != "fail" for protocol in protocols),
            "issues_found": len(issues),
            "critical_issues": sum(issue["severity"] == "critical" for issue in issues),
        },
        "protocols": {
            protocol.path: {
                "title": protocol.document.title,
                "phase": protocol.document.phase,
                "status": protocol.status,
                "issues": protocol.count("error") + protocol.count("warning"),
            }
            for protocol in protocols
        },
        "issues": issues,
        "recommendations": list(dict.fromkeys(str(issue["fix"]) for issue in issues if issue["fix"])),
    }


def status(protocols: Sequence[Linted]) -> Literal["pass", "warning", "fail"]:
    """The worst of all. Nothing at all is no pass."""
    found = {protocol.status for protocol in protocols}
    if "fail" in found or not found:
        return "fail"
    return "warning" if "warning" in found else "pass"


def as_text(value: dict[str, object]) -> str:
    """JSON as a file."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _finding(one: Finding) -> dict[str, object]:
    return {
        "rule": one.rule,
        "severity": one.severity,
        "line": one.at.line,
        "column": one.at.column,
        "what": _line(one.what),
        "why": _line(one.why),
        "next": _line(one.next),
    }


def _rule(name: str) -> Rule:
    """Rules of the reading are known by their findings alone."""
    return RULES.get(name) or Rule(id=name, severity="warning", says=name.replace("-", " "), why="", next="")


def _result(protocol: Linted, one: Finding, place: int) -> dict[str, object]:
    said = " ".join(
        part for part in (f"{_line(one.what)}.", f"Next: {_line(one.next)}" if one.next else "") if part
    )
    region = {"startLine": one.at.line, "startColumn": one.at.column}
    return {
        "ruleId": one.rule,
        "ruleIndex": place,
        "level": one.severity,
        "message": {"text": said},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(protocol.path)}, "region": region}}],
        "partialFingerprints": {"finding/v1": f"{one.rule}/{_line(one.what)}"},
    }


def _uri(path: str) -> str:
    """A relative path as a URI reference."""
    return "".join(
        char
        if char.isascii() and (char.isalnum() or char in "/-._~")
        else "".join(f"%{b:02X}" for b in char.encode())
        for char in path
    )


def _fill(case: ElementTree.Element, protocol: Linted, found: Sequence[Finding]) -> int:
    """What was found under one rule, into its case; 1 when it fails."""
    told = clean("\n".join(_told(protocol, found)))
    failing = [one for one in found if one.severity != "note"]
    if failing:
        message = clean(_line(failing[0].what))
        ElementTree.SubElement(case, "failure", type=failing[0].severity, message=message).text = told
    elif found:
        ElementTree.SubElement(case, "system-out").text = told
    return int(bool(failing))


def _told(protocol: Linted, found: Sequence[Finding]) -> Iterator[str]:
    for one in found:
        yield f"{protocol.path}:{one.at.line}:{one.at.column}: {_line(one.what)}; next: {_line(one.next)}"


def _summed(protocol: Linted) -> str:
    counts = [(protocol.count(name), name) for name in ("error", "warning", "note")]
    said = [f"{count} {name}{'s' * (count != 1)}" for count, name in counts if count]
    return f"{protocol.status}: {', '.join(said) or 'nothing found'}"


def _line(words: str) -> str:
    """One line that can be printed anywhere."""
    return printable(words if len(words) <= SHOWN else f"{words[:SHOWN]}…")
