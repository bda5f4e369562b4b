"""Joining rooms to drivers: the only room that names a driver.

Every function takes the operator's file and an environment and hands back something that works. Drivers are
imported where they are needed, so that a command pays only for what it uses.
"""

from golive.assembly.beginnings import add_files, alone, example, first_draft, load
from golive.assembly.briefs import applicability
from golive.assembly.checkup import examine
from golive.assembly.desk import desk, email, signer
from golive.assembly.documents import Opened, linted, open_document, protocol_documents, protocol_plan
from golive.assembly.evidence import (
    changes,
    controls,
    export,
    prove_record,
    unpack,
    upgraded_manifest,
    verified_archive,
    write_manifest,
)
from golive.assembly.integration import integration
from golive.assembly.judging import Calibrating, advise, calibrate, read_series, series_of
from golive.assembly.loads.history import PastRun, level_changes, past_runs
from golive.assembly.loads.measure import Moment as LoadMoment
from golive.assembly.loads.perf import Performed, keep_turns, perf, rewrite_reports
from golive.assembly.loads.perf import keep as keep_performed
from golive.assembly.loads.turns import turns
from golive.assembly.loads.wish import environment_for_load, scenario_sentence, scenarios
from golive.assembly.loads.wish import wish as load_wish
from golive.assembly.place import Folders, folders, specification
from golive.assembly.protocols import (
    Options,
    answer_question,
    newest_run,
    person,
    run_protocol,
    trust_document,
)
from golive.assembly.readiness import checks, gate, prove, selftest
from golive.assembly.rehearsal import forecast, rehearse_deploy, rehearse_rollback
from golive.assembly.seal import log_key
from golive.assembly.site import site
from golive.assembly.tasks import first_tasks, set_task, task_book
from golive.assembly.views import View, environments_with_records, head, logs, observed, records, verified, views

__all__ = [
    "Calibrating",
    "Folders",
    "LoadMoment",
    "Opened",
    "Options",
    "PastRun",
    "Performed",
    "View",
    "add_files",
    "advise",
    "alone",
    "answer_question",
    "applicability",
    "calibrate",
    "changes",
    "checks",
    "controls",
    "desk",
    "email",
    "environment_for_load",
    "environments_with_records",
    "examine",
    "example",
    "export",
    "first_draft",
    "first_tasks",
    "folders",
    "forecast",
    "gate",
    "head",
    "integration",
    "keep_performed",
    "keep_turns",
    "level_changes",
    "linted",
    "load",
    "load_wish",
    "log_key",
    "logs",
    "newest_run",
    "observed",
    "open_document",
    "past_runs",
    "perf",
    "person",
    "protocol_documents",
    "protocol_plan",
    "prove",
    "prove_record",
    "read_series",
    "records",
    "rehearse_deploy",
    "rehearse_rollback",
    "rewrite_reports",
    "run_protocol",
    "scenario_sentence",
    "scenarios",
    "selftest",
    "series_of",
    "set_task",
    "signer",
    "site",
    "specification",
    "task_book",
    "trust_document",
    "turns",
    "unpack",
    "upgraded_manifest",
    "verified",
    "verified_archive",
    "views",
    "write_manifest",
]
