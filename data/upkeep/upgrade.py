"""What an upgrade changes: migrations that a filled database still lacks, in words for operators."""

from dataclasses import dataclass

from psycopg import sql

from data.core.errors import GridwellError
from data.database.connections import Connection, connect
from data.database.migrate import list_missing_revisions
from data.upkeep.newest_backup import last_duration_s

REVISION_TITLES = {
    "0001": "The first schema",
    "0002": "Room for large cities: cases by month, sums by number",
    "0003": "Sums over all kinds of cases are found faster",
    "0004": "Communities hold the sum over all kinds of cases",
    "0005": "A new month of cases no longer keeps readers waiting",
    "0006": "Accounts and rights, the audit log, and numbers of people encrypted",
    "0007": "The auditor's page and access records",
    "0008": "The second factor and recovery codes",
    "0009": "Searches for people are counted and limited",
    "0010": "The audit log has an identity of its own",
    "0011": "Keys are checked at each start",
    "0012": "Cases of sensitive categories are protected like small counts of people",
    "0013": "Failed tries of strangers are counted, not logged one by one",
    "0014": "Rows of the audit log on data and settings are the owner's alone. Earlier rows no longer tell how many rows retention usually"
    " deletes, so the next deletion may wait for a confirmation: ./gridwell retention --dry-run",
    "0015": "What is open is counted as it stands, and what was open when a past day ended",
    "0016": "Where the newest case is days old, pages say so",
    "0017": "Deadlines and other moments of cases of which only the day is known are marked as days",
    "0018": "Zones count what stands in them, not whole cells, and the doctor knows how far levels may differ",
    "0019": "Cases may have no place: they count for an area, and are on no map",
    "0020": "Exact figures of a zone need the register of every cell that it meets",
    "0021": "Cases can be worked on: steps, severity, pauses, responsible units",
    "0022": "Changes reach open pages and programs at once: an outbox of live events",
    "0023": "Deadlines follow rules and the city's calendar, and somebody is told of what is late",
    "0024": "Data stewards read reports of imports and rejected rows",
    "0025": "Months of cases get the indexes that a first large import had left out",
    "0026": "Cases have photos and papers, which lie in a store outside the database",
    "0027": "Cases are found by any two characters, and listed in any order; all cases are written anew, a minute for each million",
    "0028": "Who handles cases: units, who works in them, and rules that send cases there",
    "0029": "What a zone tells is the same for everybody, and zones count what stands in holes between cells",
    "0030": "A city in which people work has no fixed moment: its figures stand for now",
    "0031": "Steps of cases cost the database less: a case is found by its number without planning over all months",
    "0032": "Searches within a district read its cases alone; the index of words is made anew, 10 seconds for each million cases",
    "0033": "Members of a unit see its cases wherever these are, and hear of them",
    "0034": "Likely duplicates of a case are found by place, time, category and photo",
    "0035": "Filters and columns of the desk are kept with the account",
    "0036": "Units have telephones, cities have remark templates, and blurred photos stand for the first ones",
    "0037": "Rules of routing and deadlines, and calendars, are changed on the page of rules",
    "0038": "Times in stages of many cases are found quickly",
    "0039": "Walls of screens have tours of scenes, a schedule, presenters, and tell how they are",
    "0040": "Weights of composites have versions, which are changed on the page of rules",
    "0041": "Names of handlers in imported cases mean units, and remark templates have English texts",
    "0042": "A pause of a case ends by itself at the moment until which it was granted; cases whose pauses were over run again",
    "0043": "Changes of walls are in the audit log, cases that break in stay within scopes, screens that are not well are told of",
    "0044": "Who works on a case is told by the name on the page",
    "0045": "Duty rosters: walls show how many are on duty now, and in how many grids",
    "0046": "Names behind accounts are told within their own cities, and duty rosters tell only of the areas that they are about",
    "0047": "Reports are made by a queue, kept as a preview for a day, and once issued for good",
    "0048": "Reports are sent by clock and calendar, and whoever receives one confirms by a link that it was seen",
    "0049": "Notices of hazards are taken over, and walls show the most serious one that is in force",
    "0050": "Recipients confirm reports on their page, what waits is stopped with its schedule, and approval comes before the issue",
    "0051": "Theme packs: departments deliver data by feeds, and each delivery is compared with what was expected",
}
"""What each migration changes."""

_FILLED = ("city", "account", "import_run")


def is_filled(connection: Connection) -> bool:
    """Whether a database holds a city, an account or an import."""
    return any(has_rows(connection, table) for table in _FILLED)


def has_rows(connection: Connection, table: str) -> bool:
    """Whether a table is there and not empty."""
    if connection.execute("SELECT to_regclass(%s)", [table]).fetchone() == (None,):
        return False
    return connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone() is not None


class UpgradeFirst(GridwellError):
    status, code = 503, "upgrade_first"
    sentence = (
        "The database was made by an older Gridwell (schema {found}, this one has {wanted})."
        " Run ./gridwell up first: it makes a backup, and then brings the database to this version."
    )


@dataclass(frozen=True, slots=True)
class Upgrade:
    """An upgrade that is due.

    Attributes:
        found: the schema's revision now.
        missing: the revisions that are missing, in their order.
        database_bytes: size of the database.
        last_backup_s: seconds that the last proved backup took here; ``None`` if nobody knows.
    """

    found: str
    missing: tuple[str, ...]
    database_bytes: int
    last_backup_s: float | None = None

    @property
    def titles(self) -> list[str]:
        """What changes; a title that is missing is the revision."""
        return [REVISION_TITLES.get(revision, revision) for revision in self.missing]


def find_upgrade() -> Upgrade | None:
    """The upgrade that the database of the settings needs; ``None`` for one that is empty or up to date.

    Raises:
        alembic.util.CommandError: a newer Gridwell made it.
    """
    with connect() as connection:
        if not is_filled(connection):
            return None
        took = last_duration_s(connection)
        row = connection.execute("SELECT version_num, pg_database_size(current_database()) FROM alembic_version").fetchone()
    assert row is not None  # noqa: S101 - whatever has our tables has it
    missing = list_missing_revisions(row[0])
    return Upgrade(row[0], tuple(missing), row[1], took) if missing else None
