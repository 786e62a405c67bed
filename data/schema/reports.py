"""Tables of reports: what was asked for, with its preview of a day; what was issued, for good; and files that are still to be written."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.common import Ltree, metadata

_MOMENT = DateTime(timezone=True)
_NOW = func.clock_timestamp()
_DETAIL = "detail IN ('figures', 'cases')"
_FORM = "form IN ('pdf', 'docx', 'xlsx')"

report_request = Table(
    "report_request",
    metadata,
    Column(
        "id", Uuid, primary_key=True, server_default=func.gen_random_uuid(), comment="of the request, its preview, and the issued report"
    ),
    Column("asker", Text, nullable=False, server_default=text("current_setting('gridwell.account', true)"), comment="account"),
    Column("asked_at", _MOMENT, nullable=False, server_default=_NOW),
    Column("key", Text, comment="idempotency key"),
    Column("hash", LargeBinary, comment="of what was asked for under the key"),
    Column("priority", SmallInteger, nullable=False, server_default=text("0"), comment="lower ones first; schedules have 1"),
    Column("city", Text, nullable=False),
    Column("area", Text, nullable=False, comment="code of the area or functional zone"),
    Column("kind", Text, nullable=False),
    Column("period", Text, comment="as it was asked for; null: the last one that is over"),
    Column("beside", ARRAY(Text), nullable=False, server_default=text("'{}'"), comment="codes of areas to compare with"),
    Column("lang", Text, nullable=False),
    Column("detail", Text, nullable=False, comment="of the audience: figures or cases"),
    Column("scope", Ltree, nullable=False, comment="of the audience: path of the area whose cases it may see"),
    Column("figures", Ltree, nullable=False, comment="of the audience: path of the area whose figures it may see"),
    Column("zone", Text, comment="of the audience: the functional zone that the scope is"),
    Column("corrects", Uuid, ForeignKey("report.id"), comment="the issued report that this one corrects"),
    Column("reason", Text, comment="of the correction"),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("problem", JSONB, comment="why it failed: status, code, sentence, facts"),
    Column("progress", JSONB, comment="section that is being made: section, at, of"),
    Column("tries", SmallInteger, nullable=False, server_default=text("0")),
    Column("lease_until", _MOMENT, comment="until when the printer that makes it counts as alive"),
    Column("printer", Uuid, comment="which run of a printer makes it"),
    Column("content", LargeBinary, comment="what the report holds, as JSON"),
    Column("sha256", LargeBinary, comment="of the content"),
    Column("facts", JSONB, comment="title, names, days, moment and version of the data"),
    Column("changes", JSONB, comment="figures that differ from the report that it corrects"),
    Column("done_at", _MOMENT, comment="when it was made, or failed"),
    CheckConstraint(
        "state IN ('queued', 'making', 'done', 'failed') AND (state = 'done') = (content IS NOT NULL)", name="ck_report_request_state"
    ),
    CheckConstraint(_DETAIL, name="ck_report_request_detail"),
    Index("uq_report_request_key", "asker", "key", unique=True, postgresql_where=text("key IS NOT NULL")),
    Index("ix_report_request_state", "state", "priority", "asked_at"),
    comment="reports that people have asked for; kept for a day, for who asked",
)

report_draft = Table(
    "report_draft",
    metadata,
    Column("request", Uuid, ForeignKey("report_request.id", ondelete="CASCADE"), primary_key=True),
    Column("form", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("made_at", _MOMENT, nullable=False, server_default=_NOW),
    CheckConstraint(_FORM, name="ck_report_draft_form"),
    comment="files of previews",
)

report = Table(
    "report",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("no", BigInteger, Identity(always=True), nullable=False, unique=True, comment="number by which people call it"),
    Column("city", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("lang", Text, nullable=False),
    Column("beside", ARRAY(Text), nullable=False),
    Column("first", Date, nullable=False, comment="first day of the period"),
    Column("last", Date, nullable=False),
    Column("detail", Text, nullable=False, comment="of the audience: figures or cases"),
    Column("scope", Ltree, nullable=False, comment="of the audience: path of the area whose cases it may see"),
    Column("figures", Ltree, nullable=False, comment="of the audience: path of the area whose figures it may see"),
    Column("zone", Text, comment="of the audience: the functional zone that the scope is"),
    Column("facts", JSONB, nullable=False, comment="title, names, days, moment and version of the data"),
    Column("content", LargeBinary, nullable=False, comment="what the report holds, as JSON"),
    Column("sha256", LargeBinary, nullable=False, comment="of the content; also in the audit log"),
    Column("made_at", _MOMENT, nullable=False),
    Column("issued_at", _MOMENT, nullable=False, server_default=_NOW),
    Column("issuer", Text, nullable=False, comment="account"),
    Column("corrects", Uuid, ForeignKey("report.id"), unique=True, comment="the report that this one corrects"),
    Column("reason", Text, comment="of the correction"),
    Column("changes", JSONB, comment="figures that differ from the report that it corrects"),
    CheckConstraint(_DETAIL, name="ck_report_detail"),
    CheckConstraint("(corrects IS NULL) = (reason IS NULL) AND corrects IS DISTINCT FROM id", name="ck_report_correction"),
    Index("ix_report_area", "area", "issued_at"),
    Index("ix_report_issued", "issued_at"),
    comment="issued reports, which are never changed or deleted",
)

report_file = Table(
    "report_file",
    metadata,
    Column("report", Uuid, ForeignKey("report.id"), primary_key=True),
    Column("form", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", LargeBinary, nullable=False, comment="also in the audit log"),
    Column("made_at", _MOMENT, nullable=False, server_default=_NOW),
    CheckConstraint(_FORM, name="ck_report_file_form"),
    comment="files of issued reports, which are never changed or deleted",
)

report_wish = Table(
    "report_wish",
    metadata,
    Column("id", Uuid, primary_key=True, comment="of the report or its request"),
    Column("form", Text, primary_key=True),
    Column("wished_at", _MOMENT, nullable=False, server_default=_NOW),
    Column("tries", SmallInteger, nullable=False, server_default=text("0")),
    Column("lease_until", _MOMENT),
    Column("printer", Uuid),
    Column("problem", JSONB, comment="why it failed: status, code, sentence, facts"),
    CheckConstraint(_FORM, name="ck_report_wish_form"),
    comment="files that the printer is to write",
)
