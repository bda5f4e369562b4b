"""Task files: every shape is read, only what changes is changed, and nothing illegal is written."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.errors import Exit, Failure
from golive.protocol.tasks import jsontext
from golive.protocol.tasks.book import Book, read
from golive.protocol.tasks.change import Entry, changed, refuse_unless_legal
from golive.protocol.tasks.states import MAY_FOLLOW, STATES, SYNONYMS, state_of

NAME = "plans/tasks.json"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def book(text: str) -> Book:
    return read(text.encode(), NAME)


def entry(after: str = "completed", before: str = "in_progress") -> Entry:
    return Entry(before=before, after=after, at=NOON, actor="ann")


def moved(text: str, task: str, after: str = "completed") -> str:
    found = book(text)
    return changed(found, found.task(task), entry(found.spelling(after)))  # type: ignore[arg-type]


HISTORY = '{"event": "state-changed", "from": "in_progress", "to": "completed", "at": "2026-01-02T12:00:00Z", "actor": "ann", "evidence": []}'  # noqa: E501

LIST = '[{"id": "1.0", "area": "front"}, {"id": "1.10", "blocked_by": ["1.0"], "state": "in_progress"}]\n'
LANES = (
    '{"meta": {"v": 1}, "backend": [{"id": "b1"}], "frontend": [{"id": "f1", "blocked_by": ["b1"]}], "empty": []}'
)
WRAPPED = '{"tasks": [{"id": 1.10, "title": "Operations", "dependencies": [1.1]}, {"id": 1.1}], "version": 2.50}'
ACTIVE = '[{"id": "t-1", "description": "Go live", "status": "doing", "created": "2026-01-01", "updated": "2026-01-01", "todos": [{"text": "a", "done": false}]}]'  # noqa: E501


def test_the_shapes_are_read():
    assert [(t.id, t.lane, t.state, t.needs) for t in book(LIST).tasks] == [
        ("1.0", "", "pending", ()),
        ("1.10", "", "in_progress", ("1.0",)),
    ]
    assert [(t.id, t.lane) for t in book(LANES).tasks] == [("b1", "backend"), ("f1", "frontend")]
    assert [(t.id, t.needs) for t in book(WRAPPED).tasks] == [("1.10", ("1.1",)), ("1.1", ())]
    (active,) = book(ACTIVE).tasks
    assert (active.title, active.word, active.state) == ("Go live", "doing", "in_progress")
    assert book('{"tasks": {"ops": [{"id": "a"}]}}').task("a").lane == "ops"
    assert book("[]").tasks == ()


def test_a_task_is_found_by_id_then_title_then_label():
    text = """[{"id": "ops", "title": "Labelled", "labels": ["operations"]}, {"id": "a", "title": "Operations"},
               {"id": "b", "tags": ["operations", "x"]}]"""
    assert book(text).task("operations").id == "a"
    assert book(text).task("X").id == "b"
    assert book(text.replace('"a"', '"operations"')).task("operations").id == "operations"
    with pytest.raises(Failure, match="2 tasks are called 'operations'") as several:
        book(text.replace('"title": "Operations"', '"title": "Other"')).task("operations")
    assert several.value.why == "ops, b"
    with pytest.raises(Failure, match="there is no task 'deploy'") as none:
        book(text).task("deploy")
    assert none.value.code is Exit.USAGE


@pytest.mark.parametrize("name", ["id", "title", "name", "labels", "label", "tags"])
def test_operations_is_known_by_any_of_its_names(name):
    value = '["Operations"]' if name in ("labels", "tags") else '"operations"'
    other = "" if name == "id" else '"id": "7", '
    assert book(f'[{{{other}"{name}": {value}}}]').tasks[0].is_operations
    assert not book('[{"id": "7", "title": "Operations manual"}]').tasks[0].is_operations


def test_a_task_is_found_by_its_area_or_lane_when_it_is_the_only_one_there():
    assert book('[{"id": "1", "area": "operations"}, {"id": "2"}]').task("operations").id == "1"
    assert book('{"operations": [{"id": "1"}], "backend": [{"id": "2"}]}').task("operations").id == "1"
    with pytest.raises(Failure, match="2 tasks are called"):
        book('{"operations": [{"id": "1"}, {"id": "2"}]}').task("operations")


SPREAD = """{
\t"owner": "team",
\t"backend": [
\t\t{
\t\t\t"id": "operations",
\t\t\t"x-custom": [1.50, {"b": 1, "a": "\\u00e9"}],
\t\t\t"state": "in_progress",
\t\t\t"estimate": "1d"
\t\t}
\t]
}"""


def test_only_what_changes_is_changed():
    after = moved(SPREAD, "operations")
    begin, end = SPREAD.index("in_progress"), SPREAD.index('"1d"') + 4
    assert after.startswith(
        SPREAD[:begin] + 'completed",\n\t\t\t"estimate": "1d",\n\t\t\t"history": [\n\t\t\t\t{\n'
    )
    assert after.endswith("\n\t\t\t]" + SPREAD[end:])  # and still without a newline at the end
    assert json.loads(after)["backend"][0]["history"] == [entry().body()]


def test_one_line_stays_one_line():
    text = LIST.replace('"in_progress"}', '"in_progress", "history": []}')
    assert moved(text, "1.10") == LIST.replace('"in_progress"}', f'"completed", "history": [{HISTORY}]}}')
    again = moved(text.replace("[]}", f"[{HISTORY}]}}"), "1.10")
    assert again.count(f"{HISTORY}, {HISTORY}") == 1


def test_tight_json_stays_tight():
    text = '[{"id":"a","state":"in_progress"}]'
    assert moved(text, "a").startswith('[{"id":"a","state":"completed","history":[{"event":"state-changed",')


def test_line_ends_and_the_mark_at_the_beginning_stay():
    text = "\ufeff" + SPREAD.replace("\n", "\r\n")
    after = moved(text, "operations")
    assert after.startswith("\ufeff{\r\n")
    assert after.count("\n") == after.count("\r\n")


def test_names_are_written_as_the_file_writes_its_own():
    told = Entry(before="in_progress", after="completed", at=NOON, actor="Zoë")
    plain, spelled = '[{"id": "a"}]', '[{"id": "a", "title": "é"}]'
    assert '"actor": "Zo\\u00eb"' in changed(book(plain), book(plain).task("a"), told)
    assert '"actor": "Zoë"' in changed(book(spelled), book(spelled).task("a"), told)


def test_entries_are_written_as_those_before():
    text = '{"tasks": [\n  {\n    "id": "a",\n    "state": "in_progress",\n    "history": [\n      {"note": "old"}\n    ]\n  }\n]}'  # noqa: E501
    after = moved(text, "a")
    assert after == text.replace("in_progress", "completed").replace('"old"}', f'"old"}},\n      {HISTORY}')


def test_words_of_the_file_are_used_and_the_day_it_keeps_is_renewed():
    other = '{"id": "t-0", "status": "done"}, '
    (_, task) = json.loads(moved(ACTIVE.replace("[{", f"[{other}{{", 1), "t-1"))
    assert (task["status"], task["updated"], task["history"][0]["to"]) == ("done", "2026-01-02", "done")
    assert task["todos"] == [{"text": "a", "done": False}]
    assert "state" not in task


def test_a_task_without_a_state_gets_one_under_the_key_that_the_file_uses():
    text = '[{"id": "a"}, {"id": "b", "status": "pending"}]'
    assert '"id": "a", "status": "completed"' in moved(text, "a")
    assert '"id": "a", "state": "completed"' in moved('[{"id": "a"}]', "a")


def test_numbers_keep_their_spelling():
    after = moved(WRAPPED, "1.10")
    assert after.startswith('{"tasks": [{"id": 1.10, "title": "Operations", "dependencies": [1.1], "state"')
    assert after.endswith(', {"id": 1.1}], "version": 2.50}')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.text(max_size=6), JSON, max_size=4),
    st.sampled_from([None, 1, 2, 4, "\t"]),
    st.booleans(),
    st.booleans(),
)
def test_whatever_stands_around_stays(extra, indent, ascii, tight):
    known = {"id", "state", "status", "title", "name", "description", "history", "updated", "updated_at"}
    known |= {"labels", "tags", "blocked_by", "dependencies", "depends_on"}
    extra = {key: value for key, value in extra.items() if key not in known}
    whole = [{"id": "x", **extra}, {**extra, "id": "a", "state": "in_progress", "z": 1}]
    signs = (",", ":") if tight else None
    text = json.dumps(whole, indent=indent, ensure_ascii=ascii, separators=signs)
    new = json.loads(moved(text, "a"))
    task = new[1]
    assert task.pop("history") == [entry().body()]
    assert [new[0], {**task, "state": "in_progress"}] == whole
    assert list(task) == list(whole[1])


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_only_what_may_follow_follows(before, after):
    found = book(f'[{{"id": "a", "state": "{before}"}}]')
    if after == before or after in MAY_FOLLOW[before]:
        assert refuse_unless_legal(found, found.task("a"), after, "because") == before
        return
    with pytest.raises(Failure, match=f"it is {before}, and {after} cannot follow that") as refused:
        refuse_unless_legal(found, found.task("a"), after, "because")
    assert refused.value.code is Exit.REFUSED


def test_nothing_is_completed_that_was_not_begun():
    assert "completed" not in MAY_FOLLOW["pending"]
    assert [state for state in STATES if "completed" in MAY_FOLLOW[state]] == ["in_progress"]


def test_taking_up_again_needs_a_reason():
    found = book('[{"id": "a", "state": "completed"}]')
    with pytest.raises(Failure, match="needs a reason"):
        refuse_unless_legal(found, found.task("a"), "in_progress", " ")


def test_open_dependencies_are_named():
    text = """[{"id": "a", "state": "in_progress", "blocked_by": ["b", "c", "d"], "dependencies": ["e"]},
        {"id": "b", "state": "done"}, {"id": "c", "state": "cancelled"}, {"id": "d"},
        {"id": "e", "state": "blocked"}]"""
    found = book(text)
    with pytest.raises(Failure, match="it waits for others") as refused:
        refuse_unless_legal(found, found.task("a"), "completed", "")
    assert refused.value.why == "still open: d (pending), e (blocked)"
    assert refused.value.code is Exit.WAITING


def test_an_unknown_state_is_refused_and_holds_back_what_waits_for_it():
    found = book('[{"id": "a", "state": "nearly"}, {"id": "b", "state": "wip", "depends_on": "a"}]')
    with pytest.raises(Failure, match="its state 'nearly' is unknown"):
        refuse_unless_legal(found, found.task("a"), "completed", "")
    with pytest.raises(Failure, match="it waits for others"):
        refuse_unless_legal(found, found.task("b"), "completed", "")


@pytest.mark.parametrize("word", SYNONYMS)
def test_usual_words_are_understood(word):
    assert state_of(word.replace("_", " ").title()) == state_of(word.replace("_", "-")) == SYNONYMS[word]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[{"id": "a"}, {"id": "a"}]', "two tasks have the id a"),
        ('[{"id": 1.0}, {"id": "1.0"}]', "two tasks have the id 1.0"),
        ('[{"id": "a", "blocked_by": ["b"]}]', "task a waits for b, which is not in this file"),
        ('[{"id": "a", "blocked_by": ["a"]}]', "in a circle: a"),
        (
            '[{"id": "a", "blocked_by": ["b"]}, {"id": "b", "depends_on": ["c"]}, '
            '{"id": "c", "dependencies": ["a"]}]',
            "in a circle: a, b, c",
        ),
        ('[{"title": "x"}]', "this task has no id"),
        ('{"a": 1}', "there is no task in this file"),
        ("{", "this is not JSON"),
        ('[{"id": "a"}] x', "this is not JSON"),
        ('[{"id": "a", "id": "b"}]', "this is not JSON"),
        ('[{"id": "a",}]', "this is not JSON"),
        ('[{"id": "a\nb"}]', "this is not JSON"),
        ('[{"id": NaN}]', "this is not JSON"),
        ("[" * 100_000, "this is not JSON"),
        ("", "this is not JSON"),
    ],
)
def test_a_file_that_says_two_things_or_nothing_is_refused(text, fault):
    with pytest.raises(Failure, match=fault) as refused:
        book(text)
    assert refused.value.code is Exit.USAGE


def test_every_fault_is_named_at_once():
    with pytest.raises(Failure) as refused:
        book('[{"id": "a", "blocked_by": ["x", "y"]}, {"id": "a"}]')
    assert [f.what for f in refused.value.also] == [
        "task a waits for x, which is not in this file",
        "task a waits for y, which is not in this file",
    ]


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(Failure, match="this is not UTF-8"):
        read(b'[{"id": "\xff"}]', NAME)


def test_a_long_chain_of_dependencies_is_no_circle_and_no_depth():
    chain = [{"id": str(n), "blocked_by": [str(n + 1)]} for n in range(20_000)] + [{"id": "20000"}]
    assert len(book(json.dumps(chain)).tasks) == 20_001


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='[]{}",:0123456789.eE-+ntrufalse\\ \n', max_size=40) | JSON.map(json.dumps))
def test_json_is_read_as_python_reads_it(text):
    def nothing_odd(word: str) -> None:
        raise ValueError(word)

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("twice")
        return dict(pairs)

    try:
        expected = json.loads(
            text, parse_int=str, parse_float=str, parse_constant=nothing_odd, object_pairs_hook=once
        )
    except ValueError:
        with pytest.raises(Failure):
            jsontext.read(text, NAME)
    else:
        assert plain(jsontext.read(text, NAME)) == expected


def plain(node: jsontext.Node) -> object:
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.value.items()}
    return [plain(item) for item in node.value] if isinstance(node.value, list) else node.value
