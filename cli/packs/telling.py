"""What ``./gridwell packs`` says: the packs, and the faults of one."""

from pathlib import Path
from typing import TYPE_CHECKING

from cli._terminal import say
from data.core.i18n import t

if TYPE_CHECKING:
    from data.packs.declaration.faults import Fault
    from data.packs.declaration.shelf import Found

WRONG = 1


def check_one(folder: Path, lang: str) -> int:
    """Every fault of a pack; 1 where there is one."""
    from data.packs.declaration.faults import PackRefused
    from data.packs.declaration.reading import load_pack
    from data.packs.declaration.shelf import find_departments

    try:
        pack = load_pack(folder, [one.code for one in find_departments()])
    except PackRefused as refused:
        tell_faults(folder, refused.faults, lang)
        return WRONG
    counts = {"kinds": len(pack.kinds), "feeds": len(pack.feeds), "indicators": len(pack.indicators)}
    name = pack.name.zh if lang == "zh" else pack.name.en
    say(
        t(
            lang,
            "{name}, version {version}: nothing is wrong. Kinds: {kinds}; feeds: {feeds}; indicators: {indicators}.",
            name=name,
            version=pack.version,
            **counts,
        )
    )
    return 0


def tell_faults(folder: Path, faults: "list[Fault]", lang: str) -> None:
    """Every fault with its file and line, and how many there are."""
    for fault in faults:
        say(f"{folder / fault.where}: {fault.tell(lang)}")
    say(t(lang, "Faults: {count}.", count=len(faults)))


def list_all(lang: str) -> int:
    """Every pack with its faults; 1 where there is one."""
    from data.packs.declaration.faults import PackRefused
    from data.packs.declaration.shelf import find_packs

    try:
        found = find_packs()
    except PackRefused as refused:
        for fault in refused.faults:
            say(f"{refused.facts['folder']}/{fault.where}: {fault.tell(lang)}")
        return WRONG
    for one in found:
        _tell(one, lang)
    return WRONG if any(one.pack is None for one in found) else 0


def _tell(one: "Found", lang: str) -> None:
    where = t(lang, "of this city") if one.own else t(lang, "comes with Gridwell")
    if one.pack is None:
        say(t(lang, "{code}: cannot be used ({where})", code=one.code, where=where))
    else:
        name = one.pack.name.zh if lang == "zh" else one.pack.name.en
        say(f"{one.code}  {one.pack.version}  {one.pack.department}  {name}  ({where})")
    if one.hides:
        say("    " + t(lang, "The pack of this name that comes with Gridwell is not used: the city's own counts."))
    for fault in one.faults:
        say(f"    {one.folder / fault.where}: {fault.tell(lang)}")
