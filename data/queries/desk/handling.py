"""How long the cases of a period took until they were closed, or are open so far."""

from sqlalchemy import TIMESTAMP, Float, and_, bindparam, case, cast, func, literal, literal_column, not_, or_, select

from data.queries.case_filters import CaseFilters, Place, list_conditions
from data.queries.expressions import Rows
from data.queries.indicator_facts import TIMED
from data.schema import CLOSED_STAGES, OPEN_STAGES, incident


def handling_times(filters: CaseFilters, place: Place, per_hour: int) -> Rows:
    """Cases by hours from the report: rows ``hours, closed, n``, and one row without hours for those of which hours are not known.

    Closed cases count until they were closed, open ones until ``moment``. Those that ended otherwise do not count.

    Args:
        filters: which cases.
        place: in which area.
        per_hour: hours are rounded to this part of an hour, so that there are few rows.

    Parameters: ``moment``.
    """
    closed = incident.c.stage.in_(CLOSED_STAGES)
    until = case((closed, incident.c.closed_at), else_=bindparam("moment", type_=TIMESTAMP(timezone=True)))
    known = or_(and_(closed, TIMED), and_(not_(closed), not_(incident.c.reported_is_day)))
    seconds = cast(func.extract("epoch", until - incident.c.reported_at), Float)
    rounded = func.round(func.greatest(seconds, 0) * literal(per_hour / 3600, Float)) / literal(float(per_hour), Float)
    hours, ended = case((known, rounded)).label("hours"), case((known, closed)).label("closed")
    kept = [*list_conditions(filters, place, few=False), incident.c.stage.in_((*OPEN_STAGES, *CLOSED_STAGES))]
    found = select(hours, ended, func.count().label("n")).where(*kept)
    return found.group_by(literal_column("1"), literal_column("2")).order_by(literal_column("1"), literal_column("2"))
