"""Changed bytes anywhere in an evidence folder: `golive evidence verify` finds each; CI tries ten thousand."""

import os
import random
import shutil

import pytest

from golive.assembly.views import verified
from golive.errors import Exit, Failure
from victim import Story

FLIPS = int(os.environ.get("GOLIVE_BYTE_FLIPS", "2000"))


def is_found(evidence) -> bool:
    try:
        verified(evidence, None)
    except Failure as failure:
        return failure.code == Exit.TAMPERED
    return False


@pytest.mark.timeout(500)
def test_every_changed_byte_is_found(tmp_path):
    """A byte is drawn from all bytes of all files, so each file is hit as often as its size asks for."""
    Story(tmp_path).play()
    shutil.rmtree(tmp_path / ".golive")  # what a stranger gets
    files = sorted(path for path in (tmp_path / "evidence").rglob("*") if path.is_file())
    sizes = [path.stat().st_size for path in files]
    chance = random.Random(6962)
    hit = set()
    for number in range(FLIPS):
        (path,) = chance.choices(files, sizes)
        original = path.read_bytes()
        place, change = chance.randrange(len(original)), chance.randrange(1, 256)
        path.write_bytes(original[:place] + bytes([original[place] ^ change]) + original[place + 1 :])
        assert is_found(tmp_path / "evidence"), f"flip {number}: {path.name} byte {place}, {change}"
        path.write_bytes(original)
        hit.add(path)
    assert FLIPS < 1000 or len(hit) == len(files)
    assert not is_found(tmp_path / "evidence")
