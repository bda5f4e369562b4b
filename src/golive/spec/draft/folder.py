"""What was seen in a folder, as values: the facts that recognising starts from."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

NOT_THE_SERVICE = re.compile(r"(^|/)(tests?|examples?|docs?|scripts?|benchmarks?|conftest\.py|setup\.py)(/|$)")


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A folder. Paths are relative with `/`; state, evidence, caches and installed packages are left out."""

    name: str
    paths: frozenset[str]  # files and links
    texts: Mapping[str, str] = field(default_factory=dict)  # of the files that may say what the service is
    programs: frozenset[str] = frozenset()  # files that may be executed and are no text, at the top

    def text(self, path: str) -> str:
        """The file's text, or "" when there is none."""
        return self.texts.get(path, "")

    def first(self, *paths: str) -> str:
        """The first of the paths that is there, or ""."""
        return next((path for path in paths if path in self.paths), "")

    def sources(self, *endings: str) -> Iterator[tuple[str, str]]:
        """Texts of the service's own code, those nearest to the top first."""
        ordered = sorted(self.texts, key=lambda path: (path.count("/"), path))
        return (
            (path, self.texts[path])
            for path in ordered
            if path.endswith(endings) and not NOT_THE_SERVICE.search(path)
        )
