"""Photos and papers of cases: which files there are, who sent them, and which cases have them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

from data.migrations.attachments_0026 import DOWNGRADE, UPGRADE

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)


def _at() -> sa.Column[Any]:
    return sa.Column("at", _MOMENT, nullable=False, server_default=sa.func.now())


def _place() -> sa.Column[Any]:
    where = "where it was taken; only if its sender said so"
    return sa.Column("place", Geometry("POINT", srid=4326, spatial_index=False), comment=where)


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("hash", sa.Text(), nullable=False, comment="SHA-256 of the stored content, hexadecimal"),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), comment="of a photo, pixels"),
        sa.Column("height", sa.Integer(), comment="of a photo, pixels"),
        sa.Column("pages", sa.Integer(), comment="of a paper"),
        sa.Column("stored_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_attachment")),
        comment="files of the store, each once, however many cases have it",
    )
    op.create_table(
        "attachment_upload",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False, comment="who sent it and may attach it to a case"),
        _at(),
        _place(),
        sa.PrimaryKeyConstraint("hash", "account", name=op.f("pk_attachment_upload")),
        comment="files that were sent and may be attached; rows of a day ago are deleted",
    )
    op.create_index("ix_attachment_upload_at", "attachment_upload", ["at"])
    op.create_table(
        "attachment_case",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        _at(),
        sa.Column("account", sa.Text(), nullable=False, comment="who attached it"),
        _place(),
        sa.PrimaryKeyConstraint("hash", "district", "incident_id", name=op.f("pk_attachment_case")),
        comment="which cases have a file",
    )
    op.create_index("ix_attachment_case_hash", "attachment_case", ["hash"])
    op.create_index("ix_attachment_case_incident", "attachment_case", ["district", "incident_id"])
    for statement in UPGRADE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    """The files stay in their store."""
    for statement in DOWNGRADE:
        op.execute(sa.text(statement))
    for table in ("attachment", "attachment_upload", "attachment_case"):
        op.drop_table(table)
