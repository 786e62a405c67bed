"""What all cross checks share: the pack, where its keys are written, and the faults that were found."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from data.core.nearest import find_nearest_word
from data.packs.declaration.faults import Fault
from data.packs.declaration.locator import Path
from data.packs.declaration.model import Field, FieldClass, Kind, Pack
from data.packs.declaration.names import find_bad_code
from data.packs.declaration.text import Written
from data.packs.declaration.typing import Names, Wanted, find_fault, names_in, names_of


@dataclass
class Look:
    """One look through a pack.

    Attributes:
        departments: codes of all departments; ``None`` if they are not known, so that none is looked for.
        inner_hosts: whether feeds may be pulled from inside this machine or network.
    """

    pack: Pack
    written: Written
    departments: frozenset[str] | None = None
    inner_hosts: bool = False
    faults: list[Fault] = field(default_factory=list)

    def add(self, path: Path, code: str, /, **facts: object) -> None:
        """Keep a fault."""
        self.faults.append(self.written.fault(path, code, **facts))

    def check_code(self, path: Path, code: str) -> None:
        """Keep the fault of a code, if it has one."""
        if (bad := find_bad_code(code)) is not None:
            self.add(path, bad, code=code)

    def check_known(self, path: Path, code: str, name: str | None, known: Iterable[str], **facts: object) -> bool:
        """Whether a name is known or not given; an unknown one becomes a fault that names the nearest."""
        names = list(known)
        if name is None or name in names:
            return True
        self.add(path, code, name=name, nearest=find_nearest_word(name, names), **facts)
        return False

    def check_department(self, path: Path, name: str | None) -> None:
        """Keep a fault if there is no such department."""
        if self.departments is not None:
            self.check_known(path, "unknown_department", name, self.departments)

    def find_kind(self, path: Path, name: str | None) -> Kind | None:
        """A kind by its name; an unknown one becomes a fault."""
        self.check_known(path, "unknown_kind", name, self.pack.kinds)
        return self.pack.kinds.get(name or "")

    def find_field(self, path: Path, kind: Kind, name: str | None) -> Field | None:
        """A field by its name; an unknown one becomes a fault."""
        self.check_known(path, "unknown_field", name, kind.fields, kind=kind.code)
        return kind.fields.get(name or "")

    def check_order(self, path: Path, kind: Kind, order: list[str]) -> None:
        """Fields by which records are put in order; one with - before it goes down."""
        for number, name in enumerate(order):
            self.find_field((*path, number), kind, name.removeprefix("-"))

    def check_expression(self, path: Path, text: str | None, kind: Kind | None, wants: Wanted | None, *, aggregate: bool = False) -> None:
        """Keep the fault of an expression over a kind's fields."""
        if kind is not None:
            self.check_typed(path, text, names_of(self.pack, kind), wants, aggregate=aggregate)

    def check_open(self, path: Path, text: str | None, kind: Kind | None, closed: Collection[FieldClass], code: str) -> None:
        """Keep a fault for every field of these classes that an expression reads."""
        if text is None or kind is None:
            return
        for name in sorted(names_in(text, names_of(self.pack, kind))):
            field = self._resolve(kind, name)
            if field is not None and field.class_ in closed:
                self.add(path, code, field=name, class_=field.class_)

    def _resolve(self, kind: Kind, name: str) -> Field | None:
        """The field of a name such as ``trade`` or, of a linked record, ``firm.trade``."""
        first, _, rest = name.partition(".")
        field = kind.fields.get(first)
        if not rest or field is None:
            return field
        other = self.pack.kinds.get(field.to or "")
        return other.fields.get(rest) if other is not None else None

    def check_typed(self, path: Path, text: str | None, names: Names, wants: Wanted | None, *, aggregate: bool = False) -> None:
        """Keep the fault of an expression over these names."""
        if text is not None and (error := find_fault(text, names, wants, aggregate)) is not None:
            self.add(path, "expression", key=str(path[-1]), error=error)

    def place_of(self, kind: Kind) -> Kind | None:
        """The kind whose own place a record has, along links; nothing where it has none."""
        seen: set[str] = set()
        while kind.place is not None and kind.place.by == "link" and kind.code not in seen:
            seen.add(kind.code)
            link = kind.fields.get(kind.place.field or "")
            following = self.pack.kinds.get(link.to or "") if link is not None else None
            if following is None:
                return None
            kind = following
        return kind if kind.place is not None and kind.place.by != "link" else None

    def leads_to_person(self, kind: Kind) -> bool:
        """Whether a record's place is a person's."""
        place = self.place_of(kind)
        return kind.subject == "person" or (place is not None and place.subject == "person")
