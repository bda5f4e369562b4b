"""What became of the requests of a constant load: as counts while it runs, with the failures at its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from golive.judge.performance.measured import Failed


@dataclass(frozen=True, kw_only=True)
class Report:
    """Cumulative counts. While the load runs `sent` may exceed `ok + failed`; in the final report it does not.

    Latencies are from the moment at which a request was due until the last byte of its answer or its timeout;
    0.0 when there was none yet. `late_p99_ms` is how late the generator itself was: latencies below it say
    nothing.
    """

    sent: int = 0
    ok: int = 0  # 2xx and 3xx
    failed: int = 0  # 4xx, 5xx, and no whole answer
    reconnected: int = 0  # sent again on a new connection, because a kept one had died (RFC 9110, 9.2.2)
    by_code: Mapping[str, int] = field(default_factory=dict)
    causes: Mapping[str, int] = field(default_factory=dict)  # of failures
    by_revision: Mapping[str, int] = field(default_factory=dict)  # answers by their x-golive-revision
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    p99_ms: float = 0.0
    late_p99_ms: float = 0.0
    elapsed_s: float = 0.0
    failures: tuple[Failed, ...] = ()  # the first hundred; only in the final report
    is_final: bool = False
