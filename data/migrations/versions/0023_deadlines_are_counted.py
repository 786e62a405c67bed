"""Deadlines by rules: hours and calendar of a city, times allowed, who is told of what is late, and notices; amber by the time that counts.

No table is rewritten. The index of overdue cases is made over the open cases of every month.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)
_READ = ("working_hours", "city_calendar", "calendar_day", "deadline_rule")
_KEPT = ("escalation_rule", "escalation", "notice")
_TIME = "'^[0-9]+([.][0-9]+)? (hours|working_hours|working_days)$'"
_STEPS = ("filing", "dispatching", "handling", "verifying")
_LATE = {
    "amber_at": "when 75 % of the time that counts are used; null: of the time between report and deadline",
    "very_late_at": "when three times the allowed time are used; null: of that same time",
}


def _city() -> sa.Column[Any]:
    return sa.Column("city", sa.Text(), sa.ForeignKey("city.code", ondelete="CASCADE"), nullable=False)


def _number(kind: Any) -> sa.Column[Any]:
    return sa.Column("id", kind, sa.Identity(always=False), nullable=False)


def _text(name: str, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="", comment=comment)


def _now(name: str, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, _MOMENT, nullable=False, server_default=sa.func.now(), comment=comment)


def _calendar() -> None:
    op.create_table(
        "working_hours",
        _city(),
        sa.Column(
            "valid_from",
            sa.Date(),
            nullable=False,
            comment="first day of the week that these hours are of; until the next week's first day",
        ),
        sa.Column("weekday", sa.SmallInteger(), nullable=False, autoincrement=False, comment="0 Monday to 6 Sunday, 7 make-up workdays"),
        sa.Column(
            "spans", sa.Text(), nullable=False, comment="09:00-12:00 13:30-17:30; an end after 24:00 is on the next day; empty: free"
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 7", name="ck_working_hours_weekday"),
        sa.PrimaryKeyConstraint("city", "valid_from", "weekday", name=op.f("pk_working_hours")),
        comment="hours in which a city works",
    )
    op.create_table(
        "city_calendar",
        _city(),
        sa.Column("region", sa.Text(), comment="whose holidays it has: CN, US-DC (ISO 3166); null: only uploaded ones"),
        sa.Column(
            "official_until", sa.Date(), comment="last official day of the region's holidays; null: no end, as they follow from the law"
        ),
        sa.Column("uploaded_until", sa.Date(), comment="last day for which uploaded days are complete"),
        sa.Column("first_day", sa.Date(), comment="first day that was read for the region"),
        sa.Column("last_day", sa.Date(), comment="last day that was read for the region"),
        _now("read_at"),
        sa.PrimaryKeyConstraint("city", name=op.f("pk_city_calendar")),
        comment="how far a city's calendar reaches",
    )
    op.create_table(
        "calendar_day",
        _city(),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="off: holiday; work: make-up workday"),
        _text("name"),
        _text("name_en"),
        sa.Column("origin", sa.Text(), nullable=False, comment="library, or uploaded by an administrator, which counts before the library"),
        sa.CheckConstraint("kind IN ('off', 'work') AND origin IN ('library', 'uploaded')", name="ck_calendar_day_kind"),
        sa.PrimaryKeyConstraint("city", "day", name=op.f("pk_calendar_day")),
        comment="days that differ from their weekday",
    )


def _rules() -> None:
    times = [sa.Column(step, sa.Text(), comment="4 working_hours; null: none") for step in _STEPS]
    op.create_table(
        "deadline_rule",
        _number(sa.Integer()),
        _city(),
        sa.Column("category", sa.Text(), comment="null: every category without a rule of its own"),
        sa.Column("condition", sa.Text(), comment="null: every condition without a rule of its own"),
        sa.Column("valid_from", sa.Date(), comment="first day on which cases that are filed get this rule; null: always"),
        sa.Column("valid_to", sa.Date(), comment="last such day"),
        *times,
        _text("closing", "when a case counts as solved"),
        _text("closing_en"),
        *(sa.CheckConstraint(f"{step} ~ {_TIME}", name=f"ck_deadline_rule_{step}") for step in _STEPS),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_rule")),
        comment="times allowed; rows stay, because cases keep the rule they were filed under",
    )
    op.create_index("ix_deadline_rule_city", "deadline_rule", ["city"])
    area = sa.Column("area", sa.Text(), sa.ForeignKey("area.code", ondelete="CASCADE"), nullable=False)
    area.comment = "cases in it, and no rule of an area below"
    op.create_table(
        "escalation_rule",
        _number(sa.Integer()),
        _city(),
        area,
        sa.Column("role", sa.Text(), nullable=False, comment="who is told, in words: head of the street, duty officer"),
        sa.Column("factor", sa.SmallInteger(), nullable=False, comment="told when so many times the allowed time are used: 1 or 3"),
        sa.Column("account", sa.Text(), comment="name of the account that is told"),
        sa.Column("mail", sa.Text(), comment="address for e-mail"),
        sa.Column("hook", sa.Text(), comment="address of a web hook"),
        _now("since", "what was late before is not told"),
        sa.CheckConstraint("factor IN (1, 3)", name="ck_escalation_rule_factor"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_rule")),
        comment="who is told of cases that are late",
    )
    op.create_index("uq_escalation_rule", "escalation_rule", ["area", "role", "factor"], unique=True)


def _notices() -> None:
    op.create_table(
        "escalation",
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("factor", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("city", sa.Text(), nullable=False),
        _now("at"),
        sa.Column("rules", ARRAY(sa.Integer()), nullable=False, comment="rules that fitted"),
        sa.PrimaryKeyConstraint("district", "incident_id", "factor", name=op.f("pk_escalation")),
        comment="cases that were told: once for each factor",
    )
    op.create_index("ix_escalation_city", "escalation", ["city"])
    op.create_table(
        "notice",
        _number(sa.BigInteger()),
        _city(),
        _now("at"),
        sa.Column("channel", sa.Text(), nullable=False, comment="mail or hook"),
        sa.Column("target", sa.Text(), nullable=False, comment="address"),
        sa.Column("body", JSONB(), nullable=False, comment="nothing personal: numbers, areas, categories, deadlines"),
        sa.Column("tries", sa.SmallInteger(), nullable=False, server_default=sa.text("0")),
        _now("next_at", "not tried before"),
        sa.Column("sent_at", _MOMENT),
        sa.Column("given_up_at", _MOMENT),
        sa.Column("failure", sa.Text(), comment="why the last try failed, without the address"),
        sa.CheckConstraint("channel IN ('mail', 'hook')", name="ck_notice_channel"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        comment="messages that leave the machine, where a setting allows it",
    )
    op.create_index("ix_notice_waiting", "notice", ["next_at"], postgresql_where=sa.text("sent_at IS NULL AND given_up_at IS NULL"))


def upgrade() -> None:
    for name, comment in _LATE.items():
        op.add_column("incident", sa.Column(name, _MOMENT, comment=comment))
    op.create_index("ix_incident_overdue", "incident", ["city", "due_at"], postgresql_where=sa.text("deadline_state = 'overdue'"))
    _calendar()
    _rules()
    _notices()
    for table in _READ:
        op.execute(f"GRANT SELECT ON {table} TO gridwell_figures")


def downgrade() -> None:
    """Deadlines stay as they are; amber is again 75 % of the time between report and deadline."""
    for table in reversed((*_READ, *_KEPT)):
        op.drop_table(table)
    op.drop_index("ix_incident_overdue", table_name="incident")
    for name in reversed(_LATE):
        op.drop_column("incident", name)
    op.execute("UPDATE city SET states_at = NULL")
