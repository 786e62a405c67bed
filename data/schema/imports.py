"""Tables of imports: runs and rejected rows."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Integer, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.common import metadata

import_run = Table(
    "import_run",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("city", Text),
    Column("profile", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("finished_at", DateTime(timezone=True)),
    Column("outcome", Text, nullable=False, comment="running, loaded, unchanged, dry_run or failed"),
    Column("report", JSONB, nullable=False, server_default=text("'{}'"), comment="per file: read, loaded, rejected; repairs; sentences"),
)

reject = Table(
    "reject",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("run_id", Integer, ForeignKey("import_run.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("line", Integer, comment="line of the file, or ordinal of the feature, from 1"),
    Column("column_name", Text),
    Column("value", Text),
    Column("reason", Text, nullable=False, comment="short code: duplicate_key, bad_date, …"),
    Column("sentence", Text, nullable=False, comment="in the language of the import"),
    Column("wording", Text, comment="key of the sentence, where its reason has several; otherwise empty"),
    Column("facts", JSONB, comment="of the sentence beside file, line, column and value; null: kept by an earlier version"),
)
