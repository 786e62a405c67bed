"""The statements of migration 0043: what the database itself holds about screens and about cases that break in.

A case that breaks in is told to accounts whose scope holds its cell, as the case itself would be. Only displays, and roles that steer
walls, have screens, and what a screen tells of itself is written by its own account alone. The server may note changes of walls in the
audit log.
"""

_SAFELY = "SET search_path = pg_catalog, public, pg_temp"
_ACCOUNT = "nullif(current_setting('gridwell.account', true), '')"
_STEERERS = "current_setting('gridwell.role', true) IN ('supervisor', 'dispatcher', 'leader', 'administrator')"
_SHOWS_WALLS = f"(SELECT current_setting('gridwell.role', true) = 'wall' OR {_STEERERS} AND current_user <> 'gridwell_figures')"
"""As ``Viewer.shows_walls``: a test holds that both say the same."""

_TURN_BEFORE = "area IS NULL OR wall_shows(area)"
_TURN_SEEN = f"""CASE WHEN kind = 'hold' THEN {_TURN_BEFORE}
    ELSE EXISTS (SELECT FROM area a WHERE a.code = wall_turn.area AND viewer_reaches(a.path, a.code)) END"""
_STEERED = f"(SELECT {_STEERERS}) AND wall_reached(city, wall)"
_OWN = f"account = {_ACCOUNT} AND EXISTS (SELECT FROM area a WHERE a.code = wall_screen.city)"
_PLAYED = f"EXISTS (SELECT FROM wall_screen s WHERE s.id = screen AND s.account = {_ACCOUNT})"


def _turn_policies(seen: str) -> tuple[str, ...]:
    return (
        f"ALTER POLICY seen ON wall_turn USING ({seen})",
        f"ALTER POLICY made ON wall_turn WITH CHECK ({_STEERED} AND ({seen}))",
        f"ALTER POLICY changed ON wall_turn USING ({_STEERED}) WITH CHECK ({_STEERED} AND ({seen}))",
    )


# The policies of steering are for settings and wishes: what a screen tells is its own account's. The owner of the database has no account.
_TELLS = f"""
CREATE FUNCTION wall_screen_tells() RETURNS trigger LANGUAGE plpgsql {_SAFELY} AS $$
BEGIN
    IF NEW.account <> {_ACCOUNT} AND (NEW.body, NEW.seen_at, NEW.city, NEW.wall, NEW.picture, NEW.picture_at)
        IS DISTINCT FROM (OLD.body, OLD.seen_at, OLD.city, OLD.wall, OLD.picture, OLD.picture_at) THEN
        RAISE EXCEPTION 'a screen tells of itself alone' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$
"""
# Tokens belong to the door. Who sees a screen is told when the first token ends of those that its account used in the last two days.
_ENDS = f"""
CREATE FUNCTION wall_token_end(of_screen text) RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER {_SAFELY} AS $$
    SELECT min(t.expires_at) FROM wall_screen s JOIN account a ON a.name = s.account JOIN token t ON t.account_id = a.id
    WHERE s.id = of_screen AND {_STEERERS} AND wall_reached(s.city, s.wall) AND t.kind = 'device' AND t.withdrawn_at IS NULL
        AND t.expires_at > now() AND t.used_at > now() - interval '2 days'
$$
"""  # noqa: S608 - no value in it


def _allow(before: str, after: str) -> str:
    """Change the list of actions that the server's role may write, whatever other migrations added to it."""
    return f"""
    DO $do$ BEGIN
        EXECUTE replace(pg_get_functiondef('audit_append(text, text, text, text, jsonb)'::regprocedure), $a${before}$a$, $a${after}$a$);
    END $do$
    """


ACTIONS = ("wall_tour", "wall_steered", "wall_screen", "wall_screen_forgotten")
"""What people do to walls through the server, beside ``telephones_0036.MORE_ACTIONS``."""
_LIST, _LONGER = "'{reveal_unit,", f"'{{{','.join(ACTIONS)},reveal_unit,"

UPGRADE = (
    _allow(_LIST, _LONGER),
    *_turn_policies(_TURN_SEEN),
    f"ALTER POLICY own ON wall_screen USING (account = {_ACCOUNT} AND {_SHOWS_WALLS}) WITH CHECK ({_OWN} AND {_SHOWS_WALLS})",
    f"ALTER POLICY made ON wall_play WITH CHECK ({_SHOWS_WALLS} AND {_PLAYED})",
    _TELLS,
    "CREATE TRIGGER wall_screen_tells BEFORE UPDATE ON wall_screen FOR EACH ROW EXECUTE FUNCTION wall_screen_tells()",
    _ENDS,
    "REVOKE ALL ON FUNCTION wall_token_end(text) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION wall_token_end(text) TO gridwell_cases",
)
DOWNGRADE = (
    "DROP FUNCTION wall_token_end(text)",
    "DROP TRIGGER wall_screen_tells ON wall_screen",
    "DROP FUNCTION wall_screen_tells()",
    f"ALTER POLICY made ON wall_play WITH CHECK ({_PLAYED})",
    f"ALTER POLICY own ON wall_screen USING (account = {_ACCOUNT}) WITH CHECK ({_OWN})",
    *_turn_policies(_TURN_BEFORE),
    _allow(_LONGER, _LIST),
)
