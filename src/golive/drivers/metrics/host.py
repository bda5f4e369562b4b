"""What is used of this machine, named as OpenTelemetry's semantic conventions name it, with Prometheus' endings.

https://opentelemetry.io/docs/specs/semconv/system/system-metrics/
"""

import time
from pathlib import Path

import psutil

A_WHILE_S = 0.5


class Host:
    """CPU since the last look, memory, and the file system of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._looked = time.monotonic()
        psutil.cpu_percent()  # the first look has nothing to compare with

    def text(self) -> str:
        """Shares between 0 and 1, in Prometheus' text format. Of CPU only what a while showed, not an instant."""
        shares = {
            "memory": psutil.virtual_memory().percent,
            "filesystem": psutil.disk_usage(str(self.folder)).percent,
        }
        now = time.monotonic()
        if now - self._looked >= A_WHILE_S:
            shares["cpu"] = psutil.cpu_percent()
            self._looked = now
        return "".join(
            f"# TYPE system_{name}_utilization_ratio gauge\nsystem_{name}_utilization_ratio {percent / 100:.4f}\n"
            for name, percent in shares.items()
        )
