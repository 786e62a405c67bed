"""The names that rules may use: categories, areas, units and channels of a city."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from data.core.nearest import find_nearest_word
from data.core.text import storable
from data.deadlines.uploads import parse_day
from data.organisation.model import GRID_HEAD
from data.rules.faults import Fault
from data.schema import CHANNELS

MOST_RULES = 500
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Known:
    """Names of a city.

    Attributes:
        categories: of cases, each with itself and all above it.
        areas: codes of the areas and zones that were asked about and exist, each with all that hold it, itself included.
        units: codes of all units, also of those that are no more.
        today: the day, in the city.
    """

    categories: Mapping[str, frozenset[str]]
    areas: Mapping[str, frozenset[str]]
    units: frozenset[str]
    today: date


class Reader:
    """Reads the fields of one written rule and collects what is wrong with them."""

    def __init__(self, given: object, place: str, known: Known) -> None:
        self.fields: Mapping[str, object] = given if isinstance(given, dict) else {}
        self.place, self.known = place, known
        self.faults: list[Fault] = []

    def fail(self, name: str, code: str, **facts: object) -> None:
        """Note that a field cannot be used."""
        self.faults.append(Fault(f"{self.place}.{name}", code, facts))

    def text(self, name: str, most: int = LONGEST) -> str | None:
        """A text without spaces around it; ``None`` where it is empty or missing."""
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > most or not storable(value):
            self.fail(name, "bad_text", most=most)
            return None
        return value.strip() or None

    def day(self, name: str) -> date | None:
        """A day; ``None`` where none is given."""
        text = self.text(name, 20)
        found = parse_day(text) if text else None
        if text and found is None:
            self.fail(name, "no_day", value=text)
        return found

    def span(self) -> tuple[date | None, date | None]:
        """First and last day."""
        first, last = self.day("valid_from"), self.day("valid_to")
        if first and last and last < first:
            self.fail("valid_to", "backwards")
        return first, last

    def word(self, name: str, code: str, words: Iterable[str]) -> str | None:
        """One of the known words; ``None`` where none is given, or an unknown one."""
        text, known = self.text(name, 200), set(words)
        if text is None or text in known:
            return text
        self.fail(name, code, value=text[:60], nearest=find_nearest_word(text, sorted(known)) or "-")
        return None

    def category(self) -> str | None:
        """The category."""
        return self.word("category", "no_category", self.known.categories)

    def area(self) -> str | None:
        """The area or zone."""
        return self.word("area", "no_area", self.known.areas)

    def channel(self) -> str | None:
        """Where a report came from."""
        return self.word("channel", "no_channel", CHANNELS)

    def unit(self) -> str:
        """The unit, or the head of the cell."""
        found = self.word("unit", "no_unit", {*self.known.units, GRID_HEAD})
        if found is None and not self.faults:
            self.fail("unit", "needed")
        return found or ""


def list_written(body: Mapping[str, object], name: str) -> list[object] | None:
    """The list in a body; ``None`` where it is none, or too long."""
    found = body.get(name, [])
    return found if isinstance(found, list) and len(found) <= MOST_RULES else None


def list_areas(body: Mapping[str, object]) -> list[str]:
    """Codes of areas that the rules of a body name, whatever they are."""
    written = (one.get("area") for one in list_written(body, "rules") or [] if isinstance(one, dict))
    return sorted({code.strip() for code in written if isinstance(code, str) and storable(code)})
