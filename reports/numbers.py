"""Numbers as reports write them: the same in both languages, with a real minus and no more digits than mean something."""

MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"


def whole(n: float | None) -> str:
    """A count with separators; a dash where it is not known."""
    return NONE if n is None else f"{n:,.0f}".replace("-", MINUS)


def one_digit(n: float | None) -> str:
    """A number with one digit behind the point."""
    return NONE if n is None else f"{n:,.1f}".replace("-", MINUS)


def percent(share: float | None) -> str:
    """A share as the number of percent, without the sign: 91.9. What is not all is never 100.0, and what is something never 0.0."""
    if share is None:
        return NONE
    if 0 < share < 1:
        share = min(max(share, 0.001), 0.999)
    return f"{share * 100:.1f}"


def fraction(numerator: float | None, denominator: float | None) -> str:
    """A fraction in a table: 111 / 116."""
    return f"{whole(numerator)} / {whole(denominator)}"


def signed(n: float, digits: int = 0) -> str:
    """A difference with its sign: +72, −9; 0 has none."""
    text = f"{abs(n):,.{digits}f}"
    if not text.strip("0.,"):
        return text
    return ("+" if n > 0 else MINUS) + text


def relative_change(now: float, before: float) -> str | None:
    """A change in percent with its sign: +2.6%; ``None`` where there was nothing before."""
    return f"{signed((now / before - 1) * 100, 1)}%" if before else None
