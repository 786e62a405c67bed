"""Files of tours: what we write we read, and what takes a parser without measure is refused before it is parsed. Pure."""

import tomllib
from typing import Any

import pytest

from data.core.errors import BadInput
from data.core.i18n import tell
from data.deadlines.calendar import Calendar, Span, office_week
from data.wall.model import Known, Reader, TourSettings, read_scene, read_settings
from data.wall.scenes import Tour
from data.wall.toml_form import MOST_DOTS, UnreadableToml, read_toml, write_toml

KNOWN = Known((), (), ())
NINE = ".".join("abcdefghi")
TEN = f"{NINE}.j"
QUOTED = " . ".join(['"a,b"', "'c=d'", '""', *"defghij"])
DISGUISES = {
    "at the begin": "{key} = 1",
    "a table": "[{key}]",
    "a list of tables": "[[{key}]]",
    "in an object": "x = {{y = 1, {key} = 2}}",
    "after a text of several lines": 'x = {{y = """\n""", {key} = 2}}',
    "after a text that ends with four quotes": 'x = {{y = """\nb"""", {key} = 2}}',
    "after a text without escapes": "x = {{y = '''\n'b'''', {key} = 2}}",
    "after an escaped quote": 'x = {{y = "\\\\\\"", {key} = 2}}',
    "after a quote in the other quotes": "x = {{y = '\"', {key} = 2}}",
    "after a quote in a comment": "x = 1 # it's\n{key} = 2",
    "with the line ends of Windows": 'x = """\r\n"""\r\n{key} = 2',
}


def reason_of(text: str) -> str:
    with pytest.raises(UnreadableToml) as caught:
        read_toml(text.encode())
    return str(caught.value.facts["reason"])


@pytest.mark.parametrize("where", DISGUISES)
@pytest.mark.parametrize("key", [TEN, QUOTED])
def test_a_key_with_many_dots_is_refused_wherever_it_stands(where: str, key: str) -> None:
    text = DISGUISES[where].format(key=key)
    tomllib.loads(text)  # it is TOML: what is refused is its cost
    assert reason_of(text) == "a key has too many dots"
    read_toml(DISGUISES[where].format(key=NINE).encode())


def test_what_is_told_of_it_is_in_the_readers_language() -> None:
    assert TEN.count(".") == MOST_DOTS + 1
    with pytest.raises(UnreadableToml) as caught:
        read_toml(f"{TEN} = 1".encode())
    assert tell("zh", caught.value) == "无法读取这份 TOML：有一个键的点号过多"


@pytest.mark.parametrize("text", [
    "x = 'a.b.c.d.e.f.g.h.i.j.k'",
    'x = """\n1.2.3.4.5.6.7.8.9.10.11\n"""',
    "x = 1 # ............",
    f"x = [{', '.join(['0.75'] * 24)}]",
])  # fmt: skip
def test_dots_in_texts_and_numbers_are_no_keys(text: str) -> None:
    assert read_toml(text.encode()) == ([], tomllib.loads(text))


@pytest.mark.parametrize(("text", "reason"), [
    (f"x = '{'a' * 2000}'", "a line is too long"),
    ("x = [\n" + "[\n" * 50_000, "it is nested too deeply"),
    ("x = " + "1" * 1_990, None),
    ("x = 2026-13-01", ""),
])  # fmt: skip
def test_a_file_that_cannot_be_read_is_told_so(text: str, reason: str | None) -> None:
    if reason is None:
        assert read_toml(text.encode())[1]["x"] == int("1" * 1_990)
    else:
        assert reason_of(text).startswith(reason)


def test_a_file_of_other_letters_is_refused() -> None:
    with pytest.raises(UnreadableToml):
        read_toml(b"x = '\xff'")


@pytest.mark.parametrize("block", ['"""x"\\', '"', "'''", '"\\"', "'\n", '"""\n\\'])
def test_quotes_that_do_not_end_take_no_time(block: str) -> None:
    """A search that began anew at each quote would take hours with these."""
    lines = [(block * 300)[:1_900]] * 100
    assert reason_of("x = " + "\n".join(lines)[:199_000] + "\\")


def test_what_has_no_text_is_refused_with_its_place() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (10**5_000, deep):
        with pytest.raises(BadInput) as caught:
            Reader({"x": value}, "place").whole("x", 0, 1, 0)
        assert (caught.value.facts["field"], caught.value.facts["value"]) == ("place.x", "…")
    scenes, _ = read_toml(f"[[scenes]]\nname = 'a'\narea = '1'\ndwell_s = 0x{'f' * 1_900}".encode())
    with pytest.raises(BadInput) as caught:
        read_scene(scenes[0], "scenes.1", KNOWN)
    assert len(str(caught.value.facts["value"])) <= 60


def test_the_largest_settings_come_back_from_their_file() -> None:
    alarm = [f"https://hooks.example/{no}?key=a.b.c.d.e.f.g.h.i.j".ljust(300, "x") for no in range(20)]
    settings = read_settings({"alarm": alarm, "brightness": [0.75] * 24})
    calendar = Calendar("Asia/Shanghai", (office_week(Span(540, 1020)),))
    scene: Any = {
        **{"id": 1, "name": "1.2.3.4.5.6.7.8.9.10", "name_en": 'a "b" \\ c', "area": "1", "zone": None, "playlist": "day", "dwell_s": 20},
        **{"layers": [], "measure": "", "panels": [], "camera": {"zoom": None, "pitch": 57, "bearing": -22, "orbit_deg_per_s": 0.3}},
    }
    written = write_toml(Tour("1", "main", "1", "Asia/Shanghai", 1, 1, 0.0, 0.0, settings, (scene,), False, (), calendar))
    scenes, held = read_toml(written.encode())
    assert read_settings(held) == settings != TourSettings()
    assert (scenes[0]["name"], scenes[0]["name_en"]) == (scene["name"], scene["name_en"])
