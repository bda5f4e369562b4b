"""The release judge beside the documented rules of other tools, on simulated canary deployments.

The same seeds for everyone: 100 requests/s, 5 % to one canary pod beside 19 baseline pods, 0.1 % errors, an hour,
a tick every 10 s. golive is calibrated on 24 hours of placebo canaries of the same world (another seed), decides
after every tick, and promotes at five minutes at the earliest. Objectives: 1 % errors, p99 of 500 ms, as the
others' documented examples have them. `--quick` plays fewer deployments of two worlds; `--write FILE` keeps the
tables as Markdown.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import Pool
from pathlib import Path
from statistics import mean, median

from worlds import UNSEEN, WORLDS, Deployment, history, simulate

from golive.judge.calibration import calibrate, placebos
from golive.judge.decision import Stand, judge
from golive.judge.peers.rules import PEERS
from golive.judge.peers.tally import minutes_of
from golive.judge.samples import Samples
from golive.judge.terms import Calibration, Terms
from golive.judge.verdict import Answer
from golive.judge.watch import Watch
from golive.spec.values import LatencyObjective, Objectives

OBJECTIVES = Objectives(
    error_rate_ppm=10_000, latency=(LatencyObjective(quantile_ppm=990_000, max_ms=500),), min_requests=50
)
ALL = {**WORLDS, "unseen": UNSEEN}
SOAK = timedelta(hours=1)
CASES = ("none", "errors x5", "errors 50 %", "p99 x1.5", "errors at the margin", "latency at the margin")
OTHERS = ("none", "errors x5", "errors 50 %", "p99 x1.5")  # cases that the other rules are played on
OURS = "golive"


@dataclass(frozen=True)
class Played:
    """How one deployment ended for one rule: "rollback", "promote" or "none", after so many minutes."""

    answer: str
    minutes: float
    exposed: int  # requests to the canary before a rollback; all of them without


@dataclass(frozen=True)
class Cell:
    """Many deployments of one case in one world, for one rule."""

    played: list[Played]

    def share(self, answer: str) -> float:
        return 100 * sum(p.answer == answer for p in self.played) / len(self.played)

    def at(self, answer: str) -> float | None:
        found = [p.minutes for p in self.played if p.answer == answer]
        return median(found) if found else None

    @property
    def exposed(self) -> float:
        return mean(p.exposed for p in self.played)

    def text(self, answer: str) -> str:
        at = self.at(answer)
        return f"{self.share(answer):.1f} %" + (f" @{at:.1f}" if at is not None else "")


def known(world: str, hours: int, rate: float = 100.0) -> Calibration:
    """What 24 hours of placebo canaries teach; the study's seed is not that of the deployments."""
    terms = Terms(new="new", old="old", horizon=SOAK)
    bounds = simulate("clean", "none", seed=0, minutes=1).bounds_ms
    ticks = history(ALL[world], seed=(4712, len(world)), hours=hours, rate=rate)
    found = placebos(ticks, bounds, terms)
    return calibrate(found, watch=SOAK, source=world, at=ticks[0].at)


def decided(deployment: Deployment, calibration: Calibration) -> Played:
    """golive, asked after every tick."""
    terms = Terms(new="new", old="old", objectives=OBJECTIVES, calibration=calibration, horizon=SOAK)
    watch, exposed = Watch(terms), 0
    began = deployment.events[0].at
    for place in range(0, len(deployment.ticks), 2):
        pair = deployment.ticks[place : place + 2]
        now = pair[0].at
        past = tuple(event for event in deployment.events if event.at < now)
        watch.take(Samples(bounds_ms=deployment.bounds_ms, ticks=pair), past)
        stand = Stand(weight=past[-1].weight, since=began, soak=SOAK, now=now)
        exposed += sum(tick.requests for tick in pair if tick.revision == "new")
        answer = judge(watch.assess(), terms, stand).answer
        if answer is not Answer.INCONCLUSIVE:
            word = "promote" if answer is Answer.PASS else "rollback"
            return Played(word, (now - began) / timedelta(minutes=1), exposed)
    return Played("none", 60.0, exposed)


def ruled(deployment: Deployment) -> dict[str, Played]:
    """The other rules."""
    minutes = minutes_of(deployment.ticks, "new", "old", deployment.control)
    found = {}
    for name, rule in PEERS:
        ruling = rule(minutes, deployment.bounds_ms)
        seen = minutes[: ruling.minute] if ruling.answer == "rollback" else minutes
        exposed = sum(minute.canary.requests for minute in seen)
        found[name] = Played(ruling.answer, float(ruling.minute), exposed)
    return found


def one(asked: tuple[str, str, int, Calibration, float]) -> dict[str, Played]:
    world, case, number, calibration, rate = asked
    deployment = simulate(ALL[world], case, seed=(2027, number), rate=rate)
    own = {OURS: decided(deployment, calibration)}
    return own | (ruled(deployment) if case in OTHERS else {})


def cell(world: str, case: str, many: int, calibration: Calibration, rate: float = 100.0) -> dict[str, Cell]:
    with Pool(2) as pool:
        rows = pool.map(one, [(world, case, n, calibration, rate) for n in range(many)], chunksize=8)
    return {name: Cell([row[name] for row in rows]) for name in rows[0]}


