"""Statements on the versions of the data."""

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, Text, cast, func, literal_column, select

from data.schema import SUBJECTS, city


def versions_of_cities() -> Select[tuple[dict[str, int], int]]:
    """For each city: version by subject, and the newest of them."""
    return select(city.c.versions, city.c.data_version)


def newest(subject: str | None = None) -> ColumnElement[int]:
    """The newest version of a subject, or of all, over all cities; 0 without any.

    For a subject without a version, the newest version of the city counts.
    """
    return select(func.coalesce(_newest(city.alias("every"), subject), literal_column("0"))).scalar_subquery()


def newest_by_subject() -> ColumnElement[dict[str, int]]:
    """The same for every subject, as a JSON object.

    Cities may overlap, and a tile shows all of them, so its address must also change when a neighbouring city changes.
    """
    every = city.alias("every")
    pairs = [part for subject in SUBJECTS for part in (_word(subject), _newest(every, subject))]
    return select(func.jsonb_build_object(*pairs)).scalar_subquery()


def _newest(every: FromClause, subject: str | None) -> ColumnElement[int]:
    if subject is None:
        return func.max(every.c.data_version)
    own = cast(every.c.versions.op("->>", return_type=Text())(_word(subject)), BigInteger)
    return func.max(func.coalesce(own, every.c.data_version))


def _word(subject: str) -> ColumnElement[str]:
    return literal_column(f"'{subject}'", Text)
