"""Rules in CEL, the Common Expression Language: no loops, no I/O, no state. Needs the extra `policy`.

CEL ends always, but macros inside macros multiply; so their number and the text's length are limited by whoever
reads the rule (`gate.rules`).
"""

from collections.abc import Mapping

from golive.errors import Exit, Failure


class CelExpressions:
    """Implements `gate.rules.Expressions`."""

    def value(self, expression: str, evidence: Mapping[str, object]) -> object:
        """What the expression gives on the evidence; `ValueError` says why it gives nothing."""
        try:
            from cel import evaluate
        except ImportError as error:
            raise Failure(
                where="golive.yaml: rules",
                what="rules cannot be evaluated: the extra `policy` is not installed",
                why=str(error),
                next="pip install 'golive[policy]'",
                code=Exit.USAGE,
            ) from error
        try:
            return evaluate(expression, dict(evidence))
        except Exception as error:  # whatever the evaluator met is about the expression
            raise ValueError(f"{type(error).__name__}: {error}"[:200]) from error
