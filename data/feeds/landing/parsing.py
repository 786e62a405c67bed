"""From a delivery's bytes to typed columns, by the importer's own readers in their confined process."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from data.feeds.landing.job import Job
from data.importing.common.columns import BAD, map_values
from data.importing.common.sentences import FileProblem, Sentence
from data.importing.profile.spec import Spec
from data.importing.rows.batch import Batch
from data.importing.rows.geometry import settle_geometry
from data.importing.rows.intake import Intake
from data.importing.rows.rejects import Ledger
from data.packs.declaration.model import Field

_ENDING = re.compile(r"(?:\.[A-Za-z0-9]{1,10}){1,2}$")
_MONTH = re.compile(
    r"([12][0-9]{3}) ?[-/.年]? ?(0?[1-9]|1[0-2])(?: ?月| ?[-/.月] ?[0-3]?[0-9](?: ?日)?(?:[ T]00:00(?::00(?:\.0+)?)?)?)?", re.ASCII
)
_YES_OR_NO = {
    **dict.fromkeys(("是", "有", "真", "对", "yes", "y", "true", "t", "1", "√"), True),
    **dict.fromkeys(("否", "无", "假", "错", "no", "n", "false", "f", "0", "×"), False),
}
_TOLD = "delivery"


def read_delivery(content: bytes, name: str, job: Job, ledger: Ledger) -> Iterator[Batch]:
    """The rows of a file, as batches with typed fields; what cannot be read is in the ledger.

    Raises:
        FileProblem: the file cannot be used.
        ImportRefused: hardly anything of it can be.
    """
    ending = _ENDING.search(name)
    with TemporaryDirectory(prefix="gridwell-feed-") as folder:
        file = Path(folder, _TOLD + (ending[0].lower() if ending else ""))
        file.write_bytes(content)
        source = job.make_source().model_copy(update={"file": [file.name]})
        try:
            for batch in Intake(Path(folder).resolve(), ledger, job.zone).read_batches(source, "feed", None):
                read_fields(batch, job.fields, job.specs)
                yield batch
        except FileProblem as problem:
            raise _named(problem, file.name, name) from None


def _named(problem: FileProblem, file: str, name: str) -> FileProblem:
    """The problem with the name that the sender gave the file."""
    facts = {
        key: value.replace(file, name) if key == "file" and isinstance(value, str) else value for key, value in problem.told.facts.items()
    }
    problem.told = Sentence(problem.told.reason, facts, problem.told.wording)
    return problem


def read_fields(batch: Batch, fields: list[Field], specs: Mapping[str, Spec]) -> None:
    """Fill the batch's fields with values of their types; rows with values that are none are rejected."""
    if batch.geometry is not None:
        settle_geometry(batch, "point", needed=False)
    for field in fields:
        _read_field(batch, field, specs[field.code])


def _read_field(batch: Batch, field: Field, spec: Spec) -> None:
    if field.type in ("integer", "decimal"):
        batch.read_number(field.code, spec, whole=field.type == "integer", least=None)
    elif field.type == "date":
        batch.read_day(field.code, spec)
    elif field.type == "moment":
        batch.read_moment(field.code, spec)
    elif field.type == "month":
        _read_month(batch, field, spec)
    elif field.type == "text":
        batch.read_text(field.code, spec)
    else:
        batch.read_key(field.code, spec)
        if field.type == "yes_no":
            _translate(batch, field, spec, "no_yes_or_no", lambda text: _YES_OR_NO.get(str(text).strip().casefold(), BAD), pa.bool_())
        elif field.type == "code":
            words = {name: code for code, names in field.codes.items() for name in (names.zh, names.en, code)}
            _translate(batch, field, spec, "", lambda text: words.get(str(text), text), pa.string())


def _read_month(batch: Batch, field: Field, spec: Spec) -> None:
    """A month is a date, its first day. Where no form is declared, it is read as people write months."""
    if spec.date_format or batch.source.date_format:
        batch.read_day(field.code, spec)
        batch.fields[field.code] = pc.floor_temporal(batch.fields[field.code], unit="month").cast(pa.date32())
        return

    def read(text: object) -> object:
        found = _MONTH.fullmatch(str(text).strip())
        return np.datetime64(f"{found[1]}-{int(found[2]):02}-01").item() if found else BAD

    batch.read_key(field.code, spec)
    _translate(batch, field, spec, "bad_month", read, pa.date32())


def _translate(batch: Batch, field: Field, spec: Spec, reason: str, read: object, kind: pa.DataType) -> None:
    """Texts of a field as what they mean; rows with others are rejected, or lose the value where the feed says so."""
    texts = batch.fields[field.code]
    made, bad = map_values(texts, read, kind)  # type: ignore[arg-type]
    for row in np.flatnonzero(bad & batch.alive).tolist():
        if spec.bad == "null":
            batch.repair("bad_value_dropped")
        else:
            batch.reject(row, reason, spec.describe(), texts[row].as_py())
    batch.fields[field.code] = made


def to_rows(batch: Batch, fields: list[Field]) -> pa.Table:
    """The rows that are left: their line, their point as hexadecimal WKB, and the fields."""
    alive = pa.array(batch.alive)
    columns: dict[str, pa.Array] = {"gw_row": pa.array(batch.sheet.lines, pa.int64()).filter(alive)}
    if batch.geometry is not None:
        points = shapely.to_wkb(shapely.set_srid(batch.geometry, 4326), hex=True, include_srid=True)
        columns["gw_geom"] = pa.array(points, pa.string()).filter(alive)
    for field in fields:
        columns[field.code] = batch.fields[field.code].filter(alive)
    return pa.table(columns)
