"""People of the register: who they are and where they live, with their numbers sealed before anything is sent to the database."""

import datetime as dt
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from data.importing.common.columns import has_value, repeat_value
from data.importing.common.sentences import Sentence
from data.importing.landing.context import Context
from data.importing.landing.objects import MANY, group_batches, place_by_point, split_rows
from data.importing.landing.rollups import make_tracker
from data.importing.landing.staging import Stage
from data.importing.placing.homes import Homes
from data.importing.placing.leaves import Ints
from data.importing.profile.headings import propose_columns
from data.importing.profile.model import PeopleColumns, PeopleSource
from data.importing.profile.spec import Spec
from data.importing.rows.batch import Batch
from data.importing.rows.duplicate_numbers import DuplicateNumbers
from data.importing.rows.geometry import settle_geometry
from data.importing.rows.identity import Checker, telling
from data.importing.rows.intake import stop_at_problem
from data.importing.rows.keys import Keys, make_line_keys
from data.privacy import keyed_hash, keyed_hash_all, keyring, mask_id, mask_phone, normalize_phone, seal_all
from data.privacy.number_formats import strip_invisible
from data.schema import person

COLUMNS = (
    *("city", "source_id", "source_key", "building_id", "household", "name", "sex", "birth_date", "residence"),
    *("id_kind", "id_hash", "id_shown", "phone_hash", "phone_shown", "retain_until", "grid", "path", "district"),
)
"""The columns that are compared. Ciphers are not among them, because each encryption gives another one."""
_SEALED = ("id_cipher", "phone_cipher")
_TEXTS = ("sex", "id_kind", "id_number", "phone", "residence", "household", "building", "grid")
_LONGEST = 500
_NAMELESS = Spec(column="姓名")
_KEY_DIGITS = 40


def land_people(source: PeopleSource, context: Context, homes: Homes) -> None:
    """Read, check, place, seal and store one source; of a large one, only a part is held in memory at a time."""
    stage = Stage(context.connection, person, COLUMNS, _SEALED, context.source_ids[source.key])
    keys, doubles, keyed = Keys(), DuplicateNumbers(), True
    with stage:
        for batches in group_batches(_prepared(source, context, homes), whole=source.duplicates == "last"):
            context.outline.check(batches, source, context.ledger)
            keys.make_unique(batches)
            for batch in batches:
                _place(batch, source, context)
                keyed &= pc.all(batch.fields["keyed"], min_count=0).as_py()
            _send(batches, source, context, stage, doubles)
    for told in doubles.describe(source.key):
        context.ledger.remarks.append((source.key, told))
    # Rows without a key are identified by file and line; rows whose line does not exist any more are deleted.
    context.add_changes(person.name, stage.land(make_tracker(person, context), source.complete or not keyed))


def _prepared(source: PeopleSource, context: Context, homes: Homes) -> Iterator[Batch]:
    found = stop_at_problem(context.ledger, context.intake.read_batches(source, "people", None))
    return stop_at_problem(context.ledger, _each(found, source, context, homes))


def _each(batches: Iterator[Batch], source: PeopleSource, context: Context, homes: Homes) -> Iterator[Batch]:
    told: set[str] = set()
    for batch in batches:
        columns, found = propose_columns(source.columns, batch.sheet.columns)
        if found and batch.sheet.file not in told:
            told.add(batch.sheet.file)
            listed = ", ".join(f'{field} = "{heading}"' for field, heading in found.items())
            context.ledger.remarks.append((source.key, Sentence("columns_found", {"file": batch.sheet.file, "columns": listed})))
        _read(batch, columns)
        _check(batch, source, columns, context)
        _keys(batch, columns)
        _home(batch, homes)
        yield batch


def _read(batch: Batch, columns: PeopleColumns) -> None:
    """Fill the fields as the file has them."""
    batch.read_key("key", columns.key, needed=columns.key is not None)
    batch.read_text("name", columns.name or _NAMELESS, needed=True, longest=_LONGEST)
    for field in _TEXTS:
        batch.read_text(field, getattr(columns, field), longest=_LONGEST)
    for field in ("birth_date", "retain_until"):
        batch.read_day(field, getattr(columns, field))


def _check(batch: Batch, source: PeopleSource, columns: PeopleColumns, context: Context) -> None:
    """Check who the people are; from here on the fields hold what is stored, and numbers in their normal form."""
    until, today = batch.list_values("retain_until"), dt.datetime.now(batch.zone).date()
    for i in batch.select_living(has_value(batch.fields["retain_until"])):
        if until[i] < today and columns.retain_until is not None:
            batch.reject(i, "retention_over", columns.retain_until.describe(), until[i])
    people = Checker(batch, source, columns, context.moment).people()
    for field, name, kind in (
        *(("name", "name", pa.string()), ("sex", "sex", pa.string()), ("birth_date", "birth", pa.date32())),
        *(("residence", "residence", pa.string()), ("id_kind", "kind", pa.string()), ("id_number", "number", pa.string())),
    ):
        batch.fields[field] = pa.array([None if one is None else getattr(one, name) for one in people], kind)
    given = batch.list_values("phone")
    phones = [normalize_phone(strip_invisible(text)) if text is not None else None for text in given]
    batch.repair("phone_left_out", sum(1 for i in batch.list_living() if given[i] is not None and phones[i] is None))
    batch.fields["phone"] = pa.array(phones, pa.string())


