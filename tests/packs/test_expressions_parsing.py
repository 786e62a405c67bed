"""What an expression means by the order of its words, which types fit together, and what is said where they do not."""

from datetime import date
from decimal import Decimal

import pytest

from cli._words.catalogues import read_catalogue
from data.core.i18n import catalogue_files
from data.packs.expressions import (
    DATE,
    MOMENT,
    MONTH,
    NUMBER,
    RESERVED,
    TEXT,
    YES_NO,
    Base,
    ExpressionError,
    code_type,
    parse,
    type_of_field,
)
from data.packs.expressions.errors import _SENTENCES
from data.packs.expressions.tree import Aggregate, Call, Constant, Name, Node, Previous, Sum, Trend, children

TRADE = code_type(["metal", "textile", "food"])
NAMES = {
    **{"workers": NUMBER, "late": NUMBER, "share": NUMBER, "score": NUMBER, "name": TEXT, "street": TEXT, "open": YES_NO, "listed": YES_NO},
    **{"decided": DATE, "removed": DATE, "came": MOMENT, "month": MONTH, "trade": TRADE, "firm.trade": TRADE},
    "level": code_type(["high", "medium", "watch"]),
}


def show(node: Node) -> str:
    """A tree with all its parentheses."""
    below = " ".join(show(child) for child in children(node))
    match node:
        case Constant(value=value):
            return str(value)
        case Name(name=name):
            return name
        case Previous(name=name, periods=periods):
            return f"(previous {name} {periods})"
        case Trend(direction=direction, name=name, periods=periods):
            return f"({direction} {name} {periods})"
        case Sum(terms=terms):
            return "(sum " + " ".join(("-" if negative else "+") + show(term) for negative, term in terms) + ")"
        case Call(function=function) | Aggregate(function=function):
            return f"({function}{below and ' ' + below})"
    word = getattr(node, "operator", type(node).__name__.lower())
    return f"({'not-' if getattr(node, 'negated', False) else ''}{word} {below})"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("late > 0 and open or listed", "(or (and (> late 0) open) listed)"),
        ("open or listed and late > 0", "(or open (and listed (> late 0)))"),
        ("not open and listed", "(and (not open) listed)"),
        ("not late > 0", "(not (> late 0))"),
        ("not not open", "(not (not open))"),
        ("not late is missing", "(not (missing late))"),
        ("late is not missing", "(not-missing late)"),
        ("(not open) is missing", "(missing (not open))"),
        ("late + 1 > workers * 2", "(> (sum +late +1) (* workers 2))"),
        ("late - 1 - 2 - workers", "(sum +late -1 -2 -workers)"),
        ("late - (1 - 2)", "(sum +late -(sum +1 -2))"),
        ("late / workers / 2 * 3", "(* (/ (/ late workers) 2) 3)"),
        ("-late * 2", "(* (negative late) 2)"),
        ("2 - -late", "(sum +2 -(negative late))"),
        ("late between 1 and 3 and open", "(and (between late 1 3) open)"),
        ("late not between 1 and workers - 1", "(not-between late 1 (sum +workers -1))"),
        ("trade in ('metal', 'food') or open", "(or (within trade metal food) open)"),
        ("late not in (1, 2)", "(not-within late 1 2)"),
        ("open = (late > 1)", "(= open (> late 1))"),
        ("least(late / 30, 1) * 28", "(* (least (/ late 30) 1) 28)"),
        ("coalesce(trade, 'metal') = 'food'", "(= (coalesce trade metal) food)"),
        ("'food' = firm.trade", "(= food firm.trade)"),
        ("decided + 7 < today()", "(< (shift decided 7) (today))"),
        ("decided >= date '2026-02-28'", "(>= decided 2026-02-28)"),
        ("month = month '2026-11'", "(= month 2026-11-01)"),
        ("month_of(came) = month", "(= (month_of came) month)"),
        ("level = 'high' or falling(3)", "(or (= level high) (falling score 3))"),
        ("rising(late, 2) and previous(late, 12) > 0", "(and (rising late 2) (> (previous late 12) 0))"),
        ("name = 'O''Neill' or name = ''", "(or (= name O'Neill) (= name ))"),
        ("TRUE = open AND NOT listed", "(and (= True open) (not listed))"),
        ("count()", "(count)"),
        ("count(open and late > 0)", "(count (and open (> late 0)))"),
        ("sum(late * 2)", "(sum (* late 2))"),
        ("\n late\u3000>\t0 \r\n and open", "(and (> late 0) open)"),
    ],
)
def test_words_bind_as_is_documented(text: str, tree: str) -> None:
    assert show(parse(text, NAMES).root) == tree


