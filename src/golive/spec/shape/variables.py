"""What an instance finds in its environment: settings by value, secrets by reference only."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from golive.spec import texts, values
from golive.spec.fault import Fault
from golive.spec.kind import Kind
from golive.spec.shape.base import Shape, Written, both, mapping

VariableName = Annotated[str, texts.variable()]
Settings = dict[VariableName, Annotated[str, texts.setting()]]

OWN = frozenset({"PORT", "HOST", "GOLIVE_REVISION", "GOLIVE_ENVIRONMENT", "GOLIVE_INSTANCE"})

BY_REFERENCE = "write {env: NAME} or {file: path}"


def _unrepeated(kind: Kind) -> Kind:
    """The same kind, whose refusals do not repeat the value: it may be the secret itself."""

    def read(value: Any) -> Any:
        try:
            return kind.read(value)
        except Fault:
            what = f"the value (not repeated here) is not {kind.words}"
            raise Fault(what, why=f"it takes {kind.limits}", next=BY_REFERENCE) from None

    return replace(kind, read=read)


class Secret(Shape):
    """A reference to a secret."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["env"]}, {"required": ["file"]}]})

    env: Annotated[str, _unrepeated(texts.variable())] | None = Field(
        default=None,
        description="The variable of the environment in which golive runs that holds the secret.",
        examples=["API_KEY"],
    )
    file: Annotated[str, _unrepeated(texts.file_path())] | None = Field(
        default=None,
        description="The file that holds the secret, absolute or relative to the folder of golive.yaml. "
        "A file inside that folder is never made part of a revision.",
        examples=["/run/secrets/api-key"],
    )

    @classmethod
    def rules(cls, written: Written) -> Iterator[Fault]:
        if "env" in written and "file" in written:
            yield both("env", "file")
        if not written:
            yield Fault("the secret has no source", next=BY_REFERENCE)

    def value(self) -> values.SecretRef:
        if self.env:
            return values.SecretRef(source="env", name=self.env)
        return values.SecretRef(source="file", name=self.file or "")


Secrets = dict[VariableName, Secret]


def secret_refs(secrets: Secrets) -> dict[str, values.SecretRef]:
    """The same as values."""
    return {name: secret.value() for name, secret in secrets.items()}


def variable_rules(written: Written) -> Iterator[Fault]:
    """Broken rules between `env` and `secrets` of the same mapping."""
    settings, secrets = mapping(written.get("env")), mapping(written.get("secrets"))
    for name in sorted(settings.keys() & secrets.keys()):
        yield Fault(
            f"{name} is a secret too",
            why="which of the two an instance would see would be a guess",
            next=f"remove {name} from `env` or from `secrets`",
            at=("env", name),
            in_key=True,
        )
    for key, variables in (("env", settings), ("secrets", secrets)):
        for name in sorted(OWN & variables.keys()):
            yield Fault(
                f"{name} is set by golive",
                why="every instance gets an address and a name of its own",
                next="remove it; the port that users see is environments.NAME.target.port",
                at=(key, name),
                in_key=True,
            )
