"""What Procfiles, Dockerfiles, compose files and Kubernetes manifests say of how a service is started."""

import json
import re

from golive.spec.draft.folder import Folder
from golive.spec.draft.found import Found
from golive.spec.draft.manifests import Part, as_mapping, documents, items, mapping, text
from golive.spec.draft.serving import serving
from golive.spec.shape.variables import OWN
from golive.spec.texts import VARIABLE

WEB = re.compile(r"^web\s*:\s*(.+)$", re.MULTILINE)
INSTRUCTION = re.compile(r"^(FROM|CMD|ENTRYPOINT|EXPOSE|HEALTHCHECK)\s+(.+)$", re.MULTILINE | re.IGNORECASE)
ASKED = re.compile(r"https?://[^/\s\"']+(/[!-~]*?)[\"'\s|;]")
COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
LIKELY = ("web", "app", "api", "server", "service")


def procfile(folder: Folder) -> Found | None:
    """The process type `web` of a Procfile."""
    web = WEB.search(folder.text("Procfile"))
    return Found(what="a Procfile", because="Procfile: web", run=serving(web[1])) if web else None


def dockerfile(folder: Folder) -> Found | None:
    """The start command of a Dockerfile's last stage."""
    name = folder.first("Dockerfile", "Containerfile")
    said: dict[str, str] = {}
    for instruction, rest in INSTRUCTION.findall(folder.text(name).replace("\\\n", " ")):
        said = {} if instruction.upper() == "FROM" else said | {instruction.upper(): rest.strip()}
    if not name:
        return None
    entry, arguments = _exec_form(said.get("ENTRYPOINT", "")), _exec_form(said.get("CMD", ""))
    port = said.get("EXPOSE", "").split("/")[0]
    return Found(
        what="a Dockerfile",
        because=name,
        run=_joined(entry, arguments),
        health=_asked(said.get("HEALTHCHECK", "")),
        notes=(f"{name} exposes {port}; here every instance listens on its own $PORT",) if port else (),
    )


def compose(folder: Folder) -> Found | None:
    """The likeliest service of a compose file: one that is built here."""
    name = folder.first(*COMPOSE)
    services = mapping(next(iter(documents(folder, name)), {}), "services")
    own = {key: as_mapping(service) for key, service in services.items()}
    ordered = sorted(own, key=lambda key: ("build" not in own[key], key not in LIKELY))
    if not ordered:
        return None
    chosen, others = ordered[0], ordered[1:]
    command = own[chosen].get("command", "")
    return Found(
        what=f"the compose service {chosen}",
        because=name,
        run=serving(command) if isinstance(command, str | list) and command else (),
        health=_asked(str(mapping(own[chosen], "healthcheck").get("test", ""))),
        notes=(f"{name} also runs {', '.join(others)}: have them elsewhere, golive runs one service",)
        if others
        else (),
    )


def kubernetes(folder: Folder) -> Found | None:
    """The first Deployment among the manifests."""
    for path in sorted(folder.texts):
        if not path.endswith((".yaml", ".yml")) or "Deployment" not in folder.texts[path]:
            continue
        for manifest in documents(folder, path):
            if manifest.get("kind") == "Deployment":
                return _deployment(path, mapping(manifest, "spec"))
    return None


def _deployment(path: str, spec: Part) -> Found:
    pod = mapping(mapping(spec, "template"), "spec")
    container = as_mapping(next(iter(items(pod, "containers")), {}))
    words = [str(word) for word in (*items(container, "command"), *items(container, "args"))]
    probe = mapping(container, "readinessProbe") or mapping(container, "livenessProbe")
    variables = [one for one in map(as_mapping, items(container, "env")) if _is_ours(_name(one))]
    replicas = spec.get("replicas")
    return Found(
        what="a Kubernetes Deployment",
        because=path,
        run=serving(words) if words else (),
        env={_name(one): str(one["value"]) for one in variables if "value" in one},
        secrets=tuple(_name(one) for one in variables if "secretKeyRef" in mapping(one, "valueFrom")),
        health=text(mapping(probe, "httpGet"), "path"),
        instances=replicas if isinstance(replicas, int) and 0 < replicas <= 200 else 0,
    )


def _name(variable: Part) -> str:
    return str(variable.get("name", ""))


def _is_ours(name: str) -> bool:
    return bool(VARIABLE.fullmatch(name)) and name not in OWN


def _exec_form(text: str) -> list[str] | str:
    try:
        words = json.loads(text) if text.startswith("[") else text
    except ValueError:
        return text
    return [str(word) for word in words] if isinstance(words, list) else text


def _joined(entry: list[str] | str, arguments: list[str] | str) -> tuple[str, ...]:
    """As Docker joins them: the arguments of CMD follow an ENTRYPOINT in exec form, and only there."""
    if isinstance(entry, list):
        return serving([*entry, *(arguments if isinstance(arguments, list) else [])])
    return serving(entry or arguments) if entry or arguments else ()


def _asked(text: str) -> str:
    """The path of the address that a health check of another tool asks."""
    asked = ASKED.search(text + " ")
    return asked[1] if asked else ""
