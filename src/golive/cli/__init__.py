"""What a person types. Parse, call, print: no decision is taken here.

Commands are imported only when they are used, so that `golive --help` and `golive status` start fast;
`COMMANDS` is the table of contents. A module `cli/deploy.py` holds the click command `deploy`.
"""

import importlib
import sys

import click

from golive import __version__
from golive.cli.answer import report
from golive.cli.chapter import Guessing
from golive.errors import Exit, Failure

COMMANDS = {
    "init": "Look at this folder and write golive.yaml for it",
    "doctor": "Say what is missing on this machine, and the exact fix",
    "ready": "Prove that everything needed for going live is in place",
    "deploy": "Build a revision and take it to an environment",
    "rollback": "Go back to an earlier revision",
    "status": "Where traffic is, and what is being done",
    "logs": "What the instances print",
    "promote": "Let a rollout that waits for a person go on",
    "abort": "Stop a rollout and return traffic to where it was",
    "resume": "Take up a rollout whose controller died",
    "down": "Stop an environment: front door, instances, supervisor",
    "spec": "The file golive.yaml: check it, explain a key, print its schema",
    "approve": "Sign for a deploy that waits, with your own key",
    "waive": "Sign for going on without a claim, for some days",
    "claims": "What must be true before going live, and what is proven",
    "gate": "Decide from the evidence whether an environment is ready",
    "roster": "Who may sign: persons, keys, roles",
    "policy": "What each environment asks for before a deploy",
    "perf": "Put load on an environment and judge it by the objectives",
    "observe": "What is promised in operation, and what alerts on it",
    "judge": "Why a verdict was given; learn how calm a service is",
    "protocol": "Check, plan and run a protocol document",
    "task": "The team's task file: which state each task is in",
    "evidence": "What was recorded: list, show, verify",
    "demo": "Watch a real application go live, and a bad release come back",
    "completion": "Completion for your shell",
}

INTERRUPTED = """interrupted: traffic stays as it is, and a rollout that was under way has not finished
next: golive status, then golive resume --env ENVIRONMENT or golive abort --env ENVIRONMENT"""


class Table(Guessing):
    """A group whose commands are modules of this package, imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"golive.cli.{name}")
        command: click.Command = getattr(module, name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Table, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="golive")
def golive() -> None:
    """Take a release to production and back, and prove every claim on the way.

    Example: golive deploy --env staging
    """


def main() -> None:
    """Run the command line; a `Failure` becomes its four lines on stderr and its exit code."""
    try:
        code = golive.main(standalone_mode=False)  # the exit code, when a command left with one
        sys.exit(code if isinstance(code, int) else Exit.DONE)
    except click.Abort:
        click.echo(INTERRUPTED, err=True)
        sys.exit(Exit.INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(Exit.USAGE)
    except BrokenPipeError:
        sys.exit(Exit.DONE)
    except Failure as failure:
        sys.exit(report(failure))
    except Exception:
        click.echo("golive: this is a defect of golive itself, not of your application. What it met:", err=True)
        raise
