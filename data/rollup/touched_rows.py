"""The rows that a change touches."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from psycopg import sql

from data.database.connections import Connection
from data.database.partitions import within_months

_KEY = ("district", "id")


class TouchedRows:
    """The touched rows of one table, by district and id, in a temporary table ``touched_<name>``.

    Args:
        connection: the caller's transaction.
        name: of the table.
        listed: the caller reads the temporary table too, not only ``rows``.
    """

    def __init__(self, connection: Connection, name: str, listed: bool = False) -> None:
        self._connection, self._name, self._listed = connection, sql.Identifier(name), listed
        self._source: int | None = None
        self._table = sql.Identifier(f"touched_{name}")
        self._key = sql.Identifier(f"touched_{name}_key")
        make = sql.SQL("CREATE TEMP TABLE {} (district text, id bigint, CONSTRAINT {} PRIMARY KEY (district, id)) ON COMMIT DROP")
        connection.execute(make.format(self._table, self._key))

    @property
    def rows(self) -> sql.Composed:
        """The rows as they are now, for a FROM clause."""
        if self._source is not None:
            return sql.SQL("(SELECT o.* FROM {} o WHERE o.source_id = {})").format(self._name, sql.Literal(self._source))
        return sql.SQL("(SELECT o.* FROM {} o JOIN {} t ON {})").format(self._name, self._table, self.same("o"))

    @property
    def listed(self) -> sql.Composable:
        """The touched rows ``t``, for a FROM clause."""
        return sql.SQL("{} t").format(self._table)

    @property
    def bound(self) -> dict[str, Any]:
        """Values of statements that name ``rows`` or ``listed``."""
        return {}

    def same(self, row: str) -> sql.Composable:
        """A condition for a row of the table to be the touched row ``t``."""
        return sql.SQL(" AND ").join(sql.SQL("t.{0} = {1}.{0}").format(sql.Identifier(key), sql.Identifier(row)) for key in _KEY)

    def add(self, ids: Iterable[tuple[str, int]] = (), table: sql.Identifier | None = None) -> None:
        """Add further rows: inserted ones, and moved ones with their new district.

        Args:
            ids: district and id of each.
            table: a temporary table with columns ``district`` and ``id``.
        """
        districts, numbers = tuple(zip(*ids, strict=True)) or ((), ())
        add = sql.SQL("INSERT INTO {} SELECT * FROM unnest(%s::text[], %s::bigint[]) ON CONFLICT DO NOTHING")
        self._connection.execute(add.format(self._table), [list(districts), list(numbers)])
        if self._source is not None:
            self._list(self._of_source(self._source))
            self._source = None
        if table is not None:
            self._list(table)
        # Until it is analysed, PostgreSQL expects a temporary table to be large.
        self._connection.execute(sql.SQL("ANALYZE {}").format(self._table))

    def add_source(self, source_id: int) -> None:
        """Add all rows of a source that had none before: as long as nothing else is touched, they need not be listed."""
        if self._listed or self._source is not None or self._any():
            self._list(self._of_source(source_id))
            self.add()
        else:
            self._source = source_id

    def _of_source(self, source_id: int) -> sql.Composed:
        return sql.SQL("(SELECT district, id FROM {} WHERE source_id = {}) s").format(self._name, sql.Literal(source_id))

    def _any(self) -> bool:
        return self._connection.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(self._table)).fetchone() is not None

    def _list(self, table: sql.Composable) -> None:
        """List many rows: the key is made anew, which takes a fifth of the time of keeping it."""
        for statement in (
            "ALTER TABLE {touched} DROP CONSTRAINT {key}",
            "INSERT INTO {touched} SELECT district, id FROM {table} EXCEPT SELECT district, id FROM {touched}",
            "ALTER TABLE {touched} ADD CONSTRAINT {key} PRIMARY KEY (district, id)",
        ):
            self._connection.execute(sql.SQL(statement).format(touched=self._table, key=self._key, table=table))

    def drop(self) -> bool:
        """Drop the table. Returns whether it had any rows."""
        some = self._source is not None or self._any()
        self._connection.execute(sql.SQL("DROP TABLE {}").format(self._table))
        return some


class DatedIncidents:
    """Touched incidents whose moments of reporting are known, and do not change. Statements are planned for their months alone.

    They are named in each statement as values: for the writer of cases, to make a table would cost more than to count its rows.

    Args:
        rows: district, id and moment of reporting of each.
    """

    listed = sql.SQL(
        "unnest(%(touched_district)s::text[], %(touched_id)s::bigint[], %(touched_at)s::timestamptz[]) t (district, id, reported_at)"
    )

    def __init__(self, rows: Iterable[tuple[str, int, datetime]]) -> None:
        self._rows = dict.fromkeys(rows)

    @property
    def rows(self) -> sql.Composed:
        """See ``TouchedRows.rows``."""
        return sql.SQL("(SELECT o.* FROM incident o JOIN {} ON {})").format(self.listed, self.same("o"))

    @property
    def bound(self) -> dict[str, Any]:
        """See ``TouchedRows.bound``."""
        names = ("touched_district", "touched_id", "touched_at")
        return dict(zip(names, map(list, zip(*self._rows, strict=True)), strict=True)) if self._rows else {name: [] for name in names}

    def same(self, row: str) -> sql.Composable:
        """See ``TouchedRows.same``."""
        same = [sql.SQL("t.{0} = {1}.{0}").format(sql.Identifier(key), sql.Identifier(row)) for key in (*_KEY, "reported_at")]
        if self._rows:
            same.append(within_months(row, (moment for _, _, moment in self._rows)))
        return sql.SQL(" AND ").join(same)

    def add(self, rows: Iterable[tuple[str, int, datetime]]) -> None:
        """Add new rows."""
        self._rows |= dict.fromkeys(rows)

    def drop(self) -> bool:
        """Whether there are any."""
        return bool(self._rows)
