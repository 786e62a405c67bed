"""The manifest of a backup: what it is of, and the size and SHA-256 of every file. It is written last: a folder without it is no backup."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, TypeAdapter

from data.backup.errors import FileAltered, FileMissing, FileUnknown, NotABackup
from data.backup.files import STATE_FOLDERS, write_durably

NAME = "manifest.json"
FORMAT = 1


def _check_moment(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("a moment needs its zone")
    return text


# Whoever restores, often root, uses these as parts of paths, commands and statements: what has another form is no manifest.
Moment = Annotated[str, AfterValidator(_check_moment)]
Hex = Annotated[str, Field(pattern="^([0-9a-f]{2})*$")]
Whole = Annotated[int, Field(ge=0, lt=2**63)]
StateFolder = Annotated[str, Field(pattern=f"^({'|'.join(STATE_FOLDERS)})$")]


@dataclass(frozen=True, slots=True)
class BaseCopy:
    """The copy of the whole cluster in a backup, from which any later moment of the archive can be reached.

    Attributes:
        system: the cluster's number, as PostgreSQL keeps it; the archive has a folder of that name.
        first_segment: the oldest file of the write-ahead log that is needed.
        ended_at: the earliest moment that can be reached (ISO, UTC).
        archive: where the archive was.
    """

    system: Annotated[str, Field(pattern="^[0-9]{1,20}$")]
    first_segment: Annotated[str, Field(pattern="^[0-9A-F]{24}$")]
    ended_at: Moment
    archive: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is of.

    Attributes:
        id: its name.
        made_at: the moment that it shows (ISO, UTC).
        gridwell: version of Gridwell.
        revision: the schema's revision.
        postgresql: version of the server.
        postgis: version of PostGIS.
        lineage: hash of the audit log's first row, the same in all backups of an installation; empty for an empty log.
        audit_no: number of the audit log's newest row; 0 for an empty log.
        audit_hash: its hash.
        sealed_with: for each column of sealed texts, numbers of the keys that are needed.
        state_folders: folders of the state folder that are included.
        database_bytes: size of the database on disk.
        base: the copy of the cluster, if there is one.
        verified_at: when it was restored into a scratch database and found sound; ``None`` if that was not done or failed.
        files: size and SHA-256 of every file, by its path inside the backup.
    """

    id: Annotated[str, Field(pattern="^[0-9A-Za-z-]{1,100}$")]
    made_at: Moment
    gridwell: str
    revision: Annotated[str, Field(pattern="^[0-9A-Za-z_]{1,100}$")]
    postgresql: Annotated[str, Field(pattern="^[0-9]{1,4}")]
    postgis: str
    lineage: Hex
    audit_no: Whole
    audit_hash: Hex
    sealed_with: dict[str, list[Whole]]
    state_folders: list[StateFolder]
    database_bytes: Whole
    base: BaseCopy | None = None
    verified_at: Moment | None = None
    files: dict[str, tuple[Whole, str]] = field(default_factory=dict)

    @property
    def total_bytes(self) -> int:
        """Size of all files."""
        return sum(size for size, _ in self.files.values())

    @property
    def postgresql_major(self) -> int:
        """The server's major version."""
        return int(self.postgresql.split(".")[0].split(" ")[0])


_MANIFESTS = TypeAdapter(Manifest)


def with_files(manifest: Manifest, folder: Path) -> Manifest:
    """The manifest with the size and hash of every file that is in the folder now."""
    return replace(manifest, files={name: (path.stat().st_size, _sha256(path)) for name, path in _iterate_files(folder)})


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write it into the backup's folder, complete or not at all."""
    text = json.dumps({"format": FORMAT, **asdict(manifest)}, ensure_ascii=False, indent=1)
    write_durably(folder / NAME, text.encode())


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a backup.

    Raises:
        NotABackup: there is none, or it is of another form.
    """
    try:
        text = (folder / NAME).read_bytes()
        if json.loads(text)["format"] != FORMAT:
            raise ValueError("another format")
        return _MANIFESTS.validate_json(text, strict=True)
    except FileNotFoundError:
        raise NotABackup(folder=folder, reason="no such file") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotABackup(folder=folder, reason=type(error).__name__) from error


def check_files(manifest: Manifest, folder: Path) -> None:
    """Compare every file with the manifest.

    Raises:
        FileMissing, FileAltered, FileUnknown: the backup is not as it was written.
    """
    present = dict(_iterate_files(folder))
    for name, (size, sha256) in manifest.files.items():
        if name not in present:
            raise FileMissing(folder=folder, file=name)
        if present[name].is_symlink() or present[name].stat().st_size != size or _sha256(present[name]) != sha256:
            raise FileAltered(folder=folder, file=name)
    for name in present:
        if name not in manifest.files:
            raise FileUnknown(folder=folder, file=name)


def _iterate_files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if (path.is_symlink() or not path.is_dir()) and name != NAME:
            yield name, path


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
