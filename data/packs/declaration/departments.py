"""``departments.toml``: the departments, in the order of the matrix."""

from pathlib import Path

from data.importing.common.clean_text import fold_word
from data.packs.declaration.faults import Fault, PackRefused
from data.packs.declaration.findings import validate
from data.packs.declaration.model import Department, Departments
from data.packs.declaration.names import find_bad_code
from data.packs.declaration.text import read_toml

FILE = "departments.toml"


def load_departments(file: Path) -> list[Department]:
    """Read and check a list of departments.

    Raises:
        PackRefused: with every fault.
    """
    written = read_toml(file)
    faults = list(written.faults)
    found: list[Department] = []
    if written.raw or not faults:
        made, wrong = validate(Departments, written)
        faults += wrong
        found = made.departments if made else []
    codes: set[str] = set()
    shorts: set[str] = set()
    for number, one in enumerate(found):
        path = ("departments", number)
        if (bad := find_bad_code(one.code)) is not None:
            faults.append(written.fault((*path, "code"), bad, code=one.code))
        if one.code in codes:
            faults.append(written.fault((*path, "code"), "department_twice", code=one.code))
        codes.add(one.code)
        words = [one.short.zh, one.short.en]
        if taken := next((word for word in words if fold_word(word) in shorts), None):
            faults.append(written.fault((*path, "short"), "short_twice", words=taken))
        shorts |= {fold_word(word) for word in words}
    if faults:
        raise PackRefused(str(file.parent), faults)
    return found


__all__ = ["FILE", "Fault", "load_departments"]
