"""What a specification says, in a few lines for the person who wrote it."""

import shlex
from collections.abc import Iterator

from golive.spec.quantities import duration_text
from golive.spec.values import Environment, HealthCheck, Objectives, Spec, Strategy


def lines(spec: Spec) -> Iterator[str]:
    """One line for each part of the file; environments last, each with how a revision takes over there."""
    yield f"{spec.service}, owned by {spec.owner}"
    yield _row("revision", _revision(spec))
    yield _row("health", "; ".join(_health(check) for check in spec.health))
    yield _row("smoke", _smoke(spec))
    yield _row("judged by", _objectives(spec.objectives))
    for name, environment in spec.environments.items():
        yield _row(name, _environment(environment))


def values(spec: Spec) -> dict[str, object]:
    """The same for machines."""
    return {
        "file": spec.source,
        "digest": spec.digest,
        "service": spec.service,
        "owner": spec.owner,
        "health_checks": len(spec.health),
        "smoke_steps": len(spec.smoke.steps) if spec.smoke else 0,
        "environments": {
            name: {
                "target": environment.target.kind,
                "port": environment.target.port,
                "instances": environment.instances,
                "strategy": environment.strategy.kind,
                "requires": list(environment.requires),
            }
            for name, environment in spec.environments.items()
        },
    }


def _row(label: str, text: str) -> str:
    return f"  {label:<12} {text}"


def _revision(spec: Spec) -> str:
    built = f"built by {shlex.join(spec.revision.build)}; " if spec.revision.build else "files as they are; "
    return f"{built}run by {shlex.join(spec.revision.run)}"


def _health(check: HealthCheck) -> str:
    asked = {"http": f"http {check.path} is {check.code}", "tcp": "tcp", "command": shlex.join(check.command)}
    return f"{asked[check.kind]} every {duration_text(check.interval)}"


def _smoke(spec: Spec) -> str:
    if not spec.smoke:
        return "none: a new revision gets users on its health checks alone"
    return ", ".join(step.name for step in spec.smoke.steps) or shlex.join(spec.smoke.command)


def _objectives(objectives: Objectives) -> str:
    errors = objectives.error_rate_ppm
    parts = [] if errors is None else [f"at most {errors / 10_000:g} % errors"]
    parts += [f"p{bound.quantile_ppm / 10_000:g} within {bound.max_ms} ms" for bound in objectives.latency]
    return ", ".join([*parts, f"on {objectives.min_requests} requests or more"])


def _environment(environment: Environment) -> str:
    target, size = environment.target, environment.instances
    parts = [f"{target.kind} on {target.host}:{target.port or 'a free port'}"]
    parts += [f"{size} instance{'s' * (size != 1)}", _strategy(environment.strategy)]
    parts += [f"after {', '.join(environment.requires)}"] if environment.requires else []
    hooks = [hook.name for hook in (*environment.before, *environment.after)]
    parts += [f"hooks {', '.join(hooks)}"] if hooks else []
    return "; ".join(parts)


def _strategy(strategy: Strategy) -> str:
    text: str = strategy.kind
    if strategy.weights:
        text += " " + ", ".join(f"{weight} %" for weight in strategy.weights)
    if strategy.soak:
        text += (
            f", {duration_text(strategy.soak)} each"
            if strategy.weights
            else f", soak {duration_text(strategy.soak)}"
        )
    return text + (", then a person decides" if strategy.promotion == "ask" else "")
