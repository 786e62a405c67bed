"""Categories of incidents, facilities and buildings: declared by the profile, or made from the values of the files."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from data.importing.common.clean_text import fold_word
from data.importing.common.columns import has_value, map_values, value_at
from data.importing.profile.model import CaseCategory, Category
from data.importing.rows.batch import Batch

OTHER = Category(name="其他", name_en="Other", symbol="dot")


@dataclass
class Book:
    """The categories of one subject.

    Attributes:
        declared: as the profile has them; when it has none, every value of the files becomes a category.
        used: those in use, in the order of their appearance.
    """

    subject: str
    declared: Mapping[str, Category]
    used: dict[str, Category] = field(default_factory=dict)
    _by_value: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for code, category in self.declared.items():
            for value in [code, category.name, category.name_en, *category.values]:
                self._by_value.setdefault(fold_word(value), code)

    def add_undeclared(self, code: str) -> None:
        """Let a code stand for itself, though the profile does not declare it."""
        self._by_value.setdefault(fold_word(code), code)
        self.used.setdefault(code, Category(name=code, name_en=code))

    def resolve(self, batch: Batch, name: str, column: str, unknown: str) -> None:
        """Turn the values of a field into codes; a row without a value is ``other``.

        A value that no declared category lists is rejected, or counted as ``other`` where the source says so.
        """
        values = batch.fields[name]
        codes, _ = map_values(values, self._code, pa.string())
        strange = batch.select_living(has_value(values) & ~has_value(codes))
        if unknown == "other":
            batch.repair("category_other", len(strange))
        else:
            for i in strange:
                batch.reject(i, "unknown_category", column, value_at(values, i))
        batch.fields[name] = codes.fill_null("other")
        for code in pc.unique(batch.fields[name].filter(pa.array(batch.alive))).to_pylist():
            if code not in self.used:
                self.used[code] = self.declared.get(code) or (OTHER if code == "other" else Category(name=code, name_en=code))

    def _code(self, value: object) -> str | None:
        text = " ".join(str(value).split())
        known = self._by_value.get(fold_word(text))
        if known is not None or self.declared:
            return known
        return text

    def rows(self) -> list[tuple[str, str, str, str, str, bool, int]]:
        """Rows for the table ``category`` (without its city): declared ones in the profile's order, then those from data by name."""
        codes = [c for c in self.declared if c in self.used] + sorted(c for c in self.used if c not in self.declared)
        return [(self.subject, c, *_texts(self.used[c]), _is_sensitive(self.used[c]), n) for n, c in enumerate(codes, start=1)]


def _texts(category: Category) -> tuple[str, str, str]:
    return category.name, category.name_en or category.name, category.symbol


def _is_sensitive(category: Category) -> bool:
    return isinstance(category, CaseCategory) and category.sensitive
