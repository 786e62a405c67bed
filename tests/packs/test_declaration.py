"""Packs as files: what is read, what is refused because of the file itself, and what the models say."""

import datetime as dt
import os
from pathlib import Path

import pytest
from good_pack import DEPARTMENTS, GOOD, write_pack

from data.core.addresses import is_inner_host
from data.packs.declaration.cadence import LAST_DAY, Cadence, parse_cadence
from data.packs.declaration.faults import FAULT_SENTENCES, Fault, PackRefused
from data.packs.declaration.locator import Lines
from data.packs.declaration.reading import load_pack


def refuse(folder: Path) -> list[Fault]:
    with pytest.raises(PackRefused) as refused:
        load_pack(folder, DEPARTMENTS)
    return refused.value.faults


def test_a_pack_with_everything_is_read(tmp_path: Path) -> None:
    pack = load_pack(write_pack(tmp_path, GOOD), DEPARTMENTS)
    assert (pack.code, pack.version, pack.name.zh) == ("gardens", 3, "公园绿地")
    assert [kind.code for kind in pack.kinds.values()] == ["park", "round"]
    park = pack.kinds["park"]
    assert (park.fields["code"].code, park.fields["keeper"].class_, park.fields["keeper"].is_open) == ("code", "personal", False)
    assert (pack.owner_of(park.fields["code"]), pack.owner_of(park.fields["name"])) == ("land", "parks")
    assert pack.feeds["parks"].cadence == Cadence(every="quarterly", day=LAST_DAY, time=dt.time(18))
    assert pack.feeds["rounds_of_land"].cadence == Cadence(every="on_demand")
    assert pack.feeds["parks"].source.encoding == "gb18030"
    assert pack.feeds["rounds"].columns["month"].date_format == "%Y-%m"
    assert pack.scores["upkeep"].levels.medium == 60
    assert pack.layers["parks"].as_ == "points"
    assert pack.public["park"].fields == ["code", "name", "sort"]


@pytest.mark.parametrize("change", ["bom", "windows"])
def test_the_file_may_come_from_windows(tmp_path: Path, change: str) -> None:
    text = "\ufeff" + GOOD if change == "bom" else GOOD.replace("\n", "\r\n")
    folder = write_pack(tmp_path, "")
    (folder / "pack.toml").write_bytes(text.encode())
    assert load_pack(folder, DEPARTMENTS).code == "gardens"


def test_a_line_is_the_same_in_a_file_from_windows(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, "")
    (folder / "pack.toml").write_bytes(GOOD.replace("version = 3", "version = 0").replace("\n", "\r\n").encode())
    assert [fault.where for fault in refuse(folder)] == ["pack.toml:2"]


def test_every_fault_is_told_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    text = (
        GOOD.replace("version = 3", "version = 0").replace('title = "name"', 'titel = "name"').replace('score = "upkeep"', 'score = "up"')
    )
    assert [(fault.line, fault.code) for fault in refuse(write_pack(tmp_path, text))] == [
        (2, "too_small"),
        (15, "unknown_key"),
        (GOOD[: GOOD.index('score = "upkeep"')].count("\n") + 1, "unknown_score"),
    ]


def test_a_part_that_cannot_be_used_does_not_make_others_wrong(tmp_path: Path) -> None:
    text = GOOD.replace('type = "integer", min = 0 }\nfaults', 'type = "interger", min = 0 }\nfaults')
    assert [fault.code for fault in refuse(write_pack(tmp_path, text))] == ["not_one_of"]


