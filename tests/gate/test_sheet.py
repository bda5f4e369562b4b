"""Tables for spreadsheets: one line a row, and nothing that a spreadsheet would compute."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.gate.outputs.sheet import sheet


@pytest.mark.parametrize("formula", ["=cmd()", "+1", "-1", "@x", "\t=cmd()", " =cmd()", "\r\n=cmd()"])
def test_no_cell_is_a_formula(formula):
    assert sheet(["a"], [[formula]]) == f"a\n'{formula.strip()}\n"


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_every_row_is_one_line_and_comes_back(rows):
    found = sheet(["a", "b"], rows)
    assert len(found.split("\n")) == len(rows) + 2
    for row, back in zip(rows, list(csv.reader(io.StringIO(found)))[1:], strict=True):
        for words, cell in zip(row, back, strict=True):
            assert cell.removeprefix("'") == " ".join(words.split()).removeprefix("'")
            assert not cell.startswith(("=", "+", "-", "@"))
