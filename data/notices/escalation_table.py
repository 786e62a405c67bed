"""The table of people who are told of late cases: ``area``, ``role``, ``factor``, ``account``, ``mail``, ``hook``."""

from collections.abc import Collection

from data.deadlines.uploads import BadRows, Problem, Row, read_table
from data.notices.addresses import is_hook, is_mail
from data.notices.escalation import EscalationRule

_HEADINGS = {
    "area": ("area", "区域", "区域代码"),
    "role": ("role", "角色", "职务"),
    "factor": ("factor", "倍数"),
    "account": ("account", "账号"),
    "mail": ("mail", "e-mail", "email", "邮箱"),
    "hook": ("hook", "webhook", "回调地址"),
}


def read_escalation(raw: bytes, areas: Collection[str], accounts: Collection[str]) -> list[EscalationRule]:
    """Rules of an uploaded table.

    Args:
        raw: the file, UTF-8 or GBK.
        areas: codes of the city's areas.
        accounts: names of accounts.

    Raises:
        UnreadableTable, MissingColumn: it is no such table.
        BadRows: with a sentence for each row that cannot be used.
    """
    rules: list[EscalationRule] = []
    problems: list[Problem] = []
    lines: dict[tuple[str, str, int], int] = {}
    for row in read_table(raw, _HEADINGS, ("area", "role", "factor")):
        found = _read(row, areas, accounts)
        if isinstance(found, Problem):
            problems.append(found)
            continue
        key = (found.area, found.role, found.factor)
        if key in lines:
            problems.append(Problem("twice", row.line, {"value": " ".join(map(str, key)), "other": lines[key]}))
        lines[key] = row.line
        rules.append(found)
    if problems:
        raise BadRows(problems)
    return rules


def _read(row: Row, areas: Collection[str], accounts: Collection[str]) -> EscalationRule | Problem:
    cells = {name: row.cells.get(name, "") for name in _HEADINGS}
    wrong = {
        "no_area": (cells["area"] not in areas, "area"),
        "no_role": (not cells["role"], "role"),
        "no_factor": (cells["factor"] not in ("1", "3"), "factor"),
        "no_account": (bool(cells["account"]) and cells["account"] not in accounts, "account"),
        "no_mail": (bool(cells["mail"]) and not is_mail(cells["mail"]), "mail"),
        "no_hook": (bool(cells["hook"]) and not is_hook(cells["hook"]), "hook"),
        "nobody": (not (cells["account"] or cells["mail"] or cells["hook"]), "account"),
    }
    for kind, (is_wrong, name) in wrong.items():
        if is_wrong:
            return Problem(kind, row.line, {"value": cells[name]})
    return EscalationRule(
        cells["area"], cells["role"], int(cells["factor"]), *(cells[name] or None for name in ("account", "mail", "hook"))
    )
