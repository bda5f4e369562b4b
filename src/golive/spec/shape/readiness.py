"""What must be in place before going live, and how golive tries it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from golive.spec import commands, quantities, texts, values
from golive.spec.fault import Fault
from golive.spec.shape.base import Shape, Written, both, default

WAYS = ("env", "file", "command")
EXAMPLE = {"send": ["./send.sh"], "received": ["./find.sh"]}


class Credential(Shape):
    """One account or credential: a variable, a file, or a command that uses it."""

    name: Annotated[str, texts.name()] = Field(description="What it is for.", examples=["cloud-account"])
    env: Annotated[str, texts.variable()] | None = Field(
        default=None, description="A variable that must be set.", examples=["CLOUD_TOKEN"]
    )
    file: Annotated[str, texts.file_path()] | None = Field(
        default=None, description="A file that must be there, readable by its owner only.", examples=["cloud.json"]
    )
    command: Annotated[tuple[str, ...], commands.command()] | None = Field(
        default=None, description="A command that uses it: exit 0 is accepted.", examples=[["cloud", "whoami"]]
    )
    control: Annotated[tuple[str, ...], commands.command()] | None = Field(
        default=None,
        description="The same with a wrong credential: it must not exit 0. Belongs to `command`.",
        examples=[["cloud", "whoami", "--token", "wrong"]],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        """One way, and a control with a command."""
        ways = [way for way in WAYS if way in written]
        if len(ways) != 1:
            yield Fault(
                f"{len(ways)} ways to look at it are given",
                why="exactly one is tried",
                next=f"give one of {', '.join(WAYS)}",
            )
        if ("command" in written) != ("control" in written):
            yield Fault(
                "`command` and `control` belong together",
                why="a command that cannot fail proves nothing",
                next="give both",
            )

    def value(self) -> values.Credential:
        return values.Credential(
            name=self.name,
            env=self.env or "",
            file=self.file or "",
            command=self.command or (),
            control=self.control or (),
        )


class Channel(Shape):
    """A channel that is proven by sending a marker and finding it again, or declared."""

    send: Annotated[tuple[str, ...], commands.command()] | None = Field(
        default=None, description="Sends the text in GOLIVE_MARKER.", examples=[["./send-metric.sh"]]
    )
    received: Annotated[tuple[str, ...], commands.command()] | None = Field(
        default=None,
        description="Exits 0 once the text in GOLIVE_MARKER has arrived; asked again until the timeout. Asked for "
        "one that was never sent, it must not.",
        examples=[["./find-metric.sh"]],
    )
    timeout: Annotated[timedelta, quantities.duration("1s", "10m")] = Field(
        default=default(values.Channel, "timeout"), description="How long it may take to arrive.", examples=["30s"]
    )
    declared: Annotated[str, texts.text(200)] | None = Field(
        default=None,
        description="Instead of both: who says so and where it is written. It is listed as declared only.",
        examples=["the provider's contract, section 4"],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        """Sending and finding belong together; a declaration stands alone."""
        if "declared" in written:
            yield from (both(key, "declared") for key in ("send", "received") if key in written)
        elif "send" not in written or "received" not in written:
            yield Fault(
                "`send` and `received` belong together",
                why="a channel is proven by a marker that was sent and is found again",
                next="give both, or `declared` when nothing can be tried",
            )

    def value(self) -> values.Channel:
        return values.Channel(
            send=self.send or (),
            received=self.received or (),
            timeout=self.timeout,
            declared=self.declared or "",
        )


class Channels(Shape):
    """Where the service is watched, and where people hear of it."""

    metrics: Channel | None = Field(default=None, description="Where metrics arrive.", examples=[EXAMPLE])
    logs: Channel | None = Field(default=None, description="Where log lines arrive.", examples=[EXAMPLE])
    traces: Channel | None = Field(default=None, description="Where traces arrive.", examples=[EXAMPLE])
    incidents: Channel | None = Field(
        default=None, description="Where messages about incidents arrive.", examples=[EXAMPLE]
    )


class Migration(Shape):
    """A migration of data, run forward and back on a copy. Each command gets the copy's folder in GOLIVE_COPY."""

    copy_data: Annotated[tuple[str, ...], commands.command()] = Field(
        alias="copy",
        description="Puts a copy of the data into the empty folder GOLIVE_COPY.",
        examples=[["./copy.sh"]],
    )
    forward: Annotated[tuple[str, ...], commands.command()] = Field(
        description="Migrates the copy.", examples=[["./migrate.sh", "up"]]
    )
    backward: Annotated[tuple[str, ...], commands.command()] = Field(
        description="Migrates it back.", examples=[["./migrate.sh", "down"]]
    )
    state: Annotated[tuple[str, ...], commands.command()] = Field(
        description="Prints what the copy holds, the same for the same data.", examples=[["./dump.sh"]]
    )
    irreversible: Annotated[bool, texts.yes_no()] = Field(
        default=False,
        description="It has a step without a way back (contract): refused while a rollback is promised.",
        examples=[False],
    )
    timeout: Annotated[timedelta, quantities.duration("1s", "6h")] = Field(
        default=default(values.Migration, "timeout"),
        description="How long each command may take.",
        examples=["10m"],
    )

    def value(self) -> values.Migration:
        return values.Migration(
            copy=self.copy_data,
            forward=self.forward,
            backward=self.backward,
            state=self.state,
            irreversible=self.irreversible,
            timeout=self.timeout,
        )


