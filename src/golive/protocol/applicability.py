"""Does a brief call for live operations? Decided from front matter and words, with every line that counted.

An explicit list `phases:` decides. Otherwise everything that was said must agree: fields such as `deploy` or
`availability_slo`, and whole words in the prose, with negations ("no deployment", "out of scope: operations"). A
brief that is missing, empty, without front matter, contradictory or silent is `unknown`, with the question to ask.
Words after "may", "later" or before a question mark settle nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from golive.protocol import briefwords as words
from golive.protocol.briefprose import Word, word_of
from golive.protocol.frontmatter import Field, front_matter
from golive.protocol.prose import Line, prose

LONGEST_QUOTE = 160
OVERRULE = "write phases: [operations] into the front matter for yes, or a list without it for no"


@dataclass(frozen=True, kw_only=True)
class Applicability:
    """The answer, and what it rests on: lines of the brief with their numbers."""

    name: str
    answer: Literal["yes", "no", "unknown"]
    because: tuple[tuple[int, str], ...]
    question: str = ""  # for whoever wrote the brief, when the answer is unknown
    contradictions: tuple[tuple[int, str], ...] = ()
    notes: tuple[tuple[int, str], ...] = ()  # keys that stand twice, and what settles nothing

    def body(self) -> dict[str, object]:
        """As `--json` prints it."""
        return {
            "brief": self.name,
            "answer": self.answer,
            "because": _rows(self.because),
            "question": self.question,
            "contradictions": _rows(self.contradictions),
            "notes": _rows(self.notes),
        }


@dataclass(frozen=True, kw_only=True)
class _Said:
    """One line that says something. `rank`: "phases" decides, "front" and "prose" must agree."""

    word: Word
    line: int
    text: str
    rank: Literal["phases", "front", "prose"]


def applies(brief: str, name: str) -> Applicability:
    """Whether the brief calls for live operations."""
    lines = brief.removeprefix("\ufeff").splitlines()
    if not any(line.strip() for line in lines):
        return _unknown(name, (), f"{name} is empty: does this project run live, and who operates it?")
    front = front_matter(lines)
    said = [one for field in front.fields for one in _of_field(field)]
    body = prose(lines, front.body_line)
    said += _of_prose(body)
    if front.fault:
        question = f"{front.fault}: does this project call for live operations?"
        return _unknown(name, said, question, front.twice)
    return _decided(name, said, front.twice)


def missing(name: str) -> Applicability:
    """For a brief that is not there."""
    return _unknown(name, (), f"there is no {name}: does this project run live, and who operates it?")


def _decided(name: str, said: Sequence[_Said], twice: tuple[tuple[int, str], ...]) -> Applicability:
    listed = [one for one in said if one.rank == "phases"]
    front = [one for one in said if one.rank != "prose"]
    deciding = (front if _disagree(front) else listed) if listed else said
    if _disagree(deciding):
        found = tuple((one.line, f"{one.word}: {one.text}") for one in deciding if one.word != "perhaps")
        question = "the brief says both: does it call for live operations, or not?"
        return _unknown(name, (), question, twice, contradictions=found)
    answers = [one for one in deciding if one.word != "perhaps"]
    open_ = tuple((one.line, f"settles nothing: {one.text}") for one in said if one.word == "perhaps")
    if not answers:
        question = "nothing in the brief settles it: does this project run live, and who operates it?"
        return _unknown(name, said, question, twice)
    overruled = [
        one for one in said if listed and one.rank == "prose" and one.word not in ("perhaps", answers[0].word)
    ]
    notes = (*twice, *open_, *((one.line, f"overruled by phases: {one.text}") for one in overruled))
    answer: Literal["yes", "no"] = "yes" if answers[0].word == "yes" else "no"
    return Applicability(name=name, answer=answer, because=_places(answers), notes=notes)


def _disagree(said: Sequence[_Said]) -> bool:
    return {"yes", "no"} <= {one.word for one in said}


def _unknown(
    name: str,
    said: Sequence[_Said],
    question: str,
    twice: tuple[tuple[int, str], ...] = (),
    contradictions: tuple[tuple[int, str], ...] = (),
) -> Applicability:
    because = tuple((one.line, f"{one.word}: {one.text}") for one in said)
    return Applicability(
        name=name,
        answer="unknown",
        because=because,
        question=f"{question} To settle it, {OVERRULE}",
        contradictions=contradictions,
        notes=twice,
    )


def _of_field(field: Field) -> Iterator[_Said]:
    """What one field of the front matter says."""
    if field.name in words.PHASES:
        yield from _of_phases(field)
    elif field.name in words.FIELDS:
        yield from (_front(_wish(text), line, field, text) for line, text in field.values if not _is_open(text))
    elif field.name in words.PLACES:
        yield from _of_places(field)
    elif field.name in words.LIFECYCLES:
        yield from _of_lifecycle(field)
    elif field.name in words.WORDED:
        out = bool(words.OUT_OF_SCOPE.match(field.name.replace("_", " ")))
        for line, text in field.values:
            word = word_of(Line(number=line, text=text, out_of_scope=out))
            if word:
                yield _front(word, line, field, text)


def _of_phases(field: Field) -> Iterator[_Said]:
    named = [(line, text) for line, text in field.values if text.strip()]
    hits = [(line, text, hit) for line, text in named if (hit := words.PHASE.search(text))]
    for line, text, hit in hits:
        denied = words.BEFORE.search(text[: hit.start()]) or _ends_with_no(text)
        yield _said("no" if denied else "yes", line, f"phases names {text!r}", "phases")
    if named and not hits:
        listed = ", ".join(text for _, text in named)
        yield _said("no", field.line, f"phases does not name operations: {listed}", "phases")


def _of_places(field: Field) -> Iterator[_Said]:
    live = [(line, text) for line, text in field.values if words.LIVE_PLACE.search(text)]
    yield from (_front("no" if _ends_with_no(text) else "yes", line, field, text) for line, text in live)
    if not live and field.values and all(words.OWN_PLACE.search(text) for _, text in field.values):
        listed = ", ".join(text for _, text in field.values)
        yield _front("no", field.line, field, listed)


def _of_lifecycle(field: Field) -> Iterator[_Said]:
    for line, text in field.values:
        if words.LIVE.search(text):
            yield _front("yes", line, field, text)
        if words.BRIEF.search(text):
            yield _front("no", line, field, text)


def _wish(text: str) -> Word:
    if words.NOTHING.match(text) or _ends_with_no(text) or words.OWN_PLACE.fullmatch(text.strip()):
        return "no"
    return "perhaps" if words.PERHAPS.search(text) else "yes"


def _ends_with_no(text: str) -> bool:
    """`deploy: false` inside a mapping."""
    _, colon, value = text.rpartition(":")
    return bool(colon and words.NOTHING.match(value))


def _is_open(text: str) -> bool:
    return bool(words.OPEN.match(text))


def _of_prose(lines: Sequence[Line]) -> Iterator[_Said]:
    """What the prose says: line by line; and what a heading such as "Deployment" says by what is below it."""
    for line in lines:
        word = None if line.heading else word_of(line)
        if word:
            yield _said(word, line.number, line.text, "prose")
    yield from _of_headings(lines)


def _of_headings(lines: Sequence[Line]) -> Iterator[_Said]:
    for at, heading in enumerate(lines):
        if not heading.heading or not words.TERM.search(words.OTHER.sub("", heading.text)):
            continue
        below: list[Line] = []
        for line in lines[at + 1 :]:
            if line.heading:
                break
            below.append(line)
        yield from _of_heading(heading, below)


def _of_heading(heading: Line, below: Sequence[Line]) -> Iterator[_Said]:
    """A part about operations with something in it calls for them, unless it says none, or denies them itself."""
    first = below[0].text if below else ""
    if heading.out_of_scope:
        yield _said("no", heading.number, heading.text, "prose")
    elif below and words.NOTHING.match(first):
        yield _said("no", below[0].number, f"{heading.text}: {first}", "prose")
    elif below and not _is_open(first) and not any(word_of(line) in ("no", "perhaps") for line in below):
        yield _said("yes", heading.number, f"{heading.text}: {first}", "prose")


def _front(word: Word, line: int, field: Field, text: str) -> _Said:
    return _said(word, line, f"{field.written}: {text}", "front")


def _said(word: Word, line: int, text: str, rank: Literal["phases", "front", "prose"]) -> _Said:
    short = " ".join(text.split())
    quote = short if len(short) <= LONGEST_QUOTE else f"{short[: LONGEST_QUOTE - 1]}…"
    return _Said(word=word, line=line, text=quote, rank=rank)


def _places(said: Sequence[_Said]) -> tuple[tuple[int, str], ...]:
    return tuple((one.line, one.text) for one in said)


def _rows(pairs: Sequence[tuple[int, str]]) -> list[dict[str, object]]:
    return [{"line": line, "text": text} for line, text in pairs]