def tables(found: dict[tuple[str, str], dict[str, Cell]], calm: dict[str, Calibration]) -> Iterator[str]:
    """The figures as Markdown."""
    names = [OURS, *(name for name, _ in PEERS)]
    for case, answer, title in (
        ("none", "rollback", "False rollbacks of a good release (share @ median minute)"),
        ("errors x5", "rollback", "Five times the errors: rolled back"),
        ("errors 50 %", "rollback", "Half of all requests failing: rolled back"),
        ("p99 x1.5", "rollback", "p99 half as long again: rolled back"),
    ):
        yield f"\n### {title}\n\n| world | {' | '.join(names)} |\n|---|{'---|' * len(names)}"
        for world in calm:
            row = found[world, case]
            yield f"| {world} | {' | '.join(row[name].text(answer) for name in names)} |"
    yield "\n### golive: promotion, and wrong promotion at the margin\n"
    yield "| world | good: promoted | errors at the margin: promoted | latency beyond the margin: promoted |"
    yield "|---|---|---|---|"
    for world in calm:
        good, errors, latency = (found[world, case][OURS] for case in ("none", *CASES[4:]))
        texts = (good.text("promote"), errors.text("promote"), latency.text("promote"))
        yield f"| {world} | {' | '.join(texts)} |"
    yield "\n### Requests to the canary before a rollback, errors ×5 (mean)\n\n"
    yield f"| world | {' | '.join(names)} |\n|---|{'---|' * len(names)}"
    for world in calm:
        row = found[world, "errors x5"]
        yield f"| {world} | {' | '.join(f'{row[name].exposed:,.0f}' for name in names)} |"
    yield "\n### What placebo canaries taught\n"
    yield "| world | placebos | alarms | φ of errors, p50, p90, p99 |\n|---|---|---|---|"
    for world, known_ in calm.items():
        fine = ", ".join(f"{known_.phi[name].fine:g}" for name in ("errors", "p50", "p90", "p99"))
        yield f"| {world} | {known_.canaries} | {known_.alarms} | {fine} |"


def promises(
    found: dict[tuple[str, str], dict[str, Cell]], great: Cell, worlds: list[str]
) -> Iterator[tuple[str, bool]]:
    """Each bar, what was measured, and whether it holds."""

    def ours(world: str, case: str) -> Cell:
        return found[world, case][OURS]

    worst = max(worlds, key=lambda world: ours(world, "none").share("rollback"))
    share = ours(worst, "none").share("rollback")
    yield f"false rollbacks, worst world ({worst}): {share:.2f} %, bar 1 %", share <= 1.0
    clean = ours("clean", "errors x5")
    at = clean.at("rollback") or 60.0
    yield f"errors x5, clean: {clean.text('rollback')}, bar @7.0", at <= 7 and clean.share("rollback") >= 50
    slow = max(worlds, key=lambda world: max(p.minutes for p in ours(world, "errors 50 %").played))
    longest = max(p.minutes for p in ours(slow, "errors 50 %").played)
    yield f"half failing, slowest of all ({slow}): {longest * 6:.0f} ticks, bar 2", longest * 6 <= 2
    p99 = ours("clean", "p99 x1.5")
    yield f"p99 x1.5, clean: {p99.text('rollback')}, bar @10", (p99.at("rollback") or 60) <= 10
    fewer = found["clean", "errors x5"]["Kayenta, every 5 min"].exposed / clean.exposed
    yield f"requests exposed, errors x5: {fewer:.1f} times fewer than Kayenta every 5 min, bar 4", fewer >= 4
    for case in CASES[4:]:
        wrong = {world: ours(world, case).share("promote") for world in worlds}
        noisy = max(wrong, key=lambda world: wrong[world])
        text = f"clean {wrong['clean']:.1f} % (bar 5), worst {noisy} {wrong[noisy]:.1f} % (bar 10)"
        yield f"wrong promotion, {case}: {text}", wrong["clean"] <= 5 and wrong[noisy] <= 10
    yield (
        f"good canary at 1,000 requests/s: promoted {great.text('promote')}, bar @5",
        (great.at("promote") or 60) <= 5,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--full", action="store_true", help="the default")
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    worlds = ["clean", "retry"] if asked.quick else list(ALL)
    many, hours = (24, 2) if asked.quick else (500, 24)
    calm = {}
    with Pool(2) as pool:
        for world, learned in zip(
            worlds, pool.starmap(known, [(w, hours) for w in worlds], chunksize=1), strict=True
        ):
            calm[world] = learned
    found = {}
    for world in worlds:
        for case in CASES:
            found[world, case] = cell(world, case, many, calm[world])
            print(f"{world:10} {case:24} {found[world, case][OURS].text('rollback')} back, "
                  f"{found[world, case][OURS].text('promote')} promoted", flush=True)  # fmt: skip
    great = cell("clean", "none", many, calm["clean"], rate=1000.0)[OURS]
    text = "\n".join(tables(found, calm))
    print(text)
    results = list(promises(found, great, worlds))
    for told, holds in results:
        print(f"{'holds' if holds else 'BROKEN'}: {told}")
    if asked.write:
        bars = "\n".join(f"- {told}: {'holds' if holds else 'broken'}" for told, holds in results)
        asked.write.write_text(f"{bars}\n{text}\n", encoding="utf-8")
    worst = max(found[world, "none"][OURS].share("rollback") for world in worlds)
    every = all(holds for _, holds in results)
    line = {"promise": "false rollbacks of a good release, worst world", "value": round(worst, 2), "unit": "%"}
    print(json.dumps({**line, "bar": 1.0, "holds": every}))
    sys.exit(0 if every else 1)


if __name__ == "__main__":
    main()
