"""The newest version of the data, for the health check."""

from sqlalchemy import BigInteger, Select, cast, func, select

from data.schema import city


def newest_data() -> Select[tuple[int]]:
    """``data_version``: the newest of all cities' versions, which grows with every load; 0 while there is no city."""
    return select(cast(func.coalesce(func.max(city.c.data_version), 0), BigInteger).label("data_version"))
