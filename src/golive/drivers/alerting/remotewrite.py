"""Series as Prometheus takes them by remote write 1.0: protobuf in a snappy block.

https://prometheus.io/docs/specs/prw/remote_write_spec/ and https://github.com/google/snappy/blob/main/format_description.txt
The block holds literals only: it is as long as its content, and every reader takes it.
"""

import struct
from collections.abc import Iterable

from golive.slo.series import Series

HEADERS = {
    "content-encoding": "snappy",
    "content-type": "application/x-protobuf",
    "x-prometheus-remote-write-version": "0.1.0",
}
STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]  # Prometheus' own NaN for "gone"
LONGEST = 65_536  # bytes of one literal


def body(series: Iterable[Series]) -> bytes:
    """The request's body. A value that is NaN says that the series is gone."""
    return _snappy(b"".join(_field(1, _series(one)) for one in series))


def _series(one: Series) -> bytes:
    labels = b"".join(_field(1, _field(1, n.encode()) + _field(2, v.encode())) for n, v in one.labels)
    pairs = zip(one.times_ms, one.values, strict=True)
    return labels + b"".join(_field(2, _sample(at, value)) for at, value in pairs)


def _sample(at_ms: int, value: float) -> bytes:
    bits = struct.pack("<Q", 0x7FF0000000000002) if value != value else struct.pack("<d", value)
    return b"\x09" + bits + b"\x10" + _varint(at_ms)


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _snappy(content: bytes) -> bytes:
    found = bytearray(_varint(len(content)))
    for place in range(0, len(content), LONGEST):
        part = content[place : place + LONGEST]
        found += bytes([61 << 2]) + struct.pack("<H", len(part) - 1) + part  # 61: two bytes of length follow
    return bytes(found)
