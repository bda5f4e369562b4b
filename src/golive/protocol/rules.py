"""The rules that a protocol is held against, all in one table: `RULES`.

`docs/reference/protocol-rules.md` is made from it. A finding may say something more exact than its rule; `finding`
falls back on the rule's words.
"""

from collections.abc import Mapping
from types import MappingProxyType

from golive.protocol.document import Finding, Place
from golive.protocol.rule import Rule, Severity, error, note, warning
from golive.protocol.rules_of_lines import ARGUMENTS, SCRIPTS

STRUCTURE = (
    warning(
        "step-gap",
        "step numbers leave one out",
        "a reader cannot tell whether a step was lost",
        "renumber the steps, or put back the one that is missing",
    ),
    warning(
        "step-repeated",
        "two steps have the same number",
        "`--from` and records name steps by number: two of one name cannot be told apart",
        "renumber the later one",
    ),
    warning(
        "step-order",
        "a step has a lower number than the one before it",
        "steps run in the order of the file, never sorted by number",
        "renumber the steps in the order in which they are to be done",
    ),
    note(
        "step-first",
        "the first step is not number 1",
        "a reader cannot tell whether the beginning was lost",
        "begin with step 1",
    ),
    warning(
        "section-missing",
        "a section of the canonical form is missing",
        "each has its meaning: prerequisites block, steps act, outputs are looked for, a handoff ends",
        "add the section, with one line that says so when there is nothing in it",
    ),
    warning(
        "title-repeated",
        "two steps have the same title",
        "people speak of steps by title",
        "give each its own title",
    ),
    note(
        "manual-step",
        "a step has no command",
        "its items become a checklist that named people answer",
        "nothing, if a person is meant; otherwise add a directive",
    ),
    warning(
        "output-unproduced",
        "no step writes an output that is promised",
        "it will be missing at the end, or somebody will make it up",
        "name the path in the step that writes it, or take it out of the outputs",
    ),
    warning(
        "reference-missing",
        "the text refers to something that does not exist",
        "who follows it at night stands before nothing",
        "correct the reference",
    ),
    error(
        "production-before-staging",
        "production is changed before staging",
        "what breaks, breaks for users first",
        "move the staging line before it",
    ),
    warning(
        "production-without-staging",
        "production is changed, and staging never",
        "what breaks, breaks for users first",
        "add the same line for staging before it",
    ),
    error(
        "gate-empty",
        "a gate checks nothing",
        "it passes whatever happened",
        "give it a command that can fail, or criteria that a person answers",
    ),
    warning(
        "gate-unchecked",
        "a gate has no command",
        "it rests on people's words alone",
        "give it a command that can fail",
    ),
    error(
        "gate-changes",
        "a gate changes what it should judge",
        "a gate decides; what it changes itself it cannot judge",
        "move the line to a step before the gate",
    ),
)

RULES: Mapping[str, Rule] = MappingProxyType({rule.id: rule for rule in (*STRUCTURE, *SCRIPTS, *ARGUMENTS)})


def finding(
    rule: str, at: Place, what: str, *, why: str = "", next: str = "", severity: Severity | None = None
) -> Finding:
    """A finding of a rule, with the rule's own reason and remedy where none is given."""
    known = RULES[rule]
    return Finding(
        rule=rule,
        severity=severity or known.severity,
        at=at,
        what=what,
        why=why or known.why,
        next=next or known.next,
    )
