"""The machine that a load was measured on: two runs compare only when it is the same."""

import hashlib
import json
import os
import platform
from pathlib import Path

import psutil

KIB, GIB = 1024, 1024**3
CPU_MAX = Path("/sys/fs/cgroup/cpu.max")
MODEL = "model name"


def machine(engine: str, version: str) -> dict[str, str | int]:
    """What decides about speed, and `fingerprint`, the first 12 hex digits of its SHA-256.

    Machines of one model look alike, and a busy neighbour is not seen: it says "different" for certain only.
    """
    told: dict[str, str | int] = {
        "cpu": _model(),
        "cores": _cores(),
        "cpu_limit": _limit(),
        "memory_gib": round(psutil.virtual_memory().total / GIB),
        "system": f"{platform.system()} {platform.release().partition('-')[0]} {platform.machine()}",
        "python": ".".join(platform.python_version_tuple()[:2]),
        "engine_version": f"{engine} {version}",
    }
    text = json.dumps(told, sort_keys=True)
    return {**told, "fingerprint": hashlib.sha256(text.encode()).hexdigest()[:12]}


def load_average() -> float:
    """Of the last minute; 0.0 where the system does not tell."""
    try:
        return os.getloadavg()[0]
    except OSError:
        return 0.0


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _model() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as file:
            line = next((line for line in file if line.startswith(MODEL)), "")
    except OSError:
        line = ""
    return line.partition(":")[2].strip() or platform.processor() or platform.machine()


def _limit() -> str:
    """Of the container, such as `200000 100000`; "" where there is none."""
    try:
        with CPU_MAX.open(encoding="ascii", errors="replace") as file:
            told = file.read(100).strip()
    except OSError:
        return ""
    return "" if told.startswith("max") else told
