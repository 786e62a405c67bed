"""The statements of migration 0037: whoever sees a whole city may ask for other rules; who changed them is read by the same.

A request carries who asks: its columns are filled from the settings of the transaction, and nobody may insert other values.
"""

_ACCOUNT = "nullif(current_setting('gridwell.account', true), '')"


def _whole_city(table: str) -> str:
    """SQL for: the viewer's scope holds the whole city of a row."""
    return f"EXISTS (SELECT FROM area a WHERE a.code = {table}.city AND a.level = 'city' AND viewer_reaches(a.path, a.code))"


UPGRADE = (
    "ALTER TABLE rule_request ENABLE ROW LEVEL SECURITY",
    f"CREATE POLICY asked ON rule_request FOR INSERT WITH CHECK (account = {_ACCOUNT} AND {_whole_city('rule_request')})",
    f"CREATE POLICY own ON rule_request FOR SELECT USING (account = {_ACCOUNT})",
    f"CREATE POLICY given_up ON rule_request FOR DELETE USING (account = {_ACCOUNT} AND outcome IS NULL)",
    "GRANT SELECT, DELETE ON rule_request TO gridwell_cases",
    "GRANT INSERT (id, city, kind, body) ON rule_request TO gridwell_cases",
    "ALTER TABLE rule_change ENABLE ROW LEVEL SECURITY",
    f"CREATE POLICY whole_city ON rule_change FOR SELECT USING ({_whole_city('rule_change')})",
    "GRANT SELECT ON rule_change TO gridwell_cases",
)
