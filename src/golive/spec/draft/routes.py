"""Finding the path that a service's own code answers when it is healthy."""

import re

from golive.spec.draft.folder import Folder

ROUTE = re.compile(r"[\"'`](/(?:api/|-/|_)?(?:health(?:z|check)?|readyz?|livez?|ping|up)/?)[\"'`]")


def health_path(folder: Folder, *endings: str) -> str:
    """The first such route in the code, or ""."""
    found = (ROUTE.search(text) for _, text in folder.sources(*endings))
    return next((route[1] for route in found if route), "")
