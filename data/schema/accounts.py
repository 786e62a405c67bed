"""Tables for access: accounts, sessions, tokens, one-time links, and the audit log."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, Identity, Index, Integer, LargeBinary, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.common import metadata


def _moment(name: str, comment: str | None = None) -> Column[object]:
    return Column(name, DateTime(timezone=True), comment=comment)


def _now(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


def _of_account(nullable: bool = False) -> Column[int]:
    return Column("account_id", BigInteger, ForeignKey("account.id", ondelete="CASCADE"), nullable=nullable, index=True)


account = Table(
    "account",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True, comment="what is typed to sign in: NFKC, without case"),
    Column("shown", Text, nullable=False, comment="the name on the page"),
    Column("role", Text, nullable=False, comment="one of data.core.roles.ROLES"),
    Column("detail", Text, nullable=False, comment="figures, cases or people; never more than the role's highest"),
    Column("scope", Text, nullable=False, server_default="*", comment="code of an area, or * for all"),
    Column("figures", Text, comment="code of the area whose figures may be seen, or *; null: as scope"),
    Column("lang", Text),
    Column("password_hash", Text, comment="argon2id; null: signs in another way"),
    _moment("password_at"),
    Column("must_change", Boolean, nullable=False, server_default=text("false")),
    Column(
        "untold",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="something was done to its ways in that its owner has not been told yet",
    ),
    Column("totp_secret", LargeBinary, comment="encrypted"),
    Column("totp_step", BigInteger, comment="of the last code that was used: none is good twice"),
    Column("failed", Integer, nullable=False, server_default=text("0"), comment="wrong passwords in a row"),
    _moment("failed_at"),
    _moment("disabled_at"),
    Column("oidc_issuer", Text),
    Column("oidc_subject", Text),
    _now("created_at"),
    Index("uq_account_oidc", "oidc_issuer", "oidc_subject", unique=True),
)

session = Table(
    "session",
    metadata,
    Column("hash", LargeBinary, primary_key=True, comment="SHA-256 of the cookie's value"),
    _of_account(),
    Column("state", Text, nullable=False, comment="full, second_factor or must_change"),
    _now("created_at"),
    _now("seen_at"),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("address", Text),
    Column("agent", Text),
)

token = Table(
    "token",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hash", LargeBinary, nullable=False, unique=True, comment="SHA-256 of the token"),
    _of_account(),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="personal or device"),
    _now("created_at"),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    _moment("withdrawn_at"),
    _moment("used_at"),
)

one_time_link = Table(
    "one_time_link",
    metadata,
    Column("hash", LargeBinary, primary_key=True, comment="SHA-256 of the key in the address"),
    Column("purpose", Text, nullable=False, comment="first (the first administrator) or password (a new one)"),
    _of_account(nullable=True),
    _now("created_at"),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    _moment("used_at"),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("hash", LargeBinary, primary_key=True, comment="HMAC-SHA-256 of account and code"),
    _of_account(),
    _now("created_at"),
    _moment("used_at"),
)

rate_limit = Table(
    "rate_limit",
    metadata,
    Column("name", Text, primary_key=True),
    Column("most", Integer, nullable=False),
    comment="what PostgreSQL itself holds people to: reveals_per_hour and searches_per_hour of one account",
)

entry_failure = Table(
    "entry_failure",
    metadata,
    Column("minute", DateTime(timezone=True), primary_key=True),
    Column("way", Text, primary_key=True, comment="password, code, confirm, token or oidc"),
    Column("account", Text, primary_key=True, comment="name of the account that was tried; empty: there is none of that name"),
    Column("network", Text, primary_key=True, comment="/24 or /48 of the address; *: further networks"),
    Column("count", BigInteger, nullable=False),
    comment="failed tries that are not in the audit log yet: the clock adds them up there, minute by minute",
)

sealing_key = Table(
    "sealing_key",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False, comment="of a key in the key file; 0: the key of the hashes"),
    Column("check_value", LargeBinary, nullable=False, comment="HMAC of a constant text: tells whether the key file is the right one"),
    _now("created_at"),
    comment="which keys the data is sealed with; the keys themselves are never in the database",
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("no", BigInteger, primary_key=True, autoincrement=False, comment="1, 2, 3 … without a gap"),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("account", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("person", Text, comment="source_id:source_key of whoever the row is about, where it is about one"),
    Column("purpose", Text),
    Column("detail", JSONB, nullable=False),
    Column("prev", LargeBinary, nullable=False, comment="hash of the row before; of the first row: 16 random bytes, the log's identity"),
    Column("hash", LargeBinary, nullable=False, comment="SHA-256 over prev and all other columns: audit_hash(row)"),
    Index("ix_audit_log_account", "account", "at"),
    Index("ix_audit_log_person", "person", "at", postgresql_where=text("person IS NOT NULL")),
    Index("ix_audit_log_at", "at"),
    Index("ix_audit_log_action", "action", "no"),
    Index("ix_audit_log_lists", "subject", "no", postgresql_where=text("action = 'list_people'")),
    comment="append-only, by audit_append() alone; each row holds the hash of the one before",
)