def test_what_an_expression_needs_is_told() -> None:
    typed = parse("late > previous(workers, 2) and falling(3) and firm.trade = 'food' and decided < today()", NAMES)
    assert typed.names == {"late", "score", "firm.trade", "decided"}
    assert typed.previous == {("workers", 2), ("score", 1), ("score", 2), ("score", 3)}
    assert typed.functions == {"previous", "falling", "today"}
    assert (typed.type, typed.is_aggregate) == (YES_NO, False)
    assert (parse("count(late > 1)", NAMES).type, parse("count()", NAMES).is_aggregate) == (NUMBER, True)


def test_constants_are_exact() -> None:
    long = parse("0.1234567890123456789012345678", NAMES).root
    assert isinstance(long, Constant)
    assert long.value == Decimal("0.1234567890123456789012345678")
    day = parse("date '2024-02-29'", NAMES).root
    assert isinstance(day, Constant)
    assert day.value == date(2024, 2, 29)


def test_fields_have_types_by_their_declaration() -> None:
    declared = ["integer", "decimal", "text", "link", "yes_no", "date", "moment", "month"]
    assert [type_of_field(one) for one in declared] == [NUMBER, NUMBER, TEXT, TEXT, YES_NO, DATE, MOMENT, MONTH]
    assert type_of_field("code", ["a", "b"]) == code_type(("a", "b"))


def test_a_field_may_be_called_as_a_function_but_not_as_a_reserved_word() -> None:
    assert parse("length(year) > count", {"year": TEXT, "count": NUMBER}).names == {"year", "count"}
    for word in sorted(RESERVED - {"true", "false"}):
        with pytest.raises(ExpressionError):
            parse(f"{word} = 1", {word: NUMBER})


