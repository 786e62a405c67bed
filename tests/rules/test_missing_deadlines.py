"""Deadlines for open cases that follow no rule yet: when the keeper starts, after an upgrade or an import."""

from datetime import datetime
from typing import Any

import psycopg
import small_city as city

from data import rollup
from data.deadlines.rules import Rule, parse_duration
from data.deadlines.store import write_rules
from data.rules.writer import give_missing_deadlines

NOW = datetime.fromisoformat(city.AS_OF)


def test_what_follows_no_rule_gets_one_and_filed_cases_keep_theirs(connection: psycopg.Connection[Any]) -> None:
    """i05 has no rule although one holds for it; i17 is filed under another; i22 is not filed, so its rule is that of now."""
    every, env = write_rules(connection, city.CITY, [Rule(0, None, None, {"handling": parse_duration("900 h")})]).added[0], None
    worked = (
        "UPDATE incident SET version = 1, due_at = NULL, category = 'env', stage = %s, filed_at = %s, rule_id = %s WHERE source_key = %s"
    )
    for key, stage, filed_at, rule in (("i05", "filed", NOW, None), ("i17", "filed", NOW, every), ("i22", "reported", None, every)):
        connection.execute(worked, [stage, filed_at, rule, key])
    rollup.rebuild(connection, city.CITY)
    give_missing_deadlines(connection, NOW)
    env = write_rules(connection, city.CITY, [Rule(0, "env", None, {"handling": parse_duration("1 h")})]).added[0]
    connection.execute("UPDATE incident SET rule_id = NULL, due_at = NULL WHERE source_key = 'i05'")
    rollup.rebuild(connection, city.CITY)
    assert give_missing_deadlines(connection, NOW) == {city.CITY: 2}
    found = dict(connection.execute("SELECT source_key, rule_id FROM incident WHERE source_key IN ('i05', 'i17', 'i22')").fetchall())
    assert found == {"i05": env, "i17": every, "i22": env}
    assert list(rollup.compare(connection, city.CITY)) == []
    assert give_missing_deadlines(connection, NOW) == {}, "once"
    log = connection.execute("SELECT account, detail FROM audit_log WHERE action = 'deadline_rules' ORDER BY no DESC LIMIT 1").fetchone()
    assert log == ("gridwell", {"cases": 2})