SYNTAX = [
    ("toml_twice", "version = 1\nversion = 2\n", 2),
    ("toml_twice", "[kinds]\n[page]\n[kinds]\n", 3),
    ("toml_value", "version = 1\nname = “公园”\n", 2),
    ("toml_equals", "version 1\n", 1),
    ("toml_line_end", 'a = 1\nname = "a" b\n', 2),
    ("toml_key", "a = 1\n= 2\n", 2),
    ("toml_text", 'a = 1\nname = "公园\nb = 2\n', 2),
    ("toml_text", 'a = 1\n\nname = "a\x00b"\n', 3),
    ("toml_bracket", "a = 1\nb = [1, 2\n", 2),
    ("toml_backslash", 'a = "C:\\data"\n', 1),
    ("toml_syntax", 'a = 1\nb = "\\ud800"\n', 2),
    ("long_line", f'a = 1\nb = "{"x" * 5000}"\n', 2),
    ("many_dots", "a = 1\n" + "a." * 300 + "b = 1\n", 2),
    ("too_deep", "a = " + "[" * 1900 + "]" * 1900 + "\n", 1),
    ("too_deep", "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a = 1\n", 1),
    ("needs_part", 'code = "x"\n[kinds]\n', 2),
]


@pytest.mark.parametrize(("code", "text", "line"), SYNTAX)
def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path, code: str, text: str, line: int) -> None:
    faults = refuse(write_pack(tmp_path, text))
    assert (line, code) in [(fault.line, fault.code) for fault in faults]
    assert all(fault.tell("zh") != fault.tell("en") for fault in faults)


@pytest.mark.parametrize(
    ("code", "content", "line"),
    [
        ("gbk", "a = 1\nname = '公园绿地'\n".encode("gbk"), 2),
        ("utf16", GOOD.encode("utf-16"), 1),
        ("not_utf8", b"a = 1\n\nb = '\xff\xff\xff'\n", 3),
        ("large_file", b"# \n" * 400_000, 1),
    ],
)
def test_a_file_in_another_encoding_or_far_too_long_is_told(tmp_path: Path, code: str, content: bytes, line: int) -> None:
    folder = write_pack(tmp_path, "")
    (folder / "pack.toml").write_bytes(content)
    assert [(fault.line, fault.code) for fault in refuse(folder)] == [(line, code)]


def test_a_very_long_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, "")
    with (folder / "pack.toml").open("wb") as handle:
        handle.truncate(50_000_000_000)
    assert [fault.code for fault in refuse(folder)] == ["large_file"]


def test_links_pipes_and_folders_are_not_read(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, GOOD)
    (folder / "pack.toml").rename(tmp_path / "elsewhere.toml")
    assert [fault.code for fault in refuse(folder)] == ["no_file"]
    (folder / "pack.toml").symlink_to(tmp_path / "elsewhere.toml")
    assert [fault.code for fault in refuse(folder)] == ["no_plain_file"]
    (folder / "pack.toml").unlink()
    os.mkfifo(folder / "pack.toml")
    assert [fault.code for fault in refuse(folder)] == ["no_plain_file"]
    (folder / "pack.toml").unlink()
    (folder / "pack.toml").mkdir()
    assert [fault.code for fault in refuse(folder)] == ["no_plain_file"]
    assert [fault.code for fault in refuse(tmp_path / "elsewhere.toml")] == ["unreadable"]


@pytest.mark.parametrize("hidden", ["\u200b", "\u202e", "\u2060", "\\u0000", "\\u0007"])
def test_characters_that_nobody_sees_are_told(tmp_path: Path, hidden: str) -> None:
    text = GOOD.replace('plural = { zh = "公园"', f'plural = {{ zh = "公{hidden}园"')
    assert [(fault.line, fault.code) for fault in refuse(write_pack(tmp_path, text))] == [(11, "hidden_character")]


def test_a_key_with_a_hidden_character_is_told_as_it_is_seen(tmp_path: Path) -> None:
    faults = refuse(write_pack(tmp_path, GOOD.replace("lit = {", '"lit\\u200b" = {')))
    assert [(fault.code, fault.facts["key"]) for fault in faults] == [("hidden_character", "lit")]


def test_ten_thousand_kinds_are_too_many(tmp_path: Path) -> None:
    kinds = "".join(f"[kinds.k{number}]\nsubject = 'x'\n" for number in range(10_000))
    faults = refuse(write_pack(tmp_path, GOOD + kinds))
    assert [fault.code for fault in faults] == ["many_parts"]


