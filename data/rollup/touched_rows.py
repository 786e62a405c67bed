"""The rows that a change touches."""

from collections.abc import Iterable
from datetime import datetime

from psycopg import sql

from data.database.connections import Connection


class TouchedRows:
    """The touched rows of one table, by district and id, in a temporary table ``touched_<name>``.

    Args:
        connection: the caller's transaction.
        name: of the table.
        listed: the caller reads the temporary table too, not only ``rows``.
        dated: rows are added with their moment of reporting, which does not change: then PostgreSQL looks for each in its month alone.
    """

    def __init__(self, connection: Connection, name: str, listed: bool = False, dated: bool = False) -> None:
        self._connection, self._name, self._listed = connection, sql.Identifier(name), listed
        self._source: int | None = None
        self._dated = dated
        self._table = sql.Identifier(f"touched_{name}")
        self._key = sql.Identifier(f"touched_{name}_key")
        make = sql.SQL("CREATE TEMP TABLE {} (district text, id bigint, CONSTRAINT {} PRIMARY KEY (district, id)) ON COMMIT DROP")
        connection.execute(make.format(self._table, self._key))
        if dated:
            connection.execute(sql.SQL("ALTER TABLE {} ADD COLUMN reported_at timestamptz NOT NULL").format(self._table))

    @property
    def rows(self) -> sql.Composed:
        """The rows as they are now, for a FROM clause."""
        if self._source is not None:
            return sql.SQL("(SELECT o.* FROM {} o WHERE o.source_id = {})").format(self._name, sql.Literal(self._source))
        return sql.SQL("(SELECT o.* FROM {} o JOIN {} t ON {})").format(self._name, self._table, self.same("o"))

    def same(self, row: str) -> sql.Composed:
        """A condition for a row of the table to be the touched row ``t``."""
        keys = ("district", "id", *(("reported_at",) if self._dated else ()))
        return sql.SQL(" AND ").join(sql.SQL("t.{0} = {1}.{0}").format(sql.Identifier(key), sql.Identifier(row)) for key in keys)

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

    def add_dated(self, rows: Iterable[tuple[str, int, datetime]]) -> None:
        """Add further rows by district, id and moment of reporting."""
        districts, numbers, moments = tuple(zip(*rows, strict=True)) or ((), (), ())
        add = sql.SQL("INSERT INTO {} SELECT * FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[]) ON CONFLICT DO NOTHING")
        self._connection.execute(add.format(self._table), [list(districts), list(numbers), list(moments)])
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
