"""`golive observe listen`."""

from typing import Any

import click

from golive.cli.answer import file_option, plain


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=9094, show_default=True, help="0: a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@file_option
def listen(port: int, host: str, file: str) -> None:
    """Receive alerts from Alertmanager, show them, and keep them in .golive/pages.jsonl.

    For machines where no pager is at hand, and for drills: golive observe prove asks it what arrived. A page is
    kept on disk before it is acknowledged. Runs until Ctrl-C.

    Example: golive observe listen --port 9094
    """
    from golive.assembly.observe import alerting

    def tell(page: dict[str, Any]) -> None:
        click.echo(plain(f"{page['at']}  {page['status']:<9} {page['alert']}: {page['summary']}"))

    receiver = alerting.listening(file, host, port, tell)
    click.echo(f"listening on http://{host}:{receiver.server_port}", err=True)
    with receiver:
        receiver.serve_forever()
