"""Optional parts of the small city: histories of its cases, and a camera."""

import psycopg
import small_city as city
from databases import FreshDatabase

from data.doctor.examine import examine_city


def test_histories_and_a_camera_fit_the_city(fresh_database: FreshDatabase) -> None:
    with fresh_database(city.load, city.load_histories, city.load_camera) as url, psycopg.connect(url) as connection:
        events = connection.execute("SELECT stage, count(*)::int FROM incident_event GROUP BY 1 ORDER BY 1").fetchall()
        closed = sum(row[8] is not None for row in city.INCIDENTS)
        assert events == [("closed", closed), ("reported", len(city.INCIDENTS))]
        counted = connection.execute("SELECT area, facilities FROM area_figure WHERE area = ANY(%s)", ([city.CITY, city.C2],)).fetchall()
        assert dict(counted) == {city.CITY: len(city.FACILITIES) + 1, city.C2: 1}
        assert [one.code for one in examine_city(connection, city.CITY) if not one.outcome.ok] == []