class Pipeline(Shape):
    """What the pipeline pushes to, and with which key."""

    remote: Annotated[str, texts.text(100)] = Field(
        default=default(values.Readiness, "remote"),
        description="The remote repository, as git names it; a push to it is tried without sending anything.",
        examples=["origin"],
    )
    deploy_key: Annotated[str, texts.file_path()] | None = Field(
        default=None,
        description="The private key that the pipeline pushes with, readable by its owner only; the push is tried "
        "with it. Default: whatever git uses here.",
        examples=["deploy_key"],
    )


class Rollback(Shape):
    """What is written down about going back."""

    plan: Annotated[str, texts.file_path()] | None = Field(
        default=None,
        description="The page that says how to go back; it must hold the words `golive rollback`.",
        examples=["docs/going-back.md"],
    )


class Readiness(Shape):
    """What `golive ready` tries besides what it knows by itself."""

    credentials: list[Credential] = Field(
        default_factory=list,
        max_length=50,
        description="Accounts and credentials that are needed.",
        examples=[[{"name": "cloud-account", "env": "CLOUD_TOKEN"}]],
    )
    channels: Channels = Field(
        default_factory=Channels,
        description="Channels that must be receiving.",
        examples=[{"metrics": {"send": ["./send.sh"], "received": ["./find.sh"]}}],
    )
    migration: Migration | None = Field(
        default=None,
        description="The migration of data that the release brings.",
        examples=[{"copy": ["./copy"], "forward": ["./up"], "backward": ["./down"], "state": ["./dump"]}],
    )
    ci: Pipeline = Field(
        default_factory=Pipeline,
        description="Where the pipeline pushes to, and with which key.",
        examples=[{"remote": "origin"}],
    )
    rollback: Rollback = Field(
        default_factory=Rollback,
        description="What is written down about going back.",
        examples=[{"plan": "docs/going-back.md"}],
    )
    least_free_mib: Annotated[int, quantities.whole(1, 2**30)] = Field(
        default=default(values.Readiness, "least_free_mib"),
        description="How much room the disk must have, in MiB.",
        examples=[2048],
    )
    not_secrets: list[Annotated[str, texts.line_of_file()]] = Field(
        default_factory=list,
        max_length=500,
        description="Lines that look like a secret and are none, each as PATH:SHA-256 of the line as it stands "
        "there. A line that changes is looked at again.",
        examples=[["tests/fixture.py:" + "0123456789abcdef" * 4]],
    )

    def value(self) -> values.Readiness:
        found = {name: getattr(self.channels, name) for name in ("metrics", "logs", "traces", "incidents")}
        return values.Readiness(
            credentials=tuple(credential.value() for credential in self.credentials),
            channels={name: channel.value() for name, channel in found.items() if channel},
            migration=self.migration.value() if self.migration else None,
            remote=self.ci.remote,
            deploy_key=self.ci.deploy_key or "",
            rollback_plan=self.rollback.plan or "",
            least_free_mib=self.least_free_mib,
            not_secrets=tuple(self.not_secrets),
        )
