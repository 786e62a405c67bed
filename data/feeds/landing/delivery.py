"""One delivery becomes records, rejected rows and rows in quarantine; read = loaded + rejected, in one transaction."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from psycopg.types.json import Jsonb

from data.database.connections import Connection
from data.feeds.landing.checks import MOST_KEPT, find_faults
from data.feeds.landing.job import Job, find_job
from data.feeds.landing.loading import hold_rows, load_rows
from data.feeds.landing.parsing import read_delivery, to_rows
from data.feeds.landing.placing import place_rows
from data.feeds.landing.rules import apply_rules
from data.feeds.landing.staging import create_staging, stage
from data.importing.common.sentences import FileProblem, ImportRefused, Sentence
from data.importing.profile.source import allowed_rows
from data.importing.rows.rejects import Ledger

_REJECT = "INSERT INTO feed_reject (delivery, no, row, reason, facts) VALUES (%s, %s, %s, %s, %s)"
_BESIDE = ("file", "line")
"""Facts that stand in columns of their own."""
_EMPTY = "empty_file"


@dataclass
class Outcome:
    """What became of a delivery: the columns of its row, and its rejected rows as (line, reason, facts)."""

    state: str
    rows: int = 0
    loaded: int = 0
    rejected: int = 0
    quarantined: int = 0
    problem: dict[str, object] | None = None
    report: dict[str, object] = field(default_factory=dict)
    rejects: list[tuple[int, str, dict[str, object]]] = field(default_factory=list)


def fail(sentence: Sentence) -> Outcome:
    """The outcome of a delivery that cannot be taken."""
    return Outcome("failed", problem={"code": sentence.wording or sentence.reason, "facts": sentence.plain_facts(())})


def land(connection: Connection, delivery: int, city: str, feed: str, name: str, content: bytes) -> Outcome:
    """Take a delivery in, in the caller's transaction; where it cannot be taken as a whole, nothing of it stays."""
    try:
        with connection.transaction():
            job = find_job(connection, city, feed)
            if job is None:
                raise FileProblem("feed_gone")
            if not job.fields:
                raise FileProblem("no_column", kind=job.kind.code)
            return _land(connection, job, delivery, name, content)
    except FileProblem as problem:
        return Outcome("empty") if problem.told.reason == _EMPTY else fail(problem.told)
    except ImportRefused as refused:
        return fail(refused.sentences[0])


def _land(connection: Connection, job: Job, delivery: int, name: str, content: bytes) -> Outcome:
    ledger = Ledger()
    create_staging(connection, job.pack.code, job.kind)
    staged = 0
    for batch in read_delivery(content, name, job, ledger):
        rows = to_rows(batch, job.fields)
        count = rows.num_rows
        numbers = pa.array(range(staged + 1, staged + count + 1), pa.int64())
        rows = rows.append_column("gw_n", numbers).append_column("gw_delivery", pa.repeat(pa.scalar(delivery, pa.int64()), count))
        stage(connection, rows)
        staged += count
    connection.execute("ANALYZE pg_temp.landing_rows")
    place_rows(connection, job)
    found = find_faults(connection, job)
    rules = apply_rules(connection, job)
    read = sum(tally.read for tally in ledger.tallies.values())
    rejected = len(ledger.rejects) + found.counts.total()
    _check_share(job, rejected, read)
    changed = load_rows(connection, job, delivery)
    held = hold_rows(connection)
    made = Outcome("landed" if read else "empty", read, read - rejected, rejected, held)
    made.rejects = [(one.line, one.reason, one.sentence.plain_facts(_BESIDE)) for one in ledger.rejects[:MOST_KEPT]]
    made.rejects += [(one.row, one.reason, one.facts) for one in found.faults]
    made.rejects = sorted(made.rejects, key=lambda one: one[0])[:MOST_KEPT]
    made.report = {
        "changed": changed,
        "left_out": sum(tally.left_out for tally in ledger.tallies.values()),
        "rejects": dict(Counter(one.reason for one in ledger.rejects) + found.counts),
        "repairs": {reason: count for (_, reason), count in ledger.repairs.items()},
        **{name: dict(counts) for name, counts in rules.items()},
    }
    return made


def _check_share(job: Job, rejected: int, read: int) -> None:
    """Where the feed says how many rows may be rejected, more of them refuse the file.

    Raises:
        FileProblem: there are more.
    """
    source = job.feed.source
    if "max_rejected" in source.model_fields_set and rejected > allowed_rows(source.max_rejected, read):
        raise FileProblem("too_many_rejects", rejected=rejected, read=read, allowed=str(source.max_rejected))


def write_outcome(connection: Connection, delivery: int, outcome: Outcome) -> None:
    """Keep what became of a delivery, and its rejected rows."""
    values: dict[str, Any] = {
        **{"id": delivery, "state": outcome.state, "rows": outcome.rows, "loaded": outcome.loaded, "rejected": outcome.rejected},
        **{"quarantined": outcome.quarantined, "report": Jsonb(outcome.report)},
        "problem": None if outcome.problem is None else Jsonb(outcome.problem),
    }
    connection.execute(
        "UPDATE feed_delivery SET state = %(state)s, landed_at = now(), rows = %(rows)s, loaded = %(loaded)s, rejected = %(rejected)s,"
        " quarantined = %(quarantined)s, problem = %(problem)s, report = %(report)s WHERE id = %(id)s",
        values,
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            _REJECT, [(delivery, no, row, reason, Jsonb(facts)) for no, (row, reason, facts) in enumerate(outcome.rejects, start=1)]
        )
