"""The key `revision`: which files it is made of, how it is built and started."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from golive.spec import commands, quantities, texts, values
from golive.spec.fault import Fault
from golive.spec.shape.base import Shape, Written, default
from golive.spec.shape.variables import Secrets, Settings, secret_refs, variable_rules

EVERYTHING = ["**"]
NEVER = (  # no part of a revision: history, state, evidence, and what a build or a run leaves behind
    "**/.git/**",
    ".golive/**",
    "evidence/**",
    "**/.venv/**",
    "**/__pycache__/**",
)


class Revision(Shape):
    """How the service's folder becomes an immutable revision, and how an instance of it is started."""

    include: list[Annotated[str, texts.pattern()]] = Field(
        default=EVERYTHING,
        min_length=1,
        description="Glob patterns of the files that make the revision, relative to the folder of golive.yaml; "
        "`**` crosses folders.",
        examples=[["src/**", "requirements.txt"]],
    )
    exclude: list[Annotated[str, texts.pattern()]] = Field(
        default=[],
        description="Glob patterns of files that are left out. Always left out: "
        + ", ".join(f"`{pattern}`" for pattern in NEVER)
        + ", the specification itself, and files that secrets are read from.",
        examples=[["node_modules/**", ".env"]],
    )
    build: Annotated[tuple[str, ...], commands.command()] | None = Field(
        default=None,
        description="The command that builds the revision, in a copy of the included files. The folder is moved "
        "afterwards, so its result must not hold its own path (a Python venv does). "
        "Without it the files are the revision.",
        examples=[["python3", "-m", "pip", "install", "--target", "lib", "-r", "requirements.txt"]],
    )
    run: Annotated[tuple[str, ...], commands.command(port=True)] = Field(
        description="The command that starts an instance, in the revision's folder. `$PORT` becomes the "
        "instance's port, and PORT is set. Write data elsewhere: the folder is shared by all instances and "
        "never changes.",
        examples=[["python3", "app.py", "--port", "$PORT"]],
    )
    env: Settings = Field(
        default={},
        description="Variables that every instance gets, in every environment.",
        examples=[{"LOG_LEVEL": "info"}],
    )
    secrets: Secrets = Field(
        default={},
        description="Variables whose values are read when an instance starts and kept nowhere.",
        examples=[{"API_KEY": {"env": "API_KEY"}}],
    )
    build_timeout: Annotated[timedelta, quantities.duration("1s", "6h")] = Field(
        default=default(values.Build, "build_timeout"),
        description="How long the build may take.",
        examples=["10m"],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        yield from variable_rules(written)

    def value(self, never: tuple[str, ...]) -> values.Build:
        """The value; `never` are further patterns to leave out."""
        return values.Build(
            include=tuple(self.include),
            exclude=(*self.exclude, *NEVER, *never),
            build=self.build or (),
            run=self.run,
            env=self.env,
            secrets=secret_refs(self.secrets),
            build_timeout=self.build_timeout,
        )
