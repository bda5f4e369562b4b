"""What a credential looks like when nobody told us its value: a few precise patterns.

Precise means that text without a credential is left alone; a SHA-256 digest matches none of them. Where a
pattern has a group, the group is the secret and the rest stays readable. Every pattern is bounded, so that a
stream needs to look back only `LONGEST` bytes. Certificates and public keys are public and stay.
"""

import re

LONGEST = 20 * 1024  # bytes that one match may span

_LABEL = rb"[A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
_SCHEME = rb"(?:basic|bearer|digest|negotiate|token|apikey|aws4-hmac-sha256)"
_SET_TO = rb"[\"']?\s{0,4}[:=]\s{0,4}[\"']?"

PATTERNS: tuple[tuple[str, re.Pattern[bytes]], ...] = tuple(
    (rule, re.compile(pattern))
    for rule, pattern in (
        (
            "private-key",
            rb"-----BEGIN " + _LABEL + rb"(?:(?!-----)[\s\S]){0,16384}(?:-----END " + _LABEL + rb")?",
        ),
        ("aws-key-id", rb"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
        ("aws-secret-key", rb"(?i:secret_?access_?key)" + _SET_TO + rb"([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])"),
        ("github-token", rb"(?:gh[opsur]_[A-Za-z0-9]{36,250}|github_pat_[A-Za-z0-9_]{22,250})"),
        ("gitlab-token", rb"glpat-[A-Za-z0-9_-]{20,250}"),
        ("google-key", rb"(?<![A-Za-z0-9_-])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
        ("slack-token", rb"xox[abeoprs]-[A-Za-z0-9-]{10,250}"),
        ("slack-webhook", rb"hooks\.slack\.com/(?:services|workflows)/([A-Za-z0-9/_-]{20,250})"),
        ("stripe-key", rb"(?:(?:sk|rk)_(?:live|test)_|whsec_)[A-Za-z0-9]{16,250}"),
        ("package-token", rb"(?:npm_[A-Za-z0-9]{36}|pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,500})"),
        ("jwt", rb"eyJ[A-Za-z0-9_-]{8,4096}\.eyJ[A-Za-z0-9_-]{4,8192}\.[A-Za-z0-9_-]{0,2048}"),
        (
            "url-user",
            rb"[A-Za-z][A-Za-z0-9+.-]{1,30}://"
            rb"([^\s/@\"'<>:]{0,250}:[^\s/@\"'<>]{1,500}|[A-Za-z0-9_-]{16,500})@",
        ),
        ("authorization", rb"(?i:authorization)" + _SET_TO + rb"((?i:" + _SCHEME + rb")\s[^\r\n\"']{4,4096})"),
        ("api-key-header", rb"(?i:x-api-key|x-auth-token)" + _SET_TO + rb"([^\s\"',;]{8,500})"),
        ("bearer", rb"(?<![A-Za-z])(?i:bearer)\s([A-Za-z0-9._~+/=-]{16,4096})"),
    )
)
