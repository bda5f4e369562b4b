"""`golive observe metrics`."""

import asyncio
from dataclasses import asdict

import click

from golive.cli.answer import answer, file_option, json_option, plain
from golive.errors import Exit, Failure


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=None, help="Serve them at /metrics; 0: a free port."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve on.")
@click.option("--otlp", default="", help="Send them once to a collector, such as http://127.0.0.1:4318.")
@file_option
@json_option
def metrics(port: int | None, host: str, otlp: str, file: str, as_json: bool) -> None:
    """golive's own figures: rollouts, what is live, alerts, scrapes; as Prometheus and OpenTelemetry read them.

    Without an option they are printed in Prometheus' text format. Attributes follow OpenTelemetry's conventions
    (service.version, deployment.id, deployment.status, deployment.environment.name).

    Example: golive observe metrics --port 9464
    """
    from golive.assembly.observe import figures

    if port is not None and otlp:
        raise Failure(
            where="--port, --otlp",
            what="only one of them can be meant",
            why="one serves the figures as long as it runs, the other sends them once",
            next="run the command once for each",
            code=Exit.USAGE,
        )
    if otlp:
        count = asyncio.run(figures.send_figures(file, otlp))
        answer({"sent": count, "to": otlp}, f"{count} figures sent to {otlp}", as_json=as_json)
    elif port is not None:
        serving = figures.figures_server(file, host, port)
        click.echo(f"serving http://{host}:{serving.server_port}/metrics", err=True)
        with serving:
            serving.serve_forever()
    elif as_json:
        answer({"figures": [asdict(one) for one in figures.figures(file)]}, "", as_json=True)
    else:
        click.echo(plain(figures.figures_text(file)), nl=False)
