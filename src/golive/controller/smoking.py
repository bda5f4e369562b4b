"""Running a smoke test: requests go out one by one, `judge.smoke` says what they are worth."""

import golive.judge.smoke as judging
from golive.evidence.record import Json
from golive.judge.probe import Prober
from golive.judge.verdict import Answer, Verdict
from golive.release.commands import Commands, Ran
from golive.spec.values import SmokeTest

SHOWN = 2000  # bytes of a smoke command's output that go into the reason


async def smoke_by_steps(
    smoke: SmokeTest, entry: str, header: tuple[str, str] | None, prober: Prober
) -> tuple[Verdict, Json]:
    """Run the steps in order until one fails. Returns the verdict and the report."""
    captured: dict[str, str] = {}
    reports: list[judging.StepReport] = []
    for step in smoke.steps:
        request = judging.request(step, entry, header, captured)
        reply = await prober.call(request)
        findings, found = judging.examine(step, reply)
        captured |= found
        reports.append(judging.StepReport(step=step.name, reply=reply, findings=findings))
        if findings:
            break
    return judging.conclude(tuple(reports)), judging.report_body(tuple(reports))


async def smoke_by_command(
    smoke: SmokeTest, entry: str, header: tuple[str, str] | None, commands: Commands
) -> tuple[Verdict, Json]:
    """Run the operator's own smoke test; exit 0 is a pass."""
    env = {"GOLIVE_URL": entry, "GOLIVE_HEADER": f"{header[0]}: {header[1]}" if header else ""}
    ran: Ran = await commands.run(smoke.command, env=env, stdin=b"", timeout=smoke.timeout)
    output = ran.output.decode(errors="replace")
    passed = ran.exit_code == 0
    verdict = Verdict(
        answer=Answer.PASS if passed else Answer.FAIL,
        because=f"smoke command exited {ran.exit_code} after {ran.elapsed_ms} ms",
    )
    return verdict, {
        "command": list(smoke.command),
        "exit_code": ran.exit_code,
        "elapsed_ms": ran.elapsed_ms,
        "output": output[-SHOWN:],
    }
