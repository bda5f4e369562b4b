"""Promise: a protocol document is read in under 5 ms per 10 kB, whatever its shape, at a cost that grows linearly.

The peer, in the same run: markdown-it-py's own parse of the same text, which yields tokens and no meaning.
`linear` compares ms per 10 kB at 1 MB with that at 10 kB; it is shown, and above 2 the promise does not hold.
"""

import statistics
import time
from collections.abc import Callable

from bench import close, quick
from markdown_it import MarkdownIt

from golive.protocol.parse import parse

BAR_MS = 5.0
BAR_GROWTH = 2.0
SIZES = (10_000, 100_000, 1_000_000)
SHAPES = {
    "prose": "Words that a person wrote about the release, and then some more.\nAnother line of them.\n\n",
    "list": "1. Confirm the dashboards and people on call.\n   - **Evidence:** `evidence/a.json`\n- [ ] A box\n",
    "fence": "Then this:\n\n```bash\n$ make deploy\n$ make smoke\n```\n\n",
    "directive": "### STEP 2: DEPLOY\n1. Deploy it.\n{SCRIPT: scripts/deploy_backend.sh --env 'staging' <id>}\n\n",
    "blank": "\n",
    "hostile": "{SCRIPT: a;b|$(c)`d`\u200b}\n<!-- x --> `<!-- {{{ ** [ [ [ \n> > > - - 1. ```x`\n",
}


def ms_per_10_kb(read: Callable[[str], object], text: str, rounds: int) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        read(text)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000 / (len(text) / 10_000)


def main() -> None:
    rounds = 1 if quick() else 5
    peer = MarkdownIt("commonmark")
    worst, growth = 0.0, 0.0
    parse("warm")
    print("shape      size      golive   markdown-it-py   (ms per 10 kB)")
    for shape, piece in SHAPES.items():
        costs = []
        for size in SIZES:
            text = (piece * (size // len(piece) + 1))[:size]
            small = max(rounds, 5) if size == SIZES[0] else rounds
            costs.append(ms_per_10_kb(parse, text, small))
            theirs = ms_per_10_kb(peer.parse, text, 1)
            print(f"{shape:10} {size:<9} {costs[-1]:6.2f}   {theirs:6.2f}")
        worst, growth = max(worst, *costs), max(growth, costs[-1] / costs[0])
    print(f"linear: at 1 MB at most {growth:.2f} times the cost per 10 kB at 10 kB (bar {BAR_GROWTH})")
    holds = worst < BAR_MS and growth < BAR_GROWTH
    close("reading a protocol document, per 10 kB", round(worst, 2), "ms", BAR_MS, holds)


main()
