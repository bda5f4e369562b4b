"""`golive observe render`."""

from pathlib import Path

import click

from golive.cli.answer import answer, file_option, json_option


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("observability"),
    show_default=True,
    help="The folder to write to.",
)
@click.option("--stdout", "name", default="", help="Print the one file of this name, and write nothing.")
@file_option
@json_option
def render(out: Path, name: str, file: str, as_json: bool) -> None:
    """Write what other tools need to watch the service.

    Rules for Prometheus and promtool's tests of them, routes for Alertmanager, a dashboard for Grafana, probes for
    the blackbox exporter, a piece for OpenTelemetry's collector, SLOs in OpenSLO v1. The same golive.yaml gives
    the same bytes, so that a difference in review is a difference in what is promised.

    Example: golive observe render --out observability
    """
    from golive.assembly.observe import rules

    contents = rules.rendered(file)
    if name:
        if name not in contents:
            raise click.BadParameter(f"{name} is none of them: {', '.join(contents)}", param_hint="--stdout")
        click.echo(contents[name], nl=False)
        return
    written = rules.write_rendered(contents, out)
    lines = [f"{state:<8} {out / called}" for called, state in written.items()]
    answer(
        {"folder": str(out), "files": written},
        "\n".join([*lines, "next:    golive observe check"]),
        as_json=as_json,
    )
