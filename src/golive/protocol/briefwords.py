"""Which words of a brief call for live operations, which rule them out, and which settle nothing: as data.

Whole words only: "slow", "sloped", "disregard" and "undeployable" say nothing. A word that also has everyday
meanings ("file operations", "an incident report") counts only in the phrases here.
"""

import re

TERM = re.compile(
    r"""(?<![\w-])(?:
      deploy(?:s|ed|ing|ment|ments)? | roll[ -]?backs? | go(?:es|ing)?[ -]live
    | operations(?![ ](?:on|of|per|such|like)\b) | devops | sre | site[ ]reliability | on-?[ ]?call
    | (?:monitoring|observability|alerting) | uptime | slos? | slas? | error[ ]budgets?
    | incident[ ](?:response|management|process|handling|channel)
    | production[ ](?:environments?|deployments?|traffic|systems?) | (?:in|into|to)[ ]production
    | ongoing[ ]maintenance
    )(?![\w-])""",
    re.IGNORECASE | re.VERBOSE,
)
# Operations of another kind, and monitoring of something that is not the service.
OTHER = re.compile(
    r"\b(?:arithmetic|array|atomic|basic|batch|bitwise|bulk|business|crud|data|database|file|io|list|logical"
    r"|mathematical|matrix|read|set|string|undo|vector|warehouse|write)[ -]operations\b"
    r"|\b(?:baby|blood|glucose|heart|health|patient|sleep|weather|wildlife)[ -]monitoring\b",
    re.IGNORECASE,
)

_NOT = r"(?:no|not|nothing|never|without|neither|nor|none of|exclud(?:e|es|ed|ing)|[a-z]+n['’]t)"
_BETWEEN = (
    r"(?:a|an|any|are|ask(?:s|ed|ing)?|be|been|being|call(?:s|ed|ing)?|cloud|cover(?:s|ed|ing)?|do|does|expect(?:ed|s)?"
    r"|for|have|here|in|include(?:s|d)?|into|involve(?:s|d)?|is|it|live|need(?:s|ed|ing)?|of|ongoing|or|and|nor|our|plan(?:s|ned)?"
    r"|planned|public|real|require(?:s|d)?|the|to|want(?:s|ed)?|will|yet|ever)"
)
BEFORE = re.compile(rf"(?<![\w-]){_NOT}(?:[ ,/]+{_BETWEEN})*[ ,/]*$", re.IGNORECASE)
JOINED = re.compile(
    r"^[ ]*(?:,|/|and|or|nor|, ?and|, ?or|, ?nor)[ ]*(?:any|a|the|live|ongoing)?[ ]*$", re.IGNORECASE
)
_UNWANTED = (
    r"(?:needed|required|planned|wanted|expected|included|covered|intended|applicable|in scope|part of|for)"
)
AFTER = re.compile(
    rf"^[^.;!?]*?(?:\b(?:not|never) (?:be )?{_UNWANTED}|n['’]t (?:be )?{_UNWANTED}|(?<!not )\bout of scope"
    r"|\b(?:is|are) (?:excluded|out|none))\b"
    r"|^ *[:=–—-]+ *(?:no|none|n/a|false|not\b[^.;!?]*|out of scope) *[.]?$",
    re.IGNORECASE,
)
PERHAPS = re.compile(
    r"\b(?:may|might|maybe|perhaps|possibly|optional(?:ly)?|later|eventually|someday|if|unless|tbd|tbc|unclear"
    r"|to be (?:decided|defined|determined|confirmed)|undecided|open question|not (?:sure|decided|clear))\b|\?",
    re.IGNORECASE,
)
_OUT = (
    r"^\W*(?:(?:explicitly )?(?:out of|not in) scope|non[- ]?goals?|exclusions?|excluded|not included|will not do"
    r"|what we (?:will not|won['’]t) do)\b"
)
OUT_OF_SCOPE = re.compile(_OUT, re.IGNORECASE)  # a heading
RULED_OUT = re.compile(rf"{_OUT}[^:–—]{{0,40}}[:–—]", re.IGNORECASE)  # a line that lists what is not wanted
NOTHING = re.compile(
    r"^\W*(?:none|no|n/a|na|nil|false|off|not (?:needed|required|planned|wanted|applicable|in scope)"
    r"|out of scope|nothing|excluded|skip|skipped|null|~)\W*$",
    re.IGNORECASE,
)
OPEN = re.compile(r"^\W*(?:tbd|tbc|todo|unknown|undecided|\?+|fill in|to be \w+)?\W*$", re.IGNORECASE)

# Fields of the front matter whose presence calls for operations, unless their value says none.
FIELDS = frozenset(
    {
        "deploy",
        "deployment",
        "deployments",
        "deployment_target",
        "hosting",
        "regions",
        "maintenance",
        "devops",
        "sre",
    }
    | {"operations", "ops", "live_operations", "on_call", "oncall", "incident_response", "monitoring", "alerting"}
    | {"availability_slo", "slo", "slos", "sla", "slas", "uptime", "rto", "rpo", "observability"}
)
PLACES = frozenset({"environments", "environment", "envs"})
LIVE_PLACE = re.compile(r"\b(?:prod|production|staging|stage|live|sandbox|pre-?prod(?:uction)?|canary)\b", re.I)
OWN_PLACE = re.compile(r"\b(?:local|localhost|laptop|dev|development|test|ci)\b", re.I)
LIFECYCLES = frozenset({"lifecycle", "stage", "maturity"})
LIVE = re.compile(r"\b(?:production|live|operate|operations|maintenance|long[- ]lived|sustained|ongoing)\b", re.I)
BRIEF = re.compile(
    r"\b(?:prototype|poc|proof[- ]of[- ]concept|throw-?away|spike|experiment|sketch|hackathon)\b", re.I
)
WORDED = frozenset(
    {"features", "goals", "requirements", "scope", "non_goals", "out_of_scope", "exclusions", "notes"}
)
PHASES = frozenset({"phases"})
PHASE = re.compile(r"(?<![\w.])(?:operations|ops|operate|(?:phase[ -_]*)?0*6)(?![\w.])", re.IGNORECASE)
