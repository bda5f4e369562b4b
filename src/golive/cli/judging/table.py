"""Evidence as lines and as values."""

from golive.judge.assessment import Assessment, Metric, percent


def metric_lines(found: Assessment) -> list[str]:
    """One line a metric: counts of both, and evidence beside its boundaries as odds to 1."""
    lines = ["metric   new revision         old revision         worse (at 1: back)   not worse (at 1: proven)"]
    lines += [_line(metric) for metric in found.metrics]
    for sign in found.signs:
        lines.append(f"{sign.name}: {sign.text}{', crossed' if sign.crossed else ''}")
    return lines


def _line(metric: Metric) -> str:
    harm = max(metric.harm / metric.harm_boundary, metric.gross / metric.gross_boundary)
    worse = f"{max(harm, 0):.2f}{' ' + metric.crossed if metric.crossed else ''}"
    good = f"{max(metric.proof / metric.proof_boundary, 0):.2f}{' proven' if metric.proven else ''}"
    new = f"{metric.new_part}/{metric.new_whole} {percent(metric.new_part, metric.new_whole)}"
    old = f"{metric.old_part}/{metric.old_whole} {percent(metric.old_part, metric.old_whole)}"
    name = metric.name + (f" >{metric.slower_than_ms} ms" if metric.slower_than_ms else "")
    return f"{metric.name if len(name) > 8 else name:8} {new:20} {old:20} {worse:20} {good}"


def metric_values(found: Assessment) -> list[dict[str, object]]:
    """The same as values; evidence is log10 of an e-value."""
    return [
        {
            "metric": metric.name,
            "slower_than_ms": metric.slower_than_ms,
            "new": {"part": metric.new_part, "whole": metric.new_whole},
            "old": {"part": metric.old_part, "whole": metric.old_whole},
            "ratio": metric.ratio,
            "harm": metric.harm,
            "harm_boundary": metric.harm_boundary,
            "gross": metric.gross,
            "gross_boundary": metric.gross_boundary,
            "proof": metric.proof,
            "proof_boundary": metric.proof_boundary,
            "crossed": metric.crossed,
            "proven": metric.proven,
            "phi": metric.phi,
            "margin": metric.margin,
        }
        for metric in found.metrics
    ]