@pytest.mark.parametrize("code", ["select", "user", "table", "order"])
def test_a_word_of_sql_may_be_a_name(tmp_path: Path, code: str) -> None:
    text = GOOD.replace("lit = {", f'{code} = {{ name = {{ zh = "词", en = "Word" }}, type = "text" }}\nlit = {{')
    assert code in load_pack(write_pack(tmp_path, text), DEPARTMENTS).kinds["park"].fields


def test_a_feed_from_inside_needs_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from data.core.settings import settings

    folder = write_pack(tmp_path, GOOD.replace("https://data.example.org", "https://10.0.0.8"))
    assert [fault.code for fault in refuse(folder)] == ["url_inside"]
    monkeypatch.setenv("GRIDWELL_FEED_INNER_HOSTS", "true")
    settings.cache_clear()
    try:
        assert load_pack(folder, DEPARTMENTS).feeds["parks"].transport.url == "https://10.0.0.8/parks.csv"
    finally:
        monkeypatch.undo()
        settings.cache_clear()


INSIDE = "localhost 127.1 0x7f000001 2130706433 10.0.0.8 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 ::1 fe80::1%eth0 fd00::1"
INSIDE += " ::ffff:127.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: db.internal printer.local db 127。0。0。1"


@pytest.mark.parametrize("host", INSIDE.split())
def test_what_is_inside_is_known_by_its_form(host: str) -> None:
    assert is_inner_host(host)


@pytest.mark.parametrize("host", ["data.example.org", "8.8.8.8", "2001:4860:4860::8888", "政务.example.cn"])
def test_what_is_outside_is_not_called_inside(host: str) -> None:
    assert not is_inner_host(host)


@pytest.mark.parametrize(
    ("line", "cadence"),
    [
        ("daily 06:30", Cadence(every="daily", time=dt.time(6, 30))),
        ("working_days 18:00", Cadence(every="working_days", time=dt.time(18))),
        ("weekly wed 18:00", Cadence(every="weekly", weekday=2, time=dt.time(18))),
        ("monthly last 09:00", Cadence(every="monthly", day=LAST_DAY, time=dt.time(9))),
        ("quarterly 15 09:00", Cadence(every="quarterly", day=15, time=dt.time(9))),
        ("yearly 02-29  09:00", Cadence(every="yearly", month=2, day=29, time=dt.time(9))),
        ("on_demand", Cadence(every="on_demand")),
    ],
)
def test_a_cadence_is_a_value(line: str, cadence: Cadence) -> None:
    assert Cadence.model_validate(parse_cadence(line)) == cadence


LINES = '''\
a = 1
[b.c]  # h ] [
d = { e = 1, f.g = [1, { h = """
zz # ]
""" }, 3] }
"q.\\u0041" = 'x'
[[k.l]]
m = 2
[[k.l]]
m = 3
[k.l.n]
o = 2020-01-01T00:00:00Z
[b]
z = [
  "a", # c ]
  'b',
  {q=1},
]
'''


def test_every_key_has_the_line_where_it_stands() -> None:
    lines = Lines(LINES)
    expected = {
        ("a",): 1,
        ("b", "c", "d", "e"): 3,
        ("b", "c", "d", "f", "g", 1, "h"): 3,
        ("b", "c", "d", "f", "g", 2): 5,
        ("b", "c", "q.A"): 6,
        ("k", "l", 0, "m"): 8,
        ("k", "l", 1): 9,
        ("k", "l", 1, "m"): 10,
        ("k", "l", 1, "n", "o"): 12,
        ("b", "z"): 14,
        ("b", "z", 1): 16,
        ("b", "z", 2, "q"): 17,
        ("b", "z", 7, "nothing"): 14,
        ("nothing",): 1,
    }
    assert {path: lines.line_of(path) for path in expected} == expected


def test_a_fact_cannot_bring_a_control_character_or_a_place_into_a_sentence() -> None:
    told = Fault("pack.toml", 1, "unknown_kind", {"name": "{nearest}\x1b[31m\n", "nearest": "x"}).tell("en")
    assert "“{nearest}" in told
    assert told.isprintable()


def test_no_sentence_is_the_same_as_another() -> None:
    assert len(set(FAULT_SENTENCES.values())) == len(FAULT_SENTENCES)
