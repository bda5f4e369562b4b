"""How long things took, from the records' monotonic clock."""

from collections.abc import Sequence

from golive.evidence.record import Record


def way_back_ms(records: Sequence[Record], rollout: str) -> float | None:
    """Milliseconds from the decision to "no traffic on the bad revision"; None when it never went back.

    The decision is the record that turned the rollout (a failed verdict, an abort, a fault), or, for a
    rollback, the record of the wish. The end is the outcome of the shift, which was read back from the
    router. None also when the machine was booted in between.
    """
    own = [record for record in records if record.draft.rollout == rollout]
    decided = next((record for record in own if _decides(record)), None)
    if decided is None:
        return None
    for record in own:
        if record.seq > decided.seq and _gave_it_back(record, decided):
            if record.draft.boot != decided.draft.boot:
                return None
            return round((record.draft.mono_ns - decided.draft.mono_ns) / 1e6, 1)
    return None


def _decides(record: Record) -> bool:
    draft = record.draft
    if draft.type == "rollout.wanted":
        return draft.body["kind"] == "rollback"
    return draft.type in ("rollout.turned", "abort.requested") or draft.body.get("answer") == "fail"


def _gave_it_back(record: Record, decided: Record) -> bool:
    draft = record.draft
    if draft.type != "step.ended" or draft.result != "ok":
        return False
    whole = 100 if decided.draft.type == "rollout.wanted" else 0
    return str(draft.body["key"]).startswith("shift ") and draft.body.get("weight") == whole
