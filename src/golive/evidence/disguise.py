"""The forms in which a secret turns up in text: as it is, in base64, in URLs, inside JSON strings."""

import base64
import json
import string

_UNRESERVED = frozenset((string.ascii_letters + string.digits + "-._~").encode())  # RFC 3986 §2.3
_URL_SAFE = bytes.maketrans(b"+/", b"-_")  # RFC 4648 §5


def forms(value: str) -> tuple[bytes, ...]:
    """Every form to look for, without repetitions, longest first."""
    raw = value.encode("utf-8", "replace")
    found = {raw, *_in_url(raw), *_in_base64(raw)}
    found |= {json.dumps(value, ensure_ascii=pure)[1:-1].encode("utf-8", "replace") for pure in (True, False)}
    return tuple(sorted(found, key=lambda form: (-len(form), form)))


def _in_url(value: bytes) -> set[bytes]:
    """Percent-encoded: in a path and in a query, blanks as %20 and as +, digits in either case."""
    found = set()
    for kept in (_UNRESERVED, _UNRESERVED | {ord("/")}):
        for escape in (b"%%%02X", b"%%%02x"):
            form = b"".join(bytes([byte]) if byte in kept else escape % byte for byte in value)
            found |= {form, form.replace(b"%20", b"+")}
    return found


def _in_base64(value: bytes) -> set[bytes]:
    """Alone, and inside something longer that was encoded as a whole ("user:secret"), at each of three offsets.

    Inside, the characters at both ends also hold bits of the neighbours; only those in between are certain.
    """
    whole = base64.b64encode(value)
    found = {whole, whole.rstrip(b"=")}
    for offset in range(3):
        shifted = base64.b64encode(b"\0" * offset + value)
        found.add(shifted[(offset * 8 + 5) // 6 : (offset + len(value)) * 8 // 6])
    return found | {form.translate(_URL_SAFE) for form in found}
