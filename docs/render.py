"""Renews the pages of docs/reference that are made from the code: `make docs`.

commands.md from the command line's own help, golive-yaml.md from the keys of the specification, claims.md from the
catalogue of claims, attestations.md from the schemas of the predicates, controls.md from the mapping of controls,
perf.schema.json from the schema of perf.json,
protocol-rules.md from the table of rules for protocols.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from golive.cli import COMMANDS, golive
from golive.evidence.signing.predicates.schemas import SCHEMAS
from golive.gate.claims.catalogue import CLAIMS
from golive.gate.claims.statements import STATEMENTS
from golive.gate.mapping import CONTROLS, EVERY, claims_of
from golive.judge.performance.perfschema import SCHEMA
from golive.protocol.rules import ARGUMENTS, SCRIPTS, STRUCTURE

REFERENCE = Path(__file__).parent / "reference"
WIDTH = 100

HEAD = """# Commands

Every command answers on stdout and tells its progress on stderr; `--json` prints the same values as JSON with a
`schema_version`. `NO_COLOR` is honoured. Exit codes:

| code | meaning |
|---|---|
| 0 | done, or proven |
| 1 | failed or refuted, and made safe: traffic is where it was |
| 2 | wrong usage, or a specification that cannot be used |
| 3 | unproven, or waiting for a person |
| 4 | refused by policy, or by another controller at work |
| 5 | evidence tampered with, or incomplete |
| 7 | could not be made safe: act now |
| 130 | interrupted |
"""


def commands() -> str:
    """The page of commands."""
    with golive.make_context("golive", [], resilient_parsing=True) as top:
        pages = [section for name in COMMANDS for section in sections(top, name)]
    return HEAD + "".join(pages)


CLAIMS_HEAD = """# Claims

A claim is one sentence that must be true before going live. It is *proven* only by its exercise, only if the
exercise turned red under the fault that its control plants, only for the inputs that it was run with, and only
for its lifetime. Everything else is `refuted`, `unproven`, `stale`, or `waived` (signed, with an end). There is
no score.

`golive claims list` shows where each stands, `golive claims explain ID` how it got there, `golive claims
selftest` plants every fault again. A claim that this version has no exercise for waits for the team's own, under
the same id:

```yaml
claims:
  - id: metrics-received
    statement: a metric that is sent arrives where it is watched
    exercise: [./probe-metrics.sh]
    control: [./probe-metrics.sh, --look-for-one-that-was-never-sent]
```
"""

ATTESTATIONS_HEAD = """# Attestations

Statements of in-toto (v1) in DSSE envelopes, one signature a person, canonical JSON. People sign sign-offs,
waivers, rosters and policies; the log's key signs what golive attests: deployments, ways back, smoke tests
(`https://in-toto.io/attestation/test-result/v0.1`) and gate decisions (`https://in-toto.io/attestation/svr/v0.2`).
They are under `evidence/operations/` (`attestations/`, `approvals/`, `waivers/`, `trust/`), and every one is named
by a record. The predicate types of golive's own are names, not addresses: nothing ever fetches them.

To check one without golive: decode `payload`, hash or read it; the signature is Ed25519 over
`DSSEv1 <length> <payloadType> <length> <payload>`, the key that of the roster, or of the newest `log.key` record.
"""


def claims() -> str:
    """The page of claims."""
    stated = "".join(f"| {name} | {', '.join(ids)} |\n" for name, ids in STATEMENTS.items())
    pages = [
        f"\n## {claim.id}\n\n{claim.statement[0].upper()}{claim.statement[1:]}.\n\n"
        f"| | |\n|---|---|\n| exercise | {claim.exercise} |\n| negative control | {claim.control} |\n"
        f"| depends on | {', '.join(sorted(claim.inputs)) or 'nothing that has a digest'} |\n"
        f"| holds | {claim.lifetime.days} days |\n| controls | {', '.join(claim.controls)} |\n"
        f"| next | {claim.next} |\n"
        for claim in CLAIMS.values()
    ]
    return f"{CLAIMS_HEAD}\n| statement of the protocol | claims |\n|---|---|\n{stated}{''.join(pages)}"


def attestations() -> str:
    """The page of predicate types."""
    pages = [
        f"\n## {kind.rsplit('/', 2)[1]}\n\n`{kind}`\n\n```json\n{json.dumps(schema, indent=2)}\n```\n"
        for kind, schema in SCHEMAS.items()
    ]
    return ATTESTATIONS_HEAD + "".join(pages)


CONTROLS_HEAD = """# Controls

