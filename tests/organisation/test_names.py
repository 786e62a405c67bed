"""What a handler's name means: how names are compared, and that nothing is guessed."""

import pytest

from data.organisation.model import Unit
from data.organisation.names import Found, NameBook, fold_name, shorten_name
from data.organisation.unit_codes import name_units
from data.organisation.uploads import finder, read_names

UNITS = [Unit("cg", "城管（一）中队", "Urban Squad 1"), Unit("hw", "清河环卫有限公司"), Unit("parks", "园林处", "Parks Department")]
BOOK = NameBook.of(UNITS, {}, ())


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("城管(一)中队", "cg"),
        ("　城管（一） 中队 ", "cg"),
        ("ＵＲＢＡＮ squad  １", "cg"),
        ("cg", "cg"),
        ("清河环卫", "hw"),
        ("清河环卫股份有限公司", "hw"),
        ("Parks Dept.", "parks"),
        ("PARKS DEPT", "parks"),
        ("城管二中队", None),
        ("城管中队", None),
        ("Park", None),
    ],
)
def test_a_name_means_the_one_unit_that_has_it(name: str, unit: str | None) -> None:
    assert BOOK.find(name) == (Found("linked", (unit,)) if unit else Found("unknown"))


def test_two_units_with_one_name_are_told_and_not_chosen() -> None:
    book = NameBook.of([*UNITS, Unit("hw2", "清河环卫"), Unit("a", "甲"), Unit("b", "乙", "甲")], {}, ())
    assert book.find("甲") == Found("several", ("a", "b"))
    assert book.find("清河环卫") == Found("linked", ("hw2",)), "a whole name goes before one with another ending"
    assert book.find("清河环卫公司") == Found("several", ("hw", "hw2"))
    said = NameBook.of([*UNITS, Unit("a", "甲"), Unit("b", "乙", "甲")], {fold_name("甲"): "b"}, ())
    assert said.find(" 甲") == Found("linked", ("b",), named=True)


def test_a_unit_with_members_is_linked_only_where_somebody_said_so() -> None:
    book = NameBook.of(UNITS, {fold_name("绿化办"): "parks", fold_name("Parks"): None}, ["parks"])
    assert book.find("园林处") == Found("held", ("parks",))
    assert book.find("园林处", widening=True).unit == "parks"
    assert book.find("绿化办").unit == "parks", "the table of names says so"
    assert book.find("parks") == Found("no_unit", named=True), "it may also say that a name means none, even a unit's own code"


def test_an_ending_alone_is_no_name() -> None:
    assert (shorten_name("公司"), shorten_name("co")) == ("公司", "co")


def test_codes_of_made_units_can_be_read_and_are_given_once() -> None:
    made = name_units(["DPW", "Office of Unified Communications", "环卫所", "環衛所", "？？", "!!", "x" * 90], {"DPW"})
    assert list(made.values()) == [
        "DPW-2",
        "office-of-unified-communications",
        "huan-wei-suo",
        "huan-wei-suo-2",
        "unit",
        "unit-2",
        "x" * 40,
    ]


def test_a_table_of_names_says_line_by_line_what_cannot_be_used() -> None:
    find = finder({"城管（一）中队": "cg", "cg": "cg"})
    assert read_names("处置单位名称,单位编码\n一中队,cg\n市政,\n".encode("gbk"), find) == [("一中队", "cg"), ("市政", None)]
    with pytest.raises(Exception) as refused:
        read_names("name,unit\n,cg\n一中队,cg\n一 中队,cg\n二中队,cx\n".encode(), find)
    told = refused.value.tell("en")  # type: ignore[attr-defined]
    assert told[0] == "Line 2: a name is missing." and told[1].startswith("Line 4: 一 中队 is already in line 3")
    assert told[2].startswith("Line 5: the city has no unit “cx”")
