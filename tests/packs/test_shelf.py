"""Packs on the shelf: shipped ones, the city's own, the departments, and the command that lists them."""

# ruff: noqa: E501  a line of a pack is a line

from pathlib import Path

import pytest
from good_pack import GOOD, write_pack

from cli.__main__ import main
from data.packs.declaration.faults import PackRefused
from data.packs.declaration.model import Pack
from data.packs.declaration.shelf import SHIPPED, find_departments, find_packs

GROUPS = {"治理与安全": 6, "民生服务": 7, "市场与经济": 6, "城建与环境": 7, "公用企业": 4}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The folder of the city's own packs."""
    folder = tmp_path / "packs"
    folder.mkdir()
    return folder


def test_every_shipped_pack_is_in_order(own: Path) -> None:
    found = find_packs(own)
    assert [fault.describe("en") for one in found for fault in one.faults] == []
    assert {one.code for one in found} == {folder.parent.name for folder in SHIPPED.glob("*/pack.toml")}
    assert not any(one.own or one.hides for one in found)


def test_the_departments_are_the_columns_of_the_matrix(own: Path) -> None:
    found = find_departments(own)
    assert {group: sum(one.group.zh == group for one in found) for group in GROUPS} == GROUPS
    assert "".join(one.short.zh for one in found).startswith("公安司法应急消防信访政法委民政人社")


def test_the_citys_own_pack_counts_and_says_so(own: Path) -> None:
    text = (SHIPPED / "labour" / "pack.toml").read_text("utf-8").replace("version = 1\n", "version = 9\n", 1)
    write_pack(own, text, "labour")
    labour = next(one for one in find_packs(own) if one.code == "labour")
    assert (labour.own, labour.hides, labour.pack.version if labour.pack else None) == (True, True, 9)


def test_a_wrong_pack_of_the_city_is_not_replaced_by_the_shipped_one(own: Path) -> None:
    write_pack(own, "code = 1\n", "labour")
    labour = next(one for one in find_packs(own) if one.code == "labour")
    assert labour.pack is None
    assert labour.faults


def test_a_folder_that_is_a_link_is_not_read(own: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (own / "gardens").symlink_to(write_pack(outside, GOOD))
    linked = next(one for one in find_packs(own) if one.code == "gardens")
    assert [fault.code for fault in linked.faults] == ["folder_link"]


def test_two_packs_cannot_have_one_table(own: Path) -> None:
    write_pack(own, GOOD)
    renamed = GOOD.replace('code = "gardens"', 'code = "gardens_park"', 1).replace("kinds.park", "kinds.seen")
    renamed = (
        renamed.replace('to = "park"', 'to = "seen"').replace('kind = "park"', 'kind = "seen"').replace("[public.park]", "[public.seen]")
    )
    write_pack(own, renamed, "gardens_park")
    faults = {one.code: [fault.code for fault in one.faults] for one in find_packs(own) if one.own}
    assert faults == {"gardens": [], "gardens_park": ["table_twice"]}


def test_the_citys_own_departments_stand_for_the_shipped_ones_as_a_whole(own: Path) -> None:
    one = '[[departments]]\ncode = "hrss"\nname = { zh = "人社局", en = "HR Bureau" }\nshort = { zh = "人社", en = "HR" }\ngroup = { zh = "民生", en = "People" }\n'
    (own / "departments.toml").write_text(one, "utf-8")
    assert [department.code for department in find_departments(own)] == ["hrss"]
    labour = next(found for found in find_packs(own) if found.code == "labour")
    assert {fault.code for fault in labour.faults} == {"unknown_department"}
    (own / "departments.toml").write_text(one + one.replace("人社局", "人力局") + one.replace('"hrss"', '"HRSS"'), "utf-8")
    with pytest.raises(PackRefused) as refused:
        find_departments(own)
    assert [fault.code for fault in refused.value.faults] == ["department_twice", "short_twice", "bad_code", "short_twice"]


def test_the_command_tells_every_fault_with_its_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = (
        GOOD.replace("version = 3", "version = 0").replace('title = "name"', 'titel = "name"').replace('owner = "land"', 'owner = "lamd"')
    )
    folder = write_pack(tmp_path, wrong)
    assert main(["packs", "check", str(folder), "--lang", "en"]) == 1
    told = capsys.readouterr().out.splitlines()
    assert told == [
        f"{folder}/pack.toml:2: “version” cannot be 0: the least is 1.",
        f"{folder}/pack.toml:15: “titel” is not a key of kinds.park; the nearest one is “title”.",
        f"{folder}/pack.toml:19: There is no department “lamd”; the nearest is “land”.",
        "Faults: 3.",
    ]
    assert main(["packs", "check", str(SHIPPED / "labour"), "--lang", "zh"]) == 0
    assert "没有错误" in capsys.readouterr().out


def test_the_command_lists_packs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["packs", "--lang", "zh"]) == 0
    assert "labour  1  hrss  劳动关系  （井格自带）" in capsys.readouterr().out.replace("(", "（").replace(")", "）")


def test_the_model_cannot_be_changed(own: Path) -> None:
    pack: Pack | None = next(one.pack for one in find_packs(own) if one.code == "labour")
    assert pack is not None
    with pytest.raises(ValueError, match="frozen"):
        pack.version = 2  # type: ignore[misc]
