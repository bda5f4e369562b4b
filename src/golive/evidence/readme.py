"""What an archive of evidence says of itself to whoever opens it, perhaps years later and without golive."""

from golive import __version__
from golive.evidence.ledger import Head

_TEXT = """Evidence of going live: {service}

Packed by golive {version}; the log ended at head {seq}:{digest}
Everything here is text and JSON. The first file to look at is manifest.json; what it says comes from
operations/records.jsonl, one record a line, each naming the SHA-256 of the line before.

To check all of it, offline, on any machine with Python 3.11 and golive {version} or newer, installed with pip:

  golive evidence verify ARCHIVE --pin {seq}:{short}

or, to keep the files:

  golive evidence import ARCHIVE FOLDER
  golive evidence verify FOLDER

It ends 0 when everything holds, and 5 when something was changed, is missing or does not follow. It also says
what it cannot prove: read that part. The head above comes from the same hands as the rest; a head that you got
before, or on another way (a terminal, a CI log, a ticket), is worth more: give that one to --pin.

Without golive: sed -n 41p operations/records.jsonl | tr -d '\\n' | sha256sum is the "prev" of line 42, and the
SHA-256 of every file is in the record that names it.
"""


def readme(service: str, head: Head) -> str:
    """The text for an archive of the log that ends at `head`."""
    return _TEXT.format(
        service=service, version=__version__, seq=head.seq, digest=head.digest, short=head.digest[:16]
    )
