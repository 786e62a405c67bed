"""What one part of a pack says about another: every name is known, and what is joined fits."""

from collections.abc import Collection

from data.packs.declaration.checking_feeds import check_feeds
from data.packs.declaration.checking_figures import check_figures
from data.packs.declaration.checking_kinds import check_kinds
from data.packs.declaration.checking_shown import check_shown
from data.packs.declaration.faults import Fault
from data.packs.declaration.looking import Look
from data.packs.declaration.model import Pack
from data.packs.declaration.text import Written


def check_pack(pack: Pack, written: Written, departments: Collection[str] | None, *, inner_hosts: bool = False) -> list[Fault]:
    """Every fault that shows only when parts of a pack are held side by side.

    Args:
        departments: codes of all departments; ``None``: they are not looked at.
        inner_hosts: whether feeds may be pulled from inside this machine or network.
    """
    known = None if departments is None else frozenset(departments)
    look = Look(pack, written, known, inner_hosts)
    look.check_code(("code",), pack.code)
    look.check_department(("department",), pack.department)
    check_kinds(look)
    check_feeds(look)
    check_figures(look)
    check_shown(look)
    return look.faults
