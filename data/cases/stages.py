"""The table of steps: from which stages each is possible, where it leads, which fields it needs, and which ability.

The machine door, pages, the writer and the tests read this table and nothing else. Stages are those of ``data.schema.terms``.
"""

from dataclasses import dataclass
from types import MappingProxyType

from data.core.roles import Ability
from data.schema import CLOSED_STAGES, OPEN_STAGES, OTHER_ENDS, STAGES

UNDO_S = 60
"""A step can be undone for so many seconds, by the person who made it."""
REMIND_S = 3600
"""Whoever handles a case is reminded of it once in so many seconds, whoever reminds."""
SEVERITIES = (1, 2, 3, 4)
"""1 critical 特急, 2 urgent 紧急, 3 ordinary 一般, 4 minor 轻微."""
MOST_PARTS = 20
"""Most new cases that one case can be split into."""

_ALL = frozenset(STAGES)
_OPEN = frozenset(OPEN_STAGES)
_ENDED = frozenset((*CLOSED_STAGES, *OTHER_ENDS))


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a case's life.

    Attributes:
        name: as requests and events name it.
        stages: stages in which it is possible.
        to: the stage that it leads to; ``None``: the stage stays, or follows from the fields.
        ability: what the actor's role must be able to do.
        needs: fields that must be given.
        takes: fields that may be given, beside ``remark``, ``place`` and ``attachments``, which every step takes.
        while_paused: whether it is possible while the case is paused.
        undoable: whether ``undo`` can take it back.
        newest: whether the actor must have seen the newest version of the case.
        needs_one_of: at least one of these fields must be given.
    """

    name: str
    stages: frozenset[str]
    to: str | None
    ability: Ability
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    while_paused: bool = False
    undoable: bool = True
    newest: bool = True
    needs_one_of: tuple[str, ...] = ()

    @property
    def fields(self) -> frozenset[str]:
        """Every field that it takes."""
        return frozenset((*self.needs, *self.takes, *self.needs_one_of, *COMMON_FIELDS))


COMMON_FIELDS = ("remark", "place", "attachments")

_TABLE = (
    Step("file", frozenset({"reported"}), "filed", "dispatch_cases", takes=("severity", "condition")),
    Step("dispatch", frozenset({"filed"}), "dispatched", "dispatch_cases", takes=("unit", "assignee"), needs_one_of=("unit", "assignee")),
    Step("accept", frozenset({"dispatched"}), "in_progress", "handle_cases", takes=("assignee",)),
    Step("handle", frozenset({"in_progress"}), "feedback", "handle_cases", needs=("remark",)),
    Step("verify_pass", frozenset({"feedback"}), "closed", "verify_cases"),
    Step("verify_fail", frozenset({"feedback"}), "dispatched", "verify_cases", needs=("reason",)),
    Step("evaluate", frozenset({"closed"}), "evaluated", "dispatch_cases"),
    Step("void", _OPEN, "void", "dispatch_cases", needs=("reason",), while_paused=True),
    Step("mark_duplicate", _OPEN, "duplicate", "dispatch_cases", needs=("into",), while_paused=True),
    Step("not_responsible", frozenset({"dispatched", "in_progress"}), "filed", "handle_cases", needs=("reason",)),
    Step("refer_up", _OPEN - {"feedback"}, "referred", "dispatch_cases", needs=("reason",), while_paused=True),
    Step("pause", _OPEN - {"reported", "feedback"}, None, "dispatch_cases", needs=("reason", "approver", "until")),
    Step("resume", _OPEN, None, "dispatch_cases", while_paused=True),
    Step("split", _OPEN - {"feedback"}, None, "dispatch_cases", needs=("parts",), undoable=False),
    Step("call_back", frozenset(CLOSED_STAGES), None, "answer_cases", needs=("answered",), takes=("solved", "satisfied", "reopen")),
    Step("reopen", _ENDED, None, "dispatch_cases", needs=("reason",)),
    Step("remark", _ALL, None, "remark_cases", needs=("remark",), while_paused=True, undoable=False, newest=False),
    Step("remind", frozenset({"dispatched", "in_progress"}), None, "remind_cases", undoable=False, newest=False),
    Step("set_severity", _OPEN, None, "dispatch_cases", needs=("severity",), while_paused=True),
    Step(
        "hand_over",
        frozenset({"dispatched", "in_progress"}),
        None,
        "dispatch_cases",
        while_paused=True,
        needs_one_of=("unit", "assignee"),
    ),
    Step(
        "move",
        _OPEN,
        None,
        "dispatch_cases",
        needs=("reason",),
        takes=("lat", "address", "condition"),
        while_paused=True,
        needs_one_of=("lon", "area", "category"),
    ),
    Step("reply", _ALL, None, "answer_cases", needs=("reply",), while_paused=True, undoable=False),
    Step("blur", _ALL, None, "verify_cases", needs=("photo", "attachments"), while_paused=True, undoable=False, newest=False),
    Step("undo", _ALL, None, "remark_cases", while_paused=True, undoable=False),
)
"""``undo`` needs the ability of nothing but remarks: only the actor of a step can undo it."""

STEPS = MappingProxyType({step.name: step for step in _TABLE})
"""Every step that can be asked for on a case that exists, by name."""

REPORT = Step(
    "report",
    frozenset(),
    "reported",
    "report_cases",
    needs=("category", "title"),
    takes=("city", "channel", "severity", "condition", "description", "address", "area", "lon", "lat", "datum", "reporter"),
    undoable=False,
)
"""The step that makes a case."""
BULK_STEPS = tuple(name for name in STEPS if name not in ("split", "mark_duplicate", "move", "blur"))
"""Steps that can be taken on many cases at once: those that mean the same for each of them."""

COMPANIONS = ("absorb", "release")
"""Steps that follow on another case: it took in a merged case, or let it go again."""

EVENT_STEPS = ("stage", "report", *STEPS, *COMPANIONS)
"""Every value of ``incident_event.step``. ``stage``: published or invented, only the stage is known."""

STEP_TITLES = {
    "stage": "Stage",
    "report": "Report",
    "file": "File the case",
    "dispatch": "Dispatch",
    "accept": "Accept",
    "handle": "Report as handled",
    "verify_pass": "Verify and close",
    "verify_fail": "Return for rework",
    "evaluate": "Evaluate",
    "void": "Declare void",
    "mark_duplicate": "Merge into another case",
    "not_responsible": "Return as not responsible",
    "refer_up": "Refer to a higher level",
    "pause": "Pause",
    "resume": "Resume",
    "split": "Split",
    "call_back": "Call back",
    "reopen": "Open again",
    "remark": "Remark",
    "remind": "Remind the handler",
    "set_severity": "Set the severity",
    "hand_over": "Hand over",
    "move": "Move to another place or category",
    "reply": "Reply to the reporter",
    "blur": "Blur a photo",
    "undo": "Undo",
    "absorb": "Took in a merged case",
    "release": "Let a merged case go",
}
"""What each step is called, in English; translations are in the catalogues."""
