"""Which queries of a dashboard count as seen, and which do not."""

import math

import pytest

from golive.errors import Failure
from golive.slo.dashboards import Looked, Query, hole, queries

QUERY = Query(panel="Errors", ref="A", text='up{s="$service",e="${environment}"}')
NAN = math.nan
WELL = Looked(query=QUERY, real=(1.0,), pairs=[((1.0,), (1.0,)), ((2.0,), (1.0,))])


def looked(real=(1.0,), faulty=(2.0,), well=(1.0,), error=""):
    return Looked(query=QUERY, real=real, pairs=[(faulty, well)], error=error)


def test_one_fault_that_moves_it_is_enough():
    assert hole(WELL) == ""


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (looked(real=()), "no data of the real service"),
        (looked(real=(NAN,)), "NaN"),
        (looked(faulty=(1.0,)), "does not move"),
        (looked(faulty=()), "does not move"),
        (looked(well=()), "does not move"),
        (looked(faulty=(NAN,), well=(NAN,)), "does not move"),
        (looked(faulty=(NAN,), well=(1.0,)), "does not move"),
        (Looked(query=QUERY, real=(1.0,), pairs=[]), "does not move"),
        (looked(error="parse error"), "parse error"),
    ],
)
def test_what_was_not_seen_is_a_hole(seen, why):
    assert why in hole(seen)


def test_variables_are_filled_in_as_grafana_does():
    assert QUERY.about("shop", "production") == 'up{s="shop",e="production"}'


def test_rows_hold_panels_too():
    panel = {"title": "T", "targets": [{"refId": "A", "expr": "up"}]}
    found = queries({"panels": [{"type": "row", "title": "R", "panels": [panel]}, panel]}, where="d.json")
    assert [query.panel for query in found] == ["T", "T"]


@pytest.mark.parametrize("dashboard", [{}, {"panels": []}, {"panels": 1}, {"panels": [{"targets": [{}]}]}])
def test_what_is_no_dashboard_is_refused(dashboard):
    with pytest.raises(Failure) as refused:
        queries(dashboard, where="d.json")
    assert refused.value.where == "d.json"
