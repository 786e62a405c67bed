"""``./gridwell packs install``: what a pack changes, said before it is done, and then done."""

from typing import TYPE_CHECKING

from cli._terminal import say
from cli.packs.telling import WRONG, tell_faults
from data.core.i18n import t

if TYPE_CHECKING:
    from data.database.connections import Connection
    from data.packs.declaration.comparing import Change
    from data.packs.declaration.model import Pack

DONE, REFUSED = 0, 2


def install_one(name: str, city: str, lang: str, *, dry_run: bool, agree: bool) -> int:
    """Install a pack for a city; 1 if the pack is wrong or somebody has to agree first, 2 if it cannot be installed."""
    from data.core.nearest import find_nearest_word
    from data.packs.declaration.shelf import find_packs
    from data.upkeep.preparation import prepare_database

    packs = {one.code: one for one in find_packs()}
    if name not in packs:
        say(t(lang, "There is no pack “{name}”; the nearest is “{nearest}”.", name=name, nearest=find_nearest_word(name, packs)))
        return REFUSED
    pack = packs[name].pack
    if pack is None:
        tell_faults(packs[name].folder, packs[name].faults, lang)
        return WRONG
    with prepare_database(say):
        return _install(pack, city, lang, dry_run=dry_run, agree=agree)


def _install(pack: "Pack", city: str, lang: str, *, dry_run: bool, agree: bool) -> int:
    from data.auditing.owner_entries import append_as_owner
    from data.database.connections import connect
    from data.deadlines.store import find_timezone
    from data.packs.declaration.shelf import find_departments
    from data.packs.tables.making import install

    with connect() as connection:
        find_timezone(connection, city)
        changes, refused = _tell_changes(connection, pack, lang)
        asks = any(change.weight == "takes" for change in changes)
        if refused or dry_run or (asks and not agree):
            if asks and not refused and not dry_run:
                say(t(lang, "Lines with ! hide, delete or refuse something, or show it to others. If that is meant, add --agree."))
            say(t(lang, "Nothing was changed."))
            return REFUSED if refused else DONE if dry_run else WRONG
        with connection.transaction():
            install(connection, pack, city, find_departments(), from_today=True)
            append_as_owner(connection, "pack_installed", pack.code, {"city": city, "version": pack.version})
    say(t(lang, "The pack “{name}”, version {version}, is installed for {city}.", name=pack.code, version=pack.version, city=city))
    return DONE


def _tell_changes(connection: "Connection", pack: "Pack", lang: str) -> "tuple[list[Change], bool]":
    """What changes, line by line; and whether any of it is refused."""
    from data.packs.declaration.comparing import compare
    from data.packs.tables.kept import read_pack
    from data.packs.tables.making import plan

    before = read_pack(connection, pack.code)
    changes = compare(before, pack) if before is not None else []
    tables = plan(connection, pack)
    for change in changes:
        say(f"{'!' if change.weight in ('refused', 'takes') else ' '} {change.tell(lang)}")
    for one in tables:
        say(f"{'!' if one.is_refused else ' '} {one.tell(lang)}")
    return changes, any(change.weight == "refused" for change in changes) or any(one.is_refused for one in tables)
