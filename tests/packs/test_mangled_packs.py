"""Packs mangled at random: each is read or refused with sentences; nothing else is ever raised."""

import random
import re
from pathlib import Path

import pytest
from good_pack import DEPARTMENTS, GOOD, write_pack

from data.packs.declaration.faults import PackRefused
from data.packs.declaration.reading import load_pack

VALUES = [
    '"x"',
    "5",
    "true",
    "[1]",
    "{ a = 1 }",
    "nan",
    "-1",
    "2026-01-01",
    "[]",
    '""',
    "{}",
    '"{0} {x}"',
    "18:00:00",
    "{ zh = 1, en = [] }",
]
MARKS = ['"', "{", "}", "[", "]", ",", ".", "x", "公", "\u200b", "=", "\\", "\x00"]


def mangle(dice: random.Random) -> str:
    lines = GOOD.split("\n")
    for _ in range(dice.choice([1, 1, 2, 4])):
        at = dice.randrange(len(lines))
        line = lines[at]
        match dice.randrange(5):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[dice.randrange(len(lines))])
            case 2:
                lines[at] = re.sub(r'= ("[^"]*"|\d+|true)', lambda found: f"= {dice.choice(VALUES)}", line, count=1)
            case 3:
                place = dice.randrange(len(line) + 1)
                lines[at] = line[:place] + dice.choice(MARKS) + line[place:]
            case _:
                place = dice.randrange(len(line) + 1)
                lines[at] = line[:place] + line[place + dice.randrange(1, 6) :]
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(8))
def test_a_mangled_pack_is_read_or_refused(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    refused = 0
    for _ in range(15):
        text = mangle(dice)
        try:
            load_pack(write_pack(tmp_path, text), DEPARTMENTS)
        except PackRefused as wrong:
            refused += 1
            assert wrong.faults
            for fault in wrong.faults:
                assert 1 <= fault.line <= text.count("\n") + 1
                assert fault.tell("zh")
                assert fault.tell("en")
    assert refused > 5
