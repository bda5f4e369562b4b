"""What is watched in operation: the rules of golive.yaml, their files, and their rehearsal."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from golive.assembly.place import environment_of, specification
from golive.errors import Exit, Failure

if TYPE_CHECKING:
    from golive.slo.openslo import Taken
    from golive.slo.rehearsal import Rehearsed
    from golive.spec.observed import Slo

PROMTOOL = "promtool"
LIMIT_S = 600.0
MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What one alert showed: which plants it met, and which it did not."""

    alert: str
    signal: str
    held: tuple[str, ...]
    broken: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What promtool said of the files; `ran` is False where it is not installed."""

    ran: bool
    passed: bool = False
    said: str = ""


def promised(file: str) -> list[dict[str, Any]]:
    """Each SLO with its budget and burn rates, for people and `--json`. Percents are rounded to six digits."""
    from golive.slo.rulebook import rulebook

    spec, _ = specification(file)
    return [_promise(slo) for slo in rulebook(spec).slos]


def _promise(slo: "Slo") -> dict[str, Any]:
    from golive.slo.alerts import threshold
    from golive.slo.budget import alone_enough
    from golive.slo.promql import length
    from golive.slo.windows import BURNS
    from golive.spec.quantities import duration_text

    budget_ppm = 1_000_000 - slo.target_ppm
    return {
        "name": slo.name,
        "kind": slo.kind,
        "target_percent": slo.target_ppm / 10_000,
        "budget_percent": budget_ppm / 10_000,
        "window": length(slo.window),
        "allowed_downtime": duration_text(timedelta(seconds=slo.window.total_seconds() * budget_ppm // 1_000_000)),
        "burns": [
            {
                "severity": burn.severity,
                "long": length(burn.long),
                "short": length(burn.short),
                "factor": float(f"{float(burn.factor(slo.window)):.6g}"),
                "above_percent": float(f"{float(threshold(slo, burn)) * 100:.6g}"),
                "reachable": threshold(slo, burn) < 1,
                "alone_enough": alone_enough(threshold(slo, burn)),
            }
            for burn in BURNS
        ],
    }


def rendered(file: str) -> dict[str, str]:
    """The files by name; nothing is written."""
    from golive.slo.render.files import files
    from golive.slo.rulebook import rulebook

    spec, _ = specification(file)
    doors = {
        name: f"http://{place.target.host}:{place.target.port}" if place.target.port else ""
        for name, place in spec.environments.items()
    }
    return files(rulebook(spec), doors, spec.health)


def take_openslo(file: str, documents: str) -> "Taken":
    """SLOs of OpenSLO documents, in the vocabulary of golive.yaml. `Failure` (usage) when they cannot be read."""
    import yaml

    from golive.slo.openslo import taken

    spec, _ = specification(file)
    try:
        with Path(documents).open("rb") as opened:
            found = list(yaml.safe_load_all(opened.read(MOST_BYTES)))
    except (OSError, yaml.YAMLError, RecursionError, ValueError) as error:
        raise Failure(
            where=documents,
            what="these documents cannot be read",
            why=str(error),
            next="name a file of YAML with documents of OpenSLO v1",
            code=Exit.USAGE,
        ) from error
    return taken(found, spec.observe.vocabulary, spec.service)


def write_rendered(contents: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Write each file whole or not at all; says of each whether it is `new`, `changed` or `same`.

    Test files of windows that no alert looks at any more are taken away.
    """
    found = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            found[name] = _written(folder / name, content)
        for stale in sorted(folder.glob("prometheus-tests-*.yml")):
            if stale.name not in contents:
                stale.unlink()
                found[stale.name] = "removed"
    except OSError as error:
        raise Failure(
            where=str(folder),
            what="the files cannot be written",
            why=error.strerror or str(error),
            next="name another folder: golive observe render --out FOLDER",
        ) from error
    return found


def _written(path: Path, content: str) -> str:
    before = path.read_text(encoding="utf-8") if path.exists() else None
    if before == content:
        return "same"
    draft = path.with_name(f".{path.name}.tmp")
    draft.write_text(content, encoding="utf-8")
    draft.replace(path)
    return "new" if before is None else "changed"


def rehearsed(file: str, env: str) -> tuple[Checked, ...]:
    """Each rule with what it must fire for and what it must not, by golive's own evaluator."""
    from golive.slo.rehearsal import rehearse
    from golive.slo.rulebook import rulebook

    spec, _ = specification(file)
    environment = env or next(iter(spec.environments))
    environment_of(spec, environment, file)
    return tuple(
        Checked(
            alert=alert.name,
            signal=alert.signal,
            held=tuple(_told(one) for one in shown if one.as_expected),
            broken=tuple(_told(one) for one in shown if not one.as_expected),
        )
        for alert, shown in rehearse(rulebook(spec), environment)
    )


def _told(one: "Rehearsed") -> str:
    return f"{'fires' if one.plant.fires else 'is silent'}: {one.plant.because}"


def promtool(folder: Path) -> Engine:
    """Check rules and run tests in the folder with Prometheus' own tool, where it is installed."""
    found = shutil.which(PROMTOOL)
    if not found:
        return Engine(ran=False, said="promtool is not installed")
    from golive.slo.render.files import RULES

    tests = sorted(path.name for path in folder.glob("prometheus-tests-*.yml"))
    for arguments in (["check", "rules", RULES], ["test", "rules", *tests]):
        try:
            done = subprocess.run(
                [found, *arguments], cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Failure(where=found, what="promtool did not finish", why=str(error), code=Exit.FAILED) from error
        if done.returncode:
            return Engine(ran=True, said=(done.stdout + done.stderr).strip())
    return Engine(ran=True, passed=True)
