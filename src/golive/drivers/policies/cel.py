"""Rules in CEL, the Common Expression Language: no loops, no I/O, no state. Needs the extra `policy`.

CEL ends always, but macros inside macros multiply: a thousand characters can keep an evaluator busy for minutes.
So each expression is evaluated in a process of its own, with limits on time and memory.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec

from golive.errors import Exit, Failure

EVALUATION = "golive.drivers.policies.evaluation"


@dataclass(frozen=True, kw_only=True)
class CelExpressions:
    """Implements `gate.rules.Expressions`."""

    limit: timedelta = timedelta(seconds=10)  # for one expression; honest ones take milliseconds

    def value(self, expression: str, evidence: Mapping[str, object]) -> object:
        """What the expression gives on the evidence; `ValueError` says why it gives nothing."""
        _require_extra()
        asked = json.dumps({"expression": expression, "evidence": dict(evidence)}).encode()
        try:
            ran = subprocess.run(
                [sys.executable, "-P", "-m", EVALUATION],  # -P: nothing is imported from the folder it runs in
                input=asked,
                capture_output=True,
                timeout=self.limit.total_seconds(),
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ValueError(f"it was not done within {self.limit.total_seconds():g} s") from error
        if ran.returncode:
            raise ValueError(f"its evaluation broke off (exit {ran.returncode})")
        answer: dict[str, object] = json.loads(ran.stdout)
        if "error" in answer:
            raise ValueError(str(answer["error"]))
        return answer["value"]


def _require_extra() -> None:
    if find_spec("cel") is None:
        raise Failure(
            where="golive.yaml: rules",
            what="rules cannot be evaluated: the extra `policy` is not installed",
            why="there is no module named cel",
            next="pip install 'golive[policy]'",
            code=Exit.USAGE,
        )
