"""The checklist of a run: every statement of the document with what became of it, as values, Markdown and HTML.

The values are `golive.checklist/v1`; Markdown and HTML are rendered from them, so they cannot say anything else.
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from golive.protocol.plan import Command, Part, Plan, Question
from golive.protocol.run import Answer, Ran, Run

SCHEMA = "golive.checklist/v1"
MARKS = {"proven": "✓", "waived": "✓", "attested": "✓", "skipped": "–", "failed": "✗", "open": "○"}
WORDS = {"done": "proven", "failed": "failed", "refused": "failed", "interrupted": "open", "waiting": "open"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One statement or command. `evidence`: records, and files below `evidence/`."""

    part: str
    line: int
    text: str
    kind: str  # action, command
    word: str  # proven, waived, attested, skipped, failed, open
    because: str
    by: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """Everything that the document states, in its order."""

    title: str
    document: str  # SHA-256
    run: str
    outcome: str
    lines: tuple[Line, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        return {word: sum(line.word == word for line in self.lines) for word in MARKS}

    def body(self) -> dict[str, object]:
        return {
            "schema": SCHEMA,
            "title": self.title,
            "document": self.document,
            "run": self.run,
            "outcome": self.outcome,
            "counts": dict(self.counts),
            "lines": [asdict(line) for line in self.lines],
        }


def checklist(plan: Plan, run: Run, outcome: str) -> Checklist:
    """The checklist of a run, as far as it is."""
    lines = [line for part in plan.parts for line in _lines(part, run)]
    return Checklist(title=plan.title, document=plan.digest, run=run.id, outcome=outcome, lines=tuple(lines))


def _lines(part: Part, run: Run) -> Iterator[Line]:
    rows: Sequence[Question | Command] = (*part.questions, *part.commands)
    skipped = run.answers.get(part.key)
    for row in sorted(rows, key=_line_of):
        if isinstance(row, Command):
            if skipped and skipped.word == "skipped":
                yield _line(part, row, "skipped", skipped.because, _by(skipped), (f"record {skipped.seq}",))
            else:
                yield _of_command(part, row, run.ran.get(row.key))
        else:
            yield _of_question(part, row, run.answers.get(row.key))


def _line_of(row: Question | Command) -> int:
    return row.directive.at.line if isinstance(row, Command) else row.item.at.line


def _of_command(part: Part, command: Command, ran: Ran | None) -> Line:
    if ran is None:
        return _line(part, command, "open", "not run yet", "", ())
    ended = "interrupted" if ran.ended == "interrupted" else f"exit {ran.exit_code}, {ran.took_ms / 1000:.1f} s"
    evidence = (f"record {ran.seq}", *(artifact.path for artifact in ran.files))
    because = f"{ended}: {ran.because}" if ran.because else ended
    return _line(part, command, WORDS[ran.ended], because, "", evidence)


def _of_question(part: Part, question: Question, said: Answer | None) -> Line:
    if said is None:
        return _line(part, question, "open", "not answered yet", "", ())
    evidence = tuple(f"record {seq}" for seq in (*said.records, said.seq) if seq)
    return _line(part, question, said.word, said.because, _by(said), evidence)


def _by(said: Answer) -> str:
    return f"{said.by} as {said.role}" if said.role else said.by


def _line(
    part: Part, row: Question | Command, word: str, because: str, by: str, evidence: tuple[str, ...]
) -> Line:
    is_command = isinstance(row, Command)
    return Line(
        part=f"Step {part.id}: {part.title}" if part.id else part.title,
        line=_line_of(row),
        text=row.directive.text if isinstance(row, Command) else row.item.text,
        kind="command" if is_command else "action",
        word=word,
        because=because,
        by=by,
        evidence=evidence,
    )


def text(found: Checklist) -> str:
    """For a terminal; what is open says so first."""
    lines, part = [_summary(found).replace("`", "")], ""
    for line in found.lines:
        lines += ["", line.part] if line.part != part else []
        part = line.part
        by = f" ({line.by})" if line.by else ""
        lines += [
            f"  {MARKS[line.word]} line {line.line:<4} {line.text}",
            f"{'':14}{line.word}: {line.because}{by}",
        ]
    return "\n".join(lines)


def markdown(found: Checklist) -> str:
    """A page for a person; a table for each part."""
    lines = [f"# {_plain(found.title) or 'Protocol'}", "", _summary(found), ""]
    part = ""
    for line in found.lines:
        if line.part != part:
            part = line.part
            lines += [
                f"\n## {_plain(part)}",
                "",
                "| | line | what | because | by | evidence |",
                "|---|---|---|---|---|---|",
            ]
        text = f"`{_plain(line.text)}`" if line.kind == "command" else _plain(line.text)
        cells = (
            f"{MARKS[line.word]} {line.word}",
            str(line.line),
            text,
            _plain(line.because),
            _plain(line.by),
            _plain(", ".join(line.evidence)),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _summary(found: Checklist) -> str:
    counts = ", ".join(f"{count} {word}" for word, count in found.counts.items() if count)
    return f"{found.outcome}: {counts}. Document SHA-256 `{found.document}`, run `{found.run}`."


def _plain(text: str) -> str:
    """Text that cannot end a cell, begin markup, or hide anything."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return shown.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "ˋ")


def page(found: Checklist) -> str:
    """The same as one HTML file that needs nothing else."""
    rows, part = [], ""
    for line in found.lines:
        if line.part != part:
            part = line.part
            rows.append(f'<tr><th colspan="5">{_shown(part)}</th></tr>')
        text = f"<code>{_shown(line.text)}</code>" if line.kind == "command" else _shown(line.text)
        by = f" <i>{_shown(line.by)}</i>" if line.by else ""
        evidence = "<br>".join(_shown(one) for one in line.evidence)
        cells = (f"{MARKS[line.word]} {line.word}", str(line.line), text, _shown(line.because) + by, evidence)
        rows.append(f'<tr class="{line.word}">{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>')
    title = _shown(found.title) or "Protocol"
    return PAGE.format(title=title, summary=_shown(_summary(found).replace("`", "")), rows="\n".join(rows))


def _shown(text: str) -> str:
    return html.escape("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text))


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>
body {{ font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th {{ text-align: left; padding: 1.2rem .5rem .3rem; }}
td {{ border-top: 1px solid #ccc; padding: .3rem .5rem; vertical-align: top; overflow-wrap: anywhere; }}
td:first-child {{ white-space: nowrap; }}
.proven td:first-child, .attested td:first-child, .waived td:first-child {{ color: #176b2c; }}
.failed td:first-child {{ color: #b3151c; font-weight: bold; }}
.open td:first-child {{ color: #8a5a00; }}
@media (prefers-color-scheme: dark) {{
  body {{ background: #14171a; color: #e4e6e8; }}
  td {{ border-color: #3a4046; }}
  .proven td:first-child, .attested td:first-child {{ color: #7bd88f; }}
  .failed td:first-child {{ color: #ff8a8a; }}
  .open td:first-child {{ color: #e5b567; }}
}}
</style></head><body>
<h1>{title}</h1>
<p>{summary}</p>
<table>
{rows}
</table>
</body></html>
"""
