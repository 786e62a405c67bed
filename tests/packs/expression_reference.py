"""Random expressions of theme packs with their values, worked out by hand of the documentation and not of the compiler.

An expression is drawn together with the function that evaluates it on a row of plain Python values, so that neither the parser nor the
compiler has a part in what is expected. Numbers are fractions, a missing value is ``None``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 30)
PERIODS = 3
"""Earlier periods that rows hold of every field of ``SERIES``, as ``k@1`` and so on."""
SERIES = ("k", "d")
FIELDS = {
    **{"i": "number", "k": "number", "x": "number", "firm.z": "number", "t": "text", "u": "text", "y": "yes_no", "n": "yes_no"},
    **{"d": "date", "e": "date", "w": "moment", "v": "moment", "m": "month", "c": "code", "firm.c": "code"},
}
CODES = {"c": ("metal", "food", "o'x"), "firm.c": ("food", "metal")}
TEXTS = ("", "a", "A", "Z", "_", "%", "o'x", "工资", "工", "é", "É", "ä\u0301", "😀", "a b", "\\", "-- x", "'", "ß", "I", "ı", "١", "ａ")
KINDS = ("number", "text", "yes_no", "date", "moment", "month", "code")

Row = Mapping[str, Any]
OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, VALUE = range(1, 9)


@dataclass(frozen=True)
class Drawn:
    """An expression: its text, how strongly its outermost operator binds, its kind, and its value on a row."""

    text: str
    binds: int
    kind: str
    value: Callable[[Row], Any]

    def inside(self, at_least: int) -> str:
        """The text, in parentheses where the operator around it binds more strongly."""
        return self.text if self.binds >= at_least else f"({self.text})"


# ---- What operators and functions mean ----


def strict(function: Callable[..., Any]) -> Callable[..., Any]:
    """Missing if any value is."""
    return lambda *values: None if None in values else function(*values)


def both(*values: bool | None) -> bool | None:
    return False if False in values else None if None in values else True


def either(*values: bool | None) -> bool | None:
    return True if True in values else None if None in values else False


def opposite(value: bool | None) -> bool | None:
    return None if value is None else not value


def cut(number: Fraction) -> int:
    return number.numerator // number.denominator if number >= 0 else -((-number).numerator // number.denominator)


def quotient(left: Fraction, right: Fraction) -> Fraction | None:
    return None if right == 0 else Fraction(cut(left / right * 10**20), 10**20)


def rounded(number: Fraction, decimals: int) -> Fraction:
    scaled = abs(number) * Fraction(10) ** decimals + Fraction(1, 2)
    return (1 if number >= 0 else -1) * Fraction(cut(scaled)) / Fraction(10) ** decimals


def moved(day: date, days: Fraction, sign: int) -> date | None:
    place = day.toordinal() + sign * cut(days)
    return date.fromordinal(place) if date.min.toordinal() <= place <= date.max.toordinal() else None


def day_of(value: date | datetime) -> date:
    return value.astimezone(ZONE).date() if isinstance(value, datetime) else value


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def is_working(day: date) -> bool:
    """Mondays to Fridays, without the first week of October."""
    return day.weekday() < 5 and not (day.month == 10 and day.day <= 7)


FIRST, LAST = date(2025, 1, 1), date(2027, 12, 31)
WORKING = [day for day in (FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)) if is_working(day)]


def working_between(start: date, end: date) -> Fraction | None:
    start, end = day_of(start), day_of(end)
    if not (FIRST <= start <= LAST and FIRST <= end <= LAST):
        return None
    sign, low, high = (1, start, end) if start <= end else (-1, end, start)
    return Fraction(sign * sum(low < day <= high for day in WORKING))


def working_after(start: date, count: Fraction) -> date | None:
    start, left = day_of(start), cut(count)
    if not FIRST <= start <= LAST or left < 1:
        return None
    later = [day for day in WORKING if day > start]
    return later[left - 1] if left <= len(later) else None


# ---- Drawing ----


def field(name: str) -> Drawn:
    return Drawn(name, VALUE, FIELDS[name], lambda row: row[name])


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _constant(kind: str) -> st.SearchStrategy[Drawn]:
    if kind == "number":
        written = st.sampled_from(["0", "1", "2", "3", "0.5", "30", "1.005", "0.000001", "9" * 30, "12345678901234567890.0123456789"])
        return written.map(lambda text: Drawn(text, VALUE, kind, lambda row: Fraction(Decimal(text))))
    if kind == "text":
        return st.sampled_from(TEXTS).map(lambda text: Drawn(quoted(text), VALUE, kind, lambda row: text))
    if kind == "yes_no":
        return st.booleans().map(lambda value: Drawn(str(value).lower(), VALUE, kind, lambda row: value))
    days = st.sampled_from([date.min, date(1900, 2, 28), date(2024, 2, 29), date(2026, 11, 30), date.max])
    if kind == "date":
        return days.map(lambda day: Drawn(f"date '{day}'", VALUE, kind, lambda row: day))
    return days.map(
        lambda day: Drawn(f"month '{day:%Y-%m}'" if day.year > 999 else "month '0001-01'", VALUE, kind, lambda row: day.replace(day=1))
    )


@st.composite
def expressions(draw: st.DrawFn, kind: str, depth: int = 4) -> Drawn:
    """An expression of a kind, of at most so many levels."""
    made = draw(_leaf(kind) if depth <= 0 or draw(st.integers(0, 5)) == 0 else _branch(kind, depth - 1))
    return Drawn(f"({made.text})", VALUE, kind, made.value) if draw(st.integers(0, 9)) == 0 else made


def _leaf(kind: str) -> st.SearchStrategy[Drawn]:
    fields = st.sampled_from([field(name) for name, its in FIELDS.items() if its == kind])
    return fields if kind in ("code", "moment") else st.one_of(fields, fields, _constant(kind))


def _branch(kind: str, depth: int) -> st.SearchStrategy[Drawn]:
    if kind == "yes_no":
        return st.one_of(_logic(depth), _comparison(depth), _comparison(depth), _set(depth), _missing(depth), _text_test(depth), _trend())
    if kind == "number":
        return st.one_of(_arithmetic(depth), _arithmetic(depth), _call("number", depth), _call("number", depth), _choice(kind, depth))
    return st.one_of(_call(kind, depth), _choice(kind, depth)) if kind in CALLS else _choice(kind, depth)


@st.composite
def _logic(draw: st.DrawFn, depth: int) -> Drawn:
    word = draw(st.sampled_from(["and", "or", "not"]))
    if word == "not":
        one = draw(expressions("yes_no", depth))
        return Drawn(f"not {one.inside(NOT)}", NOT, "yes_no", lambda row: opposite(one.value(row)))
    binds, meaning = (AND, both) if word == "and" else (OR, either)
    parts = draw(st.lists(expressions("yes_no", depth), min_size=2, max_size=3))
    text = f" {word} ".join(part.inside(binds + 1) for part in parts)
    return Drawn(text, binds, "yes_no", lambda row: meaning(*(part.value(row) for part in parts)))


@st.composite
def _comparison(draw: st.DrawFn, depth: int) -> Drawn:
    kind = draw(st.sampled_from(KINDS))
    mark = draw(st.sampled_from(["=", "!="] if kind in ("yes_no", "code") else list(COMPARE)))
    left = draw(expressions(kind, depth))
    right = draw(_code_constant() if kind == "code" and draw(st.booleans()) else expressions(kind, depth))
    meaning = strict(COMPARE[mark])
    return Drawn(
        f"{left.inside(SUM)} {mark} {right.inside(SUM)}", COMPARISON, "yes_no", lambda row: meaning(left.value(row), right.value(row))
    )


def _code_constant() -> st.SearchStrategy[Drawn]:
    return st.sampled_from(["metal", "food"]).map(lambda code: Drawn(quoted(code), VALUE, "code", lambda row: code))


@st.composite
def _set(draw: st.DrawFn, depth: int) -> Drawn:
    negated = draw(st.booleans())
    kind = draw(st.sampled_from(KINDS))
    value = draw(expressions(kind, depth))
    word = "not " if negated else ""
    turn = opposite if negated else lambda found: found
    if kind not in ("yes_no", "code") and draw(st.booleans()):
        low, high = draw(expressions(kind, depth - 1)), draw(expressions(kind, depth - 1))
        least = strict(lambda a, b: a <= b)
        return Drawn(
            f"{value.inside(SUM)} {word}between {low.inside(SUM)} and {high.inside(SUM)}",
            COMPARISON,
            "yes_no",
            lambda row: turn(both(least(low.value(row), value.value(row)), least(value.value(row), high.value(row)))),
        )
    one = _code_constant() if kind == "code" else expressions(kind, depth - 2)
    options = draw(st.lists(one, min_size=1, max_size=4))
    same = strict(lambda a, b: a == b)
    return Drawn(
        f"{value.inside(SUM)} {word}in ({', '.join(option.inside(SUM) for option in options)})",
        COMPARISON,
        "yes_no",
        lambda row: turn(either(*(same(value.value(row), option.value(row)) for option in options))),
    )


@st.composite
def _missing(draw: st.DrawFn, depth: int) -> Drawn:
    value = draw(expressions(draw(st.sampled_from(KINDS)), depth))
    word, negated = draw(st.sampled_from([("is missing", False), ("is not missing", True)]))
    return Drawn(f"{value.inside(SUM)} {word}", COMPARISON, "yes_no", lambda row: (value.value(row) is None) is not negated)


@st.composite
def _text_test(draw: st.DrawFn, depth: int) -> Drawn:
    name = draw(st.sampled_from(["starts_with", "contains"]))
    text, part = draw(expressions("text", depth)), draw(expressions("text", depth - 2))
    meaning = strict(lambda a, b: a.startswith(b) if name == "starts_with" else b in a)
    return Drawn(f"{name}({text.text}, {part.text})", VALUE, "yes_no", lambda row: meaning(text.value(row), part.value(row)))


@st.composite
def _trend(draw: st.DrawFn) -> Drawn:
    word, name, periods = draw(st.sampled_from(["falling", "rising"])), draw(st.sampled_from(SERIES)), draw(st.integers(1, PERIODS))
    ahead = strict(lambda later, earlier: later < earlier if word == "falling" else later > earlier)

    def value(row: Row) -> bool | None:
        known = [row[name], *(row[f"{name}@{before}"] for before in range(1, periods + 1))]
        return both(*(ahead(known[at], known[at + 1]) for at in range(periods)))

    return Drawn(f"{word}({name}, {periods})", VALUE, "yes_no", value)


@st.composite
def _arithmetic(draw: st.DrawFn, depth: int) -> Drawn:
    mark = draw(st.sampled_from("+-*/±"))
    left = draw(expressions("number", depth))
    if mark == "±":
        return Drawn(f"- {left.inside(SIGN)}", SIGN, "number", lambda row: strict(lambda a: -a)(left.value(row)))
    right = draw(expressions("number", depth))
    binds = SUM if mark in "+-" else PRODUCT
    meaning = strict({"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": quotient}[mark])
    return Drawn(
        f"{left.inside(binds)} {mark} {right.inside(binds + 1)}", binds, "number", lambda row: meaning(left.value(row), right.value(row))
    )


@st.composite
def _choice(draw: st.DrawFn, kind: str, depth: int) -> Drawn:
    """``coalesce``, ``least`` or ``greatest``."""
    ordered = kind in ("number", "date", "month", "moment")
    name = draw(st.sampled_from(["coalesce", "least", "greatest"] if ordered else ["coalesce"]))
    parts = draw(st.lists(expressions(kind, depth - 1), min_size=2, max_size=3))
    meaning: Callable[..., Any] = {"least": strict(min), "greatest": strict(max)}.get(
        name, lambda *all_: next((v for v in all_ if v is not None), None)
    )
    if ordered and name != "coalesce":
        meaning = strict(lambda *all_: min(all_) if name == "least" else max(all_))
    text = f"{name}({', '.join(part.text for part in parts)})"
    return Drawn(text, VALUE, kind, lambda row: meaning(*(part.value(row) for part in parts)))


def _small(text: str) -> str:
    return "".join(chr(ord(letter) + 32) if "A" <= letter <= "Z" else letter for letter in text)


CALLS: dict[str, list[tuple[str, tuple[str, ...], Callable[..., Any]]]] = {
    "number": [
        ("abs(%s)", ("number",), abs),
        ("round(%s)", ("number",), lambda a: rounded(a, 0)),
        ("round(%s, 2)", ("number",), lambda a: rounded(a, 2)),
        ("round(%s, -3)", ("number",), lambda a: rounded(a, -3)),
        ("length(%s)", ("text",), lambda a: Fraction(len(a))),
        ("year(%s)", ("date",), lambda a: Fraction(a.year)),
        ("year(%s)", ("month",), lambda a: Fraction(a.year)),
        ("year(%s)", ("moment",), lambda a: Fraction(day_of(a).year)),
        ("days_between(%s, %s)", ("date", "date"), lambda a, b: Fraction((b - a).days)),
        ("days_between(%s, %s)", ("moment", "date"), lambda a, b: Fraction((b - day_of(a)).days)),
        ("working_days_between(%s, %s)", ("date", "date"), working_between),
        ("working_days_between(%s, %s)", ("date", "moment"), working_between),
    ],
    "text": [("lower(%s)", ("text",), _small)],
    "date": [
        ("%s + %s", ("date", "number"), lambda a, n: moved(a, n, 1)),
        ("%s - %s", ("date", "number"), lambda a, n: moved(a, n, -1)),
        ("date_of(%s)", ("moment",), day_of),
        ("working_day_after(%s, %s)", ("date", "number"), working_after),
        ("today()", (), lambda: TODAY),
    ],
    "month": [("month_of(%s)", ("date",), lambda a: a.replace(day=1)), ("month_of(%s)", ("moment",), lambda a: day_of(a).replace(day=1))],
}


@st.composite
def _call(draw: st.DrawFn, kind: str, depth: int) -> Drawn:
    if kind in ("number", "date") and draw(st.integers(0, 5)) == 0:
        name, before = next(name for name in SERIES if FIELDS[name] == kind), draw(st.integers(1, PERIODS))
        return Drawn(f"previous({name}, {before})", VALUE, kind, lambda row: row[f"{name}@{before}"])
    pattern, kinds, function = draw(st.sampled_from(CALLS[kind]))
    parts = [draw(expressions(one, depth)) for one in kinds]
    infix = pattern.startswith("%s ")
    texts = [part.inside(SUM + place if infix else OR) for place, part in enumerate(parts)]
    meaning = strict(function)
    return Drawn(pattern % tuple(texts), SUM if infix else VALUE, kind, lambda row: meaning(*(part.value(row) for part in parts)))
