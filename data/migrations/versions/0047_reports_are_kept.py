"""Reports are made by a queue, kept as a preview for a day, and once issued for good."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from data.migrations.reports.kept_0047 import DOWNGRADE_FIRST, DOWNGRADE_LAST, UPGRADE
from data.schema.common import Ltree

revision: str = "0047"
down_revision: str | None = "0046"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)
_NOW = sa.func.clock_timestamp()
_DETAIL = "detail IN ('figures', 'cases')"
_FORM = "form IN ('pdf', 'docx', 'xlsx')"


def upgrade() -> None:
    op.create_table(
        "report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="number by which people call it"),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("beside", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("first", sa.Date(), nullable=False, comment="first day of the period"),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, comment="of the audience: figures or cases"),
        sa.Column("scope", Ltree(), nullable=False, comment="of the audience: path of the area whose cases it may see"),
        sa.Column("figures", Ltree(), nullable=False, comment="of the audience: path of the area whose figures it may see"),
        sa.Column("zone", sa.Text(), comment="of the audience: the functional zone that the scope is"),
        sa.Column("facts", JSONB(), nullable=False, comment="title, names, days, moment and version of the data"),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="what the report holds, as JSON"),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="of the content; also in the audit log"),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("issued_at", _MOMENT, nullable=False, server_default=_NOW),
        sa.Column("issuer", sa.Text(), nullable=False, comment="account"),
        sa.Column("corrects", sa.Uuid(), comment="the report that this one corrects"),
        sa.Column("reason", sa.Text(), comment="of the correction"),
        sa.Column("changes", JSONB(), comment="figures that differ from the report that it corrects"),
        sa.UniqueConstraint("no", name=op.f("report_no_key")),
        sa.ForeignKeyConstraint(["corrects"], ["report.id"], name=op.f("fk_report_corrects")),
        sa.UniqueConstraint("corrects", name=op.f("report_corrects_key")),
        sa.CheckConstraint(_DETAIL, name=op.f("ck_report_detail")),
        sa.CheckConstraint("(corrects IS NULL) = (reason IS NULL) AND corrects IS DISTINCT FROM id", name=op.f("ck_report_correction")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        comment="issued reports, which are never changed or deleted",
    )
    op.create_index("ix_report_area", "report", ["area", "issued_at"])
    op.create_index("ix_report_issued", "report", ["issued_at"])
    op.create_table(
        "report_request",
        sa.Column(
            "id",
            sa.Uuid(),
            nullable=False,
            server_default=sa.func.gen_random_uuid(),
            comment="of the request, its preview, and the issued report",
        ),
        sa.Column(
            "asker", sa.Text(), nullable=False, server_default=sa.text("current_setting('gridwell.account', true)"), comment="account"
        ),
        sa.Column("asked_at", _MOMENT, nullable=False, server_default=_NOW),
        sa.Column("key", sa.Text(), comment="idempotency key"),
        sa.Column("hash", sa.LargeBinary(), comment="of what was asked for under the key"),
        sa.Column("priority", sa.SmallInteger(), nullable=False, server_default=sa.text("0"), comment="lower ones first; schedules have 1"),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False, comment="code of the area or functional zone"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), comment="as it was asked for; null: the last one that is over"),
        sa.Column("beside", sa.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'"), comment="codes of areas to compare with"),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, comment="of the audience: figures or cases"),
        sa.Column("scope", Ltree(), nullable=False, comment="of the audience: path of the area whose cases it may see"),
        sa.Column("figures", Ltree(), nullable=False, comment="of the audience: path of the area whose figures it may see"),
        sa.Column("zone", sa.Text(), comment="of the audience: the functional zone that the scope is"),
        sa.Column("corrects", sa.Uuid(), comment="the issued report that this one corrects"),
        sa.Column("reason", sa.Text(), comment="of the correction"),
        sa.Column("state", sa.Text(), nullable=False, server_default="queued"),
        sa.Column("problem", JSONB(), comment="why it failed: status, code, sentence, facts"),
        sa.Column("progress", JSONB(), comment="section that is being made: section, at, of"),
        sa.Column("tries", sa.SmallInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("lease_until", _MOMENT, comment="until when the printer that makes it counts as alive"),
        sa.Column("printer", sa.Uuid(), comment="which run of a printer makes it"),
        sa.Column("content", sa.LargeBinary(), comment="what the report holds, as JSON"),
        sa.Column("sha256", sa.LargeBinary(), comment="of the content"),
        sa.Column("facts", JSONB(), comment="title, names, days, moment and version of the data"),
        sa.Column("changes", JSONB(), comment="figures that differ from the report that it corrects"),
        sa.Column("done_at", _MOMENT, comment="when it was made, or failed"),
        sa.ForeignKeyConstraint(["corrects"], ["report.id"], name=op.f("fk_report_request_corrects")),
        sa.CheckConstraint(
            "state IN ('queued', 'making', 'done', 'failed') AND (state = 'done') = (content IS NOT NULL)",
            name=op.f("ck_report_request_state"),
        ),
        sa.CheckConstraint(_DETAIL, name=op.f("ck_report_request_detail")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_request")),
        comment="reports that people have asked for; kept for a day, for who asked",
    )
    op.create_index("uq_report_request_key", "report_request", ["asker", "key"], unique=True, postgresql_where=sa.text("key IS NOT NULL"))
    op.create_index("ix_report_request_state", "report_request", ["state", "priority", "asked_at"])
    op.create_table(
        "report_draft",
        sa.Column("request", sa.Uuid(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False, server_default=_NOW),
        sa.ForeignKeyConstraint(["request"], ["report_request.id"], ondelete="CASCADE", name=op.f("fk_report_draft_request")),
        sa.CheckConstraint(_FORM, name=op.f("ck_report_draft_form")),
        sa.PrimaryKeyConstraint("request", "form", name=op.f("pk_report_draft")),
        comment="files of previews",
    )
    op.create_table(
        "report_file",
        sa.Column("report", sa.Uuid(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="also in the audit log"),
        sa.Column("made_at", _MOMENT, nullable=False, server_default=_NOW),
        sa.ForeignKeyConstraint(["report"], ["report.id"], name=op.f("fk_report_file_report")),
        sa.CheckConstraint(_FORM, name=op.f("ck_report_file_form")),
        sa.PrimaryKeyConstraint("report", "form", name=op.f("pk_report_file")),
        comment="files of issued reports, which are never changed or deleted",
    )
    op.create_table(
        "report_wish",
        sa.Column("id", sa.Uuid(), nullable=False, comment="of the report or its request"),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("wished_at", _MOMENT, nullable=False, server_default=_NOW),
        sa.Column("tries", sa.SmallInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("lease_until", _MOMENT),
        sa.Column("printer", sa.Uuid()),
        sa.Column("problem", JSONB(), comment="why it failed: status, code, sentence, facts"),
        sa.CheckConstraint(_FORM, name=op.f("ck_report_wish_form")),
        sa.PrimaryKeyConstraint("id", "form", name=op.f("pk_report_wish")),
        comment="files that the printer is to write",
    )
    for statement in UPGRADE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    for statement in DOWNGRADE_FIRST:
        op.execute(sa.text(statement))
    for table in ("report_wish", "report_file", "report_draft", "report_request", "report"):
        op.drop_table(table)
    for statement in DOWNGRADE_LAST:
        op.execute(sa.text(statement))
