"""What a changed pack changes beside the installed one."""

from pathlib import Path

import pytest
from good_pack import DEPARTMENTS, GOOD, write_pack

from data.packs.declaration.comparing import Change, compare
from data.packs.declaration.reading import load_pack


def changes(folder: Path, *edits: tuple[str, str], version: int = 4) -> list[Change]:
    text = GOOD.replace("version = 3", f"version = {version}")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return compare(load_pack(write_pack(folder, GOOD), DEPARTMENTS), load_pack(write_pack(folder, text), DEPARTMENTS))


def test_the_same_pack_changes_nothing(tmp_path: Path) -> None:
    assert changes(tmp_path, version=3) == []


@pytest.mark.parametrize(("version", "code"), [(3, "version_same"), (2, "version_lower")])
def test_a_changed_pack_needs_a_higher_version(tmp_path: Path, version: int, code: str) -> None:
    first = changes(tmp_path, ('icon = "leaf"', 'icon = "tree"'), version=version)[0]
    assert (first.code, first.weight) == (code, "refused")


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (("lit = {", 'wild = { name = { zh = "野生", en = "Wild" }, type = "yes_no" }\nlit = {'), [("field_new", "adds")]),
        (("opened = { name = { zh", "# = { name = { zh"), [("field_gone", "takes")]),
        (('type = "moment"', 'type = "date"'), [("type_changed", "takes")]),
        (('pocket = { zh = "口袋"', 'wild = { zh = "口袋"'), [("code_gone", "takes"), ("code_new", "adds")]),
        (("keep_months = 120", "keep_months = 60"), [("keep_shorter", "takes")]),
        (("keep_months = 120", ""), [("keep_ever", "changes")]),
        (('class = "trade_secret"', 'class = "ordinary"'), [("class_looser", "takes")]),
        (('sees = ["parks", "urban"]', 'sees = ["parks"]'), [("sees_changed", "takes")]),
        (('owner = "land"', 'owner = "urban"'), [("owner_changed", "takes")]),
        (("max = 5000", "max = 4000"), [("limits_changed", "changes")]),
        (('zh = "公顷"', 'zh = "亩"'), [("unit_changed", "takes")]),
        (('"monthly 5 18:00"', '"monthly 6 18:00"'), [("feed_contract", "changes")]),
        (('zh = "巡查月报"', 'zh = "巡查报表"'), []),
        (('rounds = "次数"', 'rounds = "巡查次数"'), [("feed_contract", "changes")]),
        (('numerator = "sum(faults)"', 'numerator = "sum(rounds)"'), [("indicator_changed", "changes")]),
        (('takes = "30 *', 'takes = "20 *'), [("score_changed", "changes")]),
        (('zh = "未巡查", en = "No rounds"', 'zh = "没有巡查", en = "No rounds"'), []),
        (('severity = "minor"', 'severity = "urgent"'), [("warning_changed", "changes")]),
        (('then = "quarantine"', 'then = "mark"'), [("rule_changed", "changes")]),
        (('fields = ["code", "name", "sort"]', 'fields = ["code", "name", "lit"]'), [("public_more", "takes"), ("public_less", "changes")]),
        (("where = \"sort = 'city'\"", 'where = "lit"'), [("public_where", "takes")]),
        (('key = ["park", "month"]', 'key = ["month", "park"]'), [("key_changed", "takes")]),
    ],
)
def test_each_change_is_told(tmp_path: Path, edit: tuple[str, str], expected: list[tuple[str, str]]) -> None:
    found = changes(tmp_path, edit)
    assert [(change.code, change.weight) for change in found] == expected
    assert all(change.tell("zh") != change.tell("en") for change in found)


def test_a_kind_that_goes_and_one_that_comes_are_told(tmp_path: Path) -> None:
    pack = load_pack(write_pack(tmp_path, GOOD), DEPARTMENTS)
    empty = pack.model_copy(update={"kinds": {"park": pack.kinds["park"]}, "feeds": {}, "rules": {}, "indicators": {}, "version": 4})
    gone = [(change.code, change.weight) for change in compare(pack, empty)]
    assert gone == [(f"{what}_gone", "takes") for what in ("kind", "feed", "feed", "feed", "rule", "indicator")]
    back = {change.code for change in compare(empty, pack.model_copy(update={"version": 5}))}
    assert back == {"kind_new", "feed_new", "rule_new", "indicator_new"}
