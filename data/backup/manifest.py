"""The manifest of a backup: what it is of, and the size and SHA-256 of every file. It is written last: a folder without it is no backup."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from data.backup.errors import FileAltered, FileMissing, FileUnknown, NotABackup
from data.backup.files import write_durably

NAME = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class BaseCopy:
    """The copy of the whole cluster in a backup, from which any later moment of the archive can be reached.

    Attributes:
        system: the cluster's number, as PostgreSQL keeps it; the archive has a folder of that name.
        first_segment: the oldest file of the write-ahead log that is needed.
        ended_at: the earliest moment that can be reached (ISO, UTC).
        archive: where the archive was.
    """

    system: str
    first_segment: str
    ended_at: str
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

    id: str
    made_at: str
    gridwell: str
    revision: str
    postgresql: str
    postgis: str
    lineage: str
    audit_no: int
    audit_hash: str
    sealed_with: dict[str, list[int]]
    state_folders: list[str]
    database_bytes: int
    base: BaseCopy | None = None
    verified_at: str | None = None
    files: dict[str, list[int | str]] = field(default_factory=dict)

    @property
    def total_bytes(self) -> int:
        """Size of all files."""
        return sum(int(size) for size, _ in self.files.values())

    @property
    def postgresql_major(self) -> int:
        """The server's major version."""
        return int(self.postgresql.split(".")[0].split(" ")[0])


def with_files(manifest: Manifest, folder: Path) -> Manifest:
    """The manifest with the size and hash of every file that is in the folder now."""
    return replace(manifest, files={name: [path.stat().st_size, _sha256(path)] for name, path in _iterate_files(folder)})


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
        said: dict[str, Any] = json.loads((folder / NAME).read_text("utf-8"))
        if said.pop("format") != FORMAT:
            raise ValueError("another format")
        base = said.pop("base")
        return Manifest(base=BaseCopy(**base) if base else None, **said)
    except FileNotFoundError:
        raise NotABackup(folder=folder, reason="no such file") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
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
