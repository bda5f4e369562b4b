"""The environment of a build command: what it needs to reach package registries, and nothing of the operator's.

The home folder is fresh, so that a build does not depend on files that only one person has; where pip and
npm find their settings there, the variables that name those files are set instead. Secrets of the service
are not there: they exist only when an instance starts.
"""

from collections.abc import Mapping
from pathlib import Path

EARLIEST_ZIP = "315532800"  # 1980-01-01: the earliest instant that a zip file can hold
PASSED_ON = (
    "PATH",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
)
PASSED_ON_ANY_CASE = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
PREFIXES = ("PIP_", "UV_", "npm_config_", "NPM_CONFIG_")
SETTINGS = {  # variable → where the tool looks in a home folder, first match
    "PIP_CONFIG_FILE": (".config/pip/pip.conf", ".pip/pip.conf"),
    "npm_config_userconfig": (".npmrc",),
}


def scrubbed(environ: Mapping[str, str], *, home: Path, temp: Path, cache: Path) -> dict[str, str]:
    """The variables of `environ` that a build may see, and ours."""
    kept = {name: value for name, value in environ.items() if _passes(name)}
    return (
        _tool_settings(environ)
        | kept
        | {
            "HOME": str(home),
            "TMPDIR": str(temp),
            "XDG_CACHE_HOME": str(cache),
            "npm_config_cache": str(cache / "npm"),
            "LANG": "C.UTF-8",
            "SOURCE_DATE_EPOCH": EARLIEST_ZIP,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",  # the order of sets, and so of what scripts write
            "PIP_NO_COMPILE": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
    )


def _passes(name: str) -> bool:
    return name in PASSED_ON or name.lower() in PASSED_ON_ANY_CASE or name.startswith(PREFIXES)


def _tool_settings(environ: Mapping[str, str]) -> dict[str, str]:
    owner = Path(environ.get("HOME") or "/nonexistent")
    found = {
        variable: next((str(owner / place) for place in places if (owner / place).is_file()), "")
        for variable, places in SETTINGS.items()
    }
    return {variable: path for variable, path in found.items() if path}
