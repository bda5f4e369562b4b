"""The digest of a folder, told again from its documented format."""

import hashlib
import os
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from golive.drivers.builders.content import differences, entries, preimage

NAMES = st.binary(min_size=1, max_size=8).filter(
    lambda name: b"/" not in name and b"\0" not in name and name not in (b".", b"..")
)
FILES = st.dictionaries(NAMES, st.tuples(st.booleans(), st.binary(max_size=20)), min_size=1, max_size=6)


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def test_the_format_is_the_documented_one(tmp_path: Path) -> None:
    (tmp_path / "a b.py").write_bytes(b"one")
    (tmp_path / "run").write_bytes(b"two")
    (tmp_path / "run").chmod(0o755)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "link").symlink_to("../run")
    assert preimage(entries(tmp_path)) == b"".join(
        [
            b"golive-content-1\0",
            b"f " + sha256(b"one") + b" a b.py\0",
            b"x " + sha256(b"two") + b" run\0",
            b"d " + sha256(b"") + b" sub\0",
            b"l " + sha256(b"../run") + b" sub/link\0",
        ]
    )


def made(root: Path, files: dict[bytes, tuple[bool, bytes]]) -> bytes:
    for name, (executable, content) in files.items():
        place = root / os.fsdecode(name)
        place.write_bytes(content)
        place.chmod(0o755 if executable else 0o644)
    return preimage(entries(root))


@settings(max_examples=60, deadline=None)
@given(FILES, FILES)
def test_two_folders_have_the_same_text_exactly_when_they_are_the_same(
    first: dict[bytes, tuple[bool, bytes]], second: dict[bytes, tuple[bool, bytes]]
) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        before, after = made(Path(one), first), made(Path(other), second)
        assert (before == after) is (first == second)
        told = differences(before, entries(Path(other)))
        assert len(told) == len({name for name in first | second if first.get(name) != second.get(name)})
