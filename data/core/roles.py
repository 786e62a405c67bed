"""Who may do what: the product's roles, the levels of detail, and the database roles that hold PostgreSQL to them.

The table ``ROLES`` is the one place that says what each role may do. What somebody may *read* is also checked by PostgreSQL.
"""

from dataclasses import dataclass
from typing import Literal

Detail = Literal["figures", "cases", "people"]
Ability = Literal[
    "password",
    "reveal",
    "find_people",
    "imports",
    "audit",
    "accounts",
    "report_cases",
    "dispatch_cases",
    "handle_cases",
    "verify_cases",
    "answer_cases",
    "remark_cases",
    "remind_cases",
    "export_cases",
    "person_figures",
    "call",
    "manage_rules",
    "steer_walls",
    "manage_walls",
    "issue_reports",
    "schedule_reports",
    "tell_hazards",
    "deliver_feeds",
]
DbRole = Literal[
    "gridwell_figures",
    "gridwell_cases",
    "gridwell_people",
    "gridwell_door",
    "gridwell_audit",
    "gridwell_imports",
    "gridwell_printer",
]

DETAILS: tuple[Detail, ...] = ("figures", "cases", "people")
"""Levels of detail, each with all before it: figures of areas; single cases; the register (masked; in full one record at a time)."""

EVERYWHERE = "*"
"""As a scope: every area of every city. The empty text means no area, so that a scope that was forgotten shows nothing."""

DB_ROLES: dict[Detail, DbRole] = {"figures": "gridwell_figures", "cases": "gridwell_cases", "people": "gridwell_people"}
"""The database role that a transaction uses for a viewer of this detail."""

DOOR: DbRole = "gridwell_door"
"""Reads and writes accounts, sessions and tokens, and nothing of any city."""
AUDIT: DbRole = "gridwell_audit"
"""Reads the audit log, and nothing else."""
IMPORTS: DbRole = "gridwell_imports"
"""Reads reports of imports and rejected rows of the cities that lie in the viewer's area as a whole, and nothing else of them."""
PRINTER: DbRole = "gridwell_printer"
"""Takes requests for reports and keeps what was made of them, and reads nothing of any city: reports are made as their audience."""
SERVICE = "gridwell_service"
"""The role as which the server connects. It owns nothing, and may only switch to one of the roles above."""


@dataclass(frozen=True, slots=True)
class Role:
    """What an account of this role may do.

    Attributes:
        highest: the most detail an account of this role can have; it may have less.
        abilities: what it may do apart from looking: sign in with a ``password`` (a device has a token only), ``reveal`` one record with
            a purpose, ``find_people`` by name or number, see ``imports`` and what they rejected, read the ``audit`` log, manage
            ``accounts``, and take steps of cases: ``report_cases``; file, dispatch, pause, merge and so on (``dispatch_cases``); accept and
            handle (``handle_cases``); ``verify_cases``; reply and call back (``answer_cases``); ``remark_cases``; remind whoever
            handles a case (``remind_cases``). See
            ``data.cases.stages`` for the step that needs each. ``export_cases``: take lists of cases out as files. ``person_figures``: see
            figures about one other person. ``call``: open the telephone number of an area's head or a unit, with
            a purpose. ``manage_rules``: change rules of routing and deadlines, and the calendar, of a city that the scope holds as a whole.
            ``steer_walls``: present at walls whose area the scope holds. ``manage_walls``: change their scenes, schedule and screens.
            ``issue_reports``: issue reports of what the scope holds, which then stay for good.
            ``schedule_reports``: have reports of areas that the scope holds made and sent by schedule, and let them go out.
            ``tell_hazards``: bring in notices of hazards of a city that the scope holds as a whole.
            ``deliver_feeds``: bring in data of the departments in whose units the account works.
    """

    highest: Detail
    abilities: frozenset[Ability]


_PEOPLE: tuple[Ability, ...] = ("password", "reveal", "find_people")
_WORK: tuple[Ability, ...] = ("report_cases", "verify_cases", "remark_cases", "call")
_DESK: tuple[Ability, ...] = ("dispatch_cases", "answer_cases", "remind_cases")
_WALLS: tuple[Ability, ...] = ("steer_walls", "manage_walls")

ROLES: dict[str, Role] = {
    "wall": Role("figures", frozenset()),
    "hazard_feed": Role("figures", frozenset({"tell_hazards"})),
    "data_feed": Role("figures", frozenset({"deliver_feeds"})),
    "grid_worker": Role("people", frozenset((*_PEOPLE, *_WORK, "handle_cases"))),
    "supervisor": Role(
        "people",
        frozenset(
            (
                *(*_PEOPLE, *_WORK, *_DESK, "handle_cases", "export_cases", "person_figures"),
                *("issue_reports", "manage_rules", "schedule_reports", "tell_hazards", *_WALLS),
            )
        ),
    ),
    "dispatcher": Role("cases", frozenset(("password", *_WORK, *_DESK, "export_cases", "steer_walls"))),
    "leader": Role(
        "cases",
        frozenset({"password", "remark_cases", "remind_cases", "export_cases", "person_figures", "issue_reports", "call", "steer_walls"}),
    ),
    "steward": Role("people", frozenset((*_PEOPLE, "imports", "deliver_feeds", "export_cases", "call"))),
    "auditor": Role("figures", frozenset({"password", "audit"})),
    "administrator": Role("cases", frozenset({"password", "accounts", "manage_rules", "schedule_reports", "tell_hazards", *_WALLS})),
}

DEVICES = ("wall", "hazard_feed", "data_feed")
"""Roles of machines: their accounts have tokens alone, which administrators make, and open nothing but what is meant for them."""

_NEEDS_PEOPLE: frozenset[Ability] = frozenset({"reveal", "find_people", "imports"})
"""Rejected rows may be of the register or of sensitive cases."""
_NEEDS_CASES: frozenset[Ability] = frozenset(
    (*_WORK, *_DESK, *_WALLS, "handle_cases", "export_cases", "person_figures", "manage_rules", "schedule_reports")
)


def allowed_detail(role: str, wanted: Detail | None) -> Detail | None:
    """The detail of an account: the one it was given, but never more than its role's highest; ``None`` for an unknown role."""
    if role not in ROLES:
        return None
    highest = ROLES[role].highest
    return highest if wanted is None else min(wanted, highest, key=DETAILS.index)


def may(role: str, detail: Detail | None, ability: Ability) -> bool:
    """Whether an account may do something: its role has the ability, and its detail is enough for it."""
    able = role in ROLES and ability in ROLES[role].abilities
    if ability in _NEEDS_CASES:
        return able and detail in ("cases", "people")
    return able and (ability not in _NEEDS_PEOPLE or detail == "people")