WRONG = [
    ("", "empty", 1),
    (" \n ", "empty", 1),
    ("late > 1" + " " * 2000, "too_long", 1),
    ("late >\u200b 1", "hidden_character", 7),
    ("late > \u202e1", "hidden_character", 8),
    ("late\x00", "hidden_character", 5),
    ("name = '\ud800'", "hidden_character", 9),
    ("late ? 1", "no_character", 6),
    ("late > {1}", "no_character", 8),
    ("late ； 1", "write_instead", 6),
    ("late ＞ 1", "write_instead", 6),
    ("late == 1", "write_instead", 6),
    ("late <> 1", "write_instead", 6),
    ('name = "x"', "write_instead", 8),
    ("name = ‘x’", "write_instead", 8),
    ("!open", "write_instead", 1),
    ("open && listed", "write_instead", 6),
    ("late > 1 -- so", "no_comments", 10),
    ("late > 1 # so", "no_comments", 10),
    ("late /* so */ > 1", "no_comments", 6),
    ("name = 'x", "open_text", 8),
    ("name = 'x''", "open_text", 8),
    (f"name = '{'x' * 201}'", "long_text", 8),
    ("late > 1e9", "no_number", 8),
    ("late > 1.", "no_number", 8),
    ("late > 1.2.3", "no_number", 8),
    ("late > 5days", "no_number", 8),
    ("late > .5", "no_character", 8),
    (f"late > {'9' * 31}", "long_number", 8),
    ("decided = date '2026-02-29'", "no_date", 11),
    ("decided = date '20260228'", "no_date", 11),
    ("decided = date '２０２６-02-28'", "no_date", 11),
    ("month = month '2026-13'", "no_month", 9),
    ("month = month '2026-01-01'", "no_month", 9),
    ("decided = '2026-02-28'", "bare_date", 11),
    ("'2026-02' < month", "bare_month", 1),
    ("late >", "ends", 7),
    ("(late > 1", "ends", 10),
    ("least(late, 1", "ends", 14),
    ("late is", "ends", 8),
    ("late is null", "expected", 9),
    ("late in 1", "expected", 9),
    ("late in ()", "expected", 10),
    ("late not like 1", "expected", 10),
    ("late between 1 or 2", "expected", 16),
    ("late > and", "expected", 8),
    ("+late", "expected", 1),
    ("late 1", "left_over", 6),
    ("late)", "left_over", 5),
    ("late = 1, 2", "left_over", 9),
    ("name 'x'", "left_over", 6),
    ("1 < late < 3", "chained", 10),
    ("late = 1 is missing", "chained", 10),
    ("worker > 1", "unknown_name", 1),
    ("LATE > 1", "unknown_name", 1),
    ("firm.name = 'x'", "unknown_name", 1),
    ("工资 > 1", "unknown_name", 1),
    ("leest(late, 1)", "unknown_function", 1),
    ("open and today > decided", "no_parentheses", 10),
    ("trade = 'metall'", "unknown_code", 9),
    ("trade in ('metal', 'wood')", "unknown_code", 20),
    ("coalesce(trade, 'wood') = 'metal'", "unknown_code", 17),
    ("falling(share)", "no_whole", 9),
    ("late = name", "not_comparable", 6),
    ("late = open", "not_comparable", 6),
    ("decided = came", "not_comparable", 9),
    ("decided = month", "not_comparable", 9),
    ("trade = 1", "not_comparable", 7),
    ("late between 1 and 'x'", "not_comparable", 20),
    ("open < listed", "no_order", 6),
    ("trade < 'metal'", "no_order", 7),
    ("trade between 'metal' and 'food'", "no_order", 7),
    ("trade = name", "code_and_text", 9),
    ("trade = level", "other_codes", 7),
    ("late and open", "wrong_type", 1),
    ("open or name", "wrong_type", 9),
    ("not late", "wrong_type", 5),
    ("late + open", "wrong_type", 8),
    ("name + 'x'", "wrong_type", 1),
    ("-name", "wrong_type", 2),
    ("late * decided", "wrong_type", 8),
    ("1 + decided", "wrong_type", 5),
    ("decided + 'x'", "wrong_type", 11),
    ("decided - removed > 3", "two_dates", 9),
    ("length(late)", "wrong_argument", 8),
    ("lower(trade)", "wrong_argument", 7),
    ("least(name, 'x')", "wrong_argument", 7),
    ("sum(open)", "wrong_argument", 5),
    ("count(late)", "wrong_argument", 7),
    ("rising(name, 2)", "wrong_argument", 8),
    ("least(late, decided)", "different_arguments", 13),
    ("coalesce(name, 1)", "different_arguments", 16),
    ("previous(late + 1, 2)", "no_field", 10),
    ("previous(late, 0)", "no_whole", 16),
    ("previous(late, 61)", "no_whole", 16),
    ("previous(late, 1.5)", "no_whole", 16),
    ("previous(late, workers)", "no_whole", 16),
    ("round(late, workers)", "no_whole", 13),
    ("round(late, -21)", "no_whole", 13),
    ("abs()", "too_few", 1),
    ("least(late)", "too_few", 1),
    ("abs(late, 1)", "too_many", 1),
    ("today(1)", "too_many", 1),
    ("count() > 3", "inner_aggregate", 1),
    ("2 * sum(late)", "inner_aggregate", 5),
    ("sum(sum(late))", "inner_aggregate", 5),
    ("open and count(open)", "inner_aggregate", 10),
    ("not count()", "inner_aggregate", 5),
    ("count() is missing", "inner_aggregate", 1),
    ("late in (1, count())", "inner_aggregate", 13),
    ("(" * 13 + "late" + ")" * 13, "too_deep", 13),
    ("late" + " / 2" * 12, "too_deep", 8),
]


