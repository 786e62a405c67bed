"""Fonts of reports: what is missing is told, tried once, and hinders no start."""

from pathlib import Path

import pytest

from cli._serving import fonts
from cli._serving.fonts import OFFICIAL, PACKAGES, list_missing, try_fonts
from data.core.settings import settings


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Path) -> Path:
    """A machine without fonts, and without a way to install any. Returns the folder of its fonts."""
    monkeypatch.setattr(fonts, "_SYSTEM", tmp_path)
    monkeypatch.setattr(fonts, "_PLACES", (tmp_path / "own",))
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def put(file: Path) -> None:
    """An empty file and its folders."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


def test_what_is_there_is_not_missing(bare: Path) -> None:
    assert list_missing() == [*PACKAGES, "texlive-lang-chinese"]
    put(bare / PACKAGES["fonts-hanazono"])
    put(bare / "own" / OFFICIAL[0])
    assert list_missing() == ["fonts-noto-cjk", "fonts-babelstone-han", "texlive-lang-chinese"]
    put(bare / "own" / OFFICIAL[1])
    assert list_missing() == ["fonts-noto-cjk", "fonts-babelstone-han"]


def test_a_start_goes_on_without_fonts_and_says_how_to_get_them(bare: Path) -> None:
    for _ in range(2):
        said: list[str] = []
        try_fonts(said.append)
        assert len(said) == 1
        assert "apt-get install fonts-noto-cjk fonts-babelstone-han fonts-hanazono" in said[0]
    assert (settings().home / "log" / "fonts-tried").exists()
