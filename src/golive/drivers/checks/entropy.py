"""Values that look drawn at random, under a name that says secret: `API_TOKEN = "qX7…"`. Pure.

Looked at are values of 16 to 200 characters that follow a name with a word such as password, secret, token or key.
One looks random when it changes between small letters, capitals and digits more often than words do, and its
characters are spread widely. Never flagged: hex of the length of a digest, UUIDs, integrity hashes of lock files,
and what a program fills in (`${…}`, `{{…}}`, `<…>`). Deliberately not looked for: random text under a name that
says nothing, which in a repository is mostly digests, test data and public keys.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator

LEAST_BITS = 3.0  # Shannon entropy per character; words of one language lie below it at these lengths
FEWEST_DIGIT_RUNS = 2
CHARS_PER_CHANGE = 4  # words change their kind of character less often than once in so many

_WORDS = rb"passw(?:or)?d|passphrase|secret|token|api_?key|access_?key|private_?key|credential"
_NAMED = re.compile(
    rb"(?i:" + _WORDS + rb")s?[A-Za-z0-9_-]{0,30}[\"']?\s{0,4}(?::|=>|=)\s{0,4}[\"']?"
    rb"([A-Za-z0-9+/=_.~-]{16,200})(?![A-Za-z0-9+/=_.~({\[-])"
)
_RUNS = re.compile(rb"[a-z]+|[A-Z]+|[0-9]+")
_NOT_SECRET = re.compile(
    rb"(?i)[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128}"  # SHA-1, SHA-2, SHA-3
    rb"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # UUID
    rb"|sha(?:1|224|256|384|512)[-:=].*"  # integrity of a lock file
)


def random_values(content: bytes) -> Iterator[int]:
    """Where each value begins that looks drawn at random."""
    for match in _NAMED.finditer(content):
        if _looks_random(match[1]):
            yield match.start(1)


def _looks_random(value: bytes) -> bool:
    if _NOT_SECRET.fullmatch(value):
        return False
    runs = _RUNS.findall(value)
    digits = sum(run.isdigit() for run in runs)
    often = len(runs) * CHARS_PER_CHANGE >= len(value)
    return often and digits >= FEWEST_DIGIT_RUNS and _bits(value) >= LEAST_BITS


def _bits(value: bytes) -> float:
    """Shannon entropy per character, in bits; 0 for one character repeated."""
    shares = [count / len(value) for count in Counter(value).values()]
    return -sum(share * math.log2(share) for share in shares)
