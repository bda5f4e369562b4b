"""A page that stands alone: no script, no outside address, readable in light and in dark."""

from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
:root { color-scheme: light dark; --ink: #1c1c1c; --paper: #fff; --pale: #d9d9d9; --box: #f5f5f5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --paper: #161616; --pale: #444; --box: #222; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 800px; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin-bottom: .2rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .4rem; }
.verdict { padding: .6rem .9rem; border-radius: 6px; border-left: 8px solid; background: var(--box); }
.pass { border-color: #009E73; } .fail { border-color: #D55E00; } .inconclusive { border-color: #8a8a8a; }
.loud { border: 3px solid #D55E00; padding: .6rem .9rem; border-radius: 6px; font-weight: bold; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .25rem .6rem .25rem 0;
  border-bottom: 1px solid var(--pale); overflow-wrap: break-word; } td.number, th.number { text-align: right; }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; margin: .4rem 0; }
svg text:not([fill]) { fill: var(--ink); } .faint { opacity: .7; }
.grid { stroke: var(--pale); } .level { stroke: #8a8a8a; stroke-dasharray: 4 3; } code { overflow-wrap: anywhere; }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def document(title: str, parts: Iterable[str]) -> str:
    """The whole page; `parts` are HTML already, empty ones are left out."""
    inside = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>\n{inside}\n</body></html>\n"
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Every cell is text and is escaped; "" without rows."""
    if not rows:
        return ""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    lines = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>\n{lines}\n</tbody></table>"
