"""What can be wrong with an expression, each with a sentence that says where and what to write instead."""

from collections.abc import Iterable

from data.core.i18n import t
from data.core.text import as_one_line
from data.packs.expressions.types import Base

_SENTENCES = {
    # Characters and words
    "empty": "There is no expression.",
    "too_long": "The expression is longer than {most} characters.",
    "too_deep": "Character {at}: parentheses, functions or steps stand in each other more than {most} deep.",
    "hidden_character": "Character {at} cannot be seen ({found}). Delete it.",
    "no_character": "Character {at}: “{found}” means nothing here.",
    "write_instead": "Character {at}: “{found}” is not understood; write “{instead}”.",
    "no_comments": "Character {at}: “{found}” means nothing here. Comments are written in the file, behind #, and not in an expression.",
    "open_text": "Character {at}: a text begins here and does not end. Put ' at its end, and '' for a ' inside it.",
    "long_text": "Character {at}: this text is longer than {most} characters.",
    "no_number": "Character {at}: “{found}” is no number. Write it as 1234 or 0.25.",
    "long_number": "Character {at}: this number has more than {most} digits.",
    "no_date": "Character {at}: “{found}” is no day. Write date '2026-01-31'.",
    "bare_date": "Character {at}: a day is written with the word date before it, as in date '2026-01-31'.",
    "bare_month": "Character {at}: a month is written with the word month before it, as in month '2026-01'.",
    "no_month": "Character {at}: “{found}” is no month. Write month '2026-01'.",
    # Order of words
    "ends": "The expression ends where {wanted} should follow.",
    "expected": "Character {at}: here should be {wanted}, not “{found}”.",
    "left_over": "Character {at}: “{found}” stands behind the end of the expression.",
    "chained": "Character {at}: only two values can be compared at once. Join two comparisons with and.",
    # Names
    "unknown_name": "Character {at}: there is no field “{found}”; the nearest is “{nearest}”.",
    "unknown_function": "Character {at}: there is no function “{found}”; the nearest is “{nearest}”.",
    "no_parentheses": "Character {at}: “{found}” is a function, and parentheses follow it.",
    "unknown_code": "Character {at}: there is no code “{found}” here; the nearest is “{nearest}”.",
    "no_series": "Character {at}: “{found}” needs the name of a field first.",
    # Types
    "not_comparable": "Character {at}: {left} and {right} cannot be compared.",
    "no_order": "Character {at}: {found} has no order; use = or !=.",
    "code_and_text": "Character {at}: a code can be compared only with its codes, written as texts.",
    "other_codes": "Character {at}: these two fields have no code in common.",
    "wrong_type": "Character {at}: “{operator}” needs {wanted} here, and this is {found}.",
    "two_dates": "Character {at}: dates are not added or subtracted. For the days from one to another write days_between(…, …).",
    "wrong_argument": "Character {at}: “{function}” needs {wanted} as value {place}, and this is {found}.",
    "different_arguments": "Character {at}: the values of “{function}” have to be of one kind; {left} and {right} are not.",
    "no_field": "Character {at}: “{function}” needs the name of a field as value {place}.",
    "no_whole": "Character {at}: “{function}” needs a whole number from {least} to {most}, written out, as value {place}.",
    "too_few": "Character {at}: “{function}” needs at least {least} values; {found} are given.",
    "too_many": "Character {at}: “{function}” takes at most {most} values; {found} are given.",
    "inner_aggregate": "Character {at}: “{function}” can only be the whole expression.",
    "no_aggregate": "The expression has to be count(), count(…) or sum(…).",
    "an_aggregate": "The expression gives a value for each record, so it cannot be “{function}”.",
    "other_result": "The expression has to give {wanted}, and gives {found}.",
}

_KIND_WORDS = {
    "number": "a number",
    "text": "a text",
    "yes_no": "a condition",
    "date": "a date",
    "moment": "a moment",
    "month": "a month",
    "code": "a code",
}

_PART_WORDS = {
    "value": "a value",
    "open": "an opening parenthesis (",
    "close": "a closing parenthesis )",
    "comma_or_close": "a comma or a closing parenthesis )",
    "and": "and",
    "missing": "missing",
    "in_or_between": "in or between",
}

_JOINING_WORDS = "{first} or {second}"

_LONGEST_FOUND = 60


class ExpressionError(Exception):
    """An expression that cannot be used.

    Attributes:
        code: which fault it is; stable, and a key of the sentences.
        at: the character of the expression that is wrong, counted from 1.
        facts: what the sentence names. Values of ``Base`` and sets of them are told in the reader's words.
    """

    def __init__(self, code: str, at: int, **facts: object) -> None:
        self.code, self.at, self.facts = code, at, facts
        super().__init__(self.tell("en"))

    @property
    def column(self) -> int:
        """The same as ``at``."""
        return self.at

    def tell(self, lang: str) -> str:
        """One sentence in a language."""
        facts = {name: _told(lang, name, fact) for name, fact in self.facts.items()}
        return t(lang, _SENTENCES[self.code], at=self.at, **facts)


def _told(lang: str, name: str, fact: object) -> object:
    if isinstance(fact, Base):
        return t(lang, _KIND_WORDS[fact])
    if isinstance(fact, frozenset):
        return _join(lang, [t(lang, _KIND_WORDS[kind]) for kind in Base if kind in fact])
    if not isinstance(fact, str):
        return fact
    if name == "wanted":
        return t(lang, _PART_WORDS[fact])
    return as_one_line(fact if len(fact) <= _LONGEST_FOUND else fact[: _LONGEST_FOUND - 1] + "…")


def _join(lang: str, words: Iterable[str]) -> str:
    told = ""
    for word in words:
        told = t(lang, _JOINING_WORDS, first=told, second=word) if told else word
    return told