def _keys(batch: Batch, columns: PeopleColumns) -> None:
    """Keys and household numbers; those that tell a number of somebody are kept as keyed hashes, which stay the same."""
    numbers = list(zip(batch.list_values("id_number"), batch.list_values("phone"), strict=True))
    sealed = 0

    def safe(text: str | None, row: int) -> str | None:
        nonlocal sealed
        if text is None or not telling(text, numbers[row]):
            return text
        sealed += 1
        return f"#{keyed_hash(strip_invisible(text).upper(), 'key').hex()[:_KEY_DIGITS]}"

    keys = make_line_keys(batch).to_pylist() if columns.key is None else [safe(text, i) for i, text in enumerate(batch.list_values("key"))]
    households = [safe(strip_invisible(text), i) if text else keys[i] for i, text in enumerate(batch.list_values("household"))]
    batch.repair("key_sealed", sealed)
    batch.fields |= {"key": pa.array(keys, pa.string()), "household": pa.array(households, pa.string())}
    batch.fields["keyed"] = repeat_value(columns.key is not None, len(batch))


def _home(batch: Batch, homes: Homes) -> None:
    """Building or cell; geometry is left to those who have neither."""
    building, grid = batch.fields["building"], batch.fields["grid"]
    ids, leaf, passed_over = homes.find(building, grid)
    batch.repair("home_by_next", passed_over)
    batch.fields |= {"building_id": ids, "leaf": pa.array(leaf)}
    if batch.geometry is not None:
        batch.geometry[leaf >= 0] = None
        settle_geometry(batch, "point", needed=False)


def _place(batch: Batch, source: PeopleSource, context: Context) -> None:
    """Leaf of every row, by its coordinates where neither building nor cell is known. People without a leaf are rejected."""
    leaf = batch.fields["leaf"].to_numpy().copy()
    if batch.geometry is not None:
        place_by_point(batch, np.flatnonzero(batch.alive & (leaf < 0) & ~shapely.is_missing(batch.geometry)), leaf, source, context)
    for i in batch.select_living(leaf < 0):
        batch.reject(i, "no_home")
    batch.fields["leaf"] = pa.array(leaf)


def _send(batches: list[Batch], source: PeopleSource, context: Context, stage: Stage, doubles: DuplicateNumbers) -> None:
    count = sum(len(batch.list_living()) for batch in batches)
    advance = context.progress.begin(source.key, count)
    with stage.filling(many=count > MANY) as send:
        for batch in batches:
            for rows in split_rows(batch):
                made = _table(batch, source, context, rows)
                doubles.add(made["id_hash"], batch.sheet.file, batch.sheet.lines[rows])
                send(made)
                advance(len(rows))


def _table(batch: Batch, source: PeopleSource, context: Context, rows: Ints) -> pa.Table:
    """Some rows of a batch, as the table holds them."""
    order, count = pa.array(rows), len(rows)
    fields = ("building_id", "household", "name", "sex", "birth_date", "residence", "id_kind", "retain_until")
    return pa.table(
        {
            "city": repeat_value(context.city, count),
            "source_id": repeat_value(context.source_ids[source.key], count),
            "source_key": batch.fields["key"].take(order),
            **{field: batch.fields[field].take(order) for field in fields},
            **_sealed("id", batch.fields["id_number"].take(order), mask_id),
            **_sealed("phone", batch.fields["phone"].take(order), mask_phone),
            **context.leaves.make_columns(batch.fields["leaf"].to_numpy()[rows]),
        }
    )


def _sealed(field: str, numbers: pa.Array, masked: Callable[[str], str | None]) -> dict[str, pa.Array]:
    """Cipher, hash and mask of a column of numbers, as COPY takes them."""
    known, texts, ring = pa.array(has_value(numbers)), numbers.drop_null().to_pylist(), keyring()

    def filled(made: list[str | None]) -> pa.Array:
        return pc.replace_with_mask(pa.nulls(len(numbers), pa.string()), known, pa.array(made, pa.string()))

    return {
        f"{field}_cipher": filled(["\\x" + cipher.hex() for cipher in seal_all(texts, f"person.{field}", ring)]),
        f"{field}_hash": filled(["\\x" + digest.hex() for digest in keyed_hash_all(texts, field, ring)]),
        f"{field}_shown": filled([masked(text) for text in texts]),
    }
