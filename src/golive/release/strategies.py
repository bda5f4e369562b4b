"""Strategies turn an operator's choice into stages. Nothing else differs between them.

- all-at-once: everything new is started beside the old, checked, and gets all traffic in one step.
- blue-green: the same, then soaks at 100 % and is judged while the old revision stands by at full size.
- rolling: instance by instance; traffic follows capacity, and the old revision shrinks as the new one grows.
- canary: rising weights, each soaked and judged; the old revision stays at full size until the end.
"""

from datetime import timedelta

from golive.errors import Exit, Failure
from golive.release.stages import Stage
from golive.release.target import Capabilities
from golive.spec.values import Environment

MOST_ROLLING_STAGES = 10  # more instances than this move in groups, so that a rollout stays readable


def stages(environment: Environment, *, first: bool) -> tuple[Stage, ...]:
    """The stages of a rollout to `environment`; `first` when no revision is live there yet.

    A first release has nothing to be compared with or to return to: it is one unjudged stage whatever
    the strategy says, guarded by health checks and smoke test.
    """
    chosen, size = environment.strategy, environment.instances
    whole = Stage(weight=100, new=size, old=size, soak=timedelta(0), judged=False, ask=False)
    if first or chosen.kind == "all-at-once":
        return (whole,)
    if chosen.kind == "blue-green":
        return (_soaked(100, size, size, environment),)
    if chosen.kind == "rolling":
        return tuple(_soaked(100 * k // size, k, size - k, environment) for k in _group_sizes(size))
    return (*(_canary(weight, environment) for weight in chosen.weights), whole)


def refuse_unservable(chosen: tuple[Stage, ...], environment: Environment, capabilities: Capabilities) -> None:
    """Raise `Failure` when a weight cannot be served by the target; never round it silently."""
    if capabilities.weighted:
        return
    step = -(-100 // environment.instances)
    for stage in chosen:
        if stage.weight * environment.instances % 100:
            raise Failure(
                where=f"environments.{environment.name}.strategy",
                what=f"{stage.weight} % cannot be served",
                why=f"the target splits by its {environment.instances} instances; the smallest step is {step} %",
                next="use weights that are whole instances, or a target with a weighted router",
                code=Exit.USAGE,
            )


def _soaked(weight: int, new: int, old: int, environment: Environment) -> Stage:
    soak = environment.strategy.soak
    ask = environment.strategy.promotion == "ask" and bool(soak)
    return Stage(weight=weight, new=new, old=old, soak=soak, judged=bool(soak), ask=ask)


def _canary(weight: int, environment: Environment) -> Stage:
    enough = max(1, -(-environment.instances * weight // 100))
    return Stage(
        weight=weight,
        new=enough,
        old=environment.instances,
        soak=environment.strategy.soak,
        judged=True,
        ask=environment.strategy.promotion == "ask",
    )


def _group_sizes(size: int) -> list[int]:
    groups = min(size, MOST_ROLLING_STAGES)
    return [size * group // groups for group in range(1, groups + 1)]
