"""Where packs lie: those that come with Gridwell, and the city's own in the state folder. Of two with one code the city's own counts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from data.core.settings import settings
from data.packs.declaration.departments import FILE as DEPARTMENTS_FILE
from data.packs.declaration.departments import load_departments
from data.packs.declaration.faults import FILE, Fault, PackRefused
from data.packs.declaration.model import Department, Pack
from data.packs.declaration.reading import load_pack

SHIPPED = Path(__file__).resolve().parent.parent / "shipped"
MOST_PACKS = 200
_VIEW = "_seen"


@dataclass(frozen=True, slots=True)
class Found:
    """A folder that holds a pack, or something that should be one.

    Attributes:
        own: whether it is the city's own.
        hides: whether a shipped pack of the same name is not used because of it.
    """

    folder: Path
    own: bool
    pack: Pack | None
    faults: list[Fault] = field(default_factory=list)
    hides: bool = False

    @property
    def code(self) -> str:
        """The pack's code; it is the folder's name."""
        return self.folder.name


def own_folder() -> Path:
    """The folder of the city's own packs."""
    return settings().home / "packs"


def find_departments(own: Path | None = None) -> list[Department]:
    """The departments: the city's own list if there is one, as a whole, otherwise the shipped one.

    Args:
        own: folder of the city's own packs; otherwise that in the state folder.

    Raises:
        PackRefused: the list cannot be used.
    """
    file = (own or own_folder()) / DEPARTMENTS_FILE
    return load_departments(file if file.exists() or file.is_symlink() else SHIPPED / DEPARTMENTS_FILE)


def find_packs(own: Path | None = None, shipped: Path = SHIPPED) -> list[Found]:
    """Every pack, by name; each is read and checked.

    Raises:
        PackRefused: the list of departments cannot be used.
    """
    own = own or own_folder()
    departments = [one.code for one in find_departments(own)]
    theirs, ours = _folders(own), _folders(shipped)
    found = [_look(folder, departments, own=True, hides=name in ours) for name, folder in theirs.items()]
    found += [_look(folder, departments, own=False, hides=False) for name, folder in ours.items() if name not in theirs]
    return _refuse_same_tables(sorted(found, key=lambda one: one.code))


def _folders(folder: Path) -> dict[str, Path]:
    """Folders with the file of a pack, by name; of those that are links too, so that somebody says why they are not read."""
    if not folder.is_dir():
        return {}
    inside = sorted(one for one in folder.iterdir() if not one.name.startswith("."))
    return {one.name: one for one in inside if one.is_symlink() or (one.is_dir() and _holds_pack(one))}


def _holds_pack(folder: Path) -> bool:
    file = folder / FILE
    return file.exists() or file.is_symlink()


def _look(folder: Path, departments: Iterable[str], *, own: bool, hides: bool) -> Found:
    if folder.is_symlink():
        return Found(folder, own, None, [Fault(FILE, 1, "folder_link", {"folder": folder.name})], hides)
    try:
        return Found(folder, own, load_pack(folder, list(departments)), hides=hides)
    except PackRefused as refused:
        return Found(folder, own, None, refused.faults, hides)


def _refuse_same_tables(found: list[Found]) -> list[Found]:
    """Two packs whose kinds would have one table or view cannot be used together: the later one is refused."""
    taken: dict[str, str] = {}
    kept: list[Found] = []
    for one in found:
        faults: list[Fault] = []
        for kind in one.pack.kinds if one.pack else ():
            table = f"{one.code}_{kind}"
            for name in (table, table + _VIEW):
                if name in taken:
                    faults.append(Fault(FILE, 1, "table_twice", {"kind": kind, "table": name, "pack": taken[name]}))
                    break
        if one.pack is not None and not faults:
            taken |= {name: one.code for kind in one.pack.kinds for name in (f"{one.code}_{kind}", f"{one.code}_{kind}{_VIEW}")}
        kept.append(Found(one.folder, one.own, None, faults, one.hides) if faults else one)
    return kept