What golive keeps serves controls that auditors ask about: claims say that something holds now, records show that
it was done. Numbers of controls and our own words only; the texts of the frameworks belong to their owners.
**Nobody has certified this table: an auditor should look it over once.** A control is met by what people do, of
which this is the evidence.

`golive evidence controls` says how many records there are for each, `golive gate --env ENV --format controls`
how each claim stands, `--format oscal` the same as OSCAL assessment results (NIST controls only, whose catalog is
public), `golive evidence changes` every change as one row. A team's own claims name their controls in golive.yaml.

| control | asks, in our words | claims | records |
|---|---|---|---|
"""


def controls() -> str:
    """The page of controls."""
    rows = [
        f"| {one.id} | {one.asks} | {', '.join(claims_of(one))} | "
        f"{', '.join('every record' if kind == EVERY else f'`{kind}`' for kind in one.records)} |\n"
        for one in CONTROLS
    ]
    return CONTROLS_HEAD + "".join(rows)


RULES_HEAD = """# Rules for protocols

A protocol is held against these rules before anything of it runs. Nothing of it, and no script, is executed for
that. An **error** says that following the line will fail, or do something else than it says; a **warning** that it
may; a **note** is for information. Names are stable: other tools may count on them.

## What a script accepts

It is learned from the script's text: argparse, click and typer in Python; `case` loops, tests of `$1`, getopts
and getopt in shell scripts. A flag that is parsed and never looked at afterwards is found. What cannot be learned
is `contract-unknown`, and never passes in silence. Whether a dry run is honoured cannot be seen in a text: reading
the flag is not honouring it, and printing it is not even reading it.

## Declaring what a script does

In comment lines at the top of the script, before the first line of code, its author says what the text alone
cannot show:

```sh
#!/usr/bin/env bash
# golive: effect=changes-{env}
# golive: flag --env staging|production required
# golive: flag --if-approved
# golive: flag --dry-run
# golive: dry-run=simulated
```

| declaration | means |
|---|---|
| `effect=reads` | it changes nothing |
| `effect=writes-evidence` | it writes files of evidence, and changes no environment |
| `effect=changes-staging`, `effect=changes-production` | it changes that environment |
| `effect=changes-{env}` | it changes the environment that its flag `--env` names |
| `dry-run=simulated`, `dry-run=reads`, `dry-run=writes-evidence` | what it does under `--dry-run` instead |
| `flag -e --env VALUE` | a flag with a value; `a\\|b` for a choice; without a value it is a switch |
| `flag --env VALUE required`, `flag --env VALUE default x` | it must be there; what counts when it is not |
| `values 0..1`, `values 2`, `values 0..*` | so many words that are no flags |

Flags are believed only where the text does not show them. A declaration that the text contradicts is an error. An
effect is believed because nothing else tells it: who signs for the script signs for that.
"""


def protocol_rules() -> str:
    """The page of rules for protocols."""
    pages = [
        f"\n## {title}\n\n| rule | severity | says | why | next |\n|---|---|---|---|---|\n"
        + "".join(
            f"| `{rule.id}` | {rule.severity} | {rule.says} | {rule.why} | {rule.next} |\n" for rule in rules
        )
        for title, rules in (
            ("Steps, sections, gates", STRUCTURE),
            ("Scripts and lines", SCRIPTS),
            ("Arguments", ARGUMENTS),
        )
    ]
    return RULES_HEAD + "".join(pages)


def sections(parent: click.Context, name: str) -> Iterator[str]:
    """A command's help, and that of its subcommands."""
    group = parent.command
    assert isinstance(group, click.Group)
    command = group.get_command(parent, name)
    assert command
    with click.Context(command, info_name=name, parent=parent, max_content_width=WIDTH) as context:
        context.terminal_width = WIDTH
        yield f"\n## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
        for sub in command.list_commands(context) if isinstance(command, click.Group) else ():
            yield from sections(context, sub)


def main() -> None:
    (REFERENCE / "commands.md").write_text(commands())
    (REFERENCE / "claims.md").write_text(claims())
    (REFERENCE / "attestations.md").write_text(attestations())
    (REFERENCE / "controls.md").write_text(controls())
    (REFERENCE / "protocol-rules.md").write_text(protocol_rules())
    (REFERENCE / "perf.schema.json").write_text(json.dumps(SCHEMA, indent=2) + "\n")
    keys = subprocess.run([sys.executable, "-m", "golive", "spec", "explain"], capture_output=True, check=True)
    (REFERENCE / "golive-yaml.md").write_bytes(keys.stdout)


if __name__ == "__main__":
    main()
