"""Who may see what: policies, accounts, sessions, the audit log, and the register with its ciphers.

The statements stand in ``data.migrations.rights_0006``. The roles that they name are made before, by ``data.database.server_roles``.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from data.migrations import rights_0006 as rights

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    _people()
    _areas()
    _accounts()
    _ways_in()
    _audit()
    for statement in (*rights.FUNCTIONS, *rights.VIEWS, *rights.POLICIES, *rights.GRANTS):
        op.execute(sa.text(statement))


def _people() -> None:
    phone: dict[str, tuple[Any, str]] = {
        "phone_cipher": (sa.LargeBinary(), "encrypted: data.privacy"),
        "phone_hash": (sa.LargeBinary(), "keyed hash, to be found by"),
        "phone_shown": (sa.Text(), "masked: 138****5678"),
    }
    # All in one statement: each statement that adds a generated column writes the whole register again.
    op.execute("ALTER TABLE person " + ", ".join(f"ADD COLUMN {name} {kind}" for name, (kind, _) in _OF_A_PERSON.items()))
    for name, (_, comment) in _OF_A_PERSON.items():
        op.alter_column("person", name, comment=comment)
    op.alter_column("person", "name", comment=None)
    op.alter_column("person", "birth_date", comment=None)
    op.create_index("ix_person_name", "person", ["name"])
    for name in ("id_hash", "phone_hash", "retain_until"):
        op.create_index(f"ix_person_{name}", "person", [name], postgresql_where=sa.text(f"{name} IS NOT NULL"))
    op.create_table(
        "incident_reporter",
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("grid", sa.Text(), nullable=False),
        sa.Column("path", _Ltree(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_shown", sa.Text(), sa.Computed(_NAME_SHOWN, persisted=True), comment="masked: 张*明"),
        *(sa.Column(name, type_, comment=comment) for name, (type_, comment) in phone.items()),
        sa.Column("retain_until", sa.Date(), comment="the last day this row may be kept; null: as long as the case"),
        sa.PrimaryKeyConstraint("district", "incident_id", name=op.f("pk_incident_reporter")),
        comment="who reported a case, where that is known",
    )
    op.create_index("ix_incident_reporter_city", "incident_reporter", ["city"])
    for name in ("phone_hash", "retain_until"):
        op.create_index(f"ix_incident_reporter_{name}", "incident_reporter", [name], postgresql_where=sa.text(f"{name} IS NOT NULL"))


def _areas() -> None:
    masked = sa.Computed(_PHONE_SHOWN, persisted=True)
    op.add_column("area", sa.Column("head_phone_shown", sa.Text(), masked, comment="masked: 138****5678"))
    of_few = "shown to whoever may not see the register: null where it would tell of few people"
    op.add_column("area_figure", sa.Column("shown_population", sa.Integer(), comment=of_few))
    for name in ("shown_households", "shown_male", "shown_female"):
        op.add_column("area_figure", sa.Column(name, sa.Integer()))
    op.add_column("area_figure", sa.Column("shown_ages", postgresql.JSONB()))
    left_out = "whether any figure above is left out"
    hidden: sa.Column[Any] = sa.Column("people_hidden", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment=left_out)
    op.add_column("area_figure", hidden)
    op.create_table(
        "area_span",
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column(
            "bounds", sa.ARRAY(sa.Integer()), nullable=False, comment="runs of area.no inside it: first, first after, first, first after, …"
        ),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_area_span_area"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("area", name=op.f("pk_area_span")),
        comment="which areas lie inside which, for policies on roll-ups: see data.rollup.spans",
    )
    op.execute(_SPANS)


def _moment(name: str, comment: str | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), comment=comment)


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f(f"fk_{table}_account_id"), ondelete="CASCADE")


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="what is typed to sign in: NFKC, without case"),
        sa.Column("shown", sa.Text(), nullable=False, comment="the name on the page"),
        sa.Column("role", sa.Text(), nullable=False, comment="one of data.core.roles.ROLES"),
        sa.Column("detail", sa.Text(), nullable=False, comment="figures, cases or people; never more than the role's highest"),
        sa.Column("scope", sa.Text(), server_default="*", nullable=False, comment="code of an area, or * for all"),
        sa.Column("figures", sa.Text(), comment="code of the area whose figures may be seen, or *; null: as scope"),
        sa.Column("lang", sa.Text()),
        sa.Column("password_hash", sa.Text(), comment="argon2id; null: signs in another way"),
        _moment("password_at"),
        sa.Column("must_change", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("totp_secret", sa.LargeBinary(), comment="encrypted"),
        sa.Column("totp_step", sa.BigInteger(), comment="of the last code that was used: none is good twice"),
        sa.Column("failed", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="wrong passwords in a row"),
        _moment("failed_at"),
        _moment("disabled_at"),
        sa.Column("oidc_issuer", sa.Text()),
        sa.Column("oidc_subject", sa.Text()),
        _now("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name"),
    )
    op.create_index("uq_account_oidc", "account", ["oidc_issuer", "oidc_subject"], unique=True)


def _ways_in() -> None:
    """Tables for sessions, tokens and links; their rows are deleted with the account."""
    op.create_table(
        "session",
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the cookie's value"),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="full, second_factor or must_change"),
        _now("created_at"),
        _now("seen_at"),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.Text()),
        sa.Column("agent", sa.Text()),
        _of_account("session"),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_session")),
    )
    op.create_table(
        "token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the token"),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="personal or device"),
        _now("created_at"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _moment("withdrawn_at"),
        _moment("used_at"),
        _of_account("token"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("hash"),
    )
    op.create_table(
        "one_time_link",
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the key in the address"),
        sa.Column("purpose", sa.Text(), nullable=False, comment="first (the first administrator) or password (a new one)"),
        sa.Column("account_id", sa.BigInteger()),
        _now("created_at"),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        _moment("used_at"),
        _of_account("one_time_link"),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_one_time_link")),
    )
    for table in ("session", "token", "one_time_link"):
        op.create_index(op.f(f"ix_{table}_account_id"), table, ["account_id"])


def _audit() -> None:
    op.create_table(
        "rate_limit",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rate_limit")),
        comment="what PostgreSQL itself holds people to: reveals_per_hour of one account",
    )
    op.execute("INSERT INTO rate_limit VALUES ('reveals_per_hour', 30)")
    op.create_table(
        "audit_log",
        sa.Column("no", sa.BigInteger(), autoincrement=False, nullable=False, comment="1, 2, 3 … without a gap"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("account", "role", "address", "action", "subject")),
        sa.Column("person", sa.Text(), comment="source_id:source_key of whoever the row is about, where it is about one"),
        sa.Column("purpose", sa.Text()),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False, comment="hash of the row before"),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="SHA-256 over prev and all other columns: audit_hash(row)"),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_audit_log")),
        comment="append-only, by audit_append() alone; each row holds the hash of the one before",
    )
    op.create_index("ix_audit_log_account", "audit_log", ["account", "at"])
    op.create_index("ix_audit_log_person", "audit_log", ["person", "at"], postgresql_where=sa.text("person IS NOT NULL"))
    op.create_index("ix_audit_log_at", "audit_log", ["at"])


def downgrade() -> None:
    for statement in rights.TAKEN_BACK:
        op.execute(sa.text(statement))
    for table in ("audit_log", "rate_limit", "one_time_link", "token", "session", "account", "incident_reporter", "area_span"):
        op.drop_table(table)
    op.drop_column("area", "head_phone_shown")
    for column in ("shown_population", "shown_households", "shown_male", "shown_female", "shown_ages", "people_hidden"):
        op.drop_column("area_figure", column)
    op.drop_index("ix_person_name", table_name="person")
    op.execute("ALTER TABLE person " + ", ".join(f"DROP COLUMN {name}" for name in _OF_A_PERSON))
    op.alter_column("person", "name", comment="personal")
    op.alter_column("person", "birth_date", comment="personal")


class _Ltree(sa.types.UserDefinedType[str]):
    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "ltree"


_SPANS = """
INSERT INTO area_span (area, bounds)
WITH RECURSIVE up AS (
    SELECT no, code AS area, parent FROM area
    UNION
    SELECT up.no, a.code, a.parent FROM up JOIN area a ON a.code = up.parent
), pair AS (
    SELECT area, no FROM up UNION SELECT m.zone, g.no FROM zone_member m JOIN area g ON g.code = m.grid
), run AS (
    SELECT area, min(no) AS first, max(no) + 1 AS after
    FROM (SELECT area, no, no - row_number() OVER (PARTITION BY area ORDER BY no) AS run FROM pair) n GROUP BY area, run
)
SELECT area, array_agg(bound ORDER BY bound)::int[]
FROM (SELECT area, first AS bound FROM run UNION ALL SELECT area, after FROM run) b GROUP BY area
"""

_NAME_SHOWN = (
    "CASE WHEN length(name) > 2 THEN left(name, 1) || repeat('*', length(name) - 2) || right(name, 1) ELSE left(name, 1) || '*' END"
)
_BIRTH_YEAR = "date_part('year', birth_date::timestamp)::smallint"
_PHONE_SHOWN = (
    "CASE WHEN length(head_phone) >= 11 THEN left(head_phone, 3) || '****' || right(head_phone, 4)"
    " WHEN head_phone <> '' THEN '****' || right(head_phone, 2) END"
)

_OF_A_PERSON: dict[str, tuple[str, str | None]] = {
    "name_shown": (f"text GENERATED ALWAYS AS ({_NAME_SHOWN}) STORED", "masked: 张*明"),
    "birth_year": (f"smallint GENERATED ALWAYS AS ({_BIRTH_YEAR}) STORED", None),
    "id_kind": ("text", "of the identity document: resident_card, passport, …"),
    "id_cipher": ("bytea", "encrypted: data.privacy"),
    "id_hash": ("bytea", "keyed hash, to be found by"),
    "id_shown": ("text", "masked: 3301************12"),
    "phone_cipher": ("bytea", "encrypted: data.privacy"),
    "phone_hash": ("bytea", "keyed hash, to be found by"),
    "phone_shown": ("text", "masked: 138****5678"),
    "retain_until": ("date", "the last day this row may be kept; null: as long as the register"),
}
