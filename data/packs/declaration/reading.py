"""A pack's folder as a checked, frozen model; everything that is wrong with it is told at once."""

from collections.abc import Collection
from pathlib import Path

from data.core.settings import settings
from data.packs.declaration.checking import check_pack
from data.packs.declaration.faults import FILE, Fault, PackRefused
from data.packs.declaration.findings import prune, validate
from data.packs.declaration.model import Pack
from data.packs.declaration.text import Written, read_toml
from data.packs.expressions import ExpressionError

MOST_PARTS = 200


def load_pack(folder: Path, departments: Collection[str] | None = None) -> Pack:
    """Read and check a pack.

    Args:
        folder: the folder with its ``pack.toml``.
        departments: codes of all departments, against which those of the pack are held; ``None``: they are not looked at.

    Raises:
        PackRefused: with every fault, in the order of lines.
    """
    written = read_toml(folder / FILE)
    if not written.raw and written.faults:
        raise PackRefused(folder.name, written.faults)
    if crowded := _find_crowded(written):
        raise PackRefused(folder.name, crowded)
    pack, faults = validate(Pack, written)
    if pack is None:
        faults += _check_rest(written, departments)
    else:
        faults += _check_whole(pack, written, departments)
        if pack.code != folder.resolve().name:
            faults.append(written.fault(("code",), "other_folder", folder=folder.resolve().name, code=pack.code))
    faults += written.faults
    if pack is None or faults:
        raise PackRefused(folder.name, faults)
    return pack


def _find_crowded(written: Written) -> list[Fault]:
    """Tables with more parts than anybody wrote by hand; nothing else of such a file is looked at."""
    found = []
    for key, parts in written.raw.items():
        if isinstance(parts, dict) and len(parts) > MOST_PARTS:
            found.append(written.fault((key,), "many_parts", where=key, found=len(parts), most=MOST_PARTS))
    return found


def _check_whole(pack: Pack, written: Written, departments: Collection[str] | None) -> list[Fault]:
    return check_pack(pack, written, departments, inner_hosts=settings().feed_inner_hosts)


def _check_rest(written: Written, departments: Collection[str] | None) -> list[Fault]:
    """Faults of what is left without parts that cannot be used; a name that went with them is not called unknown."""
    kept, gone = prune(written.raw, Pack)
    rest, _ = validate(Pack, Written(written.file, kept, written.lines))
    if rest is None:
        return []
    return [fault for fault in _check_whole(rest, written, departments) if not _is_about(fault, gone)]


def _is_about(fault: Fault, names: Collection[str]) -> bool:
    """Whether a fault is that one of these names is not known."""
    error = fault.facts.get("error")
    name = error.facts.get("found") if isinstance(error, ExpressionError) else fault.facts.get("name")
    return any(part in names for part in str(name).split("."))
