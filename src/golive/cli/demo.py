"""`golive demo`."""

import asyncio
import json
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from golive.cli.answer import answer, json_option, plain
from golive.cli.settled import leave
from golive.controller.drive import Moment
from golive.errors import Exit, Failure
from golive.release.past import Settled
from golive.release.steps import Judge, Shift, Smoke

KEPT = ".demo"  # inside the example's folder; git-ignored


@dataclass(frozen=True, kw_only=True)
class Told:
    """One release of the story and how it ended."""

    name: str
    environment: str
    settled: Settled
    way_back_ms: float | None


@click.command()
@click.option("--example", type=click.Choice(["storefront", "datasette"]), default="storefront", show_default=True)
@click.option("--keep", is_flag=True, help="Leave the environments running at the end.")
@json_option
def demo(example: str, keep: bool, as_json: bool) -> None:
    """Watch a real application go live, and a bad release come back.

    Real processes behind a real proxy, under constant load: a first release, a second one that is canaried
    and promoted, a third one that is found bad and rolled back. The folder, evidence included, is kept.
    Exit 0 when every release ended as it should and no good one failed a request.

    Example: golive demo --example datasette
    """
    from golive import assembly

    place = assembly.example(example)
    with assembly.alone(place):
        code = asyncio.run(_play(place, keep, as_json))
    leave(code)


async def _play(place: Path, keep: bool, as_json: bool) -> Exit:
    from golive import assembly

    folder = await _fresh(place)
    story: dict[str, Any] = json.loads((folder / "demo.json").read_text())
    file = str(folder / "golive.yaml")
    line = Timeline()
    line(f"{story['title']}: the folder is {folder}")
    told: list[Told] = []
    lost_by_good = 0  # requests that failed while a good release was taken live
    try:
        told += await _release(file, story["releases"][0], line)
        run = await assembly.load(file, "production", rate=story["rate"], paths=story["paths"])
        async with run:
            line(f"load: {story['rate']} requests/s on {run.url}, open loop, until the end")
            for release in story["releases"][1:]:
                before = run.latest.failed
                told += await _release(file, release, line)
                line(f"load so far: {run.latest.sent} requests, {run.latest.failed} failed")
                lost_by_good += run.latest.failed - before if release["ends"] == "succeeded" else 0
            report = await run.stop()
    finally:
        if not keep:
            await _down(file, line)
    values = _values(told, report.sent, report.failed, report.p99_ms, file)
    answer(values, _text(values, folder), as_json=as_json)
    return Exit.DONE if _as_told(story, told) and not lost_by_good else Exit.FAILED


class Timeline:
    """Prints what happens with the time since the start; as a watcher, only what a visitor wants to see."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._turned = ""

    def __call__(self, text: str) -> None:
        print(plain(f"{time.monotonic() - self._began:6.1f} s  {text}"), file=sys.stderr, flush=True)

    def watch(self, moment: Moment) -> None:
        rollout = moment.past.rollout
        if rollout and rollout.turn and self._turned != rollout.id:
            self._turned = rollout.id
            self(f"    ↩ {rollout.turn.because}")
        if moment.ended and isinstance(moment.ended[0], Shift | Judge | Smoke):
            step, ended = moment.ended
            said = f": {ended.because}" if ended.because else ""
            mark = "✗" if ended.result == "failed" or ended.answer == "fail" else "✓"
            self(f"    {mark} {step.text}{said}")


async def _fresh(example: Path) -> Path:
    """A new copy of the example to play in; what a former demo left running is stopped first."""
    folder = example / KEPT
    if (folder / ".golive").exists():
        await _down(str(folder / "golive.yaml"), lambda text: None)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(
        example, folder, ignore=shutil.ignore_patterns(KEPT, "*.lock", ".golive", "evidence", "__pycache__")
    )
    return folder


async def _release(file: str, release: Mapping[str, Any], line: Timeline) -> list[Told]:
    """Write the release's files, then take it to each environment until one of them does not take it."""
    for name, content in release["write"].items():
        Path(file).with_name(name).write_text(json.dumps(content, indent=2) + "\n")
    line(f"release {release['name']}: {release['about']}")
    told = []
    for environment in ("staging", "production"):
        line(f"  deploy to {environment}")
        told.append(await _deploy(file, environment, release["name"], line))
        if told[-1].settled.outcome != "succeeded":
            break
    return told


async def _deploy(file: str, environment: str, name: str, line: Timeline) -> Told:
    from golive import assembly
    from golive.controller import rollouts
    from golive.release.timing import way_back_ms

    async with assembly.site(file, environment) as site:
        settled = await rollouts.deploy(site, why=f"demo: release {name}", watch=line.watch)
        way_back = way_back_ms(site.outside.ledger.read(environment), settled.id)
    line(f"  {environment}: {settled.outcome.replace('_', ' ')}: {settled.because}")
    if way_back is not None:
        line(f"  way back: {way_back} ms from the decision to no traffic on the bad revision")
    return Told(name=name, environment=environment, settled=settled, way_back_ms=way_back)


async def _down(file: str, line: Callable[[str], None]) -> None:
    from golive import assembly
    from golive.controller import rollouts

    for environment in assembly.environments_with_records(file):
        line(f"stopping {environment}")
        try:
            async with assembly.site(file, environment) as site:
                await rollouts.down(site)
        except Failure as failure:
            line(str(failure))


def _as_told(story: Mapping[str, Any], told: list[Told]) -> bool:
    """Every release ended in production as the story says."""
    ends = {t.name: t.settled.outcome for t in told if t.environment == "production"}
    return ends == {release["name"]: release["ends"] for release in story["releases"]}


def _values(told: list[Told], sent: int, failed: int, p99_ms: float, file: str) -> dict[str, object]:
    from golive import assembly

    return {
        "releases": [
            {
                "release": t.name,
                "environment": t.environment,
                "outcome": t.settled.outcome,
                "because": t.settled.because,
                "way_back_ms": t.way_back_ms,
            }
            for t in told
        ],
        "requests": sent,
        "failed": failed,
        "p99_ms": p99_ms,
        "log_head": str(assembly.head(file)),
    }


def _text(values: dict[str, Any], folder: Path) -> str:
    rows = [
        f"  {r['release']:10} {r['environment']:11} {r['outcome'].replace('_', ' ')}"
        + (f", way back {r['way_back_ms']} ms" if r["way_back_ms"] is not None else "")
        for r in values["releases"]
    ]
    head = [
        "",
        f"requests served {values['requests'] - values['failed']}, failed {values['failed']}, "
        f"p99 {values['p99_ms']} ms",
        *rows,
        f"record   head {values['log_head']}",
        f"look at  {folder}/evidence/operations/deployments/",
        f"next     cd {folder} && golive evidence verify && golive status",
    ]
    return "\n".join(head)
