"""Nothing in an evidence folder looks like a credential, and nothing in it is a link or a device.

Files that records vouch for are looked at while they are measured; here are the records themselves and the files
that no record names. A finding names the place and the rule, never what was found. Whoever finds a real credential
must take it back where it came from: what was recorded cannot be taken out of a log.
"""

from collections.abc import Iterable, Iterator

from golive.errors import Failure
from golive.evidence.record import Record
from golive.evidence.redaction import Redactor
from golive.evidence.shape import tampered
from golive.evidence.verification import Files

# One of these, in small letters, is in whatever a pattern matches. Looking for them first is what lets a million
# records be looked at in two seconds.
SIGNS = (
    "-----begin ",
    "akia",
    "asia",
    "access_key",
    "accesskey",
    "gho_",
    "ghp_",
    "ghs_",
    "ghu_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "aiza",
    "xox",
    "hooks.slack.com/",
    "_live_",
    "_test_",
    "whsec_",
    "npm_",
    "pypi-",
    "eyj",
    "://",
    "authorization",
    "x-api-key",
    "x-auth-token",
    "bearer",
)


def in_record(record: Record, where: str) -> Iterator[Failure]:
    """What looks like a credential in a record's `data`; who and where come from golive itself."""
    line = record.line
    rules = rules_in(line[line.find('"data":') : line.rfind(',"epoch":')])
    if rules:
        why = f"by its looks: {', '.join(rules)}"
        yield tampered(f"{where}:{record.seq}", "there is a credential in this record", why)


def rules_in(text: str) -> list[str]:
    """The rules by which something in a short text is a credential."""
    small = text.lower()
    for sign in SIGNS:
        if sign in small:
            redactor = Redactor({})
            redactor.text(text)
            return sorted(redactor.hits)
    return []


def in_strays(paths: Iterable[str], files: Files) -> Iterator[Failure]:
    """What is wrong with files that no record names, beside that."""
    for path in paths:
        found = files.measure(path)
        if found is None:
            yield tampered(path, "this is no plain file", "evidence has no links, devices or pipes in it")
        elif found.secrets:
            names = ", ".join(sorted(found.secrets))
            yield tampered(path, "there is a credential in this file", f"by its looks: {names}")
