"""List items and table rows as what a person would do: text, tag, box, and the details below them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from golive.protocol.document import Item, Place
from golive.protocol.headings import required

MOST_TEXT = 4000  # characters of one item that are shown
_ITEM = re.compile(r"^([ \t]*)(?:([0-9]{1,9}(?:\.[0-9]{1,9})*)[.)]|[-*+])[ \t]+(?:\[([ xX])\][ \t]+)?(\S.*)$")
_DETAIL = re.compile(
    r"^[*_`]*(action|communication|halt condition|halt|evidence|acceptance)[*_`]*\s*:[*_`]*\s*(.*)$", re.IGNORECASE
)
_HALT = re.compile(r"^\s*[*_\[(]*(?:halt|stop)\b[^a-z]{0,3}.*\b(?:await|wait|confirm|and)\b", re.IGNORECASE)
_NAMED = re.compile(r"`([^`\n]{1,300})`")
_RULE = re.compile(r"^[\s|:+-]+$")


@dataclass(kw_only=True)
class Items:
    """Takes the text lines of one section or step in order."""

    found: list[Item] = field(default_factory=list)
    _indent: int = 0  # of the item that is open
    _open: bool = False
    _pieces: list[str] = field(default_factory=list)
    _columns: Sequence[str] = ()  # the header of the table that is open

    def take(self, text: str, line: int) -> None:
        """One line that is neither heading nor directive."""
        if "|" in text and text.lstrip().startswith("|"):
            self._row(text, line)
            return
        self._columns = ()
        if not text.strip():
            self._close_text()
            return
        match = _ITEM.match(text)
        if match:
            self._item(match, line)
        elif self._open and (self._pieces or text[:1] in " \t"):
            self._more(text.strip())
        elif _HALT.match(text) and self.found:
            self._detail("halt", text.strip("*_[] \t"))
        else:
            self._open = False

    def end(self) -> tuple[Item, ...]:
        """The items that were taken."""
        self._close_text()
        return tuple(self.found)

    def _item(self, match: re.Match[str], line: int) -> None:
        self._close_text()
        indent = len(match[1].expandtabs(4))
        if self._open and indent > self._indent:
            self._below(match[4])
            return
        must, text = required(match[4])
        self._indent, self._open, self._pieces = indent, True, [_told(text)]
        ticked = None if match[3] is None else match[3] in "xX"
        at = Place(line=line, column=match.start(4) + 1)
        self.found.append(Item(text="", at=at, number=match[2] or "", required=must, ticked=ticked))

    def _below(self, text: str) -> None:
        """A bullet below the open item: a detail of it, or prose that stays in the document."""
        detail = _DETAIL.match(text)
        if detail:
            self._detail(detail[1].lower().removesuffix(" condition"), detail[2])

    def _detail(self, name: str, said: str) -> None:
        item = self.found[-1]
        if name == "evidence":
            self.found[-1] = replace(item, evidence=(*item.evidence, *(_NAMED.findall(said) or [_told(said)])))
        elif name in ("action", "communication", "halt"):
            self.found[-1] = replace(item, **{name: _told(said)})  # type: ignore[arg-type]

    def _more(self, text: str) -> None:
        detail = _DETAIL.match(text)
        if detail:
            self._detail(detail[1].lower().removesuffix(" condition"), detail[2])
        elif self._pieces:
            self._pieces.append(text)

    def _close_text(self) -> None:
        if self._pieces:
            text = " ".join(self._pieces)[:MOST_TEXT]
            self.found[-1] = replace(self.found[-1], text=text)
        self._pieces = []

    def _row(self, text: str, line: int) -> None:
        """A row of a table; the first one names the columns."""
        self._close_text()
        self._open = False
        cells = [cell.strip() for cell in text.strip().strip("|").split("|")[:40]]
        if _RULE.match(text):
            return
        if not self._columns:
            self._columns = tuple(cell.lower() for cell in cells)
            return
        number = cells[0] if re.fullmatch(r"[0-9][\w.]{0,10}", cells[0]) else ""
        said = cells[1] if number and len(cells) > 1 else cells[0]
        if said:
            at = Place(line=line, column=text.find(said) + 1)
            self.found.append(Item(text=_told(said), at=at, number=number))


def _told(text: str) -> str:
    """Without bold around a title and blanks at the ends."""
    text = text.strip()
    bold = re.match(r"^\*\*(.+?)\*\*:?\s*(.*)$", text)
    return f"{bold[1]} {bold[2]}".strip() if bold else text
