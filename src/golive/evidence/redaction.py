"""Taking secrets out of text before it reaches a disk, a hash or a screen. Pure, and streaming.

Two kinds of finds are replaced by `[redacted:NAME]`:
1. the secrets that golive itself resolved, as they are and in their base64, URL and JSON-escaped forms;
2. what looks like a credential (`patterns.PATTERNS`).

A secret that is split over two chunks is found: output lags behind input until nothing in it can belong to a
longer find, so the result does not depend on how the input was cut. `flush` ends the stream.

Deliberately so: a secret shorter than `SHORT` characters is replaced only where it stands as a whole word and
only as it is, since "80" inside "8080" is chance. A find of less than `CHANCE` bytes inside a word of exactly
64 hex digits (a SHA-256) is chance too; digests stay. A secret of four letters that is also a syllable is
replaced wherever it occurs: too much is the safe side. Not found: a secret that was reversed, hashed,
encrypted, compressed, wrapped over lines, or split by other text.

What was redacted once holds nothing that looks like a credential, so that a kept file verifies: a mark is passed
over, also as the password in a URL.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from golive.evidence.disguise import forms
from golive.evidence.patterns import LONGEST, PATTERNS

SHORT = 4  # characters: shorter secrets are looked for as whole words only
CHANCE = 16  # bytes: shorter finds inside a SHA-256 are not flagged

_DIGEST = re.compile(rb"(?<![0-9A-Fa-f])[0-9a-f]{64}(?![0-9A-Fa-f])")
_MARK = re.compile(rb"\[redacted:[^\]\r\n]{1,100}\]")
_AROUND = 65  # bytes on either side of a find that its rule may look at: a digest and what follows it
_CHAIN = 4  # finds that end each other's words and may lie apart in two chunks


class Secret:
    """A value that prints as `***`. `reveal()` is the one way to it, and easy to search for."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret is not written anywhere")


@dataclass(frozen=True, kw_only=True, order=True)
class _Find:
    """A stretch of bytes to be taken out. Its rule looked at everything from `begin` on to find it."""

    start: int
    end: int
    rule: str
    begin: int


class Redactor:
    """Replaces secrets in a stream of bytes; `hits` counts the marks it has left, by name."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        """`secrets` maps a name, which may be printed, to a value, which may not; empty values are passed over."""
        self._secrets = {name: value for name, value in secrets.items() if value}
        self._words = tuple((name, _word(v)) for name, v in self._secrets.items() if len(v) < SHORT)
        self._forms = tuple((n, form) for n, v in self._secrets.items() if len(v) >= SHORT for form in forms(v))
        self._reach = max([LONGEST, *(len(form) for _, form in self._forms)]) + _CHAIN * _AROUND
        self._behind = b""  # the last bytes that were given out, without what was found in them
        self._held = b""
        self.hits: Counter[str] = Counter()

    def fresh(self) -> "Redactor":
        """Another one for the same secrets, at the start of a stream and without hits."""
        return Redactor(self._secrets)

    def feed(self, chunk: bytes) -> bytes:
        """Take more input and give out what is certain by now, redacted; often nothing."""
        self._held += chunk
        if len(self._held) < 3 * self._reach:  # so that what is held back is not searched for every few bytes
            return b""
        return self._give(len(self._held) - self._reach)

    def flush(self) -> bytes:
        """The rest. The next `feed` begins a new stream; `hits` go on."""
        rest = self._give(len(self._held))
        self._behind = b""
        return rest

    def text(self, text: str) -> str:
        """A whole text at once, beside the stream; its finds are counted."""
        once = self.fresh()
        redacted = once.feed(text.encode("utf-8", "replace")) + once.flush()
        self.hits += once.hits
        return redacted.decode("utf-8", "replace")

    def _give(self, certain: int) -> bytes:
        """Give out `certain` bytes of what is held, or less when a find would be cut."""
        seen = self._behind + self._held
        start = len(self._behind)
        finds = sorted(self._finds(seen, start))
        end = _uncut(finds, start + certain)
        given = b"".join(self._marked(seen, start, end, finds))
        self._behind = _hushed(seen, finds)[max(0, end - _AROUND) : end]
        self._held = seen[end:]
        return given

    def _finds(self, seen: bytes, start: int) -> list[_Find]:
        """All finds. A find ends the word before it, so what is left is searched until nothing is new."""
        finds = list(self._known(seen, start))
        hushed = _MARK.sub(lambda mark: b"\n" * len(mark[0]), seen) if b"[redacted:" in seen else seen
        new = list(self._alike(hushed, start))
        finds += new
        while new:
            hushed = _hushed(hushed, finds)
            new = list(self._alike(hushed, start))
            finds += new
        return finds

    def _alike(self, hushed: bytes, start: int) -> Iterator[_Find]:
        for rule, pattern in (*self._words, *PATTERNS):
            for match in pattern.finditer(hushed, start):
                first, last = match.span(match.lastindex or 0)
                yield _Find(start=first, end=last, rule=rule, begin=match.start())

    def _known(self, seen: bytes, start: int) -> Iterator[_Find]:
        digests = [match.span() for match in _DIGEST.finditer(seen)] if self._forms else []
        for name, form in self._forms:
            yield from (
                _Find(start=at, end=at + len(form), rule=name, begin=at)
                for at in _places(seen, form, start)
                if not _is_chance(at, at + len(form), digests)
            )

    def _marked(self, seen: bytes, start: int, end: int, finds: list[_Find]) -> Iterator[bytes]:
        """The bytes from `start` to `end`; finds that overlap get one mark, with the name of the first."""
        for find in finds:
            if start <= find.start and find.end <= end:
                yield seen[start : find.start]
                yield b"[redacted:%s]" % find.rule.encode()
                self.hits[find.rule] += 1
            if find.end <= end:
                start = max(start, find.end)
        yield seen[start:end]


def _hushed(seen: bytes, finds: list[_Find]) -> bytes:
    """The same bytes with the ends of lines in place of what was found."""
    quiet = bytearray(seen)
    for find in finds:
        quiet[find.start : find.end] = b"\n" * (find.end - find.start)
    return bytes(quiet)


def _word(value: str) -> re.Pattern[bytes]:
    return re.compile(rb"(?<!\w)" + re.escape(value.encode("utf-8", "replace")) + rb"(?!\w)")


def _places(seen: bytes, form: bytes, start: int) -> Iterator[int]:
    at = seen.find(form, start)
    while at >= 0:
        yield at
        at = seen.find(form, at + 1)


def _is_chance(start: int, end: int, digests: list[tuple[int, int]]) -> bool:
    return end - start < CHANCE and any(first <= start and end <= last for first, last in digests)


def _uncut(finds: list[_Find], end: int) -> int:
    """The last place up to `end` that is inside no find."""
    for find in sorted(finds, key=lambda find: find.end, reverse=True):
        if find.begin < end < find.end:
            end = find.begin
    return end
