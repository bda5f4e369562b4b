"""Glob patterns over the service's folder."""

from pathlib import Path

import pytest

from golive.drivers.builders.selection import Selection

TREE = [
    ".env",
    ".git/config",
    "README.md",
    "app.py",
    "lib/.git/config",
    "lib/a.py",
    "lib/deep/b.py",
    "lib/deep/c.txt",
    "node_modules/x/index.js",
    "odd [1].py",
    "web/node_modules/y.js",
    "web/page+1.html",
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path in TREE:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
    return tmp_path


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (["**"], [], TREE),
        (["*"], [], [".env", "README.md", "app.py", "odd [1].py"]),
        (["*.py"], [], ["app.py", "odd [1].py"]),
        (["**/*.py"], [], ["app.py", "lib/a.py", "lib/deep/b.py", "odd [1].py"]),
        (["lib/*.py"], [], ["lib/a.py"]),
        (["lib/**/*.py"], [], ["lib/a.py", "lib/deep/b.py"]),
        (["lib/**"], ["**/.git/**"], ["lib/a.py", "lib/deep/b.py", "lib/deep/c.txt"]),
        (["lib"], [".git", "lib/.git"], ["lib/a.py", "lib/deep/b.py", "lib/deep/c.txt"]),
        (["lib/"], ["lib/deep"], ["lib/.git/config", "lib/a.py"]),
        (["app.py", "README.md"], [], ["README.md", "app.py"]),
        (["?pp.py"], [], ["app.py"]),
        (["[a-c]pp.py"], [], ["app.py"]),
        (["[!a]*.py"], [], ["odd [1].py"]),
        (["odd [[]1].py"], [], ["odd [1].py"]),
        (["web/page+1.html"], [], ["web/page+1.html"]),
        (["web/page.1.html", "app.py"], [], None),
        (["**"], ["**/node_modules/**", "**/.git", ".env", "lib", "odd*", "web/*"], ["README.md", "app.py"]),
        (
            ["**"],
            ["*.py", "**/deep/**"],
            [p for p in TREE if p not in ("app.py", "odd [1].py") and "deep" not in p],
        ),
    ],
)
def test_patterns(root: Path, include: list[str], exclude: list[str], expected: list[str] | None) -> None:
    chosen = Selection(tuple(include), tuple(exclude))
    if expected is None:
        with pytest.raises(Exception, match="no such file"):
            chosen.paths(root)
    else:
        assert sorted(chosen.paths(root)) == expected


def test_what_is_excluded_is_not_even_looked_at(root: Path) -> None:
    secret = root / "secret"
    secret.mkdir()
    (secret / "key").write_text("x")
    secret.chmod(0)
    try:
        assert "secret/key" not in Selection(("**",), ("secret/**",)).paths(root)
    finally:
        secret.chmod(0o700)


def test_linked_folders_are_not_entered(root: Path) -> None:
    (root / "again").symlink_to("lib")
    found = Selection(("again/**", "again"), ()).paths(root)
    assert found == ["again"]


def test_many_wildcards_take_no_longer_than_a_moment(root: Path) -> None:
    (root / ("a" * 200)).write_text("x")
    Selection(("**/" * 40 + "app.py", "**"), ()).paths(root)