@pytest.mark.parametrize(("text", "code", "at"), WRONG, ids=[f"{code}-{place}" for place, (_, code, _) in enumerate(WRONG)])
def test_what_is_wrong_is_named_with_its_place(text: str, code: str, at: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, NAMES)
    assert (caught.value.code, caught.value.at, caught.value.column) == (code, at, at)
    for lang in ("zh", "en"):
        told = caught.value.tell(lang)
        assert len(told) < 250
        assert told.isprintable()


def test_falling_without_a_field_needs_a_score() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("falling(3)", {"late": NUMBER})
    assert caught.value.code == "no_series"


def test_an_expression_has_to_give_what_is_wanted() -> None:
    cases = [("late", Base.YES_NO, None), ("late > 1", Base.NUMBER, None), ("late", None, True), ("count()", Base.NUMBER, False)]
    found = []
    for text, wants, aggregate in cases:
        with pytest.raises(ExpressionError) as caught:
            parse(text, NAMES, wants=wants, aggregate=aggregate)
        found.append(caught.value.code)
    assert found == ["other_result", "other_result", "no_aggregate", "an_aggregate"]
    assert parse("sum(late)", NAMES, wants=Base.NUMBER, aggregate=True).is_aggregate
    assert not parse("late > 1", NAMES, wants=Base.YES_NO, aggregate=False).is_aggregate


def test_every_fault_has_been_seen() -> None:
    """So no sentence stands there that nobody can get to read."""
    elsewhere = {"no_series", "no_aggregate", "an_aggregate", "other_result"}
    assert set(_SENTENCES) - {code for _, code, _ in WRONG} == elsewhere


def test_sentences_name_the_nearest() -> None:
    said = {}
    for text in ("worker > 1", "trade = 'metall'", "leest(late, 1)", "late ＞ 1", "length(late)", "rising(name, 2)"):
        with pytest.raises(ExpressionError) as caught:
            parse(text, NAMES)
        said[text] = (caught.value.tell("en"), caught.value.tell("zh"))
    assert said == {
        "worker > 1": (
            "Character 1: there is no field “worker”; the nearest is “workers”.",
            "第 1 个字符：没有字段“worker”，最接近的是“workers”。",
        ),
        "trade = 'metall'": (
            "Character 9: there is no code “metall” here; the nearest is “metal”.",
            "第 9 个字符：此处没有代码“metall”，最接近的是“metal”。",
        ),
        "leest(late, 1)": (
            "Character 1: there is no function “leest”; the nearest is “least”.",
            "第 1 个字符：没有函数“leest”，最接近的是“least”。",
        ),
        "late ＞ 1": ("Character 6: “＞” is not understood; write “>”.", "第 6 个字符：不能识别“＞”，请改写为“>”。"),
        "length(late)": (
            "Character 8: “length” needs a text as value 1, and this is a number.",
            "第 8 个字符：“length”的第 1 个值应为文本，而这里是数字。",
        ),
        "rising(name, 2)": (
            "Character 8: “rising” needs a number or a date or a moment or a month as value 1, and this is a text.",
            "第 8 个字符：“rising”的第 1 个值应为数字或日期或时刻或月份，而这里是文本。",
        ),
    }


def test_every_sentence_is_chinese_for_chinese_readers() -> None:
    held = {key: text for path in catalogue_files("zh") for key, text in read_catalogue(path, "zh").items()}
    assert [code for code, sentence in _SENTENCES.items() if "。" not in held[sentence]] == []
