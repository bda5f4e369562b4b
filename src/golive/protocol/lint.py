"""What is wrong with a protocol, before anything of it runs.

Pure: the caller gathers the facts (`drivers.scripts`), and `rules.RULES` says what each finding means.
"""

from golive.protocol.checks.flow import flow
from golive.protocol.checks.gates import gates
from golive.protocol.checks.lines import lines
from golive.protocol.checks.references import missing_references
from golive.protocol.checks.structure import structure
from golive.protocol.document import Document, Finding
from golive.protocol.world import World


def lint(document: Document, world: World, *, skip_missing: bool = False) -> tuple[Finding, ...]:
    """Every finding, those of the reading too, in the order of the file.

    `skip_missing` makes an absent script a warning; a gate all of whose scripts are absent still checks nothing.
    """
    found = [
        *document.findings,
        *structure(document),
        *gates(document, world, skip_missing=skip_missing),
        *lines(document, world, skip_missing=skip_missing),
        *flow(document, world),
        *missing_references(document, world),
    ]
    return tuple(dict.fromkeys(sorted(found, key=lambda one: (one.at, one.rule, one.what))))
