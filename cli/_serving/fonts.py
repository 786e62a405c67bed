"""The fonts that reports are written with, installed from the system's packages where they are missing.

Noto CJK draws nearly everything. BabelStone Han (forms of the mainland) and Hanazono have the rare letters of names that
it lacks. Fandol has 仿宋 and 楷体 for official documents; Debian has it only inside a package of TeX, of which nothing else
is wanted: its files are taken out.
"""

import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from cli._terminal import language
from data.cluster.errors import InstallFailed
from data.cluster.packages import administrator, command_line, install
from data.core.errors import GridwellError
from data.core.i18n import t
from data.core.settings import settings

_SYSTEM = Path("/usr/share/fonts")
PACKAGES = {
    "fonts-noto-cjk": "opentype/noto/NotoSansCJK-Regular.ttc",
    "fonts-babelstone-han": "truetype/babelstone/BabelStoneHan.ttf",
    "fonts-hanazono": "truetype/hanazono/HanaMinB.ttf",
}
"""Packages, each with a file that it brings."""
OFFICIAL_PACKAGE = "texlive-lang-chinese"
OFFICIAL = ("FandolFang-Regular.otf", "FandolKai-Regular.otf")
_INSIDE = "./usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/"
OWN = Path("/usr/local/share/fonts/gridwell")
"""Where files stand that no package brings to a place in which programs look for fonts."""
_PLACES = (OWN, Path("/usr/share") / _INSIDE.removeprefix("./usr/share/"))


def list_missing() -> list[str]:
    """Names of packages of which fonts are missing."""
    missing = [name for name, file in PACKAGES.items() if not (_SYSTEM / file).exists()]
    official = all(any((place / file).exists() for place in _PLACES) for file in OFFICIAL)
    return missing if official else [*missing, OFFICIAL_PACKAGE]


def set_up_fonts(tell: Callable[[str], None]) -> None:
    """Install what is missing.

    Raises:
        PackagesMissing, InstallFailed: it cannot be installed.
    """
    missing = list_missing()
    if not missing:
        return
    what, log = t(language(), "Fonts of reports"), settings().home / "log" / "install.log"
    install(what, lambda: [name for name in missing if name != OFFICIAL_PACKAGE] or ["fonts-noto-cjk"], log, tell)
    if OFFICIAL_PACKAGE in missing:
        _take_out(administrator() or [], log)


def try_fonts(tell: Callable[[str], None]) -> None:
    """Install what is missing; where that cannot be done say so and go on: only reports need them. It is tried once, then only said."""
    missing, tried = list_missing(), settings().home / "log" / "fonts-tried"
    if not missing:
        return
    if not tried.exists():
        tried.parent.mkdir(parents=True, exist_ok=True)
        tried.touch()
        try:
            set_up_fonts(tell)
        except GridwellError:
            pass
        else:
            return
    sentence = t(language(), "Fonts for reports are missing; install them with: {command}", command=command_line(missing))
    tell(sentence)


def _take_out(prefix: Sequence[str], log: Path) -> None:
    """Take the fonts for official documents out of their package."""
    with tempfile.TemporaryDirectory(prefix="gridwell-fonts-") as folder, log.open("ab") as output:
        Path(folder).chmod(0o755)  # the system's downloader runs under an account of its own
        _do(["apt-get", "download", OFFICIAL_PACKAGE], folder, output.fileno(), log)
        package = next(Path(folder).glob("*.deb"))
        _do(["dpkg-deb", "--extract", str(package), folder], folder, output.fileno(), log)
        files = [str(Path(folder) / _INSIDE / name) for name in OFFICIAL]
        _do([*prefix, "install", "-D", "-m", "644", "-t", str(OWN), *files], folder, output.fileno(), log)


def _do(command: Sequence[str], folder: str, output: int, log: Path) -> None:
    answer = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False)
    if answer.returncode:
        raise InstallFailed(packages=OFFICIAL_PACKAGE, reason=f"{command[0]}: {answer.returncode}", log=log)
